"""Customers looked after, and their cards, by the worked figures of the definitions."""

from __future__ import annotations

import polars as pl
import pytest

from data.access import OWNER
from kpi.cards import (
    card_completeness,
    card_freshness,
    coverage,
    coverage_own,
    days_since_visit,
    days_since_visit_list,
)
from kpi.period import parse
from tests.kpi.asked import PEOPLE, ask, card, order, visit, whole

END = "2026-06-30"
EARLY = order("2026-01-01", "first")  # so that ninety days of orders are on file
FULL = {
    "contact": "Li", "phone": "1", "industry": "tea", "province": "Fujian", "city": "Xiamen", "credit_rating": "AA", "credit_limit": 1,
    "terms_days": 30, "annual_potential": 5, "manual_class": "A",
}  # fmt: skip


def test_thirty_of_forty_active_customers_were_seen(company) -> None:
    rows = {
        "customers": [card(f"C{n}") for n in range(41)],
        "orders": [EARLY, *(order("01", f"C{n}") for n in range(40))],
        "visits": [visit("10", f"C{n}", "R2" if n < 5 else "R1") for n in range(30)] + [visit("10", "C40")],
    }
    warehouse = company(reps=PEOPLE, **rows, as_of=END)
    row = whole(warehouse, coverage)
    assert (row["value"], row["numerator"], row["denominator"], row["status"]) == (0.75, 30, 40, "ok")
    assert whole(warehouse, coverage_own)["numerator"] == 25


def test_the_owner_on_the_last_day_is_asked_and_the_days_outside_do_not_count(company) -> None:
    spans = [
        {"customer_id": "C1", "rep_id": "R2", "valid_from": "2026-01-01", "valid_to": "2026-06-29"},
        {"customer_id": "C1", "rep_id": "R1", "valid_from": END},
    ]
    rows = {"customers": [card("C1"), card("C2")], "assignments": spans, "orders": [EARLY, order("01"), order("01", "C2")]}
    warehouse = company(
        reps=PEOPLE, **rows, visits=[visit("01", rep="R2"), visit("2026-05-31", "C2"), visit("2026-07-01", "C2")], as_of="2026-07-05"
    )
    found = ask(warehouse, coverage, by=("rep_id",))
    assert (found["R1"]["numerator"], found["R1"]["denominator"], found["R2"]["denominator"]) == (1, 2, 0)
    assert whole(warehouse, coverage_own)["numerator"] == 0


def test_customers_of_the_last_week_are_not_asked_for(company) -> None:
    rows = {
        "customers": [card("C1", created_on="2026-06-23"), card("C2", created_on="2026-06-24")],
        "orders": [EARLY, order("25"), order("25", "C2")],
    }
    row = whole(company(reps=PEOPLE, **rows, visits=[visit("25")], as_of=END), coverage)
    assert (row["numerator"], row["denominator"], row["n_excluded"]) == (1, 1, 1)


def test_a_running_month_looks_at_its_days_so_far(company) -> None:
    rows = {"customers": [card("C1")], "orders": [EARLY, order("01")], "visits": [visit("2026-05-10"), visit("20")]}
    warehouse = company(reps=PEOPLE, **rows, as_of=END)
    assert whole(warehouse, coverage, as_of="2026-06-19")["value"] == 0
    assert whole(warehouse, coverage, as_of="2026-06-20")["value"] == 1
    assert whole(warehouse, days_since_visit, as_of="2026-06-19")["value"] == 40


def test_twenty_seven_days_since_the_third(company) -> None:
    warehouse = company(reps=PEOPLE, customers=[card("C1"), card("C2")], visits=[visit("03"), visit("01")], as_of=END)
    found = ask(warehouse, days_since_visit, by=("customer_id",))
    assert found["C1"]["value"] == 27
    assert (found["C2"]["value"], found["C2"]["note"], found["C2"]["n_excluded"]) == (None, "never_visited", 1)
    assert whole(warehouse, days_since_visit)["value"] == 27


def test_the_list_has_the_unvisited_on_top_of_each_class(company) -> None:
    cards = [card(c, manual_class=k) for c, k in (("b1", "B"), ("a1", "A"), ("a2", "A"), ("a3", "A"))] + [
        card("off", status="inactive"),
        card("n"),
    ]
    warehouse = company(reps=PEOPLE, customers=cards, visits=[visit("03", "a1"), visit("20", "a3"), visit("05", "b1")], as_of=END)
    frame = warehouse.read("customer_recency", OWNER, [parse("2026-06", warehouse.as_of)], by=["customer_id"])
    rows = days_since_visit_list(frame).collect().select("customer_id", "value").rows()
    assert rows == [("a2", None), ("a1", 27), ("a3", 10), ("b1", 25), ("n", None)]


def test_nine_six_and_ten_of_ten_fields_are_filled(company) -> None:
    dashes = {"industry": "-", "province": "无", "city": "N/A", "credit_rating": " 待补 "}
    cards = [card("C1", **FULL | {"city": None}), card("C2", **FULL | dashes), card("C3", **FULL), card("idle")]
    warehouse = company(reps=PEOPLE, customers=cards, orders=[EARLY, *(order("01", c) for c in ("C1", "C2", "C3"))], as_of=END)
    row = whole(warehouse, card_completeness)
    assert (row["numerator"], row["denominator"], round(row["value"], 3)) == (25, 30, 0.833)


def test_a_company_asks_for_the_fields_it_wants(company) -> None:
    warehouse = company(
        reps=PEOPLE,
        customers=[card("C1", city="Xiamen")],
        orders=[EARLY, order("01")],
        settings={"card_fields": ("city", "phone")},
        as_of=END,
    )
    assert whole(warehouse, card_completeness)["value"] == 0.5


def test_cards_touched_in_the_last_ninety_days_are_fresh(company) -> None:
    cards = [
        card("C1", updated_on="2026-04-02 08:00"),
        card("C2", updated_on="2026-04-01 09:00"),
        card("C3"),
        card("C4", updated_on="2026-07-02"),
    ]
    orders = [EARLY, *(order("01", c["customer_id"]) for c in cards)]
    row = whole(company(reps=PEOPLE, customers=cards, orders=orders, as_of="2026-07-05"), card_freshness)
    # 2 April is the ninetieth day back; what C4 was before July nobody knows
    assert (row["numerator"], row["denominator"], row["n_excluded"], row["status"]) == (1, 3, 1, "ok")


def test_a_past_day_of_which_most_cards_were_touched_since_has_no_rate(company) -> None:
    since = [card(f"C{n}", updated_on="2026-07-02") for n in range(4)]
    orders = [EARLY, *(order("01", f"C{n}") for n in range(6))]

    def freshness(kept: int) -> dict:
        cards = [*since, *(card(f"C{n}", updated_on="2026-06-20") for n in range(4, kept + 4))]
        return whole(company(reps=PEOPLE, customers=cards, orders=orders[: kept + 5], as_of="2026-07-05"), card_freshness)

    # of six customers two were left alone since: both fresh, and no sample of the six; of four and none it is no better
    row, none = freshness(2), freshness(0)
    assert (row["value"], row["numerator"], row["denominator"], row["n_excluded"]) == (None, 2, 2, 4)
    assert (none["value"], none["denominator"], none["n_excluded"]) == (None, 0, 4)
    assert {(r["status"], r["note"]) for r in (row, none)} == {("immature", "touched_since")}


def test_most_cards_touched_in_one_second_are_flagged(company) -> None:
    cards = [card(f"C{n}", updated_on="2026-06-01 03:00:00") for n in range(3)] + [card("C3", updated_on="2026-06-01 03:00:01")]
    orders = [EARLY, *(order("01", c["customer_id"]) for c in cards)]
    row = whole(company(reps=PEOPLE, customers=cards, orders=orders, as_of=END), card_freshness)
    assert (row["value"], row["status"], row["note"]) == (1, "partial", "mass_update")
    half = [*cards[:2], cards[3], card("C9", updated_on="2026-05-01")]
    orders = [EARLY, *(order("01", c["customer_id"]) for c in half)]
    assert whole(company(reps=PEOPLE, customers=half, orders=orders, as_of=END), card_freshness)["status"] == "ok"


KPIS = (coverage, coverage_own, card_completeness, card_freshness)


@pytest.mark.parametrize("kpi", KPIS, ids=lambda k: k.name)
def test_without_active_customers_there_is_no_rate(company, kpi) -> None:
    row = whole(company(reps=PEOPLE, customers=[card("C1")], orders=[EARLY], visits=[visit("03", "C1")], as_of=END), kpi)
    assert (row["value"], row["status"], row["note"]) == (None, "no_denominator", "no_active_customers")


@pytest.mark.parametrize("kpi", KPIS, ids=lambda k: k.name)
def test_parts_add_up_also_for_customers_nobody_owns(company, kpi) -> None:
    cards = [card("C1", **FULL), card("C2", None), card("C3", "gone"), card("C4", "R2", updated_on="2026-06-02")]
    orders = [EARLY, *(order("01", c) for c in ("C1", "C2", "C3", "C4", "stranger"))]
    warehouse = company(reps=PEOPLE, customers=cards, orders=orders, visits=[visit("03", "C2"), visit("04", "C4", "R2")], as_of=END)
    parts, both = ask(warehouse, kpi, by=("rep_id",)), whole(warehouse, kpi)
    assert both["n_rows"] == 5
    assert all(sum(row[part] for row in parts.values()) == both[part] for part in ("numerator", "denominator", "n_rows"))
    assert parts["unassigned"]["n_rows"] == 2


def test_a_file_that_is_missing_is_said(company) -> None:
    warehouse = company(reps=PEOPLE, customers=[card("C1")], orders=[EARLY, order("01")], as_of=END)
    states = [whole(warehouse, kpi)["status"] for kpi in (coverage, days_since_visit, card_completeness)]
    assert states == ["not_loaded", "not_loaded", "ok"]


def test_the_list_of_nothing_is_empty() -> None:
    kinds = {"period": pl.String, "customer_id": pl.String, "rep_id": pl.String, "manual_class": pl.String, "is_inactive": pl.Boolean}
    assert days_since_visit_list(pl.LazyFrame(schema={**kinds, "to_on": pl.Date, "last_visit_on": pl.Date})).collect().is_empty()
