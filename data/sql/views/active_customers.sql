-- one row per period, credit, customer and month (at a ragged end: order) in the active days up to the period's last day
with windows as (
    select
        period,
        to_on - cast($active_days as integer) + 1 as start_on,
        to_on,
    from (
        select
            unnest($labels) as period,
            unnest($tos) as to_on,
    )
),

-- whole months come from the measure, what is left at both ends from the orders
ordered as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        qualifying_orders as n_rows,
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
        cast(1 as bigint) as n_rows,
    from fact.order_heads
    inner join windows
        on date between start_on and to_on
        and (date_trunc('month', date) < start_on or last_day(date) > to_on)
    where is_qualifying and $in_scope
)

select * from ordered
