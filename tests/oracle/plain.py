"""The KPIs once more, as plain SQL over the facts: written from the definitions, sharing nothing with kpi/ or the measures.

Each statement takes $start, $to (the period, cut at as_of) and $as_of, and gives one number or none for the team,
or one row (key, number) per rep or region when `{by}` is filled in.
"""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

_IN = "between $start and $to"
FLOWS = {
    "revenue": f"select {{by}}, sum(net_amount) from fact.orders where date {_IN} group by all",
    "gross_profit": f"""
        select {{by}}, sum(net_amount - cost_amount) from fact.orders
        where date {_IN} and cost_amount is not null group by all""",
    "gross_margin_pct": f"""
        select {{by}}, case when sum(net_amount) > 0 then sum(net_amount - cost_amount)::double / sum(net_amount)::double end
        from fact.orders where date {_IN} and cost_amount is not null group by all""",
    "order_count": f"select {{by}}, count(distinct order_id) from fact.order_heads where is_counted and date {_IN} group by all",
    "margin_per_order": f"""
        with profit as (
            select {{by}}, sum(net_amount - cost_amount) as amount from fact.orders
            where date {_IN} and cost_amount is not null group by all
        ),
        orders as (
            select {{by}}, count(*) as n from fact.order_heads
            where date {_IN} and is_counted and line_count > uncosted_lines group by all
        )
        select p.key, p.amount::double / nullif(n, 0)
        from profit as p(key, amount) join orders as o(key, n) on o.key is not distinct from p.key""",
    "due_amount": """
        with due as (
            select rep_id, region, amount, due_date from fact.invoices where doc_type = 'invoice' and date <= $as_of
            union all
            select i.rep_id, i.region, c.amount, i.due_date from fact.invoices as c join fact.invoices as i on i.invoice_id = c.credit_of
            where c.doc_type = 'credit_note' and c.date <= $as_of and i.date <= $as_of
        )
        select {by}, sum(amount) from due where due_date between $start and $end group by all""",
    "cash_to_sales_ratio": f"""
        with billed as (select {{by}}, sum(amount) as amount from fact.invoices where date {_IN} group by all),
        cash as (select {{by}}, sum(amount) as amount from fact.receipts where date {_IN} group by all)
        select b.key, coalesce(c.amount, 0)::double / b.amount::double
        from billed as b(key, amount) left join cash as c(key, amount) on c.key is not distinct from b.key where b.amount > 0""",
    "returns_rate": f"""
        select {{by}}, -coalesce(sum(net_amount) filter (is_return), 0)::double / nullif(sum(net_amount) filter (not is_return), 0)::double
        from fact.orders where date {_IN} group by all""",
    "order_margin_pct": f"""
        select {{by}}, median(gross_profit::double / costed_revenue::double) from fact.order_heads
        where date {_IN} and costed_revenue > 0 group by all""",
    "completed_visits": f"""
        select {{by}}, count(distinct (rep_id, party, actual_date)) from fact.visits
        where is_completed and is_counted_type and actual_date {_IN} group by all""",
    "distinct_customers_visited": f"""
        select {{by}}, count(distinct customer_id) from fact.visits
        where is_completed and is_counted_type and actual_date {_IN} group by all""",
    "planned_visits": f"""
        select {{by}}, count(*) from fact.visits
        where is_counted_type and planned_date {_IN} and status <> 'rescheduled'
          and not (status = 'cancelled' and coalesce(cancelled_by, '') = 'customer') group by all""",
    "visit_attainment": f"""
        select {{by}}, 
            count(*) filter (is_completed and abs(actual_date - planned_date) <= 7 and actual_date <= $as_of)::double / nullif(count(*), 0)
        from fact.visits
        where is_counted_type and planned_date {_IN} and status <> 'rescheduled'
          and not (status = 'cancelled' and coalesce(cancelled_by, '') = 'customer') group by all""",
    "active_customers": """
        -- nobody can say who was active while the ninety days reach before the data (R14)
        select {by}, case when $to::date - 90 >= $data_start::date - 1 then count(distinct customer_id) end from fact.order_heads
        where is_qualifying and date > $to::date - 90 and date <= $to group by all""",
    "invoiced": f"select {{by}}, sum(amount) from fact.invoices where doc_type in ('invoice', 'credit_note') and date {_IN} group by all",
    "collected": f"select {{by}}, sum(amount) from fact.receipts where date {_IN} group by all",
    "new_customers": """
        with firsts as (
            select customer_id, rep_id, region, date,
                row_number() over (partition by customer_id order by date, order_id) as place
            from fact.order_heads where is_qualifying
        ),
        judged as (
            select f.*, coalesce(least(c.first_order_on, f.date), f.date) as began,
                c.first_order_on is not null or coalesce(c.created_on >= $data_start, false)
                    or f.date >= $data_start::date + interval 12 month as is_known
            from firsts as f left join fact.customers as c using (customer_id) where place = 1
        )
        -- nobody is called new, and nobody not new, while there are only customers whose first order may lie before the data
        select {by}, case when not bool_and(not is_known) then count(*) filter (is_known) end
        from judged where began between $start and $to group by all""",
}
# Per invoice: what it was, what was paid and credited up to a day.
_OPEN = """
    select i.invoice_id, i.customer_id, i.rep_id, i.region, i.date, i.due_date, i.amount,
        coalesce((
            select sum(r.amount) from fact.receipts as r where r.invoice_id = i.invoice_id and greatest(r.date, r.applied_on) <= $to
        ), 0) as paid,
        coalesce((select -sum(c.amount) from fact.invoices as c where c.credit_of = i.invoice_id and c.date <= $to), 0) as credited
    from fact.invoices as i where i.doc_type = 'invoice' and i.date <= $to
"""
_OWNED = f"""
    select p.*, o.rep_id as owner, (
            select q.region from fact.postings as q where q.rep_id = o.rep_id and $to between q.valid_from and q.valid_to
        ) as owner_region, greatest(0, amount - paid - credited) as open
    from ({_OPEN}) as p left join fact.owners as o on o.customer_id = p.customer_id and $to between o.valid_from and o.valid_to
"""
STOCKS = {
    "ar_balance": f"select {{by}}, sum(open) from ({_OWNED}) group by all",
    "overdue_amount": f"select {{by}}, sum(open) from ({_OWNED}) where due_date < $to group by all",
    "overdue_rate": f"""
        select {{by}}, coalesce(sum(open) filter (due_date < $to), 0)::double / nullif(sum(open), 0)::double
        from ({_OWNED}) group by all""",
}
# Of each invoice: the cash and credit that arrived, in order, as the day it counts from.
_EVENTS = """
    select i.rep_id, i.region, i.invoice_id, i.amount, i.date, i.due_date,
        list((greatest(e.day, i.date), e.rank, -e.amount) order by greatest(e.day, i.date), e.rank, -e.amount, e.id)
            filter (e.id is not null) as events
    from fact.invoices as i
    left join (
        select credit_of as invoice_id, date as day, 1 as rank, -amount as amount, invoice_id as id from fact.invoices where amount < 0
        union all
        select invoice_id, greatest(date, applied_on), 3, amount, receipt_id from fact.receipts
    ) as e using (invoice_id)
    where i.doc_type = 'invoice' group by all
"""


def collection_rate(con: duckdb.DuckDBPyConnection, start: date, to: date, by: str | None) -> dict[Any, float]:
    """Cash applied to what was collectible ÷ collectible, invoice by invoice as a clerk would keep the cards."""
    collectible: dict[Any, Decimal] = {}
    applied: dict[Any, Decimal] = {}
    for rep_id, region, _, amount, issued, due, events in con.execute(_EVENTS).fetchall():
        if due > to or issued > to:
            continue
        key = {None: None, "rep_id": rep_id, "region": region}[by]
        arrived = [event for event in events or [] if event[0] <= to]
        reduced = sum((-minus for day, _, minus in arrived if day < start), Decimal(0))
        at_stake = left = max(Decimal(0), amount - reduced)
        for _, rank, minus in (event for event in arrived if event[0] >= start):
            reduced -= minus
            before, left = left, max(Decimal(0), amount - reduced)
            if rank == 1:  # a credit note: less to collect
                at_stake += left - before
            else:
                applied[key] = applied.get(key, Decimal(0)) + before - left
        collectible[key] = collectible.get(key, Decimal(0)) + at_stake
    return {key: float(applied.get(key, 0)) / float(amount) for key, amount in collectible.items() if amount > 0}


def figure(con: duckdb.DuckDBPyConnection, kpi: str, start: date, end: date, as_of: date, by: str | None = None) -> dict[Any, Any]:
    """`{key: number}` of one KPI; the team's key is None. A group without rows is absent."""
    to = min(end, as_of)
    if kpi == "collection_rate":
        return dict(collection_rate(con, start, to, by))
    key = {None: "null as key", "rep_id": "rep_id", "region": "region"}[by]
    if kpi in STOCKS and by:
        key = {"rep_id": "owner", "region": "owner_region"}[by]
    statement = (FLOWS | STOCKS)[kpi].format(by=key)
    values: dict[str, Any] = {"start": start, "to": to, "end": end, "as_of": as_of}
    if "$data_start" in statement:
        (values["data_start"],) = con.execute("select min(date) from fact.orders").fetchall()[0]
    used = {name: value for name, value in values.items() if f"${name}" in statement}
    return {k: v for k, v in con.execute(statement, used).fetchall() if v is not None}


def same(ours: Any, plain: Any) -> bool:
    """Equal to the cent for money and counts, to 1e-9 or twelve digits for floats; a missing plain group is nothing: 0 or null."""
    if plain is None:
        return ours is None or ours == 0
    if ours is None:
        return False
    if isinstance(plain, Decimal | int):
        return Decimal(str(ours)) == Decimal(str(plain))
    # binary sums differ in their last digits with the order in which rows come: of a large amount that is more than 1e-9
    return math.isclose(float(ours), float(plain), rel_tol=1e-12, abs_tol=1e-9)
