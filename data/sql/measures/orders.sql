-- one row per order
with orders as (
    select
        order_id,
        customer_id,
        rep_id,
        territory_id,
        region,
        approved_by,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        cast(revenue as decimal(38, 4)) as revenue,
        cast(costed_revenue as decimal(38, 4)) as costed_revenue,
        cast(gross_profit as decimal(38, 4)) as gross_profit,
        cast(floored_profit as decimal(38, 4)) as floored_profit,
        cast(floor_amount as decimal(38, 4)) as floor_amount,
        is_counted,
        cast(line_count as bigint) as n_rows,
        cast(uncosted_lines as bigint) as n_excluded,
    from fact.order_heads
)

select * from orders
order by date, rep_id
