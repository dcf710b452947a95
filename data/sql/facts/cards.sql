-- one row per customer and span of days with one card: what later changes of the card must not change in the past
with versions as (
    select
        customer_id,
        manual_class,
        is_key,
        _load_id,
        -- the first known card reaches back for ever; a version never begins before the one it replaces
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
        customer_id,
        manual_class,
        coalesce(is_key, false) as is_key,
        valid_from,
        coalesce(lead(valid_from) over (partition by customer_id order by _load_id) - 1, date '9999-12-31') as valid_to,
    from versions
),
cards as (
    select *
    from spans
    where valid_from <= valid_to
)
select * from cards
