-- one row per credit, customer, due date, day and kind of change of what customers owe
with running as (
    select
        *,
        sum(open_change) over (
            partition by invoice_id
            order by date, case when kind = 'invoice' then 0 else 1 end, file_id, row
            rows between unbounded preceding and current row
        ) as open_after,
    from fact.receivable_moves
),

-- open_rows is +1 when an invoice becomes open and -1 when it is settled: up to any day they sum to the open invoices
moves as (
    select
        *,
        case
            when invoice_id is null then 0
            else (case when open_after > 0 then 1 else 0 end) - (case when open_after - open_change > 0 then 1 else 0 end)
        end as opened,
    from running
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
        kind,
        due_date,
        date,
        cast(sum(open_change) as decimal(38, 4)) as open_change,
        cast(sum(unapplied_change) as decimal(38, 4)) as unapplied_change,
        cast(sum(opened) as bigint) as open_rows,
        count(*) as n_rows,
        count(*) filter (where is_estimated) as estimated_rows,
    from moves
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, customer_id, kind, due_date, date
)

select * from summed
order by date, customer_id
