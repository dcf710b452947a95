"""Own place among the others: rank, median and team average, from the company's rows; of foreign rows only these leave this file."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpi.base import Kpi
from kpi.catalog import get
from kpi.period import Period
from pages.ui import compute
from pages.ui.session import Session

SMALLEST_GROUP = 5  # a rank, median or average of fewer would tell one about another


@dataclass(frozen=True)
class Place:
    """Where one rep stands: competition rank (1 is best), how many are compared, their median."""

    kpi: str
    own: float
    rank: int
    size: int
    median: float
    others: tuple[float, ...]  # in order of size: who is who is gone


@dataclass(frozen=True)
class Average:
    """What a team makes together (rates from their parts) or each on average (amounts and counts)."""

    value: float
    size: int
    is_company: bool


def place(session: Session, kpi: str, period: Period, rep_id: str) -> Place | None:
    """The place of a rep among the company's sellers; None in a group of fewer than five, or without a value of one's own."""
    frame = _known(session, kpi, period)
    own = frame.filter(pl.col("rep_id") == rep_id)["value"]
    if frame.height < SMALLEST_GROUP or own.is_empty():
        return None
    values = frame["value"].cast(pl.Float64)
    mine = float(own.cast(pl.Float64)[0])
    ahead = (values < mine) if str(get(kpi).better) == "down" else (values > mine)
    return Place(kpi, mine, 1 + int(ahead.sum()), values.len(), float(values.median()), tuple(sorted(values)))  # type: ignore[arg-type]


def positions(place: Place) -> dict[str, float | list[float]]:
    """Where everybody stands between worst (0) and best (1). Others in steps of 0.05: a dot shows a place, not an amount."""
    low, high = place.others[0], place.others[-1]
    spread = (high - low) or 1.0
    turned = str(get(place.kpi).better) == "down"

    def at(value: float) -> float:
        share = (value - low) / spread
        return 1 - share if turned else share

    return {"own": at(place.own), "median": at(place.median), "others": [round(at(value) * 20) / 20 for value in place.others]}


def average(session: Session, kpi: str, period: Period, region: str | None) -> Average | None:
    """The team's average: of the region's sellers where there are five, else of the whole company's; None if those are too few."""
    own = compute.summary(session, (kpi,), (period,), ("rep_id",), (("region", region),) if region else ())[kpi]
    own = own.filter(pl.col("value").is_not_null() & pl.col("rep_id").is_in(compute.sellers(session).implode()))
    if own.height >= SMALLEST_GROUP:
        return _averaged(kpi, own, is_company=False)
    if not isinstance(get(kpi), Kpi):  # targets of others are not compared
        return None
    everyone = _known(session, kpi, period)
    return _averaged(kpi, everyone, is_company=True) if everyone.height >= SMALLEST_GROUP else None


def _known(session: Session, kpi: str, period: Period) -> pl.DataFrame:
    return compute.peers(session, (kpi,), period)[kpi].filter(pl.col("value").is_not_null() & pl.col("rep_id").is_not_null())


def _averaged(kpi: str, rows: pl.DataFrame, *, is_company: bool) -> Average | None:
    if rows["denominator"].null_count() == 0:
        below = float(rows["denominator"].cast(pl.Float64).sum())
        return Average(float(rows["numerator"].cast(pl.Float64).sum()) / below, rows.height, is_company) if below else None
    return Average(float(rows["value"].cast(pl.Float64).mean()), rows.height, is_company)  # type: ignore[arg-type]
