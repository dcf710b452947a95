-- one row per credit, day of a visit and day on which what followed from it happened (null: the visits themselves)
with visited_days as (
    -- an order is won once: by the visit that came first on the latest day before it
    select *
    from fact.made_visits
    where buyer_id is not null
    qualify row_number() over (partition by buyer_id, date order by visit_id) = 1
),

won as (
    select
        o.order_id,
        o.revenue,
        o.date as won_on,
        v.rep_id,
        v.territory_id,
        v.region,
        v.rep_known,
        v.manager_ids,
        v.partner_ids,
        v.date,
    from fact.order_heads as o
    asof join visited_days as v on v.buyer_id = o.customer_id and v.date <= o.date
    where o.is_counted and o.date - v.date <= getvariable('strike_days')
),

parts as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        cast(null as date) as known_on,
        1 as made_visits,
    from fact.made_visits
    where buyer_id is not null
    union all by name
    select
        w.* exclude (order_id, revenue, won_on),
        w.won_on as known_on,
        1 as won_orders,
        w.revenue as won_amount,
    from won as w
    union all by name
    select
        w.* exclude (order_id, revenue, won_on),
        greatest(i.date, w.won_on) as known_on,
        i.amount as billed_amount,
    from won as w
    inner join fact.invoices as i on w.order_id = i.order_id
    where i.doc_type <> 'write_off'
    union all by name
    select
        w.* exclude (order_id, revenue, won_on),
        greatest(r.date, r.applied_on, i.date, w.won_on) as known_on,
        r.amount as paid_amount,
    from won as w
    inner join fact.invoices as i on w.order_id = i.order_id
    inner join fact.receipts as r on i.invoice_id = r.invoice_id
    where i.doc_type = 'invoice' and r.date is not null
),

summed as (
    select
        rep_id,
        territory_id,
        region,
        rep_known,
        manager_ids,
        partner_ids,
        date,
        known_on,
        cast(coalesce(sum(won_amount), 0) as decimal(38, 4)) as won_amount,
        cast(coalesce(sum(billed_amount), 0) as decimal(38, 4)) as billed_amount,
        cast(coalesce(sum(paid_amount), 0) as decimal(38, 4)) as paid_amount,
        cast(coalesce(sum(made_visits), 0) as bigint) as made_visits,
        cast(coalesce(sum(won_orders), 0) as bigint) as won_orders,
        cast(coalesce(sum(made_visits), 0) as bigint) as n_rows,
        cast(0 as bigint) as n_excluded,
    from parts
    group by rep_id, territory_id, region, rep_known, manager_ids, partner_ids, date, known_on
)

select * from summed
order by date, rep_id
