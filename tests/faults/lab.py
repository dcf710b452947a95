"""What the tests of faults share: a small company with one load behind it and the next before it, and what must hold after any accident."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from data.keeping import seal, store

ROOT = Path(__file__).resolve().parents[2]
REPS = "rep_id,rep_name,role,region,valid_from,valid_to\nR1,Wang,rep,East,,\nR2,Li,rep,West,,\n"
ORDERS = "order_id,line_no,customer_id,rep_id,order_date,net_amount,cost_amount\n"
JUNE = ORDERS + "A,1,C1,R1,2026-06-01,100.10,60.05\nB,1,C2,R1,2026-06-02,200.20,\nC,1,C2,R2,2026-06-03,5.00,1\n"
# a corrected amount, an order that is gone, a new one, and a row that cannot be used
LATER = (
    ORDERS + "A,1,C1,R1,2026-06-01,111.11,60.05\nB,1,C2,R1,2026-06-02,200.20,\nD,1,C1,R2,2026-06-03,7.00,1\nE,1,C1,R2,2026-06-03,five,1\n"
)
FIRST_DAY, SECOND_DAY, THIRD_DAY = "2026-07-01T02:00:00+00:00", "2026-07-02T02:00:00+00:00", "2026-07-03T02:00:00+00:00"
_MOMENTS = {"loads": "finished_at", "meta": "key = 'built_at'"}  # when it was really done, in a snapshot


@dataclass
class Child:
    """A process at work for us, not our child."""

    pid: int
    tell: Path

    def ended(self, seconds: float = 60) -> bool:
        """Whether it ends within so many seconds."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([handle], [], [], seconds)[0])
        finally:
            os.close(handle)

    def stopped(self, seconds: float = 60) -> bool:
        """Whether it stands still within so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
                return True
            time.sleep(0.02)
        return False

    def signal(self, number: int) -> None:
        """Send it a signal, unless it is gone already."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.signal(signal.SIGKILL)
        assert self.ended()

    def told(self) -> dict[str, Any]:
        """How it says it ended."""
        assert self.ended()
        return dict(json.loads(self.tell.read_text())) if self.tell.exists() else {"error": "died"}


class Warm:
    """The client of tests/faults/warm.py."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, 0
        command = [sys.executable, "-m", "tests.faults.warm"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, home: Path, paths: Sequence[Path], now: str, **order: Any) -> Child:
        """Let a process of its own load."""
        assert self.process.stdin
        assert self.process.stdout
        self.asked += 1
        tell = self.folder / f"told-{self.asked}"
        given = {"home": str(home), "paths": [str(path) for path in paths], "now": now, "tell": str(tell), **order}
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()
        return Child(int(self.process.stdout.readline()), tell)

    def load(self, home: Path, paths: Sequence[Path], now: str, **order: Any) -> dict[str, Any]:
        """The same, waited for."""
        return self.ask(home, paths, now, **order).told()

    def close(self) -> None:
        """Let it end."""
        self.process.communicate()


@dataclass
class Company:
    """A company that loaded `first` and is about to load `second`; homes are copies of what it has, at no cost."""

    folder: Path
    warm: Warm
    first: Path
    second: Path
    old: dict[str, Any] = field(default_factory=dict)  # what is in the tables before and after an undisturbed second load
    new: dict[str, Any] = field(default_factory=dict)
    met: list[str] = field(default_factory=list)  # the steps of that load
    seconds: float = 0.0
    homes: int = 0

    def home(self, *, empty: bool = False, like: Path | None = None, at: Path | None = None) -> Path:
        """Another home with the first load published, with nothing, or like one that was kept."""
        self.homes += 1
        home = at or self.folder / f"home-{self.homes}"
        if empty:
            store.prepare_home(home)
        else:
            shutil.copytree(like or self.folder / "template", home)
        return home

    def keep(self, home: Path) -> Path:
        """A home as it is now, to begin from again."""
        return Path(shutil.copytree(home, home.with_name(f"{home.name}-kept")))

    def drop(self, home: Path) -> None:
        """Remove a home nobody needs any more."""
        shutil.rmtree(home)

    def load(self, home: Path, now: str = SECOND_DAY, **order: Any) -> dict[str, Any]:
        """Load the second exports."""
        return self.warm.load(home, [self.second], now, **order)

    def do(self, home: Path, command: Sequence[Any], **order: Any) -> dict[str, Any]:
        """Another change: the name and arguments of a function of data.keeping.recovery."""
        return self.warm.load(home, [], THIRD_DAY, do=command, **order)


def contents(home: Path) -> dict[str, Any]:
    """What a reader finds: for every table the number of rows and the hash of all of them, but for the time on the clock."""
    snapshot = store.current(home)
    if snapshot is None:
        return {}
    with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
        found: dict[str, Any] = dict(seal.fingerprints(con))
        found["main.loads"] = con.execute("select * exclude (finished_at) from loads order by all").fetchall()
        found["main.meta"] = con.execute("select * from meta where key <> 'built_at' order by all").fetchall()
    return found


def strays(home: Path) -> list[str]:
    """What no finished load leaves in a home."""
    usual = {"CURRENT", "lock", *store.FOLDERS}
    found = [p for p in home.iterdir() if p.name not in usual]
    found += [p for p in (home / "snapshots").iterdir() if not (p.name.startswith("wh-") and p.suffix in (".duckdb", ".seal"))]
    found += [p for p in (home / "loads").iterdir() if p.suffix != ".json"]
    found += [p for p in (home / "raw").iterdir() if len(p.name) != 64]
    return [str(p.relative_to(home)) for p in found]


def unchanged(before: Path, home: Path) -> bool:
    """Whether all that was in one home is there in another, byte for byte."""
    return all((home / name).read_bytes() == content for name, content in files(before).items())


def files(home: Path) -> dict[str, bytes]:
    """Every file of a home but the lock."""
    return {str(p.relative_to(home)): p.read_bytes() for p in home.rglob("*") if p.is_file() and p.name != "lock"}
