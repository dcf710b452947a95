"""Complaints, times and answers by the worked figures of the definitions; each asked of a company of a few rows."""

from __future__ import annotations

import pytest

from kpi import service
from kpi.portfolio import at_risk
from kpi.service import complaint_rate, first_response_hours, open_over_sla, resolution_hours, satisfaction
from tests.kpi.asked import PEOPLE, ask, card, case, order, visit, whole

END = "2026-06-30"
CARDS = [card("C1"), card("C2", "R2")]


def test_three_complaints_on_120_orders_are_two_and_a_half_per_hundred(company) -> None:
    orders = [order("05", f"C{1 + n % 2}", "R1" if n % 2 == 0 else "R2", order_id=f"O{n}") for n in range(120)]
    cases = [
        case("1", "03"),
        case("2", "04", "C2"),
        case("3", "30 23:59", "C2"),
        case("4", "05", kind="exception"),
        case("5", "05", kind="survey"),
    ]
    warehouse = company(reps=PEOPLE, customers=CARDS, orders=orders, service=cases, as_of=END)
    row = whole(warehouse, complaint_rate)
    assert (row["value"], row["numerator"], row["denominator"], row["exceptions"]) == (2.5, 3, 120, 1)
    for by, keys in ((("rep_id",), ("R1", "R2")), (("customer_id",), ("C1", "C2"))):
        parts = ask(warehouse, complaint_rate, by=by)
        assert [(parts[k]["numerator"], parts[k]["denominator"]) for k in keys] == [(1, 60), (2, 60)]
    assert whole(warehouse, complaint_rate, "2026-06-06..2026-06-08")["note"] == "no_orders"


def test_the_middle_of_2_5_and_30_hours_is_5(company) -> None:
    cases = [
        case("1", "03 10:00", responded_at="2026-06-03 12:00", closed_at="2026-06-05 10:00"),
        case("2", "03 10:00", "C2", responded_at="2026-06-03 15:00"),
        case("3", "2026-05-31 10:00", kind="exception", responded_at="2026-06-01 16:00"),  # responded in June: 30
        case("4", "30 10:00", responded_at="2026-07-01 10:00"),
        case("5", "10 10:00", responded_at="2026-06-10 09:00"),  # before it was opened
        case("6", "10 10:00", kind="survey", responded_at="2026-06-20 09:00"),
    ]
    warehouse = company(reps=PEOPLE, customers=CARDS, service=cases, as_of=END)
    row = whole(warehouse, first_response_hours)
    assert (row["value"], row["n_rows"], row["n_excluded"]) == (5, 3, 1)
    assert whole(warehouse, resolution_hours)["value"] == 48
    by_rep = ask(warehouse, first_response_hours, by=("rep_id",))
    assert (by_rep["R1"]["value"], by_rep["R2"]["value"]) == (16, 5)
    assert ask(warehouse, resolution_hours, by=("rep_id",))["R2"]["note"] == "nothing_closed"


def test_open_cases_are_over_after_a_day_unanswered_or_three_unsettled(company) -> None:
    # at the end of 30 June: 24 hours are over for what was opened before it began, 72 for what was opened before the 28th
    cases = [
        case("1", "29 23:59"),
        case("2", "30 00:00"),
        case("3", "28 00:00", responded_at="2026-06-28 01:00"),
        case("4", "27 23:59", "C2", responded_at="2026-06-28 01:00"),
        case("5", "01", closed_at="2026-06-30 12:00"),
        case("6", "01", status="closed"),
        case("7", "01", kind="survey"),
    ]
    warehouse = company(reps=PEOPLE, customers=CARDS, service=cases, as_of=END)
    row = whole(warehouse, open_over_sla)
    assert (row["value"], row["open_cases"]) == (2, 4)
    assert [ask(warehouse, open_over_sla, by=("rep_id",))[rep]["value"] for rep in ("R1", "R2")] == [1, 1]
    assert whole(warehouse, open_over_sla, as_of="2026-06-29")["open_cases"] == 4  # the fifth was open then, the second not there yet


def test_who_took_over_a_customer_has_its_open_cases(company) -> None:
    spans = [
        {"customer_id": "C1", "rep_id": "R1", "valid_to": "2026-06-15"},
        {"customer_id": "C1", "rep_id": "R2", "valid_from": "2026-06-16"},
    ]
    warehouse = company(reps=PEOPLE, customers=CARDS, assignments=spans, service=[case("1", "03")], orders=[order("03")], as_of=END)
    assert ask(warehouse, open_over_sla, by=("rep_id",))["R2"]["value"] == 1
    assert ask(warehouse, complaint_rate, by=("rep_id",))["R1"]["numerator"] == 1  # it was opened with the one before


def test_a_complaint_over_its_time_is_a_warning_and_without_the_file_there_is_none(company) -> None:
    rows = {"reps": PEOPLE, "customers": CARDS, "orders": [order("03"), order("03", "C2")]}
    row = whole(company(**rows, service=[case("1", "03"), case("2", "03", "C2", kind="exception")], as_of=END), at_risk)
    assert (row["value"], row["is_complaining"]) == (1, 1)
    assert whole(company(**rows, as_of=END), at_risk)["is_complaining"] is None


def answer(number: int, score: float | None, **more) -> dict:
    return case(f"S{number}", "10", kind="survey", score=score, **{"scale_max": 5} | more)


def test_answers_4_5_5_3_4_of_1_to_5_are_80(company) -> None:
    answers = [answer(n, score) for n, score in enumerate((4, 5, 5, 3, 4))]
    unusable = [answer(11, None), answer(12, 6), answer(13, 4, scale_max=None), answer(14, 0)]
    warehouse = company(reps=PEOPLE, customers=CARDS, service=[*answers, *unusable, case("9", "03", score=1, scale_max=5)], as_of=END)
    row = whole(warehouse, satisfaction)
    assert (row["value"], row["n_rows"], row["n_excluded"], row["status"]) == (80, 5, 4, "ok")
    tens = [answer(n, 8, scale_min=0, scale_max=10) for n in range(20, 25)]
    assert whole(company(reps=PEOPLE, customers=CARDS, service=tens, as_of=END), satisfaction)["value"] == pytest.approx(80)


def test_four_answers_say_nothing_but_their_number(company) -> None:
    row = whole(company(reps=PEOPLE, service=[answer(n, 5) for n in range(4)], as_of=END), satisfaction)
    assert (row["value"], row["status"], row["note"], row["n_rows"]) == (None, "too_few", "few_answers", 4)


@pytest.mark.parametrize("kpi", service.KPIS, ids=lambda k: k.name)
def test_with_nothing_in_it_a_count_is_zero_a_rate_is_none_and_without_the_file_neither(company, kpi) -> None:
    old = case("1", "2026-01-05", closed_at="2026-01-06")
    row = whole(company(reps=PEOPLE, service=[old], orders=[order("2026-01-05")], as_of=END), kpi)
    assert (row["value"], row["status"]) == ((None, "no_denominator") if kpi.is_ratio else (0, "ok"))
    row = whole(company(reps=PEOPLE, orders=[order("2026-01-05")], visits=[visit("03")], as_of=END), kpi)
    assert (row["value"], row["status"]) == (None, "not_loaded")


@pytest.mark.parametrize("kpi", [k for k in service.KPIS if k.additive], ids=lambda k: k.name)
def test_parts_add_up_also_where_nobody_owns_the_customer(company, kpi) -> None:
    cases = [
        case("1", "03"),
        case("2", "04", "nobody's"),
        *(answer(n, 4) for n in range(5)),
        case("S9", "10", "C2", "survey", score=1, scale_max=5),
    ]
    warehouse = company(reps=PEOPLE, customers=CARDS, service=cases, orders=[order("05"), order("06", "C9", "nobody")], as_of=END)
    all_of_it = whole(warehouse, kpi)
    for by in (("rep_id",), ("region",), ("customer_id",)):
        parts = ask(warehouse, kpi, by=by).values()
        assert sum(p["numerator"] for p in parts) == all_of_it["numerator"]
        assert sum(p["denominator"] or 0 for p in parts) == (all_of_it["denominator"] or 0)
        assert sum(p["n_rows"] for p in parts) == all_of_it["n_rows"]
