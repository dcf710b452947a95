"""Money to chase 催收名单: customers with overdue invoices, each with the reasons to call now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from kpi.base import NOBODY

FLAGS = ("is_long_late", "is_over_limit", "is_quiet", "is_unmatched", "is_orphaned")
LONG_LATE_DAYS = 90  # later than this money is seldom paid without help
QUIET_DAYS = 45  # nothing paid for so long
# what each flag says in words takes from the row
_SAYS = {
    "is_long_late": ("long_late_amount",),
    "is_over_limit": ("ar_balance", "credit_limit"),
    "is_quiet": ("last_paid_on",),
    "is_unmatched": ("unapplied",),
    "is_orphaned": (),
}


def chase_list(invoices: pl.LazyFrame, limits: pl.LazyFrame | None, *, left: Collection[str]) -> pl.LazyFrame:
    """One row per period and customer with something overdue, most overdue first.

    invoices  view `open_invoices`;  limits: view `credit_limits` by customer, None where it is not known;  left: who has left
    Returns   period, customer_id, rep_id, overdue_amount, ar_balance, unapplied, days_late and due_date of the oldest overdue invoice,
              its invoice_id, overdue_count, last_paid_on, long_late_amount, credit_limit (null: none), FLAGS, reasons (flags that are up)
    """
    late = pl.col("days_late") > 0
    age, number = (pl.col(name).filter(late) for name in ("days_late", "invoice_id"))
    rows = invoices.group_by("period", "customer_id", "rep_id").agg(
        pl.col("open_amount").filter(late).sum().alias("overdue_amount"),
        pl.sum("open_amount").alias("ar_balance"),
        pl.sum("unapplied"),
        pl.max("days_late"),
        pl.col("due_date").filter(late).min(),
        number.sort_by(age, number, descending=[True, False]).first(),
        late.sum().cast(pl.Int64).alias("overdue_count"),
        pl.max("last_paid_on"),
        pl.col("open_amount").filter(pl.col("days_late") > LONG_LATE_DAYS).sum().alias("long_late_amount"),
        (pl.col("due_date") + pl.duration(days=pl.col("days_late"))).max().alias("to_on"),
    )
    return _listed(_with_limit(rows.filter(pl.col("overdue_amount") > 0), limits), left)


def _with_limit(rows: pl.LazyFrame, limits: pl.LazyFrame | None) -> pl.LazyFrame:
    if limits is None:
        return rows.with_columns(credit_limit=pl.lit(None, pl.Decimal(38, 4)))
    given = limits.group_by("period", "customer_id").agg(pl.sum("credit_limit"))
    known = pl.when(pl.col("credit_limit") > 0).then(pl.col("credit_limit"))
    return rows.join(given, on=["period", "customer_id"], how="left").with_columns(credit_limit=known)


def _listed(rows: pl.LazyFrame, left: Collection[str]) -> pl.LazyFrame:
    """The flags, their list, and the order of the list."""
    silence = (pl.col("to_on") - pl.col("last_paid_on")).dt.total_days()
    flags = {
        "is_long_late": pl.col("long_late_amount") > 0,
        "is_over_limit": (pl.col("ar_balance") > pl.col("credit_limit")).fill_null(False),
        "is_quiet": (silence > QUIET_DAYS).fill_null(False),
        "is_unmatched": pl.col("unapplied") > 0,
        "is_orphaned": pl.col("rep_id").is_in([*left, NOBODY]),
    }
    reasons = pl.concat_list(pl.when(pl.col(flag)).then(pl.lit(flag)) for flag in FLAGS).list.drop_nulls()
    flagged = rows.with_columns(**flags).with_columns(reasons=reasons).drop("to_on")
    return flagged.sort("period", "overdue_amount", "customer_id", descending=[False, True, False])


def reasons(row: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Why to call the customer of a row of `chase_list` now: message ids with what to fill in."""
    return [(f"kpi.chase.{flag}", {name: row[name] for name in _SAYS[flag]}) for flag in row["reasons"]]
