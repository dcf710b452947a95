-- one row per credit and customer that ever owed or paid, since when: who has nothing open today has nothing, and is not unknown
select
    rep_id,
    territory_id,
    region,
    rep_known,
    manager_ids,
    partner_ids,
    customer_id,
    min(date) as first_on,
from fact.receivable_moves
group by all
order by customer_id
