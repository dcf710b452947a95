-- one row per customer with a contract, on the day it was signed, credited to the customer's owner of that day
with signed_customers as (
    select
        c.customer_id,
        coalesce(o.rep_id, 'unassigned') as rep_id,
        p.territory_id,
        p.region,
        e.rep_id is not null as rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        cast(1 as bigint) as signed_customers,
        cast(1 as bigint) as n_rows,
        c.contract_signed_on as date,
    from fact.customers as c
    left join fact.owners as o on c.customer_id = o.customer_id and c.contract_signed_on between o.valid_from and o.valid_to
    left join fact.people as e on o.rep_id = e.rep_id
    left join fact.postings as p on o.rep_id = p.rep_id and c.contract_signed_on between p.valid_from and p.valid_to
    where c.contract_signed_on is not null
)

select * from signed_customers
order by date, customer_id
