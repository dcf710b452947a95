"""Volume of visits 拜访量: against what was set for it, and per day in the field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kpi.base import Better, Derived, Kpi, Unit
from kpi.calendar import Calendar
from kpi.composite import Composite, Named, Row, Rows, number
from kpi.config import Config
from kpi.period import Period
from kpi.targets import TargetKpi
from kpi.visits import completed_visits, planned_visits

_PACE = TargetKpi("target_pace", completed_visits)


@dataclass(frozen=True, eq=False)
class VisitVolume(Composite):
    """Completed visits ÷ the visit target for the days that have passed; where none is set, ÷ planned visits. May exceed 100 %."""

    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """Visits made, planned, and the target for them."""
        return completed_visits, planned_visits, _PACE

    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """A target wins over the plan."""
        made, planned, pace = rows[completed_visits.name], rows[planned_visits.name], rows[_PACE.name]
        target = number(pace["denominator"])
        against = target if target else number(planned["value"])
        row = {name: made[name] for name in ("n_rows", "n_excluded", "status", "note")}
        visits = number(made["value"])
        if visits is None:
            return row
        row |= {"numerator": visits, "denominator": against}
        if not against or against < 0:
            return row | {"status": "no_denominator", "note": "no_plan"}
        return row | {"value": visits / against}


# What people in the field did; the view also carries the spans of days they were assigned.
field_visits = Kpi("field_visits", Unit.COUNT, Better.UP, "field_work", ("visits",), pl.sum("field_visits"))


@dataclass(frozen=True, eq=False)
class FieldDays(Named):
    """Working days reps and key-account managers were assigned. Leave is unknown: only days off count."""

    base: Kpi = field_visits

    @property
    def reads(self) -> str:
        """The spans of days."""
        return self.base.reads

    def select(self, frame: pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
        """The spans of those whose work is in the field."""
        return frame.filter(pl.col("start_on").is_not_null() & pl.col("is_field"))

    def derive(self, result: pl.DataFrame, frame: pl.DataFrame | None, periods: Sequence[Period], by: tuple[str, ...]) -> pl.DataFrame:
        """The days instead of the visits, in every row of the result."""
        calendar = periods[0].calendar if periods else Calendar()
        none = result.select("period", *by).limit(0).with_columns(days=pl.lit(0, pl.Int64))
        days = none if frame is None else _days(frame, by, calendar)
        rows = result.join(days, on=["period", *by], how="left", nulls_equal=True, maintain_order="left")
        known = pl.when(pl.col("value").is_not_null()).then(pl.col("days").fill_null(0))
        return rows.with_columns(value=known, numerator=known).select(result.columns)


def _days(frame: pl.DataFrame, by: tuple[str, ...], calendar: Calendar) -> pl.DataFrame:
    """Working days in the spans, summed: period, *by, days."""
    spans = frame.select("start_on", "end_on").iter_rows()
    days = pl.Series("days", [calendar.working_days(first, last) for first, last in spans], dtype=pl.Int64)
    return frame.with_columns(days).group_by("period", *by).agg(pl.sum("days"))


field_days = FieldDays("field_days", Unit.DAYS, Better.NONE, ("visits",))


@dataclass(frozen=True, eq=False)
class PerDay(Composite):
    """Visits of reps and key-account managers ÷ the working days they were assigned."""

    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """Visits and days of those whose work is in the field."""
        return field_visits, field_days

    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """Nobody in the field: no rate."""
        made, days = rows[field_visits.name], number(rows[field_days.name]["value"])
        row: Row = {name: made[name] for name in ("n_rows", "n_excluded", "status", "note")}
        if made["value"] is None or days is None:
            return row
        row |= {"numerator": number(made["value"]), "denominator": days}
        return row | ({"value": made["value"] / days} if days else {"status": "no_denominator", "note": "nobody_in_field"})


visit_volume_ratio = VisitVolume("visit_volume_ratio", Unit.RATE, Better.UP, ("visits",))
visits_per_day = PerDay("visits_per_day", Unit.COUNT, Better.UP, ("visits",))

KPIS = (visit_volume_ratio, visits_per_day)
