"""The books of a warehouse: which loads and files it holds, their accounts, remarks and rows set aside, and what it was built with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from data.config import Settings
from data.errors import Finding
from data.keeping.store import quoted
from data.loading.merge import OUTCOMES, Account
from data.loading.statements import Sheet, set_aside

# The latest thing that happened and does not lie after the day its file was received.
_LATEST = """
with received as (select load_id, timezone($zone, timezone('UTC', started_at))::date as day from loads),
dated as (
    select actual_date::date as day, _load_id from src.visits where _replaced_by is null and status = 'completed'
    union all
    select coalesce(ship_date, order_date), _load_id from src.orders where _replaced_by is null and coalesce(status, 'valid') = 'valid'
    union all
    select invoice_date, _load_id from src.invoices where _replaced_by is null and coalesce(status, 'valid') = 'valid'
    union all
    select received_on, _load_id from src.receipts where _replaced_by is null
)
select max(dated.day) from dated join received on received.load_id = dated._load_id where dated.day <= received.day
"""


@dataclass(frozen=True)
class Entry:
    """One sheet of one file as the books keep it."""

    sheet: Sheet
    file: str
    sha256: str
    account: Account
    findings: Sequence[Finding]


def open_load(
    con: duckdb.DuckDBPyConnection, load_id: int, started_at: datetime, exported_at: datetime | None, user: str, status: str = "loaded"
) -> None:
    """Enter a load before its rows, so that they can be dated by it; or another change, by what it is."""
    row = [load_id, started_at, exported_at, user, status]
    con.execute("insert into loads (load_id, started_at, exported_at, user_name, status) values (?, ?, ?, ?, ?)", row)


def close_load(con: duckdb.DuckDBPyConnection, load_id: int, finished_at: datetime, settings: Settings, number: int) -> date:
    """Note the end of a load and what the snapshot of that number was built with; returns the date of its data. After build.build."""
    [(as_of,)] = con.execute("select value::date from meta where key = 'as_of'").fetchall()
    con.execute("update loads set finished_at = ?, as_of = ? where load_id = ?", [finished_at, as_of, load_id])
    con.execute("delete from meta where key in ('snapshot', 'settings')")
    con.execute("insert into meta values ('snapshot', ?), ('settings', ?)", [f"{number:06d}", chosen(settings)])
    return as_of


def chosen(settings: Settings) -> str:
    """Everything in the settings that shapes a snapshot, as text to compare."""
    return json.dumps(settings.shaping() | {"as_of": settings.as_of, "data_start": settings.data_start}, default=str, sort_keys=True)


def built_with(con: duckdb.DuckDBPyConnection) -> str:
    """`chosen` of the settings the copied snapshot was built with; empty for a new warehouse."""
    rows = con.execute("select value from meta where key = 'settings'").fetchall()
    return rows[0][0] if rows else ""


def next_file_id(con: duckdb.DuckDBPyConnection) -> int:
    """One more than any sheet of any load has."""
    return con.execute("select coalesce(max(file_id), 0) + 1 from files").fetchall()[0][0]


def known_age(con: duckdb.DuckDBPyConnection, fingerprint: str, source: str) -> datetime | None:
    """How old the same file was when it came before, read the same way; None for a file never seen."""
    query = "select max(exported_at) from exports where fingerprint = ? and source = ?"
    return con.execute(query, [fingerprint, source]).fetchall()[0][0]


def latest_business_date(con: duckdb.DuckDBPyConnection, time_zone: str) -> date | None:
    """The last day on which something happened, as far as the stored rows know."""
    return con.execute(_LATEST, {"zone": time_zone}).fetchall()[0][0]


def enter(con: duckdb.DuckDBPyConnection, load_id: int, entries: Sequence[Entry]) -> None:
    """Write the files of a load with their accounts, remarks and the rows set aside."""
    _append(con, "files", [_file(load_id, e) for e in entries])
    _append(con, "amounts", [_amount(e, column) for e in entries for column in e.account.sums])
    _append(con, "findings", [_finding(load_id, e, f) for e in entries for f in e.findings])
    _append(con, "quarantine", [row for e in entries for row in _quarantined(load_id, e)])
    for source in sorted({e.sheet.part.source for e in entries}):
        con.execute(set_aside(source), {"load": load_id})


def _file(load_id: int, entry: Entry) -> dict[str, Any]:
    account, part = entry.account, entry.sheet.part
    return {
        **_place(load_id, entry),
        "sha256": entry.sha256,
        "status": "loaded",
        "header_row": part.header_row,
        "read": account.read,
        **account.rows,
        "deleted": account.deleted,
        "first_date": account.first,
        "last_date": account.last,
    }


def _place(load_id: int, entry: Entry) -> dict[str, Any]:
    part = entry.sheet.part
    return {"file_id": entry.sheet.file_id, "load_id": load_id, "file": entry.file, "source": part.source, "sheet": part.sheet}


def _amount(entry: Entry, column: str) -> dict[str, Any]:
    sums = entry.account.sums[column]
    return {"file_id": entry.sheet.file_id, "column_name": column} | {name: sums[name] for name in ("read", *OUTCOMES)}


def _finding(load_id: int, entry: Entry, finding: Finding) -> dict[str, Any]:
    return {
        **_place(load_id, entry),
        "row": finding.row,
        "column_name": finding.column,
        "value": finding.value,
        "rule": finding.rule,
        "severity": finding.severity,
        "params": json.dumps(dict(finding.params), ensure_ascii=False),
    }


def _quarantined(load_id: int, entry: Entry) -> list[dict[str, Any]]:
    rows = entry.sheet.part.quarantined.select("_row", "reasons", "raw").iter_rows()
    return [_place(load_id, entry) | {"row": row, "reasons": ", ".join(reasons), "raw": raw} for row, reasons, raw in rows]


def _append(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        con.register("incoming", pl.DataFrame(rows, infer_schema_length=None))
        con.execute(_insert(table))
        con.unregister("incoming")


def _insert(table: str) -> str:
    return f"insert into {quoted(table)} by name select * from incoming"
