-- one row per planned and/or made visit
with records as (
    select
        *,
        coalesce(actual_date::date, planned_date) as date,
        coalesce(visit_type, 'on_site') as kind,
    from src.visits
    where _replaced_by is null
),
visits as (
    select
        records.visit_id,
        credit.customer_id,
        records.prospect_id,
        case when records.customer_id is null then 'p:' || records.prospect_id else 'c:' || records.customer_id end as party,
        credit.rep_id,
        credit.territory_id,
        records.booked_by,
        records.new_visit_id,
        records._load_id as load_id,
        records._file_id as file_id,
        records._row as row,
        credit.region,
        records.status,
        records.kind as visit_type,
        records.cancelled_by,
        records.purpose,
        records.outcome,
        credit.rep_known,
        list_contains(getvariable('counted_visit_types'), records.kind) as is_counted_type,
        coalesce(records.status = 'completed', false) and records.actual_date is not null as is_completed,
        credit.manager_ids,
        credit.partner_ids,
        records.planned_date,
        records.actual_date::date as actual_date,
        records.actual_date as actual_at,
        records.logged_at,
    from records
    inner join fact.credits as credit
        on credit.row_rep_id is not distinct from records.rep_id
        and credit.row_customer_id is not distinct from records.customer_id
        and credit.row_territory_id is not distinct from records.territory_id
        and credit.date = records.date
)
select * from visits
