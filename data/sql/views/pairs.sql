-- one row per period, person who sells and span of days with one inside partner, after whom the pair is named
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

postings as (
    select
        *,
        true as rep_known,
    from fact.postings
    where list_has_any(roles, ['rep', 'kam', 'inside'])
),

own as (
    select *
    from postings
    where $in_scope
),

known as (
    select list(distinct rep_id) as ids
    from own
),

pairs as (
    select
        w.period,
        o.rep_id,
        o.territory_id,
        o.region,
        -- the partner is named to those who may see the partner
        coalesce(list_min(list_filter(o.partner_ids, lambda id: list_contains(k.ids, id))), o.rep_id) as pair_id,
        w.to_on between o.valid_from and o.valid_to as is_last,
        o.valid_from,
        o.valid_to,
    from windows as w
    cross join known as k
    inner join own as o on o.valid_from <= w.to_on and o.valid_to >= w.start_on
)

select * from pairs
order by period, rep_id
