"""Visits, cadence and cards once more, as plain SQL over the facts: from the definitions, sharing nothing with kpi/ or the measures.

Each statement takes what it names of $start, $to, $end, $as_of, and gives a numerator and a denominator (null for a count) per `{by}`:
nobody in particular, the person credited, or the owner on the last day where a customer is looked at.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

_MADE = "is_completed and is_counted_type and actual_date between $start and $to"
_VISITS = f"""
    select rep_id, party, actual_date as day, min(coalesce(customer_id, '')) as customer, bool_or(planned_date is not null) as planned,
        min(logged_at)::date as logged, any_value(prospect_id) as prospect
    from fact.visits where {_MADE} group by rep_id, party, actual_date
"""
_ALL_DAYS = """
    select distinct v.rep_id, v.party, v.actual_date as day, coalesce(v.customer_id, p.customer_id) as buyer
    from fact.visits as v left join fact.prospects as p on p.prospect_id = v.prospect_id where v.is_completed and v.is_counted_type
"""
_OWNED = """
    select c.customer_id, coalesce(o.rep_id, 'unassigned') as rep_id, c.* exclude (customer_id)
    from fact.customers as c left join fact.owners as o on o.customer_id = c.customer_id and $to between o.valid_from and o.valid_to
    where coalesce(c.created_on <= $to, true)
"""
_ACTIVE = f"""
    select * from ({_OWNED}) as w where exists (
        from fact.order_heads as h where h.customer_id = w.customer_id and h.is_qualifying and h.date <= $to and h.date > $to::date - 90
    )
"""
_SEEN = f"(select count(*) from fact.visits as v where v.customer_id = a.customer_id and {_MADE}{{also}})"
_FILLED = " + ".join(
    f"(coalesce(lower(trim({name})), '') not in ('', '-', '无', 'n/a', '待补'))::int"
    for name in ("industry", "province", "city", "credit_rating")
)
# Customers and calendar months the period touches, with the visits made in them so far.
_TOUCHED = "select unnest(generate_series(date_trunc('month', $start::date), $to::date, interval 1 month))::date as first"
_LAST_OVER = "select (date_trunc('month', $to::date + 1) - interval 1 month)::date as first"
_COUNTED = """
    with months as ({months}),
    windows as (select first, last_day(first) as last, least(last_day(first), $to::date) as seen from months),
    kams as (select rep_id from fact.people where list_contains(roles, 'kam')),
    due as (
        select w.*, w.seen - w.first + 1 as passed, w.last - w.first + 1 as length, c.customer_id, coalesce(c.is_key, false) as is_key,
            coalesce(o.rep_id, 'unassigned') as rep_id, case c.manual_class when 'A' then 4 when 'B' then 2 when 'C' then 1 end as wanted
        from windows as w join fact.customers as c on coalesce(c.created_on <= w.seen, true) and c.status is distinct from 'inactive'
        left join fact.owners as o on o.customer_id = c.customer_id and w.seen between o.valid_from and o.valid_to
        where 2 * (least(o.valid_to, w.last) - greatest(o.valid_from, coalesce(c.created_on, w.first), w.first) + 1) >= w.last - w.first + 1
    )
    select d.*, count(distinct (v.rep_id, v.actual_date)) filter (v.rep_id is not null) as made,
        count(distinct (v.rep_id, v.actual_date)) filter (v.rep_id in (from kams)) as made_by_kam
    from due as d left join fact.visits as v
        on v.customer_id = d.customer_id and v.is_completed and v.is_counted_type and v.actual_date between d.first and d.seen
    group by all
"""
_CADENCE = _COUNTED.format(months=_TOUCHED)
# Buyers whose class asked for several visits in the last whole month, of whom less than half were made.
UNVISITED = f"""
    with counted as ({_COUNTED.format(months=_LAST_OVER)})
    select o.rep_id, count(*) from counted as c join ({_OWNED}) as o using (customer_id)
    where c.wanted > 1 and c.made < c.wanted / 2.0
    and exists (from fact.order_heads as h where h.customer_id = c.customer_id and h.is_qualifying and h.date <= $to)
    group by all
"""
# Whole months only: what is usual is that of the month.
CONFIDENCE = """
    with made as (
        select *, date_trunc('month', actual_date) as month, date_trunc('minute', actual_at) as minute, trim(outcome) as note
        from fact.visits where is_completed and is_counted_type
    ),
    firsts as (select * from made qualify row_number() over (partition by rep_id, party, actual_date order by actual_at, visit_id) = 1),
    again as (
        select rep_id, month, note from made where length(note) >= 6 group by all having count(distinct (party, actual_date)) >= 3
    ),
    repeated as (select *, count(distinct rep_id) over (partition by note) as writers from again),
    marked as (
        select f.rep_id, f.month, f.actual_date, (f.actual_at > f.actual_date and exists (
            from made as m where m.rep_id = f.rep_id and m.minute = f.minute and m.party <> f.party
        )) or exists (
            from repeated as r where r.writers < 3 and (r.rep_id, r.month, r.note) = (f.rep_id, f.month, f.note)
        ) as doubtful from firsts as f
    ),
    days as (
        select rep_id, month, actual_date, count(*) as n, count(*) filter (doubtful) as doubtful,
            day(last_day(month)) - day(actual_date) < 3 as late
        from marked group by all
    ),
    usual as (select rep_id, month, avg(n) as n from days where not late group by all having count(*) >= 10),
    judged as (
        select d.rep_id, d.actual_date, d.n, greatest(
            d.doubtful, case when d.n > 12 then d.n else 0 end,
            case when d.late then least(d.n, greatest(0, ceil(d.n - 3 * u.n))) else 0 end
        ) as questioned
        from days as d left join usual as u using (rep_id, month)
    )
    select rep_id, (sum(n) - sum(questioned))::bigint, sum(n)::bigint from judged where actual_date between $start and $to group by all
"""
STATEMENTS = {
    "visit_records": f"select {{by}}, count(*), null from fact.visits where {_MADE} group by all",
    "contacts": """select {by}, count(*), null from fact.visits
        where is_completed and not is_counted_type and actual_date between $start and $to group by all""",
    "unplanned_share": f"select {{by}}, count(*) filter (not planned), count(*) from ({_VISITS}) group by all",
    "distinct_prospects_visited": f"""select {{by}}, count(distinct prospect_id), null from fact.visits
        where {_MADE} and customer_id is null group by all""",
    "log_timeliness": f"""select {{by}}, count(*) filter (logged <= day + 1), count(logged) from ({_VISITS}) group by all""",
    "strike_rate": f"""
        with days as ({_ALL_DAYS}),
        ripe as (select * from days where day between $start and $to and day + 7 <= $as_of),
        judged as (
            select r.*, exists (
                from fact.order_heads as h where h.is_counted and h.customer_id = r.buyer and h.date between r.day and r.day + 7
                and not exists (from days as later where later.buyer = r.buyer and later.day > r.day and later.day <= h.date)
            ) as won from ripe as r
        )
        select {{by}}, count(*) filter (won), count(*) from judged group by all""",
    "appointments_made": """
        select {by}, count(*), null from (select coalesce(booked_by, '') as rep_id, * exclude (rep_id) from fact.visits)
        where booked_by is not null
        and is_counted_type and planned_date between $start and $to and status <> 'rescheduled'
        and not (status = 'cancelled' and coalesce(cancelled_by, '') = 'customer') group by all""",
    "appointment_show_rate": """
        select {by}, count(*) filter (is_completed and actual_date <= $as_of), count(*)
        from (select coalesce(booked_by, '') as rep_id, * exclude (rep_id) from fact.visits)
        where booked_by is not null
        and is_counted_type and planned_date between $start and $to and status <> 'rescheduled'
        and not (status = 'cancelled' and coalesce(cancelled_by, '') = 'customer') group by all""",
    "coverage": f"""select {{by}}, count(*) filter ({_SEEN.format(also="")} > 0), count(*) from ({_ACTIVE}) as a
        where coalesce(created_on <= $to::date - 7, true) group by all""",
    "coverage_own": f"""select {{by}}, count(*) filter ({_SEEN.format(also=" and v.rep_id = a.rep_id")} > 0), count(*) from ({_ACTIVE}) as a
        where coalesce(created_on <= $to::date - 7, true) group by all""",
    "card_completeness": f"""
        select {{by}}, sum(has_contact::int + has_phone::int + {_FILLED} + (credit_limit is not null)::int + (terms_days is not null)::int
            + (annual_potential is not null)::int + (manual_class is not null)::int), count(*) * 10
        from ({_ACTIVE}) group by all""",
    "cadence_compliance": f"""
        with counted as ({_CADENCE}) select {{by}}, count(*) filter (made >= floor(wanted * passed / length)), count(*)
        from counted where wanted is not null group by all""",
    "value_weighted_cadence": f"""
        with counted as ({_CADENCE}), worth as (
            select d.*, greatest(0, coalesce((
                select sum(net_amount) from fact.orders as l
                where l.customer_id = d.customer_id and l.date < d.first and l.date >= d.first - interval 12 month
            ), 0)) as worth from counted as d where wanted is not null
        )
        select {{by}}, coalesce(sum(worth) filter (made >= floor(wanted * passed / length)), 0), sum(worth) from worth group by all""",
    "key_visit_compliance": f"""
        with counted as ({_CADENCE}) select {{by}}, count(*) filter (made_by_kam >= floor(passed / length)), count(*)
        from counted where is_key group by all""",
    "onboarding_touch_rate": """
        with firsts as (
            select customer_id, rep_id, date from fact.order_heads where is_qualifying
            qualify row_number() over (partition by customer_id order by date, order_id) = 1
        ),
        new as (
            select f.*, exists (
                from fact.visits as v left join fact.prospects as p on p.prospect_id = v.prospect_id
                where coalesce(v.customer_id, p.customer_id) = f.customer_id and v.is_completed
                and v.actual_date between f.date and f.date + 14
            ) as touched
            from firsts as f join fact.customers as c using (customer_id)
            where c.created_on >= (select min(date) from fact.orders) and f.date between $start and $to and f.date + 14 <= $as_of
        )
        select {by}, count(*) filter (touched), count(*) from new group by all""",
    "visit_order_amount": f"""
        with days as ({_ALL_DAYS}),
        won as (
            select h.order_id, h.revenue, max(d.day) as day from fact.order_heads as h
            join days as d on d.buyer = h.customer_id and d.day <= h.date
            where h.is_counted and h.date <= $as_of group by all having max(d.day) >= any_value(h.date) - 7
        )
        select null as key, sum(revenue), null from won where day between $start and $to""",
}


def figure(
    con: duckdb.DuckDBPyConnection, kpi: str, start: date, end: date, as_of: date, by: str | None = None
) -> dict[Any, tuple[Any, Any]]:
    """`{key: (numerator, denominator)}`; the team's key is None, a group without rows is absent."""
    statement = STATEMENTS[kpi].format(by={None: "null as key"}.get(by, by))
    values: dict[str, Any] = {"start": start, "to": min(end, as_of), "end": end, "as_of": as_of}
    used = {name: value for name, value in values.items() if f"${name}" in statement}
    return {key: (n or 0, d or 0) for key, n, d in con.execute(statement, used).fetchall()}
