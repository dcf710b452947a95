"""Publishing on this machine: the measures by DuckDB in one process, and by a Spark cluster of two workers started for it.

Both publish the company of bench/grown.py from the same stored rows; the run stops if a measure differs. One machine shows what the
cluster costs, not what it gains: that begins where the rows no longer fit one machine.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from bench import grown
from bench.grown import Grown
from data import build
from data.keeping.store import current
from tests.data.cluster import standalone

ONE, MANY = "one process", "spark"
_WARM = 2_000  # order lines of the company that warms the cluster up
# Rows of the one that are not in the other, each as often as it is there.
_DIFFERENT = """select count(*) from (
    (from one.measure.{0} except all from other.measure.{0}) union all (from other.measure.{0} except all from one.measure.{0}))"""


def run(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Publish by both, `rounds` times each; what it took and the most memory, the cluster's included.

    Raises RuntimeError where no cluster can be started, AssertionError if the measures differ.
    """
    if reason := standalone.missing():
        raise RuntimeError(reason)
    spent = {ONE: [grown.make(folder / f"one-{n}", lines, say) for n in range(rounds)]}
    (folder / "cluster").mkdir()
    (folder / "shared").mkdir()
    with standalone.cluster(folder / "cluster") as remote:
        told = f'[spark]\nremote = "{remote}"\nfolder = "{folder / "shared"}"\n'
        grown.make(folder / "warm", _WARM, say, settings=told)
        spent[MANY] = [grown.make(folder / f"many-{n}", lines, say, settings=told) for n in range(rounds)]
    if found := differences(folder / "one-0", folder / "many-0"):
        raise AssertionError(f"not the same rows: {found}")
    return answer(lines, spent)


def differences(one: Path, other: Path) -> dict[str, int]:
    """Measure -> rows that only one of two homes has; empty if they serve the same."""
    with duckdb.connect() as con:
        for name, home in (("one", one), ("other", other)):
            con.execute(f"attach '{current(home)}' as {name} (read_only)")
        names = [path.stem for path in build.in_order(build.LAYERS["measure"], "measure")]
        counts = {name: con.execute(_DIFFERENT.format(name)).fetchall()[0][0] for name in names}
    return {name: count for name, count in counts.items() if count}


def answer(lines: int, spent: dict[str, list[Grown]]) -> dict[str, Any]:
    """What was spent on publishing, as the other benches tell it, and the cluster's as a multiple."""
    clock = {way: [one.published.clock for one in took] for way, took in spent.items()}
    cpu = {way: [one.published.cpu for one in took] for way, took in spent.items()}
    memory = {way: round(max(one.peak_bytes for one in took) / 1e6) for way, took in spent.items()}
    return {
        "lines": lines,
        "seconds": clock,
        "cpu_seconds": cpu,
        "megabytes": memory,
        "ratio_to_one_process": {
            "clock": statistics.median(clock[MANY]) / statistics.median(clock[ONE]),
            "cpu": statistics.median(cpu[MANY]) / statistics.median(cpu[ONE]),
            "memory": memory[MANY] / memory[ONE],
        },
    }
