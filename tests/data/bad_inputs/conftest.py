"""What one bad input must come to, written as one line per case: the exact account, and every remark with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data.contracts import SOURCES
from data.reading.prepare import PreparedFile, prepare

RECEIVED = date(2026, 10, 21)
RATES = pl.DataFrame(
    {"currency": ["USD"], "date": [date(2026, 6, 1)], "rate": [Decimal("7.2")]},
    schema={"currency": pl.String, "date": pl.Date, "rate": pl.Decimal(18, 8)},
)


def read(content: bytes | str, label: str, **options: Any) -> PreparedFile:
    data = content if isinstance(content, bytes) else content.encode()
    return prepare(data, label, time_zone="Asia/Shanghai", currency="CNY", received_on=RECEIVED, rates=RATES, **options)


def told(file: PreparedFile) -> list[tuple[Any, ...]]:
    """Every remark: rule, row, column, value; the sheet of a workbook; what a refusal says beside it."""
    found = [*file.findings, *(f for part in file.parts for f in part.findings)]
    said = [dict(f.params) if f.severity in ("reject", "hold") else {} for f in found]
    return [(f.rule, f.row, f.column, f.value, *filter(None, (f.sheet, more))) for f, more in zip(found, said, strict=True)]


def account(file: PreparedFile) -> dict[str, Any]:
    """The account of a file, all its parts together; what is nothing is left out."""
    aside = {row: list(reasons) for part in file.parts for row, reasons in part.quarantined.select("_row", "reasons").iter_rows()}
    full: dict[str, Any] = {
        "status": file.status,
        "read": sum(part.read for part in file.parts),
        "accepted": [row for part in file.parts for row in part.accepted["_row"]],
        "quarantined": aside,
        "skipped": sum(part.skipped for part in file.parts),
        "told": told(file),
    }
    return {key: value for key, value in full.items() if value}


def balances(file: PreparedFile) -> bool:
    """Rows and every amount: read = accepted + quarantined + skipped."""
    for part in file.parts:
        if part.read != part.accepted.height + part.quarantined.height + part.skipped:
            return False
        for name in SOURCES[part.source].amounts:
            sums, rest = part.amounts[name], part.accepted[name].sum() or Decimal(0)
            if sums["read"] != rest + sums["quarantined"] + sums["skipped"]:
                return False
    return True


@pytest.fixture
def judge() -> Callable[..., None]:
    """`judge(content, label, expected, **options)`: the account is exactly the one expected, and it balances.

    expected  status, read, accepted (row numbers), quarantined (row → reasons), skipped, told; `values`: column → stored values as text
    """

    def check(content: bytes | str, label: str, expected: dict[str, Any], **options: Any) -> None:
        file = read(content, label, **options)
        values = expected.get("values", {})
        stored = {name: [None if v is None else str(v) for part in file.parts for v in part.accepted[name]] for name in values}
        assert account(file) | ({"values": stored} if values else {}) == expected
        assert balances(file)
        assert file.status in ("ready", "held") or not file.parts or file.status == "rejected"

    return check
