"""Visits, territories, targets and the scorecard once more, by hand over the facts, sharing nothing with kpi/ or the views."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from statistics import mean, median
from typing import Any

from tests.oracle.paper import Books, Numbers, Row, pairs, quotient, rows

DAY = timedelta(days=1)
REQUIRED = {"A": 4, "B": 2, "C": 1}


def worked(first: date, last: date) -> int:
    """Mondays to Fridays, one by one."""
    return sum((first + timedelta(days=n)).weekday() < 5 for n in range((last - first).days + 1))


def made(books: Books) -> list[Row]:
    """Visits: one rep, one party, one day."""
    return rows(
        books.con,
        """select v.rep_id, v.region, v.actual_date as date, coalesce(v.customer_id, p.customer_id) as buyer, v.customer_id, v.party,
            min(coalesce(v.actual_at, v.actual_date::timestamp)) as at
        from fact.visits as v left join fact.prospects as p on p.prospect_id = v.prospect_id
        where v.is_completed and v.is_counted_type group by all""",
    )


def field(books: Books, start: date, to: date) -> dict[str, Numbers]:
    """Visits of reps and key-account managers, and the days they were there: visits_per_day and the days themselves."""
    parts = pairs()
    for visit in made(books):
        roles = books.roles(visit["rep_id"], visit["date"])
        if start <= visit["date"] <= to and {"rep", "kam"} & set(roles):
            parts[books.credited(visit)][0] += 1
    left = {person["rep_id"]: person["left_on"] or date.max for person in rows(books.con, "select * from fact.people")}
    for posting in books.posted:
        first, last = max(posting["valid_from"], start), min(posting["valid_to"], to, left[posting["rep_id"]])
        if {"rep", "kam"} & set(posting["roles"]) and first <= last:
            parts[books.credited(posting)][1] += worked(first, last)
    return {"visits_per_day": quotient(parts), "days": {key: days for key, (_, days) in parts.items()}}


def volume(books: Books, start: date, end: date, to: date, goals: dict[str, Any]) -> Numbers:
    """Visits ÷ the target for the days that have passed, else ÷ the plan."""
    visits, plans, found = defaultdict(int), defaultdict(int), {}
    for visit in made(books):
        if start <= visit["date"] <= to:
            visits[books.credited(visit)] += 1
    for row in rows(books.con, "select * from fact.visits where is_counted_type and planned_date is not null"):
        called_off = row["status"] == "cancelled" and row["cancelled_by"] == "customer"
        if start <= row["planned_date"] <= to and row["status"] != "rescheduled" and not called_off:
            plans[books.credited(row)] += 1
    for key in {*visits, *plans, *goals, *([None] if books.key is None else [])}:
        target = goals.get(key, 0) * worked(start, to) / worked(start, end)
        against = target or plans[key]
        if against:
            found[key] = visits[key] / against
    return found


def recency(books: Books, to: date) -> Numbers:
    """The median of the days since anybody visited each customer still worked with."""
    last: dict[str, date] = {}
    for visit in made(books):
        if visit["customer_id"] and visit["date"] <= to:
            last[visit["customer_id"]] = max(visit["date"], last.get(visit["customer_id"], date.min))
    gone, owner = defaultdict(list), books.owner(to)
    for customer in books.known(to):
        card = books.cards.get(customer, {})
        is_there = (card.get("created_on") or date.min) <= to  # a card made only later is not looked after yet
        if customer in last and is_there and card.get("status") != "inactive":
            gone[owner(customer)].append((to - last[customer]).days)
    return {key: float(median(numbers)) for key, numbers in gone.items()}


def ladder(books: Books, start: date, to: date, as_of: date) -> dict[str, Numbers]:
    """What the visits led to so far, for the team: orders, their amount, what was billed and paid, and the amount per visit."""
    visits = [v for v in made(books) if v["buyer"]]
    won, billed, paid, orders = 0, 0, 0, []
    for head in books.heads:
        before = [v["date"] for v in visits if v["buyer"] == head["customer_id"] and v["date"] <= head["date"]]
        near = before and max(before) >= head["date"] - timedelta(days=7)
        if head["is_counted"] and head["date"] <= as_of and near and start <= max(before) <= to:
            orders.append(head)
            won += head["revenue"]
    bills = rows(books.con, "select * from fact.invoices where doc_type <> 'write_off'")
    cash = rows(books.con, "select * from fact.receipts where date is not null")
    for head in orders:
        for bill in (b for b in bills if b["order_id"] == head["order_id"] and b["date"] <= as_of):
            billed += bill["amount"]
            paid += sum(
                r["amount"] for r in cash if r["invoice_id"] == bill["invoice_id"] and max(r["date"], r["applied_on"] or r["date"]) <= as_of
            )
    n = sum(start <= v["date"] <= to for v in visits)
    found = {"visit_orders": len(orders), "visit_order_amount": won, "visit_billed_amount": billed, "visit_cash_amount": paid}
    return {name: {None: value} for name, value in found.items()} | {"order_amount_per_visit": {None: float(won) / n} if n else {}}


def windows(start: date, to: date, months: int) -> Iterator[tuple[date, date]]:
    """Calendar months, or half-years, that the period touches."""
    first = start.replace(day=1, month=(start.month - 1) // months * months + 1)
    while first <= to:
        after = first
        for _ in range(months):
            after = (after + timedelta(days=32)).replace(day=1)
        yield first, after - DAY
        first = after


def due(books: Books, start: date, to: date, months: int) -> Iterator[tuple[Row, Any, date, date, date]]:
    """Customers each owner has had for at least half of a window: card, whose, and the window with its last day seen."""
    for first, last in windows(start, to, months):
        seen = min(last, to)
        owner = books.owner(seen)
        held = {o["customer_id"]: o for o in books.owned if o["valid_from"] <= seen <= o["valid_to"]}
        for customer, card in books.cards.items():
            if card["status"] == "inactive" or (card["created_on"] or date.min) > seen or customer not in held:
                continue
            own = min(held[customer]["valid_to"], last) - max(held[customer]["valid_from"], card["created_on"] or first, first)
            if 2 * (own.days + 1) >= (last - first).days + 1:
                yield card, owner(customer), first, last, seen


def load(books: Books, start: date, to: date, hours: dict[str, float]) -> Numbers:
    """Hours the visits asked for take, for the part of each month that lies in the period."""
    found: Numbers = defaultdict(float)
    for card, key, first, last, seen in due(books, start, to, 1):
        place = {p["rep_id"]: p["territory_id"] for p in books.posted if p["valid_from"] <= seen <= p["valid_to"]}
        held = {o["customer_id"]: o["rep_id"] for o in books.owned if o["valid_from"] <= seen <= o["valid_to"]}
        days = (seen - max(first, start)).days + 1
        where = card["stated_territory_id"] or place.get(held[card["customer_id"]])
        share = days / ((last - first).days + 1)
        found[key] += REQUIRED.get(card["manual_class"], 0) * share * hours.get(where, 1.5)
    return dict(found)


def by_managers(books: Books, start: date, to: date) -> Numbers:
    """Key accounts a regional manager visited in the half-year; while it runs, none is asked for yet."""
    parts = pairs()
    visits = [v for v in made(books) if "regional_manager" in books.roles(v["rep_id"], v["date"])]
    for card, key, first, last, seen in due(books, start, to, 6):
        if card["is_key"]:
            came = any(v["customer_id"] == card["customer_id"] and first <= v["date"] <= seen for v in visits)
            parts[key][0] += came or seen < last
            parts[key][1] += 1
    return quotient(parts)


def freshness(books: Books, to: date) -> Numbers:
    """Active customers whose card was touched in the last ninety days; where most were touched only later, nothing is known."""
    lost: dict[Any, int] = defaultdict(int)
    parts, owner, active = pairs(), books.owner(to), books.ordered(to - timedelta(days=89), to)
    for customer in active:
        card = books.cards.get(customer)
        if card and (card["created_on"] or date.min) > to:
            continue
        touched = card and card["updated_on"] and card["updated_on"].date()
        if touched and touched > to:
            lost[owner(customer)] += 1
            continue
        parts[owner(customer)][0] += bool(touched and (to - touched).days < 90)
        parts[owner(customer)][1] += 1
    return {who: value for who, value in quotient(parts).items() if lost[who] <= parts[who][1]}


def territories(books: Books, to: date, hours: dict[str, float]) -> dict[str, Numbers]:
    """By territory: active customers, and the workload index; for the team: the spread."""
    active = books.ordered(to - timedelta(days=89), to)
    held = {o["customer_id"]: o["rep_id"] for o in books.owned if o["valid_from"] <= to <= o["valid_to"]}
    place = {p["rep_id"]: p["territory_id"] for p in books.posted if p["valid_from"] <= to <= p["valid_to"]}
    existing, work = defaultdict(int), defaultdict(float)
    for customer, card in books.cards.items():
        if (card["created_on"] or date.min) <= to:
            where = card["stated_territory_id"] or place.get(held.get(customer))  # the other column is that of today
            existing[where] += customer in active
            visits = 0 if card["status"] == "inactive" else 12 * REQUIRED.get(card["manual_class"], 0)
            work[where] += visits * hours.get(where, 1.5)
    for one in rows(books.con, "select * from fact.prospects"):
        left = [one[name] for name in ("contracted_on", "lost_on", "abandoned_on") if one[name]]
        if one["date"] <= to and not [day for day in left if day <= to]:
            work[place.get(one["rep_id"])] += 6 * hours.get(place.get(one["rep_id"]), 1.5)
    work.pop(None, None)
    middle = mean(work.values()) if work else 0
    return {
        "territory_existing": {where: n for where, n in existing.items() if n},
        "workload_index": {where: 100 * h / middle for where, h in work.items()} if middle else {},
        "territory_spread": {None: max(work.values()) / min(work.values())} if len(work) > 1 and min(work.values()) > 0 else {},
    }


def standings(actual: Numbers, goals: Numbers, start: date, end: date, to: date) -> dict[str, Numbers]:
    """Attainment, pace, forecast and daily rate of an amount against its target."""
    elapsed, total = worked(start, to), worked(start, end)
    found: dict[str, Numbers] = {n: {} for n in ("target_attainment", "target_pace", "run_rate_forecast", "required_daily_rate")}
    for key in {*actual, *goals}:
        now, goal = float(actual.get(key, 0)), float(goals.get(key, 0))
        if goal > 0:
            found["target_attainment"][key] = now / goal
            if elapsed:
                found["target_pace"][key] = now / (goal * elapsed / total)
            if total > elapsed:
                found["required_daily_rate"][key] = max(0.0, goal - now) / (total - elapsed)
        if to == end:
            found["run_rate_forecast"][key] = now
        elif elapsed >= 3:
            found["run_rate_forecast"][key] = now / elapsed * total
    return found


def score(ratios: dict[str, float | None], weights: dict[str, float]) -> float | None:
    """Σ weight × capped ratio × 100 ÷ Σ weight over the KPIs that have one; below 60 % of the weight there is none."""
    known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    weight = sum(weights[name] for name in known)
    if weight < 0.6 - 1e-9:
        return None
    return sum(weights[name] * min(max(ratio, 0), 1.2) * 100 for name, ratio in known.items()) / weight
