-- one row per period and quote at a special price that nobody has decided on by its last day, with whoever made it
with windows as (
    select
        unnest($labels) as period,
        unnest($tos) as to_on,
),

latest as (
    select
        w.period,
        w.to_on,
        q.*,
    from windows as w
    inner join fact.quotes as q on q.date <= w.to_on
    qualify row_number() over (partition by w.period, q.quote_id order by q.versions_back) = 1
),

held as (
    select
        l.period,
        l.quote_id,
        l.prospect_id,
        l.customer_id,
        l.rep_id,
        p.territory_id,
        p.region,
        l.rep_known,
        coalesce(p.manager_ids, cast([] as varchar[])) as manager_ids,
        coalesce(p.partner_ids, cast([] as varchar[])) as partner_ids,
        l.amount,
        l.date as quoted_on,
        l.to_on - l.date as waiting_days,
    from latest as l
    left join fact.postings as p on l.rep_id = p.rep_id and l.to_on between p.valid_from and p.valid_to
    where l.is_special and l.status = 'open' and coalesce(l.approved_on > l.to_on, true)
)

select
    period,
    quote_id,
    prospect_id,
    customer_id,
    rep_id,
    territory_id,
    region,
    rep_known,
    cast(amount as decimal(38, 4)) as amount,
    quoted_on,
    cast(waiting_days as bigint) as waiting_days,
    cast(1 as bigint) as n_rows,
from held
where $in_scope
