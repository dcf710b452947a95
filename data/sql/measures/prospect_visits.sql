-- one row per credit, prospect and month in which the prospect was visited
with visits as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        prospect_id,
        cast(date_trunc('month', actual_date) as date) as date,
        count(*) as visit_records,
        count(distinct actual_date) as completed_visits,
        count(*) as n_rows,
        min(actual_date) as first_visit_on,
        max(actual_date) as last_visit_on,
    from fact.visits
    -- whoever is a customer already is counted there
    where is_completed and is_counted_type and prospect_id is not null and customer_id is null
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, prospect_id, date_trunc('month', actual_date)
)

select * from visits
order by date, prospect_id
