-- one row per customer and span of days with one owner, from the versions of the customer's card
with versions as (
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
    )
),
spans as (
    select
        *,
        coalesce(lead(valid_from) over (partition by customer_id order by _load_id) - 1, date '9999-12-31') as valid_to,
    from versions
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
