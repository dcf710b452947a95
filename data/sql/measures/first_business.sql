-- one row per new customer, on the day of its first order (days to the next), and once more when it is known how its first invoice was paid
with firsts as (
    select *
    from measure.first_orders
    where new_customers > 0
),

-- the card may say an earlier first day (ordered, not yet shipped): the first order on file is that order, not another one
again as (
    select
        customer_id,
        min(date) as next_on,
    from (
        select
            customer_id,
            date,
            min(date) over (partition by customer_id) as first_on,
        from fact.order_heads
        where is_qualifying
    )
    where date > first_on
    group by customer_id
),

first_invoices as (
    select
        i.customer_id,
        i.invoice_id,
        i.due_date + cast(getvariable('grace_days') as integer) as last_day,
    from fact.invoices as i
    inner join firsts as f on i.customer_id = f.customer_id and f.date <= i.date
    where i.doc_type = 'invoice'
    qualify row_number() over (partition by i.customer_id order by i.date, i.invoice_id) = 1
),

paid as (
    select
        i.customer_id,
        i.last_day,
        sum(m.open_change) filter (where m.date <= i.last_day) <= 0 as is_on_time,
        max(m.date) filter (where m.kind = 'invoice') as issued_on,
        count(*) filter (where m.is_estimated) as estimated_rows,
    from first_invoices as i
    inner join fact.receivable_moves as m on i.invoice_id = m.invoice_id
    where i.last_day is not null
    group by i.customer_id, i.last_day
),

parts as (
    select
        f.* exclude (new_customers, unknown_customers, n_rows, n_excluded),
        cast(null as date) as known_on,
        a.next_on - f.date as days,
        1 as started,
        0 as judged,
        0 as on_time,
        0 as estimated_rows,
    from firsts as f
    left join again as a on f.customer_id = a.customer_id
    union all by name
    select
        f.* exclude (new_customers, unknown_customers, n_rows, n_excluded),
        greatest(p.last_day, p.issued_on, f.date) as known_on,
        0 as started,
        1 as judged,
        case when p.is_on_time then 1 else 0 end as on_time,
        p.estimated_rows,
    from firsts as f
    inner join paid as p on f.customer_id = p.customer_id
),

typed as (
    select
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        cast(known_on as date) as known_on,
        cast(days as bigint) as days,
        cast(started as bigint) as started,
        cast(judged as bigint) as judged,
        cast(on_time as bigint) as on_time,
        cast(estimated_rows as bigint) as estimated_rows,
        cast(started as bigint) as n_rows,
    from parts
)

select * from typed
order by date, customer_id
