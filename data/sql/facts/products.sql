-- one row per product and span of days with one price card
with versions as (
    select
        *,
        -- a product listed without a day changes on the day its new version began
        coalesce(
            valid_from,
            case when lag(_load_id) over (partition by product_id, valid_from order by _load_id) is not null then _from end,
            date '0001-01-01'
        ) as starts_on,
        bool_or(_replaced_by is null) over (partition by product_id) as is_listed,
    from src.products
),
cards as (
    select *
    from versions
    -- a replaced row that named its day was corrected, not outlived
    where _replaced_by is null or valid_from is null or not is_listed
    qualify row_number() over (partition by product_id, starts_on order by _replaced_by is null desc, _load_id desc) = 1
),
products as (
    select
        product_id,
        name,
        product_line,
        uom,
        unit_cost,
        list_price,
        margin_floor,
        starts_on as valid_from,
        coalesce(lead(starts_on) over (partition by product_id order by starts_on) - 1, date '9999-12-31') as valid_to,
    from cards
)
select * from products
