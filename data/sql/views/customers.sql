-- one row per customer the scope owns on the day of the data, or has rows of
with holders as (
    select
        o.customer_id,
        o.rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
    from fact.owners as o
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and $as_of between p.valid_from and p.valid_to
    where $as_of between o.valid_from and o.valid_to
),

owned as (
    select
        customer_id,
        rep_id as owner_id,
    from holders
    where $in_scope
),

seen as (
    select customer_id
    from owned
    union
    select customer_id
    from measure.customer_months
    where $in_scope
    union
    select customer_id
    from measure.receivable_parties
    where $in_scope
),

-- whose a customer is now is said only to those who may see that person's customers
customers as (
    select
        s.customer_id,
        c.customer_name,
        o.owner_id,
        case when $all or o.customer_id is not null then c.territory_id end as territory_id,
        case when $all or o.customer_id is not null then c.region end as region,
        c.is_key,
        c.manual_class,
        c.status,
    from seen as s
    left join fact.customers as c on s.customer_id = c.customer_id
    left join owned as o on s.customer_id = o.customer_id
    where s.customer_id is not null
)

select * from customers
order by customer_id
