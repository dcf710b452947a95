-- one row per order, credited to its first line, on the earliest day of its lines (R5)
with first_lines as (
    select *
    from fact.orders
    qualify row_number() over (partition by order_id order by try_cast(line_no as bigint) nulls last, line_no, file_id, row) = 1
),
sums as (
    select
        order_id,
        sum(net_amount) as revenue,
        coalesce(sum(net_amount) filter (where cost_amount is not null), 0) as costed_revenue,
        sum(net_amount - cost_amount) as gross_profit,
        count(*) as line_count,
        count(*) filter (where cost_amount is null) as uncosted_lines,
        bool_and(doc_type = 'sample') as is_sample,
        min(date) as date,
    from fact.orders
    group by order_id
),
order_heads as (
    select
        sums.order_id,
        first_lines.customer_id,
        first_lines.rep_id,
        first_lines.territory_id,
        first_lines.region,
        sums.revenue,
        sums.costed_revenue,
        sums.gross_profit,
        sums.line_count,
        sums.uncosted_lines,
        first_lines.rep_known,
        sums.revenue > 0 as is_counted,
        sums.revenue > 0 and not sums.is_sample as is_qualifying,
        first_lines.manager_ids,
        first_lines.partner_ids,
        sums.date,
    from sums
    inner join first_lines on first_lines.order_id = sums.order_id
)
select * from order_heads
