-- one row per period, credit, customer and month (at a ragged end: visit or contact), with the visits in it
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

-- counted once per day before the scope cuts, so that a visit has one place whoever looks
records as (
    select
        *,
        row_number() over (partition by period, rep_id, party, actual_date, is_counted_type order by actual_at, visit_id) as nth_of_day,
        bool_or(planned_date is not null) over (partition by period, rep_id, party, actual_date, is_counted_type) as is_planned_day,
    from fact.visits
    inner join windows
        on actual_date between start_on and to_on
        and (date_trunc('month', actual_date) < start_on or last_day(actual_date) > to_on)
    where is_completed and customer_id is not null
),

-- whole months come from the measure, what is left at both ends from the visits
parts as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        completed_visits,
        visit_records,
        contacts,
        unplanned_visits,
        visit_records as n_rows,
    from measure.customer_months
    inner join windows on date >= start_on and last_day(date) <= to_on
    where (visit_records > 0 or contacts > 0) and $in_scope
    union all
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        cast(is_counted_type and nth_of_day = 1 as bigint) as completed_visits,
        cast(is_counted_type as bigint) as visit_records,
        cast(not is_counted_type as bigint) as contacts,
        cast(is_counted_type and nth_of_day = 1 and not is_planned_day as bigint) as unplanned_visits,
        cast(is_counted_type as bigint) as n_rows,
    from records
    where $in_scope
)

select * from parts
