-- one row per period, credit, prospect and day on which it was visited: whether it was known by then to be worth it
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

visited as (
    select distinct
        w.period,
        v.prospect_id,
        v.rep_id,
        v.territory_id,
        v.region,
        v.rep_known,
        v.actual_date as date,
    from windows as w
    inner join (
        select *
        from fact.visits
        -- whoever is a customer already is counted there
        where is_completed and is_counted_type and prospect_id is not null and customer_id is null and $in_scope
    ) as v on v.actual_date between w.start_on and w.to_on
),

-- a visit by itself qualifies nobody: where a card goes straight to visited, no one has said that it is worth a visit
qualified as (
    select
        prospect_id,
        min(date) as qualified_on,
    from (
        select
            *,
            max(date) filter (where step = 3) over (partition by prospect_id) as visited_on,
        from fact.prospect_stages
    )
    where step in (4, 5) or (step = 2 and (stated_on is not null or visited_on is distinct from date))
    group by prospect_id
)

select
    v.*,
    cast(coalesce(q.qualified_on > v.date, true) as bigint) as unqualified_visits,
    cast(1 as bigint) as n_rows,
from visited as v
left join qualified as q on v.prospect_id = q.prospect_id
