-- one row per credit, lead source, reason of a loss, competitor and day on which prospects came in or left
with moves as (
    select
        *,
        -- a competitor that is named is a reason, and one reason whatever the export calls it
        case
            when lower(trim(lost_reason)) in ('competitor', 'competition', '竞争对手', '竞争') then 'competitor'
            else coalesce(nullif(trim(lost_reason), ''), case when trim(competitor) <> '' then 'competitor' end, 'unspecified')
        end as reason,
        nullif(trim(competitor), '') as rival,
    from fact.prospect_stages
    where stage in ('collected', 'contracted', 'lost', 'abandoned')
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
        case when stage = 'lost' then reason end as lost_reason,
        case when stage = 'lost' then rival end as competitor,
        date,
        count(*) filter (where stage = 'collected') as created,
        count(*) filter (where stage = 'contracted') as contracted,
        count(*) filter (where stage = 'lost') as lost,
        count(*) filter (where stage = 'abandoned') as abandoned,
        count(*) as n_rows,
    from moves
    group by all
)

select * from summed
order by date, rep_id
