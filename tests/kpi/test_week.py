"""The last days of one person, by orders, visits and prospects typed in one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from data.access import OWNER
from kpi.period import parse
from kpi.week import orders, without_order
from tests.kpi.asked import PEOPLE, order, plan, prospect, visit


def test_an_order_is_one_whatever_its_lines_and_a_return_counts_against_it(company) -> None:
    rows = [order("10", amount=100, line_no="1"), order("10", amount=-30, line_no="2", doc_type="return"), order("12", "C2", amount=50)]
    warehouse = company(reps=PEOPLE, orders=rows, as_of="2026-06-15")
    found = orders(warehouse.rows("orders", OWNER, parse("2026-06", warehouse.as_of)))
    assert found.select("customer_id", "net_amount").rows() == [("C2", Decimal(50)), ("C1", Decimal(70))]


def test_a_visit_no_order_followed_is_named_once_a_day(company) -> None:
    seen = [
        visit("09", "C1"), visit("10", "C2"), visit("10", "C2"), visit("11", "C3"), visit("12", "C4", visit_type="phone"),
        visit("12", None, prospect_id="P1"), plan("12", "C5"),
    ]  # fmt: skip
    sold = [order("09", "C1"), order("09", "C2"), order("12", "C3", amount=-5, doc_type="return")]
    warehouse = company(reps=PEOPLE, visits=seen, orders=sold, prospects=[prospect("P1")], as_of="2026-06-15")
    june = parse("2026-06", warehouse.as_of)
    silent = without_order(warehouse.rows("visits", OWNER, june), warehouse.rows("orders", OWNER, june))
    assert silent.select("customer_id", "actual_date").rows() == [("C3", date(2026, 6, 11)), ("C2", date(2026, 6, 10))]
