-- one row per period and credit (the invoice's) and, if asked for, customer
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

own as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        case when $by_customer then customer_id end as customer_id,
        kind,
        -- a move books its amount to the invoice, and to the customer's credit what exceeds that
        sum(open_change - unapplied_change) as amount,
        sum(open_change) as open_change,
        sum(open_rows) as open_rows,
        sum(n_rows) as n_rows,
        sum(estimated_rows) as estimated_rows,
        due_date,
        date,
    from measure.receivables
    where $in_scope
    group by all
),

moves as (
    select
        *,
        date < start_on as is_before,
        coalesce(due_date <= to_on, false) as is_due,
    from own
    inner join windows on date <= to_on
),

summed as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        sum(open_change) filter (where is_before) as opening,
        sum(amount) filter (where not is_before and kind in ('invoice', 'credit')) as invoiced,
        -sum(amount) filter (where not is_before and kind = 'cash') as collected,
        -- open at the start or issued since, due by the end, less what was credited or written off in between
        sum(open_change) filter (where is_due and (is_before or kind <> 'cash')) as collectible,
        -sum(open_change) filter (where is_due and not is_before and kind = 'cash') as applied_to_collectible,
        sum(open_rows) filter (where is_due and is_before) as old_rows,
        sum(n_rows) filter (where is_due and not is_before and kind = 'invoice') as new_rows,
        sum(estimated_rows) filter (where not is_before) as estimated_rows,
    from moves
    group by period, customer_id, rep_id, territory_id, region, rep_known
),

collections as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        cast(coalesce(opening, 0) as decimal(38, 4)) as opening,
        cast(coalesce(invoiced, 0) as decimal(38, 4)) as invoiced,
        cast(coalesce(collected, 0) as decimal(38, 4)) as collected,
        cast(coalesce(collectible, 0) as decimal(38, 4)) as collectible,
        cast(coalesce(applied_to_collectible, 0) as decimal(38, 4)) as applied_to_collectible,
        cast(coalesce(old_rows, 0) + coalesce(new_rows, 0) as bigint) as n_rows,
        cast(coalesce(estimated_rows, 0) as bigint) as estimated_rows,
    from summed
)

select * from collections
