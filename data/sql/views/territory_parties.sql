-- one row per period and customer or open prospect, in its territory: the customer's own, else its owner's
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

parties as (
    select
        w.period,
        w.to_on,
        c.customer_id,
        c.stated_territory_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        k.manual_class,
        coalesce(c.annual_potential, 0) as annual_potential,
        c.status is not distinct from 'inactive' as is_inactive,
        false as is_prospect,
    from windows as w
    inner join fact.customers as c on c.is_listed and coalesce(c.created_on <= w.to_on, true)
    left join fact.cards as k on c.customer_id = k.customer_id and w.to_on between k.valid_from and k.valid_to
    left join fact.owners as o on c.customer_id = o.customer_id and w.to_on between o.valid_from and o.valid_to
    union all by name
    -- open on that day: neither won, lost, given up nor taken off the list by then
    select
        w.period,
        w.to_on,
        coalesce(p.rep_id, 'unassigned') as rep_id,
        0 as annual_potential,
        false as is_inactive,
        true as is_prospect,
    from windows as w
    inner join fact.prospects as p on p.date <= w.to_on and coalesce(p.closed_on > w.to_on, true)
),

-- the territory on the card decides, else the owner's (R7)
holders as (
    select
        a.* exclude (stated_territory_id),
        coalesce(a.stated_territory_id, p.territory_id) as territory_id,
        case when a.stated_territory_id is null then p.region else t.region end as region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
    from parties as a
    left join fact.people as e on a.rep_id = e.rep_id
    left join fact.postings as p on a.rep_id = p.rep_id and a.to_on between p.valid_from and p.valid_to
    left join fact.territories as t on a.stated_territory_id = t.territory_id
),

own as (
    select *
    from holders
    where $in_scope
),

-- the last twelve whole months of the whole company, the biggest first: where a customer stands in them is its class
bought as (
    select
        w.period,
        m.customer_id,
        sum(case when $abc_measure = 'gross_profit' then m.gross_profit else m.revenue end) as bought,
        sum(m.revenue) filter (where $may_see) as revenue,
    from windows as w
    inner join measure.customer_months as m
        on last_day(m.date) <= w.to_on and m.date >= date_trunc('month', w.to_on + 1) - interval 12 month
    group by w.period, m.customer_id
),

ranked as (
    select
        period,
        customer_id,
        revenue,
        bought,
        sum(case when bought > 0 then bought else 0 end) over (partition by period) as bought_by_all,
        coalesce(sum(case when bought > 0 then bought else 0 end) over (
            partition by period order by bought desc, customer_id rows between unbounded preceding and 1 preceding
        ), 0) as bought_before,
    from bought
),

-- only the class leaves: from the sums one customer could be told about another
classed as (
    select
        period,
        customer_id,
        revenue,
        case
            when bought <= 0 then 'N'
            when bought_before < bought_by_all * cast($abc_cuts[1] as decimal(9, 6)) then 'A'
            when bought_before < bought_by_all * cast($abc_cuts[2] as decimal(9, 6)) then 'B'
            else 'C'
        end as abc_class,
    from ranked
),

-- months that are over come from the measure, the days of a running one from the orders
ordered as (
    select
        w.period,
        m.customer_id,
        m.last_order_on,
    from windows as w
    inner join measure.customer_months as m on last_day(m.date) <= w.to_on
    where m.last_order_on is not null
    union all
    select
        w.period,
        h.customer_id,
        h.date,
    from windows as w
    inner join fact.order_heads as h on h.date between date_trunc('month', w.to_on) and w.to_on
    where h.is_qualifying and last_day(w.to_on) > w.to_on
),

latest as (
    select
        period,
        customer_id,
        max(last_order_on) as last_order_on,
    from ordered
    group by period, customer_id
),

placed as (
    select
        o.period,
        o.customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        o.manual_class,
        cast(o.annual_potential as decimal(38, 4)) as annual_potential,
        cast(t.annual_potential as decimal(38, 4)) as territory_potential,
        cast(t.hours_per_visit as double) as hours_per_visit,
        cast(coalesce(r.revenue, 0) as decimal(38, 4)) as revenue,
        coalesce(r.abc_class, 'N') as abc_class,
        cast(1 as bigint) as n_rows,
        o.is_prospect,
        o.is_inactive,
        coalesce(l.last_order_on > o.to_on - cast($active_days as integer), false) as is_active,
    from own as o
    left join fact.territories as t on o.territory_id = t.territory_id
    left join classed as r on o.period = r.period and o.customer_id = r.customer_id
    left join latest as l on o.period = l.period and o.customer_id = l.customer_id
)

select * from placed
