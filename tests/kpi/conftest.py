"""Measures typed into a test: rows get the columns and types the warehouse gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data.config import Settings
from kpi import base
from kpi.config import Config

Row = dict[str, Any]
_IDS = ("period", "rep_id", "territory_id", "region", "customer_id", "product_line", "level", "member_id", "metric", "order_id", "rep_name")
_DATES = ("date", "known_on", "start_on", "end_on")
_FLAGS = ("is_seller", "is_counted", "rep_known")


def _type(name: str, values: list[Any]) -> Any:
    if name in _IDS:
        return pl.String
    if name in _DATES:
        return pl.Date
    if name in _FLAGS:
        return pl.Boolean
    return pl.Decimal(38, 4) if any(isinstance(v, Decimal) for v in values) else pl.Int64


@pytest.fixture(autouse=True)
def usual_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that gives no Config means the settings of a company that changed nothing."""
    for name, value in vars(Config.of(asdict(Settings()))).items():
        monkeypatch.setattr(base.DEFAULT, name, value, raising=False)


@pytest.fixture
def measure() -> Callable[..., pl.LazyFrame]:
    """`measure([{…}, …], **defaults)`: a frame; text in a date column is ISO, a float is money, n_rows is 1 unless typed."""

    def make(rows: list[Row], *columns: str, **defaults: Any) -> pl.LazyFrame:
        filled = [
            {"n_rows": 1, "n_excluded": 0, "rep_id": "R1", "territory_id": "T1", "region": "East"} | defaults | row for row in rows or [{}]
        ]
        names = list(dict.fromkeys([*(name for row in filled for name in row), *columns]))
        data: dict[str, list[Any]] = {}
        schema: dict[str, Any] = {}
        for name in names:
            values = [row.get(name) for row in filled]
            if name in _DATES:
                values = [date.fromisoformat(v) if isinstance(v, str) else v for v in values]
            elif any(isinstance(v, float) for v in values):
                values = [None if v is None else Decimal(str(v)) for v in values]
            data[name], schema[name] = values, _type(name, values)
        return pl.LazyFrame(data, schema=schema).limit(len(rows))

    return make


@pytest.fixture
def only() -> Callable[[pl.DataFrame], Row]:
    """The one row of a result."""

    def take(frame: pl.DataFrame) -> Row:
        assert frame.height == 1
        return frame.to_dicts()[0]

    return take
