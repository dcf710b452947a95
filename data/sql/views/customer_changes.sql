-- one row per period, credit, customer and what happened: bought, became new (or may have), came back, lapsed
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

firsts as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        new_customers,
        unknown_customers,
    from measure.first_orders
    inner join windows on date between start_on and to_on
    where $in_scope
),

-- whole months come from the measure, what is left at both ends from the orders
bought as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        qualifying_orders as orders,
    from measure.customer_months
    inner join windows on date >= start_on and last_day(date) <= to_on
    where qualifying_orders > 0 and $in_scope
    union all
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        1 as orders,
    from fact.order_heads
    inner join windows
        on date between start_on and to_on
        and (date_trunc('month', date) < start_on or last_day(date) > to_on)
    where is_qualifying and $in_scope
),

reactivated as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        1 as reactivated,
    from measure.buying_months
    inner join windows on date between start_on and to_on
    where date - previous_on > cast($lapse_days as integer) and $in_scope
),

-- a customer lapses with whoever owned it on that day
events as (
    select
        w.period,
        m.customer_id,
        m.last_on + cast($lapse_days as integer) + 1 as lapsed_on,
    from windows as w
    inner join measure.buying_months as m
        on m.last_on + cast($lapse_days as integer) + 1 between w.start_on and w.to_on
        and (m.next_on is null or m.next_on - m.last_on > cast($lapse_days as integer))
),

held as (
    select
        v.period,
        v.customer_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        1 as lapsed,
    from events as v
    left join fact.owners as o on v.customer_id = o.customer_id and v.lapsed_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and v.lapsed_on between p.valid_from and p.valid_to
),

parts as (
    select * from firsts
    union all by name
    select * from bought
    union all by name
    select * from reactivated
    union all by name
    select * exclude (manager_ids, partner_ids) from held where $in_scope
),

changes as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        cast(coalesce(orders, 0) as bigint) as orders,
        cast(coalesce(new_customers, 0) as bigint) as new_customers,
        cast(coalesce(unknown_customers, 0) as bigint) as unknown_customers,
        cast(coalesce(reactivated, 0) as bigint) as reactivated,
        cast(coalesce(lapsed, 0) as bigint) as lapsed,
    from parts
)

select * from changes
