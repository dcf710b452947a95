"""What is on the screen as a workbook: a sheet per table, one with the definitions, one with the filters and the date of the data.

One writer for every download. Text is written as text, never as a formula or a link; numbers stay numbers.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import xlsxwriter

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_ROW_LIMIT = 50_000
_WIDEST = 48


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its frame, the header of each column in the reader's words and the unit each is written in."""

    name: str
    frame: pl.DataFrame
    headers: Mapping[str, str]
    units: Mapping[str, str]


def safe(text: object) -> str:
    """Text that no spreadsheet takes for a formula: a leading ' where, after blanks, it begins like one (also full width)."""
    raw = str(text)
    begins = raw.lstrip(" \u00a0\u3000")
    return f"'{raw}" if begins.startswith(_RISKY) else raw


def file_name(stem: str, as_of: date) -> str:
    """A name nobody can guess: two readers' downloads never answer to the same address."""
    return f"fieldbook-{stem}-{as_of:%Y%m%d}-{secrets.token_hex(4)}.xlsx"


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as xlsx; rows beyond 50,000 are left out and the last line says how many."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    formats = {
        "head": book.add_format(
            {"bold": True, "bg_color": "#F5F7F9", "bottom": 1, "bottom_color": "#E2E8EE", "text_wrap": True, "valign": "top"}
        ),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "count": book.add_format({"num_format": "#,##0"}),
        "rate": book.add_format({"num_format": "0.0%"}),
        "days": book.add_format({"num_format": "#,##0.0"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"text_wrap": False}),
    }
    used: set[str] = set()
    for sheet in sheets:
        _write(book.add_worksheet(_sheet_name(sheet.name, used)), sheet, formats)
    book.close()
    return file.getvalue()


def _sheet_name(name: str, used: set[str]) -> str:
    clean = "".join("-" if c in "[]:*?/\\'" else c for c in name)[:28] or "-"
    unique = clean if clean.lower() not in used else f"{clean}{len(used)}"
    used.add(unique.lower())
    return unique


def _write(page: Any, sheet: Sheet, formats: Mapping[str, Any]) -> None:
    columns = [c for c in sheet.headers if c in sheet.frame.columns]
    for place, column in enumerate(columns):
        header = safe(sheet.headers[column])
        page.write_string(0, place, header, formats["head"])
        page.set_column(place, place, min(_WIDEST, max(12, 2 + max([len(header), *(len(str(v)) for v in sheet.frame[column].head(200))]))))
    for line, row in enumerate(sheet.frame.select(columns).head(_ROW_LIMIT).iter_rows(), start=1):
        for place, value in enumerate(row):
            _cell(page, line, place, value, sheet.units.get(columns[place], "text"), formats)
    if sheet.frame.height > _ROW_LIMIT:
        page.write_string(_ROW_LIMIT + 1, 0, f"… {sheet.frame.height - _ROW_LIMIT}")
    page.freeze_panes(1, 1)


def _cell(page: Any, line: int, place: int, value: Any, unit: str, formats: Mapping[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(line, place, value)
    elif isinstance(value, (int, float, Decimal)):
        page.write_number(line, place, float(value), formats.get(unit, formats["count"]))
    elif isinstance(value, (date, datetime)):
        page.write_datetime(line, place, value, formats["date"])
    else:
        page.write_string(line, place, safe(value), formats["text"])
