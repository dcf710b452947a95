"""A report as text for other programs: JSON with exact numbers, CSV that a spreadsheet does not run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def number(value: Decimal) -> str:
    """All digits of a decimal and no more: 1700.0000 is 1700."""
    return format(value.normalize(), "f") if value else "0"


def as_json(value: Any) -> str:
    """One value as JSON; decimals become numbers with their exact digits, dates ISO text."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)}: {as_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_json(v) for v in value) + "]"
    return json.dumps(value.isoformat() if isinstance(value, date) else value, ensure_ascii=False, allow_nan=False)


def report_json(meta: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    """The whole report, one row a line."""
    lines = ",\n".join("  " + as_json(row) for row in rows)
    return f'{{"meta": {as_json(meta)},\n "rows": [\n{lines}\n]}}\n' if lines else f'{{"meta": {as_json(meta)},\n "rows": []}}\n'


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return number(value) if isinstance(value, Decimal) else str(value)


def report_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """A header and one line per row; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    rows = list(rows)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()
