-- one row per credit (who booked), planned day and day the appointment was kept (null: the appointments themselves)
with booked as (
    select
        coalesce(member(visit.booked_by, person.rep_id, 'reps'), 'unassigned') as rep_id,
        posting.territory_id,
        posting.region,
        person.rep_id is not null as rep_known,
        coalesce(posting.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(posting.partner_ids, cast([] as varchar[])) as partner_ids,
        visit.planned_date as date,
        case when visit.is_completed then visit.actual_date end as kept_on,
        -- as for plans: called off by the customer, it was none
        visit.status = 'cancelled' and visit.cancelled_by is not distinct from 'customer' as is_called_off,
    from fact.visits as visit
    left join fact.people as person on visit.booked_by = person.rep_id
    left join fact.postings as posting
        on person.rep_id = posting.rep_id and visit.planned_date between posting.valid_from and posting.valid_to
    where
        visit.booked_by is not null
        and visit.is_counted_type
        and visit.planned_date is not null
        and visit.status is distinct from 'rescheduled'
),

parts as (
    select
        * exclude (kept_on, is_called_off),
        cast(null as date) as known_on,
        case when is_called_off then 0 else 1 end as appointments,
        0 as kept_appointments,
        case when is_called_off then 0 else 1 end as n_rows,
        case when is_called_off then 1 else 0 end as n_excluded,
    from booked
    union all by name
    select
        * exclude (kept_on, is_called_off),
        greatest(kept_on, date) as known_on,
        0 as appointments,
        1 as kept_appointments,
        0 as n_rows,
        0 as n_excluded,
    from booked
    where kept_on is not null
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
        cast(sum(appointments) as bigint) as appointments,
        cast(sum(kept_appointments) as bigint) as kept_appointments,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(n_excluded) as bigint) as n_excluded,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, date, known_on
)

select * from summed
order by date, rep_id
