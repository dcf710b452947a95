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
        sum(net_amount - cost_amount) filter (where margin_floor is not null) as floored_profit,
        -- rounded up to a stored digit, so that what is below the floor stays below it
        (sum(net_amount * margin_floor) filter (where margin_floor is not null and cost_amount is not null) + 0.00004999995)::decimal(38, 4) as floor_amount,
        max(approved_by) as approved_by,
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
        sums.approved_by,
        sums.revenue,
        sums.costed_revenue,
        sums.gross_profit,
        sums.floored_profit,
        sums.floor_amount,
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
