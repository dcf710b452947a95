-- one row per target: whose, for which span of days, on which metric and product line
with stated as (
    select
        scope as level,
        scope_id,
        metric,
        product_line,
        value,
        cast(left(period, 4) as integer) as year,
        regexp_extract(upper(period), '^\d{4}-?([QH]?)', 1) as unit,
        try_cast(regexp_extract(upper(period), '^\d{4}-?[QH]?(\d{1,2})$', 1) as integer) as number,
        getvariable('fiscal_year_start_month') as first_month,
    from src.targets
    where _replaced_by is null and regexp_matches(upper(period), '^\d{4}(-?(0[1-9]|1[0-2]|Q[1-4]|H[12]))?$')
),

-- quarters, halves and years are fiscal, year N ending in calendar year N; months are calendar months (R13)
begun as (
    select
        *,
        case
            when unit = '' and number is not null then make_date(year, number, 1)
            else cast(
                make_date(year - case when first_month > 1 then 1 else 0 end, first_month, 1)
                + to_months(coalesce(number - 1, 0) * case unit when 'Q' then 3 else 6 end)
                as date
            )
        end as start_on,
        case when number is null then 12 when unit = 'Q' then 3 when unit = 'H' then 6 else 1 end as months,
    from stated
),

spanned as (
    select
        -- numbered by what they say: the same row has the same number each time it is asked for, on whatever machine
        row_number() over (order by level, scope_id, metric, product_line, start_on, months, value) as target_id,
        *,
        cast(start_on + to_months(months) as date) - 1 as end_on,
    from begun
),

-- a person's target belongs where the person was last assigned in its span
posted as (
    select
        t.target_id,
        p.territory_id,
        p.region,
        p.manager_ids,
        p.partner_ids,
        list_has_any(p.roles, ['rep', 'kam', 'inside']) as is_seller,
    from spanned as t
    inner join fact.postings as p on t.scope_id = p.rep_id and p.valid_from <= t.end_on and p.valid_to >= t.start_on
    where t.level = 'rep'
    qualify row_number() over (partition by t.target_id order by p.valid_from desc) = 1
),

placed as (
    select
        t.* exclude (scope_id),
        case when t.level = 'rep' then member(t.scope_id, e.rep_id, 'reps') else t.scope_id end as member_id,
        case t.level when 'rep' then p.territory_id when 'territory' then t.scope_id end as territory_id,
        case t.level when 'rep' then p.region when 'territory' then r.region when 'region' then t.scope_id end as region,
        t.level <> 'rep' or e.rep_id is not null as rep_known,
        -- whoever is on no list of people still has the target of a seller
        t.level = 'rep' and coalesce(p.is_seller, e.is_seller, true) as is_seller,
        p.manager_ids,
        p.partner_ids,
    from spanned as t
    left join posted as p on t.target_id = p.target_id
    left join fact.people as e on t.level = 'rep' and t.scope_id = e.rep_id
    left join fact.territories as r on t.level = 'territory' and t.scope_id = r.territory_id
),

targets as (
    select
        level,
        member_id,
        case when level = 'rep' then member_id end as rep_id,
        territory_id,
        region,
        metric,
        product_line,
        cast(value as decimal(38, 4)) as value,
        rep_known,
        is_seller,
        coalesce(manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(partner_ids, cast([] as varchar[])) as partner_ids,
        start_on,
        end_on,
    from placed
)

select * from targets
order by level, member_id, metric, start_on
