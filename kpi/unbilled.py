"""Shipped, not invoiced 已发货未开票: what was shipped and no invoice speaks of, by customer."""

from __future__ import annotations

import polars as pl

LATE_DAYS = 31  # a month's billing should have caught it


def unbilled(orders: pl.LazyFrame) -> pl.LazyFrame:
    """One row per period, customer and who sold: period, customer_id, rep_id, revenue, orders, since (the oldest), waiting_days, order_id
    (the oldest), late_revenue (waiting longer than LATE_DAYS); what waits too long leads.

    orders    view `not_invoiced`
    """
    oldest = pl.col("order_id").sort_by("waiting_days", "order_id", descending=[True, False]).first()
    rows = orders.group_by("period", "customer_id", "rep_id").agg(
        pl.sum("revenue"),
        pl.len().cast(pl.Int64).alias("orders"),
        pl.min("date").alias("since"),
        pl.max("waiting_days"),
        oldest,
        pl.col("revenue").filter(pl.col("waiting_days") > LATE_DAYS).sum().alias("late_revenue"),
    )
    order = ["period", "late_revenue", "revenue", "customer_id", "rep_id"]
    return rows.sort(order, descending=[False, True, True, False, False])
