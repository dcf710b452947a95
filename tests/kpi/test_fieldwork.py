"""What visits lead to, by the worked figures of the definitions; each asked of a company of a few rows."""

from __future__ import annotations

import pytest

from kpi import fieldwork
from kpi.base import DimensionError
from kpi.fieldwork import (
    appointment_show_rate,
    appointments_made,
    contacts,
    distinct_prospects_visited,
    log_timeliness,
    onboarding_touch_rate,
    strike_rate,
    unplanned_share,
    visit_records,
)
from tests.kpi.asked import PEOPLE, ask, card, order, plan, visit, whole

END = "2026-06-30"


def test_records_are_counted_one_by_one_and_contacts_beside_them(company) -> None:
    # R1 visits C1 twice and C2 once on 3 June: 2 visits, 3 records
    rows = [visit("03"), visit("03"), visit("03", "C2"), visit("03", visit_type="phone"), visit("04", visit_type="online")]
    warehouse = company(reps=PEOPLE, visits=rows, as_of=END)
    assert whole(warehouse, visit_records)["value"] == 3
    assert (whole(warehouse, contacts)["value"], whole(warehouse, contacts)["n_rows"]) == (2, 2)
    assert ask(warehouse, contacts, by=("customer_id",))["C1"]["value"] == 2


def test_visits_without_a_plan_are_blind(company) -> None:
    rows = [visit(f"{n:02}", f"C{n}") for n in range(1, 7)] + [visit(f"{n:02}", f"C{n}", planned_date="2026-06-20") for n in range(7, 23)]
    warehouse = company(reps=PEOPLE, visits=rows, as_of=END)
    row = whole(warehouse, unplanned_share)
    assert (row["numerator"], row["denominator"], round(row["value"], 3)) == (6, 22, 0.273)
    assert ask(warehouse, unplanned_share, by=("customer_id",))["C1"]["value"] == 1


def test_a_day_with_one_planned_record_is_planned(company) -> None:
    warehouse = company(reps=PEOPLE, visits=[visit("03"), visit("03", planned_date="2026-06-03")], as_of=END)
    assert whole(warehouse, unplanned_share)["value"] == 0


def test_prospects_are_counted_apart_until_they_are_customers(company) -> None:
    rows = [visit("03", None, prospect_id="P1"), visit("05", None, "R2", prospect_id="P1"), visit("06", "C1", prospect_id="P2")]
    warehouse = company(reps=PEOPLE, visits=rows, as_of=END)
    assert whole(warehouse, distinct_prospects_visited)["value"] == 1
    assert whole(warehouse, distinct_prospects_visited, "2026-06-04..2026-06-10")["value"] == 1
    by_rep = ask(warehouse, distinct_prospects_visited, by=("rep_id",))
    assert (by_rep["R1"]["value"], by_rep["R2"]["value"], by_rep["K"]["value"]) == (1, 1, 0)


STRUCK = {"reps": PEOPLE, "visits": [visit("01"), visit("05")], "orders": [order("06")]}


def test_an_order_credits_only_the_latest_visit_before_it(company) -> None:
    row = whole(company(**STRUCK, as_of=END), strike_rate)
    assert (row["value"], row["numerator"], row["denominator"], row["status"]) == (0.5, 1, 2, "ok")


def test_visits_too_young_for_an_order_are_left_out_and_alone_give_no_rate(company) -> None:
    warehouse = company(**STRUCK, as_of=END)
    on_9th = whole(warehouse, strike_rate, as_of="2026-06-09")
    assert (on_9th["value"], on_9th["denominator"], on_9th["n_excluded"]) == (0, 1, 1)
    on_6th = whole(warehouse, strike_rate, as_of="2026-06-06")
    assert (on_6th["value"], on_6th["status"], on_6th["note"], on_6th["n_excluded"]) == (None, "immature", "too_young", 2)


def test_the_last_day_of_the_window_counts_and_the_day_after_does_not(company) -> None:
    rows = {"reps": PEOPLE, "visits": [visit("01"), visit("01", "C2")], "orders": [order("08"), order("09", "C2")]}
    by_customer = ask(company(**rows, as_of=END), strike_rate, by=("customer_id",))
    assert (by_customer["C1"]["value"], by_customer["C2"]["value"]) == (1, 0)


def test_reps_who_went_together_both_have_the_order(company) -> None:
    rows = {"reps": PEOPLE, "visits": [visit("05"), visit("05", rep="K")], "orders": [order("06")]}
    assert whole(company(**rows, as_of=END), strike_rate)["numerator"] == 2


def test_a_prospect_that_became_a_customer_has_struck(company) -> None:
    rows = {
        "reps": PEOPLE,
        "visits": [visit("05", None, prospect_id="P1")],
        "prospects": [
            {"prospect_id": "P1", "name": "P", "owner_id": "R1", "created_on": "2026-01-01", "stage": "contracted", "customer_id": "C1"}
        ],
        "orders": [order("06")],
    }
    assert whole(company(**rows, as_of=END), strike_rate)["value"] == 1


def test_returns_and_cancelled_orders_do_not_strike(company) -> None:
    rows = {"reps": PEOPLE, "visits": [visit("05")], "orders": [order("06", amount=-5), order("07", status="cancelled"), order("01")]}
    assert whole(company(**rows, as_of=END), strike_rate)["value"] == 0


def test_eighteen_of_twenty_visits_are_written_down_by_the_next_day(company) -> None:
    in_time = [visit(f"{n:02}", logged_at=f"2026-06-{n + 1:02} 23:59") for n in range(1, 19)]
    late = [visit(f"{n}", logged_at=f"2026-06-{n + 2} 00:00") for n in (19, 20)]
    warehouse = company(reps=PEOPLE, visits=[*in_time, *late, visit("25")], as_of=END)
    row = whole(warehouse, log_timeliness)
    assert (row["value"], row["n_rows"], row["n_excluded"]) == (0.9, 20, 1)


def test_a_file_without_the_column_is_not_loaded_rather_than_late(company) -> None:
    row = whole(company(reps=PEOPLE, visits=[visit("03")], as_of=END), log_timeliness)
    assert (row["value"], row["status"]) == (None, "not_loaded")


def test_nine_of_twelve_appointments_are_kept_and_belong_to_who_booked(company) -> None:
    kept = [plan(f"{n:02}", actual_date=f"2026-06-{n:02}", status="completed", booked_by="I") for n in range(1, 10)]
    missed = [plan(str(n), booked_by="I") for n in (10, 11, 12)]
    off = plan("13", booked_by="I", status="cancelled", cancelled_by="customer")
    moved = plan("14", booked_by="I", status="rescheduled")
    warehouse = company(reps=PEOPLE, visits=[*kept, *missed, off, moved, visit("20")], as_of=END)
    row = whole(warehouse, appointment_show_rate)
    assert (row["value"], row["numerator"], row["denominator"], row["n_excluded"]) == (0.75, 9, 12, 1)
    made = ask(warehouse, appointments_made, by=("rep_id",))
    assert (made["I"]["value"], made["R1"]["value"]) == (12, 0)


def test_without_the_column_nobody_knows_who_booked(company) -> None:
    assert whole(company(reps=PEOPLE, visits=[plan("03")], as_of=END), appointments_made)["status"] == "not_loaded"


def test_four_of_five_new_customers_are_followed_up(company) -> None:
    customers = [card(f"C{n}", created_on="2026-06-01") for n in range(1, 7)]
    orders = [order("03", f"C{n}") for n in range(1, 6)] + [order("25", "C6"), order("2026-05-01", "old")]
    seen = [visit("05", "C1"), visit("05", "C2", visit_type="phone"), visit("17", "C3"), visit("03", "C4", rep="R2"), visit("18", "C5")]
    warehouse = company(reps=PEOPLE, customers=customers, orders=orders, visits=seen, as_of=END)
    row = whole(warehouse, onboarding_touch_rate)
    assert (row["value"], row["numerator"], row["denominator"], row["n_excluded"]) == (0.8, 4, 5, 1)
    young = whole(warehouse, onboarding_touch_rate, as_of="2026-06-10")
    assert (young["value"], young["status"]) == (None, "immature")


@pytest.mark.parametrize("kpi", fieldwork.KPIS, ids=lambda k: k.name)
def test_with_nothing_in_it_a_count_is_zero_and_a_rate_is_none(company, kpi) -> None:
    rows = {
        "visits": [visit("2026-01-05", booked_by="I", planned_date="2026-01-05", logged_at="2026-01-05")],
        "orders": [order("2026-01-05")],
    }
    row = whole(company(reps=PEOPLE, **rows, as_of=END), kpi)
    expected = (None, "no_denominator") if kpi.is_ratio else (0, "ok")
    assert (row["value"], row["status"]) == expected


@pytest.mark.parametrize("kpi", [k for k in fieldwork.KPIS if k.additive], ids=lambda k: k.name)
def test_parts_add_up_also_where_nobody_is_named(company, kpi) -> None:
    rows = {
        "visits": [
            visit("03", booked_by="I", planned_date="2026-06-03", logged_at="2026-06-03"),
            visit("04", "C9", "nobody", booked_by="nobody", planned_date="2026-06-04", logged_at="2026-06-09"),
            visit("05", "C2", "R2", visit_type="phone"),
        ],
        "orders": [order("2026-01-01", "old"), order("05"), order("06", "C9", "nobody")],
        "customers": [card("C1", created_on="2026-06-01"), card("C9", created_on="2026-06-01")],
    }
    warehouse = company(reps=PEOPLE, **rows, as_of=END)
    for by in (("rep_id",), ("region",)):
        parts, all_of_it = ask(warehouse, kpi, by=by), whole(warehouse, kpi)
        assert sum(p["numerator"] for p in parts.values()) == all_of_it["numerator"]
        assert sum(p["denominator"] or 0 for p in parts.values()) == (all_of_it["denominator"] or 0)
        assert sum(p["n_rows"] for p in parts.values()) == all_of_it["n_rows"]


def test_appointments_are_not_kept_by_customer(company) -> None:
    rows = [plan("03", booked_by="I")]
    with pytest.raises(DimensionError):
        ask(company(reps=PEOPLE, visits=rows, as_of=END), appointments_made, by=("customer_id",))
