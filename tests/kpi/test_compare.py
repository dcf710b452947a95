"""Changes against another period."""

from datetime import date
from decimal import Decimal

from kpi.compare import with_period
from kpi.period import parse, prior
from kpi.sales import gross_margin_pct, order_count, revenue

JUNE = parse("2026-06", date(2026, 6, 20))
MAY = prior(JUNE)


def both(kpi, measure, rows):
    from kpi.base import summarise

    frame = measure(rows, order_count=1, costed_revenue=100.0, revenue=100.0, gross_profit=10.0)
    current, other = (summarise([kpi], lambda _: frame, [p], ["rep_id"])[kpi.name] for p in (JUNE, MAY))
    return with_period(kpi, current, other, {JUNE.label: MAY}, ["rep_id"]).to_dicts()[0]


def test_money_changes_by_an_exact_amount_and_a_share(measure) -> None:
    row = both(
        revenue, measure, [{"date": "2026-06-03", "revenue": 420.3}, {"date": "2026-05-03", "revenue": 400.0}, {"date": "2026-05-25"}]
    )
    assert (row["compare_value"], row["change"]) == (400, Decimal("20.3"))
    assert round(row["change_rate"], 5) == 0.05075
    assert (row["compare_start"], row["compare_end"], row["clipped"]) == (date(2026, 5, 1), date(2026, 5, 20), False)


def test_growth_from_nothing_has_no_rate(measure) -> None:
    row = both(revenue, measure, [{"date": "2026-06-03", "revenue": 420.0}, {"date": "2026-05-03", "revenue": 0.0}])
    assert (row["change"], row["change_rate"]) == (420, None)


def test_rates_change_by_points(measure) -> None:
    row = both(gross_margin_pct, measure, [{"date": "2026-06-03", "gross_profit": 12.0}, {"date": "2026-05-03", "gross_profit": 11.0}])
    assert (round(row["change"], 6), row["change_rate"]) == (1.0, None)


def test_a_member_without_the_other_period_has_nothing_to_compare_with(measure) -> None:
    row = both(order_count, measure, [{"date": "2026-06-03"}])
    assert (row["compare_value"], row["change"], row["change_rate"]) == (None, None, None)
