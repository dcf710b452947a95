-- revenue is the same in the measure, in the facts and in the stored rows that are current and valid, to the cent
with sums as (
    select
        (select coalesce(sum(revenue), 0) from measure.sales) as measured,
        (select coalesce(sum(net_amount), 0) from fact.orders) as credited,
        (
            select coalesce(sum(net_amount), 0)
            from src.orders
            where _replaced_by is null and coalesce(status, 'valid') = 'valid'
        ) as stored,
)
select * from sums where measured <> credited or credited <> stored
