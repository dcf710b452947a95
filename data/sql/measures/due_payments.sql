-- one row per credit (the invoice's), customer, due date and day it became known what came in on time
with dated as (
    select
        *,
        due_date + cast(getvariable('grace_days') as integer) as last_day,
    from fact.receivable_moves
    where due_date is not null
),

-- until the days of grace are over an invoice is immature: counted as left out from its first day, taken back on the last
issued as (
    select
        *,
        0 as due,
        0 as on_time,
        0 as ripe_rows,
        1 as immature_rows,
        date as known_on,
    from dated
    where kind = 'invoice'
),

ripe as (
    select
        *,
        open_change as due,
        0 as on_time,
        1 as ripe_rows,
        -1 as immature_rows,
        greatest(date, last_day) as known_on,
    from dated
    where kind = 'invoice'
),

-- a credit note lowers what was to be paid; a write-off does not
credited as (
    select
        *,
        open_change as due,
        0 as on_time,
        0 as ripe_rows,
        0 as immature_rows,
        greatest(date, last_day) as known_on,
    from dated
    where kind = 'credit'
),

paid as (
    select
        *,
        0 as due,
        -open_change as on_time,
        0 as ripe_rows,
        0 as immature_rows,
        greatest(date, last_day) as known_on,
    from dated
    where kind = 'cash' and date <= last_day
),

parts as (
    select * from issued
    union all
    select * from ripe
    union all
    select * from credited
    union all
    select * from paid
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
        due_date as date,
        known_on,
        cast(sum(due) as decimal(38, 4)) as due,
        cast(sum(on_time) as decimal(38, 4)) as on_time,
        cast(sum(ripe_rows) as bigint) as n_rows,
        cast(sum(immature_rows) as bigint) as n_excluded,
        count(*) filter (where is_estimated) as estimated_rows,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, customer_id, due_date, known_on
)

select * from summed
order by date, customer_id
