"""Prospects 潜在客户: who is open, of what class and how looked after; where they come from, why they are lost, what they are worth.

Prospect class: A, B, C say when a contract is expected, none: nobody has said. It is not the ABC class of customers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from kpi.base import Better, Derived, Kind, Kpi, Prepare, Unit
from kpi.composite import Composite, Row, Rows, number
from kpi.config import Config
from kpi.period import Period
from kpi.targets import TargetKpi

STAGES = ("collected", "qualified", "visited", "quoted")  # of an open prospect, in order
NEEDS = ("must", "optional", "latent", "none")
_PROSPECTS = ("prospects",)


def _open(name: str, unit: Unit, better: Better, **more: object) -> Kpi:
    """A KPI over the prospects open on the period's last day, with their owner."""
    given: dict[str, object] = {"reads": "open_prospects"} | more
    return Kpi(name, unit, better, needs=_PROSPECTS, kind=Kind.STOCK, credit="owner", **given)  # type: ignore[arg-type]


def _of(column: str, word: str) -> pl.Expr:
    return pl.col("n_rows").filter(pl.col(column) == word).sum()


prospects_by_class = _open(
    "prospects_by_class",
    Unit.COUNT,
    Better.NONE,
    numerator=pl.sum("n_rows"),
    extra={f"prospects_{c.lower()}": _of("prospect_class", c) for c in ("A", "B", "C", "none")},
)


def _limited(limits: str, days: str) -> Prepare:
    """Prepares rows with `limit` (null: not classified) and `is_over`: whether `days` have passed it."""

    def prepare(frame: pl.LazyFrame, _company: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
        of_class: Mapping[str, int] = getattr(config, limits)
        limit = pl.col("prospect_class").replace_strict(dict(of_class), default=None, return_dtype=pl.Int64)
        return frame.with_columns(limit=limit).with_columns(is_over=pl.col(days) > pl.col("limit"))

    return prepare


_AGED = _limited("class_limit_days", "class_days")
_CLASSED = pl.col("limit").is_not_null()
_classified = pl.col("n_rows").filter(_CLASSED).sum()
_unclassified = pl.col("n_rows").filter(~_CLASSED).sum()
_overdue = pl.col("n_rows").filter(pl.col("is_over")).sum()

prospect_overdue = _open(
    "prospect_overdue", Unit.COUNT, Better.DOWN, numerator=_overdue, rows=_classified, excluded=_unclassified, prepare=_AGED
)
prospect_overdue_rate = _open(
    "prospect_overdue_rate",
    Unit.RATE,
    Better.DOWN,
    numerator=_overdue,
    denominator=_classified,
    rows=_classified,
    excluded=_unclassified,
    prepare=_AGED,
    empty_note="nothing_classified",
)

# A review after that day says nothing about the one before it.
_SAID = _CLASSED & (pl.col("review_days") >= 0).fill_null(True)
card_review_compliance = _open(
    "card_review_compliance",
    Unit.RATE,
    Better.UP,
    reads="reviewed_prospects",
    numerator=pl.col("n_rows").filter(_SAID & ~pl.col("is_over")).sum(),
    denominator=pl.col("n_rows").filter(_SAID).sum(),
    rows=pl.col("n_rows").filter(_SAID).sum(),
    excluded=pl.col("n_rows").filter(~_SAID).sum(),
    prepare=_limited("card_review_days", "review_days"),
    partial=lambda _: (_CLASSED & ~_SAID).any(),
    partial_note="reviewed_later",
    nothing_known=(_CLASSED & ~_SAID).any() & ~_SAID.any(),
    empty_note="nothing_classified",
)

_STATED = pl.col("need_state").is_in(NEEDS)
# Work is to be done on who does not need it yet: optional and latent.
need_state_mix = _open(
    "need_state_mix",
    Unit.RATE,
    Better.NONE,
    numerator=pl.col("n_rows").filter(pl.col("need_state").is_in(["optional", "latent"])).sum(),
    denominator=pl.col("n_rows").filter(_STATED).sum(),
    extra={f"need_{state}": _of("need_state", state) for state in NEEDS},
    rows=pl.col("n_rows").filter(_STATED).sum(),
    excluded=pl.col("n_rows").filter(~_STATED).sum(),
    empty_note="no_need_state",
)


def _moves(name: str, numerator: pl.Expr, denominator: pl.Expr, **more: object) -> Kpi:
    """A rate over prospects that came in or left in the period."""
    better = more.pop("better", Better.UP)
    given: dict[str, object] = {"rows": denominator, "not_by": ("lost_reason", "competitor")} | more
    return Kpi(name, Unit.RATE, better, "prospect_moves", _PROSPECTS, numerator, denominator, **given)  # type: ignore[arg-type]


_left = pl.sum("contracted") + pl.sum("lost") + pl.sum("abandoned")
_decided = pl.sum("contracted") + pl.sum("lost")
prospect_replenishment = _moves(
    "prospect_replenishment", pl.sum("created"), _left, rows=pl.sum("created") + _left, empty_note="nobody_left"
)
_WON = {"extra": {"abandoned": pl.sum("abandoned")}, "empty_note": "nothing_decided"}
win_rate = _moves("win_rate", pl.sum("contracted"), _decided, **_WON)
lead_source_win_rate = _moves("lead_source_win_rate", pl.sum("contracted"), _decided, **_WON)


def _mix(name: str, counted: str, columns: tuple[str, ...], **more: object) -> Kpi:
    """The share of each value of `columns`; without a split by them the whole, which is 1."""

    def prepare(frame: pl.LazyFrame, _company: pl.LazyFrame, by: tuple[str, ...], _config: Config) -> pl.LazyFrame:
        rest = [column for column in by if column not in columns]
        return frame.filter(pl.col(counted) > 0).with_columns(whole=pl.sum(counted).over("period", *rest))

    given: dict[str, object] = {"better": Better.NONE, "prepare": prepare, "rows": pl.sum(counted)} | more
    return _moves(name, pl.sum(counted), pl.first("whole"), **given)


lead_source_mix = _mix("lead_source_mix", "created", ("lead_source",), empty_note="nobody_created")
lost_reason_mix = _mix("lost_reason_mix", "lost", ("lost_reason", "competitor"), not_by=(), empty_note="nobody_lost")


def _weighed(frame: pl.LazyFrame, _company: pl.LazyFrame, _by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Open prospects with their weighted value; entries of the year with whether they are old enough, and whether they were won in time."""
    chances = {stage: Decimal(str(config.stage_probability.get(stage, 0))) for stage in STAGES}
    chance = pl.col("stage").replace_strict(chances, default=None, return_dtype=pl.Decimal(38, 4))
    window = config.funnel_window_days
    old = (pl.col("entered_days") >= window).fill_null(False)
    return frame.with_columns(
        weighted=pl.col("est_value") * chance,
        is_judged=old,
        is_won=old & (pl.col("days_to_contract") <= window).fill_null(False),
    )


def _observed(stage: str) -> pl.Expr:
    """Share of those that entered the stage in the year and became a contract within the window."""
    here = pl.col("stage") == stage
    judged, won = (pl.col(flag).filter(here).sum().cast(pl.Float64) for flag in ("is_judged", "is_won"))
    return pl.when(judged > 0).then(won / judged)


_WORTHLESS = pl.col("n_rows").filter(pl.col("est_value").is_null()).sum()
weighted_pipeline = _open(
    "weighted_pipeline",
    Unit.MONEY,
    Better.UP,
    reads="pipeline",
    numerator=pl.sum("weighted"),
    extra={"open_value": pl.sum("est_value"), **{f"observed_{stage}": _observed(stage) for stage in STAGES}},
    rates=tuple(f"observed_{stage}" for stage in STAGES),
    rows=pl.sum("n_rows") - _WORTHLESS,
    excluded=_WORTHLESS,
    partial=lambda _: _WORTHLESS > 0,
    partial_note="values_missing",
    nothing_known=(_WORTHLESS > 0) & (pl.sum("n_rows") == _WORTHLESS),
    prepare=_weighed,
)

field_seats = Kpi("field_seats", Unit.COUNT, Better.NONE, "field_seats", ("reps",), pl.sum("n_rows"), kind=Kind.STOCK)
_TARGET = TargetKpi("target_attainment", prospects_by_class)


@dataclass(frozen=True, eq=False)
class PoolRatio(Composite):
    """Open prospects ÷ the pool there should be: the target set for it, else so many for each person in the field."""

    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """Open prospects, their target, and who is in the field."""
        return prospects_by_class, _TARGET, field_seats

    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """No requirement: no ratio."""
        standing = rows[prospects_by_class.name]
        row: Row = {name: standing[name] for name in ("n_rows", "n_excluded", "status", "note")}
        there = number(standing["value"])
        if there is None:
            return row
        wanted = number(rows[_TARGET.name]["denominator"]) or config.prospect_pool * (number(rows[field_seats.name]["value"]) or 0)
        row |= {"numerator": there, "denominator": wanted or None}
        return row | ({"value": there / wanted} if wanted > 0 else {"status": "no_denominator", "note": "no_pool"})


prospect_pool_ratio = PoolRatio("prospect_pool_ratio", Unit.RATE, Better.UP, _PROSPECTS, credit="owner")

KPIS = (
    prospects_by_class,
    prospect_overdue,
    prospect_overdue_rate,
    card_review_compliance,
    need_state_mix,
    prospect_replenishment,
    win_rate,
    lead_source_mix,
    lead_source_win_rate,
    lost_reason_mix,
    weighted_pipeline,
)
