"""Working days, and where a fiscal year begins."""

from datetime import date

import pytest

from kpi.calendar import Calendar, month_span

DRAGON = Calendar(off=frozenset({date(2026, 6, 19)}), work=frozenset({date(2026, 6, 28)}))


def test_without_a_calendar_monday_to_friday_are_worked() -> None:
    assert Calendar().working_days(date(2026, 6, 1), date(2026, 6, 30)) == 22


def test_a_holiday_is_off_and_a_make_up_sunday_is_worked() -> None:
    assert not DRAGON.is_working(date(2026, 6, 19))
    assert DRAGON.is_working(date(2026, 6, 28))
    assert DRAGON.working_days(date(2026, 6, 15), date(2026, 6, 21)) == 4
    assert DRAGON.working_days(date(2026, 6, 22), date(2026, 6, 28)) == 6


def test_counting_days_agrees_with_walking_through_them() -> None:
    days = [date(2026, 6, d) for d in range(1, 31)]
    for i, first in enumerate(days):
        for last in days[i:]:
            assert DRAGON.working_days(first, last) == sum(DRAGON.is_working(d) for d in days if first <= d <= last)


def test_no_day_lies_between_a_day_and_the_one_before() -> None:
    assert Calendar().working_days(date(2026, 6, 2), date(2026, 6, 1)) == 0


def test_a_fiscal_year_is_named_after_the_year_it_ends_in() -> None:
    april = Calendar(4)
    assert april.months(2026, 1, 12) == (date(2025, 4, 1), date(2026, 3, 31))
    assert april.quarter_of(date(2025, 4, 1)) == (2026, 1)
    assert april.quarter_of(date(2026, 3, 31)) == (2026, 4)
    assert Calendar().quarter_of(date(2026, 12, 31)) == (2026, 4)


@pytest.mark.parametrize(("month", "expected"), [(0, (date(2025, 12, 1), date(2025, 12, 31))), (14, (date(2027, 2, 1), date(2027, 2, 28)))])
def test_months_run_over_the_edges_of_a_year(month: int, expected: tuple[date, date]) -> None:
    assert month_span(2026, month) == expected
