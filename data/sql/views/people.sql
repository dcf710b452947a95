-- one row per person the scope may see, placed where it last sees them
with postings as (
    select
        *,
        true as rep_known,
    from fact.postings
),

seen as (
    select
        rep_id,
        territory_id,
        region,
    from postings
    where $in_scope
    qualify row_number() over (partition by rep_id order by valid_from desc) = 1
),

people as (
    select
        p.rep_id,
        p.rep_name,
        p.roles,
        p.login,
        s.territory_id,
        s.region,
        p.is_seller,
        p.left_on,
    from fact.people as p
    inner join seen as s on p.rep_id = s.rep_id
    where coalesce(p.left_on >= $since, true)
)

select * from people
order by rep_id
