-- one row per period and customer, held by its owner at the period's last day: what it bought in the year up to then
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

-- every customer somebody knew of by then
customers as (
    select
        coalesce(c.customer_id, f.customer_id) as customer_id,
        least(case when c.customer_id is not null then coalesce(c.created_on, date '0001-01-01') end, f.date) as known_on,
    from (from fact.customers where is_listed) as c
    full join measure.first_orders as f on c.customer_id = f.customer_id
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
    inner join customers as c on c.known_on <= w.to_on
    left join fact.owners as o on c.customer_id = o.customer_id and w.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
),

own as (
    select *
    from holders
    where $in_scope
),

-- the year, the year up to an earlier day to compare classes with, and the 365 days of frequency and worth
spans as (
    select
        period,
        'year' as span,
        cast(to_on + 1 - to_months(12) as date) as start_on,
        to_on,
    from windows
    union all
    select
        period,
        'then' as span,
        cast(to_on + 1 - to_months(12 + cast($abc_migration_months as integer)) as date) as start_on,
        cast(to_on + 1 - to_months(cast($abc_migration_months as integer)) as date) - 1 as to_on,
    from windows
    union all
    select
        period,
        'days' as span,
        to_on - 364 as start_on,
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
        m.gross_profit,
        m.costed_revenue,
        m.qualifying_orders as orders,
        m.n_rows,
        m.n_excluded,
        $may_see as is_seen,
    from spans as s
    inner join measure.customer_months as m on m.date >= s.start_on and last_day(m.date) <= s.to_on
    union all by name
    select
        s.period,
        s.span,
        l.customer_id,
        l.net_amount as revenue,
        l.net_amount - l.cost_amount as gross_profit,
        case when l.cost_amount is not null then l.net_amount end as costed_revenue,
        1 as n_rows,
        cast(l.cost_amount is null as bigint) as n_excluded,
        $may_see as is_seen,
    from spans as s
    inner join fact.orders as l
        on l.date between s.start_on and s.to_on
        and (date_trunc('month', l.date) < s.start_on or last_day(l.date) > s.to_on)
    union all by name
    select
        s.period,
        s.span,
        h.customer_id,
        1 as orders,
        $may_see as is_seen,
    from spans as s
    inner join fact.order_heads as h
        on h.is_qualifying
        and h.date between s.start_on and s.to_on
        and (date_trunc('month', h.date) < s.start_on or last_day(h.date) > s.to_on)
),

-- of a customer taken over only the dates of what others sold are seen, not the amounts
sums as (
    select
        period,
        customer_id,
        sum(revenue) filter (where is_seen and span = 'year') as revenue,
        sum(gross_profit) filter (where is_seen and span = 'year') as gross_profit,
        sum(costed_revenue) filter (where is_seen and span = 'year') as costed_revenue,
        sum(orders) filter (where is_seen and span = 'year') as orders_in_year,
        sum(revenue) filter (where is_seen and span = 'then') as revenue_then,
        sum(gross_profit) filter (where is_seen and span = 'then') as gross_profit_then,
        sum(revenue) filter (where is_seen and span = 'days') as revenue_365,
        sum(orders) filter (where is_seen and span = 'days') as orders_365,
        sum(n_rows) filter (where is_seen and span = 'year') as n_rows,
        sum(n_excluded) filter (where is_seen and span = 'year') as n_excluded,
        sum(n_rows) filter (where not is_seen and span = 'year') as unseen_rows,
    from sold
    group by period, customer_id
),

dates as (
    select
        w.period,
        m.customer_id,
        min(m.date) as first_on,
        max(case when m.last_on <= w.to_on then m.last_on else list_max(list_filter(m.order_days, lambda d: d <= w.to_on)) end) as last_on,
    from windows as w
    inner join measure.buying_months as m on m.date <= w.to_on
    group by w.period, m.customer_id
),

portfolio as (
    select
        o.period,
        o.customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        k.manual_class,
        c.loyalty,
        cast(coalesce(s.revenue, 0) as decimal(38, 4)) as revenue,
        cast(coalesce(s.gross_profit, 0) as decimal(38, 4)) as gross_profit,
        cast(coalesce(s.costed_revenue, 0) as decimal(38, 4)) as costed_revenue,
        cast(coalesce(s.revenue_then, 0) as decimal(38, 4)) as revenue_then,
        cast(coalesce(s.gross_profit_then, 0) as decimal(38, 4)) as gross_profit_then,
        cast(coalesce(s.revenue_365, 0) as decimal(38, 4)) as revenue_365,
        cast(coalesce(c.annual_potential, 0) as decimal(38, 4)) as annual_potential,
        cast(coalesce(s.orders_in_year, 0) as bigint) as orders_in_year,
        cast(coalesce(s.orders_365, 0) as bigint) as orders_365,
        cast(coalesce(s.n_rows, 0) as bigint) as n_rows,
        cast(coalesce(s.n_excluded, 0) as bigint) as n_excluded,
        cast(coalesce(s.unseen_rows, 0) as bigint) as unseen_rows,
        coalesce(k.is_key, false) as is_key,
        coalesce(d.last_on > o.to_on - cast($active_days as integer), false) as is_active,
        least(d.first_on, c.first_order_on) as first_order_on,
        d.last_on as last_order_on,
        cast(o.to_on + 1 - to_months(cast($abc_migration_months as integer)) as date) - 1 as then_on,
        o.to_on as date,
    from own as o
    left join sums as s on o.period = s.period and o.customer_id = s.customer_id
    left join dates as d on o.period = d.period and o.customer_id = d.customer_id
    left join fact.customers as c on o.customer_id = c.customer_id
    left join fact.cards as k on o.customer_id = k.customer_id and o.to_on between k.valid_from and k.valid_to
)

select * from portfolio
