"""A locked period: differences are listed instead of applied, and life goes on in the months after it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data.keeping import recovery
from data.loading.merge import Merged
from tests.data.keeping.company import ORDERS, Company
from tests.data.loading.test_merge import TUE, WED, Store, order, rows_of

JUNE_10 = date(2026, 6, 10)


@pytest.fixture
def store() -> Store:
    """Two orders before the lock, one after it."""
    made = Store()
    made.load("orders", [order("A", 1, "10"), order("B", 9, "20"), order("C", 20, "30")])
    made.locked = JUNE_10
    return made


def told(merged: Merged) -> list[tuple[Any, ...]]:
    return [(f.rule, f.row, f.value, dict(f.params)) for found in merged.findings.values() for f in found if "locked" in f.rule]


def test_a_change_in_a_locked_period_is_listed_with_both_amounts_and_not_applied(store: Store) -> None:
    merged = store.load("orders", [order("A", 1, "10"), order("B", 9, "21.50"), order("C", 20, "33")], age=TUE)
    assert rows_of(merged) == {"loaded": 1, "unchanged": 1, "quarantined": 1}
    assert told(merged) == [("period_locked", 3, "B 1", {"before": "20.00", "after": "21.50", "until": "2026-06-10"})]
    assert store.now("orders", "net_amount") == [Decimal("10"), Decimal("20"), Decimal("33")]


def test_a_new_row_of_a_locked_period_is_listed_and_not_added(store: Store) -> None:
    rows = [order("A", 1, "10"), order("B", 9, "20"), order("N", 10, "5"), order("O", 11, "6"), order("C", 20, "30")]
    merged = store.load("orders", rows, age=TUE)
    assert rows_of(merged) == {"loaded": 1, "unchanged": 3, "quarantined": 1}
    assert told(merged) == [("period_locked", 4, "N 1", {"before": "–", "after": "5.00", "until": "2026-06-10"})]


def test_a_row_missing_from_a_locked_period_stays_and_is_listed(store: Store) -> None:
    merged = store.load("orders", [order("A", 1, "10"), order("D", 21, "1")], age=TUE)
    assert store.now("orders", "order_id") == ["A", "B", "D"]  # C of 20 June is gone, B of 9 June stays
    assert told(merged) == [("locked_missing", None, "B 1", {"count": "1", "until": "2026-06-10"})]
    assert [a.deleted for a in merged.accounts.values()] == [1]


def test_a_row_cannot_be_moved_out_of_a_locked_period_nor_into_it(store: Store) -> None:
    merged = store.load("orders", [order("A", 1, "10"), order("B", 12, "20"), order("C", 8, "30")], age=TUE)
    assert rows_of(merged) == {"unchanged": 1, "quarantined": 2}
    assert store.now("orders", "order_id", "order_date") == [("A", date(2026, 6, 1)), ("B", date(2026, 6, 9)), ("C", date(2026, 6, 20))]


def test_an_order_belongs_to_the_day_it_was_shipped(store: Store) -> None:
    shipped = order("C", 20, "30") | {"order_date": date(2026, 6, 5), "ship_date": date(2026, 6, 20)}
    store.load("orders", [shipped], age=TUE, mode="upsert")
    merged = store.load("orders", [shipped | {"net_amount": Decimal("31")}], age=WED, mode="upsert")
    assert rows_of(merged) == {"loaded": 1}


def test_an_invoice_of_a_locked_period_may_still_be_paid_but_not_changed() -> None:
    store = Store()
    bill = {"invoice_id": "I1", "customer_id": "C1", "invoice_date": date(2026, 6, 1), "amount": Decimal(100), "open_amount": Decimal(100)}
    store.load("invoices", [bill, bill | {"invoice_id": "I2"}, bill | {"invoice_id": "I3"}])
    store.locked = JUNE_10
    paid = {"paid_amount": Decimal(100), "open_amount": Decimal(0)}
    merged = store.load(
        "invoices",
        [
            bill | paid | {"paid_on": date(2026, 6, 20)},
            bill | paid | {"invoice_id": "I2", "paid_on": date(2026, 6, 9)},
            bill | {"invoice_id": "I3", "amount": Decimal(90)},
        ],
        age=TUE,
    )
    assert rows_of(merged) == {"loaded": 1, "quarantined": 2}
    assert store.now("invoices", "invoice_id", "amount", "open_amount") == [("I1", 100, 0), ("I2", 100, 100), ("I3", 100, 100)]


def test_a_visit_planned_in_a_locked_period_may_be_made_after_it_but_none_is_logged_late() -> None:
    store = Store()
    plan = {"visit_id": "V1", "rep_id": "R1", "customer_id": "C1", "planned_date": date(2026, 6, 8), "status": "planned"}
    store.load("visits", [plan, plan | {"visit_id": "V2"}])
    store.locked = JUNE_10
    made = {"status": "completed", "actual_date": TUE.replace(day=12)}
    merged = store.load("visits", [plan | made, plan | made | {"visit_id": "V2", "actual_date": TUE.replace(day=9)}], age=TUE)
    assert rows_of(merged) == {"loaded": 1, "quarantined": 1}
    assert store.now("visits", "visit_id", "status") == [("V1", "completed"), ("V2", "planned")]


def test_the_first_export_of_a_source_is_taken_whole() -> None:
    store = Store()
    store.locked = JUNE_10
    assert rows_of(store.load("orders", [order("A", 1, "10"), order("A", 1, "10", line="2")])) == {"loaded": 2}


def test_what_was_refused_is_kept_whole_and_enters_once_the_lock_is_moved(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.load(orders=ORDERS + "A,1,C1,R1,2026-05-01,100.00,60.00\nB,1,C2,R1,2026-06-02,200.00,\n")
    (company.home / "fieldbook.toml").write_text("locked_until = 2026-05-31\n")
    corrected = ORDERS + "A,1,C1,R1,2026-05-01,90.00,60.00\nB,1,C2,R1,2026-06-02,210.00,\nD,1,C2,R1,2026-06-03,1.00,\n"
    report = company.load(orders=corrected)
    assert (report.status, report.files[0].rows["quarantined"], report.restated) == ("loaded", 1, [])
    assert company.orders() == {"A": Decimal(100), "B": Decimal(210), "D": Decimal(1)}
    [(reason, raw)] = company.ask("select reasons, raw from quarantine")
    assert reason == "period_locked"
    assert '"net_amount":90.0' in raw
    assert company.rebuilt() == ("equal", [])
    (company.home / "fieldbook.toml").write_text("")
    assert company.load(orders=corrected).published
    assert company.orders()["A"] == Decimal(90)
    assert recovery.verify(company.home) == []
