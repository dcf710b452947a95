-- one row per period and invoice still open on its last day, held by the customer's owner of that day; of what moves no invoice
-- (money not yet applied) one row per customer, without a number
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

customers as (
    select distinct customer_id
    from measure.receivable_parties
),

-- who must collect now: the owner, placed where the owner is assigned on that day
holders as (
    select
        w.period,
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
        m.invoice_id,
        m.due_date,
        m.open_change,
        m.unapplied_change,
    from counted as c
    inner join measure.receivable_openings as m on c.month_on = m.month_on
    union all
    select
        c.period,
        m.customer_id,
        m.invoice_id,
        m.due_date,
        m.open_change,
        m.unapplied_change,
    from counted as c
    inner join fact.receivable_moves as m on m.date between c.month_on and c.to_on
),

opened as (
    select
        o.period,
        o.to_on,
        m.customer_id,
        m.invoice_id,
        max(m.due_date) as due_date,
        sum(m.open_change) as open_amount,
        sum(m.unapplied_change) as unapplied,
    from own as o
    inner join moves as m on o.period = m.period and o.customer_id = m.customer_id
    group by o.period, o.to_on, m.customer_id, m.invoice_id
    having sum(m.open_change) <> 0 or sum(m.unapplied_change) <> 0
),

paid as (
    select
        w.period,
        m.customer_id,
        m.last_paid_on,
    from windows as w
    inner join measure.receivable_flows as m on last_day(m.month_on) <= w.to_on
    union all
    select
        w.period,
        m.customer_id,
        m.date as last_paid_on,
    from windows as w
    inner join fact.receivable_moves as m on m.date between date_trunc('month', w.to_on) and w.to_on and m.kind = 'cash'
),

last_cash as (
    select
        o.period,
        m.customer_id,
        max(m.last_paid_on) as last_paid_on,
    from own as o
    inner join paid as m on o.period = m.period and o.customer_id = m.customer_id
    group by o.period, m.customer_id
),

-- whoever owns the customer now must know the bill; which order it came from only who may see that sale
bills as (
    select
        *,
        case when $may_see then order_id end as seen_order_id,
    from fact.invoices
),

open_invoices as (
    select
        o.period,
        o.customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        d.invoice_id,
        i.seen_order_id as order_id,
        cast(coalesce(i.amount, 0) as decimal(38, 4)) as amount,
        cast(d.open_amount as decimal(38, 4)) as open_amount,
        cast(d.unapplied as decimal(38, 4)) as unapplied,
        cast(o.to_on - d.due_date as bigint) as days_late,
        cast(1 as bigint) as n_rows,
        i.date as invoice_date,
        d.due_date,
        c.last_paid_on,
        f.file,
        f.sheet,
        cast(i.row as bigint) as row,
    from opened as d
    inner join own as o on d.period = o.period and d.customer_id = o.customer_id
    left join bills as i on d.invoice_id = i.invoice_id
    left join files as f on i.file_id = f.file_id
    left join last_cash as c on d.period = c.period and d.customer_id = c.customer_id
)

select * from open_invoices
