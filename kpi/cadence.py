"""Cadence 拜访频次: customers seen as often as their class asks for, key accounts by the people whose task they are.

A customer is due in a calendar window (month, quarter, half-year) if its owner has had it for at least half of it. In a running window the
visits asked for grow with the days that have passed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.config import Config
from kpi.period import Period

CLASSES = ("A", "B", "C", "N")
_SOURCES = ("visits", "customers")


# the class on the card, else that of what the customer bought among all customers (R18), which the view finds
CLASS_OF = pl.coalesce("manual_class", "abc_class")


def due_customers(frame: pl.LazyFrame, config: Config) -> pl.LazyFrame:
    """Customers and windows with customer_class, required (visits so far), is_due, is_met and is_running.

    frame     view `cadence`: a row per period, demand, window and customer
    Rules     class N asks for nothing; owned less than half the window: not due; running: floor(required × elapsed share)
    """
    by_class = pl.col("customer_class").replace_strict(dict(config.visits_required), default=0, return_dtype=pl.Int64)
    whole = pl.when(pl.col("demand") == "class").then(by_class).otherwise(1)
    so_far = (whole * pl.col("elapsed_days")) // pl.col("window_days")
    owned_enough = pl.col("owned_days") * 2 >= pl.col("window_days")
    return frame.with_columns(customer_class=CLASS_OF).with_columns(
        required=so_far,
        required_in_window=whole,
        is_due=(whole > 0) & owned_enough,
        is_met=(whole > 0) & owned_enough & (pl.col("visits") >= so_far),
        is_running=pl.col("elapsed_days") < pl.col("window_days"),
    )


def last_window(period: Period, config: Config) -> Period:
    """The last cadence window that was over by the end of a period, under the period's label."""
    months, calendar = config.cadence_months, period.calendar
    year, month = calendar.position(period.to + timedelta(days=1))
    first = (month - 1) // months * months + 1 - months
    start, end = calendar.months(year, first, months) if first > 0 else calendar.months(year - 1, first + 12, months)
    if (start, end) == (period.start, period.end):
        return period
    return replace(period, start=start, end=end, unit="range", to_date=False, cut_from=None, clipped=False)


def missed(frame: pl.LazyFrame, config: Config) -> pl.LazyFrame:
    """period, customer_id, visits_missing of the customers that were due in windows that are over and on file from their first day.

    frame     view `cadence` over `last_window` of each period
    Rules     missing are visits to customers seen less than half as often as their class asks for; a class that asks for one visit is left
              to the lists of visits owed, else most of a company would be at risk and nobody would look
    """
    due = due_customers(frame.filter(pl.col("demand") == "class"), config).filter("is_due")
    if started := config.data_start.get("visits"):
        due = due.filter(pl.col("start_on") >= started)
    asked, made = pl.col("required_in_window"), pl.col("visits")
    return due.select("period", "customer_id", visits_missing=pl.when((asked > 1) & (made * 2 < asked)).then(asked - made).otherwise(0))


def key_due(frame: pl.LazyFrame, config: Config) -> pl.LazyFrame:
    """Visits still owed to key accounts in their latest window, the nearest end first.

    frame     view `cadence`
    Returns   period, customer_id, rep_id, demand (whose visit: kam, regional_manager), visits, required_in_window, missing, start_on,
              end_on, days_left (from the day the window is seen; 0: it is over)
    """
    key = due_customers(frame.filter(pl.col("demand") != "class"), config)
    latest = pl.col("start_on") == pl.col("start_on").max().over("period", "demand")
    rows = key.filter(latest & pl.col("is_due")).with_columns(
        missing=pl.col("required_in_window") - pl.col("visits"),
        end_on=pl.col("start_on") + pl.duration(days=pl.col("window_days") - 1),
        days_left=pl.col("window_days") - pl.col("elapsed_days"),
    )
    columns = ("period", "customer_id", "rep_id", "demand", "visits", "required_in_window", "missing", "start_on", "end_on", "days_left")
    return rows.filter(pl.col("missing") > 0).select(columns).sort("period", "end_on", "customer_id")


def owed(frame: pl.LazyFrame, plans: pl.LazyFrame, config: Config) -> pl.LazyFrame:
    """Visits still owed to customers by their class in their latest window: who is behind by now first, then the nearest end.

    frame     view `cadence`;  plans: open plans to come, as `kpi.plans.open_plans` gives them
    Returns   period, customer_id, rep_id, customer_class, visits, required, required_in_window, late (missing by now), missing (by the
              end), planned (in what is left of the window), unplanned (missing without a plan), start_on, end_on, days_left
    Rules     those of cadence_compliance: late > 0 exactly where a customer is due and not met
    """
    rows = due_customers(frame.filter(pl.col("demand") == "class"), config)
    rows = rows.filter((pl.col("start_on") == pl.col("start_on").max().over("period")) & pl.col("is_due")).with_columns(
        late=(pl.col("required") - pl.col("visits")).clip(0),
        missing=pl.col("required_in_window") - pl.col("visits"),
        end_on=pl.col("start_on") + pl.duration(days=pl.col("window_days") - 1),
        days_left=pl.col("window_days") - pl.col("elapsed_days"),
    )
    dates = plans.filter(pl.col("customer_id").is_not_null()).select("customer_id", "planned_date")
    coming = rows.select("period", "customer_id", "seen_on", "end_on").join(dates, on="customer_id")
    coming = coming.filter((pl.col("planned_date") > pl.col("seen_on")) & (pl.col("planned_date") <= pl.col("end_on")))
    counted = coming.group_by("period", "customer_id").agg(planned=pl.len().cast(pl.Int64))
    rows = rows.join(counted, on=["period", "customer_id"], how="left").with_columns(pl.col("planned").fill_null(0))
    rows = rows.with_columns(unplanned=(pl.col("missing") - pl.col("planned")).clip(0))
    who = ("period", "customer_id", "rep_id", "customer_class", "visits", "required", "required_in_window")
    columns = (*who, "late", "missing", "planned", "unplanned", "start_on", "end_on", "days_left")
    listed = rows.filter(pl.col("missing") > 0).select(columns)
    return listed.sort("period", "late", "end_on", "customer_class", "customer_id", descending=[False, True, False, False, False])


def _due(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    return due_customers(frame, config)


def count(condition: pl.Expr) -> pl.Expr:
    """How many rows meet a condition."""
    return condition.cast(pl.Int64).sum()


def _rate(name: str, demand: str, met: pl.Expr | None = None, due: pl.Expr | None = None) -> Kpi:
    """Met ÷ due among the customers of one demand, each counted as one unless weights are given."""
    asked = pl.col("demand") == demand
    is_due = pl.col("is_due") & asked
    return Kpi(
        name,
        Unit.RATE,
        Better.UP,
        "cadence",
        _SOURCES,
        count(pl.col("is_met") & asked) if met is None else met.filter(pl.col("is_met") & asked).sum(),
        count(is_due) if due is None else due.filter(is_due).sum(),
        rows=count(is_due),
        excluded=count(asked & ~pl.col("is_due")),
        partial=lambda _: (is_due & pl.col("is_running")).any(),
        partial_note="window_running",
        empty_note="nobody_due",
        prepare=_due,
        kind=Kind.FLOW,
        credit="owner",
    )


cadence_compliance = _rate("cadence_compliance", "class")

# A customer weighs what it bought in the twelve months before the window.
value_weighted_cadence = _rate("value_weighted_cadence", "class", pl.col("revenue").clip(0), pl.col("revenue").clip(0))

key_visit_compliance = _rate("key_visit_compliance", "kam")
key_visit_compliance_manager = _rate("key_visit_compliance_manager", "regional_manager")

KPIS = (cadence_compliance, value_weighted_cadence, key_visit_compliance, key_visit_compliance_manager)
