-- one row per period and prospect that was won, lost or given up in it, with its owner of that day and the touches it took
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

own as (
    select
        w.period,
        s.*,
    from windows as w
    inner join (
        select *
        from fact.prospect_stages
        where step > 4 and $in_scope
    ) as s on s.date between w.start_on and w.to_on
),

-- whatever was said to it by anybody, visit or not, up to the day it left
touched as (
    select
        o.period,
        o.prospect_id,
        count(*) as touches,
    from own as o
    inner join fact.visits as v on o.prospect_id = v.prospect_id and v.is_completed and v.actual_date <= o.date
    group by o.period, o.prospect_id
)

select
    o.period,
    o.prospect_id,
    f.customer_id,
    o.rep_id,
    o.territory_id,
    o.region,
    o.rep_known,
    f.name as prospect_name,
    o.source as lead_source,
    o.stage as outcome,
    nullif(trim(o.lost_reason), '') as lost_reason,
    nullif(trim(o.competitor), '') as competitor,
    o.date as left_on,
    cast(o.date - f.date as bigint) as open_days,
    cast(f.est_value as decimal(38, 4)) as est_value,
    cast(case when $knows_visits then coalesce(t.touches, 0) end as bigint) as touches,
    cast(1 as bigint) as n_rows,
from own as o
inner join fact.prospects as f on o.prospect_id = f.prospect_id
left join touched as t on o.period = t.period and o.prospect_id = t.prospect_id
