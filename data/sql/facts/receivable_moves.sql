-- one row per effect on what an invoice leaves open, or on a customer's unapplied credit
with debts as (
    select *
    from fact.invoices
    where amount >= 0
),
-- whatever lowers a debt, as a positive amount; it waits as unapplied credit until it is applied and the invoice is there
reductions as (
    select
        note.invoice_id as document_id,
        null as line_no,
        note.credit_of as invoice_id,
        note.load_id,
        note.file_id,
        note.row,
        case when note.doc_type = 'write_off' then 'write_off' else 'credit' end as kind,
        -note.amount as amount,
        false as is_estimated,
        note.date,
        greatest(note.date, debt.date) as applied_on,
    from fact.invoices as note
    inner join debts as debt on debt.invoice_id = note.credit_of
    where note.amount < 0
    union all
    select
        cash.receipt_id,
        cash.line_no,
        cash.invoice_id,
        cash.load_id,
        cash.file_id,
        cash.row,
        'cash',
        cash.amount,
        cash.is_estimated,
        cash.date,
        greatest(cash.date, cash.applied_on, debt.date),
    from fact.receipts as cash
    inner join debts as debt on debt.invoice_id = cash.invoice_id
    where cash.date is not null
),
running as (
    select
        reductions.*,
        debt.amount as debt,
        -- on one day credit notes come before cash, and cash before its reversal
        sum(reductions.amount) over (
            partition by reductions.invoice_id
            order by
                reductions.applied_on,
                case reductions.kind when 'credit' then 1 when 'write_off' then 2 else 3 end,
                reductions.amount desc,
                reductions.document_id,
                reductions.line_no
            rows between unbounded preceding and current row
        ) as reduced,
    from reductions
    inner join debts as debt on debt.invoice_id = reductions.invoice_id
),
-- open = max(0, debt − reduced), unapplied = max(0, reduced − debt); a move is what one reduction changes in them
applied as (
    select
        *,
        greatest(0, debt - reduced) - greatest(0, debt - reduced + amount) as open_change,
        greatest(0, reduced - debt) - greatest(0, reduced - amount - debt) as unapplied_change,
    from running
),
on_invoices as (
    select
        invoice_id,
        load_id,
        file_id,
        row,
        'invoice' as kind,
        amount as open_change,
        0 as unapplied_change,
        false as is_estimated,
        date,
    from debts
    union all by name
    select
        invoice_id,
        load_id,
        file_id,
        row,
        kind,
        open_change,
        unapplied_change - case when date < applied_on then amount else 0 end as unapplied_change,
        is_estimated,
        applied_on as date,
    from applied
    union all by name
    select
        invoice_id,
        load_id,
        file_id,
        row,
        kind,
        0 as open_change,
        amount as unapplied_change,
        is_estimated,
        date,
    from applied
    where date < applied_on
),
-- credit that belongs to no invoice we know
free as (
    select
        note.* exclude (amount),
        case when note.doc_type = 'write_off' then 'write_off' else 'credit' end as kind,
        -note.amount as unapplied_change,
        false as is_estimated,
    from fact.invoices as note
    where note.amount < 0 and not exists (from debts where debts.invoice_id = note.credit_of)
    union all by name
    select
        cash.* exclude (amount),
        'cash' as kind,
        cash.amount as unapplied_change,
    from fact.receipts as cash
    where cash.date is not null and not exists (from debts where debts.invoice_id = cash.invoice_id)
),
moves as (
    select
        debt.customer_id,
        debt.invoice_id,
        debt.rep_id,
        debt.territory_id,
        move.load_id,
        move.file_id,
        move.row,
        debt.region,
        move.kind,
        move.open_change::decimal(38, 4) as open_change,
        move.unapplied_change::decimal(38, 4) as unapplied_change,
        debt.rep_known,
        move.is_estimated,
        debt.manager_ids,
        debt.partner_ids,
        move.date,
        debt.due_date,
    from on_invoices as move
    inner join debts as debt on debt.invoice_id = move.invoice_id
    union all
    select
        customer_id,
        null,
        rep_id,
        territory_id,
        load_id,
        file_id,
        row,
        region,
        kind,
        0,
        unapplied_change,
        rep_known,
        is_estimated,
        manager_ids,
        partner_ids,
        date,
        null,
    from free
)
select * from moves
