-- one row per territory the scope may see: a listed one of its regions, or one somebody it may see was assigned to
with postings as (
    select
        rep_id,
        territory_id,
        region,
        manager_ids,
        partner_ids,
        true as rep_known,
    from fact.postings
    where territory_id is not null
),

listed as (
    select
        cast(null as varchar) as rep_id,
        territory_id,
        region,
        cast([] as varchar[]) as manager_ids,
        cast([] as varchar[]) as partner_ids,
        true as rep_known,
    from fact.territories
),

places as (
    select * from postings
    union all by name
    select * from listed
),

seen as (
    select distinct territory_id
    from places
    where $in_scope
),

territories as (
    select
        s.territory_id,
        coalesce(t.name, s.territory_id) as territory_name,
        t.region,
    from seen as s
    inner join fact.territories as t on s.territory_id = t.territory_id
)

select * from territories
order by region, territory_id
