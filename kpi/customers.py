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


def _ripened(frame: pl.LazyFrame, _company: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """First orders on their day, and once more on the day it can be said whether the customer came back in time."""
    firsts = frame.filter(pl.col("started") > 0).with_columns(judged=pl.lit(0, pl.Int64))
    back = (pl.col("days") <= config.repeat_days).fill_null(False).cast(pl.Int64)
    ripe = firsts.with_columns(
        known_on=pl.col("date") + pl.duration(days=config.repeat_days),
        judged=pl.col("started"),
        back=back,
        started=pl.lit(0, pl.Int64),
    )
    return pl.concat([firsts.with_columns(back=pl.lit(0, pl.Int64)), ripe], how="diagonal_relaxed")


def _quality(name: str, reads: str, needs: tuple[str, ...], good: str, **more: object) -> Kpi:
    """Of the customers won in the period, how many turned out well; those it cannot yet be said of are left out."""
    return Kpi(
        name,
        Unit.RATE,
        Better.UP,
        reads,
        needs,
        pl.sum(good),
        pl.sum("judged"),
        rows=pl.sum("judged"),
        excluded=pl.sum("started") - pl.sum("judged"),
        few=(pl.sum("started") > 0) & (pl.sum("judged") == 0),
        few_status="immature",
        few_note="too_young",
        empty_note="no_new_customers",
        **more,  # type: ignore[arg-type]
    )


new_customer_repeat_rate = _quality("new_customer_repeat_rate", "first_business", _ORDERS, "back", prepare=_ripened)
# The first invoice says how the next ones will be paid.
new_customer_on_time_rate = _quality(
    "new_customer_on_time_rate",
    "first_invoices",
    ("orders", "invoices", "receipts"),
    "on_time",
    partial=lambda _: pl.sum("estimated_rows") > 0,
    partial_note="estimated",
)

KPIS = (
    new_customers,
    new_signed_customers,
    new_customer_revenue,
    new_customer_repeat_rate,
    new_customer_on_time_rate,
    reactivated_customers,
    active_customers,
    buying_customers,
    lapsed_customers,
    net_customer_growth,
)
