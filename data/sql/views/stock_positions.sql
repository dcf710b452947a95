-- one row per period, customer and product counted by its last day: the last count, the one before, and what came in between
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

counts as (
    select
        w.period,
        w.to_on,
        s.*,
        lag(s.qty) over counted as previous_qty,
        lag(s.date) over counted as previous_on,
    from windows as w
    inner join fact.stock_counts as s on s.date <= w.to_on
    window counted as (partition by w.period, s.customer_id, s.product_id order by s.date)
    qualify row_number() over (partition by w.period, s.customer_id, s.product_id order by s.date desc) = 1
),

held as (
    select
        c.* exclude (rep_id, territory_id, region, rep_known, manager_ids, partner_ids),
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
    from counts as c
    left join fact.owners as o on c.customer_id = o.customer_id and c.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and c.to_on between p.valid_from and p.valid_to
),

own as (
    select *
    from held
    where $in_scope
),

-- what came on the day of a count was there when it was counted; a delivery without a quantity makes the sum unknown
delivered as (
    select
        o.period,
        o.customer_id,
        o.product_id,
        case when count(*) = count(l.qty) then sum(l.qty) end as delivered,
    from own as o
    inner join fact.orders as l
        on o.customer_id = l.customer_id and o.product_id = l.product_id and l.date > o.previous_on and l.date <= o.date
    group by o.period, o.customer_id, o.product_id
)

select
    o.period,
    o.customer_id,
    o.product_id,
    o.rep_id,
    o.territory_id,
    o.region,
    o.rep_known,
    cast(o.qty as double) as on_hand,
    cast(coalesce(o.on_order, 0) as double) as on_order,
    cast(o.pack_size as double) as pack_size,
    cast(o.previous_qty as double) as previous_qty,
    cast(case when d.period is null then 0 else d.delivered end as double) as delivered,
    cast(o.date - o.previous_on as bigint) as cycle_days,
    cast(1 as bigint) as n_rows,
    o.date as counted_on,
from own as o
left join delivered as d on o.period = d.period and o.customer_id = d.customer_id and o.product_id = d.product_id
