-- one row per application of cash, or cash not applied; `date` is empty while a bill has not cleared
with received as (
    select
        receipt_id,
        line_no,
        rep_id,
        customer_id,
        invoice_id,
        method,
        amount,
        false as is_estimated,
        cash_day(received_on, cleared_on, method) as date,
        applied_on,
        coalesce(cash_day(received_on, cleared_on, method), received_on) as credited_on,
        _load_id as load_id,
        _file_id as file_id,
        _row as row,
    from src.receipts
    where _replaced_by is null
),
history as (
    select max(data_start) as receipts_start,
    from span
    where source = 'receipts'
),
-- what an invoice says was paid stands in for receipts, where there are none and before the day they begin
stated as (
    select
        paper.invoice_id,
        paper.rep_id,
        paper.customer_id,
        coalesce(paper.paid_amount, paper.amount - paper.open_amount) as amount,
        coalesce(
            paper.paid_on,
            -- paid on an unknown day: at the latest when it was exported, or just before receipts begin
            greatest(
                paper.invoice_date,
                coalesce(
                    history.receipts_start - 1,
                    least(company_day(coalesce(loads.exported_at, loads.started_at)), getvariable('as_of'))
                )
            )
        ) as date,
        paper.invoice_date,
        history.receipts_start,
        paper._load_id as load_id,
        paper._file_id as file_id,
        paper._row as row,
    from src.invoices as paper
    cross join history
    left join loads on loads.load_id = paper._load_id
    where
        paper._replaced_by is null
        and coalesce(paper.status, 'valid') = 'valid'
        and coalesce(paper.doc_type, 'invoice') <> 'write_off'
        and not exists (from received where received.invoice_id = paper.invoice_id)
),
estimated as (
    select
        stated.* exclude (invoice_date, receipts_start),
        stated.invoice_id as receipt_id,
        true as is_estimated,
        stated.date as applied_on,
        stated.invoice_date as credited_on,
    from stated
    where stated.amount <> 0 and (stated.receipts_start is null or stated.date < stated.receipts_start)
),
cash as (
    select * from received
    union all by name
    select * from estimated
),
-- cash follows the invoice it pays; only cash that pays none is credited by itself
receipts as (
    select
        cash.receipt_id,
        cash.line_no,
        coalesce(invoice.customer_id, credit.customer_id) as customer_id,
        cash.invoice_id,
        case when invoice.invoice_id is not null then invoice.rep_id else credit.rep_id end as rep_id,
        case when invoice.invoice_id is not null then invoice.territory_id else credit.territory_id end as territory_id,
        cash.load_id,
        cash.file_id,
        cash.row,
        case when invoice.invoice_id is not null then invoice.region else credit.region end as region,
        cash.method,
        cash.amount,
        case when invoice.invoice_id is not null then invoice.rep_known else credit.rep_known end as rep_known,
        cash.is_estimated,
        case when invoice.invoice_id is not null then invoice.manager_ids else credit.manager_ids end as manager_ids,
        case when invoice.invoice_id is not null then invoice.partner_ids else credit.partner_ids end as partner_ids,
        cash.date,
        coalesce(cash.applied_on, cash.date) as applied_on,
    from cash
    left join fact.invoices as invoice on invoice.invoice_id = cash.invoice_id
    left join fact.credits as credit
        on invoice.invoice_id is null
        and credit.row_rep_id is not distinct from cash.rep_id
        and credit.row_customer_id is not distinct from cash.customer_id
        and credit.row_territory_id is null
        and credit.date = cash.credited_on
)
select * from receipts
