-- one row per period, demand (whose visits, how often), window of that demand and customer, held by its owner at the window's last day
with asked as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

demands as (
    select
        unnest($demands) as demand,
        unnest($demand_months) as months,
),

-- windows are whole calendar months, quarters or half-years of the fiscal year; a period has all those it touches
numbered as (
    select
        a.period,
        a.start_on as from_on,
        a.to_on,
        d.demand,
        d.months,
        unnest(generate_series(
            (year(a.start_on) * 12 + month(a.start_on) - $fiscal_year_start_month) // d.months,
            (year(a.to_on) * 12 + month(a.to_on) - $fiscal_year_start_month) // d.months
        )) * d.months + $fiscal_year_start_month - 1 as first_month,
    from asked as a
    cross join demands as d
    where a.start_on <= a.to_on
),

dated as (
    select
        *,
        make_date(cast(first_month // 12 as integer), cast(first_month % 12 + 1 as integer), 1) as start_on,
    from numbered
),

windows as (
    select
        period,
        demand,
        months,
        from_on,
        start_on,
        cast(start_on + to_months(cast(months as integer)) as date) - 1 as end_on,
        least(cast(start_on + to_months(cast(months as integer)) as date) - 1, to_on) as seen_on,
    from dated
),

-- the class of the year before the window begins: what the company's customers bought, the biggest first
bought as (
    select
        w.start_on,
        m.customer_id,
        sum(case when $abc_measure = 'gross_profit' then m.gross_profit else m.revenue end) as bought,
        sum(m.revenue) filter (where $may_see) as revenue,
        sum(m.n_rows) filter (where not $may_see) as unseen_rows,
    from (select distinct start_on from windows) as w
    inner join measure.customer_months as m on m.date >= w.start_on - interval 12 month and m.date < w.start_on
    group by w.start_on, m.customer_id
),

ranked as (
    select
        start_on,
        customer_id,
        revenue,
        unseen_rows,
        bought,
        sum(case when bought > 0 then bought else 0 end) over (partition by start_on) as bought_by_all,
        coalesce(sum(case when bought > 0 then bought else 0 end) over (
            partition by start_on order by bought desc, customer_id rows between unbounded preceding and 1 preceding
        ), 0) as bought_before,
    from bought
),

-- only the class leaves: from the sums one customer could be told about another
classed as (
    select
        start_on,
        customer_id,
        revenue,
        unseen_rows,
        case
            when bought <= 0 then 'N'
            when bought_before < bought_by_all * cast($abc_cuts[1] as decimal(9, 6)) then 'A'
            when bought_before < bought_by_all * cast($abc_cuts[2] as decimal(9, 6)) then 'B'
            else 'C'
        end as abc_class,
    from ranked
),

holders as (
    select
        w.*,
        c.customer_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        k.manual_class,
        coalesce(k.is_key, false) as is_key,
        cast(t.hours_per_visit as double) as hours_per_visit,
        -- the card's first day is nobody's before it
        greatest(0, least(o.valid_to, w.end_on) - greatest(o.valid_from, coalesce(c.created_on, w.start_on), w.start_on) + 1) as owned_days,
    from windows as w
    inner join fact.customers as c on c.is_listed and c.status is distinct from 'inactive' and coalesce(c.created_on <= w.seen_on, true)
    left join fact.cards as k on c.customer_id = k.customer_id and w.start_on between k.valid_from and k.valid_to
    left join fact.owners as o on c.customer_id = o.customer_id and w.seen_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and w.seen_on between p.valid_from and p.valid_to
    left join fact.territories as t on coalesce(c.stated_territory_id, p.territory_id) = t.territory_id
    where w.demand = 'class' or coalesce(k.is_key, false)
),

own as (
    select *
    from holders
    where $in_scope
),

-- months that are over come from the measure, the days of a running one from the visits
made as (
    select
        o.period,
        o.demand,
        o.start_on,
        o.customer_id,
        case o.demand when 'kam' then m.kam_visits when 'regional_manager' then m.manager_visits else m.completed_visits end as visits,
    from own as o
    inner join measure.customer_months as m on o.customer_id = m.customer_id and m.date >= o.start_on and last_day(m.date) <= o.seen_on
    union all
    select
        o.period,
        o.demand,
        o.start_on,
        o.customer_id,
        cast(case o.demand when 'kam' then v.is_by_kam when 'regional_manager' then v.is_by_manager else true end as bigint) as visits,
    from own as o
    inner join fact.made_visits as v
        on o.customer_id = v.customer_id and v.date between greatest(o.start_on, date_trunc('month', o.seen_on)) and o.seen_on
    where o.seen_on < last_day(o.seen_on)
),

sums as (
    select
        period,
        demand,
        start_on,
        customer_id,
        sum(visits) as visits,
    from made
    group by period, demand, start_on, customer_id
),

cadence as (
    select
        o.period,
        o.demand,
        o.customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        o.manual_class,
        coalesce(r.abc_class, 'N') as abc_class,
        cast(coalesce(r.revenue, 0) as decimal(38, 4)) as revenue,
        cast(coalesce(r.unseen_rows, 0) as bigint) as unseen_rows,
        cast(coalesce(s.visits, 0) as bigint) as visits,
        cast(o.owned_days as bigint) as owned_days,
        cast(o.end_on - o.start_on + 1 as bigint) as window_days,
        cast(o.seen_on - o.start_on + 1 as bigint) as elapsed_days,
        cast(o.seen_on - greatest(o.start_on, o.from_on) + 1 as bigint) as days_in_period,
        o.hours_per_visit,
        cast(1 as bigint) as n_rows,
        o.is_key,
        o.start_on,
        o.seen_on,
    from own as o
    left join classed as r on o.customer_id = r.customer_id and o.start_on = r.start_on
    left join sums as s
        on o.period = s.period and o.demand = s.demand and o.start_on = s.start_on and o.customer_id = s.customer_id
)

select * from cadence
