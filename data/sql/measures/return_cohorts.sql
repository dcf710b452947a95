-- one row per credit, customer, day of sale and day on which part of it came back
with sold as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        net_amount as sales_before_returns,
        0 as returned,
        1 as n_rows,
        0 as n_excluded,
        date,
        cast(null as date) as known_on,
    from fact.orders
    where not is_return
),

-- what came back belongs to the order it was sold with, whenever it came
returned as (
    select
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        o.manager_ids,
        o.partner_ids,
        o.customer_id,
        0 as sales_before_returns,
        -r.net_amount as returned,
        1 as n_rows,
        0 as n_excluded,
        o.date,
        greatest(r.date, o.date) as known_on,
    from fact.orders as r
    inner join fact.order_heads as o on r.orig_order_id = o.order_id
    where r.is_return
),

-- a return that names no order we know belongs to no sale
astray as (
    select
        r.rep_id,
        r.territory_id,
        r.region,
        r.rep_known,
        r.manager_ids,
        r.partner_ids,
        r.customer_id,
        0 as sales_before_returns,
        0 as returned,
        0 as n_rows,
        1 as n_excluded,
        r.date,
        cast(null as date) as known_on,
    from fact.orders as r
    where r.is_return and not exists (from fact.order_heads as o where o.order_id = r.orig_order_id)
),

parts as (
    select * from sold
    union all
    select * from returned
    union all
    select * from astray
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        cast(sum(sales_before_returns) as decimal(38, 4)) as sales_before_returns,
        cast(sum(returned) as decimal(38, 4)) as returned,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(n_excluded) as bigint) as n_excluded,
        date,
        known_on,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, customer_id, date, known_on
)

select * from summed
order by date, customer_id
