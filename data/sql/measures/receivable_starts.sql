-- one row per month at whose beginning something was open: from where a balance can be counted on
select distinct month_on
from measure.receivable_openings
order by month_on
