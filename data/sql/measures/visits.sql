-- one row per credit and day of a visit or contact
with records as (
    select
        *,
        row_number() over (partition by rep_id, party, actual_date, is_counted_type order by actual_at, visit_id) as nth_of_day,
        bool_or(planned_date is not null) over (partition by rep_id, party, actual_date, is_counted_type) as is_planned_day,
    from fact.visits
    where is_completed
),

-- several records of one rep with one party on one day are one visit, where the first of them was made
parts as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        actual_date as date,
        is_counted_type and nth_of_day = 1 as is_visit,
        is_counted_type as is_visit_record,
        not is_counted_type as is_contact,
        is_counted_type and nth_of_day = 1 and not is_planned_day as is_unplanned,
    from records
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
        count(*) filter (where is_visit) as completed_visits,
        count(*) filter (where is_visit_record) as visit_records,
        count(*) filter (where is_contact) as contacts,
        count(*) filter (where is_unplanned) as unplanned_visits,
        count(*) filter (where is_visit_record) as n_rows,
        cast(0 as bigint) as n_excluded,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, date
)

select * from summed
order by date, rep_id
