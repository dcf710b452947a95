"""Team 团队: where a rep stands among the others, from one KPI's values of the whole company (R15, R16, R18).

teams              the sellers of each role that were at work for half the time and have not left
eligible           who of them is compared
rep_rank           competition rank, 1 is best
rep_percentile     the share of the team that one is ahead of
team_median, team_average
peer_distribution  what a rep may be shown of all this

Values come from `kpi.report.evaluate` by rep_id over `Warehouse.company`, seats from its `members`: both name a person the same way.
Everything but the marks "own" is the same whoever looks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from math import floor, log10

import polars as pl

from kpi.base import Better
from kpi.period import Period

MIN_RANKED = 3  # fewer are no ranking
MIN_SHOWN = 5  # what a rep may see of others: of fewer it would tell one about another
MIN_ACTIVE = 0.5  # of the elapsed working days
TENURES = ("everyone", "new", "longer")
_NEW_DAYS = 365  # so long somebody is compared with others who are new
_TOLERANCE_DIGITS = 9  # quotients that differ by less are equal (R17)
_MEDIAN_DIGITS = 2


def eligible(values: pl.DataFrame, period: Period, team: Collection[str]) -> pl.DataFrame:
    """Those of a team who are compared in a period: rep_id, value (Float64), numerator, denominator, by rep_id; who has no value is not.

    values   one KPI's rows by rep_id
    team     those of one role who count: one of `teams`
    """
    known = pl.col("value").is_not_null() & pl.col("rep_id").is_in(sorted(team))
    rows = values.filter((pl.col("period") == period.label) & known)
    numbers = [pl.col(name).cast(pl.Float64) for name in ("value", "numerator", "denominator")]
    return rows.select("rep_id", *numbers).with_columns(pl.col("value").round(_TOLERANCE_DIGITS)).sort("rep_id")


def roles(seats: pl.DataFrame, period: Period) -> dict[str, str]:
    """As what everybody at work in a period last worked, by rep_id."""
    return dict(seats.filter(pl.col("period") == period.label).sort("active_to").select("rep_id", "role").iter_rows())


def of_tenure(seats: pl.DataFrame, period: Period, tenure: str) -> pl.DataFrame:
    """The seats of those who joined within a year before the period's last day ("new"), before that ("longer"), or of all ("everyone").

    Of whom nobody knows when they joined, they have been there for longer.
    """
    is_new = (pl.col("joined_on") > period.to - timedelta(days=_NEW_DAYS)).fill_null(False)
    return seats if tenure == "everyone" else seats.filter(is_new if tenure == "new" else ~is_new)


def unranked(values: pl.DataFrame, seats: pl.DataFrame, period: Period, rep_id: str) -> str:
    """Why somebody is in no ranking (R15): not_there, left, no_value, short (at work for less than half the time), or else few."""
    spans = seats.filter((pl.col("period") == period.label) & (pl.col("rep_id") == rep_id))
    if spans.is_empty():
        return "not_there"
    if spans["has_left"].any():
        return "left"
    if values.filter((pl.col("period") == period.label) & (pl.col("rep_id") == rep_id) & pl.col("value").is_not_null()).is_empty():
        return "no_value"
    return "short" if active_share(seats, period).get(rep_id, 0.0) < MIN_ACTIVE else "few"


def active_share(seats: pl.DataFrame, period: Period) -> dict[str, float]:
    """Working days at work ÷ elapsed working days of the period, by rep_id; empty while no working day has passed."""
    elapsed = period.elapsed_working_days
    days: dict[str, int] = {}
    for row in seats.filter(pl.col("period") == period.label).iter_rows(named=True):
        first, last = max(row["active_from"], period.start), min(row["active_to"], period.to)
        days[row["rep_id"]] = days.get(row["rep_id"], 0) + period.calendar.working_days(first, last)
    return {rep: min(worked / elapsed, 1.0) for rep, worked in days.items()} if elapsed else {}


def teams(seats: pl.DataFrame, period: Period) -> dict[str, frozenset[str]]:
    """By role the people who count in a period: at work for half the time, and still there.

    seats    period, rep_id, role, active_from, active_to, has_left: who was at work when, and as what
    """
    share, last = active_share(seats, period), roles(seats, period)
    gone = set(seats.filter((pl.col("period") == period.label) & pl.col("has_left"))["rep_id"])
    staying = {rep for rep, part in share.items() if part >= MIN_ACTIVE and rep not in gone}
    return {role: frozenset(rep for rep in staying if last.get(rep) == role) for role in set(last.values())}


def rep_rank(team: pl.DataFrame, better: Better) -> pl.DataFrame:
    """rep_id, value, rank (1, 2, 2, 4), size, status, best first; ranks are null and status too_few with fewer than three."""
    best_first = better is not Better.DOWN
    rank = pl.col("value").rank("min", descending=best_first).cast(pl.Int64)
    return _unless_too_few(team, rank.alias("rank")).sort("value", "rep_id", descending=[best_first, False])


def rep_percentile(team: pl.DataFrame, better: Better) -> pl.DataFrame:
    """rep_id, value, percentile, size, status: (those below + half of those equal, oneself too) ÷ all; null with fewer than three."""
    below = pl.col("value").rank("min", descending=better is Better.DOWN) - 1
    equal = pl.len().over("value")
    return _unless_too_few(team, ((below + equal / 2) / pl.len()).alias("percentile"))


def _unless_too_few(team: pl.DataFrame, column: pl.Expr) -> pl.DataFrame:
    few = team.height < MIN_RANKED
    rows = team.with_columns(column).select("rep_id", "value", pl.last())
    name = rows.columns[-1]
    return rows.with_columns(
        pl.lit(None, rows.schema[name]).alias(name) if few else pl.col(name),
        pl.lit(team.height, pl.Int64).alias("size"),
        pl.lit("too_few" if few else "ok").alias("status"),
    )


def team_median(team: pl.DataFrame) -> float | None:
    """The value in the middle, exact: for those who may see every value. None with fewer than three."""
    return None if team.height < MIN_RANKED else float(team["value"].median())  # type: ignore[arg-type]


def team_average(team: pl.DataFrame) -> float | None:
    """What the team makes together (quotients from their parts, R4) or each on average; None for fewer than five, or over nothing."""
    if team.height < MIN_SHOWN:
        return None
    if team["denominator"].null_count():
        return float(team["value"].mean())  # type: ignore[arg-type]
    below = float(team["denominator"].sum())
    return float(team["numerator"].sum()) / below if below > 0 else None


@dataclass(frozen=True)
class Distribution:
    """Own place among the team, as a rep may see it. Positions run from 0 (last place) to 1 (first)."""

    own: float  # one's own value
    place: float  # one's own position
    rank: int
    size: int
    positions: tuple[float, ...]  # everybody's, in order: a matter of the number of people and of ties, not of amounts
    median: float  # to two significant digits


def peer_distribution(team: pl.DataFrame, rep_id: str, better: Better) -> Distribution | None:
    """What may be shown to a rep of a team of at least five; None for fewer, and for somebody who is not on it.

    A rep must not be able to work out another's figure (hardening A8). Marks placed by amount, even rounded ones, can be solved for the
    amounts with one's own exact value and a second known point, as scale and zero follow from these. So marks are placed by rank: they
    say how many stand before and behind, and nothing else. An exact median is another's value in a team of an odd number, and own and one
    neighbour's mean in an even one; with two significant digits it is off by up to five per cent, and nobody can tell whose it was.
    Managers and directors see the values of those they lead: `rep_rank` with `team_median`.
    """
    own = team.filter(pl.col("rep_id") == rep_id)
    if team.height < MIN_SHOWN or own.is_empty():
        return None
    ranked = rep_rank(team, better)
    ranks = ranked["rank"].to_list()
    mine = ranks[ranked["rep_id"].to_list().index(rep_id)]
    # those on one rank share the middle of the places they take
    at = {rank: 1 - (rank - 1 + (ranks.count(rank) - 1) / 2) / (len(ranks) - 1) for rank in set(ranks)}
    middle = _rounded(float(team["value"].median()))  # type: ignore[arg-type]
    return Distribution(float(own["value"][0]), at[mine], mine, len(ranks), tuple(sorted(at[rank] for rank in ranks)), middle)


def _rounded(value: float) -> float:
    """To two significant digits."""
    return round(value, _MEDIAN_DIGITS - 1 - floor(log10(abs(value)))) if value else 0.0
