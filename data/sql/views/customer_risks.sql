-- one row per period and customer that ever ordered, held by its owner at the period's last day: the signs of losing it
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
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
    inner join measure.first_orders as c on c.date <= w.to_on
    left join fact.owners as o on c.customer_id = o.customer_id and w.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
),

own as (
    select *
    from holders
    where $in_scope
),

order_days as (
    select
        o.period,
        o.to_on,
        o.customer_id,
        unnest(m.order_days) as day,
    from own as o
    inner join measure.buying_months as m on o.customer_id = m.customer_id and m.date <= o.to_on
),

gaps as (
    select
        *,
        day - lag(day) over (partition by period, customer_id order by day) as gap_days,
    from order_days
    where day <= to_on
),

rhythms as (
    select
        period,
        customer_id,
        max(day) as last_order_on,
        count(gap_days) as gap_count,
        median(gap_days) as gap_median_days,
    from gaps
    group by period, customer_id
),

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
        'recent' as span,
        to_on - 89 as start_on,
        to_on,
    from windows
    union all
    select
        period,
        'before' as span,
        to_on - 179 as start_on,
        to_on - 90 as to_on,
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
        sum(revenue) filter (where is_seen and span = 'year') as revenue,
        sum(revenue) filter (where is_seen and span = 'recent') as revenue_recent,
        sum(revenue) filter (where is_seen and span = 'before') as revenue_before,
        sum(n_rows) filter (where not is_seen and span <> 'year') as unseen_rows,
    from sold
    group by period, customer_id
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

late as (
    select
        c.period,
        m.customer_id,
        m.open_change,
    from counted as c
    inner join measure.receivable_openings as m on c.month_on = m.month_on and m.due_date < c.to_on - 30
    union all
    select
        c.period,
        m.customer_id,
        m.open_change,
    from counted as c
    inner join measure.receivables as m on m.date between c.month_on and c.to_on and m.due_date < c.to_on - 30
),

debts as (
    select
        period,
        customer_id,
        sum(open_change) as overdue_amount,
    from late
    group by period, customer_id
),

-- open that day, and longer than promised without an answer or an end
complaints as (
    select
        w.period,
        c.customer_id,
        count(*) as open_over_sla,
    from windows as w
    inner join fact.service as c on c.date <= w.to_on and coalesce(cast(c.closed_at as date) > w.to_on, c.is_open)
    where
        c.kind = 'complaint'
        and epoch(cast(w.to_on + 1 as timestamp) - c.opened_at) / 3600
        > case when c.responded_at < w.to_on + 1 then $sla_resolution_hours else least($sla_response_hours, $sla_resolution_hours) end
    group by w.period, c.customer_id
),

risks as (
    select
        o.period,
        o.customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        cast(coalesce(s.revenue, 0) as decimal(38, 4)) as revenue,
        cast(coalesce(s.revenue_recent, 0) as decimal(38, 4)) as revenue_recent,
        cast(coalesce(s.revenue_before, 0) as decimal(38, 4)) as revenue_before,
        -- without invoices, or without a word on what was paid, nothing is known rather than nothing is owed
        case when $knows_debts then cast(coalesce(b.overdue_amount, 0) as decimal(38, 4)) end as overdue_amount,
        case when $knows_cases then coalesce(k.open_over_sla, 0) end as open_over_sla,
        r.gap_count,
        r.gap_median_days,
        o.to_on - r.last_order_on as days_since_order,
        cast(coalesce(s.unseen_rows, 0) as bigint) as unseen_rows,
        cast(1 as bigint) as n_rows,
        r.last_order_on,
    from own as o
    inner join rhythms as r on o.period = r.period and o.customer_id = r.customer_id
    left join sums as s on o.period = s.period and o.customer_id = s.customer_id
    left join debts as b on o.period = b.period and o.customer_id = b.customer_id
    left join complaints as k on o.period = k.period and o.customer_id = k.customer_id
)

select * from risks
