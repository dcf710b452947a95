-- one row per version of a quote, in company currency
with versions as (
    select
        *,
        row_number() over (
            -- 10 comes after 9; a version that is no number comes by its text
            partition by quote_id order by try_cast(version as integer) desc nulls last, version desc, quote_date desc
        ) as versions_back,
    from src.quotes
    where _replaced_by is null
),
quotes as (
    select
        versions.quote_id,
        versions.version,
        credit.customer_id,
        versions.prospect_id,
        case when versions.customer_id is null then 'p:' || versions.prospect_id else 'c:' || versions.customer_id end as party,
        credit.rep_id,
        credit.territory_id,
        versions._load_id as load_id,
        versions._file_id as file_id,
        versions._row as row,
        credit.region,
        coalesce(versions.status, 'open') as status,
        versions.amount,
        credit.rep_known,
        coalesce(versions.is_special, false) as is_special,
        versions.versions_back = 1 as is_latest,
        versions.versions_back,
        credit.manager_ids,
        credit.partner_ids,
        versions.quote_date as date,
        versions.approved_on,
    from versions
    inner join fact.credits as credit
        on credit.row_rep_id is not distinct from versions.rep_id
        and credit.row_customer_id is not distinct from versions.customer_id
        and credit.row_territory_id is null
        and credit.date = versions.quote_date
)
select * from quotes
