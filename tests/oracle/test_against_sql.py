"""Every KPI equals an independent plain-SQL computation over the facts, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpi import catalog
from kpi.period import Period
from kpi.report import evaluate
from tests.oracle import plain

START = date(2025, 1, 1)
DAYS = 500
AS_OF = START + timedelta(days=DAYS)
REPS = ("R1", "R2", "R3")
CUSTOMERS = tuple(f"C{n}" for n in range(6))

days = st.integers(0, DAYS).map(lambda n: START + timedelta(days=n))
money = st.integers(-20_000, 99_999).map(lambda cents: Decimal(cents) / 100)
positive = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100)
reps = st.sampled_from((*REPS, None, "R9"))
customers = st.sampled_from(CUSTOMERS)

order_lines = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.sampled_from([f"O{n}" for n in range(12)]),
            "customer_id": customers,
            "rep_id": reps,
            "order_date": days,
            "net_amount": money,
            "cost_amount": st.none() | positive,
            "status": st.sampled_from(("valid", "valid", "valid", "cancelled")),
        }
    ),
    min_size=1,
    max_size=25,
)
visits = st.lists(
    st.fixed_dictionaries(
        {
            "rep_id": st.sampled_from(REPS),
            "customer_id": customers,
            "planned_date": st.none() | days,
            "late": st.integers(-12, 12),
            "status": st.sampled_from(("completed", "completed", "planned", "cancelled", "rescheduled", "missed")),
            "visit_type": st.sampled_from(("on_site", "on_site", "phone")),
            "cancelled_by": st.sampled_from((None, "customer", "us")),
        }
    ),
    max_size=25,
)
invoices = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": customers,
            "rep_id": reps,
            "invoice_date": days,
            "terms": st.integers(0, 90),
            "amount": positive,
            "credit": st.none() | st.integers(1, 60),
            "payments": st.lists(st.tuples(st.integers(-5, 150), st.integers(1, 130)), max_size=2),
        }
    ),
    max_size=10,
)


def a_company(
    lines: list[dict[str, Any]], seen: list[dict[str, Any]], billed: list[dict[str, Any]], owners: list[str]
) -> dict[str, list[dict[str, Any]]]:
    """Random parts as rows of the sources; R1 moves from North to South in the middle."""
    moved = START + timedelta(days=200)
    anchor = {"rep_id": "R2", "customer_id": "C0"}
    rows: dict[str, list[dict[str, Any]]] = {
        "reps": [
            {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "North", "valid_to": moved},
            {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "South", "valid_from": moved + timedelta(days=1)},
            {"rep_id": "R2", "rep_name": "Bob", "role": "rep", "region": "North"},
            {"rep_id": "R3", "rep_name": "Cid", "role": "kam", "region": "South"},
        ],
        "customers": [
            {"customer_id": c, "customer_name": c, "owner_id": owner, "created_on": START + timedelta(days=70 * n - 100)}
            for n, (c, owner) in enumerate(zip(CUSTOMERS, owners, strict=True))
        ],
        # one early row each, so that every source is loaded and its history begins on the first day
        "orders": [{**anchor, "order_id": "A", "line_no": "0", "order_date": START, "net_amount": Decimal(1), "cost_amount": Decimal(1)}],
        "visits": [{**anchor, "visit_id": "A", "actual_date": START, "status": "completed"}],
        "invoices": [{**anchor, "invoice_id": "A", "invoice_date": START, "due_date": START, "amount": Decimal(1), "doc_type": "invoice"}],
        "receipts": [{**anchor, "receipt_id": "A", "line_no": "1", "received_on": START, "amount": Decimal("0.01")}],
    }
    heads: dict[str, dict[str, Any]] = {}
    for n, line in enumerate(lines):
        head = heads.setdefault(line["order_id"], line)  # customer, rep and day belong to the order
        same = {k: head[k] for k in ("customer_id", "rep_id", "order_date")}
        rows["orders"].append({**line, **same, "line_no": str(n), "doc_type": "sale" if line["net_amount"] >= 0 else "return"})
    for n, visit in enumerate(seen):
        made = visit["status"] == "completed"
        base = visit["planned_date"] or START + timedelta(days=17 * n)
        if visit["planned_date"] is None and not made:
            continue
        rows["visits"].append(
            {k: v for k, v in visit.items() if k != "late"}
            | {"visit_id": f"V{n}", "actual_date": min(max(base + timedelta(days=visit["late"]), START), AS_OF) if made else None}
        )
    for n, bill in enumerate(billed):
        head = {"customer_id": bill["customer_id"], "rep_id": bill["rep_id"]}
        rows["invoices"].append(
            head
            | {"invoice_id": f"I{n}", "invoice_date": bill["invoice_date"], "amount": bill["amount"], "doc_type": "invoice"}
            | {"due_date": bill["invoice_date"] + timedelta(days=bill["terms"])}
        )
        if bill["credit"]:
            noted = min(bill["invoice_date"] + timedelta(days=bill["credit"]), AS_OF)
            credit = (bill["amount"] * Decimal("-0.25")).quantize(Decimal("0.01"))
            rows["invoices"].append(
                head | {"invoice_id": f"I{n}-C", "invoice_date": noted, "amount": credit, "doc_type": "credit_note", "credit_of": f"I{n}"}
            )
        for m, (after, percent) in enumerate(bill["payments"]):
            paid = min(max(bill["invoice_date"] + timedelta(days=after), START), AS_OF)
            part = (bill["amount"] * percent / 100).quantize(Decimal("0.01"))
            rows["receipts"].append(
                head | {"receipt_id": f"P{n}-{m}", "line_no": "1", "invoice_id": f"I{n}", "received_on": paid, "amount": part}
            )
    return rows


def ours(warehouse: Any, names: list[str], period: Period, by: tuple[str, ...]) -> dict[str, dict[Any, Any]]:
    """`{kpi: {key: value}}` through the warehouse and summarise, as a page would ask."""
    from data.access import OWNER

    tables = evaluate(warehouse, OWNER, [catalog.get(n) for n in names], [period], by)
    return {n: {row[by[0]] if by else None: row["value"] for row in t.iter_rows(named=True)} for n, t in tables.items()}


# no shrinking: a smaller company would take minutes to find, and the message names KPI, key and both figures anyway
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(
    lines=order_lines,
    seen=visits,
    billed=invoices,
    owners=st.lists(st.sampled_from(REPS), min_size=6, max_size=6),
    first=days,
    length=st.integers(0, 150),
    lag=st.integers(0, 60),
)
def test_every_kpi_equals_plain_sql_over_the_facts(company, lines, seen, billed, owners, first, length, lag):
    warehouse = company(**a_company(lines, seen, billed, owners), as_of=AS_OF)
    period = Period("p", first, first + timedelta(days=length), min(AS_OF, first + timedelta(days=length + lag)))
    names = [*plain.FLOWS, *plain.STOCKS, "collection_rate"]
    for by in ((), ("rep_id",), ("region",)):
        found = ours(warehouse, names, period, by)
        for name in names:
            expected = plain.figure(warehouse._file.con.cursor(), name, period.start, period.end, period.as_of, by[0] if by else None)
            for key in expected.keys() | found[name].keys():
                assert plain.same(found[name].get(key), expected.get(key)), (name, key, found[name].get(key), expected.get(key))


def test_same_tells_a_cent_apart():
    assert plain.same(Decimal("1.00"), Decimal("1"))
    assert not plain.same(Decimal("1.01"), Decimal("1.00"))
    assert not plain.same(None, Decimal("1.00"))
    assert plain.same(None, None)
