-- one row per complaint, exception or survey answer; credit goes to the customer's owner on the day it was opened
with cases as (
    select *
    from src.service
    where _replaced_by is null
),
service as (
    select
        cases.case_id,
        credit.customer_id,
        cases.order_id,
        credit.rep_id,
        credit.territory_id,
        cases._load_id as load_id,
        cases._file_id as file_id,
        cases._row as row,
        credit.region,
        cases.kind,
        cases.category,
        cases.status,
        cases.score,
        cases.scale_min,
        cases.scale_max,
        credit.rep_known,
        coalesce(cases.status, 'open') = 'open' as is_open,
        credit.manager_ids,
        credit.partner_ids,
        cases.opened_on::date as date,
        cases.opened_on as opened_at,
        cases.responded_at,
        cases.closed_at,
    from cases
    inner join fact.credits as credit
        on credit.row_rep_id is null
        and credit.row_customer_id is not distinct from cases.customer_id
        and credit.row_territory_id is null
        and credit.date = cases.opened_on::date
)
select * from service
