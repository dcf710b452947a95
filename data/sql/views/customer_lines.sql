-- one row per period and customer that bought in the year up to its last day, held by its owner of that day
with windows as (
    select
        period,
        cast(to_on + 1 - to_months(12) as date) as start_on,
        to_on,
    from (
        select
            unnest($labels) as period,
            unnest($tos) as to_on,
    )
),

-- whole months come from the measure, what is left at both ends from the orders
bought as (
    select
        w.period,
        w.to_on,
        m.customer_id,
        m.product_line,
        m.n_rows,
    from windows as w
    inner join measure.line_months as m on m.date >= w.start_on and last_day(m.date) <= w.to_on
    union all
    select
        w.period,
        w.to_on,
        l.customer_id,
        l.product_line,
        1 as n_rows,
    from windows as w
    inner join fact.orders as l
        on l.net_amount > 0
        and l.product_line is not null
        and l.customer_id is not null
        and l.date between w.start_on and w.to_on
        and (date_trunc('month', l.date) < w.start_on or last_day(l.date) > w.to_on)
),

counted as (
    select
        period,
        to_on,
        customer_id,
        count(distinct product_line) as product_lines,
        cast(sum(n_rows) as bigint) as n_rows,
    from bought
    group by period, to_on, customer_id
),

holders as (
    select
        c.period,
        c.customer_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        c.product_lines,
        c.n_rows,
    from counted as c
    left join fact.owners as o on c.customer_id = o.customer_id and c.to_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and c.to_on between p.valid_from and p.valid_to
)

select * exclude (manager_ids, partner_ids)
from holders
where $in_scope
