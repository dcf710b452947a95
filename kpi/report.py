"""A report: several KPIs, split and compared, as rows ready to be written. The pages and the command line evaluate through it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Protocol

import polars as pl

from kpi import compare
from kpi.base import CADENCE, COMPANY, EARLIER, PLACES, Derived, DimensionError, Kpi, Read, columns_of, summarise
from kpi.cadence import last_window
from kpi.composite import Composite
from kpi.config import Config
from kpi.pairs import paired
from kpi.period import Period, festival_year_ago, pieces, prior, year_ago
from kpi.targets import TargetKpi

COMPARISONS = {"prior": prior, "year": year_ago, "festival": festival_year_ago}
Measured = Kpi | TargetKpi | Composite
Where = Mapping[str, Collection[str]]  # column -> ids: narrows the rows; what may be seen at all is the scope's business


class Source(Protocol):
    """Where scoped rows come from: a warehouse, or the company as one person may compare with it. A scope is passed on unread."""

    @property
    def as_of(self) -> date:
        """The day of the data."""
        ...

    @property
    def data_start(self) -> Mapping[str, date]:
        """The day each loaded source's history counts from."""
        ...

    @property
    def config_values(self) -> Mapping[str, Any]:
        """Settings with their values, and data_start."""
        ...

    def read(
        self,
        name: str,
        scope: Any,
        windows: Sequence[Any] = (),
        *,
        by: Sequence[str] = (),
        where: Where | None = None,
        columns: Collection[str] | None = None,
    ) -> pl.LazyFrame | None:
        """A measure, or a view prepared for the windows; None if its source was never loaded. KeyError: customers are not kept apart."""
        ...

    def company(self, scope: Any) -> Source:
        """The whole company as this person may compare with it (R18)."""
        ...

    def members(self, scope: Any, windows: Sequence[Any], *, where: Where | None = None) -> pl.LazyFrame:
        """Who was assigned in each window and where."""
        ...

    def pairs(self, scope: Any, windows: Sequence[Any]) -> pl.LazyFrame:
        """Who was whose inside partner when."""
        ...

    def territories(self, scope: Any) -> pl.DataFrame:
        """Every territory there is: territory_id, region."""
        ...


def evaluate(
    source: Source,
    scope: Any,
    kpis: Sequence[Measured],
    periods: Sequence[Period],
    by: Sequence[str] = (),
    *,
    where: Where | None = None,
    config: Config | None = None,
) -> dict[str, pl.DataFrame]:
    """Every KPI for every period and member of `by`, as `kpi.base.summarise` gives them: the one way from a warehouse to figures.

    where     narrows the rows before anything is summed, and the members to those in the places named
    config    the source's settings, unless others are given
    Raises DimensionError for a KPI that cannot be split, or narrowed, so.
    """
    dims, asked = tuple(by), _Asked(source, scope, where or {})
    config = config or Config.of(source.config_values)
    members = asked.members(periods) if dims and set(dims) <= set(PLACES) else None
    parts: list[Kpi | Derived] = list({p.name: p for k in kpis for p in (k.parts(config) if isinstance(k, Composite) else (k,))}.values())
    found = summarise(parts, asked.reader(parts, periods, dims, config), periods, dims, members=members, config=config)
    return {k.name: k.compose(found, periods, dims, config) if isinstance(k, Composite) else found[k.name] for k in kpis}


@dataclass(frozen=True)
class _Asked:
    """Of whom, through whose eyes, and how narrowed."""

    source: Source
    scope: Any
    where: Where

    def reader(self, kpis: Sequence[Kpi | Derived], periods: Sequence[Period], by: tuple[str, ...], config: Config) -> Read:
        """Reads what the KPIs need and no more: their numbers, and the whole period where one looks ahead of as_of."""
        plain = [k if isinstance(k, Kpi) else k.base for k in kpis]
        ahead = {k.reads for k in plain if k.ahead}
        whole = {k.reads for k in kpis if not isinstance(k, Kpi)}  # what a derived KPI does with its rows is its own business

        def read(name: str) -> pl.LazyFrame | None:
            frame = read_plain(name)
            if "pair_id" not in by or frame is None:
                return frame
            columns = frame.collect_schema().names()
            if "rep_id" in columns and not {"date", "period"} & set(columns):  # a target is a person's, for no one day
                raise DimensionError(next((k.name for k in kpis if k.reads == name), name), "pair_id")
            return frame if "rep_id" not in columns else paired(frame, self.source.pairs(self.scope, periods))

        def read_plain(name: str) -> pl.LazyFrame | None:
            name, at, beside = name.partition("@")
            if at + beside == COMPANY:
                return self.source.company(self.scope).read(name, self.scope, periods, by=("customer_id",))
            if at + beside == CADENCE:
                return once("cadence", tuple(last_window(p, config) for p in periods), None)
            if at:
                earlier = tuple(replace(EARLIER[at + beside](p), label=p.label) for p in periods)
                return once(name, earlier, None)
            windows = tuple(p.in_full for p in periods) if name in ahead else tuple(periods)
            readers = [k for k in plain if k.reads == name]
            all_of_it = name in whole or any(k.prepare for k in readers)
            columns = None if all_of_it else frozenset(column for k in readers for column in columns_of(k, config))
            try:
                return once(name, windows, columns)
            except KeyError as error:
                if "customer_id" not in (*by, *self.where):
                    raise
                raise DimensionError(readers[0].name if readers else name, "customer_id") from error

        @cache
        def once(name: str, windows: tuple[Period, ...], columns: frozenset[str] | None) -> pl.LazyFrame | None:
            return self.source.read(name, self.scope, windows, by=by, where=self.where, columns=columns)

        return read

    def members(self, periods: Sequence[Period]) -> pl.LazyFrame | None:
        """Who has a row in any case (R2): people with an assignment, and territories also while nobody holds them."""
        places = {column: ids for column, ids in self.where.items() if column in PLACES}  # whoever has none of the customers has a row too
        vacant = self.source.territories(self.scope).lazy()
        for column, ids in places.items():
            vacant = vacant.limit(0) if column == "rep_id" else vacant.filter(pl.col(column).is_in(list(ids)))
        return everyone(self.source.members(self.scope, periods, where=places), vacant, periods)


@dataclass(frozen=True)
class Question:
    """What is asked: which KPIs, split by what (dimensions and at most one period unit), over which period, against what."""

    kpis: tuple[Measured, ...]
    period: Period
    by: tuple[str, ...] = ()
    unit: str | None = None
    compare: str | None = None  # prior | year | festival | target

    @property
    def periods(self) -> list[Period]:
        """The period itself, or its pieces."""
        return pieces(self.period, self.unit) if self.unit else [self.period]


def everyone(people: pl.LazyFrame, territories: pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """Members for `summarise`: people with an assignment, and territories also while nobody holds them."""
    labels = pl.LazyFrame({"period": [p.label for p in periods]}, schema={"period": pl.String})
    vacant = labels.join(territories.select("territory_id", "region"), how="cross")
    return pl.concat([people.select("period", "is_seller", *PLACES), vacant], how="diagonal")


def answer(question: Question, source: Source, scope: Any) -> dict[str, pl.DataFrame]:
    """One frame per KPI: by columns (a unit reads `2026-06`), the columns of R2, the KPI's own, and those of the comparison."""
    frames = _compared(question, source, scope)
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


def _compared(question: Question, source: Source, scope: Any) -> dict[str, pl.DataFrame]:
    kpis, periods, by = list(question.kpis), question.periods, question.by
    if question.compare == "target":
        return _beside_targets(question, source, scope)
    current = evaluate(source, scope, kpis, periods, by)
    if question.compare is None:
        return current
    pairs = {p.label: COMPARISONS[question.compare](p) for p in periods}
    others = evaluate(source, scope, kpis, list({p.label: p for p in pairs.values()}.values()), by)
    return {k.name: compare.with_period(k, current[k.name], others[k.name], pairs, by) for k in kpis}


def _beside_targets(question: Question, source: Source, scope: Any) -> dict[str, pl.DataFrame]:
    """KPIs beside the targets set for them; a target KPI is itself the comparison and stands alone."""
    periods, by = question.periods, question.by
    own = [k for k in question.kpis if isinstance(k, Kpi)]
    reached = {k.name: TargetKpi("target_attainment", k) for k in own}
    paces = {k.name: TargetKpi("target_pace", k) for k in own if k.is_total}
    found = evaluate(source, scope, [*question.kpis, *reached.values(), *paces.values()], periods, by)

    def beside(kpi: Measured) -> pl.DataFrame:
        if not isinstance(kpi, Kpi):
            return found[kpi.name]
        pace = found[paces[kpi.name].name] if kpi.name in paces else None
        return compare.with_target(kpi, found[kpi.name], found[reached[kpi.name].name], pace, periods, by)

    return {k.name: beside(k) for k in question.kpis}
