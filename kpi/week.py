"""The last days of one person 近日工作: what was sold, which visits no order followed; to be talked over."""

from __future__ import annotations

import polars as pl


def orders(lines: pl.DataFrame) -> pl.DataFrame:
    """order_id, customer_id, date, net_amount of each order, newest first. lines: rows of `fact.orders`; returns count against it."""
    summed = lines.group_by("order_id", "customer_id", "date").agg(pl.sum("net_amount"))
    return summed.sort("date", "net_amount", "order_id", descending=[True, True, False])


def without_order(made: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The visits to customers that no order followed yet, newest first: the columns of `made`, one row a customer and day.

    made    rows of `fact.visits`;  lines: the order lines of these days; an order of the same day follows
    """
    sold = lines.filter(~pl.col("is_return")).group_by("customer_id").agg(pl.max("date").alias("sold_on"))
    seen = made.filter(pl.col("is_completed") & pl.col("is_counted_type") & pl.col("customer_id").is_not_null())
    seen = seen.sort("actual_at", "visit_id").unique(["customer_id", "actual_date"], keep="first", maintain_order=True)
    open_ = seen.join(sold, on="customer_id", how="left").filter((pl.col("sold_on") < pl.col("actual_date")).fill_null(True))
    return open_.drop("sold_on").sort("actual_date", "visit_id", descending=True)
