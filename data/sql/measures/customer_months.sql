-- one row per credit, customer and month
with lines as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        date,
        net_amount as revenue,
        case when cost_amount is not null then net_amount else 0 end as costed_revenue,
        coalesce(net_amount - cost_amount, 0) as gross_profit,
        case when is_return then -net_amount else 0 end as returns_amount,
        case when is_return then 0 else net_amount end as sales_before_returns,
        case when cost_amount is null then 1 else 0 end as uncosted_lines,
        1 as n_rows,
    from fact.orders
),

heads as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        date,
        case when is_counted then 1 else 0 end as order_count,
        case when is_counted and gross_profit is not null then 1 else 0 end as costed_order_count,
        case when is_qualifying then date end as qualifying_on,
    from fact.order_heads
    where is_counted or is_qualifying
),

visits as (
    select
        v.rep_id,
        v.territory_id,
        v.region,
        v.rep_known,
        v.manager_ids,
        v.partner_ids,
        v.customer_id,
        v.actual_date as date,
        case when v.is_counted_type then v.actual_date end as visited_on,
        case when v.is_counted_type then 1 else 0 end as visit_records,
        case when v.is_counted_type then 0 else 1 end as contacts,
        case when m.visit_id is not null then 1 else 0 end as completed_visits,
        case when m.visit_id is not null and not m.is_planned then 1 else 0 end as unplanned_visits,
        case when m.is_by_kam then 1 else 0 end as kam_visits,
        case when m.is_by_manager then 1 else 0 end as manager_visits,
    from fact.visits as v
    -- the first record of a day stands for the visit
    left join fact.made_visits as m on v.visit_id = m.visit_id and v.is_counted_type
    where v.is_completed
),

parts as (
    select * from lines
    union all by name
    select * from heads
    union all by name
    select * from visits where customer_id is not null
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
        cast(date_trunc('month', date) as date) as date,
        cast(coalesce(sum(revenue), 0) as decimal(38, 4)) as revenue,
        cast(coalesce(sum(costed_revenue), 0) as decimal(38, 4)) as costed_revenue,
        cast(coalesce(sum(gross_profit), 0) as decimal(38, 4)) as gross_profit,
        cast(coalesce(sum(returns_amount), 0) as decimal(38, 4)) as returns_amount,
        cast(coalesce(sum(sales_before_returns), 0) as decimal(38, 4)) as sales_before_returns,
        cast(coalesce(sum(order_count), 0) as bigint) as order_count,
        cast(coalesce(sum(costed_order_count), 0) as bigint) as costed_order_count,
        cast(coalesce(sum(uncosted_lines), 0) as bigint) as uncosted_lines,
        count(qualifying_on) as qualifying_orders,
        cast(coalesce(sum(completed_visits), 0) as bigint) as completed_visits,
        cast(coalesce(sum(visit_records), 0) as bigint) as visit_records,
        cast(coalesce(sum(unplanned_visits), 0) as bigint) as unplanned_visits,
        cast(coalesce(sum(contacts), 0) as bigint) as contacts,
        cast(coalesce(sum(kam_visits), 0) as bigint) as kam_visits,
        cast(coalesce(sum(manager_visits), 0) as bigint) as manager_visits,
        cast(coalesce(sum(n_rows), 0) as bigint) as n_rows,
        cast(coalesce(sum(uncosted_lines), 0) as bigint) as n_excluded,
        min(qualifying_on) as first_order_on,
        max(qualifying_on) as last_order_on,
        min(visited_on) as first_visit_on,
        max(visited_on) as last_visit_on,
    from parts
    where customer_id is not null
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, customer_id, date_trunc('month', date)
)

select * from summed
order by date, customer_id
