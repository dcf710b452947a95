-- one row per customer and span of days with one owner: as the list of assignments says, else by the versions of the card
with assigned as (
    select *
    from src.assignments
    where _replaced_by is null
),
versions as (
    select
        customer_id,
        owner_id,
        _load_id,
        -- the first known owner reaches back for ever; a version never begins before the one it replaces
        max(case when _from is null or is_first then date '0001-01-01' else _from end) over (
            partition by customer_id order by _load_id
        ) as valid_from,
    from (
        select
            *,
            lag(_load_id) over (partition by customer_id order by _load_id) is null as is_first,
        from src.customers
        where customer_id not in (select customer_id from assigned)
    )
),
spans as (
    select
        customer_id,
        owner_id,
        valid_from,
        coalesce(lead(valid_from) over (partition by customer_id order by _load_id) - 1, date '9999-12-31') as valid_to,
    from versions
    union all
    -- for the customers it names the list is the whole truth: on a day that it leaves out they have no owner
    select
        customer_id,
        rep_id,
        coalesce(valid_from, date '0001-01-01'),
        coalesce(valid_to, date '9999-12-31'),
    from assigned
),
owners as (
    select
        spans.customer_id,
        coalesce(member(spans.owner_id, person.rep_id, 'reps'), 'unassigned') as rep_id,
        spans.valid_from,
        spans.valid_to,
    from spans
    left join fact.people as person on person.rep_id = spans.owner_id
    where spans.valid_from <= spans.valid_to
)
select * from owners
