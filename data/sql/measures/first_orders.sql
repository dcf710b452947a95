-- one row per customer that ever ordered, on the day of the first qualifying order
with history as (
    select
        data_start as starts_on,
        cast(data_start + to_months(getvariable('new_lookback_months')) as date) as certain_from,
    from span
    where source = 'orders'
),

firsts as (
    select *
    from fact.order_heads
    where is_qualifying
    qualify row_number() over (partition by customer_id order by date, order_id) = 1
),

dated as (
    select
        f.*,
        least(f.date, coalesce(c.first_order_on, f.date)) as first_on,
        c.first_order_on is not null or coalesce(c.created_on >= h.starts_on, false) as has_evidence,
        h.certain_from,
    from firsts as f
    left join history as h on true
    left join fact.customers as c on f.customer_id = c.customer_id
),

-- too close to the start of the data a customer may have ordered before it: new only with evidence (R14)
judged as (
    select
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        first_on as date,
        cast(case when first_on >= certain_from or has_evidence then 1 else 0 end as bigint) as new_customers,
        cast(case when first_on >= certain_from or has_evidence then 0 else 1 end as bigint) as unknown_customers,
        cast(1 as bigint) as n_rows,
        cast(case when first_on >= certain_from or has_evidence then 0 else 1 end as bigint) as n_excluded,
    from dated
)

select * from judged
order by date, customer_id
