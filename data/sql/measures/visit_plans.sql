-- one row per credit, planned day and day the plan was kept (null: the plans themselves)
with plans as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        planned_date,
        actual_date,
        -- a plan the customer called off was no plan; one we called off stays
        status = 'cancelled' and cancelled_by is not distinct from 'customer' as is_called_off,
        is_completed and abs(actual_date - planned_date) <= getvariable('visit_tolerance_days') as is_kept,
    from fact.visits
    where
        is_counted_type
        and planned_date is not null
        and status is distinct from 'rescheduled'  -- it counts at its new date, which is a row of its own
),

parts as (
    select
        * exclude (planned_date, actual_date, is_called_off, is_kept),
        planned_date as date,
        cast(null as date) as known_on,
        case when is_called_off then 0 else 1 end as planned_visits,
        0 as kept_visits,
        case when is_called_off then 0 else 1 end as n_rows,
        case when is_called_off then 1 else 0 end as n_excluded,
    from plans
    union all
    select
        * exclude (planned_date, actual_date, is_called_off, is_kept),
        planned_date as date,
        actual_date as known_on,
        0 as planned_visits,
        1 as kept_visits,
        0 as n_rows,
        0 as n_excluded,
    from plans
    where is_kept
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        known_on,
        cast(sum(planned_visits) as bigint) as planned_visits,
        cast(sum(kept_visits) as bigint) as kept_visits,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(n_excluded) as bigint) as n_excluded,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, date, known_on
)

select * from summed
order by date, rep_id
