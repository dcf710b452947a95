"""Orders and visits: who gets the row, where it lies, what it cost, and what counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

Built = Callable[..., duckdb.DuckDBPyConnection]
MOVED = [
    {"rep_id": "R1", "territory_id": "T1", "region": "North", "valid_to": "2026-06-15"},
    {"rep_id": "R1", "territory_id": "T2", "region": "South", "valid_from": "2026-06-16"},
]


def order(order_id: str, day: str | None, amount: Any = 100, **more: Any) -> dict[str, Any]:
    return {"order_id": order_id, "customer_id": "C1", "ship_date": day, "net_amount": amount, **more}


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.sql(query).fetchall()


def test_the_rep_who_moved_on_16_june_keeps_1_to_15_june_in_the_old_region(built: Built) -> None:
    con = built(reps=MOVED, orders=[order("a", "2026-06-15", rep_id="R1"), order("b", "2026-06-16", rep_id="R1")])
    assert rows(con, "select order_id, territory_id, region from fact.orders order by 1") == [("a", "T1", "North"), ("b", "T2", "South")]


def test_the_territory_on_the_row_wins_and_brings_its_region(built: Built) -> None:
    territories = [{"territory_id": "T1", "name": "One", "region": "North"}, {"territory_id": "T2", "name": "Two", "region": "South"}]
    con = built(reps=MOVED, territories=territories, orders=[order("a", "2026-06-01", rep_id="R1", territory_id="T2")])
    assert rows(con, "select rep_id, territory_id, region from fact.orders") == [("R1", "T2", "South")]


def test_a_territory_nobody_knows_has_no_region_not_the_reps(built: Built) -> None:
    con = built(reps=MOVED, orders=[order("a", "2026-06-01", rep_id="R1", territory_id="T9")])
    assert rows(con, "select territory_id, region from fact.orders") == [("T9", None)]


def test_a_row_without_rep_goes_to_the_owner_of_that_day_then_to_unassigned(built: Built) -> None:
    customers = [
        {"customer_id": "C1", "owner_id": "R1", "_replaced_by": 2},
        {"customer_id": "C1", "owner_id": "R2", "_load_id": 2, "_from": "2026-06-10"},
        {"customer_id": "C2"},
    ]
    orders = [
        order("a", "2026-06-09"),
        order("b", "2026-06-10"),
        order("c", "2026-06-10", customer_id="C2"),
        order("d", "2026-06-10", rep_id="R1"),
    ]
    con = built(reps=[{"rep_id": "R1"}, {"rep_id": "R2"}], customers=customers, orders=orders)
    assert rows(con, "select order_id, rep_id, rep_known from fact.orders order by 1") == [
        ("a", "R1", True),
        ("b", "R2", True),
        ("c", "unassigned", False),
        ("d", "R1", True),
    ]


def test_an_unknown_id_is_named_unknown_only_where_its_list_is_loaded(built: Built) -> None:
    line = order("a", "2026-06-01", rep_id="R9", customer_id="C9", product_id="P9")
    query = "select rep_id, customer_id, product_id, rep_known from fact.orders"
    assert rows(built(orders=[line]), query) == [("R9", "C9", "P9", False)]
    lists = {"reps": [{"rep_id": "R1"}], "customers": [{"customer_id": "C1"}], "products": [{"product_id": "P1"}]}
    assert rows(built(orders=[line], **lists), query) == [("unknown (R9)", "unknown (C9)", "unknown (P9)", False)]


@pytest.mark.parametrize(
    ("setting", "expected"), [("ship_date", ["2026-07-02", "2026-06-03"]), ("order_date", ["2026-06-01", "2026-06-03"])]
)
def test_the_revenue_date_is_a_setting_and_the_other_date_stands_in(built: Built, setting: str, expected: list[str]) -> None:
    lines = [order("a", "2026-07-02", order_date="2026-06-01"), order("b", None, order_date="2026-06-03")]
    con = built(orders=lines, settings={"revenue_date": setting})
    assert [str(day) for (day,) in rows(con, "select date from fact.orders order by order_id")] == expected


def test_cancelled_drafted_and_replaced_lines_are_no_sales(built: Built) -> None:
    lines = [
        order("a", "2026-06-01", 1),
        order("b", "2026-06-01", 2, status="cancelled"),
        order("c", "2026-06-01", 4, status="draft"),
        order("d", "2026-06-01", 8, _replaced_by=2),
    ]
    assert rows(built(orders=lines), "select order_id from fact.orders") == [("a",)]


def test_cost_is_the_rows_else_the_price_card_of_that_day_else_unknown(built: Built) -> None:
    products = [
        {"product_id": "P1", "product_line": "sea", "unit_cost": "2.5", "valid_from": "2026-01-01"},
        {"product_id": "P1", "product_line": "sea", "unit_cost": "3", "valid_from": "2026-06-10"},
        {"product_id": "P2", "product_line": "air"},
    ]
    lines = [
        order("a", "2026-06-09", product_id="P1", qty=3, cost_amount=0),
        order("b", "2026-06-09", product_id="P1", qty=3),
        order("c", "2026-06-10", product_id="P1", qty=3, product_line="road"),
        order("d", "2025-12-31", product_id="P1", qty=3),
        order("e", "2026-06-10", product_id="P2", qty=3),
        order("f", "2026-06-10", product_id="P1"),
    ]
    con = built(products=products, orders=lines)
    assert rows(con, "select order_id, cost_amount, product_line from fact.orders order by 1") == [
        ("a", Decimal(0), "sea"),
        ("b", Decimal("7.5"), "sea"),
        ("c", Decimal(9), "road"),
        ("d", None, "sea"),
        ("e", None, "air"),
        ("f", None, "sea"),
    ]


def test_an_amount_is_taken_as_stored_whatever_its_currency(built: Built) -> None:
    # the loader has already made it company currency
    con = built(orders=[order("a", "2026-06-01", "720", currency="USD", fx_rate="7.2", amount_base="720")])
    assert rows(con, "select net_amount from fact.orders") == [(Decimal(720),)]


def test_a_return_is_told_by_its_kind_or_its_sign(built: Built) -> None:
    lines = [order("a", "2026-06-01", 5), order("b", "2026-06-01", -5), order("c", "2026-06-01", 0, doc_type="return")]
    assert rows(built(orders=lines), "select is_return from fact.orders order by order_id") == [(False,), (True,), (True,)]


def test_an_order_counts_once_for_its_first_line_on_its_earliest_day(built: Built) -> None:
    lines = [
        order("a", "2026-06-20", 300, line_no="10", rep_id="R2", cost_amount=200),
        order("a", "2026-06-16", 200, line_no="2", rep_id="R1"),
    ]
    con = built(reps=[*MOVED, {"rep_id": "R2"}], orders=lines)
    query = "select rep_id, region, date, revenue, costed_revenue, gross_profit, line_count, uncosted_lines from fact.order_heads"
    assert rows(con, query) == [("R1", "South", date(2026, 6, 16), Decimal(500), Decimal(300), Decimal(100), 2, 1)]


def test_a_return_or_a_sample_is_no_qualifying_order(built: Built) -> None:
    lines = [
        order("paid", "2026-06-01", 100),
        order("paid", "2026-06-01", -40),
        order("back", "2026-06-02", -40),
        order("free", "2026-06-03", 0, doc_type="sample"),
        order("sold sample", "2026-06-03", 5, doc_type="sample"),
    ]
    con = built(orders=lines)
    assert rows(con, "select order_id, is_counted, is_qualifying, gross_profit from fact.order_heads order by 1") == [
        ("back", False, False, None),
        ("free", False, False, None),
        ("paid", True, True, None),
        ("sold sample", True, False, None),
    ]


def test_a_visit_names_its_party_and_whether_it_counts(built: Built) -> None:
    visits = [
        {"rep_id": "R1", "customer_id": "C1", "actual_date": "2026-06-16 23:59:00", "planned_date": "2026-06-15"},
        {"rep_id": "R1", "prospect_id": "L1", "actual_date": "2026-06-01 09:00:00", "visit_type": "phone"},
        {"rep_id": "R1", "customer_id": "C1", "planned_date": "2026-06-15"},
        {"rep_id": "R1", "customer_id": "C1", "actual_date": "2026-06-15 09:00:00", "status": "cancelled"},
    ]
    con = built(reps=MOVED, visits=visits)
    assert rows(con, "select visit_id, party, region, actual_date, is_completed, is_counted_type from fact.visits order by 1") == [
        ("V1", "c:C1", "South", date(2026, 6, 16), True, True),
        ("V2", "p:L1", "North", date(2026, 6, 1), True, False),
        ("V3", "c:C1", "North", None, False, True),
        ("V4", "c:C1", "North", date(2026, 6, 15), False, True),
    ]


def test_every_fact_row_knows_its_load_file_and_row(built: Built) -> None:
    con = built(reps=MOVED, orders=[order("a", "2026-06-01"), order("b", "2026-06-01")])
    assert rows(con, "select order_id, load_id, file, row from fact.orders join files using (file_id, load_id) order by 1") == [
        ("a", 1, "orders.csv", 2),
        ("b", 1, "orders.csv", 3),
    ]
