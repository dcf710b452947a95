"""Do the targets of the levels agree, and what does the plan of the months to come begin with?"""

from __future__ import annotations

from datetime import date

import polars as pl

from data.access import OWNER
from kpi.catalog import get
from kpi.period import parse
from kpi.plan import check, months_after, next_year
from kpi.report import evaluate
from tests.kpi.asked import PEOPLE, order

LANDS = [{"territory_id": "T1", "name": "One", "region": "East"}, {"territory_id": "T2", "name": "Two", "region": "West"}]


def goal(scope: str, member: str, value: float) -> dict[str, object]:
    return {"scope": scope, "scope_id": member, "metric": "revenue", "period": "2026-06", "value": value}


def checked(company, *goals: dict[str, object]) -> dict[tuple[str, str | None], tuple[float | None, ...]]:
    warehouse = company(reps=PEOPLE, territories=LANDS, orders=[order("03")], targets=list(goals), as_of="2026-06-30")
    june, kpi = parse("2026-06", warehouse.as_of), get("target_attainment")
    levels = {"company": (), "region": ("region",), "territory": ("territory_id",)}
    found = {level: evaluate(warehouse, OWNER, [kpi], [june], by)["target_attainment"] for level, by in levels.items()}
    given = warehouse.read("targets", OWNER, (june,)).collect()
    rows = check(found, given, warehouse.territories(OWNER))
    return {(level, member): tuple(None if v is None else float(v) for v in values) for level, member, *values in rows.iter_rows()}


def test_a_region_is_set_beside_its_reps_and_its_territories(company) -> None:
    rows = checked(
        company, goal("rep", "R1", 60), goal("rep", "K", 30), goal("rep", "R2", 50),
        goal("territory", "T1", 80), goal("region", "East", 100), goal("company", "all", 200),
    )  # fmt: skip
    assert rows["territory", "T1"] == (80, 90, None, -10, None)
    assert rows["territory", "T2"] == (None, 50, None, None, None)  # the sum of its reps stands for it
    assert rows["region", "East"] == (100, 90, 80, 10, 20)
    assert rows["region", "West"] == (None, 50, 50, None, None)
    assert rows["company", None] == (200, 140, 130, 60, 70)


def test_targets_that_agree_leave_no_difference(company) -> None:
    rows = checked(company, goal("rep", "R1", 60), goal("rep", "K", 30), goal("region", "East", 90))
    assert rows["region", "East"] == (90, 90, 90, 0, 0)


def test_an_own_target_without_reps_has_no_sum_to_differ_from(company) -> None:
    assert checked(company, goal("region", "West", 70))["region", "West"] == (70, None, None, None, None)


def test_the_plan_has_the_latest_such_month_that_is_over() -> None:
    months = [f"2025-{n:02}" for n in range(1, 13)] + [f"2026-{n:02}" for n in range(1, 10)]  # the tenth runs
    sold = pl.DataFrame({"territory_id": ["T1"] * 21, "period": months, "value": [float(n) for n in range(21)]})
    rows = next_year(sold, date(2026, 10, 21))
    assert rows["month"].to_list() == [*months_after(date(2026, 10, 21))] == ["2026-11", "2026-12", *(f"2027-{n:02}" for n in range(1, 11))]
    assert dict(rows.select("month", "base").iter_rows()) == {
        "2026-11": "2025-11", "2026-12": "2025-12", **{f"2027-{n:02}": f"2026-{n:02}" for n in range(1, 10)}, "2027-10": "2025-10",
    }  # fmt: skip
    assert [float(value) for value in rows["value"]] == [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 9]


def test_a_month_nobody_knows_or_of_returns_alone_is_no_plan() -> None:
    sold = pl.DataFrame({"territory_id": ["T1", "T1", None], "period": ["2026-01", "2026-02", "2026-03"], "value": [None, -5.0, 8.0]})
    assert next_year(sold, date(2026, 6, 30)).is_empty()
