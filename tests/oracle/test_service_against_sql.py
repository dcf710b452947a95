"""Service, quotes and suggested orders equal an independent plain-SQL computation, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.access import OWNER
from kpi import quotes, service, stock
from kpi.period import Period
from kpi.report import evaluate
from tests.oracle import service as plain

START = date(2026, 1, 1)
DAYS = 120
AS_OF = START + timedelta(days=DAYS)
REPS = ("R1", "R2")
CUSTOMERS = ("C1", "C2", "C3")
KPIS = (*service.KPIS, *quotes.KPIS, *stock.KPIS)

hours = st.integers(0, DAYS * 24).map(lambda n: datetime(2026, 1, 1) + timedelta(hours=n))
days = st.integers(0, DAYS).map(lambda n: START + timedelta(days=n))
customers = st.sampled_from((*CUSTOMERS, "C9"))
cases = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": customers,
            "kind": st.sampled_from(("complaint", "exception", "survey", "survey")),
            "opened_on": hours,
            "answered": st.none() | st.integers(-2, 90),
            "closed": st.none() | st.integers(-2, 900),
            "status": st.sampled_from((None, "open", "closed")),
            "score": st.none() | st.integers(0, 6),
            "scale_min": st.none() | st.integers(0, 1),
            "scale_max": st.none() | st.just(5),
        }
    ),
    min_size=15,
    max_size=40,
)
versions = st.lists(
    st.tuples(
        st.integers(1, 12),
        days,
        st.sampled_from(REPS),
        st.sampled_from(("open", "open", "won", "lost", "expired")),
        st.booleans(),
        st.none() | days,
    ),
    min_size=8,
    max_size=25,
)
store = st.lists(
    st.tuples(customers, st.sampled_from("XY"), days, st.integers(0, 40), st.none() | st.integers(0, 9), st.none() | st.just(12)),
    max_size=25,
)
sales = st.lists(st.tuples(customers, st.sampled_from("XYZ"), days, st.integers(-3, 30), st.sampled_from(REPS)), min_size=10, max_size=30)


def a_company(opened: Any, offered: Any, stocked: Any, sold: Any, owners: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Random parts as rows; one early row of each source, so that its history begins on the first day."""
    numbers: dict[int, int] = {}
    rows: dict[str, list[dict[str, Any]]] = {
        "reps": [{"rep_id": rep, "rep_name": rep, "role": "rep", "region": "North"} for rep in REPS],
        "customers": [{"customer_id": c, "customer_name": c, "owner_id": o} for c, o in zip(CUSTOMERS, owners, strict=True)],
        "assignments": [
            {"customer_id": "C1", "rep_id": "R1", "valid_to": START + timedelta(days=60)},
            {"customer_id": "C1", "rep_id": "R2", "valid_from": START + timedelta(days=61)},
        ],
        "service": [{"case_id": "A", "customer_id": "C1", "kind": "survey", "opened_on": START}],
        "quotes": [{"quote_id": "A", "version": "1", "customer_id": "C1", "rep_id": "R1", "quote_date": START, "amount": Decimal(1)}],
        "stock_counts": [{"customer_id": "C1", "product_id": "A", "counted_on": START, "qty": 0}],
        "orders": [],
    }
    for n, one in enumerate(opened):
        row = {name: value for name, value in one.items() if name not in ("answered", "closed")}
        for name, after in (("responded_at", one["answered"]), ("closed_at", one["closed"])):
            row[name] = None if after is None else min(one["opened_on"] + timedelta(hours=after), datetime(2026, 5, 1))
        rows["service"].append(row | {"case_id": f"K{n}"})
    for number, day, rep, status, special, approved in sorted(offered, key=lambda v: v[1]):
        numbers[number] = numbers.get(number, 0) + 1
        head = {"quote_id": f"Q{number}", "version": str(numbers[number]), "customer_id": "C2", "rep_id": rep, "quote_date": day}
        rows["quotes"].append(head | {"amount": Decimal(5), "status": status, "is_special": special, "approved_on": approved})
    for customer, product, day, qty, coming, pack in {(c, p, d): (c, p, d, *rest) for c, p, d, *rest in stocked}.values():
        key = {"customer_id": customer, "product_id": product, "counted_on": day}
        rows["stock_counts"].append(key | {"qty": qty, "on_order": coming, "pack_size": pack})
    for n, (customer, product, day, qty, rep) in enumerate([("C1", "A", START, 1, "R1"), *sold]):
        line = {"order_id": f"O{n}", "line_no": "1", "customer_id": customer, "rep_id": rep, "order_date": day, "product_id": product}
        rows["orders"].append(line | {"qty": qty, "net_amount": Decimal(qty), "doc_type": "return" if qty < 0 else "sale"})
    return rows


def check(warehouse: Any, period: Period, by: tuple[str, ...]) -> None:
    """Every row of ours equals the plain one, and none is missing that holds anything."""
    tables = evaluate(warehouse, OWNER, KPIS, [period], by)
    for kpi in KPIS:
        expected = plain.figure(warehouse._file.con.cursor(), kpi.name, period.start, period.to, period.as_of, by[0] if by else None)
        found = {row[by[0]] if by else None: row for row in tables[kpi.name].iter_rows(named=True)}
        for key in expected.keys() | found.keys():
            numerator, denominator = (part or 0 for part in expected.get(key, (0, 0)))
            row = found.get(key, {"value": 0, "numerator": 0, "denominator": 0})
            ours = row["value"] if kpi.value is not None else row["numerator"]
            assert float(ours or 0) == pytest.approx(float(numerator)), (kpi.name, key, row, numerator)
            if kpi.denominator is not None:
                assert row["denominator"] == denominator, (kpi.name, key, row, denominator)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(
    opened=cases,
    offered=versions,
    stocked=store,
    sold=sales,
    owners=st.lists(st.sampled_from(REPS), min_size=3, max_size=3),
    first=days,
    length=st.integers(5, 90),
    lag=st.integers(0, 30),
)
def test_service_equals_plain_sql_over_the_facts(company, opened, offered, stocked, sold, owners, first, length, lag):
    warehouse = company(**a_company(opened, offered, stocked, sold, owners), as_of=AS_OF)
    period = Period("p", first, first + timedelta(days=length), min(AS_OF, first + timedelta(days=length + lag)))
    for by in ((), ("rep_id",)):
        check(warehouse, period, by)


def test_every_statement_belongs_to_a_kpi():
    assert {k.name for k in KPIS} == set(plain.STATEMENTS)
