"""The worked figures of the definitions once more, each from typed rows of the exports all the way to the answer.

The tests beside each KPI module check the last step against frames; these check that rows reach it as the definition says.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kpi.catalog import get
from kpi.collections import BUCKETS
from tests.kpi.asked import PEOPLE, ask, card, order, plan, visit, whole

END = "2026-06-30"


def values(warehouse, *names: str, period: str = "2026-06") -> dict[str, object]:
    """KPI → value, rounded as the definitions print it."""
    found = {name: whole(warehouse, get(name), period)["value"] for name in names}
    return {name: round(v, 4) if isinstance(v, float) else v for name, v in found.items()}


def test_two_visits_of_three_records_and_a_joint_visit(company) -> None:
    alone = [visit("03"), visit("03"), visit("03", "C2")]
    warehouse = company(reps=PEOPLE, visits=alone, as_of=END)
    assert values(warehouse, "completed_visits", "visit_records", "distinct_customers_visited") == {
        "completed_visits": 2, "visit_records": 3, "distinct_customers_visited": 2,
    }  # fmt: skip
    together = company(reps=PEOPLE, visits=[*alone, visit("03", rep="R2")], as_of=END)
    assert values(together, "completed_visits", "distinct_customers_visited") == {"completed_visits": 3, "distinct_customers_visited": 2}


def test_twenty_two_rows_make_twenty_plans_of_which_sixteen_are_kept(company) -> None:
    kept = [plan(f"{n:02}", f"C{n}", actual_date=f"2026-06-{n:02}", status="completed") for n in range(1, 16)]
    late = plan("16", "C16", actual_date="2026-06-23", status="completed")  # the seventh day
    missed = [plan("17", "C17", actual_date="2026-06-25", status="completed"), plan("18"), plan("19"), plan("20", status="cancelled")]
    gone = [plan("21", status="cancelled", cancelled_by="customer"), plan("22", status="rescheduled")]
    moved = {"rep_id": "R1", "customer_id": "C1", "planned_date": "2026-07-02"}
    warehouse = company(reps=PEOPLE, visits=[*kept, late, *missed, *gone, moved], as_of="2026-07-31")
    row = whole(warehouse, get("visit_attainment"))
    assert (row["value"], row["numerator"], row["denominator"], row["n_excluded"]) == (0.8, 16, 20, 1)
    assert values(warehouse, "planned_visits") == {"planned_visits": 20}


def test_three_shipments(company) -> None:
    lines = [order("03", f"C{n}", amount=net, cost_amount=cost) for n, (net, cost) in enumerate(((1000, 700), (200, 190), (500, 550)))]
    warehouse = company(reps=PEOPLE, orders=lines, as_of=END)
    names = ("revenue", "order_count", "avg_order_value", "gross_profit", "gross_margin_pct", "margin_per_order", "order_margin_pct")
    assert values(warehouse, *names, "order_margin_pct_mean", "cost_coverage") == {
        "revenue": 1700, "order_count": 3, "avg_order_value": 566.6667, "gross_profit": 260, "gross_margin_pct": 0.1529,
        "margin_per_order": 86.6667, "order_margin_pct": 0.05, "order_margin_pct_mean": 0.0833, "cost_coverage": 1.0,
    }  # fmt: skip
    assert whole(warehouse, get("order_margin_pct"))["loss_share"] == pytest.approx(1 / 3)


def test_120_of_2400_came_back(company) -> None:
    lines = [order("03", amount=2400), order("20", amount=-120, doc_type="return")]
    warehouse = company(reps=PEOPLE, orders=lines, as_of=END)
    assert values(warehouse, "returns_rate", "revenue", "order_count") == {"returns_rate": 0.05, "revenue": 2280, "order_count": 1}


def test_near_the_start_of_the_data_a_customer_is_new_only_with_evidence(company) -> None:
    old, young = card("C1", created_on="2019-05-01"), card("C2", created_on="2025-03-01")
    first = order("2025-01-01", "C0")
    lines = [first, order("2025-03-10", "C1"), order("2025-03-10", "C2")]
    row = whole(company(reps=PEOPLE, customers=[old, young], orders=lines, as_of=END), get("new_customers"), "2025-03")
    assert (row["value"], row["n_excluded"], row["status"]) == (1, 1, "partial")


def test_a_customer_is_active_for_ninety_days_and_a_return_does_not_keep_it(company) -> None:
    # 30 June less 89 days is 2 April
    lines = [
        order("2026-01-05", "C0"), order("2026-04-02", "C1"), order("2026-04-01", "C2"), order("20", "C3"),
        order("25", "C2", amount=-5, doc_type="return"),
    ]  # fmt: skip
    warehouse = company(reps=PEOPLE, orders=lines, as_of=END)
    assert values(warehouse, "active_customers", "buying_customers") == {"active_customers": 2, "buying_customers": 1}


def invoice(name: str, amount: float, on: str, due: str, customer: str = "C1", **more: object) -> dict:
    return {"invoice_id": name, "customer_id": customer, "rep_id": "R1", "invoice_date": on, "due_date": due, "amount": amount, **more}


def receipt(name: str, amount: float, on: str, paid: str | None, customer: str = "C1") -> dict:
    return {"receipt_id": name, "customer_id": customer, "invoice_id": paid, "received_on": on, "amount": amount}


def test_t2_from_invoices_and_receipts(company) -> None:
    invoices = [
        invoice("INV1", 40, "2026-04-20", "2026-05-20"), invoice("INV2", 50, "2026-05-10", "2026-06-10"),
        invoice("INV3", 80, "2026-05-15", "2026-07-15"), invoice("INV4", 30, "2026-06-01", "2026-06-25"),
    ]  # fmt: skip
    receipts = [
        receipt("1", 20, "2026-06-05", "INV1"), receipt("2", 50, "2026-06-09", "INV2"),
        receipt("3", 60, "2026-06-10", "INV3"), receipt("4", 10, "2026-06-24", "INV4"),
    ]  # fmt: skip
    warehouse = company(reps=PEOPLE, customers=[card("C1")], invoices=invoices, receipts=receipts, as_of=END)
    assert values(
        warehouse, "invoiced", "due_amount", "collected", "collection_rate", "cash_to_sales_ratio", "collection_rate_balance",
        "on_time_collection_rate", "ar_balance", "overdue_amount", "overdue_rate",
    ) == {
        "invoiced": 30, "due_amount": 80, "collected": 140, "collection_rate": 0.6667, "cash_to_sales_ratio": 4.6667,
        "collection_rate_balance": 0.7, "on_time_collection_rate": 0.75, "ar_balance": 60, "overdue_amount": 40, "overdue_rate": 0.6667,
    }  # fmt: skip


def test_due_on_31_may_is_thirty_days_old_on_30_june(company) -> None:
    warehouse = company(reps=PEOPLE, invoices=[invoice("I", 9, "2026-05-01", "2026-05-31")], receipts=[], as_of=END)
    row = whole(warehouse, get("ar_aging"))
    assert {bucket: row[bucket] for bucket in BUCKETS if row[bucket]} == {"d1_30": 9}


def test_money_paid_three_days_early_five_late_and_twenty_late(company) -> None:
    invoices = [invoice(f"I{n}", 1000, "2026-05-01", "2026-06-05") for n in range(3)]
    receipts = [receipt(str(n), a, f"2026-06-{5 + d:02}", f"I{n}") for n, (a, d) in enumerate(((100, -3), (200, 5), (50, 20)))]
    warehouse = company(reps=PEOPLE, invoices=invoices, receipts=receipts, as_of=END)
    assert values(warehouse, "avg_days_late", "days_beyond_terms") == {"avg_days_late": 5.7143, "days_beyond_terms": 4.8571}


def test_five_hundred_open_after_660_invoiced_in_three_months(company) -> None:
    invoices = [
        invoice("A", 240, "2026-04-10", "2026-05-10"), invoice("B", 220, "2026-05-10", "2026-07-01"),
        invoice("C", 200, "2026-06-10", "2026-07-10"), invoice("old", 1, "2026-01-01", "2026-01-31"),
    ]  # fmt: skip
    receipts = [receipt("0", 1, "2026-01-15", "old"), receipt("1", 160, "2026-05-20", "A")]
    warehouse = company(reps=PEOPLE, invoices=invoices, receipts=receipts, as_of=END)
    # 80 of A is overdue, 420 is not due
    assert values(warehouse, "dso", "dso_countback", "best_possible_dso", "add_days") == {
        "dso": 68.9394, "dso_countback": 71.0, "best_possible_dso": round(420 / 660 * 91, 4), "add_days": round(80 / 660 * 91, 4),
    }  # fmt: skip


def test_6200_open_3610_invoiced_and_6000_left_of_which_3560_is_not_due(company) -> None:
    invoices = [
        invoice("open", 6200, "2026-04-10", "2026-05-10"), invoice("new", 3560, "2026-06-10", "2026-07-10"),
        invoice("due", 50, "2026-06-10", "2026-06-20"),
    ]  # fmt: skip
    warehouse = company(reps=PEOPLE, invoices=invoices, receipts=[receipt("1", 3810, "2026-06-20", "open")], as_of=END)
    assert values(warehouse, "cei", "cei_crf", "ar_balance") == {"cei": 0.6096, "cei_crf": 0.6096, "ar_balance": 6000}


def test_110_open_of_a_limit_of_100(company) -> None:
    cards = [card("C1", credit_limit=100), card("C2")]
    invoices = [invoice("A", 110, "2026-06-01", "2026-07-01"), invoice("B", 500, "2026-06-01", "2026-07-01", "C2")]
    warehouse = company(reps=PEOPLE, customers=cards, invoices=invoices, receipts=[], as_of=END)
    assert values(warehouse, "credit_usage") == {"credit_usage": 1.1}


SIX = (500, 300, 120, 50, 20, 10)
OLD = order("2024-01-01", "C0", amount=1)


def test_six_customers_of_a_thousand(company) -> None:
    cards = [card("C0"), *(card(f"C{n}", is_key=n in (1, 6, 4, 5)) for n in range(1, 7))]  # 500 + 50 + 20 + 10
    lines = [OLD, *(order("2026-03-05", f"C{n}", amount=a) for n, a in enumerate(SIX, 1))]
    warehouse = company(reps=PEOPLE, customers=cards, orders=lines, as_of=END)
    classes = ask(warehouse, get("abc_class"), by=("customer_id",))
    assert [classes[f"C{n}"]["value"] for n in range(7)] == ["N", "A", "A", "B", "B", "C", "C"]
    assert values(warehouse, "top20_share", "key_account_share") == {"top20_share": 0.8, "key_account_share": 0.58}
    few = whole(warehouse, get("gini"))
    assert (few["value"], few["status"], few["buyers"]) == (None, "too_few", 6)


def test_six_hundred_of_a_thousand_from_key_accounts(company) -> None:
    cards = [card("C1", is_key=True), card("C2")]
    lines = [OLD, order("2026-03-05", "C1", amount=600), order("2026-03-05", "C2", amount=400)]
    assert values(company(reps=PEOPLE, customers=cards, orders=lines, as_of=END), "key_account_share") == {"key_account_share": 0.6}


def test_two_of_three_customers_stayed(company) -> None:
    before, now = {"C1": 100, "C2": 50, "C3": 30}, {"C1": 80, "C2": 60, "C4": 999}
    lines = [
        OLD,
        *(order("2025-03-05", c, amount=a) for c, a in before.items()),
        *(order("2026-03-05", c, amount=a) for c, a in now.items()),
    ]
    warehouse = company(reps=PEOPLE, orders=lines, as_of=END)
    assert values(warehouse, "customer_retention", "customer_churn", "revenue_retention_gross", "revenue_retention_net") == {
        "customer_retention": 0.6667, "customer_churn": 0.3333, "revenue_retention_gross": 0.7222, "revenue_retention_net": 0.7778,
    }  # fmt: skip


def test_one_of_ten_key_accounts_is_gone(company) -> None:
    cards = [card(f"K{n}", is_key=True) for n in range(10)]
    lines = [OLD, *(order("2025-03-05", f"K{n}") for n in range(10)), *(order("2026-03-05", f"K{n}") for n in range(9))]
    assert values(company(reps=PEOPLE, customers=cards, orders=lines, as_of=END), "key_account_churn") == {"key_account_churn": 0.1}


def test_five_points_of_two_hundred_customers_who_earn_12000_each(company) -> None:
    lines = [OLD | {"cost_amount": 1}, *(order("05", f"C{n + 1}", amount=20_000, cost_amount=8_000) for n in range(200))]
    assert values(company(reps=PEOPLE, orders=lines, as_of=END), "retention_value") == {"retention_value": 120_000.0}


def test_thirty_bought_of_a_potential_of_120(company) -> None:
    cards = [card("C1", annual_potential=120), card("C2")]
    lines = [OLD, order("2026-03-05", "C1", amount=30), order("2026-03-05", "C2", amount=70)]
    assert values(company(reps=PEOPLE, customers=cards, orders=lines, as_of=END), "share_of_wallet") == {"share_of_wallet": 0.25}


@pytest.mark.parametrize(("silent_days", "flagged"), [(20, 1), (18, 0)])
def test_gaps_of_10_12_and_14_days_and_then_silence(company, silent_days, flagged) -> None:
    last = date(2026, 6, 30) - timedelta(days=silent_days)
    days = [last - timedelta(days=n) for n in (36, 26, 14, 0)]
    lines = [OLD, *(order(day.isoformat(), "C1") for day in days)]
    row = ask(company(reps=PEOPLE, orders=lines, as_of=END), get("at_risk"), by=("customer_id",))["C1"]
    assert (row["is_silent"], row["value"]) == (flagged, flagged)


def test_t1_from_order_lines(company) -> None:
    def line(month: str, name: str, price: int, cost: int, qty: int) -> dict:
        more = {"product_line": name, "qty": qty, "cost_amount": cost * qty, "order_id": f"{month}{name}", "uom": "t"}
        return order(f"{month}-10", amount=price * qty, **more)

    then = (("sea", 100, 80, 50), ("air", 300, 240, 20), ("road", 90, 85, 10))
    now = (("sea", 98, 79, 60), ("air", 310, 245, 15), ("rail", 150, 120, 4))
    lines = [
        *(line("2026-05", *one) for one in then),
        *(line("2026-06", *one) for one in now),
        order("2026-04-01", amount=1, cost_amount=1),
    ]
    row = whole(company(reps=PEOPLE, orders=lines, as_of=END), get("margin_bridge"))
    assert row["value"] == Decimal(-15)
    parts = {name: round(row[name], 6) for name in ("volume", "mix", "price", "cost", "new", "gone")}
    assert parts == {"volume": 157.142857, "mix": -257.142857, "price": 30, "cost": -15, "new": 120, "gone": -50}


def test_three_one_and_two_product_lines_are_two_on_average(company) -> None:
    lines = [
        OLD,
        *(order("05", c, product_line=p, order_id=f"{c}{p}") for c, ps in {"C1": "abc", "C2": "a", "C3": "ab"}.items() for p in ps),
    ]
    assert values(company(reps=PEOPLE, orders=lines, as_of=END), "product_lines_per_customer") == {"product_lines_per_customer": 2.0}
