"""Prospects, quotes, service cases and stock counts as facts: who gets the credit, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from data import build

Built = Callable[..., duckdb.DuckDBPyConnection]

REPS = [
    {"rep_id": "R1", "territory_id": "T1", "region": "North", "valid_to": "2026-06-15"},
    {"rep_id": "R1", "territory_id": "T2", "region": "South", "valid_from": "2026-06-16"},
]
CARDS = [{"customer_id": "C1", "customer_name": "One", "owner_id": "R1"}]


def prospect(number: str, **more: Any) -> dict[str, Any]:
    return {"prospect_id": number, "name": number, "owner_id": "R1", "created_on": "2026-06-01", "stage": "collected", **more}


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.sql(query).fetchall()


def test_a_prospect_is_credited_to_its_owner_where_they_were_when_it_was_created(built: Built) -> None:
    con = built(reps=REPS, prospects=[prospect("P1"), prospect("P2", created_on="2026-06-16"), prospect("P3", owner_id="R9")])
    assert rows(con, "select prospect_id, rep_id, region, rep_known from fact.prospects order by 1") == [
        ("P1", "R1", "North", True),
        ("P2", "R1", "South", True),
        ("P3", "unknown (R9)", None, False),
    ]
    assert build.audit(con) == []


def test_a_prospect_was_visited_on_its_first_completed_visit_unless_its_card_says(built: Built) -> None:
    visits = [
        {"rep_id": "R1", "prospect_id": "P1", "actual_date": "2026-06-09 10:00"},
        {"rep_id": "R1", "prospect_id": "P1", "actual_date": "2026-06-08 10:00"},
        {"rep_id": "R1", "prospect_id": "P1", "actual_date": "2026-06-05 10:00", "visit_type": "phone"},
        {"rep_id": "R1", "prospect_id": "P1", "planned_date": "2026-06-02"},
        {"rep_id": "R1", "prospect_id": "P2", "actual_date": "2026-06-08 10:00"},
    ]
    con = built(visits=visits, prospects=[prospect("P1"), prospect("P2", visited_on="2026-06-03"), prospect("P3")])
    assert rows(con, "select prospect_id, visited_on from fact.prospects order by 1") == [
        ("P1", date(2026, 6, 8)),
        ("P2", date(2026, 6, 3)),
        ("P3", None),
    ]


def test_a_prospect_left_on_the_day_it_says_else_when_an_export_first_showed_it(built: Built) -> None:
    prospects = [
        prospect("P1", stage="abandoned", abandoned_on="2026-06-03", lost_on="2026-06-02"),
        prospect("P2", stage="abandoned", lost_on="2026-06-02"),
        prospect("P3", stage="collected", _replaced_by=2),
        prospect("P3", stage="lost", _load_id=2, _from="2026-06-10", _replaced_by=3),
        prospect("P3", stage="lost", _load_id=3, _from="2026-06-20"),
        prospect("P4", stage="contracted", contracted_on="2026-06-04"),
    ]
    con = built(prospects=prospects)
    query = "select prospect_id, is_open, contracted_on, lost_on, abandoned_on from fact.prospects order by 1"
    assert rows(con, query) == [
        ("P1", False, None, date(2026, 6, 2), date(2026, 6, 3)),
        ("P2", False, None, date(2026, 6, 2), date(2026, 6, 2)),
        ("P3", False, None, date(2026, 6, 10), None),
        ("P4", False, date(2026, 6, 4), None, None),
    ]


def test_a_prospect_taken_off_the_list_stays_in_the_past_but_is_not_open(built: Built) -> None:
    con = built(prospects=[prospect("P1", _replaced_by=2), prospect("P2")])
    assert rows(con, "select prospect_id, is_listed, is_open from fact.prospects order by 1") == [("P1", False, False), ("P2", True, True)]


def test_a_quote_has_versions_of_which_the_highest_number_is_the_latest(built: Built) -> None:
    quotes = [
        {"quote_id": "Q1", "version": version, "customer_id": "C1", "rep_id": "R1", "quote_date": day, "amount": 5}
        for version, day in (("9", "2026-06-10"), ("10", "2026-06-16"))
    ]
    quotes.append({"quote_id": "Q2", "version": "1", "prospect_id": "P1", "rep_id": "R1", "quote_date": "2026-06-01", "amount": 7})
    con = built(reps=REPS, customers=CARDS, quotes=quotes)
    query = "select quote_id, version, party, region, amount, status, is_special, is_latest from fact.quotes order by 1, date"
    assert rows(con, query) == [
        ("Q1", "9", "c:C1", "North", Decimal(5), "open", False, False),
        ("Q1", "10", "c:C1", "South", Decimal(5), "open", False, True),
        ("Q2", "1", "p:P1", "North", Decimal(7), "open", False, True),
    ]
    assert build.audit(con) == []


def test_a_case_and_a_count_are_credited_to_the_owner_of_the_customer_that_day(built: Built) -> None:
    cases = [
        {"case_id": "K1", "customer_id": "C1", "kind": "complaint", "opened_on": "2026-06-15 23:30", "status": "open"},
        {"case_id": "K2", "customer_id": "C9", "kind": "survey", "opened_on": "2026-06-16", "status": "closed", "score": 4, "scale_max": 5},
    ]
    counts = [{"customer_id": "C1", "product_id": "X1", "counted_on": "2026-06-16", "qty": 14, "pack_size": 12}]
    con = built(reps=REPS, customers=CARDS, service=cases, stock_counts=counts, products=[{"product_id": "X2"}])
    assert rows(con, "select case_id, customer_id, rep_id, region, date, opened_at, is_open, score from fact.service order by 1") == [
        ("K1", "C1", "R1", "North", date(2026, 6, 15), datetime(2026, 6, 15, 23, 30), True, None),
        ("K2", "unknown (C9)", "unassigned", None, date(2026, 6, 16), datetime(2026, 6, 16), False, Decimal(4)),
    ]
    assert rows(con, "select product_id, rep_id, region, qty::int, pack_size::int, date from fact.stock_counts") == [
        ("unknown (X1)", "R1", "South", 14, 12, date(2026, 6, 16))
    ]
    assert build.audit(con) == []


def test_every_row_knows_its_load_file_and_row(built: Built) -> None:
    con = built(
        prospects=[prospect("P1")],
        quotes=[{"quote_id": "Q1", "customer_id": "C1", "rep_id": "R1", "quote_date": "2026-06-01", "amount": 5}],
        service=[{"case_id": "K1", "customer_id": "C1", "kind": "complaint", "opened_on": "2026-06-01"}],
        stock_counts=[{"customer_id": "C1", "product_id": "X1", "counted_on": "2026-06-01", "qty": 1}],
    )
    found = [rows(con, f"select load_id, file_id, row from fact.{name}") for name in ("prospects", "quotes", "service", "stock_counts")]
    assert found == [[(1, 1, 2)], [(1, 2, 2)], [(1, 3, 2)], [(1, 4, 2)]]
