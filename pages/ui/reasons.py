"""Reasons in words: what a list of kpi/ says about a row, as short chips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from pages.frame.session import Session
from pages.ui.format import Format

Said = Callable[[Mapping[str, Any]], list[tuple[str, dict[str, Any]]]]


def chips(session: Session, said: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
    """Message ids with their values, in the reader's words."""
    return [session.t(key, **{name: _shown(session.fmt, value) for name, value in values.items()}) for key, values in said]


def with_why(session: Session, frame: pl.DataFrame, said: Said) -> pl.DataFrame:
    """The rows with `why`: their reasons in words."""
    return frame.with_columns(
        pl.Series("why", [chips(session, said(row)) for row in frame.iter_rows(named=True)], dtype=pl.List(pl.String))
    )


def _shown(fmt: Format, value: Any) -> str:
    if isinstance(value, Decimal):
        return fmt.money(value)
    if isinstance(value, str):
        return value
    return fmt.day(value) if isinstance(value, date) or value is None else fmt.count(value)
