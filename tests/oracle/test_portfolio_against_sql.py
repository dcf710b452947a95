"""Customers, receivables and margin equal an independent computation over the facts, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.access import OWNER
from kpi.catalog import get
from kpi.period import Period
from kpi.report import evaluate
from tests.oracle import plain, portfolio
from tests.oracle.test_against_sql import AS_OF, REPS, START, a_company, days, invoices, order_lines

# the history of a random company is short: here everything it holds counts as known
_KNOWN = {"data_start": {}}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(
    lines=order_lines,
    billed=invoices,
    owners=st.lists(st.sampled_from(REPS), min_size=6, max_size=6),
    keys=st.sets(st.integers(0, 5)),
    first=days,
    length=st.integers(0, 150),
    lag=st.integers(0, 60),
)
def test_customers_receivables_and_margin_equal_plain_arithmetic(company, lines, billed, owners, keys, first, length, lag):
    from kpi.config import Config

    sources = a_company(lines, [], billed, owners)
    for n, card in enumerate(sources["customers"]):
        card["is_key"] = n in keys
    warehouse = company(**sources, as_of=AS_OF)
    period = Period("p", first, first + timedelta(days=length), min(AS_OF, first + timedelta(days=length + lag)))
    config = Config.of(warehouse.config_values | _KNOWN)
    names = list(portfolio.figures(warehouse._file.con.cursor(), period.start, period.to, period.as_of, None))
    for by in ((), ("rep_id",), ("region",)):
        expected = portfolio.figures(warehouse._file.con.cursor(), period.start, period.to, period.as_of, by[0] if by else None)
        found = evaluate(warehouse, OWNER, [get(n) for n in names], [period], by, config=config)
        for name in names:
            ours = {row[by[0]] if by else None: row["value"] for row in found[name].iter_rows(named=True)}
            for key in expected[name].keys() | ours.keys():
                assert plain.same(ours.get(key), expected[name].get(key)), (name, key, ours.get(key), expected[name].get(key))
    classes = evaluate(warehouse, OWNER, [get("abc_class")], [period], ("customer_id",), config=config)["abc_class"]
    assert dict(classes.select("customer_id", "value").iter_rows()) == portfolio.abc_class(warehouse._file.con.cursor(), period.to)


won = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(100, 300),
            "rep": st.sampled_from(REPS),
            "again": st.none() | st.integers(0, 120),
            "stated": st.sampled_from((None, 0, 3)),
            "billed": st.none() | st.integers(0, 20),
            "terms": st.integers(10, 40),
            "paid": st.none() | st.integers(5, 50),
            "part": st.sampled_from((60, 100, 100)),
            "credited": st.none() | st.integers(1, 60),
        }
    ),
    min_size=12,
    max_size=12,
)


def new_customers(drawn: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Customers won one by one: first order, perhaps another, perhaps an invoice with a credit note of 40 % and a payment."""
    sources = a_company([], [], [], [*REPS, *REPS])
    for n, one in enumerate(drawn):
        name, first = f"N{n}", START + timedelta(days=one["day"])
        head = {"customer_id": name, "rep_id": one["rep"]}
        stated = None if one["stated"] is None else first - timedelta(days=one["stated"])
        known = {"owner_id": one["rep"], "created_on": first, "first_order_on": stated}
        sources["customers"].append({"customer_id": name, "customer_name": name, **known})
        days = [first] if one["again"] is None else [first, first + timedelta(days=one["again"])]
        sources["orders"] += [
            {**head, "order_id": f"{name}-{m}", "line_no": "1", "order_date": d, "net_amount": 5} for m, d in enumerate(days)
        ]
        if one["billed"] is None:
            continue
        on = first + timedelta(days=one["billed"])
        bill = {**head, "invoice_id": name, "invoice_date": on, "due_date": on + timedelta(days=one["terms"]), "amount": 100}
        sources["invoices"].append({**bill, "doc_type": "invoice"})
        if one["credited"] is not None:
            noted = on + timedelta(days=one["credited"])
            note = {"invoice_id": f"{name}-C", "invoice_date": noted, "due_date": noted, "amount": -40, "credit_of": name}
            sources["invoices"].append({**head, **note, "doc_type": "credit_note"})
        if one["paid"] is not None:
            cash = {"receipt_id": name, "line_no": "1", "invoice_id": name, "received_on": on + timedelta(days=one["paid"])}
            sources["receipts"].append({**head, **cash, "amount": one["part"]})
    return sources


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(drawn=won, first=st.integers(80, 200), length=st.integers(60, 150), lag=st.integers(0, 150))
def test_how_new_customers_turn_out_equals_plain_sql(company, drawn, first, length, lag):
    warehouse = company(**new_customers(drawn), as_of=AS_OF)
    start = START + timedelta(days=first)
    period = Period("p", start, start + timedelta(days=length), start + timedelta(days=length + lag))
    for by in ((), ("rep_id",), ("region",)):
        expected = portfolio.won_well(warehouse._file.con.cursor(), period.start, period.to, period.as_of, by[0] if by else None)
        found = evaluate(warehouse, OWNER, [get(n) for n in expected], [period], by)
        for name, figures in expected.items():
            ours = {row[by[0]] if by else None: row["value"] for row in found[name].iter_rows(named=True)}
            for key in figures.keys() | ours.keys():
                assert ours.get(key) == figures.get(key), (name, key, ours.get(key), figures.get(key))


def test_months_are_counted_back_from_the_day_after() -> None:
    assert portfolio.months_back(date(2026, 6, 30), 12) == date(2025, 7, 1)
    assert START < AS_OF
