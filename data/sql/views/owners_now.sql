-- one row per customer somebody in scope owns on the day of the data: the owner, and where the owner is assigned on that day
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

owners as (
    select
        customer_id,
        rep_id,
        territory_id,
        region,
    from holders
    where $in_scope
    -- an owner with two assignments on one day has one place here: no sale may count twice
    qualify row_number() over (partition by customer_id order by territory_id nulls last, region nulls last) = 1
)

select * from owners
order by customer_id
