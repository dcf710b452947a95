-- a row credited to nobody, not even to `unassigned`: it would be missing from every total of the parts
select 'orders' as fact, order_id as id from fact.orders where rep_id is null
union all
select 'visits', visit_id from fact.visits where rep_id is null
union all
select 'invoices', invoice_id from fact.invoices where rep_id is null
union all
select 'receipts', receipt_id from fact.receipts where rep_id is null
union all
select 'quotes', quote_id from fact.quotes where rep_id is null
union all
select 'prospects', prospect_id from fact.prospects where rep_id is null
union all
select 'service', case_id from fact.service where rep_id is null
union all
select 'stock_counts', product_id from fact.stock_counts where rep_id is null
union all
select 'receivable_moves', invoice_id from fact.receivable_moves where rep_id is null
