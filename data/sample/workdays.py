"""When the sample company works: the Chinese working calendar, the season of the trade, and its three fixed dates."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from data.config import Settings, holidays

FIRST_DAY = date(2024, 9, 1)
LAST_DAY = date(2026, 10, 21)  # a Wednesday in a running month, so that pace and forecast have something to say
PLAN_END = date(2026, 12, 31)

# Year-end stocking in the last quarter, a quiet February even without the festival.
MONTH_WEIGHT = (0.98, 0.94, 0.98, 0.97, 0.99, 1.01, 0.96, 0.99, 1.06, 1.05, 1.15, 1.13)
SPRING_FESTIVALS = (date(2025, 1, 29), date(2026, 2, 17))
# Days from New Year's day of the lunar calendar: factories ship ahead, close before the feast and reopen slowly.
FESTIVAL_WEIGHT = ((-28, -8, 1.30), (-7, -1, 0.70), (0, 9, 0.35), (10, 17, 0.65))


@cache
def working_days() -> tuple[date, ...]:
    """Every working day from FIRST_DAY to PLAN_END: holidays off, make-up weekends on."""
    off, work = holidays(Settings(calendar="cn"), Path())
    days = (FIRST_DAY + timedelta(n) for n in range((PLAN_END - FIRST_DAY).days + 1))
    return tuple(d for d in days if d in work or (d.weekday() < 5 and d not in off))


@cache
def months() -> dict[date, tuple[date, ...]]:
    """First of the month -> its working days, to PLAN_END."""
    result: dict[date, list[date]] = {}
    for day in working_days():
        result.setdefault(day.replace(day=1), []).append(day)
    return {month: tuple(days) for month, days in result.items()}


@cache
def day_weight(day: date) -> float:
    """How much is shipped on a working day, 1 being an ordinary one."""
    weight = MONTH_WEIGHT[day.month - 1]
    for feast in SPRING_FESTIVALS:
        for start, end, factor in FESTIVAL_WEIGHT:
            if start <= (day - feast).days <= end:
                weight *= factor
    return weight


@cache
def month_weight(month: date) -> float:
    """The weights of a month's working days in sum, in units of an ordinary month of 21 days."""
    return sum(day_weight(day) for day in months()[month]) / 21


def working_day_on_or_after(day: date, plus: int = 0) -> date:
    """The first working day on or after `day`, and `plus` working days later; the last known one if the calendar ends."""
    days = working_days()
    return days[min(bisect_left(days, day) + plus, len(days) - 1)]
