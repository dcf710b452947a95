-- a person with two assignments on one day: nobody could say whose region a row of that day is in (R7)
select
    earlier.rep_id,
    later.valid_from,
from fact.postings as earlier
inner join fact.postings as later
    on later.rep_id = earlier.rep_id and later.valid_from between earlier.valid_from and earlier.valid_to
group by earlier.rep_id, later.valid_from
having count(*) > 1
