"""What a reader may do at its worst, as tasks of a nursery of the tests' own; no file of a user can ask for them."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from data.reading.sandbox import serve


def finish(path: str, text: str) -> None:
    Path(path).write_text(text, "utf-8")


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def fill_memory() -> None:
    held = []
    while True:
        held.append(bytearray(1 << 24))


def fill_engine_memory() -> None:
    import polars as pl

    print(pl.zeros(2**33, dtype=pl.Int64, eager=True).sum())


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def fail() -> None:
    raise ValueError("no")


def look_around(path: str) -> None:
    """Which ways out are open, and what there is to steal."""
    open_ways = []
    for name, way in (("socket", lambda: socket.socket()), ("program", lambda: subprocess.run(["true"], check=False))):
        try:
            way()
            open_ways.append(name)
        except OSError:
            continue
    handles = [h for h in os.listdir("/proc/self/fd") if h not in "012"]
    Path(path).write_text(f"{open_ways} {sorted(os.environ)} {len(handles)}", "utf-8")


if __name__ == "__main__":
    serve(
        {
            "finish": finish,
            "abort": os.abort,
            "die": die,
            "fill_memory": fill_memory,
            "fill_engine_memory": fill_engine_memory,
            "spin": spin,
            "sleep": sleep,
            "fail": fail,
            "look_around": look_around,
        }
    )
