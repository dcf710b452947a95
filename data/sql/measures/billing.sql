-- one row per credit, kind (issued, due, cash), day and day it became known
with issued as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        cast(null as date) as known_on,
        amount as invoiced,
        1 as invoiced_rows,
        case when due_date is null and doc_type = 'invoice' then 1 else 0 end as undated_rows,
    from fact.invoices
    where doc_type <> 'write_off'
),

due as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        due_date as date,
        date as known_on,
        amount as due,
        1 as due_rows,
    from fact.invoices
    where doc_type = 'invoice' and due_date is not null
),

-- a credit note lowers what falls due on the day of the invoice it belongs to
credited as (
    select
        i.rep_id,
        i.territory_id,
        i.region,
        i.rep_known,
        i.manager_ids,
        i.partner_ids,
        i.due_date as date,
        n.date as known_on,
        n.amount as due,
        1 as due_rows,
    from fact.invoices as n
    inner join fact.invoices as i on n.credit_of = i.invoice_id
    where n.doc_type = 'credit_note' and i.due_date is not null
),

cash as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        cast(null as date) as known_on,
        amount as collected,
        1 as collected_rows,
        case when is_estimated then 1 else 0 end as estimated_rows,
    from fact.receipts
    where date is not null
),

parts as (
    select * from issued
    union all by name
    select * from due
    union all by name
    select * from credited
    union all by name
    select * from cash
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        known_on,
        cast(coalesce(sum(invoiced), 0) as decimal(38, 4)) as invoiced,
        cast(coalesce(sum(due), 0) as decimal(38, 4)) as due,
        cast(coalesce(sum(collected), 0) as decimal(38, 4)) as collected,
        count(invoiced_rows) as invoiced_rows,
        count(due_rows) as due_rows,
        count(collected_rows) as collected_rows,
        cast(coalesce(sum(undated_rows), 0) as bigint) as undated_rows,
        cast(coalesce(sum(estimated_rows), 0) as bigint) as estimated_rows,
        count(*) as n_rows,
        cast(coalesce(sum(undated_rows), 0) as bigint) as n_excluded,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, date, known_on
)

select * from summed
order by date, rep_id
