"""Territories: T3 to the tenth, spread, and where a customer lies."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from kpi.base import DimensionError
from kpi.period import Period
from kpi.territory import territory_existing, territory_potential, territory_spread, workload, workload_index
from tests.kpi.asked import PEOPLE, ask, card, order, prospect, whole

END = "2026-06-30"
CONFIG = SimpleNamespace(
    abc_cuts=(0.8, 0.95),
    visits_required={"A": 4, "B": 2, "C": 1},
    cadence_months=1,
    visits_per_prospect=6,
    hours_per_visit=1.5,
    workload_band=(85, 115),
    data_start={},
)
JUNE = Period("p", date(2026, 6, 1), date(2026, 6, 30), date(2026, 6, 30))
T3 = {"T1": (10, 20, 30, 15), "T2": (4, 15, 60, 40), "T3": (6, 10, 20, 25)}
KINDS = {
    "period": pl.String, "territory_id": pl.String, "region": pl.String, "manual_class": pl.String, "is_prospect": pl.Boolean,
    "is_inactive": pl.Boolean, "is_active": pl.Boolean, "hours_per_visit": pl.Float64, "n_rows": pl.Int64,
    "annual_potential": pl.Decimal(38, 4),
    "territory_potential": pl.Decimal(38, 4), "abc_class": pl.String,
}  # fmt: skip


def parties(territories=T3, **more) -> pl.LazyFrame:
    """Customers of classes A, B, C and prospects of each territory, in numbers."""
    rows = []
    for name, (*classes, prospects) in territories.items():
        plain = {"period": "p", "territory_id": name, "region": "East", "is_inactive": False, "is_active": True, "n_rows": 1, **more}
        zero = {"annual_potential": 0, "abc_class": "N"}
        for label, count in zip("ABC", classes, strict=True):
            rows += [plain | zero | {"manual_class": label, "is_prospect": False}] * count
        rows += [plain | zero | {"manual_class": None, "is_prospect": True}] * prospects
    return pl.LazyFrame([{name: row.get(name) for name in KINDS} for row in rows], schema=KINDS)


def test_t3_hours_and_index() -> None:
    rows = workload(parties(), CONFIG).collect()
    assert rows["hours"].to_list() == [2115, 2268, 1377]
    assert [round(x, 1) for x in rows["index"]] == [110.2, 118.1, 71.7]
    assert rows["is_outside"].to_list() == [False, True, True]


def test_t3_spread() -> None:
    row = territory_spread(parties(), JUNE, config=CONFIG).to_dicts()[0]
    assert (round(row["value"], 2), round(row["variation"], 3)) == (1.65, 0.203)
    alone = parties({"T1": (1, 0, 0, 0)})
    row = territory_spread(alone, JUNE, config=CONFIG).to_dicts()[0]
    assert (row["value"], row["status"], row["note"]) == (None, "too_few", "few_territories")


def test_a_territory_that_says_its_hours_is_taken_at_its_word_and_who_stopped_buying_needs_no_visits() -> None:
    assert workload(parties({"T1": (1, 0, 0, 0)}, hours_per_visit=2.0), CONFIG).collect()["hours"].to_list() == [96]
    assert workload(parties({"T1": (1, 0, 0, 0)}, is_inactive=True), CONFIG).collect()["hours"].to_list() == [0]
    assert workload(parties({}), CONFIG).collect().is_empty()


PLACES = [
    {"territory_id": "T1", "name": "1", "region": "East", "annual_potential": 900},
    {"territory_id": "T2", "name": "2", "region": "West"},
    {"territory_id": "T3", "name": "3", "region": "West", "annual_potential": 50},
]


def test_a_customer_lies_where_its_card_says_else_with_its_owner(company) -> None:
    cards = [
        card("C1", "R1", annual_potential=10),
        card("C2", "R1", territory_id="T2", annual_potential=20),
        card("C3", "R2"),
        card("C4", "R2"),
    ]
    orders = [order("2026-01-01", "C4"), *(order("01", c) for c in ("C1", "C2", "C3"))]
    warehouse = company(reps=PEOPLE, territories=PLACES, customers=cards, orders=orders, as_of=END)
    found = ask(warehouse, territory_existing, by=("territory_id",))
    assert {t: found[t]["value"] for t in ("T1", "T2", "T3")} == {"T1": 1, "T2": 2, "T3": 0}
    assert (found["T1"]["annual_potential"], found["T1"]["territory_potential"], found["T2"]["annual_potential"]) == (10, 900, 20)
    both = whole(warehouse, territory_existing)
    assert (both["value"], both["annual_potential"]) == (3, 30)
    assert ask(warehouse, territory_existing, by=("region",))["West"]["value"] == 2


def test_prospects_are_work_until_they_are_won_or_lost(company) -> None:
    prospect = {"owner_id": "R1", "created_on": "2026-05-01", "stage": "collected", "name": "P"}
    known = [
        prospect | {"prospect_id": "open"},
        prospect | {"prospect_id": "lost later", "stage": "lost", "lost_on": "2026-07-01"},
        prospect | {"prospect_id": "lost", "stage": "lost", "lost_on": "2026-06-30"},
        prospect | {"prospect_id": "new", "created_on": "2026-07-01"},
    ]
    rows = {"territories": PLACES, "customers": [card("C1", manual_class="C"), card("C2", "R2", manual_class="C")], "prospects": known}
    warehouse = company(reps=PEOPLE, **rows, orders=[order("2026-01-01")], as_of="2026-07-05")
    found = ask(warehouse, workload_index, by=("territory_id",))
    assert (found["T1"]["hours"], found["T2"]["hours"]) == (12 * 1.5 + 2 * 6 * 1.5, 12 * 1.5)
    assert found["T1"]["value"] == pytest.approx(36 / 27 * 100)
    with pytest.raises(DimensionError):
        ask(warehouse, workload_index, by=("rep_id",))


def test_open_prospects_of_a_territory_stand_beside_its_potential(company) -> None:
    cards = [
        card("C1", annual_potential=300),
        card("C2", annual_potential=50, status="inactive"),
        card("C3", owner="R2", annual_potential=7),
    ]
    new = [prospect("P1"), prospect("P2"), prospect("P3", "R2"), prospect("P4", stage="lost", lost_on="2026-06-30")]
    rows = {"reps": PEOPLE, "territories": PLACES, "customers": cards, "orders": [order("05")], "prospects": new}
    found = ask(company(**rows, as_of=END), territory_potential, by=("territory_id",))
    assert {name: (row["value"], row["annual_potential"]) for name, row in found.items() if name in ("T1", "T2")} == {
        "T1": (2, 300),
        "T2": (1, 7),
    }
    assert found["T1"]["territory_potential"] == 900
    alone = whole(company(reps=PEOPLE, prospects=new, as_of=END), territory_potential)
    assert (alone["value"], alone["annual_potential"]) == (3, None)
    assert whole(company(reps=PEOPLE, orders=[order("05")], as_of=END), territory_potential)["status"] == "not_loaded"
