-- one row per period, credit, customer, product line and unit of measure
with windows as (
    select
        unnest($labels) as period,
        unnest($starts) as start_on,
        unnest($tos) as to_on,
),

lines as (
    select
        *,
        doc_type = 'sale' and not is_return as is_sale,
        cost_amount is not null as is_costed,
        case when doc_type = 'sale' and not is_return then list_amount end as list_price_amount,
    from fact.orders
    inner join windows on date between start_on and to_on
    where $in_scope
),

volumes as (
    select
        period,
        customer_id,
        rep_id,
        territory_id,
        region,
        rep_known,
        product_line,
        uom,
        cast(coalesce(sum(qty) filter (where is_costed), 0) as decimal(38, 4)) as qty,
        cast(sum(net_amount) as decimal(38, 4)) as revenue,
        cast(coalesce(sum(net_amount) filter (where is_costed), 0) as decimal(38, 4)) as costed_revenue,
        cast(coalesce(sum(cost_amount), 0) as decimal(38, 4)) as cost,
        cast(coalesce(sum(list_price_amount), 0) as decimal(38, 4)) as list_amount,
        cast(coalesce(sum(net_amount) filter (where list_price_amount is not null), 0) as decimal(38, 4)) as listed_revenue,
        count(*) filter (where is_costed and qty is null) as unmeasured_rows,
        count(list_price_amount) as listed_rows,
        count(*) filter (where is_sale and list_price_amount is null) as unlisted_rows,
        count(*) as n_rows,
        count(*) filter (where not is_costed) as n_excluded,
    from lines
    group by period, customer_id, rep_id, territory_id, region, rep_known, product_line, uom
)

select * from volumes
