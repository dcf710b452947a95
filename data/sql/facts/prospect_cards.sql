-- one row per prospect and span of days with one card: what later changes of the card must not change in the past
with versions as (
    select
        *,
        -- the first known card reaches back for ever; a version never begins before the one it replaces
        max(case when _from is null or is_first then date '0001-01-01' else _from end) over (
            partition by prospect_id order by _load_id
        ) as valid_from,
    from (
        select
            *,
            lag(_load_id) over (partition by prospect_id order by _load_id) is null as is_first,
        from src.prospects
    )
),
spans as (
    select
        prospect_id,
        prospect_class,
        need_state,
        followup,
        next_visit_on,
        est_value,
        coalesce(class_date, created_on) as class_date,
        coalesce(last_reviewed_on, updated_on::date) as last_reviewed_on,
        valid_from,
        coalesce(lead(valid_from) over (partition by prospect_id order by _load_id) - 1, date '9999-12-31') as valid_to,
    from versions
),
prospect_cards as (
    select *
    from spans
    where valid_from <= valid_to
)
select * from prospect_cards
