"""Whoever asks, a total is the total over that person's own rows: of any company, for every measure and view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.access import OWNER
from data.config import Settings
from data.warehouse import Opened, Warehouse

Row = dict[str, Any]
START, DAYS = date(2026, 4, 10), 80
MOVED = date(2026, 5, 16)  # R2 goes from North to South
TODAY = date(2026, 7, 31)


class Span(NamedTuple):
    """A period as the warehouse sees one."""

    label: str
    start: date
    end: date
    to: date


ALL = Span("all", START, START + timedelta(days=DAYS), START + timedelta(days=DAYS))


def person(rep: str, role: str, region: str | None, **more: Any) -> Row:
    return {"rep_id": rep, "rep_name": rep, "role": role, "region": region, **more}


PEOPLE = [
    person("D", "director", None),
    person("MN", "regional_manager", "North"),
    person("MS", "regional_manager", "South"),
    person("R1", "rep", "North", manager_id="MN", pair_id="p"),
    person("I1", "inside", "North", manager_id="MN", pair_id="p"),
    person("R2", "rep", "North", manager_id="MN", valid_to=(MOVED - timedelta(days=1)).isoformat()),
    person("R2", "rep", "South", manager_id="MS", valid_from=MOVED.isoformat()),
]
OWNED = {"C1": "R1", "C2": "R2", "C3": "I1"}
CARDS = [{"customer_id": customer, "customer_name": customer, "owner_id": rep} for customer, rep in OWNED.items()]

days = st.integers(0, DAYS).map(lambda n: (START + timedelta(days=n)).isoformat())
money = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100)
credit = {"rep_id": st.sampled_from(("R1", "R2", "I1", "MN", "X9", None)), "customer_id": st.sampled_from((*OWNED, "C9"))}
orders = st.lists(st.fixed_dictionaries({**credit, "order_date": days, "net_amount": money}), max_size=12)
invoices = st.lists(st.fixed_dictionaries({**credit, "invoice_date": days, "due_date": days, "amount": money}), max_size=12)
visits = st.lists(st.fixed_dictionaries({**credit, "rep_id": st.sampled_from(("R1", "R2", "I1")), "actual_date": days}), max_size=12)


def belongs(row: Row, on: str) -> set[str]:
    """Who sees a row, from the definition: the rep, the inside partner, the manager of that day, and the director."""
    rep = row["rep_id"] or OWNED.get(row["customer_id"], "unassigned")
    manager = {"R1": "MN", "I1": "MN", "MN": "MN", "R2": "MN" if date.fromisoformat(on) < MOVED else "MS"}.get(rep)
    return {"D", rep, *([manager] if manager else []), *(["I1"] if rep == "R1" else [])}


def holders(row: Row) -> set[str]:
    """Who sees what an invoice leaves open: those of the customer's owner on the last day."""
    return belongs({"rep_id": None, "customer_id": row["customer_id"]}, ALL.to.isoformat())


def total(warehouse: Warehouse, who: str, name: str, column: str, by: tuple[str, ...] = ()) -> Decimal:
    frame = warehouse.read(name, warehouse.scope(who, TODAY), [ALL], by=by)
    assert frame is not None
    return frame.select(pl.sum(column)).collect().item()


def opened(con: duckdb.DuckDBPyConnection) -> Warehouse:
    """A warehouse over a database in memory, as `open` makes one over a snapshot."""
    meta = dict(con.sql("select key, value from meta").fetchall())
    sources = frozenset({"reps", "customers", "orders", "visits", "invoices", "receipts"})
    return Warehouse("000001", ALL.to, Settings(), sources, meta, Opened(con, meta, sources, frozenset({"cash"})))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=orders, invoices=invoices, visits=visits)
def test_a_total_is_that_over_own_rows(built: Callable[..., Any], orders: list[Row], invoices: list[Row], visits: list[Row]) -> None:
    for rows, key in ((orders, "order_id"), (invoices, "invoice_id")):
        for number, row in enumerate(rows):
            row[key] = f"{number}"
    warehouse = opened(built(reps=PEOPLE, customers=CARDS, orders=orders, invoices=invoices, visits=visits, receipts=[]))
    for who in ("D", "MN", "MS", "R1", "I1", "R2"):
        sold = sum(row["net_amount"] for row in orders if who in belongs(row, row["order_date"]))
        billed = sum(row["amount"] for row in invoices if who in belongs(row, row["invoice_date"]))
        open_now = sum(row["amount"] for row in invoices if who in holders(row))
        made = {(row["rep_id"], row["customer_id"], row["actual_date"]) for row in visits if who in belongs(row, row["actual_date"])}
        assert total(warehouse, who, "sales", "revenue") == total(warehouse, who, "sales", "revenue", ("customer_id",)) == sold
        assert total(warehouse, who, "billing", "invoiced") == total(warehouse, who, "collections", "collectible") == billed
        assert total(warehouse, who, "receivable_positions", "ar_balance") == open_now
        assert total(warehouse, who, "visits", "completed_visits") == len(made)
        assert total(warehouse, who, "visits", "completed_visits", ("customer_id",)) == len(made)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=orders)
def test_everybody_compares_with_the_same_company(built: Callable[..., Any], orders: list[Row]) -> None:
    for number, row in enumerate(orders):
        row["order_id"] = f"{number}"
    warehouse = opened(built(reps=PEOPLE, customers=CARDS, orders=orders))
    everything = warehouse.read("sales", OWNER, [ALL])
    assert everything is not None
    sold = dict(everything.group_by("rep_id").agg(pl.sum("revenue")).collect().iter_rows())
    for login, own in (("R1", {"R1"}), ("I1", {"I1"}), ("MN", {"MN", "R1", "I1"}), ("MS", {"MS", "R2"}), ("D", set(sold))):
        scope = warehouse.scope(login, TODAY)
        rows = warehouse.peers("sales", scope, [ALL])
        assert rows is not None
        found = {rep: (amount, is_own) for rep, amount, is_own in _persons(rows)}
        assert sorted(amount for amount, _ in found.values()) == sorted(sold.values())
        assert {rep: amount for rep, (amount, is_own) in found.items() if is_own} == {rep: sold[rep] for rep in own & set(sold)}


def _persons(rows: pl.LazyFrame) -> list[tuple[Any, ...]]:
    return rows.group_by("rep_id").agg(pl.sum("revenue"), pl.first("is_own")).collect().rows()
