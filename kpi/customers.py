"""Customers gained 客户增长: first orders and who still buys; credited to the rep on the order."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.config import Config
from kpi.period import Period

_CHANGES = "customer_changes"
_ORDERS = ("orders",)


def _with(flag: str) -> pl.Expr:
    """How many customers it happened to; once each, however often."""
    return pl.col("customer_id").filter(pl.col(flag) > 0).drop_nulls().n_unique().cast(pl.Int64)


def _a_lapse_before(period: Period, config: Config) -> date:
    """Silence is only seen where an order before it could have been seen."""
    return period.start - timedelta(days=config.lapse_days + 1)


# A first order near the start of the data may not be the first one: without evidence the customer is unknown, not new (R14).
new_customers = Kpi(
    "new_customers",
    Unit.COUNT,
    Better.UP,
    "first_orders",
    _ORDERS,
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
    _ORDERS,
    pl.col("customer_id").drop_nulls().n_unique(),
    history=lambda config: config.active_days,
    kind=Kind.STOCK,
    additive=False,
)

new_signed_customers = Kpi("new_signed_customers", Unit.COUNT, Better.UP, "signed_customers", ("customers",), pl.sum("signed_customers"))

# The months in which a customer is new are counted from its first order; who may have ordered before the data is not new.
new_customer_revenue = Kpi(
    "new_customer_revenue",
    Unit.MONEY,
    Better.UP,
    "new_customer_sales",
    _ORDERS,
    pl.sum("new_revenue"),
    excluded=pl.sum("n_excluded"),
    extra={"revenue": pl.sum("revenue")},
    partial=lambda _: pl.sum("n_excluded") > 0,
    partial_note="unknown_customers",
)

buying_customers = Kpi("buying_customers", Unit.COUNT, Better.UP, _CHANGES, _ORDERS, _with("orders"), rows=pl.sum("orders"), additive=False)

reactivated_customers = Kpi(
    "reactivated_customers",
    Unit.COUNT,
    Better.UP,
    _CHANGES,
    _ORDERS,
    _with("reactivated"),
    rows=pl.sum("reactivated"),
    since=_a_lapse_before,
    additive=False,
)

# Not the day of the last order but the day on which it became too long ago: whoever owned the customer then has it.
lapsed_customers = Kpi(
    "lapsed_customers",
    Unit.COUNT,
    Better.DOWN,
    _CHANGES,
    _ORDERS,
    _with("lapsed"),
    rows=pl.sum("lapsed"),
    since=_a_lapse_before,
    credit="owner",
    additive=False,
)

net_customer_growth = Kpi(
    "net_customer_growth",
    Unit.COUNT,
    Better.UP,
    _CHANGES,
    _ORDERS,
    pl.sum("new_customers") + _with("reactivated") - _with("lapsed"),
    rows=pl.sum("new_customers") + pl.sum("reactivated") + pl.sum("lapsed"),
    excluded=pl.sum("unknown_customers"),
    partial=lambda _: pl.sum("unknown_customers") > 0,
    partial_note="unknown_customers",
    nothing_known=(pl.sum("unknown_customers") > 0) & (pl.sum("new_customers") == 0),
    since=_a_lapse_before,
    additive=False,
)

KPIS = (
    new_customers,
    new_signed_customers,
    new_customer_revenue,
    reactivated_customers,
    active_customers,
    buying_customers,
    lapsed_customers,
    net_customer_growth,
)
