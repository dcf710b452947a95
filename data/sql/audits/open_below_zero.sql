-- an invoice that owes less than nothing at the end of some day
with days as (
    select
        invoice_id,
        date,
        sum(sum(open_change)) over (partition by invoice_id order by date) as open_amount,
    from fact.receivable_moves
    where invoice_id is not null
    group by invoice_id, date
)
select * from days where open_amount < 0
