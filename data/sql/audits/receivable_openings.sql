-- what a month begins with is the sum of all that moved before it
with moved as (
    select
        s.month_on,
        sum(m.open_change) as open_change,
        sum(m.unapplied_change) as unapplied_change,
    from (
        select
            date_trunc('month', date) as month,
            sum(open_change) as open_change,
            sum(unapplied_change) as unapplied_change,
        from fact.receivable_moves
        group by month
    ) as m
    inner join measure.receivable_starts as s on m.month < s.month_on
    group by s.month_on
),

begun as (
    select
        month_on,
        sum(open_change) as open_change,
        sum(unapplied_change) as unapplied_change,
    from measure.receivable_openings
    group by month_on
)

select *
from begun as b
left join moved as m on b.month_on = m.month_on
where b.open_change is distinct from m.open_change or b.unapplied_change is distinct from m.unapplied_change
