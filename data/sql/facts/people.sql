-- one row per person, as last known
with cards as (
    select *
    from src.reps
    qualify row_number() over (
        partition by rep_id
        -- the assignment in force on the day of the data, else the last one begun, else the first to come
        order by _replaced_by is null desc, coalesce(valid_from, date '0001-01-01') <= getvariable('as_of') desc,
            case when valid_from > getvariable('as_of') then valid_from end, valid_from desc nulls last, _load_id desc
    ) = 1
),
posts as (
    select *
    from fact.postings
    qualify row_number() over (
        partition by rep_id
        order by valid_from <= getvariable('as_of') desc,
            case when valid_from > getvariable('as_of') then valid_from end, valid_from desc
    ) = 1
),
people as (
    select
        cards.rep_id,
        posts.territory_id,
        cards.rep_name,
        -- who is no longer listed signs in no more
        case when cards._replaced_by is null then nullif(lower(trim(cards.login)), '') end as login,
        posts.region,
        posts.roles,
        coalesce(list_has_any(posts.roles, ['rep', 'kam', 'inside']), false) as is_seller,
        cards._replaced_by is null as is_listed,
        cards.left_on,
    from cards
    left join posts on posts.rep_id = cards.rep_id
)
select * from people
