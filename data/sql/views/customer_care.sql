-- one row per period and customer, placed with its owner on the period's last day: the card, and when it last bought and was seen
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

known as (
    select customer_id from fact.customers
    union
    select customer_id from fact.order_heads where customer_id is not null
),

-- a stock belongs to the owner, placed where the owner is assigned on that day
holders as (
    select
        w.period,
        w.start_on,
        w.to_on,
        k.customer_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        c.created_on,
    from windows as w
    cross join known as k
    left join fact.customers as c on k.customer_id = c.customer_id
    left join fact.owners as o on k.customer_id = o.customer_id and w.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
    where coalesce(c.created_on <= w.to_on, true)
),

own as (
    select *
    from holders
    where $in_scope
),

-- months that are over come from the measure, the days of a running one from the orders and visits
dates as (
    select
        o.period,
        o.customer_id,
        m.last_order_on,
        m.last_visit_on,
        case when m.rep_id = o.rep_id then m.last_visit_on end as last_own_visit_on,
    from own as o
    inner join measure.customer_months as m on o.customer_id = m.customer_id and last_day(m.date) <= o.to_on
    union all by name
    select
        o.period,
        o.customer_id,
        h.date as last_order_on,
    from own as o
    inner join fact.order_heads as h on o.customer_id = h.customer_id and h.date between date_trunc('month', o.to_on) and o.to_on
    where h.is_qualifying and last_day(o.to_on) > o.to_on
    union all by name
    select
        o.period,
        o.customer_id,
        v.actual_date as last_visit_on,
        case when v.rep_id = o.rep_id then v.actual_date end as last_own_visit_on,
    from own as o
    inner join fact.visits as v on o.customer_id = v.customer_id and v.actual_date between date_trunc('month', o.to_on) and o.to_on
    where v.is_completed and v.is_counted_type and last_day(o.to_on) > o.to_on
),

latest as (
    select
        period,
        customer_id,
        max(last_order_on) as last_order_on,
        max(last_visit_on) as last_visit_on,
        max(last_own_visit_on) as last_own_visit_on,
    from dates
    group by period, customer_id
),

-- every version of a card says when it had been touched
touches as (
    select distinct
        customer_id,
        updated_on,
    from src.customers
    where updated_on is not null
),

updates as (
    select
        o.period,
        o.customer_id,
        max(t.updated_on) filter (where cast(t.updated_on as date) <= o.to_on) as updated_on,
        count(*) as touches,
    from own as o
    inner join touches as t on o.customer_id = t.customer_id
    group by o.period, o.customer_id
),

-- what people write where they have nothing to write
blanks as (
    select ['', '-', '--', '—', '/', '无', 'n/a', 'na', 'none', '待补', '待补充'] as words
),

care as (
    select
        o.period,
        o.customer_id,
        o.rep_id,
        o.territory_id,
        o.region,
        o.rep_known,
        k.manual_class,
        c.industry,
        cast(c.terms_days as bigint) as terms_days,
        coalesce(c.annual_potential, 0) as annual_potential,
        coalesce(k.is_key, false) as is_key,
        coalesce(c.status = 'inactive', false) as is_inactive,
        coalesce(l.last_order_on > o.to_on - cast($active_days as integer), false) as is_active,
        coalesce(o.created_on > o.to_on - 7, false) as is_young,
        coalesce(l.last_visit_on >= o.start_on, false) as is_visited,
        coalesce(l.last_own_visit_on >= o.start_on, false) as is_visited_by_owner,
        coalesce(c.has_contact, false) as has_contact,
        coalesce(c.has_phone, false) as has_phone,
        not list_contains(b.words, coalesce(lower(trim(c.industry)), '')) as has_industry,
        not list_contains(b.words, coalesce(lower(trim(c.province)), '')) as has_province,
        not list_contains(b.words, coalesce(lower(trim(c.city)), '')) as has_city,
        not list_contains(b.words, coalesce(lower(trim(c.credit_rating)), '')) as has_credit_rating,
        c.credit_limit is not null as has_credit_limit,
        c.terms_days is not null as has_terms_days,
        c.annual_potential is not null as has_annual_potential,
        k.manual_class is not null as has_manual_class,
        -- touched only later: what the card was on that day nobody knows
        coalesce(u.touches > 0 and u.updated_on is null, false) as is_update_unknown,
        o.to_on,
        o.created_on,
        l.last_order_on,
        l.last_visit_on,
        u.updated_on,
        cast(1 as bigint) as n_rows,
        cast(0 as bigint) as n_excluded,
    from own as o
    cross join blanks as b
    left join fact.customers as c on o.customer_id = c.customer_id
    left join fact.cards as k on o.customer_id = k.customer_id and o.to_on between k.valid_from and k.valid_to
    left join latest as l on o.period = l.period and o.customer_id = l.customer_id
    left join updates as u on o.period = u.period and o.customer_id = u.customer_id
)

select * from care
