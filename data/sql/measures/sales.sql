-- one row per credit, product line and day
with first_lines as (
    select
        order_id,
        product_line,
    from fact.orders
    qualify row_number() over (partition by order_id order by try_cast(line_no as bigint) nulls last, line_no, file_id, row) = 1
),

lines as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        product_line,
        date,
        net_amount as revenue,
        case when cost_amount is not null then net_amount else 0 end as costed_revenue,
        coalesce(net_amount - cost_amount, 0) as gross_profit,
        case when is_return then -net_amount else 0 end as returns_amount,
        case when is_return then 0 else net_amount end as sales_before_returns,
        0 as order_count,
        0 as costed_order_count,
        case when cost_amount is null then 1 else 0 end as uncosted_lines,
        1 as n_rows,
    from fact.orders
),

-- an order counts once: on its earliest day, for its first line (R5)
heads as (
    select
        h.rep_id,
        h.territory_id,
        h.region,
        h.rep_known,
        h.manager_ids,
        h.partner_ids,
        f.product_line,
        h.date,
        0 as revenue,
        0 as costed_revenue,
        0 as gross_profit,
        0 as returns_amount,
        0 as sales_before_returns,
        1 as order_count,
        case when h.gross_profit is not null then 1 else 0 end as costed_order_count,
        0 as uncosted_lines,
        0 as n_rows,
    from fact.order_heads as h
    inner join first_lines as f on h.order_id = f.order_id
    where h.is_counted
),

parts as (
    select * from lines
    union all
    select * from heads
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        product_line,
        date,
        cast(sum(revenue) as decimal(38, 4)) as revenue,
        cast(sum(costed_revenue) as decimal(38, 4)) as costed_revenue,
        cast(sum(gross_profit) as decimal(38, 4)) as gross_profit,
        cast(sum(returns_amount) as decimal(38, 4)) as returns_amount,
        cast(sum(sales_before_returns) as decimal(38, 4)) as sales_before_returns,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(costed_order_count) as bigint) as costed_order_count,
        cast(sum(uncosted_lines) as bigint) as uncosted_lines,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(uncosted_lines) as bigint) as n_excluded,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, product_line, date
)

select * from summed
order by date, rep_id
