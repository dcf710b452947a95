-- one row per customer and month: what was invoiced, by how much the debt changed, and when money last came
select
    customer_id,
    cast(date_trunc('month', date) as date) as month_on,
    cast(coalesce(sum(open_change - unapplied_change) filter (where kind in ('invoice', 'credit')), 0) as decimal(38, 4)) as invoiced,
    cast(sum(open_change - unapplied_change) as decimal(38, 4)) as net_change,
    count(*) as n_rows,
    count(*) filter (where is_estimated) as estimated_rows,
    max(date) filter (where kind = 'cash') as last_paid_on,
from fact.receivable_moves
group by customer_id, date_trunc('month', date)
order by month_on, customer_id
