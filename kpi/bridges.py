"""Bridges 变动分解: what made revenue and margin differ from the period before. The parts sum to the difference exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from kpi.base import EARLIER, PRIOR, YEAR, Better, Kpi, Unit
from kpi.config import Config
from kpi.period import prior
from kpi.sales import thin_cost

_ORDERS = ("orders",)
_SUMS = ("qty", "revenue", "costed_revenue", "cost", "unmeasured_rows", "n_rows", "n_excluded")


def product_lines(frame: pl.LazyFrame, earlier: pl.LazyFrame, by: tuple[str, ...], _config: Config) -> pl.LazyFrame:
    """One row per period, `by` and product line, with what was sold then (_0) and now (_1); the rest (`*_0 + *_1`) under its own name.

    frame, earlier  volumes of the period and of the one it is set beside, under the same labels
    """
    keys = ["period", *by]
    both = pl.concat([earlier.with_columns(_now=False), frame.with_columns(_now=True)], how="diagonal_relaxed")
    sides = [pl.col(name).filter(pl.col("_now") == now).sum().alias(f"{name}_{int(now)}") for name in _SUMS for now in (False, True)]
    grouped = [*keys, *(() if "product_line" in by else ("product_line",))]
    lines = both.group_by(grouped).agg(*sides, _units=pl.col("uom").unique())
    units = pl.col("_units").list.explode(empty_as_null=True, keep_nulls=True).n_unique()
    mixed = lines.group_by(keys).agg(unit_count=units)
    whole = [(pl.col(f"{name}_0") + pl.col(f"{name}_1")).alias(name) for name in ("revenue", "costed_revenue", "n_rows", "n_excluded")]
    return lines.join(mixed, on=keys, how="left", nulls_equal=True).with_columns(whole).drop("_units")


def _f(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64)


_GP0, _GP1 = (pl.col(f"costed_revenue_{n}") - pl.col(f"cost_{n}") for n in (0, 1))
_Q0, _Q1, _R0, _R1, _C0, _C1 = (_f(f"{name}_{n}") for name in ("qty", "costed_revenue", "cost") for n in (0, 1))
_SOLD0, _SOLD1 = ((pl.col(f"n_rows_{n}") - pl.col(f"n_excluded_{n}")) > 0 for n in (0, 1))
# a product without a quantity has no unit price: it is neither price nor volume, but other
_MEASURED = (pl.col("unmeasured_rows_0") + pl.col("unmeasured_rows_1")) == 0
_BOTH = _SOLD0 & _SOLD1 & _MEASURED & (_Q0 > 0) & (_Q1 > 0)
_NEW = ~_SOLD0 & _SOLD1 & _MEASURED & (_Q1 > 0)
_GONE = _SOLD0 & ~_SOLD1 & _MEASURED & (_Q0 > 0)
_OLD_MARGIN = (_R0 - _C0) / _Q0 * _Q1  # of today's quantities, had each kept the unit margin it had


def _sum(expr: pl.Expr, where: pl.Expr) -> pl.Expr:
    return expr.filter(where).sum()


_MEAN_MARGIN = pl.when(_sum(_Q0, _BOTH) > 0).then(_sum(_R0 - _C0, _BOTH) / _sum(_Q0, _BOTH)).otherwise(0.0)
EFFECTS: dict[str, pl.Expr] = {
    "volume": (_sum(_Q1, _BOTH) - _sum(_Q0, _BOTH)) * _MEAN_MARGIN,
    "mix": _sum(_OLD_MARGIN, _BOTH) - _sum(_Q1, _BOTH) * _MEAN_MARGIN,
    "price": _sum(_R1 - _R0 / _Q0 * _Q1, _BOTH),
    "cost": -_sum(_C1 - _C0 / _Q0 * _Q1, _BOTH),
    "new": _sum(_R1 - _C1, _NEW),
    "gone": -_sum(_R0 - _C0, _GONE),
    "other": _sum((_R1 - _C1) - (_R0 - _C0), ~_BOTH & ~_NEW & ~_GONE),
}


_MEAN_PRICE = pl.when(_sum(_Q0, _BOTH) > 0).then(_sum(_R0, _BOTH) / _sum(_Q0, _BOTH)).otherwise(0.0)
_OLD_PRICE = _R0 / _Q0 * _Q1  # of today's quantities, had each kept its price
_UNCOSTED = (_f("revenue_1") - _R1) - (_f("revenue_0") - _R0)  # quantities are known of lines with a cost only
REVENUE_EFFECTS: dict[str, pl.Expr] = {
    "volume": (_sum(_Q1, _BOTH) - _sum(_Q0, _BOTH)) * _MEAN_PRICE,
    "mix": _sum(_OLD_PRICE, _BOTH) - _sum(_Q1, _BOTH) * _MEAN_PRICE,
    "price": _sum(_R1 - _OLD_PRICE, _BOTH),
    "new": _sum(_R1, _NEW),
    "gone": -_sum(_R0, _GONE),
    "other": _sum(_R1 - _R0, ~_BOTH & ~_NEW & ~_GONE) + _UNCOSTED.sum(),
}

_ONE_UNIT = pl.max("unit_count") <= 1  # tons and pieces have no common volume

revenue_bridge = Kpi(
    "revenue_bridge",
    Unit.MONEY,
    Better.UP,
    "volumes",
    _ORDERS,
    (pl.col("revenue_1") - pl.col("revenue_0")).sum(),
    extra={name: pl.when(_ONE_UNIT).then(effect) for name, effect in REVENUE_EFFECTS.items()},
    few=~_ONE_UNIT,
    few_status="no_denominator",
    few_note="mixed_units",
    since=lambda period, _: prior(period).start,
    prepare=product_lines,
    beside=PRIOR,
)

margin_bridge = Kpi(
    "margin_bridge",
    Unit.MONEY,
    Better.UP,
    "volumes",
    _ORDERS,
    (_GP1 - _GP0).sum(),
    extra={name: pl.when(_ONE_UNIT).then(effect) for name, effect in EFFECTS.items()},
    rows=pl.sum("n_rows") - pl.sum("n_excluded"),
    excluded=pl.sum("n_excluded"),
    partial=thin_cost,
    partial_note="cost_coverage",
    few=~_ONE_UNIT,
    few_status="no_denominator",
    few_note="mixed_units",
    since=lambda period, _: prior(period).start,
    prepare=product_lines,
    beside=PRIOR,
)

_RATE0 = pl.when(_R0 != 0).then((_R0 - _C0) / _R0).otherwise((_R0 - _C0).sum() / _R0.sum())
_RATES_KNOWN = (_R0.sum() > 0) & (_R1.sum() > 0)
_EARLIER = (_R0 - _C0).sum() / _R0.sum()
_AT_OLD_RATES = (_R1 * _RATE0).sum() / _R1.sum()
_LATER = (_R1 - _C1).sum() / _R1.sum()

# Mix: what richer or poorer product lines did; rate: what their own margins did.
margin_rate_bridge = Kpi(
    "margin_rate_bridge",
    Unit.RATE,
    Better.UP,
    "volumes",
    _ORDERS,
    value=pl.when(_RATES_KNOWN).then(_LATER - _EARLIER),
    extra={
        "mix_points": pl.when(_RATES_KNOWN).then(_AT_OLD_RATES - _EARLIER),
        "rate_points": pl.when(_RATES_KNOWN).then(_LATER - _AT_OLD_RATES),
    },
    rows=pl.sum("n_rows") - pl.sum("n_excluded"),
    excluded=pl.sum("n_excluded"),
    partial=thin_cost,
    partial_note="cost_coverage",
    since=lambda period, _: prior(period).start,
    empty_note="no_sales_either",
    additive=False,
    prepare=product_lines,
    beside=PRIOR,
)


def _growth(name: str, beside: str) -> Kpi:
    """(Current − earlier) ÷ earlier, on as many days as have elapsed; nothing is said of growth from nothing."""
    against = EARLIER[beside]
    return Kpi(
        name,
        Unit.RATE,
        Better.UP,
        "volumes",
        _ORDERS,
        pl.sum("revenue_1") - pl.sum("revenue_0"),
        pl.sum("revenue_0"),
        rows=pl.sum("n_rows_1"),
        since=lambda period, _: against(period).start,
        empty_note="no_sales_before",
        additive=False,
        prepare=product_lines,
        beside=beside,
    )


revenue_growth = _growth("revenue_growth", YEAR)
revenue_growth_prior = _growth("revenue_growth_prior", PRIOR)

KPIS = (revenue_bridge, margin_bridge, margin_rate_bridge, revenue_growth, revenue_growth_prior)


def over_lines(lines: pl.DataFrame, effects: Sequence[str]) -> dict[str, float]:
    """The effects of a bridge summed over product lines, each with its own unit; volume and mix are one then. Empty without any line.

    lines     a bridge by product_line; a line that is itself sold in several units has no effects and is `other` as a whole
    """
    if lines.is_empty():
        return {}
    row = lines.select(
        *(pl.col(effect).fill_null(0).sum() for effect in effects),
        whole=pl.col("numerator").filter(pl.col("value").is_null()).cast(pl.Float64).sum(),
    ).row(0, named=True)
    whole = row.pop("whole")
    return row | {"other": row["other"] + whole, "volume": row["volume"] + row["mix"], "mix": 0.0}


def against(bridge: Kpi, beside: str) -> Kpi:
    """The same bridge from another earlier period: PRIOR, YEAR or FESTIVAL (R12)."""
    earlier = EARLIER[beside]
    return replace(bridge, beside=beside, since=lambda period, _: earlier(period).start)
