-- one row per period, credit, prospect and month (at a ragged end: visit) in which the prospect was visited
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
        prospect_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        visit_records as n_rows,
    from measure.prospect_visits
    inner join windows on date >= start_on and last_day(date) <= to_on
    where $in_scope
    union all
    select
        period,
        prospect_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        cast(1 as bigint) as n_rows,
    from fact.visits
    inner join windows
        on actual_date between start_on and to_on
        and (date_trunc('month', actual_date) < start_on or last_day(actual_date) > to_on)
    where is_completed and is_counted_type and prospect_id is not null and customer_id is null and $in_scope
)

select * from visited
