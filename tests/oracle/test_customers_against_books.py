"""Portfolio, order lines and open money equal the same worked out by hand over the facts, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.access import OWNER
from kpi.bridges import EFFECTS
from kpi.catalog import get
from kpi.config import Config
from kpi.period import parse
from kpi.report import evaluate
from tests.oracle import against, paper

START = date(2024, 1, 1)
AS_OF = date(2026, 6, 15)
DAYS = (AS_OF - START).days
REPS = ("R1", "R2", "M")
CUSTOMERS = tuple(f"C{n:02}" for n in range(30))
MONTHS = ("2026-06", "2026-05", "2026-02", "2025-12")
LINES = ("sea", "air", "rail")

days = st.integers(0, DAYS).map(lambda n: START + timedelta(days=n))
recent = st.integers(DAYS - 200, DAYS).map(lambda n: START + timedelta(days=n))
order = st.fixed_dictionaries(
    {
        "order_date": st.one_of(days, recent, recent),
        "rep_id": st.sampled_from((*REPS, None)),
        "product_line": st.sampled_from(LINES),
        "product_id": st.sampled_from((None, "P1", "P2")),
        "qty": st.none() | st.integers(1, 9),
        "net_amount": st.integers(100, 99_999).map(lambda cents: Decimal(cents) / 100),
        "cost_amount": st.none() | st.integers(0, 90_000).map(lambda cents: Decimal(cents) / 100),
        "list_amount": st.none() | st.integers(100, 99_999).map(lambda cents: Decimal(cents) / 100),
        "returned": st.none() | st.integers(1, 120),
    }
)
card = st.fixed_dictionaries(
    {
        "owner_id": st.sampled_from((*REPS, None)),
        "is_key": st.booleans(),
        "manual_class": st.sampled_from((None, None, "A", "C")),
        "loyalty": st.sampled_from((None, "loyal", "switcher")),
        "annual_potential": st.sampled_from((None, 0, 500, 5000)),
        "credit_limit": st.sampled_from((None, 0, 300, 900)),
        "created_on": st.none() | days,
        "contract_signed_on": st.none() | recent,
    }
)
bill = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(CUSTOMERS[:6]),
        "rep_id": st.sampled_from(REPS),
        "invoice_date": st.one_of(days, recent),
        "terms": st.integers(0, 90),
        "amount": st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100),
        "paid": st.none() | st.tuples(st.integers(0, 200), st.integers(1, 130)),
    }
)
# three companies in four have customers enough for quintiles
orders = st.lists(st.tuples(st.sampled_from(CUSTOMERS), order), max_size=40)
everybody = st.lists(order, min_size=30, max_size=30)


def a_company(bought: Any, one_each: Any, cards: Any, bills: Any) -> dict[str, list[dict[str, Any]]]:
    """Random parts as rows of the sources; R1 moves from North to South, and the first day has a row of everything."""
    moved = START + timedelta(days=700)
    anchor = {"rep_id": "R2", "customer_id": "C00"}
    rows: dict[str, list[dict[str, Any]]] = {
        "reps": [
            {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "North", "valid_to": moved},
            {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "South", "valid_from": moved + timedelta(days=1)},
            {"rep_id": "R2", "rep_name": "Bob", "role": "rep", "region": "North"},
            {"rep_id": "M", "rep_name": "Mo", "role": "regional_manager", "region": "South"},
        ],
        "customers": [{**c, "customer_id": i, "customer_name": i} for i, c in zip(CUSTOMERS, cards, strict=True)],
        "products": [
            {"product_id": "P1", "name": "1", "margin_floor": Decimal("0.30")},
            {"product_id": "P2", "name": "2", "margin_floor": None},
        ],
        "orders": [{**anchor, "order_id": "A", "order_date": START, "net_amount": Decimal(1), "product_line": "sea", "qty": 1, "uom": "t"}],
        "invoices": [{**anchor, "invoice_id": "A", "invoice_date": START, "due_date": START, "amount": Decimal(1), "doc_type": "invoice"}],
        "receipts": [{**anchor, "receipt_id": "A", "invoice_id": "A", "received_on": START, "amount": Decimal(1)}],
    }
    for n, (customer, one) in enumerate([*zip(CUSTOMERS, one_each or [], strict=False), *bought]):
        line = {name: value for name, value in one.items() if name != "returned"}
        rows["orders"].append({**line, "order_id": f"O{n}", "customer_id": customer, "doc_type": "sale", "uom": "t"})
        if one["returned"]:
            back = {"order_date": min(one["order_date"] + timedelta(days=one["returned"]), AS_OF), "net_amount": -one["net_amount"] / 2}
            more = {"doc_type": "return", "orig_order_id": f"O{n}", "qty": None, "cost_amount": None, "list_amount": None}
            rows["orders"].append({**line, **back, **more, "order_id": f"O{n}-R", "customer_id": customer, "uom": "t"})
    for n, one in enumerate(bills):
        head = {"customer_id": one["customer_id"], "rep_id": one["rep_id"]}
        due = one["invoice_date"] + timedelta(days=one["terms"])
        dated = {"invoice_date": one["invoice_date"], "due_date": due, "amount": one["amount"], "doc_type": "invoice"}
        rows["invoices"].append({**head, **dated, "invoice_id": f"I{n}"})
        if one["paid"]:
            after, percent = one["paid"]
            on = min(one["invoice_date"] + timedelta(days=after), AS_OF)
            part = (one["amount"] * percent / 100).quantize(Decimal("0.01"))
            rows["receipts"].append({**head, "receipt_id": f"R{n}", "invoice_id": f"I{n}", "received_on": on, "amount": part})
    return rows


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(
    bought=orders,
    one_each=st.one_of(st.none(), everybody),
    cards=st.lists(card, min_size=30, max_size=30),
    bills=st.lists(bill, max_size=15),
    month=st.sampled_from(MONTHS),
)
def test_portfolio_lines_and_open_money_equal_the_same_by_hand(company, bought, one_each, cards, bills, month):
    warehouse = company(**a_company(bought, one_each, cards, bills), as_of=AS_OF)
    period = parse(month, AS_OF)
    config = Config.of(warehouse.config_values | {"data_start": {}})
    for by in ((), ("rep_id",), ("region",)):
        wrong, told = against.customers_and_money(warehouse, period, by)
        assert not wrong
        assert len(told) >= 18
        bridge = evaluate(warehouse, OWNER, [get("margin_bridge")], [period], by, config=config)["margin_bridge"]
        for row in bridge.filter(pl.col("value").is_not_null()).to_dicts():  # whatever the parts are, they explain all of it
            assert abs(sum(row[name] for name in EFFECTS) - float(row["value"])) < 1e-6
    for ours, told in against.labels(warehouse, period).values():
        assert ours == told


def test_a_month_before_is_as_many_days_of_it() -> None:
    june, half = date(2026, 6, 1), date(2026, 6, 15)
    assert paper.month_before(june, half, complete=False) == (date(2026, 5, 1), date(2026, 5, 15))
    assert paper.month_before(june, date(2026, 6, 30), complete=True) == (date(2026, 5, 1), date(2026, 5, 31))
    assert paper.year_before(date(2026, 2, 1), date(2026, 2, 28), complete=True) == (date(2025, 2, 1), date(2025, 2, 28))
