-- one row per period, credit (the customer's owner at its last day) and, if asked for, customer
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

customers as (
    select
        customer_id,
        min(first_on) as first_on,
    from measure.receivable_parties
    group by customer_id
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
    inner join customers as c on c.first_on <= w.to_on
    left join fact.owners as o on c.customer_id = o.customer_id and w.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
),

own as (
    select *
    from holders
    where $in_scope
),

-- the month a balance is counted on from
counted as (
    select
        w.period,
        w.to_on,
        coalesce(max(s.month_on), date '0001-01-01') as month_on,
    from windows as w
    left join measure.receivable_starts as s on s.month_on <= w.to_on
    group by w.period, w.to_on
),

moves as (
    select
        c.period,
        m.customer_id,
        c.to_on - m.due_date as days_late,
        m.open_change,
        m.unapplied_change,
        m.open_rows,
        m.estimated_rows,
    from counted as c
    inner join measure.receivable_openings as m on c.month_on = m.month_on
    union all
    select
        c.period,
        m.customer_id,
        c.to_on - m.due_date as days_late,
        m.open_change,
        m.unapplied_change,
        m.open_rows,
        m.estimated_rows,
    from counted as c
    inner join measure.receivables as m on m.date between c.month_on and c.to_on
),

-- first by customer, where the keys are few, then by owner
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
        sum(open_rows) as n_rows,
        sum(estimated_rows) as estimated_rows,
    from moves
    group by period, customer_id
),

-- the days of the period, and those before its end whose invoices the balance is measured against
spans as (
    select
        period,
        'since' as span,
        start_on as first_on,
        to_on as last_on,
    from windows
    union all
    select
        period,
        'trailing' as span,
        to_on - cast($dso_days as integer) + 1 as first_on,
        to_on as last_on,
    from windows
),

-- whole months come from the measure, what is left at both ends from the moves
flowed as (
    select
        s.period,
        s.span,
        m.customer_id,
        m.invoiced,
        m.net_change,
    from spans as s
    inner join measure.receivable_flows as m on m.month_on >= s.first_on and last_day(m.month_on) <= s.last_on
    union all
    select
        s.period,
        s.span,
        m.customer_id,
        case when m.kind in ('invoice', 'credit') then m.open_change - m.unapplied_change else 0 end as invoiced,
        m.open_change - m.unapplied_change as net_change,
    from spans as s
    inner join measure.receivables as m
        on m.date between s.first_on and s.last_on
        and (date_trunc('month', m.date) < s.first_on or last_day(m.date) > s.last_on)
),

flows as (
    select
        period,
        customer_id,
        sum(invoiced) filter (where span = 'trailing') as invoiced_trailing,
        sum(invoiced) filter (where span = 'since') as invoiced,
        sum(net_change) filter (where span = 'since') as net_change,
    from flowed
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
        cast(coalesce(sum(f.invoiced_trailing), 0) as decimal(38, 4)) as invoiced_trailing,
        cast(coalesce(sum(b.ar_balance), 0) - coalesce(sum(b.unapplied), 0) - coalesce(sum(f.net_change), 0) as decimal(38, 4)) as opening_net,
        cast(coalesce(sum(f.invoiced), 0) as decimal(38, 4)) as invoiced,
        cast(coalesce(sum(b.n_rows), 0) as bigint) as n_rows,
        cast(coalesce(sum(b.estimated_rows), 0) as bigint) as estimated_rows,
        cast(max(case when o.start_on <= o.to_on then date_diff('month', o.start_on, o.to_on) + 1 end) as bigint) as months,
    from own as o
    left join balances as b on o.period = b.period and o.customer_id = b.customer_id
    left join flows as f on o.period = f.period and o.customer_id = f.customer_id
    group by all
)

select * from positions
