"""Classes of customers 客户分级: ABC by worth, RFM by recency, frequency and money; always against the whole company (R18).

Edges are exact (R17): shares are compared in whole ten-thousandths of the currency, scores are integers, equal customers score equal,
and ties of worth are broken by id.
"""

from __future__ import annotations

import polars as pl

from kpi.config import Config

RANKED = ("A", "B", "C", "N")  # best first; N: buys nothing
NEW = "new"  # had no class at the earlier date: its first order came later
SEGMENTS = ("champion", "loyal", "rescue", "new", "promising", "fading", "dormant")
NEW_DAYS = 90  # a first order no older than this makes a customer new
QUINTILES_FROM = 25  # fewer customers are scored by fixed thresholds (R16)
_KEYS = ("period", "customer_id")


def _fine(amount: pl.Expr) -> pl.Expr:
    """Money as a whole number of its last stored digit."""
    return (amount * 10_000).round(0).cast(pl.Int128)


def abc(frame: pl.LazyFrame, amount: str, name: str, config: Config) -> pl.LazyFrame:
    """`frame` (all customers of a company, one row each per period) with the class of `amount` as `name`: A, B, C or N."""
    worth = _fine(pl.col(amount)).clip(lower_bound=0)
    # the customer is judged by what was reached before it, so the largest one is A whatever its share
    ordered = frame.with_columns(_worth=worth).sort("period", "_worth", "customer_id", descending=[False, True, False])
    before = pl.col("_worth").cum_sum().over("period") - pl.col("_worth")
    total = pl.col("_worth").sum().over("period")
    first, second = (round(cut * 10_000) for cut in config.abc_cuts)
    label = (
        pl.when(pl.col("_worth") <= 0)
        .then(pl.lit("N"))
        .when(before * 10_000 < total * first)
        .then(pl.lit("A"))
        .when(before * 10_000 < total * second)
        .then(pl.lit("B"))
        .otherwise(pl.lit("C"))
    )
    return ordered.with_columns(label.alias(name)).drop("_worth")


def with_abc(frame: pl.LazyFrame, company: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """`frame` with abc_class, abc_class_then (at the earlier date) and customer_class (the manual one where there is one).

    frame, company  portfolio: one row per period and customer; the classes are those of the company
    """
    now = abc(company.with_columns(_then_=pl.col("first_order_on") > pl.col("then_on")), config.abc_measure, "abc_class", config)
    then = abc(now, f"{config.abc_measure}_then", "abc_class_then", config)
    known = pl.when(pl.col("_then_").fill_null(False)).then(pl.lit(NEW)).otherwise(pl.col("abc_class_then"))
    classes = then.select(*_KEYS, "abc_class", abc_class_then=known)
    joined = frame.join(classes, on=_KEYS, how="left")
    return joined.with_columns(customer_class=pl.coalesce("manual_class", "abc_class"))


def _quintile(value: pl.Expr) -> pl.Expr:
    """1 to 5 by how many are less, ties in the middle of their own: integers, so nothing depends on rounding."""
    less = value.rank("min").over("period").cast(pl.Int64) - 1
    equal = value.len().over("period", value).cast(pl.Int64)
    return 1 + (5 * (2 * less + equal)) // (2 * pl.len().over("period").cast(pl.Int64))


def _stepped(passed: list[pl.Expr]) -> pl.Expr:
    """5 for who passes the first threshold, 4 the second …, 1 for who passes none."""
    score: pl.Expr = pl.lit(1, pl.Int64)
    for points, test in reversed(list(zip((5, 4, 3, 2), passed, strict=True))):
        score = pl.when(test).then(pl.lit(points, pl.Int64)).otherwise(score)
    return score


def rfm_scores(company: pl.LazyFrame, config: Config) -> pl.LazyFrame:
    """period, customer_id, r, f, m (1–5) of the customers with an order in the 365 days; the others have no row."""
    buyers = company.filter(pl.col("orders_365") > 0).with_columns(
        _days=-(pl.col("date") - pl.col("last_order_on")).dt.total_days(),
        _money=_fine(pl.col("revenue_365")),
    )
    days, orders, money = -pl.col("_days"), pl.col("orders_365"), pl.col("_money")
    count, total = pl.len().over("period").cast(pl.Int128), money.sum().over("period")
    shares = [round(share * 10_000) for share in config.rfm_shares]
    fixed = (
        _stepped([days <= limit for limit in config.rfm_recency_days]),
        _stepped([orders >= limit for limit in config.rfm_orders]),
        _stepped([money * count * 10_000 >= total * share for share in shares]),
    )
    many = count >= QUINTILES_FROM
    r, f, m = (
        pl.when(many).then(_quintile(pl.col(name))).otherwise(few)
        for name, few in zip(("_days", "orders_365", "_money"), fixed, strict=True)
    )
    return buyers.select(*_KEYS, r=r, f=f, m=pl.when(money <= 0).then(pl.lit(1, pl.Int64)).otherwise(m))


def segment() -> pl.Expr:
    """The first segment that fits the scores r, f, m; without scores a customer is dormant."""
    r, f, m = (pl.col(name) for name in "rfm")
    age = (pl.col("date") - pl.col("first_order_on")).dt.total_days()
    return (
        pl.when(r.is_null())
        .then(pl.lit("dormant"))
        .when((r >= 4) & (f >= 4) & (m >= 4))
        .then(pl.lit("champion"))
        .when((r >= 3) & (f >= 4))
        .then(pl.lit("loyal"))
        .when((r <= 2) & ((f >= 4) | (m >= 4)))
        .then(pl.lit("rescue"))
        .when(age <= NEW_DAYS)
        .then(pl.lit("new"))
        .when(r >= 4)
        .then(pl.lit("promising"))
        .when(r == 3)
        .then(pl.lit("fading"))
        .otherwise(pl.lit("dormant"))
    )


def with_rfm(frame: pl.LazyFrame, company: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """`frame` with r, f, m (null: no order in the 365 days), rfm ("5-4-5") and rfm_segment; scored over the company."""
    scored = frame.join(rfm_scores(company, config), on=_KEYS, how="left")
    code = pl.concat_str([pl.col(name).cast(pl.String) for name in "rfm"], separator="-")
    return scored.with_columns(rfm=pl.when(pl.col("r").is_null()).then(pl.lit("dormant")).otherwise(code), rfm_segment=segment())
