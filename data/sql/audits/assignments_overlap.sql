-- a customer with two owners on one day: nobody could say whose the rows of that day are (R6)
select
    earlier.customer_id,
    later.valid_from,
from fact.owners as earlier
inner join fact.owners as later
    on later.customer_id = earlier.customer_id and later.valid_from between earlier.valid_from and earlier.valid_to
group by earlier.customer_id, later.valid_from
having count(*) > 1
