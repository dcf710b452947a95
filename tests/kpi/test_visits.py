"""Visits, by the worked figures of the definitions."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from kpi.period import parse
from kpi.visits import completed_visits, distinct_customers_visited, planned_visits, split, visit_attainment

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


def test_visits_and_revenue_are_split_into_old_and_new_and_add_up() -> None:
    def values(*pairs: tuple[str, int | None]) -> pl.DataFrame:
        return pl.DataFrame(pairs, schema={"period": pl.String, "value": pl.Int64}, orient="row")

    whole = {
        "completed_visits": values(("now", 10), ("then", 0)),
        "revenue": values(("now", 100), ("then", 80)),
        "new_customer_revenue": values(("now", 30)),
    }
    seen = pl.DataFrame({"period": ["now", "now", "now"], "customer_id": ["C1", "C2", None], "value": [4, 3, 9]})
    now, then = split(whole, seen, ["now", "then"]).to_dicts()
    assert (now["customer_visits"], now["prospect_visits"], now["prospect_share"]) == (7, 3, pytest.approx(0.3))
    assert (now["old_revenue"], now["new_revenue"]) == (70, 30)
    assert (then["prospect_visits"], then["prospect_share"], then["old_revenue"]) == (0, None, None)
    unnamed, _ = split(whole, seen, ["now", "then"], names_prospects=False).to_dicts()
    assert (unnamed["customer_visits"], unnamed["prospect_visits"], unnamed["prospect_share"]) == (7, None, None)
