-- visits are counted once: facts as stored, the measure as distinct rep, party and day
with made as (
    select
        rep_id,
        party,
        actual_date,
    from fact.visits
    where is_completed and is_counted_type
),
counts as (
    select
        (select count(*) from src.visits where _replaced_by is null) as stored,
        (select count(*) from fact.visits) as records,
        (select count(*) from made) as made_records,
        (select coalesce(sum(visit_records), 0) from measure.visits) as measured_records,
        (select count(*) from (select distinct * from made)) as visits,
        (select coalesce(sum(completed_visits), 0) from measure.visits) as measured_visits,
)
select * from counts where records <> stored or measured_records <> made_records or measured_visits <> visits
