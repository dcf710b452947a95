"""Sales and margin 销售与毛利: from order lines, net of tax, by revenue date, credited to the rep on the row."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kpi, Unit
from kpi.config import Config

_ORDERS = ("orders",)
_EDGE = 1e-9  # shares are compared with this tolerance (R17)


def _thin_cost(config: Config) -> pl.Expr:
    """Whether too little of the revenue has a cost for the profit to stand for all of it."""
    revenue, costed = (pl.sum(c).cast(pl.Float64) for c in ("revenue", "costed_revenue"))
    covered = pl.when(revenue > 0).then(costed / revenue >= config.cost_coverage_min - _EDGE)
    return ~covered.fill_null(pl.sum("n_excluded") == 0)


_COSTED_LINES = pl.sum("n_rows") - pl.sum("n_excluded")

revenue = Kpi("revenue", Unit.MONEY, Better.UP, "sales", _ORDERS, pl.sum("revenue"))

# An order counts once, on its first line; over product lines the counts would not be distinct orders (R5).
order_count = Kpi("order_count", Unit.COUNT, Better.UP, "sales", _ORDERS, pl.sum("order_count"), not_by=("product_line",))

gross_profit = Kpi(
    "gross_profit",
    Unit.MONEY,
    Better.UP,
    "sales",
    _ORDERS,
    pl.sum("gross_profit"),
    rows=_COSTED_LINES,
    excluded=pl.sum("n_excluded"),
    partial=_thin_cost,
    partial_note="cost_coverage",
    nothing_known=(_COSTED_LINES == 0) & (pl.sum("n_excluded") > 0),
)

gross_margin_pct = Kpi(
    "gross_margin_pct",
    Unit.RATE,
    Better.UP,
    "sales",
    _ORDERS,
    pl.sum("gross_profit"),
    pl.sum("costed_revenue"),
    rows=_COSTED_LINES,
    excluded=pl.sum("n_excluded"),
    partial=_thin_cost,
    partial_note="cost_coverage",
)

margin_per_order = Kpi(
    "margin_per_order",
    Unit.MONEY,
    Better.UP,
    "sales",
    _ORDERS,
    pl.sum("gross_profit"),
    pl.sum("costed_order_count"),
    rows=_COSTED_LINES,
    excluded=pl.sum("n_excluded"),
    partial=_thin_cost,
    partial_note="cost_coverage",
    not_by=("product_line",),
)

_RATED = pl.col("costed_revenue") > 0
_MARGIN = (pl.col("gross_profit").cast(pl.Float64) / pl.col("costed_revenue").cast(pl.Float64)).filter(_RATED)

# Median, never mean: one bad shipment must not hide in an average. Quantiles are linear between neighbours (type 7).
order_margin_pct = Kpi(
    "order_margin_pct",
    Unit.RATE,
    Better.UP,
    "orders",
    _ORDERS,
    value=_MARGIN.quantile(0.5, "linear"),
    extra={
        "p10": _MARGIN.quantile(0.1, "linear"),
        "p90": _MARGIN.quantile(0.9, "linear"),
        "loss_share": (pl.col("gross_profit").filter(_RATED) < 0).mean(),
    },
    rows=pl.col("n_rows").filter(_RATED).sum(),
    excluded=pl.col("n_rows").filter(~_RATED).sum(),
    empty_note="no_costed_orders",
    additive=False,
)

returns_rate = Kpi(
    "returns_rate",
    Unit.RATE,
    Better.DOWN,
    "sales",
    _ORDERS,
    pl.sum("returns_amount"),
    pl.sum("sales_before_returns"),
    empty_note="no_sales",
)

KPIS = (revenue, gross_profit, gross_margin_pct, order_count, margin_per_order, order_margin_pct, returns_rate)
