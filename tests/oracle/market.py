"""Prospects once more, card by card: from the rows as they were loaded and the definitions, sharing nothing with kpi/, facts or measures.

`figures` gives `{kpi: {key: (numerator, denominator)}}`; of a median the value and nothing. A key without cards is absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import duckdb

Parts = dict[Any, tuple[Any, Any]]
WAY = ("collected", "qualified", "visited", "quoted", "contracted")
CHANCE = {"collected": Decimal("0.05"), "qualified": Decimal("0.1"), "visited": Decimal("0.3"), "quoted": Decimal("0.6")}


@dataclass(frozen=True)
class Card:
    """One prospect as a clerk reads it: days stated per stage, the days that follow from them, and how and when it ended."""

    rep: str
    source: str
    reason: str
    class_: str | None
    classed: date
    reviewed: date | None
    need: str | None
    worth: Decimal | None
    stated: dict[str, date]
    entered: dict[str, date]
    end: tuple[str, date] | None

    def is_open(self, day: date) -> bool:
        return self.entered["collected"] <= day and (self.end is None or self.end[1] > day)

    def stage(self, day: date) -> str:
        return [stage for stage in WAY[:4] if stage in self.entered and self.entered[stage] <= day][-1]


def cards(con: duckdb.DuckDBPyConnection) -> list[Card]:
    """Every card, read once; what an export shows without a day was so on the day of the data."""
    [(text,)] = con.execute("select value from meta where key = 'as_of'").fetchall()
    as_of = date.fromisoformat(text)
    known = {rep for (rep,) in con.execute("select distinct rep_id from src.reps").fetchall()}
    visits = con.execute(
        "select prospect_id, min(actual_date::date) from src.visits where _replaced_by is null and status = 'completed' "
        "and coalesce(visit_type, 'on_site') in ('on_site', 'customer_visits_us') group by 1"
    ).fetchall()
    seen, found = dict(visits), []
    query = con.execute("select * from src.prospects where _replaced_by is null")
    names = [column[0] for column in query.description]
    for values in query.fetchall():
        row = dict(zip(names, values, strict=True))
        days = (
            row["created_on"],
            row["qualified_on"],
            row["visited_on"] or seen.get(row["prospect_id"]),
            row["quoted_on"],
            row["contracted_on"],
        )
        stated = {stage: day for stage, day in zip(WAY, days, strict=True) if day}
        shown, end = dict(stated), None
        if row["stage"] in WAY:
            shown.setdefault(row["stage"], as_of)
        lost, given_up = row["lost_on"], row["abandoned_on"]
        if row["stage"] == "contracted" or (row["stage"] not in ("lost", "abandoned") and row["contracted_on"]):
            end = ("contracted", shown["contracted"])
        elif row["stage"] == "abandoned" or (row["stage"] != "lost" and given_up):
            end = ("abandoned", given_up or lost or as_of)
        elif row["stage"] == "lost" or lost:
            end = ("lost", lost or as_of)
        if end is None or end[0] != "contracted":
            shown.pop("contracted", None)
        for before, after in (("quoted", "contracted"), ("visited", "quoted"), ("qualified", "visited")):
            if before not in shown and after in shown:
                shown[before] = shown[after]
        found.append(
            Card(
                row["owner_id"] if row["owner_id"] in known else f"unknown ({row['owner_id']})",
                row["source"] or "unspecified",
                row["lost_reason"] or ("competitor" if row["competitor"] else "unspecified"),
                row["prospect_class"],
                row["class_date"] or row["created_on"],
                row["last_reviewed_on"] or (row["updated_on"] and row["updated_on"].date()),
                row["need_state"],
                row["est_value"],
                stated,
                shown,
                end,
            )
        )
    return found


def places(con: duckdb.DuckDBPyConnection, key: str | None) -> Callable[[Card, date], Any]:
    """Who has the card, or where that person was on a day."""
    posts = con.execute(
        "select rep_id, coalesce(t.region, r.region), coalesce(valid_from, date '1900-01-01'), coalesce(valid_to, date '2999-01-01') "
        "from src.reps as r left join src.territories as t using (territory_id) where r._replaced_by is null"
    ).fetchall()

    def of(card: Card, day: date) -> Any:
        region = next((region for rep, region, start, end in posts if rep == card.rep and start <= day <= end), None)
        return {None: None, "rep_id": card.rep, "region": region, "lead_source": card.source}[key]

    return of


def gathered(counts: list[tuple[Any, Any, Any]]) -> Parts:
    """Keys with numerators and denominators, added up."""
    parts: dict[Any, list[Any]] = defaultdict(lambda: [0, 0])
    for key, numerator, denominator in counts:
        parts[key][0] += numerator
        parts[key][1] += denominator
    return {key: (n, d) for key, (n, d) in parts.items()}


def standing(known: list[Card], of: Callable[[Card, date], Any], to: date) -> dict[str, Parts]:
    limit, review = {"A": 7, "B": 30, "C": 90}, {"A": 1, "B": 7, "C": 30}
    counts: dict[str, list[tuple[Any, Any, Any]]] = defaultdict(list)
    for card in (c for c in known if c.is_open(to)):
        key = of(card, to)
        counts["prospects_by_class"].append((key, 1, 0))
        counts["weighted_pipeline"].append((key, (card.worth or 0) * CHANCE[card.stage(to)], 0))
        counts["need_state_mix"].append((key, card.need in ("optional", "latent"), card.need is not None))
        class_ = card.class_ if card.classed <= to else None
        late = class_ is not None and (to - card.classed).days > limit[class_]
        counts["prospect_overdue"].append((key, late, 0))
        counts["prospect_overdue_rate"].append((key, late, class_ is not None))
        if class_ is not None and not (card.reviewed and card.reviewed > to):
            in_time = card.reviewed is not None and (to - card.reviewed).days <= review[class_]
            counts["card_review_compliance"].append((key, in_time, 1))
    return {name: gathered(found) for name, found in counts.items()}


def moving(known: list[Card], of: Callable[[Card, date], Any], start: date, to: date, key: str | None) -> dict[str, Parts]:
    counts: dict[str, list[tuple[Any, Any, Any]]] = defaultdict(list)
    created, lost = 0, 0
    for card in known:
        born = card.entered["collected"]
        if start <= born <= to:
            created += 1
            counts["prospect_replenishment"].append((of(card, born), 1, 0))
            counts["lead_source_mix"].append((of(card, born), 1, key != "lead_source"))
        if card.end and start <= card.end[1] <= to:
            where = of(card, card.end[1])
            counts["prospect_replenishment"].append((where, 0, 1))
            if card.end[0] == "lost":
                lost += 1
                counts["lost_reason_mix"].append((where, 1, 1))
            if card.end[0] != "abandoned":
                counts["win_rate"].append((where, card.end[0] == "contracted", 1))
    found = {name: gathered(pairs) for name, pairs in counts.items()}
    if key == "lead_source":  # each source's share is of all
        found["lead_source_mix"] = {source: (n, created) for source, (n, _) in found.get("lead_source_mix", {}).items()}
    found["lead_source_win_rate"] = found.get("win_rate", {})
    return found


def funnel(
    known: list[Card], of: Callable[[Card, date], Any], start: date, to: date, as_of: date, pair: tuple[str, str]
) -> dict[str, Parts]:
    first, second = pair
    window, cohorts, lengths = timedelta(90), [], defaultdict(list)
    for card in known:
        entry = card.entered.get(first)
        if entry and start <= entry <= to and entry + window <= as_of:
            came = card.entered.get(second)
            cohorts.append((of(card, entry), came is not None and came <= entry + window, 1))
        s, t = card.stated.get(first), card.stated.get(second)
        counted = t if second in card.entered else None
        if s and counted and t and start <= t <= to and s <= t:
            lengths[of(card, t)].append((t - s).days)
    return {"funnel_conversion": gathered(cohorts), "stage_cycle_days": {key: (median(days), None) for key, days in lengths.items()}}


def figures(con: duckdb.DuckDBPyConnection, start: date, to: date, as_of: date, key: str | None) -> dict[str, Parts]:
    """Every figure of prospects, by KPI and key."""
    known, of = cards(con), places(con, key)
    found = standing(known, of, to) | moving(known, of, start, to, key)
    return found | funnel(known, of, start, to, as_of, ("collected", "contracted"))


def by_pair(con: duckdb.DuckDBPyConnection, start: date, to: date, as_of: date) -> dict[str, Parts]:
    """The funnel for each pair of stages: `{kpi: {pair: parts}}`."""
    known, of = cards(con), places(con, None)
    found: dict[str, Parts] = defaultdict(dict)
    for n, first in enumerate(WAY):
        for second in WAY[n + 1 :]:
            for name, parts in funnel(known, of, start, to, as_of, (first, second)).items():
                found[name] |= {f"{first}_to_{second}": value for value in parts.values()}
    return found
