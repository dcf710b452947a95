"""All remarks of a load as rows for a spreadsheet: where, what, why, and what to do."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import duckdb

from data.keeping import store
from data.loading.report import Report, Text, message

COLUMNS = ("file", "sheet", "row", "column", "value", "rule", "message", "what_to_do")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
# Every row set aside is in the books, however many there are; a report names only the first of each kind.
_ASIDE = "select file, source, sheet, row, reasons, raw from quarantine where load_id = ? order by file_id, row"


def every(home: Path, report: Report, text: Text) -> list[dict[str, Any]]:
    """One row per remark, and one per row set aside that no remark names; a load that is not served has its remarks only."""
    found = [
        {
            "file": file.file, "sheet": one.sheet, "row": one.row, "column": one.column, "value": one.value, "rule": one.rule,
            "message": message(one, text), "what_to_do": advice(one.rule, one.severity, text),
        }
        for file in report.files
        for one in file.findings
    ]  # fmt: skip
    named = {(file.file, file.source, one.sheet, one.row) for file in report.files for one in file.findings if one.severity == "error"}
    for file, source, sheet, row, reasons, raw in _aside(home, report.load_id):
        if (file, source, sheet, row) not in named:
            rules = reasons.split(", ")
            found.append(
                {
                    "file": file, "sheet": sheet, "row": row, "column": None, "value": raw, "rule": reasons,
                    "message": text("load.set_aside"), "what_to_do": advice(rules[0], "error", text),
                }
            )  # fmt: skip
    return found


def advice(rule: str, severity: str, text: Text) -> str:
    """What the reader can do about a remark."""
    return text(f"do.{rule}") if f"do.{rule}" in text else text(f"do.{severity}")


def write_csv(out: IO[str], rows: Iterable[dict[str, Any]], columns: Sequence[str] = COLUMNS) -> None:
    """Rows in which no cell is one that a spreadsheet would take for a formula."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_plain(row[name]) for name in columns])


def _plain(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value


def _aside(home: Path, load_id: int) -> list[tuple[Any, ...]]:
    snapshot = store.current(home)
    if snapshot is None:
        return []
    with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
        return con.execute(_ASIDE, [load_id]).fetchall()
