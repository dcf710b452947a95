"""Customers, receivables and margin equal an independent computation over the facts, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, timedelta

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


def test_months_are_counted_back_from_the_day_after() -> None:
    assert portfolio.months_back(date(2026, 6, 30), 12) == date(2025, 7, 1)
    assert START < AS_OF
