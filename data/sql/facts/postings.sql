-- one row per person and span of days in which neither the post, nor the people above, nor the inside partners change
with recursive versions as (
    select
        *,
        bool_and(valid_from is null and valid_to is null) filter (where _replaced_by is null) over (partition by rep_id) as is_undated,
        bool_or(_replaced_by is null) over (partition by rep_id) as is_listed,
        max(_replaced_by) over (partition by rep_id) as last_replaced_by,
    from src.reps
),
-- an export that gives no days to assignments shows changes by its versions; of a person no longer listed the last ones stand
dated as (
    select
        *,
        coalesce(valid_from, date '0001-01-01') as starts_on,
        case when valid_to < date '2099-12-31' then valid_to else date '9999-12-31' end as ends_on,
    from versions
    where not coalesce(is_undated, false) and case when is_listed then _replaced_by is null else _replaced_by = last_replaced_by end
    union all by name
    select
        *,
        case when lag(_load_id) over version is null then date '0001-01-01' else coalesce(_from, date '0001-01-01') end as starts_on,
        coalesce(lead(_from) over version - 1, date '9999-12-31') as ends_on,
    from versions
    where is_undated and valid_from is null
    window version as (partition by rep_id order by _load_id)
),
assignments as (
    select
        row_number() over (order by dated.rep_id, dated.starts_on, dated._row) as number,
        dated.rep_id,
        dated.territory_id,
        dated.manager_id,
        dated.pair_id,
        coalesce(territory.region, dated.region) as region,
        [trim(role) for role in string_split(coalesce(nullif(trim(dated.role), ''), 'rep'), ';')] as roles,
        dated.starts_on as valid_from,
        dated.ends_on as valid_to,
    from dated
    left join fact.territories as territory on territory.territory_id = dated.territory_id
    where dated.starts_on <= dated.ends_on
),
-- upwards from each assignment, cut to the days on which the whole way holds; `path` ends a circle
climb as (
    select
        rep_id,
        manager_id as above_id,
        [rep_id] as path,
        valid_from,
        valid_to,
    from assignments
    union all
    select
        climb.rep_id,
        above.manager_id,
        list_append(climb.path, climb.above_id),
        greatest(climb.valid_from, above.valid_from),
        least(climb.valid_to, above.valid_to),
    from climb
    inner join assignments as above
        on above.rep_id = climb.above_id and above.valid_from <= climb.valid_to and above.valid_to >= climb.valid_from
    where not list_contains(climb.path, climb.above_id)
),
managers as (
    select
        climb.rep_id,
        climb.above_id as manager_id,
        greatest(climb.valid_from, above.valid_from) as valid_from,
        least(climb.valid_to, above.valid_to) as valid_to,
    from climb
    inner join assignments as above
        on above.rep_id = climb.above_id and above.valid_from <= climb.valid_to and above.valid_to >= climb.valid_from
    where list_has_any(above.roles, ['regional_manager', 'director']) and climb.above_id <> climb.rep_id
),
partners as (
    select
        mine.rep_id,
        inside.rep_id as partner_id,
        greatest(mine.valid_from, inside.valid_from) as valid_from,
        least(mine.valid_to, inside.valid_to) as valid_to,
    from assignments as mine
    inner join assignments as inside
        on inside.pair_id = mine.pair_id and inside.valid_from <= mine.valid_to and inside.valid_to >= mine.valid_from
    where inside.rep_id <> mine.rep_id and list_contains(inside.roles, 'inside')
),
edges as (
    select
        rep_id,
        unnest([valid_from, valid_to + 1]) as starts_on,
    from assignments
    union
    select
        rep_id,
        unnest([valid_from, valid_to + 1]),
    from managers
    union
    select
        rep_id,
        unnest([valid_from, valid_to + 1]),
    from partners
),
spans as (
    select
        assignments.* exclude (valid_from, valid_to),
        edges.starts_on as valid_from,
        coalesce(
            lead(edges.starts_on) over (partition by assignments.number order by edges.starts_on) - 1,
            assignments.valid_to
        ) as valid_to,
    from assignments
    inner join edges
        on edges.rep_id = assignments.rep_id and edges.starts_on between assignments.valid_from and assignments.valid_to
),
postings as (
    select
        spans.number,
        spans.rep_id,
        spans.territory_id,
        spans.manager_id,
        spans.region,
        spans.roles,
        coalesce(list(distinct managers.manager_id order by managers.manager_id) filter (where managers.manager_id is not null), []) as manager_ids,
        coalesce(list(distinct partners.partner_id order by partners.partner_id) filter (where partners.partner_id is not null), []) as partner_ids,
        spans.valid_from,
        spans.valid_to,
    from spans
    left join managers on managers.rep_id = spans.rep_id and spans.valid_from between managers.valid_from and managers.valid_to
    left join partners on partners.rep_id = spans.rep_id and spans.valid_from between partners.valid_from and partners.valid_to
    group by all
)
select * exclude (number) from postings
