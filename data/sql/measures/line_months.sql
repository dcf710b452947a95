-- one row per customer, product line and month of sales, whoever made them
with line_months as (
    select
        customer_id,
        product_line,
        cast(date_trunc('month', date) as date) as date,
        count(*) as n_rows,
    from fact.orders
    where net_amount > 0 and product_line is not null and customer_id is not null
    group by customer_id, product_line, date_trunc('month', date)
)

select * from line_months
order by date, customer_id
