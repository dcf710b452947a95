-- one row per credit, customer (null: prospects), day of a quote's first version and day its outcome is known (null: the quotes themselves)
with firsts as (
    select *
    from fact.quotes
    qualify row_number() over (partition by quote_id order by date, versions_back desc) = 1
),

parts as (
    select
        f.* exclude (status),
        cast(null as date) as known_on,
        null as status,
        1 as issued,
    from firsts as f
    union all by name
    -- what became of a quote stands on its last version
    select
        f.* exclude (status),
        greatest(l.date, f.date) as known_on,
        l.status,
        0 as issued,
    from firsts as f
    inner join fact.quotes as l on f.quote_id = l.quote_id and l.is_latest
    where l.status <> 'open'
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        cast(sum(issued) as bigint) as issued,
        count(*) filter (where status = 'won') as won,
        count(*) filter (where status = 'lost') as lost,
        count(*) filter (where status = 'expired') as expired,
        cast(sum(issued) as bigint) as n_rows,
        date,
        known_on,
    from parts
    group by all
)

select * from summed
order by date, rep_id
