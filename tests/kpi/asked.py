"""A KPI asked of a small company typed into a test: from rows of the sources, through the warehouse, to the row of the answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from data.access import OWNER
from kpi.period import parse
from kpi.report import evaluate

PEOPLE = [
    {"rep_id": "M", "rep_name": "Mo", "role": "regional_manager", "region": "East", "territory_id": None},
    {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "East", "territory_id": "T1", "manager_id": "M", "pair_id": "P"},
    {"rep_id": "R2", "rep_name": "Bob", "role": "rep", "region": "West", "territory_id": "T2"},
    {"rep_id": "K", "rep_name": "Kim", "role": "kam", "region": "East", "territory_id": "T1"},
    {"rep_id": "I", "rep_name": "Ina", "role": "inside", "region": "East", "territory_id": "T1", "pair_id": "P"},
]


def visit(day: str, customer: str | None = "C1", rep: str = "R1", **more: Any) -> dict[str, Any]:
    """A completed visit on a day of June 2026 ("03"), or on an ISO date."""
    return {"rep_id": rep, "customer_id": customer, "actual_date": day if "-" in day else f"2026-06-{day}", **more}


def plan(day: str, customer: str = "C1", rep: str = "R1", **more: Any) -> dict[str, Any]:
    """A visit planned for a day of June 2026."""
    return {"rep_id": rep, "customer_id": customer, "planned_date": f"2026-06-{day}", **more}


def order(day: str, customer: str = "C1", rep: str = "R1", amount: float = 100, **more: Any) -> dict[str, Any]:
    """An order of one line on a day of June 2026, or on an ISO date."""
    on = day if "-" in day else f"2026-06-{day}"
    return {"order_id": f"{customer}-{on}-{rep}", "customer_id": customer, "rep_id": rep, "order_date": on, "net_amount": amount, **more}


def card(customer: str, owner: str = "R1", **more: Any) -> dict[str, Any]:
    """A customer card, made long ago unless said."""
    return {"customer_id": customer, "customer_name": customer, "owner_id": owner, "created_on": "2020-01-01", **more}


def prospect(number: str, owner: str = "R1", **more: Any) -> dict[str, Any]:
    """A prospect collected on 1 March 2026 unless said."""
    return {"prospect_id": number, "name": number, "owner_id": owner, "created_on": "2026-03-01", "stage": "collected", **more}


def case(number: str, opened: str, customer: str = "C1", kind: str = "complaint", **more: Any) -> dict[str, Any]:
    """A case opened on a day of June 2026 ("03 10:00"), or on an ISO date."""
    return {"case_id": number, "customer_id": customer, "kind": kind, "opened_on": opened if "-" in opened else f"2026-06-{opened}", **more}


def quote(number: str, day: str, rep: str = "R1", **more: Any) -> dict[str, Any]:
    """A quote of a day of June 2026 to C1."""
    return {"quote_id": number, "version": "1", "customer_id": "C1", "rep_id": rep, "quote_date": f"2026-06-{day}", "amount": 100, **more}


def counted(day: str, qty: float, product: str = "X", customer: str = "C1", **more: Any) -> dict[str, Any]:
    """What a customer had in store on a day of June 2026."""
    return {"customer_id": customer, "product_id": product, "counted_on": f"2026-06-{day}", "qty": qty, **more}


def ask(warehouse: Any, kpi: Any, period: str = "2026-06", by: tuple[str, ...] = (), as_of: str | None = None) -> dict[Any, dict[str, Any]]:
    """`{key: row}` of one KPI; the whole has the key None."""
    on = date.fromisoformat(as_of) if as_of else warehouse.as_of
    frame = evaluate(warehouse, OWNER, [kpi], [parse(period, on)], by)[kpi.name]
    return {(row[by[0]] if by else None): row for row in frame.to_dicts()}


def whole(warehouse: Any, kpi: Any, period: str = "2026-06", as_of: str | None = None) -> dict[str, Any]:
    """The row of everybody together."""
    return ask(warehouse, kpi, period, (), as_of)[None]
