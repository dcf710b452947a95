"""Visits, territories, targets and the scorecard equal the same worked out by hand, for companies nobody made up by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.access import OWNER
from data.config import SCORECARD
from kpi.catalog import get
from kpi.config import Config
from kpi.period import Period, parse
from kpi.report import evaluate
from tests.oracle import ground, paper, plain, portfolio
from tests.oracle.against import differences

START = date(2025, 1, 1)
AS_OF = date(2026, 6, 17)
DAYS = (AS_OF - START).days
REPS = ("R1", "R2", "K", "M")
CUSTOMERS = tuple(f"C{n}" for n in range(7))
HOURS = {"T2": 2.0}
MONTHS = ("2026-06", "2026-05", "2025-12")

days = st.integers(DAYS - 220, DAYS).map(lambda n: START + timedelta(days=n))
visit = st.fixed_dictionaries(
    {
        "rep_id": st.sampled_from(REPS),
        "party": st.sampled_from((*CUSTOMERS, "P1", "P2")),
        "day": days,
        "planned": st.booleans(),
        "status": st.sampled_from(("completed", "completed", "completed", "planned", "cancelled", "rescheduled")),
        "cancelled_by": st.sampled_from((None, "customer")),
        "visit_type": st.sampled_from(("on_site", "on_site", "phone")),
    }
)
order = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(CUSTOMERS),
        "rep_id": st.sampled_from(REPS),
        "order_date": days,
        "net_amount": st.integers(-9_999, 99_999).map(lambda cents: Decimal(cents) / 100),
        "cost_amount": st.integers(0, 90_000).map(lambda cents: Decimal(cents) / 100),
        "billed": st.none() | st.tuples(st.integers(0, 40), st.integers(0, 110)),
    }
)
card = st.fixed_dictionaries(
    {
        "owner_id": st.sampled_from((*REPS, None)),
        "is_key": st.booleans(),
        "manual_class": st.sampled_from(("A", "B", "C")),
        "territory_id": st.sampled_from((None, None, "T1", "T2")),
        "status": st.sampled_from(("active", "active", "inactive")),
        "created_on": st.none() | days,
        "touched": st.sampled_from((None, 10, 60, 200)),
    }
)
prospect = st.fixed_dictionaries(
    {"owner_id": st.sampled_from(("R1", "R2", "K")), "created_on": days, "lost": st.none() | st.integers(1, 90)}
)
goal = st.tuples(st.sampled_from(REPS), st.sampled_from(MONTHS), st.sampled_from(("revenue", "completed_visits")), st.integers(0, 900))


def a_company(seen: Any, bought: Any, cards: Any, prospects: Any, goals: Any) -> dict[str, list[dict[str, Any]]]:
    """Random parts as rows of the sources; every source has a row on the first day."""
    anchor = {"rep_id": "R1", "customer_id": "C0"}
    rows: dict[str, list[dict[str, Any]]] = {
        "reps": [
            {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "territory_id": "T1", "region": "North"},
            {"rep_id": "R2", "rep_name": "Bob", "role": "rep", "territory_id": "T2", "region": "South", "valid_from": date(2026, 5, 11)},
            {"rep_id": "K", "rep_name": "Kim", "role": "kam", "territory_id": "T3", "region": "South"},
            {"rep_id": "M", "rep_name": "Mo", "role": "regional_manager", "region": "North"},
        ],
        "territories": [
            {"territory_id": t, "name": t, "region": r, "hours_per_visit": HOURS.get(t)}
            for t, r in (("T1", "North"), ("T2", "South"), ("T3", "South"))
        ],
        "customers": [
            {k: v for k, v in one.items() if k != "touched"}
            | {"customer_id": c, "customer_name": c}
            | {"updated_on": AS_OF - timedelta(days=one["touched"]) if one["touched"] else None}
            for c, one in zip(CUSTOMERS, cards, strict=True)
        ],
        "prospects": [
            {"prospect_id": f"P{n}", "name": f"{n}", "owner_id": p["owner_id"], "created_on": p["created_on"]}
            | {"stage": "lost" if p["lost"] else "collected"}
            | {"lost_on": p["created_on"] + timedelta(days=p["lost"]) if p["lost"] else None}
            for n, p in enumerate(prospects, 1)
        ],
        "visits": [{**anchor, "visit_id": "A", "actual_date": START, "status": "completed"}],
        "orders": [{**anchor, "order_id": "A", "order_date": START, "net_amount": Decimal(1), "cost_amount": Decimal(1)}],
        "invoices": [{**anchor, "invoice_id": "A", "invoice_date": START, "due_date": START, "amount": Decimal(1), "doc_type": "invoice"}],
        "receipts": [{**anchor, "receipt_id": "A", "invoice_id": "A", "received_on": START, "amount": Decimal(1)}],
        "targets": [
            {"scope": "rep", "scope_id": rep, "period": month, "metric": metric, "value": value}
            for (rep, month, metric), value in {(r, m, k): v for r, m, k, v in goals}.items()
            if (rep, month) != ("R2", "2025-12")  # nobody has a row for somebody who was not there yet
        ]
        + [{"scope": "rep", "scope_id": r, "period": m, "metric": "gross_margin_pct", "value": 0.2} for r in ("R1", "K") for m in MONTHS],
    }
    for n, one in enumerate(seen):
        completed = one["status"] == "completed"
        party = {"prospect_id": one["party"]} if one["party"].startswith("P") else {"customer_id": one["party"]}
        planned = one["day"] if one["planned"] or not completed else None
        kept = {name: one[name] for name in ("rep_id", "status", "cancelled_by", "visit_type")}
        made = {"visit_id": f"V{n}", "planned_date": planned, "actual_date": one["day"] if completed else None}
        rows["visits"].append({**kept, **party, **made})
    for n, one in enumerate(bought):
        line = {name: value for name, value in one.items() if name != "billed"}
        rows["orders"].append({**line, "order_id": f"O{n}", "doc_type": "sale" if one["net_amount"] > 0 else "return"})
        if one["billed"] and one["net_amount"] > 0:
            after, percent = one["billed"]
            on = min(one["order_date"] + timedelta(days=after), AS_OF)
            head = {"customer_id": one["customer_id"], "rep_id": one["rep_id"]}
            rows["invoices"].append(
                {**head, "invoice_id": f"I{n}", "order_id": f"O{n}", "invoice_date": on, "due_date": on, "amount": one["net_amount"]}
                | {"doc_type": "invoice"}
            )
            if percent:
                part = (one["net_amount"] * percent / 100).quantize(Decimal("0.01"))
                rows["receipts"].append(
                    {
                        **head,
                        "receipt_id": f"R{n}",
                        "invoice_id": f"I{n}",
                        "received_on": min(on + timedelta(days=9), AS_OF),
                        "amount": part,
                    }
                )
    return rows


def goals_of(targets: list[dict[str, Any]], label: str, metric: str, key: str | None) -> dict[Any, Any]:
    """What was agreed for a month: of each person, or of all who sell."""
    own = {t["scope_id"]: t["value"] for t in targets if (t["period"], t["metric"]) == (label, metric)}
    return own if key else {None: sum(value for rep, value in own.items() if rep != "M")} if set(own) - {"M"} else {}


def by_hand(books: paper.Books, period: Period, targets: list[dict[str, Any]]) -> dict[str, paper.Numbers]:
    """Every figure that goes by rep, by KPI."""
    start, end, to = period.start, period.end, period.to
    actual: dict[Any, Any] = {}
    for line in books.lines:
        if start <= line["date"] <= to:
            actual[books.credited(line)] = actual.get(books.credited(line), 0) + line["net_amount"]
    there, hours = ground.field(books, start, to), ground.load(books, start, to, HOURS)
    return {
        "visits_per_day": there["visits_per_day"],
        "visit_volume_ratio": ground.volume(books, start, end, to, goals_of(targets, period.label, "completed_visits", books.key)),
        "days_since_visit": ground.recency(books, to),
        "cadence_load": hours,
        "cadence_load_rate": {key: hours.get(key, 0) / (n * 8) for key, n in there["days"].items() if n},
        "key_visit_compliance_manager": ground.by_managers(books, start, to),
        "card_freshness": ground.freshness(books, to),
    } | ground.standings(actual, goals_of(targets, period.label, "revenue", books.key), start, end, to)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(
    seen=st.lists(visit, max_size=40),
    bought=st.lists(order, max_size=25),
    cards=st.lists(card, min_size=7, max_size=7),
    prospects=st.lists(prospect, min_size=2, max_size=5),
    goals=st.lists(goal, max_size=8),
    month=st.sampled_from(MONTHS),
)
def test_the_ground_equals_the_same_by_hand(company, seen, bought, cards, prospects, goals, month):
    sources = a_company(seen, bought, cards, prospects, goals)
    warehouse, con = (built := company(**sources, as_of=AS_OF)), built._file.con
    period, config = parse(month, AS_OF), Config.of(built.config_values | {"data_start": {}})

    def ours(names: list[str], by: tuple[str, ...] = ()) -> dict[str, dict[Any, Any]]:
        found = evaluate(warehouse, OWNER, [get(n) for n in names], [period], by, config=config)
        return {n: {row[by[0]] if by else None: row["value"] for row in found[n].iter_rows(named=True)} for n in names}

    wrong = []
    for by in ((), ("rep_id",)):
        expected = by_hand(paper.Books(con.cursor(), by[0] if by else None), period, sources["targets"])
        found = ours(list(expected), by)
        for name, told in expected.items():
            told = {k: v for k, v in told.items() if k != "M" or k in found[name]}  # a manager has a row only with figures in it
            wrong += [(by, *one) for one in nearly(name, found[name], told)]
    books = paper.Books(con.cursor(), None)
    steps = ground.ladder(books, period.start, period.to, period.as_of)
    wrong += [one for name, told in steps.items() for one in nearly(name, ours([name])[name], told)]
    for name, told in ground.territories(books, period.to, HOURS).items():
        wrong += nearly(name, ours([name], () if name == "territory_spread" else ("territory_id",))[name], told)
    wrong += growth(con.cursor(), period, ours(["new_customers", "net_customer_growth"]))
    wrong += scores(ours, sources["targets"], period)
    assert not wrong, wrong


def nearly(name: str, ours: dict[Any, Any], told: dict[Any, Any]) -> list[tuple[Any, ...]]:
    """Differences beyond what printing an amount to its fourth digit takes away."""
    return [one for one in differences(name, ours, told) if one[2] is None or one[3] is None or abs(float(one[2]) - float(one[3])) > 1e-4]


def growth(con: Any, period: Period, found: dict[str, dict[Any, Any]]) -> list[Any]:
    """New + won back − lapsed, where it can be said who is new."""
    ours = found["net_customer_growth"][None]
    new, *others = (
        plain.figure(con, "new_customers", period.start, period.end, period.as_of),
        *(f(con, period.start, period.to, period.as_of, None) for f in (portfolio.reactivated_customers, portfolio.lapsed_customers)),
    )
    back, lapsed = (numbers.get(None, 0) for numbers in others)
    told = new.get(None, 0) + back - lapsed
    return [] if ours is None or ours == told else [("net_customer_growth", ours, told)]


def scores(ours: Any, targets: list[dict[str, Any]], period: Period) -> list[Any]:
    """Each rep's score from the standings of its parts, of which three have targets here."""
    parts = {
        "revenue": "target_pace",
        "completed_visits": "target_pace:completed_visits",
        "gross_margin_pct": "target_attainment:gross_margin_pct",
    }
    found = ours([*parts.values(), "scorecard"], ("rep_id",))
    told = {rep: ground.score({k: found[name].get(rep) for k, name in parts.items()}, SCORECARD) for rep in found["scorecard"]}
    return nearly("scorecard", found["scorecard"], told)
