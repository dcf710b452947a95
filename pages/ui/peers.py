"""Own place among the others: from the company's rows; what leaves this file is only what kpi/team.py makes of them.

A team is all eligible people of one role in the company (R15, R18), so a rank is the same whoever looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isclose

import polars as pl

from data.access import OWNER, Scope
from data.warehouse import Warehouse
from kpi import team
from kpi.base import Better
from kpi.catalog import get
from kpi.period import Period
from kpi.report import Measured, evaluate


@dataclass(frozen=True)
class Standing:
    """Where one rep stands in a KPI. `positions` (0 last, 1 first) is empty in a team too small to be drawn.

    own     None where the place is that of more rows than the reader may see: told, the difference would tell what those hold
    """

    own: float | None
    rank: int
    size: int
    median: float
    place: float | None = None
    positions: tuple[float, ...] = ()

    @property
    def percentile(self) -> float | None:
        """The share of the team one is ahead of: those behind and half of those equal, oneself too; None where no positions are told."""
        if self.place is None:
            return None
        behind, equal = sum(one < self.place for one in self.positions), self.positions.count(self.place)
        return (behind + equal / 2) / len(self.positions)


@dataclass(frozen=True)
class Average:
    """What a team makes together, or each on average, and who it is."""

    value: float
    size: int
    is_company: bool
    reps: tuple[str, ...]  # those of the ones asked about who are measured against it


def figures(warehouse: Warehouse, kpis: Sequence[Measured], period: Period) -> dict[str, pl.DataFrame]:
    """Everybody's figures by rep_id. For no reader's eyes: only for Teams, which tells each reader what he or she may know of them."""
    return evaluate(warehouse.company(OWNER), OWNER, kpis, (period,), ("rep_id",))


@dataclass(frozen=True)
class Teams:
    """The company in one period as one reader may compare with it. Never kept, never shown: ask it for standings and averages."""

    period: Period
    values: dict[str, pl.DataFrame]
    seats: pl.DataFrame
    seen: dict[str, pl.DataFrame] | None = None  # the figures of the rows the reader may see; None: all are seen

    @classmethod
    def of(
        cls,
        warehouse: Warehouse,
        scope: Scope,
        everybody: Mapping[str, pl.DataFrame],
        kpis: Sequence[Measured],
        period: Period,
        tenure: str = "everyone",
    ) -> Teams:
        """The figures of every seller, and who was at work when; new people are compared with new ones if asked (`team.TENURES`).

        everybody   what `figures` gives for these KPIs: the same for all readers
        """
        company = warehouse.company(scope)
        values = company.told(scope, everybody)
        seen = None if scope.sees_all else evaluate(warehouse, scope, kpis, (period,), ("rep_id",))
        return cls(period, values, team.of_tenure(company.members(scope, (period,)).collect(), period, tenure), seen)

    def unranked(self, kpi: str, rep_id: str) -> str:
        """Why a rep has no place in a KPI, as `team.unranked`."""
        return team.unranked(self.values[kpi], self.seats, self.period, rep_id)

    def standing(self, kpi: str, rep_id: str) -> Standing | None:
        """The place of a rep; in a team of three or four only for those who see everybody's figures anyway. None: nothing may be said."""
        role, better = self._roles.get(rep_id), Better(get(kpi).better)
        if role is None:
            return None
        members = self._compared(self.values[kpi], role)
        if found := team.peer_distribution(members, rep_id, better):
            own = self._told(kpi, rep_id, found.own)
            return Standing(own, found.rank, found.size, found.median, found.place, found.positions)
        ranked = team.rep_rank(members, better).filter((pl.col("rep_id") == rep_id) & pl.col("rank").is_not_null())
        median = team.team_median(members)
        if ranked.is_empty() or median is None or not self._all_seen(kpi, members):
            return None
        return Standing(ranked["value"][0], ranked["rank"][0], ranked["size"][0], median)

    def averages(self, kpi: str, reps: Sequence[str]) -> dict[str, Average]:
        """By role: the average of these reps if they are enough, else of the company, unless that would tell about a few others."""
        found = {}
        roles = {rep: self._roles[rep] for rep in reps if rep in self._roles}
        for role in sorted(set(roles.values())):
            company = self._compared(self.values[kpi], role)
            known = company if self.seen is None else self._compared(self.seen[kpi], role)
            inside = known.filter(pl.col("rep_id").is_in(list(reps)))
            value, is_company = team.team_average(inside), False
            if value is None and company.height - inside.height >= team.MIN_SHOWN:
                inside, value, is_company = company, team.team_average(company), True
            if value is not None:
                found[role] = Average(value, inside.height, is_company, tuple(rep for rep, as_role in roles.items() if as_role == role))
        return found

    @cached_property
    def _roles(self) -> dict[str, str]:
        return team.roles(self.seats, self.period)

    @cached_property
    def _teams(self) -> dict[str, frozenset[str]]:
        return team.teams(self.seats, self.period)

    def _compared(self, values: pl.DataFrame, role: str) -> pl.DataFrame:
        return team.eligible(values, self.period, self._teams.get(role, frozenset()))

    def _told(self, kpi: str, rep_id: str, own: float) -> float | None:
        if self.seen is None:
            return own
        rows = self.seen[kpi].filter((pl.col("rep_id") == rep_id) & (pl.col("period") == self.period.label))
        value = rows["value"][0] if rows.height else None
        return own if value is not None and isclose(float(value), own, rel_tol=1e-9, abs_tol=1e-9) else None

    def _all_seen(self, kpi: str, members: pl.DataFrame) -> bool:
        """Whether the reader sees every figure of a team: its exact median may be any of them."""
        own = members["rep_id"].is_in(self.seats.filter("is_own")["rep_id"].implode()).all()
        return own and all(self._told(kpi, rep, value) is not None for rep, value in members.select("rep_id", "value").iter_rows())
