"""Shipped and not invoiced, by orders and invoices typed in one by one; today is 30 June 2026."""

from __future__ import annotations

from datetime import date

import pytest

from data.access import OWNER
from kpi.period import parse
from kpi.unbilled import unbilled

JUNE = parse("2026-06", date(2026, 6, 30))
REPS = [{"rep_id": r, "rep_name": r, "role": "rep", "region": "East"} for r in ("R1", "R2")]


def order(number, day, amount=100, customer="C1", **more):
    shipped = {"order_id": number, "customer_id": customer, "rep_id": "R1", "order_date": day, "ship_date": day}
    return shipped | {"net_amount": amount, "cost_amount": 50} | more


def invoice(number, day, order_id=None, customer="C1", **more):
    due = {"invoice_id": number, "customer_id": customer, "rep_id": "R1", "invoice_date": day, "due_date": day, "order_id": order_id}
    return due | {"amount": 106} | more


@pytest.fixture
def waiting(company):
    """`waiting(orders, invoices)`: the orders no invoice speaks of on 30 June, and the list by customer."""

    def ask(orders, invoices, **narrowed):
        first = invoice("OLD", "2026-01-01", customer="C9")  # since when invoices are on file
        cards = [{"customer_id": c, "customer_name": c, "owner_id": "R1"} for c in ("C1", "C2", "C9")]
        warehouse = company(reps=REPS, customers=cards, orders=orders, invoices=[first, *invoices], as_of="2026-06-30")
        rows = warehouse.read("not_invoiced", OWNER, [JUNE], by=("customer_id",), where=narrowed or None)
        return sorted(rows.collect()["order_id"]), unbilled(rows).collect().to_dicts()

    return ask


def test_an_order_an_invoice_names_is_billed_and_the_others_of_the_customer_are_not(waiting) -> None:
    found, [row] = waiting([order("A", "2026-06-01"), order("B", "2026-06-10", 250)], [invoice("I1", "2026-06-20", "A")])
    assert found == ["B"]
    assert (row["customer_id"], row["revenue"], row["orders"], row["waiting_days"], row["order_id"]) == ("C1", 250, 1, 20, "B")


def test_an_invoice_without_an_order_number_stands_for_all_that_was_shipped_before_it(waiting) -> None:
    orders = [order("A", "2026-06-01"), order("B", "2026-06-20"), order("C", "2026-06-21"), order("D", "2026-06-01", customer="C2")]
    assert waiting(orders, [invoice("I1", "2026-06-20")])[0] == ["C", "D"]


def test_an_invoice_to_come_and_a_credit_note_bill_nothing(waiting) -> None:
    notes = [invoice("I1", "2026-07-02", "A"), invoice("I2", "2026-06-25", "B", doc_type="credit_note", amount=-5)]
    assert waiting([order("A", "2026-06-01"), order("B", "2026-06-01")], notes)[0] == ["A", "B"]


def test_returns_and_what_was_shipped_before_the_first_invoice_are_left_out(waiting) -> None:
    orders = [order("A", "2025-12-31"), order("B", "2026-06-01", -100, doc_type="return"), order("C", "2026-01-02")]
    assert waiting(orders, [])[0] == ["C"]


def test_who_has_waited_longer_than_a_month_leads(waiting) -> None:
    orders = [order("A", "2026-05-29", 10), order("B", "2026-06-29", 900, "C2"), order("C", "2026-05-30", 40)]
    _, rows = waiting(orders, [])
    assert [(r["customer_id"], r["revenue"], r["late_revenue"], r["waiting_days"]) for r in rows] == [("C1", 50, 10, 32), ("C2", 900, 0, 1)]


def test_only_the_rows_asked_for_are_read(waiting) -> None:
    orders = [order("A", "2026-06-01"), order("B", "2026-06-01", rep_id="R2")]
    assert waiting(orders, [], rep_id=("R2",))[0] == ["B"]
