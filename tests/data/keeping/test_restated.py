"""What a load did to closed months."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from data.keeping import recovery
from data.loading import records, restated
from data.loading.restated import Standing
from tests.data.keeping.company import JUNE, MAY, ORDERS, Company


def test_a_correction_of_a_closed_month_is_told_with_the_load_that_made_it(company: Company) -> None:
    company.load(orders=MAY + JUNE.removeprefix(ORDERS))
    report = company.load(orders=MAY.replace("100.00", "87.70"))
    change = {"period": "2026-05", "kpi": "revenue", "before": Decimal(300), "after": Decimal("287.70"), "change": Decimal("-12.30")}
    assert report.restated == [change]
    assert records.restated(company.home) == [{"load_id": 2, **change}]
    undone = recovery.undo(company.home, 2)
    assert [(one["period"], one["change"]) for one in undone["restated"]] == [("2026-05", Decimal("12.30"))]


def test_the_month_that_is_still_open_is_not_restated(company: Company) -> None:
    company.load(orders=MAY.replace("2026-05-31", "2026-05-20"))  # May is not over
    assert company.load(orders=ORDERS + "E,1,C1,R1,2026-05-25,5.00,\nF,1,C1,R1,2026-06-02,5.00,\n").restated == []


def test_months_are_compared_by_kpi() -> None:
    before = Standing(date(2026, 6, 30), {("2026-06", "revenue"): Decimal(5), ("2026-06", "completed_visits"): Decimal(2)})
    after = Standing(date(2026, 7, 2), {("2026-06", "completed_visits"): Decimal(3), ("2026-07", "revenue"): Decimal(1)})
    assert restated.compare(before, after) == [
        {"period": "2026-06", "kpi": "revenue", "before": Decimal(5), "after": Decimal(0), "change": Decimal(-5)},
        {"period": "2026-06", "kpi": "completed_visits", "before": 2, "after": 3, "change": 1},
    ]
    assert restated.compare(Standing(), after) == []
