"""Visits against what was set for them, and per day in the field."""

from __future__ import annotations

import pytest

from kpi.base import DimensionError
from kpi.volume import visit_volume_ratio, visits_per_day
from tests.kpi.asked import PEOPLE, ask, plan, visit, whole

END = "2026-06-30"
MADE = [visit(f"{n:02}") for n in range(1, 23)]


def goal(rep: str, value: int) -> dict:
    return {"scope": "rep", "scope_id": rep, "period": "2026-06", "metric": "completed_visits", "value": value}


def test_twenty_two_visits_against_a_target_of_twenty(company) -> None:
    warehouse = company(reps=PEOPLE, visits=MADE, targets=[goal("R1", 20)], as_of=END)
    row = whole(warehouse, visit_volume_ratio)
    assert (row["value"], row["numerator"], row["denominator"], row["status"]) == (pytest.approx(1.1), 22, 20, "ok")


def test_without_a_target_the_plan_stands_in(company) -> None:
    warehouse = company(reps=PEOPLE, visits=[*MADE, plan("03", rep="R1"), *(plan(f"{n:02}", rep="R2") for n in range(1, 11))], as_of=END)
    found = ask(warehouse, visit_volume_ratio, by=("rep_id",))
    assert (found["R1"]["value"], found["R2"]["value"]) == (22, 0)
    assert (found["K"]["value"], found["K"]["status"], found["K"]["note"]) == (None, "no_denominator", "no_plan")


def test_a_part_month_is_held_against_the_days_that_have_passed(company) -> None:
    # 11 of 22 working days: 10 of 20
    warehouse = company(reps=PEOPLE, visits=MADE, targets=[goal("R1", 20)], as_of=END)
    assert whole(warehouse, visit_volume_ratio, as_of="2026-06-15")["denominator"] == pytest.approx(10)


def test_sixty_six_visits_in_twenty_two_working_days(company) -> None:
    made = [visit(f"{n:02}", f"C{i}") for n in range(1, 23) for i in range(3)]
    warehouse = company(reps=[p for p in PEOPLE if p["rep_id"] == "R1"], visits=made, as_of=END)
    row = whole(warehouse, visits_per_day)
    assert (row["value"], row["numerator"], row["denominator"]) == (3, 66, 22)


def test_only_people_in_the_field_have_days_and_only_while_they_are_there(company) -> None:
    people = [
        *PEOPLE[:3],
        PEOPLE[4],
        {**PEOPLE[3], "valid_from": "2026-06-16"},
        {"rep_id": "L", "rep_name": "Lo", "role": "rep", "left_on": "2026-06-12"},
    ]
    warehouse = company(reps=people, visits=[*MADE, visit("20", rep="K"), visit("03", rep="M"), visit("02", rep="L")], as_of=END)
    found = ask(warehouse, visits_per_day, by=("rep_id",))
    assert {k: found[k]["denominator"] for k in ("R1", "R2", "K", "L")} == {"R1": 22, "R2": 22, "K": 11, "L": 10}
    assert (found["I"]["value"], found["I"]["note"]) == (None, "nobody_in_field")
    both = whole(warehouse, visits_per_day)
    assert (both["numerator"], both["denominator"]) == (24, 65)
    assert sum(row["numerator"] for row in found.values()) == 24


def test_months_are_measured_each_on_its_own_and_without_visits_it_is_zero(company) -> None:
    warehouse = company(reps=PEOPLE, visits=[visit("2026-05-04")], as_of=END)
    assert (whole(warehouse, visits_per_day)["value"], whole(warehouse, visits_per_day, "2026-05")["numerator"]) == (0, 1)
    assert whole(warehouse, visits_per_day, "2026-04")["status"] == "not_loaded"


def test_without_visits_nothing_is_known_and_customers_have_no_days(company) -> None:
    empty = company(reps=PEOPLE, targets=[goal("R1", 20)], as_of=END)
    assert [whole(empty, kpi)["status"] for kpi in (visit_volume_ratio, visits_per_day)] == ["not_loaded", "not_loaded"]
    warehouse = company(reps=PEOPLE, visits=MADE, targets=[goal("R1", 20)], as_of=END)
    for kpi in (visit_volume_ratio, visits_per_day):
        with pytest.raises(DimensionError):
            ask(warehouse, kpi, by=("customer_id",))
