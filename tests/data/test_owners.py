"""Sales with who sold, or with today's owner of the customer: the same rows, counted elsewhere, and never one more.

C1 was Ann's until 31 May and is Bob's since; C2 is Ann's still; C3 was Ann's and is Cid's, in another region; C4 is nobody's.
Dora sees all, Mia East.
"""

from __future__ import annotations

from typing import Any

import pytest

from data.owners import OwnersNow
from kpi.catalog import get
from kpi.period import parse
from kpi.report import evaluate

REPS = [
    {"rep_id": "D", "role": "director", "login": "dora"},
    {"rep_id": "M", "role": "regional_manager", "region": "East", "login": "mia"},
    {"rep_id": "ANN", "role": "rep", "territory_id": "E1", "region": "East", "manager_id": "M", "login": "ann"},
    {"rep_id": "BOB", "role": "rep", "territory_id": "E2", "region": "East", "manager_id": "M", "login": "bob"},
    {"rep_id": "CID", "role": "rep", "territory_id": "N1", "region": "North", "login": "cid"},
]
OWNED = [
    {"customer_id": "C1", "rep_id": "ANN", "valid_to": "2026-05-31"},
    {"customer_id": "C1", "rep_id": "BOB", "valid_from": "2026-06-01"},
    {"customer_id": "C2", "rep_id": "ANN"},
    {"customer_id": "C3", "rep_id": "ANN", "valid_to": "2026-05-31"},
    {"customer_id": "C3", "rep_id": "CID", "valid_from": "2026-06-01"},
]
SOLD = [
    ("C1", "ANN", "2026-05-10", 100), ("C1", "BOB", "2026-06-10", 10), ("C2", "ANN", "2026-05-11", 1000),
    ("C3", "ANN", "2026-05-12", 5), ("C3", "CID", "2026-06-12", 7), ("C4", "ANN", "2026-06-13", 3),
]  # fmt: skip
NOBODY = "unassigned"


@pytest.fixture
def warehouse(company: Any) -> Any:
    orders = [
        {"order_id": f"O{n}", "customer_id": customer, "rep_id": rep, "order_date": day, "net_amount": amount, "cost_amount": amount / 2}
        for n, (customer, rep, day, amount) in enumerate(SOLD)
    ]
    customers = [{"customer_id": c, "customer_name": c} for c in ("C1", "C2", "C3", "C4")]
    return company(reps=REPS, customers=customers, assignments=OWNED, orders=orders, as_of="2026-06-30")


def sold(warehouse: Any, login: str, by: str = "rep_id", kpi: str = "revenue", now: bool = True, **where: list[str]) -> dict[Any, float]:
    scope = warehouse.scope(login, warehouse.as_of)
    source = OwnersNow(warehouse, scope) if now else warehouse
    quarter = parse("2026-Q2", warehouse.as_of)
    rows = evaluate(source, scope, [get(kpi)], [quarter], (by,), where=where)[kpi]
    return {member: float(value) for member, value in rows.select(by, "value").rows() if value}


def test_a_customer_that_moved_takes_its_sales_along(warehouse: Any) -> None:
    assert sold(warehouse, "dora", now=False) == {"ANN": 1108, "BOB": 10, "CID": 7}
    assert sold(warehouse, "dora") == {"ANN": 1000, "BOB": 110, "CID": 12, NOBODY: 3}  # C4 is nobody's
    assert sold(warehouse, "dora", "territory_id") == {"E1": 1000, "E2": 110, "N1": 12, None: 3}
    assert sold(warehouse, "dora", "region") == {"East": 1110, "North": 12, None: 3}


@pytest.mark.parametrize("kpi", ["revenue", "gross_profit", "order_count", "avg_order_value"])
def test_the_whole_is_the_same_either_way(warehouse: Any, kpi: str) -> None:
    scope, quarter = warehouse.scope("dora", warehouse.as_of), parse("2026-Q2", warehouse.as_of)
    then, now = (evaluate(one, scope, [get(kpi)], [quarter])[kpi]["value"][0] for one in (warehouse, OwnersNow(warehouse, scope)))
    assert then == now


def test_narrowed_to_a_person_or_place_it_is_what_they_own_now(warehouse: Any) -> None:
    assert sold(warehouse, "dora", "customer_id", rep_id=["BOB"]) == {"C1": 110}
    assert sold(warehouse, "dora", "customer_id", region=["North"]) == {"C3": 12}
    assert sold(warehouse, "dora", rep_id=["BOB"], customer_id=["C2", "C3"]) == {}


def test_who_took_a_customer_over_still_sees_no_sale_of_the_one_before(warehouse: Any) -> None:
    """Bob owns C1 now; the 100 that Ann sold stay with those who may see Ann's rows."""
    assert sold(warehouse, "bob") == {"BOB": 10}
    assert sold(warehouse, "cid") == {"CID": 7}


def test_who_gave_a_customer_away_is_not_told_to_whom(warehouse: Any) -> None:
    assert sold(warehouse, "ann") == {"ANN": 1000, NOBODY: 108}
    assert sold(warehouse, "mia") == {"ANN": 1000, "BOB": 110, NOBODY: 8}  # C3 went to another region: Cid is not named


@pytest.mark.parametrize("login", ["dora", "mia", "ann", "bob", "cid"])
def test_nobody_sees_more_than_without_it(warehouse: Any, login: str) -> None:
    assert sum(sold(warehouse, login).values()) == sum(sold(warehouse, login, now=False).values())
    assert sold(warehouse, login, "customer_id") == sold(warehouse, login, "customer_id", now=False)


def test_rows_made_ready_for_one_person_are_refused_to_another(warehouse: Any) -> None:
    ann, bob = (warehouse.scope(login, warehouse.as_of) for login in ("ann", "bob"))
    with pytest.raises(ValueError, match="somebody else"):
        OwnersNow(warehouse, ann).read("sales", bob, [parse("2026-Q2", warehouse.as_of)])


def test_what_is_no_sale_is_as_it_is_defined(warehouse: Any) -> None:
    assert sold(warehouse, "dora", kpi="active_customers") == sold(warehouse, "dora", kpi="active_customers", now=False)
