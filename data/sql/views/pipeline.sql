-- one row per period and prospect open on its last day, and one per stage a prospect entered in the year up to it (entered_days ago)
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

-- all that was entered so far: the furthest is where an open prospect stands
held as (
    select
        w.period,
        w.to_on,
        f.prospect_id,
        f.rep_id,
        p.territory_id,
        p.region,
        f.rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        s.source as lead_source,
        s.stage,
        s.date,
        coalesce(f.closed_on > w.to_on, true)
        and row_number() over (partition by w.period, f.prospect_id order by s.step desc) = 1 as is_open,
        f.contracted_on - s.date as days_to_contract,
    from windows as w
    inner join fact.prospect_stages as s on s.step < 5 and s.date <= w.to_on
    inner join fact.prospects as f on s.prospect_id = f.prospect_id and f.date <= w.to_on
    left join fact.postings as p on f.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
),

own as (
    select *
    from held
    where $in_scope
)

select
    o.period,
    o.rep_id,
    o.territory_id,
    o.region,
    o.rep_known,
    o.lead_source,
    o.stage,
    cast(o.is_open as bigint) as n_rows,
    cast(case when o.is_open then c.est_value end as decimal(38, 4)) as est_value,
    -- entered more than a year ago, it says nothing of the year
    case when o.date > cast(o.to_on - interval 12 month as date) then o.to_on - o.date end as entered_days,
    o.days_to_contract,
from own as o
left join fact.prospect_cards as c on o.prospect_id = c.prospect_id and o.to_on between c.valid_from and c.valid_to
where o.is_open or o.date > cast(o.to_on - interval 12 month as date)
