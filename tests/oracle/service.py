"""Service, quotes and suggested orders once more, as plain SQL over the facts: from the definitions, not from kpi/ or the measures.

Each statement takes what it names of $start, $to, $as_of, and gives a numerator and a denominator per `{by}`: nobody in particular, or
the person (who is credited, or the owner on the last day). A median or an order has its value and null.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

_OWNER = """coalesce((select o.rep_id from fact.owners as o
    where o.customer_id = c.customer_id and $to between o.valid_from and o.valid_to), 'unassigned')"""
_TROUBLE = "kind <> 'survey'"
_LEFT_OPEN = f"""
    select {_OWNER} as rep_id, c.kind, date_diff('second', c.opened_at, $to::timestamp + interval 1 day) / 3600.0 as age,
        c.responded_at is not null and c.responded_at::date <= $to as answered
    from fact.service as c
    where c.{_TROUBLE} and c.date <= $to and case when c.closed_at is null then c.is_open else c.closed_at::date > $to end
"""
# What a quote was called at the end of a day: the highest version number made by then.
_QUOTE = """
    select quote_id, arg_max(is_special and status = 'open' and (approved_on is null or approved_on > $to), version::int) as waits,
        arg_max(rep_id, version::int) as rep_id
    from fact.quotes where date <= $to group by quote_id
"""
_MADE = """
    select quote_id, min(date) as made, arg_min(rep_id, (date, version::int)) as rep_id, arg_max(status, version::int) as status,
        arg_max(date, version::int) as said
    from fact.quotes group by quote_id
"""
STATEMENTS = {
    "complaint_rate": """
        with counts as (
            select rep_id, 1 as complaints, 0 as orders from fact.service where kind = 'complaint' and date between $start and $to
            union all
            select rep_id, 0, 1 from fact.order_heads where is_counted and date between $start and $to
        )
        select {by}, sum(complaints), sum(orders) from counts group by all""",
    "first_response_hours": f"""
        select {{by}}, median(date_diff('second', opened_at, responded_at) / 3600.0), null from fact.service
        where {_TROUBLE} and responded_at >= opened_at and responded_at::date between $start and $to group by all""",
    "resolution_hours": f"""
        select {{by}}, median(date_diff('second', opened_at, closed_at) / 3600.0), null from fact.service
        where {_TROUBLE} and closed_at >= opened_at and closed_at::date between $start and $to group by all""",
    "open_over_sla": f"""
        select {{by}}, count(*) filter (age > 72 or (age > 24 and not answered)), null from ({_LEFT_OPEN}) group by all""",
    "satisfaction": """
        select {by}, sum((score - coalesce(scale_min, 1))::double / (scale_max - coalesce(scale_min, 1))::double), count(*)
        from fact.service where kind = 'survey' and date between $start and $to
        and scale_max > coalesce(scale_min, 1) and score >= coalesce(scale_min, 1) and score <= scale_max group by all""",
    "quotes_issued": f"select {{by}}, count(*), null from ({_MADE}) where made between $start and $to group by all",
    "quote_win_rate": f"""
        select {{by}}, count(*) filter (status = 'won'), count(*) from ({_MADE})
        where made between $start and $to and status <> 'open' and said <= $as_of group by all""",
    "special_quotes_pending": f"select {{by}}, count(*) filter (waits), null from ({_QUOTE}) group by all",
    "suggested_order": f"""
        with last_two as (
            select c.customer_id, c.product_id, {_OWNER} as rep_id, max(c.date) as now_on, max(c.date, 2)[2] as before_on
            from fact.stock_counts as c where c.date <= $to group by all having count(*) > 1
        ),
        known as (
            select t.*, n.qty as there, coalesce(n.on_order, 0) as coming, case when n.pack_size > 0 then n.pack_size else 1 end as pack,
                b.qty + coalesce((
                    select sum(l.qty) from fact.orders as l where l.customer_id = t.customer_id and l.product_id = t.product_id
                    and l.date > t.before_on and l.date <= t.now_on
                ), 0) - n.qty as sold
            from last_two as t
            join fact.stock_counts as n on (n.customer_id, n.product_id, n.date) = (t.customer_id, t.product_id, t.now_on)
            join fact.stock_counts as b on (b.customer_id, b.product_id, b.date) = (t.customer_id, t.product_id, t.before_on)
        )
        select {{by}}, sum(ceil(greatest(0, 1.5 * sold - there - coming) / pack) * pack), null from known where sold >= 0 group by all""",
}


def figure(
    con: duckdb.DuckDBPyConnection, kpi: str, start: date, to: date, as_of: date, by: str | None = None
) -> dict[Any, tuple[Any, Any]]:
    """`{key: (numerator, denominator)}`; the team's key is None, a group without rows is absent."""
    statement = STATEMENTS[kpi].format(by={None: "null as key"}.get(by, by))
    values: dict[str, Any] = {"start": start, "to": to, "as_of": as_of}
    used = {name: value for name, value in values.items() if f"${name}" in statement}
    return {key: (n, d) for key, n, d in con.execute(statement, used).fetchall()}
