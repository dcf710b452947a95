-- one row per period, credit (the customer's owner at its last day) and, if asked for, customer
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

customers as (
    select distinct customer_id
    from measure.receivables
),

-- who must collect now: the owner, placed where the owner is assigned on that day
holders as (
    select
        w.period,
        w.start_on,
        w.to_on,
        c.customer_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
    from windows as w
    cross join customers as c
    left join fact.owners as o on c.customer_id = o.customer_id and w.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
),

own as (
    select *
    from holders
    where $in_scope
),

-- first by customer, where the keys are few, then by owner
moves as (
    select
        o.period,
        m.customer_id,
        o.to_on - m.due_date as days_late,
        m.open_change,
        m.unapplied_change,
        m.open_rows,
        m.estimated_rows,
        case
            when m.kind in ('invoice', 'credit') and m.date > o.to_on - cast($dso_days as integer) then m.open_change - m.unapplied_change
        end as invoiced_trailing,
        case when m.date < o.start_on then m.open_change - m.unapplied_change end as opening_net,
        case when m.kind in ('invoice', 'credit') and m.date >= o.start_on then m.open_change - m.unapplied_change end as invoiced,
    from own as o
    inner join measure.receivables as m on o.customer_id = m.customer_id and m.date <= o.to_on
),

balances as (
    select
        period,
        customer_id,
        sum(open_change) as ar_balance,
        sum(unapplied_change) as unapplied,
        sum(open_change) filter (where days_late > 0) as overdue_amount,
        sum(open_change) filter (where days_late is null or days_late <= 0) as not_due,
        sum(open_change) filter (where days_late between 1 and 30) as d1_30,
        sum(open_change) filter (where days_late between 31 and 60) as d31_60,
        sum(open_change) filter (where days_late between 61 and 90) as d61_90,
        sum(open_change) filter (where days_late between 91 and 180) as d91_180,
        sum(open_change) filter (where days_late > 180) as d180_plus,
        sum(invoiced_trailing) as invoiced_trailing,
        sum(opening_net) as opening_net,
        sum(invoiced) as invoiced,
        sum(open_rows) as n_rows,
        sum(estimated_rows) as estimated_rows,
    from moves
    group by period, customer_id
),

positions as (
    select
        o.period,
        case when $by_customer then o.customer_id end as customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        cast(coalesce(sum(b.ar_balance), 0) as decimal(38, 4)) as ar_balance,
        cast(coalesce(sum(b.unapplied), 0) as decimal(38, 4)) as unapplied,
        cast(coalesce(sum(b.overdue_amount), 0) as decimal(38, 4)) as overdue_amount,
        cast(coalesce(sum(b.not_due), 0) as decimal(38, 4)) as not_due,
        cast(coalesce(sum(b.d1_30), 0) as decimal(38, 4)) as d1_30,
        cast(coalesce(sum(b.d31_60), 0) as decimal(38, 4)) as d31_60,
        cast(coalesce(sum(b.d61_90), 0) as decimal(38, 4)) as d61_90,
        cast(coalesce(sum(b.d91_180), 0) as decimal(38, 4)) as d91_180,
        cast(coalesce(sum(b.d180_plus), 0) as decimal(38, 4)) as d180_plus,
        cast(coalesce(sum(b.invoiced_trailing), 0) as decimal(38, 4)) as invoiced_trailing,
        cast(coalesce(sum(b.opening_net), 0) as decimal(38, 4)) as opening_net,
        cast(coalesce(sum(b.invoiced), 0) as decimal(38, 4)) as invoiced,
        cast(sum(b.n_rows) as bigint) as n_rows,
        cast(sum(b.estimated_rows) as bigint) as estimated_rows,
        cast(max(case when o.start_on <= o.to_on then date_diff('month', o.start_on, o.to_on) + 1 end) as bigint) as months,
    from own as o
    inner join balances as b on o.period = b.period and o.customer_id = b.customer_id
    group by all
)

select * from positions
