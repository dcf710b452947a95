-- one row per period, credit, customer and month (at a ragged end: visit), with the visits in it
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
        cast(1 as bigint) as visit_records,
        cast(row_number() over (partition by period, rep_id, party, actual_date order by actual_at, visit_id) = 1 as bigint) as completed_visits,
    from fact.visits
    inner join windows
        on actual_date between start_on and to_on
        and (date_trunc('month', actual_date) < start_on or last_day(actual_date) > to_on)
    where is_completed and is_counted_type and customer_id is not null
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
        visit_records as n_rows,
    from measure.customer_months
    inner join windows on date >= start_on and last_day(date) <= to_on
    where visit_records > 0 and $in_scope
    union all
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        completed_visits,
        visit_records,
        visit_records as n_rows,
    from records
    where $in_scope
)

select * from parts
