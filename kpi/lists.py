"""Lists 名单: customers at risk with the reasons, and who moved between the classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kpi.base import MONEY_TYPE
from kpi.cadence import missed
from kpi.classes import RANKED
from kpi.config import Config

FLAGS = ("is_silent", "is_falling", "is_overdue", "is_complaining", "is_unvisited")
# What each flag says in words takes from the row; a source that does not exist yet has no column, and its flag is off.
_SAYS = {
    "is_silent": ("days_since_order", "gap_median_days"),
    "is_falling": ("revenue_recent", "revenue_before"),
    "is_overdue": ("overdue_amount",),
    "is_complaining": ("open_over_sla",),
    "is_unvisited": ("visits_missing",),
}
_MIN_GAPS = 3  # fewer say nothing about a rhythm
_WINDOWS_DAYS = 180  # the last 90 days and the 90 before


def with_flags(frame: pl.LazyFrame, owed: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """`frame` (customer_risks) with FLAGS — null: off, its source or history is missing — and is_at_risk.

    owed      view `cadence` over the last window that is over; any other frame: the visits are not known
    """
    if "demand" in owed.collect_schema().names():
        frame = frame.join(missed(owed, config), on=["period", "customer_id"], how="left")
    columns = frame.collect_schema().names()

    def counted(name: str) -> pl.Expr:
        return pl.col(name) > 0 if name in columns else pl.lit(None, pl.Boolean)

    started = config.data_start.get("orders")
    last = pl.col("last_order_on") + pl.duration(days=pl.col("days_since_order"))
    covered = pl.lit(True) if started is None else last - pl.duration(days=_WINDOWS_DAYS - 1) >= started
    # twice and three times, because 1.5 times a half day would not be exact
    silent = pl.col("days_since_order") * 2 > pl.col("gap_median_days") * 3
    fell = (pl.col("revenue_before") > 0) & (pl.col("revenue_recent") * 2 <= pl.col("revenue_before"))
    flags = {
        "is_silent": pl.when(pl.col("gap_count") >= _MIN_GAPS).then(silent),
        # what others sold to a customer taken over is not seen, so nothing can be said of a fall
        "is_falling": pl.when(covered & (pl.col("unseen_rows") == 0)).then(fell),
        "is_overdue": pl.col("overdue_amount") > 0,
        "is_complaining": counted("open_over_sla"),
        "is_unvisited": counted("visits_missing"),
    }
    return frame.with_columns(**flags).with_columns(is_at_risk=pl.any_horizontal(pl.col(flag).fill_null(False) for flag in FLAGS))


def at_risk_list(frame: pl.LazyFrame, owed: pl.LazyFrame | None, config: Config) -> pl.LazyFrame:
    """The customers at risk, largest first: the columns of customer_risks, FLAGS and `reasons` (the flags that are up).

    owed      as in `with_flags`
    """
    flagged = with_flags(frame, frame if owed is None else owed, (), config).filter("is_at_risk")
    reasons = pl.concat_list(pl.when(pl.col(flag).fill_null(False)).then(pl.lit(flag)) for flag in FLAGS).list.drop_nulls()
    listed = flagged.with_columns(reasons=reasons).drop("is_at_risk")
    return listed.sort("period", "revenue", "customer_id", descending=[False, True, False])


def digest(risks: pl.DataFrame, key: str) -> pl.DataFrame:
    """Who answers for the customers at risk, the most at stake first: `key` (region, rep_id), customers, revenue, few.

    risks     rows of `at_risk_list`, of one period; revenue: what they bought in twelve months; few: how many hold half of it
    """
    parts = risks.partition_by(key, as_dict=True, maintain_order=True) if risks.height else {}
    rows = [(member, rows.height, rows["revenue"].sum(), half_of(rows["revenue"])) for (member,), rows in parts.items()]
    schema: dict[str, Any] = {key: pl.String, "customers": pl.Int64, "revenue": MONEY_TYPE, "few": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("revenue", key, descending=[True, False], nulls_last=True)


def half_of(amounts: pl.Series) -> int:
    """How many of the largest of some amounts make at least half of their sum: where the most can be saved with the least work."""
    falling = amounts.cast(pl.Float64).clip(0).sort(descending=True)
    return int((falling.cum_sum() < falling.sum() / 2).sum()) + 1 if falling.sum() else 0


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Why the customer of a row of `at_risk_list` is on it: message ids with what to fill in."""
    return [(f"kpi.reason.{flag}", {name: row[name] for name in _SAYS[flag]}) for flag in row["reasons"]]


def migration(classed: pl.LazyFrame) -> pl.LazyFrame:
    """How many customers went from which class to which: period, class_then, class_now, customers, revenue_then, revenue.

    classed  portfolio with its classes (kpi.classes.with_abc); every pair that occurs has one row, N and new included
    """
    names = {"class_then": "abc_class_then", "class_now": "abc_class"}
    pairs = classed.group_by("period", *(pl.col(old).alias(new) for new, old in names.items()))
    return pairs.agg(customers=pl.len(), revenue_then=pl.sum("revenue_then"), revenue=pl.sum("revenue")).sort("period", *names)


def downgrades(classed: pl.LazyFrame) -> pl.LazyFrame:
    """The customers whose class fell, by the revenue lost: period, customer_id, rep_id, abc_class_then, abc_class, lost_revenue."""
    now, then = (
        pl.col(c).replace_strict({label: n for n, label in enumerate(RANKED)}, default=None, return_dtype=pl.Int64)
        for c in ("abc_class", "abc_class_then")
    )
    lost = pl.col("revenue_then") - pl.col("revenue")
    fallen = classed.filter(now > then).select("period", "customer_id", "rep_id", "abc_class_then", "abc_class", lost_revenue=lost)
    return fallen.sort("period", "lost_revenue", "customer_id", descending=[False, True, False])
