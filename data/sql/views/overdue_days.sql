-- one row per period, credit (the invoice's) and, if asked for, customer: what was overdue, times the days it was so in the period
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

-- each move counts from its day, or the day after the due date, to the last day of the period
moves as (
    select
        w.period,
        case when $by_customer then m.customer_id end as customer_id,
        m.rep_id,
        m.territory_id,
        m.region,
        m.rep_known,
        m.open_change * (w.to_on - greatest(w.start_on, m.date, m.due_date + 1) + 1) as money_days,
        m.estimated_rows,
    from windows as w
    inner join measure.receivables as m on m.date <= w.to_on and m.due_date < w.to_on and w.start_on <= w.to_on
    where m.open_change <> 0 and $in_scope
)

select
    period,
    customer_id,
    rep_id,
    territory_id,
    region,
    rep_known,
    cast(sum(money_days) as decimal(38, 4)) as money_days,
    cast(sum(estimated_rows) as bigint) as estimated_rows,
    count(*) as n_rows,
from moves
group by all
