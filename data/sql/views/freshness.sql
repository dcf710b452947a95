-- one row per source, loaded or not
with stored as (
    select 'reps' as source, count(*) as rows from src.reps where _replaced_by is null
    union all
    select 'territories' as source, count(*) as rows from src.territories where _replaced_by is null
    union all
    select 'customers' as source, count(*) as rows from src.customers where _replaced_by is null
    union all
    select 'visits' as source, count(*) as rows from src.visits where _replaced_by is null
    union all
    select 'orders' as source, count(*) as rows from src.orders where _replaced_by is null
    union all
    select 'invoices' as source, count(*) as rows from src.invoices where _replaced_by is null
    union all
    select 'receipts' as source, count(*) as rows from src.receipts where _replaced_by is null
    union all
    select 'targets' as source, count(*) as rows from src.targets where _replaced_by is null
    union all
    select 'products' as source, count(*) as rows from src.products where _replaced_by is null
    union all
    select 'assignments' as source, count(*) as rows from src.assignments where _replaced_by is null
    union all
    select 'prospects' as source, count(*) as rows from src.prospects where _replaced_by is null
    union all
    select 'quotes' as source, count(*) as rows from src.quotes where _replaced_by is null
    union all
    select 'service' as source, count(*) as rows from src.service where _replaced_by is null
    union all
    select 'stock_counts' as source, count(*) as rows from src.stock_counts where _replaced_by is null
),

-- the last load that brought the source; its files count together
last_loads as (
    select
        source,
        max(load_id) as load_id,
    from files
    where source is not null
    group by source
),

delivered as (
    select
        f.source,
        max(l.finished_at) as loaded_at,
        string_agg(f.file, ', ' order by f.file_id) as file,
        cast(sum(coalesce(f.quarantined, 0)) as bigint) as quarantined,
    from last_loads as n
    inner join files as f on n.source = f.source and n.load_id = f.load_id
    inner join loads as l on n.load_id = l.load_id
    group by f.source
),

latest as (
    select
        substr(key, 8) as source,
        cast(value as date) as latest_date,
    from meta
    where starts_with(key, 'latest_')
),

freshness as (
    select
        s.source,
        d.file,
        case when d.source is not null then s.rows end as rows,
        d.quarantined,
        d.source is not null as is_loaded,
        d.loaded_at,
        l.latest_date,
    from stored as s
    left join delivered as d on s.source = d.source
    left join latest as l on s.source = l.source
)

select * from freshness
order by source
