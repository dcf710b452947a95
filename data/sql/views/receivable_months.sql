-- one row per period, credit (the customer's owner at its last day), month of invoices and, if asked for, customer
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

customers as (
    select distinct customer_id
    from measure.receivable_parties
),

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

-- whole months come from the measure, the days of a running one from the moves
moved as (
    select
        w.period,
        m.customer_id,
        m.month_on,
        m.invoiced,
        m.net_change,
        m.n_rows,
        m.estimated_rows,
    from windows as w
    inner join measure.receivable_flows as m on last_day(m.month_on) <= w.to_on
    union all
    select
        w.period,
        m.customer_id,
        cast(date_trunc('month', m.date) as date) as month_on,
        case when m.kind in ('invoice', 'credit') then m.open_change - m.unapplied_change else 0 end as invoiced,
        m.open_change - m.unapplied_change as net_change,
        m.n_rows,
        m.estimated_rows,
    from windows as w
    inner join measure.receivables as m on m.date between date_trunc('month', w.to_on) and w.to_on and last_day(w.to_on) > w.to_on
),

months as (
    select
        o.period,
        case when $by_customer then o.customer_id end as customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        cast(sum(m.invoiced) as decimal(38, 4)) as invoiced,
        cast(sum(m.net_change) as decimal(38, 4)) as net_change,
        cast(sum(m.n_rows) as bigint) as n_rows,
        cast(sum(m.estimated_rows) as bigint) as estimated_rows,
        m.month_on,
        o.to_on as month_to,
    from own as o
    inner join moved as m on o.period = m.period and o.customer_id = m.customer_id
    group by all
)

select * from months
