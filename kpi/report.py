"""A report: several KPIs, split and compared, as rows ready to be written. Headless twin of what the pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from kpi import compare
from kpi.base import DEFAULT, PLACES, Kpi, summarise
from kpi.config import Config
from kpi.period import Period, pieces, prior, year_ago
from kpi.targets import TargetKpi

COMPARISONS = {"prior": prior, "year": year_ago}
Measured = Kpi | TargetKpi


class Source(Protocol):
    """Where scoped rows come from: the warehouse, at the edge."""

    def read(self, name: str, periods: Sequence[Period], by: tuple[str, ...]) -> pl.LazyFrame | None:
        """A measure, or a view prepared for the periods; None if its source was never loaded."""
        ...

    def members(self, periods: Sequence[Period]) -> pl.LazyFrame:
        """Who has a row in any case."""
        ...


@dataclass(frozen=True)
class Question:
    """What is asked: which KPIs, split by what (dimensions and at most one period unit), over which period, against what."""

    kpis: tuple[Measured, ...]
    period: Period
    by: tuple[str, ...] = ()
    unit: str | None = None
    compare: str | None = None  # prior | year | target

    @property
    def periods(self) -> list[Period]:
        """The period itself, or its pieces."""
        return pieces(self.period, self.unit) if self.unit else [self.period]


def everyone(people: pl.LazyFrame, territories: pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """Members for `summarise`: people with an assignment, and territories also while nobody holds them."""
    labels = pl.LazyFrame({"period": [p.label for p in periods]}, schema={"period": pl.String})
    vacant = labels.join(territories.select("territory_id", "region"), how="cross")
    return pl.concat([people.select("period", "is_seller", *PLACES), vacant], how="diagonal")


def answer(question: Question, source: Source, config: Config = DEFAULT) -> dict[str, pl.DataFrame]:
    """One frame per KPI: by columns (a unit reads `2026-06`), the columns of R2, the KPI's own, and those of the comparison."""
    frames = _compared(question, source, config)
    if question.unit:
        return {name: _unit_last(frame, question) for name, frame in frames.items()}
    return {name: frame.drop("period") for name, frame in frames.items()}


def rows(frames: dict[str, pl.DataFrame], by: Sequence[str]) -> list[dict[str, Any]]:
    """All frames as one list of records: by columns, kpi, then each KPI's columns."""
    return [
        {**{c: row[c] for c in by}, "kpi": name, **{c: v for c, v in row.items() if c not in by}}
        for name, frame in frames.items()
        for row in frame.iter_rows(named=True)
    ]


def _unit_last(frame: pl.DataFrame, question: Question) -> pl.DataFrame:
    rest = [c for c in frame.columns if c not in ("period", *question.by)]
    return frame.select(*question.by, pl.col("period").alias(question.unit or "period"), *rest)


def _compared(question: Question, source: Source, config: Config) -> dict[str, pl.DataFrame]:
    kpis, periods, by = list(question.kpis), question.periods, question.by
    if question.compare == "target":
        return _beside_targets(question, source, config)
    current = _figures(kpis, periods, by, source, config)
    if question.compare is None:
        return current
    pairs = {p.label: COMPARISONS[question.compare](p) for p in periods}
    others = _figures(kpis, list({p.label: p for p in pairs.values()}.values()), by, source, config)
    return {k.name: compare.with_period(k, current[k.name], others[k.name], pairs, by) for k in kpis}


def _beside_targets(question: Question, source: Source, config: Config) -> dict[str, pl.DataFrame]:
    """KPIs beside the targets set for them; a target KPI is itself the comparison and stands alone."""
    periods, by = question.periods, question.by
    own = [k for k in question.kpis if isinstance(k, Kpi)]
    reached = {k.name: TargetKpi("target_attainment", k) for k in own}
    paces = {k.name: TargetKpi("target_pace", k) for k in own if k.is_total}
    found = _figures([*question.kpis, *reached.values(), *paces.values()], periods, by, source, config)

    def beside(kpi: Measured) -> pl.DataFrame:
        if not isinstance(kpi, Kpi):
            return found[kpi.name]
        pace = found[paces[kpi.name].name] if kpi.name in paces else None
        return compare.with_target(kpi, found[kpi.name], found[reached[kpi.name].name], pace, periods, by)

    return {k.name: beside(k) for k in question.kpis}


def _figures(
    kpis: Sequence[Measured], periods: Sequence[Period], by: tuple[str, ...], source: Source, config: Config
) -> dict[str, pl.DataFrame]:
    ahead = {k.reads for k in (k if isinstance(k, Kpi) else k.base for k in kpis) if k.ahead}

    def read(name: str) -> pl.LazyFrame | None:
        return source.read(name, [p.in_full for p in periods] if name in ahead else periods, by)

    return summarise(kpis, read, periods, by, members=source.members(periods), config=config)
