"""Loading order lines: against the raw engine reading the same CSV, and against the Excel reader reading the same workbook as text.

Loading is everything from the bytes of the file to rows that are checked, typed, know where they come from, and are merged into
the private copy of the warehouse with their account. Publishing (facts, measures, audits, sealing) comes after it and is told beside.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import polars as pl

from bench import company
from bench.timing import Spent, in_turns, peak, so_far
from data.loading.load import load

# What a careful person would declare to the engine for this very file.
DECLARED = {
    "customer_id": "VARCHAR",
    "rep_id": "VARCHAR",
    "order_id": "VARCHAR",
    "line_no": "VARCHAR",
    "ship_date": "DATE",
    "product_id": "VARCHAR",
    "product_line": "VARCHAR",
    "qty": "DECIMAL(18,4)",
    "net_amount": "DECIMAL(18,4)",
    "cost_amount": "DECIMAL(18,4)",
    "doc_type": "VARCHAR",
}
RAW = """
create table orders as
select * from read_csv($file, columns = $columns, header = true, delim = ',', quote = '"', auto_detect = false)
"""
_BUILD = "load.step.build"  # the first step of publishing
Answer = tuple[int, Decimal]  # rows, and the sum of net_amount


class Ours:
    """Loads of one file, each into a new home; remembers what each took until it was merged, and the most memory any took."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._home, self._file = folder / "home", file
        self.merged: list[Spent] = []
        self.memory: list[int] = []

    def __call__(self) -> Answer:
        """Load; rows loaded and the sum of net_amount, as the load's own account says."""
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir()
        began, merged = so_far(), []
        with peak(self.memory):
            report = load(
                self._home, [self._file], user="bench", progress=lambda _, step: merged.append(so_far()) if step == _BUILD else None
            )
        self.merged.append(merged[0] - began)
        [account] = report.as_dict()["files"]
        return account["loaded"], account["sums"]["net_amount"]["loaded"]


def raw(folder: Path, file: Path) -> Answer:
    """The engine's own import into a new database file."""
    database = folder / "raw.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as con:
        con.execute(RAW, {"file": str(file), "columns": DECLARED}).fetchall()
        [(rows, total)] = con.execute("select count(*), sum(net_amount) from orders").fetchall()
    return rows, total


def as_text(file: Path) -> Answer:
    """The Excel reader's own reading of a workbook, every cell as text."""
    frame = fastexcel.read_excel(file.read_bytes()).load_sheet(0, dtypes="string").to_polars()
    return frame.height, Decimal(frame["net_amount"].cast(pl.Decimal(18, 4)).sum())


def run(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """A CSV against the raw engine. Raises AssertionError if they loaded different rows."""
    file = company.write(folder / "exports", lines, ("orders",))["orders"]
    return _compared(folder, file, lines, rounds, say, "duckdb", lambda: raw(folder, file))


def run_workbook(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """A workbook against the Excel reader. Raises AssertionError if they read different rows."""
    file = folder / "orders.xlsx"
    table = pl.read_csv(company.write(folder / "exports", lines, ("orders",))["orders"], try_parse_dates=True)
    table.write_excel(file)
    return _compared(folder, file, lines, rounds, say, "fastexcel", lambda: as_text(file))


def _compared(
    folder: Path, file: Path, lines: int, rounds: int, say: Callable[[str], None], name: str, theirs: Callable[[], Answer]
) -> dict[str, Any]:
    """What loading, publishing and the other way took, and loading as a multiple of the other way."""
    ours = Ours(folder, file)
    timed = in_turns({"fieldbook": ours, name: theirs}, rounds, say)
    if timed["fieldbook"].result != timed[name].result:
        raise AssertionError(f"not the same rows: {timed['fieldbook'].result} and {timed[name].result}")
    loading = ours.merged[1:]  # without the round for warming up
    rest = [whole - merged for whole, merged in zip(timed["fieldbook"].rounds, loading, strict=True)]
    spent = {"loading": loading, "publishing": rest, name: timed[name].rounds}
    ratio = {kind: _median(loading, kind) / _median(timed[name].rounds, kind) for kind in ("cpu", "clock")}
    return {
        "lines": lines,
        "megabytes": round(file.stat().st_size / 1e6, 1),
        "seconds": {way: [one.clock for one in taken] for way, taken in spent.items()},
        "cpu_seconds": {way: [one.cpu for one in taken] for way, taken in spent.items()},
        "peak_megabytes": round(max(ours.memory) / 1e6),
        "ratio": ratio["cpu"],
        "ratio_clock": ratio["clock"],
    }


def _median(spent: Any, kind: str) -> float:
    return statistics.median(getattr(one, kind) for one in spent)
