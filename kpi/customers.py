"""Customers gained 客户增长: first orders and who still buys; credited to the rep on the order."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit

# A first order near the start of the data may not be the first one: without evidence the customer is unknown, not new (R14).
new_customers = Kpi(
    "new_customers",
    Unit.COUNT,
    Better.UP,
    "first_orders",
    ("orders",),
    pl.sum("new_customers"),
    rows=pl.sum("new_customers"),
    excluded=pl.sum("unknown_customers"),
    partial=lambda _: pl.sum("unknown_customers") > 0,
    partial_note="unknown_customers",
    nothing_known=(pl.sum("unknown_customers") > 0) & (pl.sum("new_customers") == 0),
)

active_customers = Kpi(
    "active_customers",
    Unit.COUNT,
    Better.UP,
    "active_customers",
    ("orders",),
    pl.col("customer_id").drop_nulls().n_unique(),
    history=lambda config: config.active_days,
    kind=Kind.STOCK,
    additive=False,
)

KPIS = (new_customers, active_customers)
