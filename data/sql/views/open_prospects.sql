-- one row per period and prospect open on its last day, with its owner, as its card was on that day
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

held as (
    select
        w.period,
        w.to_on,
        f.prospect_id,
        f.name as prospect_name,
        f.customer_id,
        f.rep_id,
        p.territory_id,
        p.region,
        f.rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        coalesce(nullif(trim(f.source), ''), 'unspecified') as lead_source,
        -- a class given later says nothing about that day
        case when c.class_date <= w.to_on then c.prospect_class end as prospect_class,
        w.to_on - c.class_date as class_days,
        w.to_on - c.last_reviewed_on as review_days,
        w.to_on - c.next_visit_on as visit_days,
        c.need_state,
        c.followup,
        c.next_visit_on,
        c.est_value,
    from windows as w
    inner join fact.prospects as f on f.date <= w.to_on and coalesce(f.closed_on > w.to_on, true)
    left join fact.prospect_cards as c on f.prospect_id = c.prospect_id and w.to_on between c.valid_from and c.valid_to
    left join fact.postings as p on f.rep_id = p.rep_id and w.to_on between p.valid_from and p.valid_to
),

own as (
    select *
    from held
    where $in_scope
)

select
    o.period,
    o.prospect_id,
    o.prospect_name,
    o.customer_id,
    o.rep_id,
    o.territory_id,
    o.region,
    o.rep_known,
    o.lead_source,
    coalesce(o.prospect_class, 'none') as prospect_class,
    coalesce(o.need_state, 'unspecified') as need_state,
    o.followup,
    o.next_visit_on,
    arg_max(s.stage, s.step) as stage,
    cast(o.class_days as bigint) as class_days,
    cast(o.review_days as bigint) as review_days,
    -- past the next visit that was agreed
    cast(o.visit_days as bigint) as visit_days,
    cast(o.est_value as decimal(38, 4)) as est_value,
    cast(1 as bigint) as n_rows,
from own as o
inner join fact.prospect_stages as s on o.prospect_id = s.prospect_id and s.step < 5 and s.date <= o.to_on
group by all
