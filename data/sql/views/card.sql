-- the cards of some customers the scope owns on the day of the data: what the company knows of them, but no contact data
with holders as (
    select
        o.customer_id,
        o.rep_id,
        o.valid_from,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
    from fact.owners as o
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and $as_of between p.valid_from and p.valid_to
    where $as_of between o.valid_from and o.valid_to and list_contains($ids, o.customer_id)
),

owned as (
    select
        customer_id,
        rep_id as owner_id,
        case when valid_from > date '0001-01-01' then valid_from end as owned_since,
    from holders
    where $in_scope
),

cards as (
    select
        o.customer_id,
        c.customer_name,
        o.owner_id,
        o.owned_since,
        c.territory_id,
        c.region,
        c.status,
        c.is_key,
        c.manual_class,
        c.loyalty,
        c.industry,
        c.province,
        c.city,
        c.credit_rating,
        cast(c.credit_limit as decimal(38, 4)) as credit_limit,
        cast(c.annual_potential as decimal(38, 4)) as annual_potential,
        cast(c.terms_days as bigint) as terms_days,
        c.has_contact,
        c.has_phone,
        c.created_on,
        c.contract_signed_on,
        cast(c.updated_on as date) as updated_on,
    from owned as o
    left join fact.customers as c on o.customer_id = c.customer_id
)

select * from cards
order by customer_id
