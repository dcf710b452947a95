"""From visit to order to cash, capacity against cadence, and how far visit records can be trusted."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

from kpi.capacity import cadence_load, cadence_load_rate
from kpi.credibility import signals, visit_confidence
from kpi.ladder import order_amount_per_visit, visit_billed_amount, visit_cash_amount, visit_order_amount, visit_orders
from tests.kpi.asked import PEOPLE, ask, card, order, visit, whole

END = "2026-06-30"
CHAIN = {
    "reps": PEOPLE,
    "visits": [visit("01"), visit("05"), visit("05", rep="K"), visit("05", "C2")],
    "orders": [order("06", amount=100), order("20", "C2", amount=50)],
    "invoices": [
        {
            "invoice_id": "I1",
            "order_id": "C1-2026-06-06-R1",
            "customer_id": "C1",
            "rep_id": "R1",
            "invoice_date": "2026-06-10",
            "amount": 113,
        }
    ],
    "receipts": [{"receipt_id": "P1", "customer_id": "C1", "invoice_id": "I1", "received_on": "2026-06-25", "amount": 60}],
}


def test_each_rung_is_counted_once_and_grows_until_the_data_date(company) -> None:
    warehouse = company(**CHAIN, as_of=END)
    rungs = (visit_orders, visit_order_amount, visit_billed_amount, visit_cash_amount)
    assert [whole(warehouse, kpi)["value"] for kpi in rungs] == [1, 100, 113, 60]
    assert [whole(warehouse, kpi, as_of="2026-06-24")["value"] for kpi in rungs] == [1, 100, 113, 0]
    assert whole(warehouse, order_amount_per_visit)["value"] == 25
    for kpi in rungs:
        assert sum(row["value"] for row in ask(warehouse, kpi, by=("rep_id",)).values()) == whole(warehouse, kpi)["value"]


def test_orders_not_yet_billed_are_said(company) -> None:
    warehouse = company(**CHAIN, as_of=END)
    row = whole(warehouse, visit_cash_amount, as_of="2026-06-09")
    assert (row["value"], row["status"], row["note"]) == (0, "partial", "not_all_billed")


def test_without_visits_there_is_nothing_per_visit_and_without_cash_nothing_is_known(company) -> None:
    warehouse = company(**{k: v for k, v in CHAIN.items() if k != "receipts"}, as_of="2026-07-31")
    assert whole(warehouse, visit_cash_amount)["status"] == "not_loaded"
    assert whole(warehouse, order_amount_per_visit, "2026-07")["status"] == "no_denominator"
    assert whole(warehouse, visit_orders, "2026-07")["value"] == 0


def test_hours_asked_for_against_hours_there_are(company) -> None:
    # A asks for 4 × 1.5 h, B in a territory of 2 h for 2 × 2 h; R1 and R2 have 22 days of 8 hours each, K as well
    rows = {
        "customers": [card("C1", manual_class="A"), card("C2", manual_class="B", territory_id="T9")],
        "territories": [{"territory_id": "T9", "name": "far", "region": "West", "hours_per_visit": 2}],
        "visits": [visit("01")],
    }
    warehouse = company(reps=PEOPLE, **rows, as_of=END)
    assert whole(warehouse, cadence_load)["value"] == 10
    row = whole(warehouse, cadence_load_rate)
    assert (row["numerator"], row["denominator"], row["value"]) == (10, 3 * 22 * 8, pytest.approx(10 / 528))
    assert ask(warehouse, cadence_load_rate, by=("rep_id",))["I"]["note"] == "nobody_in_field"
    assert whole(warehouse, cadence_load, as_of="2026-06-15")["value"] == 5
    empty = whole(company(reps=PEOPLE, customers=[card("C1")], visits=[visit("01")], as_of=END), cadence_load_rate)
    assert (empty["value"], empty["status"]) == (0, "ok")
    assert whole(company(reps=PEOPLE, visits=[visit("01")], as_of=END), cadence_load_rate)["status"] == "not_loaded"


def test_two_parties_in_one_minute_are_a_reason_to_ask(company) -> None:
    rows = [
        visit("2026-06-03 09:00:10", "C1"), visit("2026-06-03 09:00:50", "C2"), visit("2026-06-03 10:00", "C3"),
        visit("2026-06-04", "C1"), visit("2026-06-04", "C2"),  # days without a time of day say nothing
    ]  # fmt: skip
    row = whole(company(reps=PEOPLE, visits=rows, as_of=END), visit_confidence)
    assert (row["value"], row["same_minute_visits"], row["denominator"]) == (0.6, 2, 5)


def test_a_note_copied_by_one_person_counts_and_a_choice_from_a_list_does_not(company) -> None:
    own = [visit(f"{n:02}", f"C{n}", outcome="客户对价格满意，下月继续出货") for n in (1, 2, 3)]
    menu = [visit("10", f"C{n}", rep, outcome="已沟通，继续跟进") for rep in ("R1", "R2", "K") for n in (1, 2, 3)]
    row = whole(company(reps=PEOPLE, visits=[*own, *menu, visit("12", "C9", outcome="客户对价格满意")], as_of=END), visit_confidence)
    assert (row["copied_visits"], row["numerator"], row["denominator"]) == (3, 10, 13)


def days(*made: tuple[date, int]) -> pl.LazyFrame:
    """Days of one person with so many visits, none doubtful by itself."""
    nothing = dict.fromkeys(("same_minute_visits", "copied_visits", "doubtful_visits"), 0)
    rows = [{"rep_id": "R1", "date": day, "known_on": None, "made_visits": n, **nothing} for day, n in made]
    return pl.LazyFrame(rows, schema_overrides={"known_on": pl.Date})


def test_more_in_a_day_than_can_be_made_and_a_rush_at_the_end_of_the_month() -> None:
    usual = [(date(2026, 6, 1) + timedelta(days=n), 2) for n in range(10)]
    limits = SimpleNamespace(max_visits_per_day=12)
    found = signals(days(*usual, (date(2026, 6, 20), 13), (date(2026, 6, 28), 12)), limits).collect()
    assert found["dense_visits"].to_list() == [0] * 10 + [13, 0]
    # usual: 33 visits in 11 days, so 9 in a day are nothing to ask about
    assert found["rushed_visits"].to_list() == [0] * 11 + [3]
    assert signals(days(*usual[:9], (date(2026, 6, 28), 12)), limits).collect()["rushed_visits"].sum() == 0  # too few days to be usual


def test_no_visits_no_confidence_and_parts_add_up(company) -> None:
    rows = [visit("2026-06-03 09:00", "C1"), visit("2026-06-03 09:00", "C2"), visit("05", "C1", "gone")]
    warehouse = company(reps=PEOPLE, visits=rows, as_of=END)
    parts, both = ask(warehouse, visit_confidence, by=("rep_id",)), whole(warehouse, visit_confidence)
    assert [sum(r[c] for r in parts.values()) for c in ("numerator", "denominator")] == [both["numerator"], both["denominator"]] == [1, 3]
    assert parts["R2"]["status"] == "no_denominator"
