"""Many readers at a time: real websocket sessions of the production server, each walking through its role's pages with a pause between.

What is timed is a reader's wait: from the message a browser would send for a click until the server says that the run is over. Beside it
stands a page that holds nothing but a choice and the word chosen, served by plain Streamlit: what the framework itself costs.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from bench.readers import p95, raised
from bench.timing import computed, memory
from data import sample
from data.access import OWNER
from data.loading.load import load
from data.sample.people import DIRECTOR, DOMAIN, MANAGER, POSTINGS, REP
from data.warehouse import Warehouse
from tests.access.wire import PROXY, Wire, state
from tests.deploy.running import Server, free_port

ROOT = Path(__file__).parents[1]
HELLO = "import streamlit as st\nst.write(st.selectbox('Word', ['hello', 'world'], key='filter_period'))\n"

# What a reader does, over and over: a page opened ("page"), or a filter set to another value ("page", "filter").
Step = tuple[str, ...]
JOURNEYS: dict[str, tuple[Step, ...]] = {
    "director": (
        ("overview",), ("overview", "period"), ("overview", "compare"), ("region",), ("collections",), ("margin",), ("overview", "region"),
    ),
    "regional_manager": (("region",), ("region", "period"), ("rep",), ("visits",), ("customers",), ("region", "compare")),
    "rep": (("my_day",), ("rep",), ("rep", "period"), ("customers",), ("prospects",), ("my_day",)),
}  # fmt: skip
HELLO_JOURNEY: tuple[Step, ...] = (("",), ("", "period"), ("", "period"))


@dataclass
class Waits:
    """What the readers of one round met."""

    seconds: dict[Step, list[float]] = field(default_factory=dict)
    sizes: dict[Step, list[int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def add(self, step: Step, seconds: float, size: int) -> None:
        """One click."""
        self.seconds.setdefault(step, []).append(seconds)
        self.sizes.setdefault(step, []).append(size)

    @property
    def all(self) -> list[float]:
        """Every wait, in no order."""
        return [one for waits in self.seconds.values() for one in waits]


def run(
    folder: Path,
    sessions: Sequence[int],
    processes: int,
    seconds: float,
    say: Callable[[str], None],
    *,
    think: float = 5.0,
) -> dict[str, Any]:
    """Rounds with so many sessions each, on so many processes of the server (more than one: behind nginx).

    A round lasts so many seconds after everybody has come in, with about `think` seconds before each click. Another one follows, as large
    as the last, beside a process that loads and publishes a changed export again and again; then the smallest page there is.
    """
    home, exports = company(folder)
    rounds: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        servers = [stack.enter_context(served(home, folder)) for _ in range(processes)]
        port = servers[0].port if processes == 1 else stack.enter_context(balanced(folder, [s.port for s in servers]))
        pids = [server.process.pid for server in servers]
        crowd = readers()
        stay(port, crowd[:3], 1.0, 0.0)  # the first visitors pay for what is made once
        for number, count in enumerate(sessions, 1):
            name = f"round {number}: {count} sessions, {processes} processes"
            rounds[name] = measured(port, pids, [crowd[n % len(crowd)] for n in range(count)], seconds, think)
            say(told(name, rounds[name]))
        name = f"{sessions[-1]} sessions while loads publish"
        with loading(home, exports):
            rounds[name] = measured(port, pids, [crowd[n % len(crowd)] for n in range(sessions[-1])], seconds, think)
        say(told(name, rounds[name]))
    rounds["an empty page"] = hello(folder, sessions[0], seconds, think)
    say(told("an empty page", rounds["an empty page"]))
    files = Warehouse.open(home).freshness(OWNER)
    return {
        "lines": files.filter(pl.col("source") == "orders")["rows"].sum(),
        "think_seconds": think,
        "rounds": rounds,
        "seconds": {name: one.pop("waits") for name, one in rounds.items()},
        "cpu_seconds": {name: [one["cpu_per_click"]] for name, one in rounds.items()},
    }


def company(folder: Path) -> tuple[Path, Path]:
    """The sample company, loaded: its home and its exports."""
    exports, home = folder / "exports", folder / "home"
    sample.write(exports)
    home.mkdir(mode=0o700)
    (home / "fieldbook.toml").write_bytes((exports / "fieldbook.toml").read_bytes())
    load(home, [exports], user="bench")
    return home, exports


def readers() -> list[tuple[str, str]]:
    """Role and login of those who look: of ten two directors, three managers and five reps, over again."""
    named = {"director": DIRECTOR, "regional_manager": MANAGER, "rep": REP}
    at_work = [p for p in POSTINGS if p.until is None and p.left_on is None]
    logins = {role: sorted({f"{p.login}@{DOMAIN}" for p in at_work if p.role == name}) for role, name in named.items()}
    turn = ("director", "rep", "regional_manager", "rep", "rep", "regional_manager", "director", "rep", "regional_manager", "rep")
    return [(role, logins[role][n % len(logins[role])]) for n, role in enumerate(turn * 10)]


@contextmanager
def served(home: Path, folder: Path) -> Iterator[Server]:
    """One process of the production server, behind a proxy that says who is reading."""
    server = Server(home, {"FIELDBOOK_PROXIES": PROXY}).start()
    try:
        yield server.wait()
    finally:
        server.stop()


@contextmanager
def balanced(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """nginx before several processes, as docs/deploy/nginx.conf has it less TLS; the port it listens on."""
    port, nginx = free_port(), shutil.which("nginx")
    if nginx is None:
        raise FileNotFoundError("more than one process needs nginx")
    upstream = "".join(f"server 127.0.0.1:{one};" for one in ports)
    (folder / "nginx.conf").write_text(
        f"""daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
        events {{ worker_connections 1024; }}
        http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
        uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
        upstream fieldbook {{ hash $cookie_fieldbook_node consistent; {upstream} keepalive 16; }}
        server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://fieldbook; proxy_bind {PROXY}; proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_set_header Host $http_host;
        proxy_buffering off; proxy_read_timeout 1h; }} }} }}""",
        "utf-8",
    )
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        time.sleep(0.5)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def loading(home: Path, exports: Path) -> Iterator[None]:
    """Another process loads and publishes the orders, changed each time, until this is left. Raises AssertionError if a load failed."""
    orders, is_over, failed = sorted(exports.glob("orders*"))[-1], threading.Event(), list[str]()

    def work() -> None:
        while not is_over.is_set():
            raised(orders, "Cost")
            done = subprocess.run([sys.executable, "-m", "data", "load", "--home", str(home), str(exports)], cwd=ROOT, capture_output=True)
            if done.returncode:
                failed.append(done.stdout.decode() + done.stderr.decode())

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        is_over.set()
        worker.join()
    if failed:
        raise AssertionError(failed[0])


def measured(port: int, pids: Sequence[int], crowd: Sequence[tuple[str, str]], seconds: float, think: float) -> dict[str, Any]:
    """One round: waits, sizes and failures, and what the server spent on it."""
    spent, began = sum(map(computed, pids)), time.perf_counter()
    with watched(pids, seconds / 12) as grown:
        found = stay(port, crowd, seconds, think)
    took = time.perf_counter() - began
    clicks = found.all
    cpu = sum(map(computed, pids)) - spent
    return {
        "waits": clicks,
        "clicks": len(clicks),
        "p50": sorted(clicks)[len(clicks) // 2],
        "p95": p95(clicks),
        "failed": found.failed,
        "clicks_per_second": len(clicks) / took,
        "cpu_per_click": cpu / len(clicks),
        "bytes_per_click": sum(map(sum, found.sizes.values())) / len(clicks),
        "megabytes": grown,
        "steps": {
            " ".join(step): {"p50": sorted(waits)[len(waits) // 2], "p95": p95(waits), "bytes": sum(found.sizes[step]) / len(waits)}
            for step, waits in found.seconds.items()
        },
    }


@contextmanager
def watched(pids: Sequence[int], every: float) -> Iterator[list[int]]:
    """Megabytes the processes hold: at the beginning, then again and again, and at the end."""
    found, is_over = [sum(map(memory, pids)) // 1_000_000], threading.Event()

    def work() -> None:
        while not is_over.wait(every):
            found.append(sum(map(memory, pids)) // 1_000_000)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield found
    finally:
        is_over.set()
        worker.join()
        found.append(sum(map(memory, pids)) // 1_000_000)


def stay(port: int, crowd: Sequence[tuple[str, str]], seconds: float, think: float) -> Waits:
    """Everybody comes in within one pause, walks for so long (but once around at least when nobody pauses), and leaves."""
    found, until = Waits(), time.monotonic() + think + seconds
    walks = [threading.Thread(target=_walk, args=(port, n, *one, until, think, found)) for n, one in enumerate(crowd)]
    for walk in walks:
        walk.start()
        time.sleep(think / len(walks))
    for walk in walks:
        walk.join()
    return found


def _walk(port: int, number: int, role: str, login: str, until: float, think: float, found: Waits) -> None:
    """One reader. Whoever fails says so and leaves."""
    pause, step = random.Random(number), ("",)  # the same pauses in each run
    journey = JOURNEYS.get(role, HELLO_JOURNEY)
    try:
        with Wire(port, login, cookie=f"fieldbook_node={number}") as wire:
            wire.open(journey[0][0])
            while True:
                for step in journey:
                    time.sleep(think * pause.uniform(0.6, 1.4))
                    if time.monotonic() > until and think:
                        return
                    click(wire, step, pause, found)
                if time.monotonic() > until:
                    return
    except Exception as error:  # whatever went wrong, a reader met it
        found.failed.append(f"{role} at {' '.join(step)}: {type(error).__name__}: {error}")


def click(wire: Wire, step: Step, chance: random.Random, found: Waits) -> None:
    """Take one step and write down how long it took. Raises RuntimeError if the page shows an error."""
    page, *filtered = step
    moved = []
    if filtered:
        name, choice = next((n, one) for n, one in wire.kinds("selectbox").items() if n.endswith(f"filter_{filtered[0]}"))
        moved = [state(name, string_value=chance.choice(choice.options[:3]))]
    wire.sent.clear()
    began = time.perf_counter()
    messages = wire.run(*moved) if filtered else wire.open(page)
    found.add(step, time.perf_counter() - began, sum(map(len, wire.sent)))
    if any(m.delta.new_element.HasField("exception") for m in messages):
        raise RuntimeError("the page shows an error")


def hello(folder: Path, sessions: int, seconds: float, think: float) -> dict[str, Any]:
    """The same for the smallest page there is, served by Streamlit without anything of ours."""
    app, port = folder / "hello.py", free_port()
    app.write_text(HELLO, "utf-8")
    options = ["--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1", "--runner.postScriptGC=false"]
    process = subprocess.Popen([sys.executable, "-m", "streamlit", "run", str(app), *options], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while (first := stay(port, [("", "")], 1.0, 0.0)).failed and time.monotonic() < until:
            time.sleep(0.2)
        if first.failed:
            raise AssertionError(first.failed[0])
        return measured(port, [process.pid], [("", "")] * sessions, seconds, think)
    finally:
        process.terminate()
        process.wait(20)


def told(name: str, one: dict[str, Any]) -> str:
    """A round in a line."""
    failed = ": ".join([f"{len(one['failed'])} failed", *one["failed"][:1]])
    return (
        f"{name}: {one['clicks']} clicks, p50 {one['p50'] * 1000:.0f} ms, p95 {one['p95'] * 1000:.0f} ms, "
        f"CPU {one['cpu_per_click'] * 1000:.0f} ms and {one['bytes_per_click'] / 1000:.0f} kB a click, "
        f"{one['megabytes'][0]} → {one['megabytes'][-1]} MB, {failed}"
    )
