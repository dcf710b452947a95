-- one row per period and person whose work is in the field on its last day
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

held as (
    select
        w.period,
        o.*,
        true as rep_known,
        p.left_on < w.to_on as has_left,
    from windows as w
    inner join fact.postings as o on w.to_on between o.valid_from and o.valid_to
    inner join fact.people as p on o.rep_id = p.rep_id
    where list_has_any(o.roles, ['rep', 'kam'])
)

select
    period,
    rep_id,
    territory_id,
    region,
    rep_known,
    cast(1 as bigint) as n_rows,
from held
where not coalesce(has_left, false) and $in_scope
