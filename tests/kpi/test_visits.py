"""Visits, by the worked figures of the definitions."""

from datetime import date

from kpi.period import parse
from kpi.visits import completed_visits, distinct_customers_visited, planned_visits, visit_attainment

JUNE = parse("2026-06", date(2026, 6, 30))


def test_several_visits_to_a_customer_on_one_day_are_one_visit(measure, only) -> None:
    # C1 twice and C2 once on 3 June: the measure holds 2 visits from 3 records
    row = only(completed_visits(measure([{"date": "2026-06-03", "completed_visits": 2, "visit_records": 3, "n_rows": 3}]), JUNE))
    assert (row["value"], row["n_rows"]) == (2, 3)


def test_a_plan_the_customer_called_off_is_no_plan_and_is_shown_as_left_out(measure, only) -> None:
    frame = measure([{"date": "2026-06-10", "planned_visits": 20, "kept_visits": 0, "n_rows": 20, "n_excluded": 1}])
    row = only(planned_visits(frame, JUNE))
    assert (row["value"], row["n_excluded"]) == (20, 1)


def test_sixteen_of_twenty_planned_visits_kept(measure, only) -> None:
    row = only(visit_attainment(measure([{"date": "2026-06-10", "planned_visits": 20, "kept_visits": 16, "n_rows": 20}]), JUNE))
    assert (row["value"], row["numerator"], row["denominator"]) == (0.8, 16, 20)


def test_plans_after_as_of_wait(measure, only) -> None:
    frame = measure([{"date": "2026-06-25", "planned_visits": 1, "kept_visits": 0}])
    assert only(planned_visits(frame, parse("2026-06", date(2026, 6, 20))))["value"] == 0


def test_two_of_three_visited_customers_are_distinct(measure, only) -> None:
    frame = measure([{"period": "2026-06", "customer_id": c} for c in ("C1", "C1", "C2")])
    assert only(distinct_customers_visited(frame, JUNE))["value"] == 2
