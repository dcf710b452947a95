-- one row per new customer (on the day of its first order), and once more on the day it can be said whether anybody was in touch
with firsts as (
    select *
    from measure.first_orders
    where new_customers > 0
),

-- visits and contacts alike; those logged on the prospect belong to the customer it became
contacts as (
    select
        coalesce(v.customer_id, p.customer_id) as customer_id,
        v.actual_date,
    from fact.visits as v
    left join fact.prospects as p on v.prospect_id = p.prospect_id
    where v.is_completed
),

touched as (
    select distinct f.customer_id
    from firsts as f
    inner join contacts as v on f.customer_id = v.customer_id
    where v.actual_date between f.date and f.date + getvariable('onboarding_days')
),

parts as (
    select
        * exclude (new_customers, unknown_customers, n_rows, n_excluded),
        cast(null as date) as known_on,
        1 as started_customers,
        0 as judged_customers,
        0 as touched_customers,
    from firsts
    union all by name
    select
        f.* exclude (new_customers, unknown_customers, n_rows, n_excluded),
        f.date + getvariable('onboarding_days') as known_on,
        0 as started_customers,
        1 as judged_customers,
        case when t.customer_id is null then 0 else 1 end as touched_customers,
    from firsts as f
    left join touched as t on f.customer_id = t.customer_id
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
        cast(started_customers as bigint) as started_customers,
        cast(judged_customers as bigint) as judged_customers,
        cast(touched_customers as bigint) as touched_customers,
        cast(judged_customers as bigint) as n_rows,
        cast(0 as bigint) as n_excluded,
    from parts
)

select * from typed
order by date, customer_id
