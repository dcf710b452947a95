"""Readers beside a load: how long each waits while another process reads, builds and publishes, and that each finds whole figures.

A read is what a page does when nothing is cached: look which snapshot is served, open it, compute the cards of the Overview. Every one
must give the figures from before the load or those after it, and none the old ones again once the new ones were seen.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import company
from bench.asked import CARDS, Answer
from bench.overview import ours
from data.loading.load import load
from data.warehouse import Warehouse

_ROOT = Path(__file__).parents[1]
_QUIET = 40  # reads before each load, with nothing beside them


def run(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Seconds of reads idle and during a load. Raises AssertionError if a read failed or found neither the old nor the new figures."""
    files = company.write(folder / "company", lines)
    home = folder / "company-home"
    home.mkdir()
    say(f"loading a company of {lines} order lines")
    load(home, list(files.values()), as_of=company.END, user="bench")
    quiet: list[float] = []
    beside: list[float] = []
    for number in range(rounds):
        before = _read(home)
        quiet += [took for took, _ in _reads(home, _QUIET)]
        raised(files["orders"])
        found = list(_during(home, files["orders"]))
        in_order([answer for _, answer in found], before, _read(home))
        beside += [took for took, _ in found]
        say(f"round {number + 1} of {rounds}: {len(found)} reads during a load, p95 {p95(beside):.3f} s, idle {p95(quiet):.3f} s")
    return {
        "lines": lines,
        "reads": len(beside),
        "seconds": {"idle": quiet, "during a load": beside},
        "p95": {"idle": p95(quiet), "during a load": p95(beside)},
        "ratio_to_idle": p95(beside) / p95(quiet),
    }


def raised(orders: Path, column: str = "net_amount") -> None:
    """The same export with one more in a column of its last line."""
    *lines, last = orders.read_text("utf-8").splitlines()
    at = lines[0].split(",").index(column)
    cells = last.split(",")
    cells[at] = str(Decimal(cells[at]) + 1)
    orders.write_text("\n".join([*lines, ",".join(cells)]) + "\n", "utf-8")


def in_order(found: Sequence[Answer], old: Answer, new: Answer) -> None:
    """Raises AssertionError unless the answers are the old one, then the new one, and these two differ."""
    if old == new:
        raise AssertionError("the load changed no figure")
    if wrong := [number for number, answer in enumerate(found) if answer not in (old, new)]:
        raise AssertionError(f"reads that found neither the old nor the new figures: {wrong[:10]}")
    changes = [answer == new for answer in found]
    if changes != sorted(changes):
        raise AssertionError("a read found the old figures after another had found the new ones")


def p95(seconds: Sequence[float]) -> float:
    """What all but one in twenty stay below."""
    return sorted(seconds)[-(-len(seconds) * 19 // 20) - 1]


def _read(home: Path) -> Answer:
    return ours(Warehouse.open(home), CARDS, False)


def _reads(home: Path, count: int) -> Iterator[tuple[float, Answer]]:
    for _ in range(count):
        began = time.perf_counter()
        answer = _read(home)
        yield time.perf_counter() - began, answer


def _during(home: Path, orders: Path) -> Iterator[tuple[float, Answer]]:
    """Reads until a load in a process of its own has ended. Raises AssertionError if it did not publish."""
    command = [sys.executable, "-m", "data", "load", str(orders), "--home", str(home), "--as-of", str(company.END), "--json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=_ROOT) as loading:
        while loading.poll() is None:
            yield from _reads(home, 1)
    if loading.returncode:
        raise AssertionError(f"the load ended with {loading.returncode}")
