-- one row per period and credit: sales, and whether the one credited was a manager on the day
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

own as (
    select
        w.period,
        s.rep_id,
        s.territory_id,
        s.region,
        s.rep_known,
        s.manager_ids,
        s.partner_ids,
        s.revenue,
        s.n_rows,
        coalesce(list_has_any(p.roles, ['regional_manager', 'director']), false) as is_manager,
    from windows as w
    inner join measure.sales as s on s.date between w.start_on and w.to_on
    left join fact.postings as p on s.rep_id = p.rep_id and s.date between p.valid_from and p.valid_to
),

role_sales as (
    select
        period,
        rep_id,
        territory_id,
        region,
        rep_known,
        is_manager,
        cast(sum(revenue) as decimal(38, 4)) as revenue,
        cast(sum(n_rows) as bigint) as n_rows,
    from own
    where $in_scope
    group by period, rep_id, territory_id, region, rep_known, is_manager
)

select * from role_sales
