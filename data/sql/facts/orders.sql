-- one row per valid order line, in company currency
with lines as (
    select
        *,
        order_day(ship_date, order_date) as date,
        coalesce(doc_type, 'sale') as kind,
    from src.orders
    where _replaced_by is null and coalesce(status, 'valid') = 'valid'
),
known_products as (
    select
        product_id,
        arg_min(product_line, valid_from) as product_line,
        arg_min(uom, valid_from) as uom,
    from fact.products
    group by product_id
),
orders as (
    select
        lines.order_id,
        lines.line_no,
        credit.customer_id,
        member(lines.product_id, known.product_id, 'products') as product_id,
        credit.rep_id,
        credit.territory_id,
        lines.orig_order_id,
        lines._load_id as load_id,
        lines._file_id as file_id,
        lines._row as row,
        credit.region,
        coalesce(lines.product_line, product.product_line, known.product_line) as product_line,
        lines.kind as doc_type,
        coalesce(lines.uom, product.uom, known.uom) as uom,
        lines.approved_by,
        lines.qty,
        lines.net_amount,
        coalesce(lines.cost_amount, (product.unit_cost * lines.qty)::decimal(18, 4)) as cost_amount,
        coalesce(lines.list_amount, (product.list_price * lines.qty)::decimal(18, 4)) as list_amount,
        product.margin_floor,
        credit.rep_known,
        lines.net_amount < 0 or lines.kind = 'return' as is_return,
        credit.manager_ids,
        credit.partner_ids,
        lines.date,
    from lines
    inner join fact.credits as credit
        on credit.row_rep_id is not distinct from lines.rep_id
        and credit.row_customer_id is not distinct from lines.customer_id
        and credit.row_territory_id is not distinct from lines.territory_id
        and credit.date = lines.date
    left join known_products as known on known.product_id = lines.product_id
    left join fact.products as product
        on product.product_id = lines.product_id and lines.date between product.valid_from and product.valid_to
)
select * from orders
