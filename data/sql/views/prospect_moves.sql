-- one row per period, credit, lead source, reason of a loss, competitor and day on which prospects came in or left
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
)

select
    w.period,
    m.* exclude (manager_ids, partner_ids),
from windows as w
inner join (
    select *
    from measure.prospect_moves
    where $in_scope
) as m on m.date between w.start_on and w.to_on
