-- one row per rep, customer, territory and day that occur together on a row: who gets the credit (R6), and where (R7)
with occurring as (
    select
        rep_id,
        customer_id,
        territory_id,
        order_day(ship_date, order_date) as date,
    from src.orders
    where _replaced_by is null
    union
    select
        rep_id,
        customer_id,
        territory_id,
        coalesce(actual_date::date, planned_date),
    from src.visits
    where _replaced_by is null
    union
    select
        rep_id,
        customer_id,
        territory_id,
        invoice_date,
    from src.invoices
    where _replaced_by is null
    union
    select
        rep_id,
        customer_id,
        null,
        coalesce(cash_day(received_on, cleared_on, method), received_on),
    from src.receipts
    where _replaced_by is null
    union
    select
        rep_id,
        customer_id,
        null,
        quote_date,
    from src.quotes
    where _replaced_by is null
    union
    -- a prospect that was taken off the list is still part of the past
    select
        owner_id,
        null,
        null,
        created_on,
    from src.prospects
    union
    select
        null,
        customer_id,
        null,
        opened_on::date,
    from src.service
    where _replaced_by is null
    union
    select
        null,
        customer_id,
        null,
        counted_on,
    from src.stock_counts
    where _replaced_by is null
),
credited as (
    select
        occurring.rep_id as row_rep_id,
        occurring.customer_id as row_customer_id,
        occurring.territory_id as row_territory_id,
        occurring.date,
        coalesce(member(occurring.rep_id, person.rep_id, 'reps'), owner.rep_id, 'unassigned') as rep_id,
        case when occurring.customer_id is not null then member(occurring.customer_id, card.customer_id, 'customers') end as customer_id,
    from occurring
    left join fact.people as person on person.rep_id = occurring.rep_id
    left join fact.customers as card on card.customer_id = occurring.customer_id
    left join fact.owners as owner
        on owner.customer_id = occurring.customer_id and occurring.date between owner.valid_from and owner.valid_to
),
credits as (
    select
        credited.row_rep_id,
        credited.row_customer_id,
        credited.row_territory_id,
        credited.date,
        credited.customer_id,
        credited.rep_id,
        coalesce(credited.row_territory_id, posting.territory_id) as territory_id,
        -- the territory on the row decides; the rep's own region only speaks for the rep's own territory
        case
            when credited.row_territory_id is null then posting.region
            when credited.row_territory_id = posting.territory_id then coalesce(territory.region, posting.region)
            else territory.region
        end as region,
        person.rep_id is not null as rep_known,
        coalesce(posting.manager_ids, []) as manager_ids,
        coalesce(posting.partner_ids, []) as partner_ids,
    from credited
    left join fact.people as person on person.rep_id = credited.rep_id
    left join fact.postings as posting
        on posting.rep_id = credited.rep_id and credited.date between posting.valid_from and posting.valid_to
    left join fact.territories as territory on territory.territory_id = credited.row_territory_id
)
select * from credits
