"""Of any organisation, however its people move: a total under a scope is the total over that scope's own rows (R6, R7, A3).

People change territory, region, manager and partner from one day to the next, customers change owner, rows come with and without a rep
and a territory of their own. Who may see a row is written here again in plain Python, day by day; the product joins spans in SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.config import Settings
from data.warehouse import Opened, Warehouse

Row = dict[str, Any]
START, DAYS = date(2026, 4, 1), 60
TO = START + timedelta(days=DAYS)
TODAY = date(2026, 7, 31)
LANDS = {"T1": "North", "T2": "North", "T3": "South", "T4": "West"}
REPS, MANAGERS = ("R1", "R2", "R3", "I1"), ("M1", "M2")
CUSTOMERS, ON_CARDS = ("C1", "C2", "C3"), "R1"


class Span(NamedTuple):
    """A period as the warehouse sees one."""

    label: str
    start: date
    end: date
    to: date


ALL = Span("all", START, TO, TO)

# ── Any organisation ───────────────────────────────────────────────────────────────────────────────────────────────────────────

days = st.integers(0, DAYS).map(lambda n: START + timedelta(days=n))
changes = st.lists(days, max_size=2, unique=True).map(sorted)
lands, leaders = st.sampled_from((*LANDS, None)), st.sampled_from((*MANAGERS, "R1", "D", None))


@st.composite
def spans_of(draw: Callable[..., Any], person: str, role: str) -> list[Row]:
    """The assignments of a person, one after the other; sometimes days are missing between them."""
    starts = [None, *draw(changes)]
    rows = []
    for number, since in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else None
        until = following - timedelta(days=draw(st.sampled_from((1, 1, 4)))) if following else None
        if since and until and until < since:
            continue
        place = draw(lands)
        rows.append({
            "rep_id": person, "rep_name": person, "role": role, "territory_id": place, "manager_id": draw(leaders),
            "region": LANDS[place] if place else draw(st.sampled_from((*LANDS.values(), None))),
            "pair_id": draw(st.sampled_from(("p", "q", None))), "valid_from": since, "valid_to": until,
        })  # fmt: skip
    return rows


@st.composite
def owners_of(draw: Callable[..., Any], customer: str) -> list[Row]:
    """Who owned a customer when; on some days nobody did."""
    starts = [None, *draw(changes)]
    ends = [day - timedelta(days=1) for day in starts[1:]] + [None]
    given = [(draw(st.sampled_from((*REPS, None))), since, until) for since, until in zip(starts, ends, strict=True)]
    return [{"customer_id": customer, "rep_id": rep, "valid_from": a, "valid_to": b} for rep, a, b in given if rep]


@st.composite
def organisations(draw: Callable[..., Any]) -> dict[str, list[Row]]:
    """People, owners, and rows of both kinds."""
    people = [{"rep_id": "D", "rep_name": "D", "role": "director"}]
    for person in (*REPS, *MANAGERS):
        role = "inside" if person == "I1" else "regional_manager" if person in MANAGERS else "rep"
        people += draw(spans_of(person, role))
    owned = [row for customer in CUSTOMERS for row in draw(owners_of(customer))]
    credit = {
        "rep_id": st.sampled_from((*REPS, "M1", "X9", None)),
        "customer_id": st.sampled_from((*CUSTOMERS, "C9")),
        "territory_id": st.sampled_from((None, None, *LANDS)),
        "day": days,
        "amount": st.integers(1, 99_999).map(lambda n: Decimal(n) / 100),
    }  # fmt: skip
    rows = draw(st.lists(st.fixed_dictionaries(credit), min_size=1, max_size=14))
    return {"people": people, "owned": owned, "sold": rows[::2], "billed": rows[1::2]}


# ── Who may see what, day by day ───────────────────────────────────────────────────────────────────────────────────────────────


class Org:
    """One organisation, and the rules."""

    def __init__(self, made: dict[str, list[Row]]) -> None:
        self.people, self.owned = made["people"], made["owned"]

    def post(self, person: str | None, day: date) -> Row | None:
        """The assignment somebody holds on a day."""
        return next((p for p in self.people if p["rep_id"] == person and _within(p, day)), None)

    def owner(self, customer: str, day: date) -> str:
        """Who owns a customer on a day: as the list of owners says, for one that is not on it as its card says."""
        listed = [o for o in self.owned if o["customer_id"] == customer]
        if not listed and customer in CUSTOMERS:
            return ON_CARDS
        return next((o["rep_id"] for o in listed if _within(o, day)), "unassigned")

    def above(self, person: str, day: date) -> set[str]:
        """Everyone a person reports to on a day who leads others then."""
        found, seen, name = set(), {person}, (self.post(person, day) or {}).get("manager_id")
        while name and name not in seen and (post := self.post(name, day)):
            seen.add(name)
            found |= {name} if post["role"] in ("regional_manager", "director") else set()
            name = post.get("manager_id")
        return found

    def sees(self, who: str, rep: str, day: date, territory: str | None = None) -> bool:
        """Whether somebody may see a row credited to a rep on a day."""
        if who == "D":
            return True
        me, post = self.post(who, TODAY), self.post(rep, day)
        if me is None or not any(p["rep_id"] == rep for p in self.people):
            return False
        region = LANDS[territory] if territory else (post or {}).get("region")
        leads = me["role"] == "regional_manager" and ((region is not None and region == me["region"]) or who in self.above(rep, day))
        partners = [p for p in self.people if p["rep_id"] == who and p["role"] == "inside" and _within(p, day)]
        pair = (post or {}).get("pair_id")
        paired = me["role"] == "inside" and who != rep and pair is not None and any(p["pair_id"] == pair for p in partners)
        return rep == who or leads or paired

    def credited(self, row: Row) -> str:
        """Who gets a row: the rep on it, else the customer's owner that day (R6)."""
        return row["rep_id"] or self.owner(row["customer_id"], row["day"])


def _within(row: Row, day: date) -> bool:
    return (row.get("valid_from") or date.min) <= day <= (row.get("valid_to") or date.max)


# ── The product over the same rows ─────────────────────────────────────────────────────────────────────────────────────────────


def opened(con: duckdb.DuckDBPyConnection) -> Warehouse:
    """A warehouse over a database in memory, as `open` makes one over a snapshot."""
    meta = dict(con.sql("select key, value from meta").fetchall())
    sources = frozenset({"reps", "customers", "assignments", "territories", "orders", "invoices", "receipts"})
    return Warehouse("000001", TO, Settings(as_of=TO), sources, meta, Opened(con, meta, sources, frozenset({"cash"})))


def load(built: Callable[..., duckdb.DuckDBPyConnection], made: dict[str, list[Row]]) -> Warehouse:
    """The organisation as a company would export it."""

    def credit(row: Row) -> Row:
        return {name: row[name] for name in ("rep_id", "customer_id", "territory_id")}

    orders = [credit(r) | {"order_id": f"{n}", "ship_date": r["day"], "order_date": r["day"], "net_amount": r["amount"]}
              for n, r in enumerate(made["sold"])]  # fmt: skip
    invoices = [credit(r) | {"invoice_id": f"{n}", "invoice_date": r["day"], "due_date": r["day"], "amount": r["amount"]}
                for n, r in enumerate(made["billed"])]  # fmt: skip
    return opened(built(
        as_of=TO, reps=made["people"], assignments=made["owned"], orders=orders, invoices=invoices, receipts=[],
        customers=[{"customer_id": c, "customer_name": c, "owner_id": ON_CARDS} for c in CUSTOMERS],
        territories=[{"territory_id": t, "name": t, "region": r} for t, r in LANDS.items()],
    ))  # fmt: skip


def parts(frame: pl.LazyFrame | None, column: str, key: str) -> dict[str | None, Decimal]:
    """A column summed by one of its dimensions, nothing left out; what sums to nothing is not told apart from what is not there."""
    assert frame is not None
    found = dict(frame.group_by(key).agg(pl.sum(column)).collect().iter_rows())
    return {member: amount for member, amount in found.items() if amount}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=organisations())
def test_a_total_under_a_scope_is_that_over_its_own_rows(built: Callable[..., Any], made: dict[str, list[Row]]) -> None:
    org, warehouse = Org(made), load(built, made)
    for who in ("D", *REPS, *MANAGERS):
        if org.post(who, TODAY) is None:
            continue
        scope = warehouse.scope(who, TODAY)
        for rows, read, column in ((made["sold"], "sales", "revenue"), (made["billed"], "billing", "invoiced")):
            by_rep: defaultdict[str, Decimal] = defaultdict(Decimal)
            for row in rows:
                rep = org.credited(row)
                if org.sees(who, rep, row["day"], row["territory_id"]):
                    by_rep[rep if rep in (*REPS, *MANAGERS, "unassigned") else f"unknown ({rep})"] += row["amount"]
            assert parts(warehouse.read(read, scope, [ALL]), column, "rep_id") == by_rep, (who, read)
            assert sum(parts(warehouse.read(read, scope, [ALL]), column, "region").values()) == sum(by_rep.values())
        sold = warehouse.read("sales", scope, [ALL], by=("customer_id",))
        assert sum(parts(sold, "revenue", "customer_id").values()) == sum(
            parts(warehouse.read("sales", scope, [ALL]), "revenue", "rep_id").values()
        )
        # what is open lies with the owner on the last day, wherever the invoice was credited
        owed: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in made["billed"]:
            if org.sees(who, org.owner(row["customer_id"], TO), TO):
                owed[row["customer_id"] if row["customer_id"] in CUSTOMERS else "unknown (C9)"] += row["amount"]
        assert parts(warehouse.read("receivable_positions", scope, [ALL], by=("customer_id",)), "ar_balance", "customer_id") == owed, who
