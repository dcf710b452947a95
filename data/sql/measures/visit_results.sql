-- one row per credit, day of a visit and day its outcome is known (null: the visits themselves)
with summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        known_on,
        cast(sum(made_visits) as bigint) as made_visits,
        cast(sum(field_visits) as bigint) as field_visits,
        cast(sum(logged_visits) as bigint) as logged_visits,
        cast(sum(timely_visits) as bigint) as timely_visits,
        cast(sum(same_minute_visits) as bigint) as same_minute_visits,
        cast(sum(copied_visits) as bigint) as copied_visits,
        cast(sum(doubtful_visits) as bigint) as doubtful_visits,
        cast(sum(mature_visits) as bigint) as mature_visits,
        cast(sum(followed_visits) as bigint) as followed_visits,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(n_excluded) as bigint) as n_excluded,
    from measure.customer_visit_results
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, date, known_on
)

select * from summed
order by date, rep_id
