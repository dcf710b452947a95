-- one row per person the scope stands for or leads on the day of the data
with postings as (
    select
        *,
        true as rep_known,
    from fact.postings
    where $as_of between valid_from and valid_to
),

team as (
    select distinct rep_id
    from postings
    where $in_scope
)

select * from team
order by rep_id
