-- lines and orders are counted once: facts as stored, measures as the facts
with counts as (
    select
        (select count(*) from src.orders where _replaced_by is null and coalesce(status, 'valid') = 'valid') as stored_lines,
        (select count(*) from fact.orders) as lines,
        (select coalesce(sum(n_rows), 0) from measure.sales) as measured_lines,
        (select count(distinct order_id) from fact.orders) as orders,
        (select count(*) from fact.order_heads) as heads,
        (select count(*) from measure.orders) as measured_orders,
        (select count(*) from fact.order_heads where is_counted) as counted,
        (select coalesce(sum(order_count), 0) from measure.sales) as measured_counted,
)
select *
from counts
where
    lines <> stored_lines
    or measured_lines <> lines
    or heads <> orders
    or measured_orders <> orders
    or measured_counted <> counted
