"""Targets 目标: what was agreed for a period, and where the actual stands against it (one KPI per metric).

A level's target is its own row, else the sum over its sellers. Days are the common measure: a finer row speaks for its own days,
and what a coarser row leaves over is spread over the working days no finer row speaks for. So months add up to quarters and years.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import polars as pl

from kpi.base import MONEY_TYPE, Better, DimensionError, Kpi, Unit
from kpi.calendar import Calendar, Span
from kpi.period import Period

MIN_FORECAST_DAYS = 3  # fewer elapsed working days say nothing about the month
_LEVELS = {"rep_id": "rep", "territory_id": "territory", "region": "region"}
_DAY = timedelta(days=1)
_CENT_OF_CENT = Decimal("0.0001")
Member = tuple[Any, ...]


def _cut(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    """`spans` without the days of `holes`."""
    left = list(spans)
    for first, last in holes:
        cut = []
        for start, end in left:
            if last < start or end < first:
                cut.append((start, end))
                continue
            cut += [(start, first - _DAY)] if start < first else []
            cut += [(last + _DAY, end)] if last < end else []
        left = cut
    return left


def _meet(spans: Iterable[Span], windows: Sequence[Span]) -> list[Span]:
    """The days in both."""
    both = [(max(a, c), min(b, d)) for a, b in spans for c, d in windows]
    return [(a, b) for a, b in both if a <= b]


def _working_days(spans: Iterable[Span], calendar: Calendar) -> int:
    return sum(_counted(calendar, first, last) for first, last in spans)


@lru_cache(maxsize=4096)
def _counted(calendar: Calendar, first: date, last: date) -> int:
    """Kept: the same few months are counted for every person."""
    return calendar.working_days(first, last)


_GROUP = ("level", "member_id", "product_line")  # whose target a row is, and of what


@dataclass(frozen=True)
class _Share:
    """One target row, after the finer rows of the same member have taken their days and their part."""

    member: Member  # who it is shown for
    is_seller: bool
    span: Span
    value: Decimal
    left: Decimal
    free: tuple[Span, ...]
    free_days: int
    calendar: Calendar

    def touches(self, period: Period) -> bool:
        """Whether it speaks for any day of the period."""
        return self.span[0] <= period.whole_end and period.start <= self.span[1]

    def within(self, windows: Sequence[Span]) -> Fraction:
        """The part of what is left that falls into the windows, by working days."""
        days = _working_days(_meet(self.free, windows), self.calendar)
        return Fraction(self.left) * days / self.free_days if days else Fraction(0)


def _shares(rows: list[dict[str, Any]], by: tuple[str, ...], calendar: Calendar) -> list[_Share]:
    """The rows of one person, territory, region or company, finest first."""
    found: list[_Share] = []
    for row in sorted(rows, key=lambda r: (r["end_on"] - r["start_on"], r["start_on"])):
        start, end = row["start_on"], row["end_on"]
        inside = [s for s in found if start <= s.span[0] and s.span[1] <= end]
        free = _cut([(start, end)], [s.span for s in inside])
        days = _working_days(free, calendar)
        # without a day of its own it has nowhere to put what is left, and the finer rows stand for it
        taken = sum((s.left for s in inside), Decimal(0))
        left = (max(row["value"] - taken, Decimal(0)) if inside else row["value"]) if days else Decimal(0)
        member = tuple(row[name] for name in by)
        found.append(_Share(member, row["is_seller"], (start, end), row["value"], left, tuple(free), days, calendar))
    return found


@dataclass(frozen=True)
class Targets:
    """The targets of one metric: of a level itself, and of the persons below it."""

    own: dict[Member, list[_Share]]
    persons: dict[Member, list[_Share]]

    @classmethod
    def of(cls, frame: pl.DataFrame, by: tuple[str, ...], calendar: Calendar) -> Targets:
        """Read the rows of measure targets for the level that `by` names."""
        level = next((name for column, name in _LEVELS.items() if column in by), "company")
        if "product_line" not in by:
            frame = frame.filter(pl.col("product_line").is_null())
        own: dict[Member, list[_Share]] = {}
        persons: dict[Member, list[_Share]] = {}
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in frame.iter_rows(named=True):
            groups.setdefault(tuple(row[name] for name in _GROUP), []).append(row)
        for (kind, *_), rows in groups.items():
            for share in _shares(rows, by, calendar):
                if kind == level:
                    own.setdefault(share.member, []).append(share)
                elif kind == "rep" and share.is_seller:  # a manager's personal target is never added
                    persons.setdefault(share.member, []).append(share)
        return cls(own, persons)

    def total(self, member: Member, period: Period) -> tuple[Fraction | None, Fraction | None]:
        """The whole period's target of a count or sum, and how far the level's own rows are from the sum of its persons."""
        window = [(period.start, period.whole_end)]
        own = [s for s in self.own.get(member, []) if s.touches(period)]
        below = [s for s in self.persons.get(member, []) if s.touches(period)]
        if not own and not below:
            return None, None
        gaps = _cut(window, [s.span for s in own])
        target = sum((s.within(window) for s in own), Fraction(0)) + sum((s.within(gaps) for s in below), Fraction(0))
        difference = target - sum((s.within(window) for s in below), Fraction(0)) if own and below else None
        return target, difference

    def level(self, member: Member, period: Period, base: Kpi) -> tuple[Fraction | None, Fraction | None]:
        """The target of a rate or stock, taken as it is: a rate's for the whole period, a stock's for its last day."""
        window = (period.whole_end if not base.is_ratio else period.start, period.whole_end)

        def finest(shares: Iterable[_Share]) -> _Share | None:
            return next((s for s in shares if s.span[0] <= window[0] and window[1] <= s.span[1]), None)

        if own := finest(sorted(self.own.get(member, []), key=lambda s: s.span[1] - s.span[0])):
            return Fraction(own.value), None
        below = [s for s in self.persons.get(member, []) if s.span[0] <= window[0] and window[1] <= s.span[1]]
        if base.is_ratio or not below:  # rates do not add up
            return None, None
        shortest = min(s.span[1] - s.span[0] for s in below)
        return sum((Fraction(s.value) for s in below if s.span[1] - s.span[0] == shortest), Fraction(0)), None


@dataclass(frozen=True)
class Standing:
    """One actual with all that is known about its target."""

    actual: Fraction
    target: Fraction | None
    difference: Fraction | None
    period: Period


@dataclass(frozen=True)
class Verdict:
    """One value with its parts, and why there is none."""

    value: Fraction | None
    numerator: Fraction
    denominator: Fraction | None
    status: str = "ok"
    note: str | None = None


def _divided(numerator: Fraction, denominator: Fraction | None, note: str) -> Verdict:
    if denominator is None or denominator <= 0:
        return Verdict(None, numerator, denominator, "no_denominator", note)
    return Verdict(numerator / denominator, numerator, denominator)


def attainment(s: Standing) -> Verdict:
    """Actual to date ÷ target of the full period."""
    return _divided(s.actual, s.target, "no_target")


def pace(s: Standing) -> Verdict:
    """Actual ÷ the part of the target that elapsed working days stand for."""
    if s.target is None or not s.period.elapsed_working_days:
        return _divided(s.actual, None, "no_target" if s.target is None else "no_elapsed_days")
    return _divided(s.actual, s.target * s.period.elapsed_working_days / s.period.working_days, "no_target")


def forecast(s: Standing) -> Verdict:
    """Actual ÷ elapsed × all working days; a closed period is its actual."""
    elapsed, total = s.period.elapsed_working_days, s.period.working_days
    if s.period.is_closed:
        return Verdict(s.actual, s.actual, Fraction(1))
    if elapsed < MIN_FORECAST_DAYS:
        return Verdict(None, s.actual, Fraction(elapsed, total) if total else None, "too_few", "few_days")
    return _divided(s.actual, Fraction(elapsed, total), "no_elapsed_days")


def daily_rate(s: Standing) -> Verdict:
    """What is missing to the target ÷ the working days that remain."""
    if s.target is None:
        return _divided(Fraction(0), None, "no_target")
    remaining = s.period.working_days - s.period.elapsed_working_days
    return _divided(max(Fraction(0), s.target - s.actual), Fraction(remaining), "period_over")


_RULES = {"target_attainment": attainment, "target_pace": pace, "run_rate_forecast": forecast, "required_daily_rate": daily_rate}


@dataclass(frozen=True, eq=False)
class TargetKpi:
    """One of the target KPIs for one metric: `kind` names it, `base` is the KPI the target is about."""

    kind: str
    base: Kpi
    version: int = 1

    def __post_init__(self) -> None:
        if self.kind != "target_attainment" and not self.base.is_total:
            raise ValueError(f"{self.kind} exists for counts and sums only, not for {self.base.name}")

    @property
    def name(self) -> str:
        """Plain for revenue, else with the metric: `target_attainment:new_customers`."""
        return self.kind if self.base.name == "revenue" else f"{self.kind}:{self.base.name}"

    @property
    def reads(self) -> str:
        """The measure of targets; a forecast needs none."""
        return "" if self.kind == "run_rate_forecast" else "targets"

    @property
    def needs(self) -> tuple[str, ...]:
        """Sources without which it is not_loaded."""
        return self.base.needs + ((self.reads,) if self.reads else ())

    @property
    def credit(self) -> str:
        """As its metric's (R6)."""
        return self.base.credit

    @property
    def unit(self) -> Unit:
        """A rate against the target; forecast and daily rate are in the unit of the metric."""
        return Unit.RATE if self.kind in ("target_attainment", "target_pace") else self.base.unit

    @property
    def better(self) -> Better:
        """More is better, but for the rate still required."""
        return Better.DOWN if self.kind == "required_daily_rate" else Better.UP

    @property
    def label_id(self) -> str:
        """Message id of its name."""
        return f"kpi.{self.kind}.label"

    @property
    def formula_id(self) -> str:
        """Message id of its definition."""
        return f"kpi.{self.kind}.formula"

    def select(self, frame: pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
        """The targets of its metric; rows outside the periods stay, as they shape what a year leaves over."""
        if not periods:
            return frame.limit(0)
        first, last = min(p.start for p in periods), max(p.whole_end for p in periods)
        rows = frame.filter(pl.col("metric") == self.base.name)
        touched = rows.filter((pl.col("end_on") >= first) & (pl.col("start_on") <= last))
        # a longer row is spread around the finer ones inside it: those are needed too, also outside of the periods
        reach = touched.group_by(_GROUP).agg(_from=pl.min("start_on"), _to=pl.max("end_on"))
        inside = rows.join(reach, on=_GROUP, nulls_equal=True, maintain_order="left").filter(
            (pl.col("start_on") >= pl.col("_from")) & (pl.col("end_on") <= pl.col("_to"))
        )
        return inside.drop("_from", "_to")

    def derive(self, result: pl.DataFrame, frame: pl.DataFrame | None, periods: Sequence[Period], by: tuple[str, ...]) -> pl.DataFrame:
        """The KPI's rows from those of its metric; a metric without a value has no standing and keeps its reason."""
        if "customer_id" in by:
            raise DimensionError(self.name, "customer_id")
        at = {p.label: p for p in periods}
        calendar = periods[0].calendar if periods else Calendar()
        targets = Targets.of(frame, by, calendar) if frame is not None else None
        loaded = targets is not None or not self.reads
        rows = [self._row(row, at[row["period"]], targets, by) if loaded else _missing(row) for row in result.iter_rows(named=True)]
        kinds = self._types()
        kept = {name: result.schema[name] for name in ("period", *by)}
        return pl.DataFrame([{name: row.get(name) for name in {**kept, **kinds}} for row in rows], schema={**kept, **kinds})

    def _row(self, row: dict[str, Any], period: Period, targets: Targets | None, by: tuple[str, ...]) -> dict[str, Any]:
        target, difference = self._target(targets, tuple(row[name] for name in by), period)
        if row["value"] is None:  # no actual yet, or none at all; what was agreed stands
            agreed = self._plain(target, MONEY_TYPE) if self.kind == "target_attainment" else None
            return {**row, "numerator": None, "denominator": agreed}
        verdict = _RULES[self.kind](Standing(Fraction(row["value"]), target, difference, period))
        holds = verdict.status != "ok"
        return {
            **row,
            "value": self._plain(verdict.value, self._types()["value"]),
            "numerator": self._plain(verdict.numerator, self._types()["numerator"]),
            "denominator": self._plain(verdict.denominator, self._types()["denominator"]),
            "status": verdict.status if holds else row["status"],
            "note": verdict.note if holds else row["note"],
            "target_difference": self._plain(difference, MONEY_TYPE),
        }

    def _target(self, targets: Targets | None, member: Member, period: Period) -> tuple[Fraction | None, Fraction | None]:
        if targets is None:
            return None, None
        return targets.total(member, period) if self.base.is_total else targets.level(member, period, self.base)

    def _types(self) -> dict[str, pl.DataType]:
        amount = MONEY_TYPE if self.base.unit is Unit.MONEY and not self.base.is_ratio else pl.Float64()
        shown = pl.Float64() if self.unit is Unit.RATE else amount
        against = {"run_rate_forecast": pl.Float64(), "required_daily_rate": pl.Int64()}.get(self.kind, MONEY_TYPE)
        kinds = {"value": shown, "numerator": amount, "denominator": against, "n_rows": pl.Int64(), "n_excluded": pl.Int64()}
        texts = {"status": pl.String(), "note": pl.String()}
        return {**kinds, **texts, **({"target_difference": MONEY_TYPE} if self.kind == "target_attainment" else {})}

    @staticmethod
    def _plain(value: Fraction | None, kind: pl.DataType) -> Decimal | float | int | None:
        """A fraction as a number of the column's type; money to the last stored digit, halves to even."""
        if value is None:
            return None
        if isinstance(kind, pl.Decimal):
            return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_CENT_OF_CENT)
        return int(value) if isinstance(kind, pl.Int64) else float(value)


def _missing(row: dict[str, Any]) -> dict[str, Any]:
    nothing = {"value": None, "numerator": None, "denominator": None}
    return {**row, **nothing, "n_rows": 0, "n_excluded": 0, "status": "not_loaded", "note": "not_loaded"}
