"""Prospects equal an independent reading of the cards, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.access import OWNER
from kpi import funnel, prospects
from kpi.period import Period
from kpi.report import evaluate
from tests.oracle import market

START = date(2025, 1, 1)
DAYS = 500
AS_OF = START + timedelta(days=DAYS)
KPIS = (*prospects.KPIS, *funnel.KPIS)

days = st.integers(0, DAYS).map(lambda n: START + timedelta(days=n))
later = st.none() | st.integers(-5, 120)
cards = st.lists(
    st.fixed_dictionaries(
        {
            "owner_id": st.sampled_from(("R1", "R1", "R2", "R9")),
            "source": st.sampled_from((None, "fair", "phone")),
            "created_on": days,
            "stage": st.sampled_from((*market.WAY, "lost", "lost", "abandoned")),
            "after": st.lists(later, min_size=8, max_size=8),
            "lost_reason": st.sampled_from((None, "price")),
            "competitor": st.sampled_from((None, "Acme")),
            "need_state": st.sampled_from((None, *prospects.NEEDS)),
            "prospect_class": st.sampled_from((None, "A", "B", "C")),
            "est_value": st.none() | st.integers(0, 99_999).map(lambda cents: Decimal(cents) / 100),
        }
    ),
    min_size=30,
    max_size=50,
)
visits = st.lists(st.tuples(st.integers(0, 9), days), max_size=8)
DATED = ("qualified_on", "visited_on", "quoted_on", "contracted_on", "lost_on", "abandoned_on", "class_date", "last_reviewed_on")


def a_company(drawn: list[dict[str, Any]], seen: list[tuple[int, date]]) -> dict[str, list[dict[str, Any]]]:
    """Random cards as rows; R1 moves from North to South in the middle; one early card, so that the history begins on the first day."""
    moved = START + timedelta(days=200)
    first = {
        "prospect_id": "P",
        "name": "P",
        "owner_id": "R2",
        "created_on": START,
        "stage": "collected",
        "updated_on": datetime(2025, 1, 1),
    }
    rows = [first]
    for n, card in enumerate(drawn):
        row = {name: value for name, value in card.items() if name != "after"}
        for name, after in zip(DATED, card["after"], strict=True):
            row[name] = None if after is None else min(max(START, card["created_on"] + timedelta(days=after)), AS_OF)
        if row["stage"] in market.WAY[:4]:  # whoever is still on the way has no end
            row |= {"contracted_on": None, "lost_on": None, "abandoned_on": None}
        if row["stage"] in ("lost", "abandoned"):
            row["contracted_on"] = None
        rows.append(row | {"prospect_id": f"P{n}", "name": f"P{n}"})
    return {
        "reps": [
            {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "North", "valid_to": moved},
            {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "South", "valid_from": moved + timedelta(days=1)},
            {"rep_id": "R2", "rep_name": "Bob", "role": "rep", "region": "North"},
        ],
        "prospects": rows,
        "visits": [{"rep_id": "R1", "prospect_id": f"P{n}", "actual_date": day} for n, day in [(99, START), *seen]],
    }


def check(warehouse: Any, period: Period, by: tuple[str, ...], kpis: Any, expected: dict[str, market.Parts]) -> None:
    """Every row of ours equals the expected one, and none is missing."""
    tables = evaluate(warehouse, OWNER, kpis, [period], by)
    for kpi in kpis:
        found = {row[by[0]] if by else None: row for row in tables[kpi.name].iter_rows(named=True)}
        for key in expected.get(kpi.name, {}).keys() | found.keys():
            row, (numerator, denominator) = found.get(key), expected.get(kpi.name, {}).get(key, (0, 0))
            assert row is not None, (kpi.name, key, numerator, denominator)
            if kpi.value is not None:
                assert (row["value"] or 0) == numerator, (kpi.name, key, row, numerator)
            elif kpi.denominator is not None:
                assert (row["numerator"], row["denominator"]) == (numerator, denominator), (kpi.name, key, row, numerator, denominator)
            else:
                assert row["numerator"] == numerator, (kpi.name, key, row, numerator)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(drawn=cards, seen=visits, first=days, length=st.integers(20, 200), lag=st.integers(0, 100))
def test_prospects_equal_a_reading_of_the_cards(company, drawn, seen, first, length, lag):
    warehouse = company(**a_company(drawn, seen), as_of=AS_OF)
    period = Period("p", first, first + timedelta(days=length), min(AS_OF, first + timedelta(days=length + lag)))
    con = warehouse._file.con.cursor()
    for by in ((), ("rep_id",), ("region",), ("lead_source",)):
        expected = market.figures(con, period.start, period.to, period.as_of, by[0] if by else None)
        check(warehouse, period, by, KPIS, expected)
    check(warehouse, period, ("stages",), funnel.KPIS, market.by_pair(con, period.start, period.to, period.as_of))
