"""What a KPI is, and how many are evaluated in one pass (rules R2–R5).

A KPI names the measure or view it reads and says its numerator and denominator as aggregations over it. `summarise` joins each
frame to the periods once, groups it once for all KPIs that read it, divides last, and gives every member asked for a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

import polars as pl

from kpi.config import Config
from kpi.period import UNITS, Period, festival_year_ago, pieces, prior, year_ago

MONEY_TYPE = pl.Decimal(38, 4)
CLASS = "customer_class"  # a dimension that is worked out, not read
NOBODY = "unassigned"  # the member that has what nobody has (R6)
PLACES = ("region", "territory_id", "rep_id")  # what the members frame knows
DEFAULT = Config()  # no thresholds: enough for KPIs that have none
Read = Callable[[str], pl.LazyFrame | None]
# A frame made ready for grouping: its own rows, those it is set beside (the own ones where there are no others), `by`, config.
Prepare = Callable[[pl.LazyFrame, pl.LazyFrame, tuple[str, ...], Config], pl.LazyFrame]
# Behind the name of a read: the rows of the whole company (R18), the same rows of an earlier period (R12), or the visits owed in the
# last cadence window that is over.
COMPANY, PRIOR, YEAR, FESTIVAL, CADENCE = "@company", "@prior", "@year", "@festival", "@cadence"
EARLIER = {PRIOR: prior, YEAR: year_ago, FESTIVAL: festival_year_ago}


class Unit(StrEnum):
    """What a value is counted in; rates are fractions."""

    MONEY = "money"
    COUNT = "count"
    RATE = "rate"
    DAYS = "days"
    HOURS = "hours"
    POINTS = "points"  # of a score or an index
    CLASS = "class"  # a label


class Better(StrEnum):
    """Which way is good."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Kind(StrEnum):
    """A flow happens between two dates; a stock is what stands on the last of them."""

    FLOW = "flow"
    STOCK = "stock"


class DimensionError(ValueError):
    """A KPI cannot be split by this dimension: what it reads does not have it."""

    def __init__(self, kpi: str, dimension: str) -> None:
        super().__init__(f"{kpi} cannot be split by {dimension}")
        self.kpi = kpi
        self.dimension = dimension


def no_expr() -> pl.Expr:
    """Nothing left out."""
    return pl.lit(0, pl.Int64)


@dataclass(frozen=True, eq=False)
class Kpi:
    """One definition, called from everywhere. Expressions aggregate the frame `reads`; label and formula are message ids."""

    name: str
    unit: Unit
    better: Better
    reads: str
    needs: tuple[str, ...]  # sources without which it is not_loaded; the first one's history counts (R14)
    numerator: pl.Expr | None = None
    denominator: pl.Expr | None = None  # None: the numerator is the value
    value: pl.Expr | None = None  # a statistic that has no parts, such as a median
    extra: Mapping[str, pl.Expr] = field(default_factory=dict)  # further columns beside the value
    rates: tuple[str, ...] = ()  # those of them that are no sums: where nothing is they are unknown, not 0
    rows: pl.Expr = field(default_factory=lambda: pl.sum("n_rows"))
    excluded: pl.Expr = field(default_factory=no_expr)
    partial: Callable[[Config], pl.Expr] | None = None  # true: something is missing from the value
    partial_note: str = ""
    nothing_known: pl.Expr | None = None  # true: all there is was left out, so there is no value
    scale: Callable[[Config], float] | None = None  # multiplies the ratio
    history: Callable[[Config], int] | None = None  # days before the last day that must be on file
    since: Callable[[Period, Config], date] | None = None  # the first day that must be on file
    few: pl.Expr | None = None  # true: there is too little to say anything, so there is no value
    few_status: str = "too_few"
    few_note: str = "too_few"
    prepare: Prepare | None = None  # what makes classes or sorts before anything is grouped
    beside: str = ""  # COMPANY, PRIOR, YEAR, FESTIVAL or CADENCE: what `prepare` sets the rows beside
    empty_note: str = "no_denominator"
    kind: Kind = Kind.FLOW
    additive: bool = True  # parts add up to the whole (R5)
    ahead: bool = False  # also counts days after as_of: what is due is known before it is (R1)
    credit: str = "row"  # R6: who gets the row
    not_by: tuple[str, ...] = ()
    version: int = 1

    @property
    def label_id(self) -> str:
        """Message id of its name."""
        return f"kpi.{self.name}.label"

    @property
    def formula_id(self) -> str:
        """Message id of its definition."""
        return f"kpi.{self.name}.formula"

    @property
    def is_ratio(self) -> bool:
        """Whether its value is a quotient or another statistic, not an amount or a count."""
        return self.denominator is not None or self.value is not None

    @property
    def is_total(self) -> bool:
        """Whether it is a count or sum over a stretch of time: only these have a pace and a forecast."""
        return self.kind is Kind.FLOW and not self.is_ratio

    @property
    def value_type(self) -> pl.DataType:
        """Type of the value column."""
        if self.unit is Unit.CLASS:
            return pl.String()
        if self.is_ratio:
            return pl.Float64()
        return MONEY_TYPE if self.unit is Unit.MONEY else pl.Int64()

    def __call__(self, frame: pl.LazyFrame | None, period: Period, by: str | Sequence[str] = (), config: Config = DEFAULT) -> pl.DataFrame:
        """The KPI over one frame and period; a period unit in `by` ("month") evaluates each piece on its own (R19)."""
        dims, unit = split_by((by,) if isinstance(by, str) else by)
        periods = pieces(period, unit) if unit else [period]
        result = summarise([self], lambda _: frame, periods, dims, config=config)[self.name]
        return result.rename({"period": unit}) if unit else result.drop("period")


class Derived(Protocol):
    """A KPI made from another KPI's result and, if it `reads` anything, one more frame."""

    @property
    def name(self) -> str: ...
    @property
    def base(self) -> Kpi: ...
    @property
    def reads(self) -> str: ...
    @property
    def needs(self) -> tuple[str, ...]: ...

    def select(self, frame: pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
        """The rows of the further frame it needs."""
        ...

    def derive(self, result: pl.DataFrame, frame: pl.DataFrame | None, periods: Sequence[Period], by: tuple[str, ...]) -> pl.DataFrame:
        """Its own result from the base KPI's; `frame` is None when the source was never loaded."""
        ...


_Set = tuple[str, bool, Prepare | None, str]


def split_by(by: Iterable[str]) -> tuple[tuple[str, ...], str | None]:
    """Dimensions, and the period unit among them if there is one. ValueError for two units."""
    by = tuple(by)
    units = [name for name in by if name in UNITS]
    if len(units) > 1:
        raise ValueError(f"one period unit at most, not {units}")
    return tuple(name for name in by if name not in UNITS), units[0] if units else None


def summarise(
    kpis: Iterable[Kpi | Derived],
    read: Read,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    *,
    members: pl.LazyFrame | None = None,
    config: Config = DEFAULT,
) -> dict[str, pl.DataFrame]:
    """Every KPI for every period and member of `by`: name → period, *by, value, numerator, denominator, n_rows, n_excluded, status, note.

    `read` gives a measure or prepared view by name, None if its source was never loaded; a view carries `period`, a measure `date`.
    `members` (period, rep_id, is_seller, territory_id, region) names those who have a row even with nothing in it (R2).
    Period labels must differ. Rows come in the order of `periods`, then of the members. Raises DimensionError.
    """
    wanted, dims = list(kpis), tuple(by)
    plain = {k.name: k for k in (k if isinstance(k, Kpi) else k.base for k in wanted)}
    derived = {k.name: k for k in wanted if not isinstance(k, Kpi)}
    names = {k.reads for k in plain.values()} | {k.reads for k in derived.values() if k.reads}
    names |= {f"{k.reads}{k.beside}" for k in plain.values()}
    frames = {name: read(name) for name in sorted(names)}
    queries = _queries(plain, frames, periods, dims, config)
    further = {n: k.select(frame, periods) for n, k in derived.items() if k.reads and (frame := frames[k.reads]) is not None}
    asked = [] if members is None else [_places(members, periods, dims)]
    cells = pl.collect_all([*queries.values(), *further.values(), *asked])
    groups = dict(zip(queries, cells, strict=False))
    found = dict(zip(further, cells[len(queries) :], strict=False))
    keys = _keys([*groups.values(), *(cells[len(queries) + len(further) :])], periods, dims)
    results = {n: _finish(k, groups.get(_set_of(k)), keys, periods, dims, config) for n, k in plain.items()}
    made = {n: k.derive(results[k.base.name], found.get(n), periods, dims) for n, k in derived.items()}
    return {k.name: made[k.name] if k.name in made else results[k.name] for k in wanted}


def _queries(
    kpis: Mapping[str, Kpi], frames: Mapping[str, pl.LazyFrame | None], periods: Sequence[Period], by: tuple[str, ...], config: Config
) -> dict[_Set, pl.LazyFrame]:
    """One grouping for each frame, window and preparation, whatever the number of KPIs that share them."""
    sets: dict[_Set, list[Kpi]] = {}
    for kpi in kpis.values():
        sets.setdefault(_set_of(kpi), []).append(kpi)
    found = {}
    for key, together in sets.items():
        frame = frames[together[0].reads]
        if frame is not None:
            beside = frames[f"{together[0].reads}{together[0].beside}"]
            found[key] = _grouped(frame, beside, together, periods, by, config)
    return found


def _set_of(kpi: Kpi) -> _Set:
    """What KPIs must have in common to be evaluated together."""
    return kpi.reads, kpi.ahead, kpi.prepare, kpi.beside


def columns_of(kpi: Kpi, config: Config) -> frozenset[str]:
    """The columns of what it reads that a KPI's expressions name."""
    return frozenset(name for expr in _parts(kpi, config).values() for name in expr.meta.root_names())


def _grouped(
    frame: pl.LazyFrame, beside: pl.LazyFrame | None, kpis: list[Kpi], periods: Sequence[Period], by: tuple[str, ...], config: Config
) -> pl.LazyFrame:
    columns = frame.collect_schema().names()
    for kpi in kpis:
        for dimension in by:
            made = dimension == CLASS and kpi.prepare is not None  # known only once it is prepared
            if (dimension not in columns and not made) or dimension in kpi.not_by:
                raise DimensionError(kpi.name, dimension)
    if prepare := kpis[0].prepare:
        had_class = CLASS in columns
        try:
            frame = prepare(frame, frame if beside is None else beside, by, config)
            columns = frame.collect_schema().names()
        except pl.exceptions.ColumnNotFoundError as error:
            if CLASS in by and not had_class:  # it would have had to be there before
                raise DimensionError(kpis[0].name, CLASS) from error
            raise
        if lost := [dimension for dimension in by if dimension not in columns]:
            raise DimensionError(kpis[0].name, lost[0])
    parts = [expr.alias(f"{kpi.name}|{part}") for kpi in kpis for part, expr in _parts(kpi, config).items()]
    return _in_periods(frame, columns, periods, kpis[0].ahead).group_by("period", *by).agg(parts)


def _parts(kpi: Kpi, config: Config) -> dict[str, pl.Expr]:
    """The aggregations a KPI needs, by the name of the result column they end in."""
    parts = {"n_rows": kpi.rows, "n_excluded": kpi.excluded, **kpi.extra}
    optional = {"value": kpi.value, "numerator": kpi.numerator, "denominator": kpi.denominator}
    optional |= {"nothing_known": kpi.nothing_known, "few": kpi.few}
    parts |= {part: expr for part, expr in optional.items() if expr is not None}
    if kpi.partial:
        parts["partial"] = kpi.partial(config)
    return parts


def _in_periods(frame: pl.LazyFrame, columns: list[str], periods: Sequence[Period], ahead: bool) -> pl.LazyFrame:
    """The rows of each period, labelled; a row enters every period it belongs to, and only once it was known."""
    if "period" in columns:
        return frame.filter(pl.col("period").is_in([p.label for p in periods]))
    # joining through the days keeps overlapping periods right and touches each row once per period
    spans = pl.LazyFrame(
        {
            "period": [p.label for p in periods],
            "date": [p.start for p in periods],
            "to": [p.whole_end if ahead else p.to for p in periods],
            "as_of": [p.as_of for p in periods],
        },
        schema={"period": pl.String, "date": pl.Date, "to": pl.Date, "as_of": pl.Date},
    ).filter(pl.col("date") <= pl.col("to"))
    days = spans.with_columns(pl.date_ranges("date", "to").alias("date")).explode("date").drop("to")
    rows = frame.join(days, on="date")
    if "known_on" in columns:
        # what lies ahead counts only if something dated said so by as_of
        at_once = pl.col("known_on").is_null() & (pl.col("date") <= pl.col("as_of"))
        rows = rows.filter(at_once | (pl.col("known_on") <= pl.col("as_of")))
    return rows


def _places(members: pl.LazyFrame, periods: Sequence[Period], by: tuple[str, ...]) -> pl.LazyFrame:
    """The members that have a row in any case. Managers and directors get one only where they have figures."""
    rows = members.filter(pl.col("period").is_in([p.label for p in periods]))
    if not by or any(name not in PLACES for name in by):  # customers and products: only where rows exist
        return rows.select("period", *(pl.lit(None, pl.String).alias(name) for name in by)).limit(0)
    if "rep_id" in by:
        rows = rows.filter(pl.col("is_seller"))
    return rows.select("period", *by).drop_nulls().unique()


def _keys(cells: list[pl.DataFrame], periods: Sequence[Period], by: tuple[str, ...]) -> pl.DataFrame:
    """Every period and member to be shown, in order: those asked for and those found in any frame of the call."""
    order = pl.DataFrame(
        {"period": [p.label for p in periods], "_order": range(len(periods))}, schema={"period": pl.String, "_order": pl.Int64}
    )
    if not by:
        return order.drop("_order")
    none = pl.DataFrame(schema={"period": pl.String, **dict.fromkeys(by, pl.String)})
    keys = pl.concat([none, *(frame.select("period", *by) for frame in cells)], how="vertical_relaxed").unique()
    return keys.join(order, on="period").sort("_order", *by, nulls_last=True).drop("_order")


def _finish(
    kpi: Kpi, cells: pl.DataFrame | None, keys: pl.DataFrame, periods: Sequence[Period], by: tuple[str, ...], config: Config
) -> pl.DataFrame:
    """The columns of R2 from a KPI's parts: zero where nothing happened, null where nothing is known."""
    if cells is None:
        return _not_loaded(kpi, keys, by)
    own = [c for c in cells.columns if c.startswith(f"{kpi.name}|")]
    parts = cells.select("period", *by, *(pl.col(c).alias(c.split("|", 1)[1]) for c in own))
    rows = keys.join(parts, on=["period", *by], how="left", nulls_equal=True, maintain_order="left")
    rows = rows.with_columns(_absent=pl.col("n_rows").is_null())  # nobody had a row: its counts are 0, not unknown
    flags = [pl.col("n_rows", "n_excluded").fill_null(0).cast(pl.Int64)]
    flags += [pl.col(c).fill_null(False) if c in rows.columns else pl.lit(False).alias(c) for c in ("partial", "nothing_known", "few")]
    rows = rows.with_columns(flags).with_columns(_amounts(kpi, rows.columns))
    gaps = {p.label: gap for p in periods if (gap := _gap(kpi, p, config))}
    rows = rows.with_columns(_gap=pl.col("period").replace_strict(gaps, default=None, return_dtype=pl.String))
    outside = pl.col("_gap").is_in(["before_data_start", "not_started"]).fill_null(False)
    rows = rows.with_columns(_value(kpi, config).cast(kpi.value_type).alias("value"))
    waiting = pl.col("few") if kpi.few_status == "immature" else pl.lit(False)  # not nothing, but nothing yet
    rows = rows.with_columns(_empty=pl.col("value").is_null() & ~outside & ~pl.col("nothing_known") & ~waiting)
    known = pl.col("_gap").is_null() & ~pl.col("nothing_known") & ~pl.col("few")
    rows = rows.with_columns(
        pl.when(known).then(pl.col("value")).alias("value"),
        *(pl.when(~outside).then(pl.col(c)).alias(c) for c in ("numerator", "denominator", *kpi.extra)),
    )
    status, note = _status(kpi)
    return rows.with_columns(status.alias("status"), note.alias("note")).select(*_columns(by), *kpi.extra)


def _columns(by: tuple[str, ...]) -> list[str]:
    return ["period", *by, "value", "numerator", "denominator", "n_rows", "n_excluded", "status", "note"]


def _amounts(kpi: Kpi, columns: list[str]) -> list[pl.Expr]:
    """Parts of the right type: a sum over nothing is 0, a statistic over nothing is null."""
    amounts = [pl.col("value" if kpi.value is not None else "numerator")]
    amounts += [pl.col("denominator")] if kpi.denominator is not None else []
    if kpi.value is None:
        amounts = [a.fill_null(0) for a in amounts]
        sums = [c for c in kpi.extra if c not in kpi.rates]
        amounts += [pl.when("_absent").then(pl.col(c).fill_null(0)).otherwise(c) for c in sums]
    if kpi.unit is not Unit.MONEY and not kpi.is_ratio:
        amounts[0] = amounts[0].cast(pl.Int64)
    missing = [pl.lit(None, pl.Float64).alias(c) for c in ("numerator", "denominator") if c not in columns]
    return [*amounts, *missing]


def _value(kpi: Kpi, config: Config) -> pl.Expr:
    if kpi.value is not None:
        return pl.col("value")
    if kpi.denominator is None:
        return pl.col("numerator")
    # Decimal / Decimal would keep the scale of the left one
    ratio = pl.col("numerator").cast(pl.Float64) / pl.col("denominator").cast(pl.Float64)
    if kpi.scale:
        ratio = ratio * kpi.scale(config)
    return pl.when(pl.col("denominator") > 0).then(ratio)


def _gap(kpi: Kpi, period: Period, config: Config) -> str | None:
    """Why a whole period has no value, whoever is asked about (R14)."""
    if not period.has_begun and kpi.kind is Kind.FLOW and not kpi.ahead:
        return "not_started"
    starts = config.data_start.get(kpi.needs[0])
    if starts is None:
        return None
    if (period.whole_end if kpi.ahead else period.to) < starts:
        return "before_data_start"
    if kpi.history and (period.to - starts).days + 1 < kpi.history(config):
        return "history_short"
    if kpi.since and kpi.since(period, config) < starts:
        return "history_short"
    return None


def _status(kpi: Kpi) -> tuple[pl.Expr, pl.Expr]:
    """Status and note; of several the first of not_loaded, no_denominator, too_few, immature, partial (R2)."""
    gap = pl.col("_gap")
    partial = pl.col("partial") | pl.col("nothing_known")
    cases = (
        (gap == "before_data_start", "not_loaded", gap),
        (pl.col("_empty"), "no_denominator", pl.lit(kpi.empty_note)),
        (pl.col("few"), kpi.few_status, pl.lit(kpi.few_note)),
        (gap.is_not_null(), "immature", gap),
        (partial, "partial", pl.lit(kpi.partial_note)),
    )
    status, note = pl.lit("ok"), pl.lit(None, pl.String)
    for condition, name, why in reversed(cases):
        status = pl.when(condition).then(pl.lit(name)).otherwise(status)
        note = pl.when(condition).then(why).otherwise(note)
    return status, note


def _not_loaded(kpi: Kpi, keys: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Null in every row: a file that is missing is not a zero (R3)."""
    part = MONEY_TYPE if kpi.unit in (Unit.MONEY, Unit.RATE) else pl.Int64()
    nulls = {"value": kpi.value_type, "numerator": part, "denominator": part}
    return keys.with_columns(
        *(pl.lit(None, kind).alias(name) for name, kind in nulls.items()),
        *(pl.lit(0, pl.Int64).alias(name) for name in ("n_rows", "n_excluded")),
        status=pl.lit("not_loaded"),
        note=pl.lit("not_loaded"),
        **{name: pl.lit(None, pl.Float64 if kpi.value is not None else MONEY_TYPE) for name in kpi.extra},
    ).select(*_columns(by), *kpi.extra)
