-- one row per period, credit, customer and product line: sales, and the part of them to customers still new on the day
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

-- each customer stops being new on a day of its own, so no sum by month can carry this
lines as (
    select
        w.period,
        o.*,
        coalesce(o.date < cast(f.date + to_months(cast($new_customer_months as integer)) as date), false) as is_young,
        coalesce(f.new_customers > 0, false) as is_new,
    from windows as w
    inner join fact.orders as o on o.date between w.start_on and w.to_on
    left join measure.first_orders as f on o.customer_id = f.customer_id
),

sales as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        product_line,
        cast(coalesce(sum(net_amount) filter (where is_young and is_new), 0) as decimal(38, 4)) as new_revenue,
        cast(sum(net_amount) as decimal(38, 4)) as revenue,
        count(*) filter (where is_young and is_new) as n_rows,
        count(*) filter (where is_young and not is_new) as n_excluded,
    from lines
    where $in_scope
    group by all
)

select * from sales
