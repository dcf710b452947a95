-- one row per credit, customer (null: prospects), day of a visit and day its outcome is known (null: the visits themselves)
with parts as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        date,
        cast(null as date) as known_on,
        1 as made_visits,
        case when is_by_field then 1 else 0 end as field_visits,
        case when logged_on is not null then 1 else 0 end as logged_visits,
        case when logged_on <= date + 1 then 1 else 0 end as timely_visits,
        case when is_same_minute then 1 else 0 end as same_minute_visits,
        case when is_copied then 1 else 0 end as copied_visits,
        case when is_same_minute or is_copied then 1 else 0 end as doubtful_visits,
        0 as mature_visits,
        0 as followed_visits,
    from fact.made_visits
    union all by name
    -- an order may still follow for strike_days: only then is a visit ripe to be judged
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        date,
        date + getvariable('strike_days') as known_on,
        1 as mature_visits,
        case when is_followed then 1 else 0 end as followed_visits,
    from fact.made_visits
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        date,
        known_on,
        cast(coalesce(sum(made_visits), 0) as bigint) as made_visits,
        cast(coalesce(sum(field_visits), 0) as bigint) as field_visits,
        cast(coalesce(sum(logged_visits), 0) as bigint) as logged_visits,
        cast(coalesce(sum(timely_visits), 0) as bigint) as timely_visits,
        cast(coalesce(sum(same_minute_visits), 0) as bigint) as same_minute_visits,
        cast(coalesce(sum(copied_visits), 0) as bigint) as copied_visits,
        cast(coalesce(sum(doubtful_visits), 0) as bigint) as doubtful_visits,
        cast(coalesce(sum(mature_visits), 0) as bigint) as mature_visits,
        cast(coalesce(sum(followed_visits), 0) as bigint) as followed_visits,
        cast(coalesce(sum(made_visits), 0) as bigint) as n_rows,
        cast(0 as bigint) as n_excluded,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, customer_id, date, known_on
)

select * from summed
order by date, customer_id
