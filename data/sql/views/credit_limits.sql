-- one row per period, credit (the customer's owner at its last day), credit rating and, if asked for, customer
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
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
        m.open_change,
        m.open_rows,
        m.estimated_rows,
    from counted as c
    inner join measure.receivable_openings as m on c.month_on = m.month_on
    union all
    select
        c.period,
        m.customer_id,
        m.open_change,
        m.open_rows,
        m.estimated_rows,
    from counted as c
    inner join measure.receivables as m on m.date between c.month_on and c.to_on
),

customers as (
    select distinct customer_id
    from measure.receivable_parties
    union
    select customer_id
    from fact.customers
    where credit_limit > 0
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

balances as (
    select
        o.period,
        o.customer_id,
        sum(m.open_change) as ar_balance,
        sum(m.open_rows) as n_rows,
        sum(m.estimated_rows) as estimated_rows,
    from own as o
    inner join moves as m on o.period = m.period and o.customer_id = m.customer_id
    group by o.period, o.customer_id
),

used as (
    select
        o.*,
        c.credit_rating,
        coalesce(b.ar_balance, 0) as balance,
        coalesce(b.n_rows, 0) as open_rows,
        coalesce(b.estimated_rows, 0) as estimated,
        case when c.credit_limit > 0 then c.credit_limit end as allowed,
    from own as o
    left join balances as b on o.period = b.period and o.customer_id = b.customer_id
    left join fact.customers as c on o.customer_id = c.customer_id
),

-- who has no limit uses none of it, and is counted as left out
limits as (
    select
        period,
        case when $by_customer then customer_id end as customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        credit_rating,
        cast(coalesce(sum(balance) filter (where allowed is not null), 0) as decimal(38, 4)) as ar_balance,
        cast(coalesce(sum(allowed), 0) as decimal(38, 4)) as credit_limit,
        count(*) filter (where balance > allowed) as customers_over,
        cast(coalesce(sum(open_rows) filter (where allowed is not null), 0) as bigint) as n_rows,
        cast(coalesce(sum(open_rows) filter (where allowed is null), 0) as bigint) as n_excluded,
        cast(sum(estimated) as bigint) as estimated_rows,
    from used
    group by all
)

select * from limits
