-- one row per completed visit: one rep, one party, one day, placed where the first record of it was made
with records as (
    select
        *,
        row_number() over (partition by rep_id, party, actual_date order by actual_at, visit_id) as nth,
        count(*) over same_visit as records,
        bool_or(planned_date is not null) over same_visit as is_planned,
        min(logged_at) over same_visit as first_logged_at,
        -- a clock that says midnight was not looked at
        case when actual_at <> actual_date::timestamp then date_trunc('minute', actual_at) end as minute,
    from fact.visits
    where is_completed and is_counted_type
    window same_visit as (partition by rep_id, party, actual_date)
),
-- how many parties a rep was with in one minute
minutes as (
    select
        rep_id,
        minute,
    from records
    where minute is not null
    group by rep_id, minute
    having count(distinct party) > 1
),
-- a note one or two people write again and again in a month; what more people write is a choice from a list
notes as (
    select
        outcome,
        count(distinct rep_id) over (partition by outcome) as writers,
        rep_id,
        month,
    from (
        select
            trim(outcome) as outcome,
            rep_id,
            date_trunc('month', actual_date) as month,
        from records
        where length(trim(outcome)) >= 6
        group by all
        having count(distinct (party, actual_date)) >= 3
    )
),
visits as (
    select
        records.visit_id,
        records.customer_id,
        records.prospect_id,
        -- a prospect that became a customer buys as that customer
        coalesce(records.customer_id, prospect.customer_id) as buyer_id,
        records.party,
        records.rep_id,
        records.territory_id,
        records.region,
        records.records,
        records.rep_known,
        records.is_planned,
        coalesce(list_has_any(posting.roles, ['rep', 'kam']), false) as is_by_field,
        coalesce(list_contains(posting.roles, 'kam'), false) as is_by_kam,
        coalesce(list_contains(posting.roles, 'regional_manager'), false) as is_by_manager,
        minutes.minute is not null as is_same_minute,
        notes.outcome is not null as is_copied,
        records.manager_ids,
        records.partner_ids,
        records.actual_date as date,
        records.first_logged_at::date as logged_on,
    from records
    left join fact.prospects as prospect on prospect.prospect_id = records.prospect_id
    left join fact.postings as posting
        on posting.rep_id = records.rep_id and records.actual_date between posting.valid_from and posting.valid_to
    left join minutes on minutes.rep_id = records.rep_id and minutes.minute = records.minute
    left join notes
        on notes.rep_id = records.rep_id
        and notes.outcome = trim(records.outcome)
        and notes.month = date_trunc('month', records.actual_date)
        and notes.writers < 3
    where records.nth = 1
),
visited_days as (
    select distinct
        buyer_id,
        date,
    from visits
    where buyer_id is not null
),
-- an order belongs to the latest day its customer was visited before it, whoever went there
followed as (
    select
        day.buyer_id,
        day.date,
    from fact.order_heads as orders
    asof join visited_days as day on day.buyer_id = orders.customer_id and day.date <= orders.date
    where orders.is_counted and orders.date - day.date <= getvariable('strike_days')
    group by all
),
made_visits as (
    select
        visits.*,
        followed.date is not null as is_followed,
    from visits
    left join followed on followed.buyer_id = visits.buyer_id and followed.date = visits.date
)
select * from made_visits
