"""Plans 拜访计划: what is planned and not yet made, and what was made or planned without a word on what came of it.

Rows are those of `fact.visits`: `plans` by planned_date without those moved to another day, `made` by the day they were made.
"""

from __future__ import annotations

from datetime import date

import polars as pl

PARTY = pl.coalesce("c:" + pl.col("customer_id"), "p:" + pl.col("prospect_id"))
_OPEN = (pl.col("status").fill_null("planned") == "planned") & pl.col("actual_date").is_null()
_SAYS_NOTHING = pl.col("outcome").fill_null("").str.strip_chars() == ""
LIST = ("visit_id", "rep_id", "customer_id", "prospect_id", "planned_date", "actual_date", "visit_type", "purpose")


def open_plans(plans: pl.DataFrame, after: date) -> pl.DataFrame:
    """The plans still to be kept, of the days after `after`, by day: the columns of LIST."""
    return plans.filter(_OPEN & (pl.col("planned_date") > after)).select(LIST).sort("planned_date", "rep_id", "visit_id")


def missing_reports(plans: pl.DataFrame, made: pl.DataFrame, to: date) -> pl.DataFrame:
    """What nobody has written down by `to`, oldest first: the columns of LIST, `reason` and `date`.

    not_reported   planned for a day that is over, and neither made, missed, moved nor called off
    no_outcome     made, but without an outcome
    """
    past = plans.filter(_OPEN & (pl.col("planned_date") <= to)).select(*LIST, reason=pl.lit("not_reported"), date=pl.col("planned_date"))
    silent = made.filter(pl.col("is_completed") & pl.col("is_counted_type") & _SAYS_NOTHING & (pl.col("actual_date") <= to))
    return pl.concat([past, silent.select(*LIST, reason=pl.lit("no_outcome"), date=pl.col("actual_date"))]).sort("date", "visit_id")


def grid(plans: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Planned and made visits side by side: rep_id, date, planned, done (one a party and day), by rep and day.

    A plan the customer called off was none; a visit counts on the day it was made, planned or not.
    """
    off = (pl.col("status").fill_null("") == "cancelled") & (pl.col("cancelled_by").fill_null("") == "customer")
    planned = plans.filter(~off).group_by("rep_id", date=pl.col("planned_date")).agg(planned=pl.len().cast(pl.Int64))
    done = (
        made.filter(pl.col("is_completed") & pl.col("is_counted_type"))
        .group_by("rep_id", date=pl.col("actual_date"))
        .agg(done=pl.col("party").n_unique().cast(pl.Int64))
    )
    joined = planned.join(done, on=["rep_id", "date"], how="full", coalesce=True, nulls_equal=True)
    return joined.with_columns(pl.col("planned", "done").fill_null(0)).sort("rep_id", "date", nulls_last=True)
