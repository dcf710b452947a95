-- one row per count of one product at one customer; credit goes to the customer's owner on the day of the count
with counts as (
    select *
    from src.stock_counts
    where _replaced_by is null
),
known_products as (
    select distinct product_id
    from fact.products
),
stock_counts as (
    select
        credit.customer_id,
        member(counts.product_id, known.product_id, 'products') as product_id,
        credit.rep_id,
        credit.territory_id,
        counts._load_id as load_id,
        counts._file_id as file_id,
        counts._row as row,
        credit.region,
        counts.qty,
        counts.on_order,
        counts.pack_size,
        credit.rep_known,
        credit.manager_ids,
        credit.partner_ids,
        counts.counted_on as date,
    from counts
    inner join fact.credits as credit
        on credit.row_rep_id is null
        and credit.row_customer_id is not distinct from counts.customer_id
        and credit.row_territory_id is null
        and credit.date = counts.counted_on
    left join known_products as known on known.product_id = counts.product_id
)
select * from stock_counts
