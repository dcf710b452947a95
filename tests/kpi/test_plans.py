"""What is planned and what is not written down, by visits typed in one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from data.access import OWNER
from kpi.fieldwork import visit_records
from kpi.period import parse
from kpi.plans import grid, missing_reports, open_plans
from kpi.visits import completed_visits, planned_visits
from tests.kpi.asked import PEOPLE, plan, visit, whole

ROWS = [
    plan("12", visit_id="early"),
    plan("16", "C2", visit_id="next"),
    plan("15", visit_id="today"),
    plan("10", status="missed"),
    plan("11", status="cancelled", cancelled_by="us"),
    plan("12", status="rescheduled"),
    plan("11", "C3", status="cancelled", cancelled_by="customer"),
    visit("14", outcome="agreed"),
    visit("14", "C2", outcome="  ", visit_id="silent"),
    visit("14", "C4", visit_type="phone", visit_id="call"),
]


@pytest.fixture
def rows(company) -> dict[str, Any]:
    """The company of ROWS on 15 June: the warehouse, plans and what was made in June."""
    warehouse = company(reps=PEOPLE, visits=ROWS, as_of="2026-06-15")
    june = parse("2026-06", warehouse.as_of).in_full
    return {
        "warehouse": warehouse,
        "plans": warehouse.rows("visit_plans", OWNER, june),
        "made": warehouse.rows("visits", OWNER, june),
    }


def test_open_is_what_nobody_made_missed_moved_or_called_off(rows) -> None:
    assert open_plans(rows["plans"], date(2026, 6, 11))["visit_id"].to_list() == ["early", "today", "next"]
    assert open_plans(rows["plans"], date(2026, 6, 15))["visit_id"].to_list() == ["next"]


def test_a_plan_that_is_over_and_a_visit_without_a_word_wait_for_a_report(rows) -> None:
    found = missing_reports(rows["plans"], rows["made"], date(2026, 6, 15))
    assert found.select("visit_id", "reason", "date").rows() == [
        ("early", "not_reported", date(2026, 6, 12)),
        ("silent", "no_outcome", date(2026, 6, 14)),
        ("today", "not_reported", date(2026, 6, 15)),
    ]


def test_the_grid_adds_up_to_what_was_planned_and_made(rows) -> None:
    cells = grid(rows["plans"], rows["made"])
    on = {row["date"].day: (row["planned"], row["done"]) for row in cells.to_dicts()}
    assert on == {10: (1, 0), 11: (1, 0), 12: (1, 0), 14: (0, 2), 15: (1, 0), 16: (1, 0)}
    warehouse = rows["warehouse"]
    assert cells["done"].sum() == whole(warehouse, completed_visits)["value"] == whole(warehouse, visit_records)["value"]
    assert cells.filter(pl.col("date") <= date(2026, 6, 15))["planned"].sum() == whole(warehouse, planned_visits)["value"]
