"""On which day of the week a customer buys."""

from __future__ import annotations

from datetime import date

import polars as pl

from kpi.rhythm import weekday


def orders(*days: int, counted: bool = True) -> pl.DataFrame:
    """Orders on days of October 2026; the 5th is a Monday."""
    return pl.DataFrame({"date": [date(2026, 10, day) for day in days], "is_counted": [counted] * len(days)})


def test_three_of_five_orders_on_a_tuesday_make_a_habit() -> None:
    assert weekday(orders(6, 13, 20, 7, 9)) == (1, 3, 5)


def test_four_orders_make_none_and_returns_are_no_orders() -> None:
    assert weekday(orders(6, 13, 20, 27)) is None
    assert weekday(pl.concat([orders(6, 13, 20, 27), orders(6, 13, counted=False)])) is None


def test_two_days_that_share_the_lead_are_no_habit() -> None:
    assert weekday(orders(6, 13, 7, 14, 9)) is None
