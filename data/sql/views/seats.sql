-- one row per period, person and span of days at work in it, in one role
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

postings as (
    select
        *,
        true as rep_known,
        -- the first day anybody knows of; before all time means that nobody said
        nullif(min(valid_from) over (partition by rep_id), date '0001-01-01') as joined_on,
    from fact.postings
),

own as (
    select *
    from postings
    where $in_scope
),

spans as (
    select
        w.period,
        o.rep_id,
        coalesce(list_filter(o.roles, lambda role: list_contains(['rep', 'kam', 'inside'], role))[1], o.roles[1]) as role,
        list_has_any(o.roles, ['rep', 'kam', 'inside']) as is_seller,
        greatest(o.valid_from, w.start_on) as active_from,
        least(o.valid_to, w.to_on, p.left_on) as active_to,
        coalesce(p.left_on < w.to_on, false) as has_left,
        o.joined_on,
    from windows as w
    inner join own as o on o.valid_from <= w.to_on and o.valid_to >= w.start_on
    inner join fact.people as p on o.rep_id = p.rep_id
),

seats as (
    select *
    from spans
    where active_from <= active_to
)

select * from seats
order by period, rep_id, active_from
