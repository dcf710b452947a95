"""Portfolio 客户结构: who the revenue comes from, who stays, who is worth what; over the year up to the last day, with the owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from kpi.base import CADENCE, COMPANY, Better, Kind, Kpi, Prepare, Unit
from kpi.classes import NEW, RANKED, SEGMENTS, with_abc, with_rfm
from kpi.config import Config
from kpi.lists import FLAGS, with_flags
from kpi.period import Period, months_up_to
from kpi.sales import thin_cost

_ORDERS = ("orders",)
_CARDS = ("orders", "customers")
_DAY = timedelta(days=1)


def _year(period: Period, _: Config) -> date:
    return months_up_to(period.to, 12)


def _portfolio(name: str, unit: Unit, better: Better, **more: object) -> Kpi:
    """A KPI over the customers as they are on the period's last day, each with its owner."""
    given: dict[str, object] = {"needs": _ORDERS, "since": _year} | more
    return Kpi(name, unit, better, "portfolio", kind=Kind.STOCK, credit="owner", additive=False, **given)  # type: ignore[arg-type]


# of a customer taken over the amounts others sold are theirs: the figure stands on what the reader may see, and says so
_OWN_SALES: dict[str, object] = {"partial": lambda _: pl.sum("unseen_rows") > 0, "partial_note": "sold_by_others"}
_X = pl.col("revenue").filter(pl.col("revenue") > 0).cast(pl.Float64)
_N = (pl.col("revenue") > 0).sum().cast(pl.Int64)

top20_share = _portfolio(
    "top20_share",
    Unit.RATE,
    Better.NONE,
    numerator=_X.sort(descending=True).head((_N + 4) // 5).sum(),
    denominator=_X.sum(),
    empty_note="no_sales",
    **_OWN_SALES,
)

# 0: all buy the same; towards 1: one buys everything.
gini = _portfolio(
    "gini",
    Unit.RATE,
    Better.NONE,
    value=2 * (_X.sort() * _X.sort().cum_count().cast(pl.Float64)).sum() / (_N * _X.sum()) - (_N + 1) / _N,
    extra={"buyers": _N.cast(pl.Float64)},
    few=_N < 10,
    few_note="few_customers",
    empty_note="no_sales",
    **_OWN_SALES,
)

key_account_share = _portfolio(
    "key_account_share",
    Unit.RATE,
    Better.NONE,
    needs=_CARDS,
    numerator=pl.col("revenue").filter("is_key").sum(),
    denominator=pl.sum("revenue"),
    empty_note="no_sales",
    **_OWN_SALES,
)


def _label(name: str, column: str, counts: Mapping[str, pl.Expr], prepare: Prepare, since: object = _year) -> Kpi:
    """A label of each customer; a group of customers has none, but how many of each."""
    return _portfolio(
        name,
        Unit.CLASS,
        Better.NONE,
        value=pl.when(pl.len() == 1).then(pl.col(column).first()),
        extra={key: expr.cast(pl.Float64) for key, expr in counts.items()},
        prepare=prepare,
        beside=COMPANY,
        since=since,
        empty_note="per_customer",
    )


abc_class = _label("abc_class", "abc_class", {f"class_{c.lower()}": (pl.col("abc_class") == c).sum() for c in RANKED}, with_abc)


def _rfm_days(period: Period, _: Config) -> date:
    return period.to - 364 * _DAY


_SCORES = {f"score_{name}": pl.when(pl.len() == 1).then(pl.col(name).first()) for name in "rfm"}
rfm = _label("rfm", "rfm", _SCORES, with_rfm, _rfm_days)
rfm_segment = _label(
    "rfm_segment", "rfm_segment", {f"segment_{s}": (pl.col("rfm_segment") == s).sum() for s in SEGMENTS}, with_rfm, _rfm_days
)

_RANK = {label: place for place, label in enumerate(RANKED)}
_NOW, _THEN = (pl.col(c).replace_strict(_RANK, default=None, return_dtype=pl.Int64) for c in ("abc_class", "abc_class_then"))

abc_migration = _portfolio(
    "abc_migration",
    Unit.COUNT,
    Better.DOWN,
    numerator=(_NOW > _THEN).sum(),
    extra={
        "upgraded": (_NOW < _THEN).sum(),
        "unchanged": (_NOW == _THEN).sum(),
        "new_class": (pl.col("abc_class_then") == NEW).sum(),
        "lost_revenue": (pl.col("revenue_then") - pl.col("revenue")).filter(_NOW > _THEN).sum(),
    },
    prepare=with_abc,
    beside=COMPANY,
    since=lambda period, config: months_up_to(period.to, 12 + config.abc_migration_months),
)

_IS_LOYAL = pl.col("loyalty") == "loyal"
_MARKED = pl.col("loyalty").is_not_null()
# The degree of serialisation: who is loyal by heart, or A by what is bought. Beside it the hand-made marks, and how many there are.
loyalty_mix = _portfolio(
    "loyalty_mix",
    Unit.RATE,
    Better.UP,
    needs=_CARDS,
    numerator=(_IS_LOYAL.fill_null(False) | (pl.col("customer_class") == "A").fill_null(False)).sum(),
    denominator=pl.when(_MARKED.any()).then(pl.len()).otherwise(0),
    extra={**{word: (pl.col("loyalty") == word).sum() for word in ("loyal", "switcher", "indifferent")}, "marked": _MARKED.sum()},
    prepare=with_abc,
    beside=COMPANY,
    empty_note="no_loyalty",
)

# What keeping a few more would bring, from own figures: no multiplier from books.
retention_value = _portfolio(
    "retention_value",
    Unit.MONEY,
    Better.NONE,
    numerator=pl.col("is_active").sum().cast(pl.Float64) * pl.sum("gross_profit").cast(pl.Float64),
    denominator=(pl.col("orders_in_year") > 0).sum(),
    scale=lambda config: config.retention_points,
    rows=pl.sum("n_rows") - pl.sum("n_excluded"),
    excluded=pl.sum("n_excluded") + pl.sum("unseen_rows"),
    partial=thin_cost,
    partial_note="cost_coverage",
    empty_note="no_sales",
)

_HAS_POTENTIAL = pl.col("annual_potential") > 0
share_of_wallet = _portfolio(
    "share_of_wallet",
    Unit.RATE,
    Better.UP,
    needs=_CARDS,
    numerator=pl.col("revenue").filter(_HAS_POTENTIAL).sum(),
    denominator=pl.col("annual_potential").filter(_HAS_POTENTIAL).sum(),
    extra={"over_potential": (pl.col("revenue") > pl.col("annual_potential")).filter(_HAS_POTENTIAL).sum()},
    rows=pl.col("n_rows").filter(_HAS_POTENTIAL).sum(),
    excluded=pl.col("n_rows").filter(~_HAS_POTENTIAL).sum(),
    empty_note="no_potential",
    **_OWN_SALES,
)

at_risk = Kpi(
    "at_risk",
    Unit.COUNT,
    Better.DOWN,
    "customer_risks",
    _ORDERS,
    pl.sum("is_at_risk"),
    extra={flag: pl.when(pl.col(flag).is_not_null().any()).then(pl.col(flag).sum()) for flag in FLAGS},
    kind=Kind.STOCK,
    credit="owner",
    prepare=with_flags,
    beside=CADENCE,
    version=2,  # customers not visited as often as their class asks for
)


def _two_years(period: Period, config: Config) -> date:
    return months_up_to(period.to, 2 * config.churn_months)


def _retention(name: str, better: Better, numerator: pl.Expr, denominator: pl.Expr, **more: object) -> Kpi:
    """A share of last year's customers, with whoever owned them when this year began: handing over a lost one moves no blame."""
    given: dict[str, object] = {"needs": _ORDERS, "rows": pl.col("n_rows").filter("was_customer").sum()} | more
    return Kpi(
        name,
        Unit.RATE,
        better,
        "retention",
        numerator=numerator,
        denominator=denominator,
        since=_two_years,
        empty_note="no_base",
        kind=Kind.STOCK,
        credit="owner_start",
        additive=False,
        **given,  # type: ignore[arg-type]
    )


_BASE, _STAYED = pl.col("was_customer"), pl.col("is_customer")
# what a customer bought can be compared only where the reader may see all of it
_WHOLE = _BASE & (pl.col("unseen_rows") == 0)
_BEFORE, _AFTER = (pl.col(c).filter(_WHOLE).clip(lower_bound=0) for c in ("revenue_before", "revenue_now"))
_COMPARED: dict[str, object] = {
    "rows": pl.col("n_rows").filter(_WHOLE).sum(),
    "excluded": pl.col("n_rows").filter(_BASE & ~_WHOLE).sum(),
    "partial": lambda _: (_BASE & ~_WHOLE).any(),
    "partial_note": "sold_by_others",
}
_KEY = pl.col("is_key")

customer_retention = _retention("customer_retention", Better.UP, (_BASE & _STAYED).sum(), _BASE.sum())
customer_churn = _retention("customer_churn", Better.DOWN, (_BASE & ~_STAYED).sum(), _BASE.sum())
revenue_retention_gross = _retention(
    "revenue_retention_gross", Better.UP, pl.min_horizontal(_BEFORE, _AFTER).sum(), _BEFORE.sum(), **_COMPARED
)
revenue_retention_net = _retention("revenue_retention_net", Better.UP, _AFTER.sum(), _BEFORE.sum(), **_COMPARED)
key_account_churn = _retention(
    "key_account_churn",
    Better.DOWN,
    (_BASE & ~_STAYED & _KEY).sum(),
    (_BASE & _KEY).sum(),
    needs=_CARDS,
    rows=pl.col("n_rows").filter(_BASE & _KEY).sum(),
)

KPIS = (
    abc_class,
    abc_migration,
    top20_share,
    gini,
    key_account_share,
    rfm,
    rfm_segment,
    customer_retention,
    customer_churn,
    revenue_retention_gross,
    revenue_retention_net,
    key_account_churn,
    at_risk,
    loyalty_mix,
    retention_value,
    share_of_wallet,
)
