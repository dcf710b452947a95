-- one row per month and invoice (or a customer's credit that is on none) open when it began: what was, without walking all that ever moved
with changes as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        invoice_id,
        due_date,
        date_trunc('month', date) + interval 1 month as month_on,
        sum(open_change) as open_change,
        sum(unapplied_change) as unapplied_change,
    from fact.receivable_moves
    group by all
),

-- an invoice has one credit and one due date
balances as (
    select
        * exclude (open_change, unapplied_change),
        sum(open_change) over moved as open_change,
        sum(unapplied_change) over moved as unapplied_change,
        least(lead(month_on) over moved, date_trunc('month', getvariable('as_of')) + interval 1 month) as next_on,
    from changes
    window moved as (partition by invoice_id, customer_id, rep_id, territory_id, region, manager_ids, partner_ids, due_date order by month_on)
),

-- what was read off an invoice for want of receipts stays an estimate, settled or not
estimates as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        date_trunc('month', date) + interval 1 month as month_on,
        count(*) as estimated_rows,
    from fact.receivable_moves
    where is_estimated
    group by all
),

estimated as (
    select
        * exclude (estimated_rows),
        sum(estimated_rows) over moved as estimated_rows,
        least(lead(month_on) over moved, date_trunc('month', getvariable('as_of')) + interval 1 month) as next_on,
    from estimates
    window moved as (partition by customer_id, rep_id, territory_id, region, rep_known, manager_ids, partner_ids order by month_on)
),

opened as (
    select *
    from balances
    where open_change <> 0 or unapplied_change <> 0
    union all by name
    select *
    from estimated
),

monthly as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        customer_id,
        invoice_id,
        due_date,
        cast(coalesce(open_change, 0) as decimal(38, 4)) as open_change,
        cast(coalesce(unapplied_change, 0) as decimal(38, 4)) as unapplied_change,
        case when invoice_id is not null and open_change > 0 then 1 else 0 end as open_rows,
        cast(coalesce(estimated_rows, 0) as bigint) as estimated_rows,
        cast(unnest(range(month_on, next_on, interval 1 month)) as date) as month_on,
    from opened
)

select * from monthly
order by month_on, customer_id
