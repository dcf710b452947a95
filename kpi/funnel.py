"""The funnel 漏斗: who comes from one stage to a later one, and how long that takes.

Both are kept per pair of stages: split by `stages` they have a row for each (`qualified_to_visited`), else they speak of the whole way.
"""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kpi, Unit
from kpi.config import Config

WHOLE_WAY = "collected_to_contracted"
_PROSPECTS = ("prospects",)


def _asked(frame: pl.LazyFrame, by: tuple[str, ...]) -> pl.LazyFrame:
    """All pairs of stages if they are kept apart, else the one that spans the funnel."""
    return frame if "stages" in by else frame.filter(pl.col("stages") == WHOLE_WAY)


def _judged(frame: pl.LazyFrame, _company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Entries on their day, and once more from the day on which it can be said whether they came through in time."""
    entries = _asked(frame, by)
    in_time = pl.when(pl.col("days") <= config.funnel_window_days).then(pl.col("entered")).otherwise(0)
    none, no_day = pl.lit(0, pl.Int64), pl.lit(None, pl.Date)
    waiting = entries.with_columns(known_on=no_day, judged=none, reached=none)
    old = entries.with_columns(
        known_on=pl.col("date") + pl.duration(days=config.funnel_window_days), judged="entered", reached=in_time, entered=none
    )
    return pl.concat([waiting, old], how="diagonal_relaxed")


# A cohort by day of entry: stage t ÷ stage s of the same month would mix people who have nothing to do with each other.
funnel_conversion = Kpi(
    "funnel_conversion",
    Unit.RATE,
    Better.UP,
    "funnel",
    _PROSPECTS,
    pl.sum("reached"),
    pl.sum("judged"),
    rows=pl.sum("judged"),
    excluded=pl.sum("entered") - pl.sum("judged"),
    few=(pl.sum("entered") > 0) & (pl.sum("judged") == 0),
    few_status="immature",
    few_note="too_young",
    prepare=_judged,
    empty_note="nobody_entered",
)


def _cycles(frame: pl.LazyFrame, _company: pl.LazyFrame, by: tuple[str, ...], _config: Config) -> pl.LazyFrame:
    return _asked(frame, by)


stage_cycle_days = Kpi(
    "stage_cycle_days",
    Unit.DAYS,
    Better.DOWN,
    "stage_cycles",
    _PROSPECTS,
    value=pl.median("days"),
    excluded=pl.sum("n_excluded"),
    prepare=_cycles,
    empty_note="nobody_through",
    additive=False,
)

KPIS = (funnel_conversion, stage_cycle_days)
