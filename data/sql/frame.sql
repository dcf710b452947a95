-- what all other SQL may read: the settings as variables, the history of each source (span), and the date of the data
set variable time_zone = $time_zone;
set variable revenue_date = $revenue_date;
set variable bills_count_on = $bills_count_on;
set variable counted_visit_types = $counted_visit_types;
set variable visit_tolerance_days = $visit_tolerance_days;
set variable strike_days = $strike_days;
set variable onboarding_days = $onboarding_days;
set variable new_lookback_months = $new_lookback_months;
set variable grace_days = $grace_days;
set variable fiscal_year_start_month = $fiscal_year_start_month;
set variable loaded = (select coalesce(list(distinct source order by source), []) from files where source is not null);

create or replace temp macro company_day(utc) as timezone(getvariable('time_zone'), timezone('UTC', utc))::date;
create or replace temp macro order_day(shipped, ordered) as
    case when getvariable('revenue_date') = 'ship_date' then coalesce(shipped, ordered) else coalesce(ordered, shipped) end;
-- a bill that has not cleared is a promise, not cash: it has no day yet
create or replace temp macro cash_day(received, cleared, method) as
    case when method = 'bill' and getvariable('bills_count_on') = 'clearing' then cleared else received end;
-- an id missing in its master list is kept and named; without the list nothing can be missing in it
create or replace temp macro member(id, found, source) as
    case when found is null and list_contains(getvariable('loaded'), source) then 'unknown (' || id || ')' else id end;

-- one row per source that has dates: where its history starts, and its latest business date
create or replace table span as
with received as (
    select
        load_id,
        company_day(started_at) as received_on,
    from loads
),
dated as (
    select
        'visits' as source,
        coalesce(actual_date::date, planned_date) as starts_on,
        case when status = 'completed' then actual_date::date end as happened_on,
        _load_id,
    from src.visits
    where _replaced_by is null
    union all
    select
        'orders',
        order_day(ship_date, order_date),
        order_day(ship_date, order_date),
        _load_id,
    from src.orders
    where _replaced_by is null and coalesce(status, 'valid') = 'valid'
    union all
    select
        'invoices',
        invoice_date,
        invoice_date,
        _load_id,
    from src.invoices
    where _replaced_by is null and coalesce(status, 'valid') = 'valid'
    union all
    -- where there are no receipts, what an invoice says was paid stands in for them
    select
        'invoices',
        null,
        paid_on,
        _load_id,
    from src.invoices
    where _replaced_by is null and coalesce(status, 'valid') = 'valid' and not list_contains(getvariable('loaded'), 'receipts')
    union all
    select
        'receipts',
        received_on,
        received_on,
        _load_id,
    from src.receipts
    where _replaced_by is null
    union all
    select
        'prospects',
        created_on,
        created_on,
        _load_id,
    from src.prospects
    where _replaced_by is null
    union all
    select
        'quotes',
        quote_date,
        quote_date,
        _load_id,
    from src.quotes
    where _replaced_by is null
    union all
    select
        'service',
        opened_on::date,
        opened_on::date,
        _load_id,
    from src.service
    where _replaced_by is null
    union all
    select
        'stock_counts',
        counted_on,
        counted_on,
        _load_id,
    from src.stock_counts
    where _replaced_by is null
),
configured as (
    select
        unnest($start_sources::varchar[]) as source,
        unnest($start_dates::date[]) as start_on,
),
spans as (
    select
        dated.source,
        -- a later start may be set: what lies before it is known to be incomplete
        greatest(min(dated.starts_on), max(configured.start_on)) as data_start,
        -- a date after the day its file was received is a slip or a plan, and moves no clock
        max(dated.happened_on) filter (where dated.happened_on <= received.received_on) as latest,
    from dated
    left join received on received.load_id = dated._load_id
    left join configured on configured.source = dated.source
    group by dated.source
)
select * from spans;

-- a date that is set wins; else the latest thing that happened; while there is nothing, the day of the build
set variable as_of = coalesce($as_of::date, (select max(latest) from span), $today::date);
