-- one row per period and place a person was assigned to in it
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($ends) as end_on,
),

postings as (
    select
        *,
        true as rep_known,
    from fact.postings
),

own as (
    select *
    from postings
    where $in_scope
),

members as (
    select distinct
        w.period,
        o.rep_id,
        p.rep_name,
        list_has_any(o.roles, ['rep', 'kam', 'inside']) as is_seller,
        o.territory_id,
        coalesce(t.name, o.territory_id) as territory_name,
        o.region,
        p.left_on,
    from windows as w
    inner join own as o on o.valid_from <= w.end_on and o.valid_to >= w.start_on
    -- an assignment without an end does not keep somebody who has left
    inner join fact.people as p on o.rep_id = p.rep_id and coalesce(p.left_on >= w.start_on, true)
    left join fact.territories as t on o.territory_id = t.territory_id
)

select * from members
order by period, rep_id, territory_id
