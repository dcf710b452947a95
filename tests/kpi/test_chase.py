"""Whom to call about money, by invoices typed in one by one."""

from datetime import date
from decimal import Decimal

import pytest

from data.access import OWNER
from kpi.chase import chase_list, reasons
from kpi.collections import overdue_amount
from kpi.period import parse

JUNE = parse("2026-06", date(2026, 6, 30))
REPS = [{"rep_id": r, "rep_name": r, "role": "rep", "region": g} for r, g in (("R1", "East"), ("R2", "West"))]


def invoice(number, amount, due, customer="C1", **more):
    day = {"invoice_id": number, "customer_id": customer, "rep_id": "R1", "invoice_date": "2026-01-05", "due_date": due}
    return day | {"amount": amount} | more


def paid(number, amount, on, invoice_id=None, customer="C1"):
    return {"receipt_id": number, "customer_id": customer, "invoice_id": invoice_id, "received_on": on, "amount": amount}


@pytest.fixture
def listed(company):
    """`listed(invoices, receipts, customers=…)`: the list on 30 June, as rows."""

    def ask(invoices, receipts=(), left=(), cards=(), loads_cards=True):
        known = [{"customer_id": c, "customer_name": c, "owner_id": "R1"} for c in ("C1", "C2")]
        sources = {"customers": [card | more for card, more in zip(known, [*cards, {}, {}], strict=False)]} if loads_cards else {}
        warehouse = company(reps=REPS, invoices=invoices, receipts=list(receipts), as_of="2026-06-30", **sources)
        frames = [warehouse.read(name, OWNER, [JUNE], by=("customer_id",)) for name in ("open_invoices", "credit_limits")]
        positions = warehouse.read("receivable_positions", OWNER, [JUNE])
        rows = chase_list(*frames, left=left).collect().to_dicts()
        assert sum(row["overdue_amount"] for row in rows) == overdue_amount(positions, JUNE)["value"][0]
        return rows

    return ask


def test_the_customer_with_most_overdue_leads_and_what_is_not_due_asks_for_nothing(listed) -> None:
    rows = listed([
        invoice("A", 100, "2026-06-20"), invoice("B", 50, "2026-05-31"), invoice("C", 900, "2026-07-31"),
        invoice("D", 170, "2026-06-29", "C2"), invoice("E", 999, "2026-06-30", "C3"),
    ])  # fmt: skip
    assert [(r["customer_id"], r["overdue_amount"], r["ar_balance"]) for r in rows] == [("C2", 170, 170), ("C1", 150, 1050)]
    oldest = rows[1]
    assert (oldest["invoice_id"], oldest["days_late"], oldest["due_date"]) == ("B", 30, date(2026, 5, 31))
    assert oldest["overdue_count"] == 2
    assert oldest["rep_id"] == "R1"


def test_a_part_payment_leaves_the_rest_and_money_not_applied_is_told(listed) -> None:
    [row] = listed([invoice("A", 100, "2026-06-20")], [paid("1", 30, "2026-06-25", "A"), paid("2", 45, "2026-06-28")])
    assert (row["overdue_amount"], row["unapplied"], row["last_paid_on"]) == (70, 45, date(2026, 6, 28))
    assert reasons(row) == [("kpi.chase.is_unmatched", {"unapplied": Decimal(45)})]


def test_a_settled_invoice_is_gone(listed) -> None:
    assert listed([invoice("A", 100, "2026-06-20")], [paid("1", 100, "2026-06-25", "A")]) == []


@pytest.mark.parametrize(("due", "is_long"), [("2026-04-01", False), ("2026-03-31", True)])
def test_more_than_ninety_days_is_long(listed, due, is_long) -> None:
    [row] = listed([invoice("A", 100, due), invoice("B", 7, "2026-06-29")])
    assert row["is_long_late"] is is_long
    assert row["long_late_amount"] == (100 if is_long else 0)


@pytest.mark.parametrize(("on", "is_quiet"), [("2026-05-16", False), ("2026-05-15", True)])
def test_nothing_paid_for_more_than_forty_five_days_is_quiet(listed, on, is_quiet) -> None:
    [row] = listed([invoice("A", 100, "2026-06-20"), invoice("B", 5, "2026-06-20")], [paid("1", 5, on, "B")])
    assert row["is_quiet"] is is_quiet


def test_who_never_paid_since_the_data_begin_is_not_called_quiet(listed) -> None:
    assert listed([invoice("A", 100, "2026-06-20")])[0]["is_quiet"] is False


@pytest.mark.parametrize(("limit", "is_over"), [(149, True), (150, False), (None, False)])
def test_all_that_is_open_counts_towards_the_limit(listed, limit, is_over) -> None:
    [row] = listed([invoice("A", 100, "2026-06-20"), invoice("B", 50, "2026-08-20")], cards=[{"credit_limit": limit}])
    assert row["is_over_limit"] is is_over
    assert row["credit_limit"] == limit


def test_without_cards_nobody_has_a_limit_or_an_owner(listed) -> None:
    [row] = listed([invoice("A", 100, "2026-06-20")], loads_cards=False)
    assert (row["is_over_limit"], row["credit_limit"], row["is_orphaned"]) == (False, None, True)


def test_what_a_leaver_held_is_to_be_reassigned(listed) -> None:
    [row] = listed([invoice("A", 100, "2026-06-20")], left=["R1"])
    assert reasons(row) == [("kpi.chase.is_orphaned", {})]
