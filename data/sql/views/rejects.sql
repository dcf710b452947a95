-- one row per load and source it brought: rows read and rows set aside
with delivered as (
    select
        load_id,
        source,
        cast(sum(coalesce(read, 0)) as bigint) as read,
        cast(sum(coalesce(quarantined, 0)) as bigint) as quarantined,
    from files
    where source is not null
    group by load_id, source
),

rejects as (
    select
        d.load_id,
        d.source,
        d.read,
        d.quarantined,
        d.load_id = max(d.load_id) over (partition by d.source) as is_last,
        l.finished_at as loaded_at,
    from delivered as d
    inner join loads as l on d.load_id = l.load_id
)

select * from rejects
order by load_id, source
