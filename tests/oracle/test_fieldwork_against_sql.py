"""The work in the field equals an independent plain-SQL computation over the facts, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.access import OWNER
from kpi import cadence, cards, credibility, fieldwork, ladder, portfolio
from kpi.period import Period
from kpi.report import evaluate
from tests.oracle import fieldwork as plain

START = date(2025, 1, 1)
DAYS = 300
AS_OF = START + timedelta(days=DAYS)
REPS = ("R1", "R2", "R3")
CUSTOMERS = tuple(f"C{n}" for n in range(5))
KPIS = [k for k in (*fieldwork.KPIS, *cards.KPIS, *cadence.KPIS, *ladder.KPIS) if k.name in plain.STATEMENTS]

days = st.integers(100, DAYS).map(lambda n: START + timedelta(days=n))
visits = st.lists(
    st.fixed_dictionaries(
        {
            "rep_id": st.sampled_from(REPS),
            "party": st.sampled_from((*CUSTOMERS, "P1", "P2")),
            "planned_date": st.none() | days,
            "late": st.integers(0, 3),
            "logged": st.none() | st.integers(0, 2),
            "status": st.sampled_from(("completed", "completed", "completed", "planned", "cancelled", "rescheduled")),
            "visit_type": st.sampled_from(("on_site", "on_site", "phone")),
            "cancelled_by": st.sampled_from((None, "customer")),
            "booked_by": st.sampled_from((None, *REPS)),
            "day": days,
        }
    ),
    max_size=40,
)
orders = st.lists(st.tuples(st.sampled_from(CUSTOMERS), days, st.integers(-50, 100)), max_size=20)
cells = st.sampled_from((None, "-", "无", "tea"))
customers = st.lists(
    st.fixed_dictionaries(
        {
            "owner_id": st.sampled_from((None, *REPS)),
            "is_key": st.booleans(),
            "manual_class": st.sampled_from(("A", "B", "C")),
            "created_on": st.none() | days,
            "status": st.sampled_from(("active", "active", "inactive")),
            "industry": cells,
            "city": cells,
            "phone": st.sampled_from((None, "1")),
            "terms_days": st.sampled_from((None, 30)),
        }
    ),
    min_size=5,
    max_size=5,
)


def a_visit(number: int, visit: dict[str, Any]) -> dict[str, Any] | None:
    """One random visit as a row of the source; None if it has no day at all."""
    made = visit["status"] == "completed"
    if not made and visit["planned_date"] is None:
        return None
    on = min((visit["planned_date"] or visit["day"]) + timedelta(days=visit["late"]), AS_OF) if made else None
    party = {"prospect_id": visit["party"]} if visit["party"].startswith("P") else {"customer_id": visit["party"]}
    logged = None if on is None or visit["logged"] is None else on + timedelta(days=visit["logged"])
    kept = {name: visit[name] for name in ("rep_id", "planned_date", "status", "visit_type", "cancelled_by", "booked_by")}
    return {**kept, **party, "visit_id": f"V{number}", "actual_date": on, "logged_at": logged}


def a_company(seen: list[dict[str, Any]], bought: list[Any], known: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Random parts as rows; one early row of each source, so that its history begins on the first day."""
    prospect = {"owner_id": "R1", "created_on": START, "stage": "collected"}
    anchor = {"rep_id": "R1", "customer_id": "C0", "actual_date": START, "status": "completed", "visit_id": "A"}
    return {
        "reps": [{"rep_id": rep, "rep_name": rep, "role": "kam" if rep == "R3" else "rep", "region": "North"} for rep in REPS],
        "customers": [{**c, "customer_id": i, "customer_name": i} for i, c in zip(CUSTOMERS, known, strict=False)],
        "prospects": [{**prospect, "prospect_id": "P1", "name": "1"}, {**prospect, "prospect_id": "P2", "name": "2", "customer_id": "C1"}],
        "visits": [{**anchor, "booked_by": "R1", "logged_at": START}, *(row for n, v in enumerate(seen) if (row := a_visit(n, v)))],
        "orders": [{"order_id": "A", "customer_id": "C0", "rep_id": "R1", "order_date": START, "net_amount": Decimal(1)}]
        + [
            {"order_id": f"O{n}", "customer_id": c, "rep_id": "R2", "order_date": d, "net_amount": Decimal(a)}
            for n, (c, d, a) in enumerate(bought)
        ],
    }


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(seen=visits, bought=orders, known=customers, first=days, length=st.integers(0, 70), lag=st.integers(0, 20))
def test_field_work_equals_plain_sql_over_the_facts(company, seen, bought, known, first, length, lag):
    warehouse = company(**a_company(seen, bought, known), as_of=AS_OF)
    period = Period("p", first, first + timedelta(days=length), min(AS_OF, first + timedelta(days=length + lag)))
    for by in ((), ("rep_id",)):
        tables = evaluate(warehouse, OWNER, KPIS, [period], by)
        for kpi in KPIS:
            if by and kpi.name == "visit_order_amount":  # one order, several visitors: who has it is a convention
                continue
            expected = plain.figure(warehouse._file.con.cursor(), kpi.name, period.start, period.end, period.as_of, by[0] if by else None)
            found = {row[by[0]] if by else None: row for row in tables[kpi.name].iter_rows(named=True)}
            for key in expected.keys() | found.keys():
                row, (numerator, denominator) = found.get(key), expected.get(key, (0, 0))
                assert row is not None, (kpi.name, key)
                assert row["numerator"] == numerator, (kpi.name, key, row, numerator)
                if kpi.denominator is not None:
                    assert row["denominator"] == denominator, (kpi.name, key, row, denominator)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(seen=visits, bought=orders, known=customers, first=days, length=st.integers(0, 70))
def test_buyers_not_visited_as_often_as_asked_equal_plain_sql(company, seen, bought, known, first, length):
    warehouse = company(**a_company(seen, bought, known), as_of=AS_OF)
    period = Period("p", first, first + timedelta(days=length), AS_OF)
    expected = dict(warehouse._file.con.cursor().execute(plain.UNVISITED, {"to": period.to}).fetchall())
    found = evaluate(warehouse, OWNER, [portfolio.at_risk], [period], ("rep_id",))["at_risk"]
    assert {rep: n for rep, n in found.select("rep_id", "is_unvisited").iter_rows() if n} == expected


busy_days = st.integers(0, 29).map(lambda n: date(2025, 9, 1) + timedelta(days=n))
busy = st.lists(
    st.tuples(
        st.sampled_from(REPS),
        st.sampled_from((*CUSTOMERS, "P1", "P2")),
        busy_days,
        st.sampled_from((0, 540, 540, 545, 600)),  # minutes after midnight
        st.sampled_from((None, "ordered again", "ordered again", "next time", "ok")),
    ),
    max_size=90,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(seen=busy, crowd=st.integers(0, 14), crowd_on=busy_days, rush=st.integers(0, 9))
def test_confidence_in_visits_equals_plain_sql(company, seen, crowd, crowd_on, rush):
    seen = [*seen, *(("R1", f"X{n}", crowd_on, 600 + n, None) for n in range(crowd))]
    seen += [("R2", f"Y{n}", date(2025, 9, 1) + timedelta(days=n), 0, None) for n in range(10)]  # the usual day, and the last one
    seen += [("R2", f"Z{n}", date(2025, 9, 30), 700 + n, None) for n in range(rush)]
    rows = [
        {
            "visit_id": f"V{n}",
            "rep_id": rep,
            "prospect_id" if party[0] == "P" else "customer_id": party,
            "actual_date": datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute),
            "status": "completed",
            "outcome": note,
        }
        for n, (rep, party, day, minute, note) in enumerate(seen)
    ]
    warehouse = company(**a_company([], [], []) | {"visits": rows}, as_of=AS_OF)
    period = Period("p", date(2025, 9, 1), date(2025, 9, 30), AS_OF)
    values = {"start": period.start, "to": period.to}
    expected = {rep: (n, of) for rep, n, of in warehouse._file.con.cursor().execute(plain.CONFIDENCE, values).fetchall()}
    found = evaluate(warehouse, OWNER, [credibility.visit_confidence], [period], ("rep_id",))["visit_confidence"]
    assert {rep: (n, of) for rep, n, of in found.select("rep_id", "numerator", "denominator").iter_rows() if of} == expected


def test_every_statement_belongs_to_a_kpi():
    assert {k.name for k in KPIS} == set(plain.STATEMENTS)
