-- one row per territory that is listed, or known from somebody's assignment
with listed as (
    select *
    from src.territories
    qualify row_number() over (partition by territory_id order by _replaced_by is null desc, _load_id desc) = 1
),
posted as (
    select
        territory_id,
        -- without a list the region is that of its people, if they agree
        case when count(distinct region) = 1 then min(region) end as region,
    from src.reps
    where _replaced_by is null and territory_id is not null
    group by territory_id
),
territories as (
    select
        coalesce(listed.territory_id, posted.territory_id) as territory_id,
        listed.name,
        coalesce(listed.region, posted.region) as region,
        listed.annual_potential,
        listed.hours_per_visit,
        listed.territory_id is not null and listed._replaced_by is null as is_listed,
    from listed
    full join posted on posted.territory_id = listed.territory_id
)
select * from territories
