"""Periods: how they are written, what they compare with (R12), and the pieces they fall into (R19)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from kpi.calendar import SPRING_FESTIVALS, Calendar, Span, month_span

UNITS = ("day", "week", "month", "quarter", "year")  # a period in `by`
_DAY = timedelta(days=1)
_YEARS = range(1900, 2200)
_TO_DATE = {"mtd": "month", "qtd": "quarter", "ytd": "year"}


class PeriodError(ValueError):
    """The text is no period; `text` is what was asked."""

    def __init__(self, text: str) -> None:
        super().__init__(f"not a period: {text!r}")
        self.text = text


@dataclass(frozen=True)
class Period:
    """A span of days seen on the day `as_of`. A running period ends in the future; its figures go up to `to`."""

    label: str
    start: date
    end: date
    as_of: date
    calendar: Calendar = field(default_factory=Calendar, repr=False, compare=False)
    unit: str = "range"
    to_date: bool = False  # asked as mtd, qtd, ytd: compares on elapsed days even on its last day
    cut_from: date | None = None  # a comparison on elapsed days: where the whole period would end
    clipped: bool = False  # the period compared with has fewer days than have elapsed

    @property
    def to(self) -> date:
        """Last day that counts: the end, or as_of while the period runs. Before `start` if it has not begun."""
        return min(self.end, self.as_of)

    @property
    def whole_end(self) -> date:
        """Last day of the whole month, quarter or year: what a target is about."""
        return self.cut_from or self.end

    @property
    def in_full(self) -> Period:
        """The whole period as if it were over: the window to read where a KPI looks ahead of as_of."""
        return replace(self, end=self.whole_end, as_of=max(self.as_of, self.whole_end), cut_from=None)

    @property
    def has_begun(self) -> bool:
        """Whether any day of it lies on or before as_of."""
        return self.start <= self.as_of

    @property
    def is_closed(self) -> bool:
        """Whether all days of the whole period are in."""
        return self.to == self.whole_end

    @property
    def working_days(self) -> int:
        """Working days of the whole period."""
        return self.calendar.working_days(self.start, self.whole_end)

    @property
    def elapsed_working_days(self) -> int:
        """Working days up to and with `to`."""
        return self.calendar.working_days(self.start, self.to)


def _span(unit: str, day: date, calendar: Calendar) -> tuple[str, Span]:
    """The day, week, month, quarter, half or year a day lies in: label and span."""
    year, month = calendar.position(day)
    if unit == "day":
        return day.isoformat(), (day, day)
    if unit == "week":
        iso = day.isocalendar()
        monday = day - timedelta(days=day.weekday())
        return f"{iso.year}-W{iso.week:02}", (monday, monday + timedelta(days=6))
    if unit == "month":
        return f"{day:%Y-%m}", month_span(day.year, day.month)
    if unit == "quarter":
        quarter = (month + 2) // 3
        return f"{year}-Q{quarter}", calendar.months(year, quarter * 3 - 2, 3)
    if unit == "half":
        half = (month + 5) // 6
        return f"{year}-H{half}", calendar.months(year, half * 6 - 5, 6)
    return f"{year}", calendar.months(year, 1, 12)


# How a period is written: its unit, the pattern, and a day inside it.
_FORMS: tuple[tuple[str, str, Callable[[Calendar, int, int, int], date]], ...] = (
    ("day", r"(\d{4})-(\d{2})-(\d{2})", lambda _, y, m, d: date(y, m, d)),
    ("month", r"(\d{4})-(\d{2})", lambda _, y, m, __: date(y, m, 1)),
    ("quarter", r"(\d{4})-Q([1-4])", lambda c, y, q, _: c.months(y, q * 3 - 2, 3)[0]),
    ("half", r"(\d{4})-H([12])", lambda c, y, h, _: c.months(y, h * 6 - 5, 6)[0]),
    ("week", r"(\d{4})-W(\d{2})", lambda _, y, w, __: date.fromisocalendar(y, w, 1)),
    ("year", r"(\d{4})", lambda c, y, _, __: c.months(y, 1, 12)[0]),
)


def _read(text: str, calendar: Calendar) -> tuple[str, str, Span]:
    """Unit, label and span of one written period; PeriodError if it is none."""
    for unit, pattern, inside in _FORMS:
        if found := re.fullmatch(pattern, text, re.ASCII | re.IGNORECASE):
            year, *rest = (int(part) for part in found.groups())
            if year not in _YEARS:
                break
            try:
                return unit, *_span(unit, inside(calendar, year, *[*rest, 0, 0][:2]), calendar)
            except ValueError:  # month 13, 30 February, week 54
                break
    raise PeriodError(text)


def parse(text: str, as_of: date, calendar: Calendar | None = None) -> Period:
    """The period a person means by `2026-06`, `2026-06-15`, `2026-W23`, `2026-Q2`, `2026-H1`, `2026`, `mtd`, `qtd`, `ytd` or `A..B`.

    mtd, qtd and ytd are the whole month, quarter or year around as_of, counted up to as_of.
    Raises PeriodError for anything else, a day that does not exist, or an end before its start.
    """
    calendar = calendar or Calendar()
    wanted = text.strip()
    if unit := _TO_DATE.get(wanted.lower()):
        label, (start, end) = _span(unit, as_of, calendar)
        return Period(label, start, end, as_of, calendar, unit, to_date=True)
    if ".." in wanted:
        first, last = (part.strip() for part in wanted.split("..", 1))
        start, end = _read(first, calendar)[2][0], _read(last, calendar)[2][1]
        if end < start:
            raise PeriodError(text)
        return Period(f"{start}..{end}", start, end, as_of, calendar)
    unit, label, (start, end) = _read(wanted, calendar)
    return Period(label, start, end, as_of, calendar, unit)


def months_up_to(last: date, months: int) -> date:
    """The first day of the months that end with the day `last`: twelve up to 30 June begin on 1 July."""
    after = last + _DAY
    first, end = month_span(after.year, after.month - months)
    return first.replace(day=min(after.day, end.day))


def _year_before(day: date) -> date:
    """The same day a year earlier; 29 February becomes the 28th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _against(period: Period, label: str, span: Span) -> Period:
    """`period`'s comparison over `span`: all of it if the period is complete, else the same number of elapsed days."""
    start, last = span
    whole = replace(period, label=label, start=start, end=last, to_date=False, cut_from=None, clipped=False)
    if not period.has_begun:
        return whole
    elapsed_end = start + (period.to - period.start)
    if period.is_closed and not period.to_date:
        # on its last day a period is complete and to date at once: whole, but the missing days are still said
        return replace(whole, clipped=period.as_of == period.end and elapsed_end > last)
    end = min(elapsed_end, last)
    label = label if end == last else f"{start}..{end}"
    return replace(whole, label=label, end=end, cut_from=last, clipped=elapsed_end > last)


def prior(period: Period) -> Period:
    """The period before it, like for like (R12): month against month; a range against as many days before it."""
    if period.unit == "range":
        days = period.whole_end - period.start + _DAY
        start, end = period.start - days, period.start - _DAY
        return _against(period, f"{start}..{end}", (start, end))
    return _against(period, *_span(period.unit, period.start - _DAY, period.calendar))


def year_ago(period: Period) -> Period:
    """The same period last year, like for like (R12). A week compares with the one 52 weeks before."""
    if period.unit == "range":
        start, end = _year_before(period.start), _year_before(period.whole_end)
        return _against(period, f"{start}..{end}", (start, end))
    day = period.start - timedelta(weeks=52) if period.unit == "week" else _year_before(period.start)
    return _against(period, *_span(period.unit, day, period.calendar))


def festival_year_ago(period: Period) -> Period:
    """The days of last year that lie to its Spring Festival as these lie to theirs; away from the feast, the same period last year.

    A period counts as near it if it is no longer than a month and a half and touches the six weeks before or after the feast.
    """
    feast, before = SPRING_FESTIVALS.get(period.start.year), SPRING_FESTIVALS.get(period.start.year - 1)
    near, days = timedelta(days=42), period.whole_end - period.start + _DAY
    if period.start.month == 12:  # before the feast of the year to come
        feast, before = SPRING_FESTIVALS.get(period.start.year + 1), feast
    if not feast or not before or days.days > 46 or period.whole_end < feast - near or period.start > feast + near:
        return year_ago(period)
    start = before + (period.start - feast)
    end = start + days - _DAY
    return _against(replace(period, unit="range"), f"{start}..{end}", (start, end))  # no calendar month any more


def pieces(period: Period, unit: str) -> list[Period]:
    """The days, weeks, months, quarters or years of a period, each a period of its own, in order.

    A piece that reaches over the edge is cut there and is then a plain range of days with the piece's label.
    """
    if unit not in UNITS:
        raise PeriodError(unit)
    found = []
    day = period.start
    while day <= period.end:
        label, (first, last) = _span(unit, day, period.calendar)
        start, whole_end = max(first, period.start), min(last, period.whole_end)
        end = min(last, period.end)
        found.append(
            replace(
                period,
                label=label,
                start=start,
                end=end,
                unit=unit if (start, whole_end) == (first, last) else "range",
                to_date=period.to_date and start <= period.to <= end,
                cut_from=whole_end if whole_end != end else None,
            )
        )
        day = last + _DAY
    return found
