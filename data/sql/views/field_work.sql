-- one row per period, person who sells and span of days with one assignment (cut to those that have passed), or day of visits
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

postings as (
    select
        o.*,
        w.period,
        greatest(o.valid_from, w.start_on) as start_on,
        least(o.valid_to, w.to_on, coalesce(p.left_on, w.to_on)) as end_on,
        true as rep_known,
    from windows as w
    inner join fact.postings as o on o.valid_from <= w.to_on and o.valid_to >= w.start_on
    inner join fact.people as p on o.rep_id = p.rep_id
    where list_has_any(o.roles, ['rep', 'kam', 'inside'])
),

work as (
    select
        period,
        rep_id,
        territory_id,
        region,
        rep_known,
        list_has_any(roles, ['rep', 'kam']) as is_field,
        start_on,
        end_on,
        cast(0 as bigint) as field_visits,
        cast(0 as bigint) as n_rows,
    from postings
    where start_on <= end_on and $in_scope
    union all by name
    select
        period,
        rep_id,
        territory_id,
        region,
        rep_known,
        field_visits,
        field_visits as n_rows,
    from measure.visit_results
    inner join windows on date between windows.start_on and windows.to_on
    where field_visits > 0 and $in_scope
)

select * from work
