-- one row per valid invoice, credit note or write-off; the latter two are negative
with documents as (
    select *
    from src.invoices
    where _replaced_by is null and coalesce(status, 'valid') = 'valid'
),
invoices as (
    select
        documents.invoice_id,
        credit.customer_id,
        documents.credit_of,
        documents.order_id,
        credit.rep_id,
        credit.territory_id,
        documents._load_id as load_id,
        documents._file_id as file_id,
        documents._row as row,
        credit.region,
        coalesce(documents.doc_type, 'invoice') as doc_type,
        documents.amount,
        credit.rep_known,
        credit.manager_ids,
        credit.partner_ids,
        documents.invoice_date as date,
        coalesce(documents.due_date, documents.invoice_date + card.terms_days) as due_date,
    from documents
    inner join fact.credits as credit
        on credit.row_rep_id is not distinct from documents.rep_id
        and credit.row_customer_id is not distinct from documents.customer_id
        and credit.row_territory_id is not distinct from documents.territory_id
        and credit.date = documents.invoice_date
    left join fact.customers as card on card.customer_id = documents.customer_id
)
select * from invoices
