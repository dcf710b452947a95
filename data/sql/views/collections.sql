-- one row per period and credit (the invoice's) and, if asked for, customer
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

-- the month a balance is counted on from: what had moved before is its opening
counted as (
    select
        w.*,
        coalesce(max(s.month_on), date '0001-01-01') as month_on,
    from windows as w
    left join measure.receivable_starts as s on s.month_on <= least(w.start_on, w.to_on)
    group by all
),

own as (
    -- who has nothing open has nothing, and is not unknown
    select
        w.period,
        w.start_on,
        w.to_on,
        m.rep_id,
        m.territory_id,
        m.region,
        m.rep_known,
        m.customer_id,
        'party' as kind,
        0 as open_change,
        0 as amount,
        0 as open_rows,
        0 as n_rows,
        0 as estimated_rows,
        null as due_date,
        true as is_before,
    from windows as w
    inner join measure.receivable_parties as m on m.first_on <= w.to_on
    where $in_scope
    union all
    select
        c.period,
        c.start_on,
        c.to_on,
        m.rep_id,
        m.territory_id,
        m.region,
        m.rep_known,
        m.customer_id,
        'opening' as kind,
        m.open_change,
        m.open_change - m.unapplied_change as amount,
        m.open_rows,
        0 as n_rows,
        m.estimated_rows,
        m.due_date,
        true as is_before,
    from counted as c
    inner join measure.receivable_openings as m on c.month_on = m.month_on
    where $in_scope
    union all
    select
        c.period,
        c.start_on,
        c.to_on,
        m.rep_id,
        m.territory_id,
        m.region,
        m.rep_known,
        m.customer_id,
        m.kind,
        m.open_change,
        -- a move books its amount to the invoice, and to the customer's credit what exceeds that
        m.open_change - m.unapplied_change as amount,
        m.open_rows,
        m.n_rows,
        m.estimated_rows,
        m.due_date,
        m.date < c.start_on as is_before,
    from counted as c
    inner join measure.receivables as m on m.date between c.month_on and c.to_on
    where $in_scope
),

moves as (
    select
        *,
        coalesce(due_date <= to_on, false) as is_due,
    from own
),

summed as (
    select
        period,
        case when $by_customer then customer_id end as customer_id,
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
    group by all
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
