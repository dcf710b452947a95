-- one row per period and complaint or exception still open on its last day, with the customer's owner of that day
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

held as (
    select
        w.period,
        c.customer_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        -- to the end of the day
        epoch(cast(w.to_on + 1 as timestamp) - c.opened_at) / 3600 as hours_open,
        coalesce(c.responded_at < w.to_on + 1, false) as is_answered,
    from windows as w
    -- a case that says it is closed, but not when, is not known to have been open
    inner join fact.service as c on c.date <= w.to_on and coalesce(cast(c.closed_at as date) > w.to_on, c.is_open)
    left join fact.owners as o on c.customer_id = o.customer_id and w.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
    where c.kind in ('complaint', 'exception')
)

select
    period,
    customer_id,
    rep_id,
    territory_id,
    region,
    rep_known,
    hours_open,
    is_answered,
    cast(1 as bigint) as n_rows,
from held
where $in_scope
