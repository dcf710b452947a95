-- one row per prospect and pair of stages with both days on the card, on the day of the second; a negative stretch is an error
with cycles as (
    select
        t.rep_id,
        t.territory_id,
        t.region,
        t.rep_known,
        t.manager_ids,
        t.partner_ids,
        t.source as lead_source,
        s.stage || '_to_' || t.stage as stages,
        case when t.stated_on >= s.stated_on then t.stated_on - s.stated_on end as days,
        cast(t.stated_on >= s.stated_on as bigint) as n_rows,
        cast(t.stated_on < s.stated_on as bigint) as n_excluded,
        t.stated_on as date,
    from fact.prospect_stages as t
    inner join fact.prospect_stages as s on t.prospect_id = s.prospect_id and s.step < t.step
    where t.stated_on is not null and s.stated_on is not null
)

select * from cycles
order by date, rep_id
