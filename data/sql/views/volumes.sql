-- one row per period, credit, product line and unit of measure
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

volumes as (
    select
        period,
        rep_id,
        territory_id,
        region,
        rep_known,
        product_line,
        uom,
        cast(sum(qty) as decimal(38, 4)) as qty,
        cast(sum(revenue) as decimal(38, 4)) as revenue,
        cast(sum(costed_revenue) as decimal(38, 4)) as costed_revenue,
        cast(sum(cost) as decimal(38, 4)) as cost,
        cast(sum(list_amount) as decimal(38, 4)) as list_amount,
        cast(sum(listed_revenue) as decimal(38, 4)) as listed_revenue,
        cast(sum(unmeasured_rows) as bigint) as unmeasured_rows,
        cast(sum(listed_rows) as bigint) as listed_rows,
        cast(sum(unlisted_rows) as bigint) as unlisted_rows,
        cast(sum(n_rows) as bigint) as n_rows,
        cast(sum(n_excluded) as bigint) as n_excluded,
    from measure.volumes
    inner join windows on date between start_on and to_on
    where $in_scope
    group by period, rep_id, territory_id, region, rep_known, product_line, uom
)

select * from volumes
