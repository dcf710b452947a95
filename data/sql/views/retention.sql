-- one row per period and customer that bought in the two years up to its last day, held by the owner at the start of the later one
with windows as (
    select
        period,
        cast(to_on + 1 - to_months(2 * cast($churn_months as integer)) as date) as base_on,
        cast(to_on + 1 - to_months(cast($churn_months as integer)) as date) as start_on,
        to_on,
    from (
        select
            unnest($labels) as period,
            unnest($tos) as to_on,
    )
),

ordered as (
    select
        w.period,
        w.start_on,
        m.customer_id,
        bool_or(len(list_filter(m.order_days, lambda d: d >= w.base_on and d < w.start_on)) > 0) as was_customer,
        bool_or(len(list_filter(m.order_days, lambda d: d >= w.start_on and d <= w.to_on)) > 0) as is_customer,
    from windows as w
    inner join measure.buying_months as m on m.last_on >= w.base_on and m.date <= w.to_on
    group by w.period, w.start_on, m.customer_id
),

holders as (
    select
        c.*,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        coalesce(k.is_key, false) as is_key,
    from ordered as c
    left join fact.owners as o on c.customer_id = o.customer_id and c.start_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and c.start_on between p.valid_from and p.valid_to
    left join fact.cards as k on c.customer_id = k.customer_id and c.start_on between k.valid_from and k.valid_to
    where was_customer or is_customer
),

own as (
    select *
    from holders
    where $in_scope
),

spans as (
    select
        period,
        'base' as span,
        base_on as start_on,
        start_on - 1 as to_on,
    from windows
    union all
    select
        period,
        'year' as span,
        start_on,
        to_on,
    from windows
),

-- whole months come from the measure, what is left at both ends from the orders
sold as (
    select
        s.period,
        s.span,
        m.customer_id,
        m.revenue,
        m.n_rows,
        $may_see as is_seen,
    from spans as s
    inner join measure.customer_months as m on m.date >= s.start_on and last_day(m.date) <= s.to_on
    union all
    select
        s.period,
        s.span,
        l.customer_id,
        l.net_amount as revenue,
        1 as n_rows,
        $may_see as is_seen,
    from spans as s
    inner join fact.orders as l
        on l.date between s.start_on and s.to_on
        and (date_trunc('month', l.date) < s.start_on or last_day(l.date) > s.to_on)
),

-- of a customer that changed hands only the dates of what others sold are seen, not the amounts
sums as (
    select
        period,
        customer_id,
        sum(revenue) filter (where is_seen and span = 'base') as revenue_before,
        sum(revenue) filter (where is_seen and span = 'year') as revenue_now,
        sum(n_rows) filter (where not is_seen) as unseen_rows,
    from sold
    group by period, customer_id
),

retention as (
    select
        o.period,
        o.customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        cast(coalesce(s.revenue_before, 0) as decimal(38, 4)) as revenue_before,
        cast(coalesce(s.revenue_now, 0) as decimal(38, 4)) as revenue_now,
        cast(coalesce(s.unseen_rows, 0) as bigint) as unseen_rows,
        cast(1 as bigint) as n_rows,
        o.was_customer,
        o.is_customer,
        o.is_key,
    from own as o
    left join sums as s on o.period = s.period and o.customer_id = s.customer_id
)

select * from retention
