-- one row per period, credit and, if asked for, customer: complaints and exceptions by day of opening, and orders
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

parts as (
    select
        case when $by_customer then customer_id end as customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        complaints,
        exceptions,
        0 as orders,
        date,
    from measure.cases
    where $in_scope
    union all by name
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        0 as complaints,
        0 as exceptions,
        order_count as orders,
        date,
    from (select *, cast(null as varchar) as customer_id from measure.sales)
    where not $by_customer and order_count > 0 and $in_scope
    union all by name
    select
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        0 as complaints,
        0 as exceptions,
        1 as orders,
        date,
    from measure.orders
    where $by_customer and is_counted and $in_scope
)

select
    w.period,
    p.customer_id,
    p.rep_id,
    p.territory_id,
    p.region,
    p.rep_known,
    cast(sum(p.complaints) as bigint) as complaints,
    cast(sum(p.exceptions) as bigint) as exceptions,
    cast(sum(p.orders) as bigint) as orders,
from windows as w
inner join parts as p on p.date between w.start_on and w.to_on
group by all
