-- one row per customer and month with a qualifying order, credited to the first of them
with orders as (
    select
        *,
        date_trunc('month', date) as month,
    from fact.order_heads
    where is_qualifying and customer_id is not null
),

firsts as (
    select *
    from orders
    qualify row_number() over (partition by customer_id, month order by date, order_id) = 1
),

months as (
    select
        customer_id,
        month,
        max(date) as last_on,
        list(distinct date order by date) as order_days,
        count(*) as n_rows,
    from orders
    group by customer_id, month
),

-- between two orders of one month lie fewer days than any lapse: what came before and after is told by the months
buying_months as (
    select
        f.customer_id,
        f.rep_id,
        f.territory_id,
        f.region,
        f.rep_known,
        f.manager_ids,
        f.partner_ids,
        m.order_days,
        m.n_rows,
        f.date,
        m.last_on,
        lag(m.last_on) over customers as previous_on,
        lead(f.date) over customers as next_on,
    from firsts as f
    inner join months as m on f.customer_id = m.customer_id and f.month = m.month
    window customers as (partition by f.customer_id order by f.date)
)

select * from buying_months
order by date, customer_id
