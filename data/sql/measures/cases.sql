-- one row per credit, customer and day on which cases were opened; `points`: answers as shares of their scale
with answers as (
    select
        *,
        coalesce(scale_min, 1) as low,
        kind = 'survey' and score between coalesce(scale_min, 1) and scale_max and scale_max > coalesce(scale_min, 1) as is_answer,
    from fact.service
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
        count(*) filter (where kind = 'complaint') as complaints,
        count(*) filter (where kind = 'exception') as exceptions,
        count(*) filter (where is_answer) as answers,
        count(*) filter (where kind = 'survey' and not coalesce(is_answer, false)) as unusable,
        coalesce(sum(cast(score - low as double) / cast(scale_max - low as double)) filter (where is_answer), 0) as points,
        count(*) as n_rows,
        date,
    from answers
    group by all
)

select * from summed
order by date, customer_id
