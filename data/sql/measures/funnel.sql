-- one row per credit, lead source, pair of stages, day on which prospects entered the first and days to the second (null: not reached)
with later as (
    select *
    from (values ('qualified', 2), ('visited', 3), ('quoted', 4), ('contracted', 5)) as stages (stage, step)
),

pairs as (
    select
        e.*,
        e.stage || '_to_' || l.stage as stages,
        r.date - e.date as days,
    from fact.prospect_stages as e
    inner join later as l on e.step < l.step
    left join fact.prospect_stages as r on e.prospect_id = r.prospect_id and l.stage = r.stage
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        source as lead_source,
        stages,
        days,
        date,
        count(*) as entered,
        count(*) as n_rows,
    from pairs
    group by all
)

select * from summed
order by date, rep_id
