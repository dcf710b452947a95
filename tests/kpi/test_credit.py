"""What overdue money costs, and what it leaves of the margin; figures a reader checks by head."""

from __future__ import annotations

import pytest

from kpi.base import DimensionError
from kpi.credit import credit_cost, margin_after_credit
from tests.kpi.asked import PEOPLE, ask, card, order, visit, whole

END = "2026-06-30"


def bill(number: str, due: str, amount: float = 36500, rep: str = "R1", customer: str = "C1"):
    return {"invoice_id": number, "customer_id": customer, "rep_id": rep, "invoice_date": "2026-05-01", "due_date": due, "amount": amount}


def paid(number: str, day: str, amount: float, customer: str = "C1"):
    return {
        "receipt_id": f"{number}{day}",
        "line_no": "1",
        "customer_id": customer,
        "invoice_id": number,
        "received_on": day,
        "amount": amount,
    }


def owing(company, invoices, receipts, **more):
    rows = {
        "reps": PEOPLE,
        "customers": [card("C1", "R2")],
        "invoices": invoices,
        "receipts": receipts,
        "orders": [order("05", amount=1000, cost_amount=700)],
    }
    return company(**rows | more, as_of=END)


def test_36500_overdue_for_ten_days_at_six_per_cent_costs_60(company) -> None:
    # 36 500 × 0.06 ÷ 365 is 6 a day; due on the 10th: overdue from the 11th, paid on the 21st
    warehouse = owing(company, [bill("1", "2026-06-10")], [paid("1", "2026-06-21", 36500)])
    assert whole(warehouse, credit_cost)["value"] == pytest.approx(60)
    half = owing(company, [bill("1", "2026-06-10")], [paid("1", "2026-06-16", 18250), paid("1", "2026-06-21", 18250)])
    assert whole(half, credit_cost)["value"] == pytest.approx(5 * 6 + 5 * 3)


def test_only_the_days_of_the_period_up_to_the_data_count(company) -> None:
    warehouse = owing(company, [bill("1", "2026-05-21")], [paid("1", "2026-06-30", 1)])
    assert whole(warehouse, credit_cost, "2026-05")["value"] == pytest.approx(10 * 6)  # 22 to 31 May
    assert whole(warehouse, credit_cost, "2026-06", as_of="2026-06-05")["value"] == pytest.approx(5 * 6)
    assert whole(warehouse, credit_cost, "2026-05-01..2026-05-21")["value"] == 0


def test_the_cost_is_with_who_sold_and_the_rate_is_a_setting(company) -> None:
    rows = ([bill("1", "2026-06-10")], [paid("1", "2026-06-21", 36500)])
    by_rep = ask(owing(company, *rows, settings={"credit_cost_rate": 0.12}), credit_cost, by=("rep_id",))
    assert (by_rep["R1"]["value"], by_rep["R2"]["value"]) == (pytest.approx(120), 0)  # R2 owns the customer now
    assert ask(owing(company, *rows), credit_cost, by=("customer_id",))["C1"]["value"] == pytest.approx(60)


def test_of_300_gross_profit_240_are_left(company) -> None:
    warehouse = owing(company, [bill("1", "2026-06-10")], [paid("1", "2026-06-21", 36500)])
    row = whole(warehouse, margin_after_credit)
    assert (row["value"], row["credit_cost"], row["margin_rate"]) == (pytest.approx(240), pytest.approx(60), pytest.approx(0.24))
    parts = ask(warehouse, margin_after_credit, by=("rep_id",))
    assert sum(part["value"] for part in parts.values()) == pytest.approx(240)
    with pytest.raises(DimensionError):
        ask(warehouse, margin_after_credit, by=("product_line",))


def test_where_cash_or_cost_is_unknown_so_is_what_is_left(company) -> None:
    no_cash = company(reps=PEOPLE, orders=[order("05", cost_amount=1)], visits=[visit("03")], as_of=END)
    for kpi in (credit_cost, margin_after_credit):
        assert (whole(no_cash, kpi)["value"], whole(no_cash, kpi)["status"]) == (None, "not_loaded")
    no_cost = owing(company, [bill("1", "2026-06-10")], [], orders=[order("05")])
    row = whole(no_cost, margin_after_credit)
    assert (row["value"], row["status"], row["note"]) == (None, "partial", "cost_coverage")
    assert whole(owing(company, [bill("1", "2026-06-30")], []), credit_cost)["value"] == 0
