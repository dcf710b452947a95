"""How long two ways of doing one thing take, measured in turns so that what disturbs the machine disturbs both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Timing:
    """Seconds of each round, and what the last round returned."""

    seconds: tuple[float, ...]
    result: Any

    @property
    def median(self) -> float:
        """The middle round, in seconds."""
        return statistics.median(self.seconds)


def in_turns(ways: dict[str, Callable[[], Any]], rounds: int, say: Callable[[str], None]) -> dict[str, Timing]:
    """Run every way once for warming up, then all of them `rounds` times in turns."""
    results = {name: way() for name, way in ways.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            results[name] = way()
            seconds[name].append(time.perf_counter() - began)
        say(f"round {number + 1} of {rounds}: " + ", ".join(f"{name} {spent[-1]:.3f} s" for name, spent in seconds.items()))
    return {name: Timing(tuple(spent), results[name]) for name, spent in seconds.items()}
