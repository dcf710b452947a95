-- one row per prospect, as last known, with the day it first reached each stage
with cards as (
    select
        *,
        _replaced_by is null as is_listed,
    from src.prospects
    qualify row_number() over (partition by prospect_id order by _replaced_by is null desc, _load_id desc) = 1
),
-- the export that first showed the stage dates it where the card does not
shown as (
    select
        version.prospect_id,
        version.stage,
        -- what the first export shows was so on the day of the data, if that is earlier than the day it came
        min(coalesce(version._from, least(company_day(load.started_at), getvariable('as_of')))) as shown_on,
    from src.prospects as version
    left join loads as load on load.load_id = version._load_id
    group by version.prospect_id, version.stage
),
first_visits as (
    select
        prospect_id,
        min(actual_date) as visited_on,
    from fact.visits
    where is_completed and is_counted_type and prospect_id is not null
    group by prospect_id
),
dated as (
    select
        cards.*,
        coalesce(cards.visited_on, visit.visited_on) as first_visited_on,
        shown.shown_on,
        coalesce(cards.contracted_on, case when cards.stage = 'contracted' then shown.shown_on end) as won_on,
        coalesce(cards.lost_on, case when cards.stage = 'lost' then shown.shown_on end) as gone_on,
        coalesce(cards.abandoned_on, case when cards.stage = 'abandoned' then coalesce(cards.lost_on, shown.shown_on) end) as given_up_on,
        case when not cards.is_listed then least(company_day(unlisting.started_at), getvariable('as_of')) end as unlisted_on,
    from cards
    left join shown on shown.prospect_id = cards.prospect_id and shown.stage = cards.stage
    left join first_visits as visit on visit.prospect_id = cards.prospect_id
    left join loads as unlisting on unlisting.load_id = cards._replaced_by
),
-- it ends once: as its stage says, else as its dates do
ended as (
    select
        *,
        case
            when stage in ('contracted', 'lost', 'abandoned') then stage
            when won_on is not null then 'contracted'
            when given_up_on is not null then 'abandoned'
            when gone_on is not null then 'lost'
        end as outcome,
    from dated
),
prospects as (
    select
        cards.prospect_id,
        credit.rep_id,
        credit.territory_id,
        cards.inside_id,
        cards.customer_id,
        cards._load_id as load_id,
        cards._file_id as file_id,
        cards._row as row,
        cards.name,
        credit.region,
        cards.source,
        cards.stage,
        cards.outcome,
        cards.prospect_class,
        cards.lost_reason,
        cards.competitor,
        cards.need_state,
        cards.followup,
        cards.est_value,
        credit.rep_known,
        cards.is_listed,
        cards.is_listed and cards.outcome is null as is_open,
        credit.manager_ids,
        credit.partner_ids,
        cards.created_on as date,
        cards.qualified_on,
        cards.first_visited_on as visited_on,
        cards.quoted_on,
        cards.contracted_on as stated_contract_on,
        cards.won_on as contracted_on,
        cards.gone_on as lost_on,
        cards.given_up_on as abandoned_on,
        -- the day an export first showed the stage it is in
        cards.shown_on,
        case cards.outcome when 'contracted' then cards.won_on when 'lost' then cards.gone_on when 'abandoned' then cards.given_up_on end as left_on,
        -- from this day on it is no longer open: it has left, or is no longer on the list
        least(
            case cards.outcome when 'contracted' then cards.won_on when 'lost' then cards.gone_on when 'abandoned' then cards.given_up_on end,
            cards.unlisted_on
        ) as closed_on,
        coalesce(cards.class_date, cards.created_on) as class_date,
        coalesce(cards.last_reviewed_on, cards.updated_on::date) as last_reviewed_on,
        cards.next_visit_on,
        cards.updated_on,
    from ended as cards
    inner join fact.credits as credit
        on credit.row_rep_id is not distinct from cards.owner_id
        and credit.row_customer_id is null
        and credit.row_territory_id is null
        and credit.date = cards.created_on
)
select * from prospects
