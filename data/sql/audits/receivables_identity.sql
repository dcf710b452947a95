-- open − unapplied = invoiced − received, to the cent
with sums as (
    select
        (select coalesce(sum(open_change) - sum(unapplied_change), 0) from fact.receivable_moves) as owed,
        (select coalesce(sum(amount), 0) from fact.invoices) as invoiced,
        (select coalesce(sum(amount), 0) from fact.receipts where date is not null) as received,
        (select coalesce(sum(open_change) - sum(unapplied_change), 0) from measure.receivables) as measured,
)
select * from sums where owed <> invoiced - received or measured <> owed
