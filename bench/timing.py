"""What two ways of doing one thing take, measured in turns so that what disturbs the machine disturbs both."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and seconds of computing by this process and everything it started."""

    clock: float
    cpu: float

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.clock - other.clock, self.cpu - other.cpu)


def so_far() -> Spent:
    """What was spent until now. On a machine without /proc only this process and the children it has waited for are counted."""
    ended = os.times()
    spent = time.process_time() + ended.children_user + ended.children_system  # the own finer than a tick, which a small read may not fill
    return Spent(time.perf_counter(), spent + sum(computed(child) for child in _children(os.getpid())))


def computed(pid: int) -> float:
    """Seconds of a living process, of those it has waited for, and of its living children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICK + sum(computed(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # a thread that has just ended
            found += map(int, task.read_text("ascii").split())
    return found


def memory(pid: int) -> int:
    """Bytes in memory of a process and its children; what they share is counted for each."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(memory(child) for child in _children(pid))


@contextmanager
def peak(found: list[int], every: float = 0.05) -> Iterator[None]:
    """Append the most memory in bytes that this process and its children held at a time, looked at every so many seconds.

    Looking costs, and more with every thread of a child: seldom where there are many and it takes long.
    """
    most, is_over = [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(every):
            most[0] = max(most[0], memory(os.getpid()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
        found.append(most[0])


@dataclass(frozen=True)
class Timing:
    """What each round took, and what the last round returned."""

    rounds: tuple[Spent, ...]
    result: Any

    @property
    def seconds(self) -> tuple[float, ...]:
        """Seconds of each round by the clock."""
        return tuple(spent.clock for spent in self.rounds)

    @property
    def median(self) -> float:
        """The middle round, in seconds by the clock."""
        return statistics.median(self.seconds)


def in_turns(ways: dict[str, Callable[[], Any]], rounds: int, say: Callable[[str], None]) -> dict[str, Timing]:
    """Run every way once for warming up, then all of them `rounds` times in turns."""
    results = {name: way() for name, way in ways.items()}
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            began = so_far()
            results[name] = way()
            spent[name].append(so_far() - began)
        last = (f"{name} {taken[-1].clock:.3f} s (CPU {taken[-1].cpu:.2f} s)" for name, taken in spent.items())
        say(f"round {number + 1} of {rounds}: " + ", ".join(last))
    return {name: Timing(tuple(taken), results[name]) for name, taken in spent.items()}
