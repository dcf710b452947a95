-- one row per period, credit, customer and month (at a ragged end: visit) in which the customer was visited
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

-- whole months come from the measure, what is left at both ends from the visits
visited as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
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
        cast(1 as bigint) as n_rows,
    from fact.visits
    inner join windows
        on actual_date between start_on and to_on
        and (date_trunc('month', actual_date) < start_on or last_day(actual_date) > to_on)
    where is_completed and is_counted_type and customer_id is not null and $in_scope
)

select * from visited
