-- one row per period and order of the year up to its last day that no invoice speaks of: none names it, and the customer has had no
-- invoice without an order number since, which may stand for several. Orders from before the first invoice on file are left out.
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

known as (
    select min(date) as from_on
    from fact.invoices
),

shipped as (
    select
        w.period,
        w.to_on,
        h.order_id,
        h.customer_id,
        h.rep_id,
        h.territory_id,
        h.region,
        h.rep_known,
        h.manager_ids,
        h.partner_ids,
        h.revenue,
        h.date,
    from windows as w
    cross join known as k
    inner join fact.order_heads as h on h.is_counted and h.date between greatest(k.from_on, w.to_on - 364) and w.to_on
),

own as (
    select *
    from shipped
    where $in_scope
)

select
    o.period,
    o.order_id,
    o.customer_id,
    o.rep_id,
    o.territory_id,
    o.region,
    o.rep_known,
    cast(o.revenue as decimal(38, 4)) as revenue,
    cast(o.to_on - o.date as bigint) as waiting_days,
    cast(1 as bigint) as n_rows,
    o.date,
from own as o
where
    not exists (
        from fact.invoices as i
        where i.order_id = o.order_id and i.doc_type = 'invoice' and i.date <= o.to_on
    )
    and not exists (
        from fact.invoices as i
        where i.customer_id = o.customer_id and i.order_id is null and i.doc_type = 'invoice' and i.date between o.date and o.to_on
    )
