"""What we measure: every KPI by name, in the order people meet them. Names and formulas for people are messages in i18n/."""

from __future__ import annotations

import difflib

from kpi import (
    bridges,
    cadence,
    capacity,
    cards,
    collections,
    credibility,
    credit,
    customers,
    fieldwork,
    funnel,
    ladder,
    portfolio,
    prospects,
    quotes,
    receivables,
    sales,
    service,
    stock,
    territory,
    visits,
    volume,
)
from kpi.base import Kpi
from kpi.composite import Composite
from kpi.freshness import Freshness, data_freshness
from kpi.rejects import LoadRejects, load_reject_rate
from kpi.scorecard import scorecards
from kpi.targets import TargetKpi

AnyKpi = Kpi | TargetKpi | Composite | Freshness | LoadRejects
TARGET_KINDS = ("target_attainment", "target_pace", "run_rate_forecast", "required_daily_rate")


class UnknownKpi(KeyError):
    """No KPI has this name; `meant` is the closest one there is, or empty."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.meant = next(iter(difflib.get_close_matches(name, CATALOG, 1, 0.5)), "")


# The steps of the work, in order. Glossary, docs/kpi.md and `python -m kpi list` follow them.
_MEASURED: dict[str, tuple[AnyKpi, ...]] = {
    "visits": (
        *visits.KPIS, *fieldwork.KPIS, *cadence.KPIS, *cards.SEEN, *volume.KPIS, *ladder.KPIS, *credibility.KPIS, *capacity.KPIS,
    ),
    "prospects": (*prospects.KPIS, *funnel.KPIS, prospects.prospect_pool_ratio, *quotes.KPIS),
    "customers": customers.KPIS,
    "sales": (*sales.KPIS, *bridges.KPIS, *credit.KPIS),
    "collections": (*collections.KPIS, *receivables.KPIS),
    "portfolio": portfolio.KPIS,
    "service": service.KPIS,
    "cards": (*cards.FILLED, *stock.KPIS, load_reject_rate, data_freshness),
    "territories": territory.KPIS,
}  # fmt: skip
BASES: dict[str, Kpi] = {k.name: k for members in _MEASURED.values() for k in members if isinstance(k, Kpi)}
SECTIONS: dict[str, tuple[AnyKpi, ...]] = _MEASURED | {
    "targets": tuple(TargetKpi(kind, sales.revenue) for kind in TARGET_KINDS),  # plain name = revenue
    "scorecard": scorecards(BASES),
}
CATALOG: dict[str, AnyKpi] = {k.name: k for members in SECTIONS.values() for k in members}


def get(name: str) -> AnyKpi:
    """The KPI of that name; `target_attainment:new_customers` is the one for that metric. Raises UnknownKpi."""
    kind, named, metric = name.partition(":")
    if not named:
        if name in CATALOG:
            return CATALOG[name]
        raise UnknownKpi(name)
    if kind not in TARGET_KINDS or metric not in BASES:
        raise UnknownKpi(name)
    try:
        return TargetKpi(kind, BASES[metric])
    except ValueError as error:  # a rate or a stock has no pace
        raise UnknownKpi(name) from error
