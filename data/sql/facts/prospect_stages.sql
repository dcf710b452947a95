-- one row per prospect and step it took, stages entered and how it left; the owner is on the card, where the owner was is of that day
with dated as (
    select
        *,
        case when outcome = 'contracted' then contracted_on end as contracted_in,
        coalesce(quoted_on, case when stage = 'quoted' then shown_on end, contracted_in) as quoted_in,
        -- whoever came further has been here: a missing day is that of the next stage
        coalesce(visited_on, case when stage = 'visited' then shown_on end, quoted_in) as visited_in,
        coalesce(qualified_on, case when stage = 'qualified' then shown_on end, visited_in) as qualified_in,
    from fact.prospects
),
steps as (
    select
        * exclude (date),
        unnest([
            {'stage': 'collected', 'step': 1, 'date': date, 'stated_on': date},
            {'stage': 'qualified', 'step': 2, 'date': qualified_in, 'stated_on': qualified_on},
            {'stage': 'visited', 'step': 3, 'date': visited_in, 'stated_on': visited_on},
            {'stage': 'quoted', 'step': 4, 'date': quoted_in, 'stated_on': quoted_on},
            {'stage': 'contracted', 'step': 5, 'date': contracted_in, 'stated_on': stated_contract_on},
            {'stage': outcome, 'step': 6, 'date': case when outcome in ('lost', 'abandoned') then left_on end, 'stated_on': null}
        ]) as taken,
    from dated
),
prospect_stages as (
    select
        steps.prospect_id,
        steps.rep_id,
        posting.territory_id,
        posting.region,
        coalesce(nullif(trim(steps.source), ''), 'unspecified') as source,
        steps.taken.stage,
        steps.taken.step,
        steps.lost_reason,
        steps.competitor,
        steps.rep_known,
        coalesce(posting.manager_ids, []::varchar[]) as manager_ids,
        coalesce(posting.partner_ids, []::varchar[]) as partner_ids,
        steps.taken.date,
        steps.taken.stated_on,
    from steps
    left join fact.postings as posting
        on posting.rep_id = steps.rep_id and steps.taken.date between posting.valid_from and posting.valid_to
    where steps.taken.date is not null
)
select * from prospect_stages
