-- one row per customer: the card as last known
with cards as (
    select *
    from src.customers
    qualify row_number() over (partition by customer_id order by _replaced_by is null desc, _load_id desc) = 1
),
customers as (
    select
        card.customer_id,
        card.owner_id,
        card.territory_id as stated_territory_id,
        coalesce(card.territory_id, owner.territory_id) as territory_id,
        card.parent_id,
        card.customer_name,
        case
            when card.territory_id is null or card.territory_id = owner.territory_id then coalesce(territory.region, owner.region)
            else territory.region
        end as region,
        card.status,
        card.manual_class,
        card.credit_rating,
        card.loyalty,
        card.industry,
        card.province,
        card.city,
        card.credit_limit,
        card.annual_potential,
        card.terms_days,
        card.is_key,
        coalesce(trim(card.contact), '') <> '' as has_contact,
        coalesce(trim(card.phone), '') <> '' as has_phone,
        card._replaced_by is null as is_listed,
        card.created_on,
        card.first_order_on,
        card.contract_signed_on,
        card.updated_on,
    from cards as card
    left join fact.people as owner on owner.rep_id = card.owner_id
    left join fact.territories as territory on territory.territory_id = coalesce(card.territory_id, owner.territory_id)
)
select * from customers
