"""Service 服务: complaints against orders, how fast they are answered and settled, and what customers say; credited to the owner."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.config import Config

MIN_ANSWERS = 5  # fewer say nothing (R16)
_SERVICE = ("service",)

# Exceptions (异常) are counted apart: the trouble was ours to notice.
complaint_rate = Kpi(
    "complaint_rate",
    Unit.POINTS,
    Better.DOWN,
    "complaints",
    ("service", "orders"),
    pl.sum("complaints"),
    pl.sum("orders"),
    extra={"exceptions": pl.sum("exceptions")},
    rows=pl.sum("complaints"),
    scale=lambda _: 100,
    empty_note="no_orders",
    credit="owner",
)


def _hours(name: str, event: str) -> Kpi:
    """Median hours from opening to the event, of the cases it happened to in the period."""
    of_event = pl.col("event") == event
    return Kpi(
        name,
        Unit.HOURS,
        Better.DOWN,
        "case_times",
        _SERVICE,
        value=pl.col("hours").filter(of_event).median(),
        rows=pl.col("n_rows").filter(of_event).sum(),
        excluded=pl.col("n_excluded").filter(of_event).sum(),
        empty_note=f"nothing_{event}",
        credit="owner",
        additive=False,
    )


first_response_hours = _hours("first_response_hours", "responded")
resolution_hours = _hours("resolution_hours", "closed")


def _promised(frame: pl.LazyFrame, _company: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Open cases with whether they are over what was promised: no answer, or no end."""
    hours = pl.col("hours_open")
    unanswered = ~pl.col("is_answered") & (hours > config.sla_hours["response"])
    return frame.with_columns(is_over=unanswered | (hours > config.sla_hours["resolution"]))


open_over_sla = Kpi(
    "open_over_sla",
    Unit.COUNT,
    Better.DOWN,
    "open_cases",
    _SERVICE,
    pl.col("n_rows").filter(pl.col("is_over")).sum(),
    extra={"open_cases": pl.sum("n_rows")},
    kind=Kind.STOCK,
    prepare=_promised,
    credit="owner",
)

satisfaction = Kpi(
    "satisfaction",
    Unit.POINTS,
    Better.UP,
    "cases",
    _SERVICE,
    pl.sum("points"),
    pl.sum("answers"),
    rows=pl.sum("answers"),
    excluded=pl.sum("unusable"),
    scale=lambda _: 100,
    few=pl.sum("answers") < MIN_ANSWERS,
    few_note="few_answers",
    empty_note="no_answers",
    credit="owner",
)

KPIS = (complaint_rate, first_response_hours, resolution_hours, open_over_sla, satisfaction)
