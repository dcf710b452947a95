-- one row per complaint or exception and thing done about it (responded, closed), on that day; before it was opened is an error
with done as (
    select
        *,
        'responded' as event,
        responded_at as done_at,
    from fact.service
    union all by name
    select
        *,
        'closed' as event,
        closed_at as done_at,
    from fact.service
),

times as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        event,
        case when done_at >= opened_at then epoch(done_at - opened_at) / 3600 end as hours,
        cast(done_at >= opened_at as bigint) as n_rows,
        cast(done_at < opened_at as bigint) as n_excluded,
        cast(done_at as date) as date,
    from done
    where kind in ('complaint', 'exception') and done_at is not null
)

select * from times
order by date, customer_id
