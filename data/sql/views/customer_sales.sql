-- one row per period, credit, customer and month (at a ragged end: order line, and order) with sales in it
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

-- whole months come from the measure, what is left at both ends from the orders
months as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        revenue,
        costed_revenue,
        gross_profit,
        returns_amount,
        sales_before_returns,
        order_count,
        costed_order_count,
        uncosted_lines,
        n_rows,
    from measure.customer_months
    inner join windows on date >= start_on and last_day(date) <= to_on
    where (n_rows > 0 or order_count > 0) and $in_scope
),

lines as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        net_amount as revenue,
        case when cost_amount is not null then net_amount end as costed_revenue,
        net_amount - cost_amount as gross_profit,
        case when is_return then -net_amount end as returns_amount,
        case when not is_return then net_amount end as sales_before_returns,
        0 as order_count,
        0 as costed_order_count,
        cast(cost_amount is null as bigint) as uncosted_lines,
        1 as n_rows,
    from fact.orders
    inner join windows
        on date between start_on and to_on
        and (date_trunc('month', date) < start_on or last_day(date) > to_on)
    where $in_scope
),

heads as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        0 as revenue,
        0 as costed_revenue,
        0 as gross_profit,
        0 as returns_amount,
        0 as sales_before_returns,
        1 as order_count,
        cast(gross_profit is not null as bigint) as costed_order_count,
        0 as uncosted_lines,
        0 as n_rows,
    from fact.order_heads
    inner join windows
        on date between start_on and to_on
        and (date_trunc('month', date) < start_on or last_day(date) > to_on)
    where is_counted and $in_scope
),

parts as (
    select * from months
    union all
    select * from lines
    union all
    select * from heads
),

sales as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        revenue,
        coalesce(costed_revenue, 0) as costed_revenue,
        coalesce(gross_profit, 0) as gross_profit,
        coalesce(returns_amount, 0) as returns_amount,
        coalesce(sales_before_returns, 0) as sales_before_returns,
        order_count,
        costed_order_count,
        uncosted_lines,
        n_rows,
        uncosted_lines as n_excluded,
    from parts
)

select * from sales
