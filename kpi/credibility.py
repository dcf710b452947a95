"""Confidence in the visit records 拜访可信度: how many carry no sign of having been made up. A reason to ask, never an accusation.

Signs     two parties in one minute; more visits in a day than can be made; a rush on the last days of a month; one note again and again
"""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kpi, Unit
from kpi.config import Config

LAST_DAYS = 3  # of a month
_RUSH = 3  # times the person's usual day
_USUAL_DAYS = 10  # days with visits before anything is called usual
_PERSON = ("rep_id", "_month")


def signals(frame: pl.LazyFrame, config: Config) -> pl.LazyFrame:
    """Days of visits with the doubtful ones of each kind, and together (`questioned`, never more than there are).

    frame     measure `visit_results`, the visits themselves
    dense     all visits of a day with more than max_visits_per_day
    rushed    on the last three days of a month, what exceeds three times the person's mean day in the rest of it
    """
    date = pl.col("date")
    late = date.dt.day() > date.dt.month_end().dt.day() - LAST_DAYS
    of_day = pl.sum("made_visits").over("rep_id", "date")
    earlier = pl.col("made_visits").filter(~pl.col("_late"))
    days_before = date.filter(~pl.col("_late")).n_unique().over(*_PERSON)
    usual = pl.when(days_before >= _USUAL_DAYS).then(earlier.sum().over(*_PERSON) / days_before)
    rows = frame.filter(pl.col("known_on").is_null()).with_columns(_late=late, _month=date.dt.truncate("1mo"), _of_day=of_day)
    over = (pl.col("_of_day") - _RUSH * pl.col("_usual")).ceil().clip(0)
    rushed = pl.when(pl.col("_late")).then(pl.min_horizontal(over.fill_null(0), pl.col("made_visits"))).otherwise(0)
    dense = pl.when(pl.col("_of_day") > config.max_visits_per_day).then(pl.col("made_visits")).otherwise(0)
    return (
        rows.with_columns(_usual=usual)
        .with_columns(dense_visits=dense.cast(pl.Int64), rushed_visits=rushed.cast(pl.Int64))
        .with_columns(questioned=pl.max_horizontal("doubtful_visits", "dense_visits", "rushed_visits"))
        .drop("_late", "_month", "_of_day", "_usual")
    )


def _signals(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    return signals(frame, config)


visit_confidence = Kpi(
    "visit_confidence",
    Unit.RATE,
    Better.UP,
    "visit_results",
    ("visits",),
    pl.sum("made_visits") - pl.sum("questioned"),
    pl.sum("made_visits"),
    extra={name: pl.sum(name) for name in ("same_minute_visits", "dense_visits", "rushed_visits", "copied_visits")},
    empty_note="no_visits",
    not_by=("customer_id",),
    prepare=_signals,
)

KPIS = (visit_confidence,)
