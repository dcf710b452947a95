"""Measures: typed-in rows summed to one grain, with the edges of each rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

Built = Callable[..., duckdb.DuckDBPyConnection]
Row = dict[str, Any]
REPS = [
    {"rep_id": "R1", "rep_name": "Li", "role": "rep", "region": "North"},
    {"rep_id": "R2", "rep_name": "Wang", "role": "rep", "region": "South"},
]


def line(order: str, net: float, on: str = "2026-06-03", **more: Any) -> Row:
    return {"order_id": order, "customer_id": "C1", "rep_id": "R1", "order_date": on, "net_amount": net, **more}


def visit(on: str | None, customer: str = "C1", **more: Any) -> Row:
    return {"rep_id": "R1", "customer_id": customer, "actual_date": on, **more}


def invoice(number: str, amount: float, on: str = "2026-06-01", due: str | None = "2026-06-30", **more: Any) -> Row:
    return {"invoice_id": number, "customer_id": "C1", "rep_id": "R1", "invoice_date": on, "due_date": due, "amount": amount, **more}


def receipt(number: str, amount: float, on: str, paid: str | None = None, **more: Any) -> Row:
    return {"receipt_id": number, "customer_id": "C1", "invoice_id": paid, "received_on": on, "amount": amount, **more}


def table(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.sql(query).fetchall()


def test_revenue_profit_and_orders_of_a_day_are_summed_by_rep(built: Built) -> None:
    con = built(reps=REPS, orders=[line("A", 1000, cost_amount=700), line("B", 200, cost_amount=190), line("C", 500, cost_amount=550)])
    [sums] = table(
        con, "select revenue, costed_revenue, gross_profit, order_count, costed_order_count, n_rows, n_excluded from measure.sales"
    )
    assert sums == (1700, 1700, 260, 3, 3, 3, 0)


def test_a_line_without_cost_leaves_revenue_and_cost_but_zero_cost_counts(built: Built) -> None:
    con = built(reps=REPS, orders=[line("A", 100, cost_amount=60), line("B", 50), line("C", 10, cost_amount=0)])
    [sums] = table(
        con, "select revenue, costed_revenue, gross_profit, uncosted_lines, n_excluded, order_count, costed_order_count from measure.sales"
    )
    assert sums == (160, 110, 50, 1, 1, 3, 2)


def test_returns_count_negatively_on_their_own_day(built: Built) -> None:
    con = built(reps=REPS, orders=[line("A", 2400, "2026-05-20"), line("B", -120, doc_type="return")])
    rows = table(con, "select date, revenue, returns_amount, sales_before_returns, order_count from measure.sales order by date")
    assert rows == [(date(2026, 5, 20), 2400, 0, 2400, 1), (date(2026, 6, 3), -120, 120, 0, 0)]


def test_an_order_counts_once_on_its_earliest_day_for_its_first_line(built: Built) -> None:
    lines = [
        line("A", 10, "2026-06-09", line_no="1", product_line="sea"),
        line("A", 20, "2026-06-02", line_no="2", product_line="air", rep_id="R2"),
        line("A", 5, "2026-06-09", line_no="10", product_line="air", rep_id="R2"),
    ]
    con = built(reps=REPS, orders=lines)
    counted = table(con, "select rep_id, product_line, date, revenue, order_count, n_rows from measure.sales where order_count > 0")
    assert counted == [("R1", "sea", date(2026, 6, 2), 0, 1, 0)]
    assert table(con, "select sum(revenue), sum(order_count), sum(n_rows) from measure.sales") == [(35, 1, 3)]


def test_an_order_returned_in_full_is_not_counted(built: Built) -> None:
    con = built(reps=REPS, orders=[line("A", 10), line("A", -10, doc_type="return"), line("B", 7)])
    assert table(con, "select revenue, order_count from measure.sales") == [(7, 1)]
    assert table(con, "select order_id, revenue, is_counted, n_rows from measure.orders order by order_id") == [
        ("A", 0, False, 2),
        ("B", 7, True, 1),
    ]


def test_several_visits_to_one_customer_on_one_day_are_one(built: Built) -> None:
    con = built(reps=REPS, visits=[visit("2026-06-03 09:00"), visit("2026-06-03 15:00"), visit("2026-06-03 11:00", "C2")])
    assert table(con, "select completed_visits, visit_records, contacts, n_rows from measure.visits") == [(2, 3, 0, 3)]


def test_a_joint_visit_counts_for_each_rep(built: Built) -> None:
    con = built(reps=REPS, visits=[visit("2026-06-03"), visit("2026-06-03", rep_id="R2")])
    assert table(con, "select rep_id, completed_visits from measure.visits order by rep_id") == [("R1", 1), ("R2", 1)]


def test_calls_are_contacts_and_neither_planned_nor_cancelled_visits_count(built: Built) -> None:
    rows = [
        visit("2026-06-03", visit_type="phone"),
        visit("2026-06-03", visit_type="on_site"),
        visit("2026-06-04", status="cancelled"),
        visit(None, planned_date="2026-06-05"),
    ]
    con = built(reps=REPS, visits=rows)
    assert table(con, "select date, completed_visits, visit_records, contacts, n_rows from measure.visits") == [
        (date(2026, 6, 3), 1, 1, 1, 1)
    ]


def test_a_day_is_unplanned_only_if_none_of_its_records_was_planned(built: Built) -> None:
    rows = [visit("2026-06-03 09:00"), visit("2026-06-03 15:00", planned_date="2026-06-03"), visit("2026-06-04")]
    con = built(reps=REPS, visits=rows)
    assert table(con, "select sum(completed_visits), sum(unplanned_visits) from measure.visits") == [(2, 1)]


def test_a_visit_of_two_records_lies_where_the_first_was_made(built: Built) -> None:
    rows = [visit("2026-06-03 15:00", territory_id="T2"), visit("2026-06-03 09:00", territory_id="T1")]
    con = built(reps=REPS, visits=rows)
    visits = table(con, "select territory_id, completed_visits, visit_records from measure.visits order by territory_id")
    assert visits == [("T1", 1, 1), ("T2", 0, 1)]


def test_prospects_are_visited_too(built: Built) -> None:
    con = built(reps=REPS, visits=[visit("2026-06-03", prospect_id="P1", customer_id=None), visit("2026-06-03")])
    assert table(con, "select completed_visits from measure.visits") == [(2,)]
    assert table(con, "select customer_id, completed_visits from measure.customer_months") == [("C1", 1)]


def test_a_plan_is_not_cleaned_up_by_cancelling_but_the_customer_may(built: Built) -> None:
    planned = [visit(None, f"C{n}", planned_date="2026-06-10") for n in range(19)]
    changed = [
        visit(None, "X", planned_date="2026-06-10", status="cancelled", cancelled_by="us"),
        visit(None, "Y", planned_date="2026-06-10", status="cancelled", cancelled_by="customer"),
        visit(None, "Z", planned_date="2026-06-10", status="rescheduled"),
        visit(None, "Z", planned_date="2026-07-02"),
    ]
    con = built(reps=REPS, visits=planned + changed)
    plans = table(con, "select date, planned_visits, kept_visits, n_rows, n_excluded from measure.visit_plans")
    assert plans == [(date(2026, 6, 10), 20, 0, 20, 1), (date(2026, 7, 2), 1, 0, 1, 0)]


@pytest.mark.parametrize(("made", "kept"), [("2026-06-03", 1), ("2026-06-17", 1), ("2026-06-02", 0), ("2026-06-18", 0)])
def test_a_plan_is_kept_up_to_seven_days_early_or_late(built: Built, made: str, kept: int) -> None:
    con = built(reps=REPS, visits=[visit(made, planned_date="2026-06-10")])
    assert table(con, "select sum(planned_visits), sum(kept_visits) from measure.visit_plans") == [(1, kept)]


def test_that_a_plan_was_kept_is_known_from_the_day_of_the_visit(built: Built) -> None:
    con = built(reps=REPS, visits=[visit("2026-06-12", planned_date="2026-06-10")])
    plans = table(con, "select date, known_on, planned_visits, kept_visits, n_rows from measure.visit_plans order by kept_visits")
    assert plans == [(date(2026, 6, 10), None, 1, 0, 1), (date(2026, 6, 10), date(2026, 6, 12), 0, 1, 0)]


def test_a_planned_call_is_no_planned_visit(built: Built) -> None:
    con = built(reps=REPS, visits=[visit(None, planned_date="2026-06-10", visit_type="phone")])
    assert table(con, "select * from measure.visit_plans") == []


def card(customer: str, **more: Any) -> Row:
    return {"customer_id": customer, "customer_name": customer, "owner_id": "R1", **more}


@pytest.mark.parametrize(
    ("known", "ordered", "new", "on"),
    [
        ({"created_on": "2019-05-01"}, "2025-03-10", 0, date(2025, 3, 10)),
        ({"created_on": "2025-03-01"}, "2025-03-10", 1, date(2025, 3, 10)),
        ({"created_on": "2025-01-01"}, "2025-03-10", 1, date(2025, 3, 10)),
        ({}, "2025-03-10", 0, date(2025, 3, 10)),
        ({}, "2025-12-31", 0, date(2025, 12, 31)),
        ({}, "2026-01-01", 1, date(2026, 1, 1)),
        ({"first_order_on": "2025-02-01"}, "2025-03-10", 1, date(2025, 2, 1)),
        ({"first_order_on": "2019-02-01"}, "2026-03-10", 1, date(2019, 2, 1)),
        ({"first_order_on": "2026-05-01"}, "2026-03-10", 1, date(2026, 3, 10)),
    ],
)
def test_close_to_the_start_of_the_data_a_customer_is_new_only_with_evidence(
    built: Built, known: Row, ordered: str, new: int, on: date
) -> None:
    start = line("START", 1, "2025-01-01", customer_id="OLD")
    con = built(reps=REPS, customers=[card("C1", **known), card("OLD")], orders=[start, line("A", 10, ordered)])
    first = table(
        con, "select date, new_customers, unknown_customers, n_rows, n_excluded from measure.first_orders where customer_id = 'C1'"
    )
    assert first == [(on, new, 1 - new, 1, 1 - new)]


def test_a_later_start_of_history_may_be_set(built: Built) -> None:
    orders = [line("START", 1, "2024-01-01", customer_id="OLD"), line("A", 10, "2025-06-01")]
    con = built(reps=REPS, orders=orders, settings={"data_start": {"orders": date(2025, 1, 1)}})
    assert table(con, "select new_customers from measure.first_orders where customer_id = 'C1'") == [(0,)]


def test_samples_and_returns_make_nobody_a_customer(built: Built) -> None:
    orders = [
        line("S", 5, "2026-06-01", doc_type="sample"),
        line("R", -3, "2026-06-02", doc_type="return"),
        line("A", 10, "2026-06-04", rep_id="R2"),
    ]
    con = built(reps=REPS, orders=orders)
    assert table(con, "select rep_id, date from measure.first_orders") == [("R2", date(2026, 6, 4))]


def test_a_month_of_a_customer_knows_sales_and_visits(built: Built) -> None:
    orders = [
        line("A", 100, "2026-06-03", cost_amount=60),
        line("A", -20, "2026-06-20", doc_type="return"),
        line("B", 9, "2026-06-25", doc_type="sample"),
    ]
    con = built(reps=REPS, orders=orders, visits=[visit("2026-06-05 09:00"), visit("2026-06-05 10:00"), visit("2026-06-30")])
    query = """
        select date, revenue, costed_revenue, gross_profit, returns_amount, sales_before_returns, order_count, costed_order_count,
            uncosted_lines, qualifying_orders, first_order_on, last_order_on, completed_visits, visit_records,
            first_visit_on, last_visit_on, n_rows
        from measure.customer_months"""
    sums = (89, 100, 40, 20, 109, 2, 1, 2, 1, date(2026, 6, 3), date(2026, 6, 3), 2, 3, date(2026, 6, 5), date(2026, 6, 30), 3)
    assert table(con, query) == [(date(2026, 6, 1), *sums)]


def test_customer_months_add_up_to_sales(built: Built) -> None:
    orders = [
        line("A", 10, "2026-05-31", line_no="1"),
        line("A", 20, "2026-06-01", line_no="2", customer_id="C2"),
        line("B", 5, "2026-06-02"),
    ]
    con = built(reps=REPS, orders=orders)
    parts = "sum(revenue), sum(order_count), sum(n_rows)"
    assert table(con, f"select {parts} from measure.customer_months") == table(con, f"select {parts} from measure.sales") == [(35, 2, 3)]


def test_invoices_fall_due_on_their_own_day_and_credit_notes_lower_that(built: Built) -> None:
    con = built(
        reps=REPS,
        invoices=[
            invoice("1", 50, "2026-05-01", "2026-06-10"),
            invoice("2", 40, "2026-05-02", "2026-06-10"),
            invoice("N", -10, "2026-06-20", None, doc_type="credit_note", credit_of="2"),
            invoice("W", -5, "2026-06-21", None, doc_type="write_off", credit_of="2"),
            invoice("V", 99, "2026-05-02", "2026-06-10", status="void"),
        ],
    )
    due = table(con, "select date, known_on, due, due_rows from measure.billing where due_rows > 0 order by known_on")
    june = date(2026, 6, 10)
    assert due == [(june, date(2026, 5, 1), 50, 1), (june, date(2026, 5, 2), 40, 1), (june, date(2026, 6, 20), -10, 1)]
    issued = table(con, "select date, invoiced, invoiced_rows from measure.billing where invoiced_rows > 0 order by date")
    assert issued == [(date(2026, 5, 1), 50, 1), (date(2026, 5, 2), 40, 1), (date(2026, 6, 20), -10, 1)]


def test_an_invoice_nobody_knows_when_it_falls_due_is_left_out_and_counted(built: Built) -> None:
    terms = [card("C1"), card("C2", terms_days=30)]
    con = built(reps=REPS, customers=terms, invoices=[invoice("1", 50, due=None), invoice("2", 40, due=None, customer_id="C2")])
    assert table(con, "select sum(invoiced), sum(undated_rows), sum(n_excluded) from measure.billing") == [(90, 1, 1)]
    assert table(con, "select date, due from measure.billing where due_rows > 0") == [(date(2026, 7, 1), 40)]


def test_cash_counts_on_its_day_net_of_reversals_and_bills_when_they_clear(built: Built) -> None:
    cash = [
        receipt("1", 100, "2026-06-05", "1"),
        receipt("2", -30, "2026-06-09"),
        receipt("3", 20, "2026-06-09", method="bill", cleared_on="2026-08-01"),
        receipt("4", 7, "2026-06-09", method="bill"),
    ]
    con = built(reps=REPS, invoices=[invoice("1", 100)], receipts=cash)
    collected = table(
        con, "select date, sum(collected), sum(collected_rows) from measure.billing where collected_rows > 0 group by date order by date"
    )
    assert collected == [(date(2026, 6, 5), 100, 1), (date(2026, 6, 9), -30, 1), (date(2026, 8, 1), 20, 1)]


def test_cash_on_an_invoice_is_credited_to_the_invoices_rep(built: Built) -> None:
    con = built(reps=REPS, invoices=[invoice("1", 100, rep_id="R2")], receipts=[receipt("1", 100, "2026-06-05", "1", rep_id="R1")])
    assert table(con, "select rep_id from measure.billing where collected_rows > 0") == [("R2",)]


def test_paid_amounts_stand_in_for_receipts_and_say_so(built: Built) -> None:
    con = built(reps=REPS, invoices=[invoice("1", 100, paid_amount=60, paid_on="2026-06-20")])
    paid = table(con, "select date, collected, estimated_rows from measure.billing where collected_rows > 0")
    assert paid == [(date(2026, 6, 20), 60, 1)]
    assert table(con, "select sum(open_change), sum(estimated_rows) from measure.receivables") == [(40, 1)]


def test_open_invoices_can_be_counted_on_any_day(built: Built) -> None:
    con = built(
        reps=REPS,
        invoices=[invoice("1", 100), invoice("2", 50), invoice("N", -50, "2026-06-08", None, doc_type="credit_note", credit_of="2")],
        receipts=[receipt("1", 60, "2026-06-05", "1"), receipt("2", 40, "2026-06-06", "1"), receipt("3", -40, "2026-06-09", "1")],
    )
    query = "select coalesce(sum(open_rows), 0), coalesce(sum(open_change), 0) from measure.receivables where date <= $on"
    counts = {day: con.execute(query, {"on": date(2026, 6, day)}).fetchall()[0] for day in (1, 5, 6, 8, 9)}
    assert counts == {1: (2, 150), 5: (2, 90), 6: (1, 50), 8: (0, 0), 9: (1, 40)}


def target(period: str, whose: str = "R1", value: float = 100, **more: Any) -> Row:
    return {"scope": "rep", "scope_id": whose, "period": period, "metric": "revenue", "value": value, **more}


@pytest.mark.parametrize(
    ("period", "first_month", "start", "end"),
    [
        ("2026-06", 1, date(2026, 6, 1), date(2026, 6, 30)),
        ("2026-02", 4, date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-Q2", 1, date(2026, 4, 1), date(2026, 6, 30)),
        ("2026-H2", 1, date(2026, 7, 1), date(2026, 12, 31)),
        ("2026", 1, date(2026, 1, 1), date(2026, 12, 31)),
        ("2026", 4, date(2025, 4, 1), date(2026, 3, 31)),
        ("2026-Q1", 4, date(2025, 4, 1), date(2025, 6, 30)),
        ("2026-Q4", 4, date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-H2", 7, date(2026, 1, 1), date(2026, 6, 30)),
    ],
)
def test_a_target_spans_its_fiscal_period(built: Built, period: str, first_month: int, start: date, end: date) -> None:
    con = built(reps=REPS, targets=[target(period)], settings={"fiscal_year_start_month": first_month})
    assert table(con, "select start_on, end_on, value from measure.targets") == [(start, end, Decimal(100))]


def test_a_persons_target_lies_where_the_person_was_last_assigned_in_its_span(built: Built) -> None:
    moves = [
        {"rep_id": "R1", "rep_name": "Li", "role": "rep", "region": "North", "valid_to": "2026-06-15"},
        {"rep_id": "R1", "rep_name": "Li", "role": "rep", "region": "South", "valid_from": "2026-06-16"},
        {"rep_id": "M1", "rep_name": "Chen", "role": "regional_manager", "region": "North"},
    ]
    rows = [target("2026-05"), target("2026-06"), target("2026-06", "M1"), target("2026-06", "R9")]
    con = built(reps=moves, targets=rows)
    placed = table(con, "select member_id, start_on, region, is_seller, rep_known from measure.targets order by member_id, start_on")
    assert placed == [
        ("M1", date(2026, 6, 1), "North", False, True),
        ("R1", date(2026, 5, 1), "North", True, True),
        ("R1", date(2026, 6, 1), "South", True, True),
        ("unknown (R9)", date(2026, 6, 1), None, True, False),
    ]


def test_territories_regions_and_the_company_have_targets_too(built: Built) -> None:
    rows = [target("2026", "T1", scope="territory"), target("2026", "North", scope="region"), target("2026", "all", scope="company")]
    con = built(reps=REPS, territories=[{"territory_id": "T1", "name": "Harbour", "region": "North"}], targets=rows)
    placed = table(con, "select level, member_id, rep_id, territory_id, region, is_seller from measure.targets order by level")
    assert placed == [
        ("company", "all", None, None, None, False),
        ("region", "North", None, None, "North", False),
        ("territory", "T1", None, "T1", "North", False),
    ]


MEASURES = ("billing", "customer_months", "first_orders", "orders", "receivables", "sales", "targets", "visit_plans", "visits")


def test_every_measure_carries_its_credit_and_exact_types_also_without_rows(built: Built) -> None:
    con = built()
    for name in MEASURES:
        kinds = {column: kind for column, kind, *_ in table(con, f"describe measure.{name}")}
        credit = {"rep_id": "VARCHAR", "territory_id": "VARCHAR", "region": "VARCHAR", "rep_known": "BOOLEAN"}
        assert credit.items() <= kinds.items(), name
        assert kinds["manager_ids"] == kinds["partner_ids"] == "VARCHAR[]", name
        assert set(kinds.values()) <= {"VARCHAR", "VARCHAR[]", "BOOLEAN", "DATE", "DECIMAL(38,4)", "BIGINT"}, name
        assert table(con, f"select * from measure.{name}") == [], name
