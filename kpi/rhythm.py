"""The rhythm of buying 购买节奏: on which day of the week a customer's orders fall."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

MIN_ORDERS = 5  # fewer have no habit


class Weekday(NamedTuple):
    """The day of the week most orders fall on (0: Monday), and how many of how many."""

    day: int
    orders: int
    of: int


def weekday(orders: pl.DataFrame) -> Weekday | None:
    """The weekday of most of a customer's orders (measure `orders`); None for few, or where two days share the lead."""
    counted = orders.filter("is_counted")
    days = counted.group_by(pl.col("date").dt.weekday().alias("day")).len().sort("len", descending=True)
    if counted.height < MIN_ORDERS or (days.height > 1 and days["len"][0] == days["len"][1]):
        return None
    return Weekday(days["day"][0] - 1, days["len"][0], counted.height)
