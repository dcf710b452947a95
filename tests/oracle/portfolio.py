"""Customers, receivables and margin once more: plain SQL and arithmetic over the facts, sharing nothing with kpi/, measures or views.

Each function takes a connection, the period (start, to), as_of and a key column for owners (None: the team); `{key: number}` comes back.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

Numbers = dict[Any, Any]
DAY = timedelta(days=1)


def rows(con: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    return con.execute(query, values).fetchall() if values else con.execute(query).fetchall()


def months_back(last: date, months: int) -> date:
    """First day of so many months that end with `last`, counted on the fingers."""
    day = last + DAY
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def owner_on(con: duckdb.DuckDBPyConnection, day: date, key: str | None) -> Callable[[str], Any]:
    """Who holds a customer on a day, or where."""
    held = dict(rows(con, "select customer_id, rep_id from fact.owners where $d between valid_from and valid_to", d=day))
    place = dict(rows(con, "select rep_id, region from fact.postings where $d between valid_from and valid_to", d=day))

    def of(customer: str) -> Any:
        rep = held.get(customer, "unassigned")
        return {None: None, "rep_id": rep, "region": place.get(rep)}[key]

    return of


def order_days(con: duckdb.DuckDBPyConnection, to: date) -> dict[str, list[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    for customer, day in rows(con, "select customer_id, date from fact.order_heads where is_qualifying and date <= $to", to=to):
        if customer is not None:
            found[customer].add(day)
    return {customer: sorted(days) for customer, days in found.items()}


def bought(con: duckdb.DuckDBPyConnection, first: date, last: date) -> dict[str, Decimal]:
    query = "select customer_id, sum(net_amount) from fact.orders where date between $a and $b and customer_id is not null group by all"
    return dict(rows(con, query, a=first, b=last))


def counted(pairs: Any) -> Numbers:
    """Distinct customers per key."""
    found: dict[Any, set[str]] = defaultdict(set)
    for key, customer in pairs:
        found[key].add(customer)
    return {key: len(customers) for key, customers in found.items()}


def ratio(parts: dict[Any, list[Any]]) -> Numbers:
    return {key: float(n) / float(d) for key, (n, d) in parts.items() if d > 0}


def reactivated_customers(con: Any, start: date, to: date, as_of: date, key: str | None) -> Numbers:
    column = {None: "null", "rep_id": "rep_id", "region": "region"}[key]
    days = order_days(con, to)
    query = f"""select {column}, customer_id, date from fact.order_heads
        where is_qualifying and date between $a and $b order by date, order_id"""
    seen, pairs = set(), []
    for group, customer, day in rows(con, query, a=start, b=to):
        before = [d for d in days[customer] if d < day]
        if (customer, day) not in seen and before and (day - before[-1]).days > 180:
            pairs.append((group, customer))
        seen.add((customer, day))
    return counted(pairs)


def buying_customers(con: Any, start: date, to: date, as_of: date, key: str | None) -> Numbers:
    column = {None: "null", "rep_id": "rep_id", "region": "region"}[key]
    query = f"""select {column}, count(distinct customer_id) from fact.order_heads
        where is_qualifying and date between $a and $b group by all"""
    return dict(rows(con, query, a=start, b=to))


def lapsed_customers(con: Any, start: date, to: date, as_of: date, key: str | None) -> Numbers:
    pairs = []
    for customer, days in order_days(con, to).items():
        for day in days:
            event = day + timedelta(days=181)
            # nobody bought on the 180 days in between
            if start <= event <= to and not [d for d in days if day < d < event]:
                pairs.append((owner_on(con, event, key)(customer), customer))
    return counted(pairs)


def retention(con: Any, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    base_on, year_on = months_back(to, 24), months_back(to, 12)
    owner, days = owner_on(con, year_on, key), order_days(con, to)
    before, now = bought(con, base_on, year_on - DAY), bought(con, year_on, to)
    kept: dict[str, dict[Any, list[Any]]] = {n: defaultdict(lambda: [0, 0]) for n in ("stay", "leave", "gross", "net")}
    for customer, when in days.items():
        if not [d for d in when if base_on <= d < year_on]:
            continue
        stays = bool([d for d in when if year_on <= d <= to])
        old, new = max(Decimal(0), before.get(customer, Decimal(0))), max(Decimal(0), now.get(customer, Decimal(0)))
        for name, part, whole in (("stay", stays, 1), ("leave", not stays, 1), ("gross", min(old, new), old), ("net", new, old)):
            kept[name][owner(customer)][0] += part
            kept[name][owner(customer)][1] += whole
    names = {"stay": "customer_retention", "leave": "customer_churn", "gross": "revenue_retention_gross", "net": "revenue_retention_net"}
    return {names[name]: ratio(parts) for name, parts in kept.items()}


def known_customers(con: Any, to: date) -> set[str]:
    listed = rows(con, "select customer_id from fact.customers where is_listed and coalesce(created_on <= $to, true)", to=to)
    return {c for (c,) in listed} | set(order_days(con, to))


def abc_class(con: Any, to: date) -> dict[str, str]:
    """The class of each customer, by the text: sorted by revenue, A while the share before is below 80 %."""
    revenue = bought(con, months_back(to, 12), to)
    worth = {c: max(Decimal(0), revenue.get(c, Decimal(0))) for c in known_customers(con, to)}
    total, before, found = sum(worth.values(), Decimal(0)), Decimal(0), {}
    for customer in sorted(worth, key=lambda c: (-worth[c], c)):
        share = before / total if total else Decimal(0)
        found[customer] = "N" if not worth[customer] else "A" if share < Decimal("0.8") else "B" if share < Decimal("0.95") else "C"
        before += worth[customer]
    return found


def concentration(con: Any, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    owner, top, key_share = owner_on(con, to, key), {}, {}
    flagged = {c for (c,) in rows(con, "select customer_id from fact.customers where is_key")}
    groups: dict[Any, dict[str, Decimal]] = defaultdict(dict)
    known = known_customers(con, to)
    for customer, amount in bought(con, months_back(to, 12), to).items():
        if customer in known:
            groups[owner(customer)][customer] = amount
    for group, amounts in groups.items():
        buyers = sorted((a for a in amounts.values() if a > 0), reverse=True)
        if buyers:
            best = -(-len(buyers) // 5)
            top[group] = float(sum(buyers[:best])) / float(sum(buyers))
        if sum(amounts.values()) > 0:
            key_share[group] = float(sum(a for c, a in amounts.items() if c in flagged)) / float(sum(amounts.values()))
    return {"top20_share": top, "key_account_share": key_share}


def late(con: Any, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    """On-time rate and days late, invoice by invoice: what each euro of cash did to what was still open."""
    parts: dict[str, dict[Any, list[Any]]] = {n: defaultdict(lambda: [0, 0]) for n in ("time", "late", "signed")}
    cards = rows(con, "select invoice_id, rep_id, region, amount, date, due_date from fact.invoices where doc_type = 'invoice'")
    events: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for invoice, day, amount, number in rows(con, "select credit_of, date, -amount, invoice_id from fact.invoices where amount < 0"):
        events[invoice].append((day, 1, -amount, number))
    for invoice, day, amount, number in rows(con, "select invoice_id, greatest(date, applied_on), amount, receipt_id from fact.receipts"):
        events[invoice].append((day, 3, -amount, number))
    for invoice, rep, region, amount, issued, due in cards:
        group = {None: None, "rep_id": rep, "region": region}[key]
        in_time, owed, gone, left = Decimal(0), amount, Decimal(0), amount
        for day, rank, minus, _ in sorted((max(d, issued), r, m, n) for d, r, m, n in events[invoice]):
            gone -= minus
            taken, left = left - max(Decimal(0), amount - gone), max(Decimal(0), amount - gone)
            if day > as_of:
                continue
            if rank == 1:
                owed -= taken
            else:
                in_time += taken if day <= due else 0
                if start <= day <= to:
                    parts["late"][group][0] += float(taken) * max(0, (day - due).days)
                    parts["signed"][group][0] += float(taken) * (day - due).days
                    parts["late"][group][1] += taken
                    parts["signed"][group][1] += taken
        if start <= due <= to and issued <= as_of:
            parts["time"][group][0] += in_time
            parts["time"][group][1] += owed
    names = {"time": "on_time_collection_rate", "late": "avg_days_late", "signed": "days_beyond_terms"}
    return {names[name]: ratio(found) for name, found in parts.items()}


def positions(con: Any, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    """What is open, and how many days of invoices it stands for: month by month, as with pencil and paper."""
    owner = owner_on(con, to, key)
    query = "select customer_id, date, kind, open_change, unapplied_change, due_date from fact.receivable_moves where date <= $to"
    groups: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for customer, *move in rows(con, query, to=to):
        groups[owner(customer)].append(tuple(move))
    found: dict[str, Numbers] = {name: {} for name in ("best_possible_dso", "add_days", "cei_crf", "dso_countback")}
    first_day = min((m[0] for moves in groups.values() for m in moves), default=to)
    for group, moves in groups.items():
        net = sum(o - u for _, _, o, u, _ in moves)
        current = sum(o for _, _, o, _, due in moves if due is None or due >= to)
        bills = [(day, o - u) for day, kind, o, u, _ in moves if kind in ("invoice", "credit")]
        trailing = sum(a for day, a in bills if day > to - timedelta(days=91))
        if trailing > 0:
            found["best_possible_dso"][group] = float(current) / float(trailing) * 91
            found["add_days"][group] = float(net - current) / float(trailing) * 91
        opening = sum(o - u for day, _, o, u, _ in moves if day < start)
        months = (to.year - start.year) * 12 + to.month - start.month + 1
        issued = float(sum(a for day, a in bills if day >= start)) / months
        if float(opening) + issued - float(current) > 1e-9:
            found["cei_crf"][group] = (float(opening) + issued - float(net)) / (float(opening) + issued - float(current))
        found["dso_countback"][group] = count_back(net, bills, to, first_day)
    return found


def count_back(net: Decimal, bills: list[tuple[date, Decimal]], to: date, first_day: date) -> float | None:
    days, left, month = 0.0, net, to.replace(day=1)
    if left <= 0:
        return 0.0
    while month >= first_day.replace(day=1):
        last = min(to, month.replace(day=monthrange(month.year, month.month)[1]))
        amount = sum((a for day, a in bills if month <= day <= last), Decimal(0))
        if amount >= left:
            return days + float(left / amount) * ((last - month).days + 1)
        days, left, month = days + (last - month).days + 1, left - amount, (month - DAY).replace(day=1)
    return None


def new_customer_revenue(con: Any, start: date, to: date, as_of: date, key: str | None) -> Numbers:
    column = {None: "null", "rep_id": "o.rep_id", "region": "o.region"}[key]
    query = f"""
        with firsts as (
            select h.customer_id, least(min(h.date), any_value(c.first_order_on)) as began, min(h.date) as seen,
                any_value(c.created_on) as created_on, any_value(c.first_order_on) as stated
            from fact.order_heads as h left join fact.customers as c using (customer_id) where h.is_qualifying group by all
        ),
        known as (
            select * from firsts, (select min(date) as starts from fact.orders)
            where stated is not null or coalesce(created_on >= starts, false) or began >= starts + interval 12 month
        )
        select {column}, sum(o.net_amount) from fact.orders as o join known as k using (customer_id)
        where o.date between $a and $b and o.date < k.began + interval 12 month group by all"""
    return dict(rows(con, query, a=start, b=to))


def orders(con: Any, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    column = {None: "null", "rep_id": "rep_id", "region": "region"}[key]
    average = f"select {column}, avg(revenue::double) from fact.order_heads where revenue > 0 and date between $a and $b group by all"
    mean = f"""select {column}, avg(gross_profit::double / costed_revenue::double) from fact.order_heads
        where costed_revenue > 0 and date between $a and $b group by all"""
    covered = f"""select {column}, sum(case when cost_amount is not null then net_amount else 0 end)::double / sum(net_amount)::double
        from fact.orders where date between $a and $b group by all having sum(net_amount) > 0"""
    asked = {"avg_order_value": average, "order_margin_pct_mean": mean, "cost_coverage": covered}
    return {name: dict(rows(con, query, a=start, b=to)) for name, query in asked.items()}


def credit(con: Any, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    """What overdue money costs, day by day and invoice by invoice, and what it leaves of the gross profit."""
    column = {None: "null", "rep_id": "i.rep_id", "region": "i.region"}[key]
    query = f"""select {column}, m.date, i.due_date, m.open_change
        from fact.receivable_moves as m join fact.invoices as i using (invoice_id) where i.due_date is not null"""
    moves, cost = rows(con, query), defaultdict(float)
    for n in range((to - start).days + 1):
        day = start + timedelta(days=n)
        for group, since, due, amount in moves:
            if since <= day and due < day:
                cost[group] += float(amount) * 0.06 / 365
    column = {None: "null", "rep_id": "rep_id", "region": "region"}[key]
    query = f"select {column}, sum(net_amount - cost_amount) from fact.orders where date between $a and $b group by all having count(*) > 0"
    profit = dict(rows(con, query, a=start, b=to))
    unknown = {group for group, amount in profit.items() if amount is None}
    left = {group: float(profit.get(group) or 0) - cost.get(group, 0.0) for group in (profit.keys() | cost.keys()) - unknown}
    return {"credit_cost": dict(cost), "margin_after_credit": left}


def won_well(con: Any, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    """New customers that came back, and that paid their first invoice on time."""
    column = {None: "null", "rep_id": "n.rep_id", "region": "n.region"}[key]
    new = """
        with new as (
            select h.*, least(h.date, coalesce(c.first_order_on, h.date)) as began
            from fact.order_heads as h left join fact.customers as c using (customer_id),
                (select min(date) as s from fact.orders)
            where is_qualifying
            and (c.first_order_on is not null or coalesce(c.created_on >= s, false) or h.date >= s + interval 12 month)
            and h.order_id = (
                select order_id from fact.order_heads as e where e.customer_id = h.customer_id and e.is_qualifying
                order by e.date, e.order_id limit 1
            ) and began between $a and $b
        )"""
    again = f"""{new} select {column}, count(*) filter (exists (
            select 1 from fact.order_heads as h
            where h.customer_id = n.customer_id and h.is_qualifying and h.date > n.date and h.date <= n.began + 90
        )), count(*) from new as n where n.began + 90 <= $at group by all"""
    paid = f"""{new}, bills as (
            select n.rep_id, n.region, n.began, arg_min(i, (i.date, i.invoice_id)) as bill from new as n
            join fact.invoices as i on i.customer_id = n.customer_id and i.date >= n.began and i.doc_type = 'invoice' group by all
        )
        select {column}, count(*) filter (
            bill.amount <= coalesce((
                select sum(r.amount) from fact.receipts as r where r.invoice_id = bill.invoice_id
                and r.date is not null and greatest(r.date, r.applied_on, bill.date) <= bill.due_date
            ), 0) - coalesce((
                select sum(c.amount) from fact.invoices as c
                where c.credit_of = bill.invoice_id and greatest(c.date, bill.date) <= bill.due_date
            ), 0)
        ), count(*) from bills as n where greatest(bill.due_date, bill.date, began) <= $at group by all"""
    asked = {"new_customer_repeat_rate": again, "new_customer_on_time_rate": paid}
    values = {"a": start, "b": to, "at": as_of}
    return {name: ratio({group: [n, d] for group, n, d in rows(con, query, **values)}) for name, query in asked.items()}


SINGLE = (reactivated_customers, buying_customers, lapsed_customers, new_customer_revenue)
TOGETHER = (retention, concentration, late, positions, orders, credit, won_well)


def figures(con: duckdb.DuckDBPyConnection, start: date, to: date, as_of: date, key: str | None) -> dict[str, Numbers]:
    """Every figure of this file, by KPI and key."""
    found = {f.__name__: f(con, start, to, as_of, key) for f in SINGLE}
    for function in TOGETHER:
        found |= function(con, start, to, as_of, key)
    return found
