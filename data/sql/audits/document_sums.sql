-- invoices and receipts are kept whole: neither lost nor doubled on the way from the stored rows to the facts
with sums as (
    select
        (
            select [count(*)::decimal(38, 4), coalesce(sum(amount), 0)]
            from src.invoices
            where _replaced_by is null and coalesce(status, 'valid') = 'valid'
        ) as stored_invoices,
        (select [count(*)::decimal(38, 4), coalesce(sum(amount), 0)] from fact.invoices) as invoices,
        (select [count(*)::decimal(38, 4), coalesce(sum(amount), 0)] from src.receipts where _replaced_by is null) as stored_receipts,
        (select [count(*)::decimal(38, 4), coalesce(sum(amount), 0)] from fact.receipts where not is_estimated) as receipts,
)
select * from sums where stored_invoices <> invoices or stored_receipts <> receipts
