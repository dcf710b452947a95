"""Loading order lines: a whole load (read, check, store, facts, measures, publish) against the raw engine reading the same file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from bench import company
from bench.timing import in_turns
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


def ours(folder: Path, file: Path) -> tuple[int, Decimal]:
    """Load the file into a new home; rows loaded and the sum of net_amount, as the load's own account says."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    [account] = load(home, [file], user="bench").as_dict()["files"]
    return account["loaded"], account["sums"]["net_amount"]["loaded"]


def raw(folder: Path, file: Path) -> tuple[int, Decimal]:
    """The engine's own import into a new database file; rows and the sum of net_amount."""
    database = folder / "raw.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as con:
        con.execute(RAW, {"file": str(file), "columns": DECLARED}).fetchall()
        [(rows, total)] = con.execute("select count(*), sum(net_amount) from orders").fetchall()
    return rows, total


def run(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Rows per second of both, and how much of the raw engine's pace is left. Raises AssertionError if they loaded different rows."""
    file = company.write(folder / "exports", lines, ("orders",))["orders"]
    timed = in_turns({"fieldbook": lambda: ours(folder, file), "duckdb": lambda: raw(folder, file)}, rounds, say)
    mine, theirs = timed["fieldbook"], timed["duckdb"]
    if mine.result != theirs.result:
        raise AssertionError(f"not the same rows: {mine.result} and {theirs.result}")
    pace = {name: lines / timing.median for name, timing in timed.items()}
    return {
        "lines": lines,
        "megabytes": round(file.stat().st_size / 1e6, 1),
        "seconds": {name: timing.seconds for name, timing in timed.items()},
        "rows_per_second": pace,
        "ratio": pace["fieldbook"] / pace["duckdb"],
    }
