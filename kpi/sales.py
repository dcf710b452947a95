"""Sales and margin 销售与毛利: from order lines, net of tax, by revenue date, credited to the rep on the row."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.config import Config
from kpi.period import months_up_to

_ORDERS = ("orders",)
_EDGE = 1e-9  # shares are compared with this tolerance (R17)


def thin_cost(config: Config) -> pl.Expr:
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
    partial=thin_cost,
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
    partial=thin_cost,
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
    partial=thin_cost,
    partial_note="cost_coverage",
    not_by=("product_line",),
)

avg_order_value = Kpi(
    "avg_order_value",
    Unit.MONEY,
    Better.UP,
    "orders",
    _ORDERS,
    pl.col("revenue").filter("is_counted").sum(),
    pl.col("is_counted").sum(),
    rows=pl.col("n_rows").filter("is_counted").sum(),
    empty_note="no_sales",
)

cost_coverage = Kpi(
    "cost_coverage",
    Unit.RATE,
    Better.UP,
    "sales",
    _ORDERS,
    pl.sum("costed_revenue"),
    pl.sum("revenue"),
    excluded=pl.sum("n_excluded"),
    empty_note="no_sales",
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

order_margin_pct_mean = Kpi(
    "order_margin_pct_mean",
    Unit.RATE,
    Better.UP,
    "orders",
    _ORDERS,
    value=_MARGIN.mean(),
    rows=pl.col("n_rows").filter(_RATED).sum(),
    excluded=pl.col("n_rows").filter(~_RATED).sum(),
    empty_note="no_costed_orders",
    additive=False,
)

_FLOORED = pl.col("floor_amount").is_not_null() & pl.col("is_counted")  # of those that count as orders
_LOW = _FLOORED & (pl.col("floored_profit") < pl.col("floor_amount"))
# An order is low where its lines with a floor earn less than their floors ask for together.
low_margin_orders = Kpi(
    "low_margin_orders",
    Unit.COUNT,
    Better.DOWN,
    "orders",
    ("orders", "products"),
    _LOW.sum(),
    extra={"floored_orders": _FLOORED.sum()},
    rows=pl.col("n_rows").filter(_FLOORED).sum(),
    excluded=pl.col("n_rows").filter(~_FLOORED).sum(),
    few=~_FLOORED.any(),
    few_status="no_denominator",
    few_note="no_floor",
    version=2,
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

# Of what was sold in the period, how much came back, whenever: the return counts with its sale.
returns_rate_cohort = Kpi(
    "returns_rate_cohort",
    Unit.RATE,
    Better.DOWN,
    "return_cohorts",
    _ORDERS,
    pl.sum("returned"),
    pl.sum("sales_before_returns"),
    excluded=pl.sum("n_excluded"),
    empty_note="no_sales",
)

discount_rate = Kpi(
    "discount_rate",
    Unit.RATE,
    Better.NONE,
    "volumes",
    _ORDERS,
    pl.sum("list_amount") - pl.sum("listed_revenue"),
    pl.sum("list_amount"),
    extra={"listed_revenue": pl.sum("listed_revenue")},
    rows=pl.sum("listed_rows"),
    excluded=pl.sum("unlisted_rows"),
    empty_note="no_list_price",
)

product_lines_per_customer = Kpi(
    "product_lines_per_customer",
    Unit.COUNT,
    Better.UP,
    "customer_lines",
    _ORDERS,
    pl.sum("product_lines"),
    pl.col("customer_id").n_unique(),
    since=lambda period, _: months_up_to(period.to, 12),
    empty_note="no_sales",
    kind=Kind.STOCK,
    credit="owner",
)

# A manager should not mainly sell.
manager_own_share = Kpi(
    "manager_own_share",
    Unit.RATE,
    Better.DOWN,
    "role_sales",
    ("orders", "reps"),
    pl.col("revenue").filter("is_manager").sum(),
    pl.sum("revenue"),
    empty_note="no_sales",
)

KPIS = (
    revenue,
    order_count,
    avg_order_value,
    gross_profit,
    gross_margin_pct,
    cost_coverage,
    margin_per_order,
    order_margin_pct,
    order_margin_pct_mean,
    low_margin_orders,
    returns_rate,
    returns_rate_cohort,
    discount_rate,
    product_lines_per_customer,
    manager_own_share,
)


def product_mix(volumes: pl.LazyFrame) -> pl.LazyFrame:
    """What was bought by product line, most first: period, product_line (null: none named), revenue, gross_profit, costed_revenue, share.

    volumes   view `volumes`;  share: of the revenue of all lines, null where that is not above nothing
    """
    lines = volumes.group_by("period", "product_line").agg(
        pl.sum("revenue"), (pl.sum("costed_revenue") - pl.sum("cost")).alias("gross_profit"), pl.sum("costed_revenue")
    )
    total = pl.col("revenue").sum().over("period")
    share = pl.when(total > 0).then(pl.col("revenue").cast(pl.Float64) / total.cast(pl.Float64))
    return lines.with_columns(share=share).sort("period", "revenue", "product_line", descending=[False, True, False], nulls_last=True)


def low_orders(orders: pl.LazyFrame) -> pl.LazyFrame:
    """Orders that lost money or earned less than the floors of their products, the worst first.

    orders    measure `orders` of the days asked for
    Returns   order_id, date, customer_id, rep_id, approved_by, revenue, gross_profit, margin (null without costed revenue),
              missing (to the floor, or to nothing lost; the larger), is_loss, is_low, reasons (flags that are up)
    """
    is_loss = (_RATED & (pl.col("gross_profit") < 0)).fill_null(False)
    is_low = _LOW.fill_null(False)
    missing = pl.max_horizontal(
        pl.when(is_loss).then(-pl.col("gross_profit")), pl.when(is_low).then(pl.col("floor_amount") - pl.col("floored_profit"))
    )
    margin = pl.when(_RATED).then(pl.col("gross_profit").cast(pl.Float64) / pl.col("costed_revenue").cast(pl.Float64))
    flagged = orders.with_columns(is_loss=is_loss, is_low=is_low, missing=missing, margin=margin)
    names = ("is_loss", "is_low")
    reasons = pl.concat_list(pl.when(pl.col(flag)).then(pl.lit(flag)) for flag in names).list.drop_nulls()
    columns = ("order_id", "date", "customer_id", "rep_id", "approved_by", "revenue", "gross_profit", "margin", "missing", *names)
    listed = flagged.filter(pl.any_horizontal(names)).with_columns(reasons=reasons)
    return listed.select(*columns, "reasons").sort("missing", "order_id", descending=[True, False])
