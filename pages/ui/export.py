"""What is on the screen as a workbook or as CSV: a sheet per table, the definitions, the filters and the date of the data.

One writer for every download. Text is written as text, never as a formula or a link; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import secrets
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import xlsxwriter

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_INKS = ("#0F5C7A", "#8A97A3", "#E0A12B", "#6C8EBF")
_ROW_LIMIT = 50_000
_WIDEST = 48
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BY_ROW = "by_row"  # the unit of a column whose rows each have their own


@dataclass(frozen=True)
class Chart:
    """A picture of a sheet: one series a column in `values`, named along `labels`; bar (lying), column or line."""

    kind: str
    labels: str
    values: tuple[str, ...]
    rows: int = 30  # more would be a hedge, not a picture


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its frame, the header of each column in the reader's words and the unit each is written in."""

    name: str
    frame: pl.DataFrame
    headers: Mapping[str, str]
    units: Mapping[str, str]
    chart: Chart | None = None
    row_units: Sequence[str] = ()  # of the columns whose unit is BY_ROW

    @property
    def columns(self) -> list[str]:
        """The columns that are written, in order."""
        return [column for column in self.headers if column in self.frame.columns]

    @property
    def drawn(self) -> pl.DataFrame | None:
        """The rows of the picture, without a total or others that have no part in it; None where there is nothing to draw."""
        chart = self.chart
        if chart is None or not {chart.labels, *chart.values} <= set(self.frame.columns):
            return None
        rows = self.frame.head(chart.rows)
        return rows if any(rows[name].is_not_null().any() for name in chart.values) else None

    def unit(self, column: str, row: int) -> str:
        """The unit of one cell."""
        unit = self.units.get(column, "text")
        return self.row_units[row] if unit == BY_ROW else unit


def safe(text: object) -> str:
    """Text that no spreadsheet takes for a formula: a leading ' where, after blanks, it begins like one (also full width)."""
    raw = str(text)
    begins = raw.lstrip(" \u00a0\u3000")
    return f"'{raw}" if begins.startswith(_RISKY) else raw


def file_name(stem: str, as_of: date, ending: str = "xlsx") -> str:
    """A name nobody can guess: two readers' downloads never answer to the same address."""
    return f"fieldbook-{stem}-{as_of:%Y%m%d}-{secrets.token_hex(4)}.{ending}"


def csv_files(sheets: Sequence[Sheet]) -> bytes:
    """A zip with a CSV per sheet, in UTF-8 with the mark by which a spreadsheet knows it; figures with all their digits."""
    file, used = io.BytesIO(), set[str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        for sheet in sheets:
            pack.writestr(f"{_sheet_name(sheet.name, used)}.csv", _as_csv(sheet).encode("utf-8-sig"))
    return file.getvalue()


def _as_csv(sheet: Sheet) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([safe(sheet.headers[column]) for column in sheet.columns])
    for row in sheet.frame.select(sheet.columns).iter_rows():
        writer.writerow(["" if value is None else safe(value) if isinstance(value, str) else value for value in row])
    return text.getvalue()


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
        page = book.add_worksheet(_sheet_name(sheet.name, used))
        _write(page, sheet, formats)
        if sheet.chart and (drawn := sheet.drawn) is not None:
            page.insert_chart(1, len(sheet.columns) + 1, _drawn(book, page.get_name(), sheet, sheet.chart, drawn.height))
    book.close()
    return file.getvalue()


def _sheet_name(name: str, used: set[str]) -> str:
    clean = "".join("-" if c in "[]:*?/\\'" else c for c in name)[:28] or "-"
    unique = clean if clean.lower() not in used else f"{clean}{len(used)}"
    used.add(unique.lower())
    return unique


def _write(page: Any, sheet: Sheet, formats: Mapping[str, Any]) -> None:
    columns = sheet.columns
    for place, column in enumerate(columns):
        header = safe(sheet.headers[column])
        page.write_string(0, place, header, formats["head"])
        page.set_column(place, place, min(_WIDEST, max(12, 2 + max([len(header), *(len(str(v)) for v in sheet.frame[column].head(200))]))))
    for line, row in enumerate(sheet.frame.select(columns).head(_ROW_LIMIT).iter_rows()):
        for place, value in enumerate(row):
            _cell(page, line + 1, place, value, sheet.unit(columns[place], line), formats)
    if sheet.frame.height > _ROW_LIMIT:
        page.write_string(_ROW_LIMIT + 1, 0, f"… {sheet.frame.height - _ROW_LIMIT}")
    page.freeze_panes(1, 1)


def _drawn(book: Any, name: str, sheet: Sheet, chart: Chart, rows: int) -> Any:
    """A chart of the spreadsheet's own, that follows its cells."""
    made, columns = book.add_chart({"type": chart.kind}), sheet.columns
    for place, column in enumerate(chart.values):
        at = columns.index(column)
        line: dict[str, Any] = {"color": _INKS[place % len(_INKS)]}
        look: dict[str, Any] = {"fill": line}
        if chart.kind == "line":
            look = {"line": {**line, "width": 2}, "marker": {"type": "circle", "size": 4}}
        labels = [name, 1, columns.index(chart.labels), rows, columns.index(chart.labels)]
        made.add_series({"name": [name, 0, at], "categories": labels, "values": [name, 1, at, rows, at], **look})
    made.set_title({"name": sheet.name, "name_font": {"size": 12}})
    made.set_legend({"none": True} if len(chart.values) == 1 else {"position": "bottom"})
    if chart.kind == "bar":
        made.set_y_axis({"reverse": True})  # the first row on top, as in the table
    made.set_size({"width": 620, "height": max(300, 120 + 18 * rows) if chart.kind == "bar" else 320})
    return made


def _cell(page: Any, line: int, place: int, value: Any, unit: str, formats: Mapping[str, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(line, place, value)
    elif isinstance(value, (int, float, Decimal)):
        kind = ("money" if isinstance(value, Decimal) else "count") if unit == "parts" else unit  # amounts are decimals, counts are not
        page.write_number(line, place, float(value), formats.get(kind, formats["count"]))
    elif isinstance(value, (date, datetime)):
        page.write_datetime(line, place, value, formats["date"])
    else:
        page.write_string(line, place, safe(value), formats["text"])
