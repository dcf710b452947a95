"""Working days and the fiscal year (R13). Quarters, half-years and years are fiscal; months are calendar months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_WEEKEND = (5, 6)
# New Year's day of the lunar calendar (春节), by year: an astronomical fact, not an official notice.
SPRING_FESTIVALS = {
    day.year: day
    for day in map(
        date.fromisoformat,
        (
            "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22",
            "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11",
            "2033-01-31", "2034-02-19", "2035-02-08",
        ),
    )
}  # fmt: skip
Span = tuple[date, date]  # first and last day, both inside


def month_span(year: int, month: int) -> Span:
    """First and last day of a calendar month; `month` may run below 1 or beyond 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


def _weekdays(first: date, last: date) -> int:
    """Mondays to Fridays between two days, both inside, without walking through them."""
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * 5 + sum((first.weekday() + i) % 7 not in _WEEKEND for i in range(rest))


@dataclass(frozen=True)
class Calendar:
    """Which days are worked, and when the year begins. Without days off, Mondays to Fridays are working days."""

    fiscal_year_start_month: int = 1
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()  # make-up working weekends (调休)

    def is_working(self, day: date) -> bool:
        """Whether people work on that day."""
        return day in self.work or (day.weekday() not in _WEEKEND and day not in self.off)

    def working_days(self, first: date, last: date) -> int:
        """Working days from `first` to `last`, both inside; 0 if `last` lies before `first`."""
        if last < first:
            return 0
        lost = sum(first <= d <= last and d.weekday() not in _WEEKEND for d in self.off - self.work)
        made_up = sum(first <= d <= last and d.weekday() in _WEEKEND for d in self.work)
        return _weekdays(first, last) - lost + made_up

    def months(self, year: int, first: int, count: int) -> Span:
        """`count` months of fiscal year `year` from its month `first` (1–12): the span from first to last day."""
        # year N is the one that ends in calendar year N, so a start after January lies in N − 1
        begins = year - (self.fiscal_year_start_month > 1)
        month = self.fiscal_year_start_month + first - 1
        return month_span(begins, month)[0], month_span(begins, month + count - 1)[1]

    def position(self, day: date) -> tuple[int, int]:
        """Fiscal year of a day, and the number of its month in that year (1–12)."""
        month = (day.month - self.fiscal_year_start_month) % 12 + 1
        moved = self.fiscal_year_start_month > 1 and day.month >= self.fiscal_year_start_month
        return day.year + moved, month

    def quarter_of(self, day: date) -> tuple[int, int]:
        """Fiscal year and quarter (1–4) of a day."""
        year, month = self.position(day)
        return year, (month + 2) // 3
