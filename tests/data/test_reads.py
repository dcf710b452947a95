"""Which days are read, and which come as one."""

from __future__ import annotations

from datetime import date

from data.reads import merged, stretches
from kpi.period import Period, parse


def windows(*spans: str) -> list[Period]:
    """Periods as seen on 15 June 2026."""
    return [parse(span, date(2026, 6, 15)) for span in spans]


def test_days_between_two_windows_are_not_read() -> None:
    assert merged(windows("2026-06", "2025-06", "2025-07")) == (
        (date(2025, 6, 1), date(2025, 7, 31)),
        (date(2026, 6, 1), date(2026, 6, 30)),
    )


def test_days_are_taken_together_only_where_no_window_begins_ends_or_stops_between_them() -> None:
    days, bases = stretches(windows("2026-06", "2026-06-10..2026-06-12"))
    assert len(days) == 30
    assert sorted(set(bases)) == [date(2026, 6, day) for day in (1, 10, 13, 16)]  # 16: the day after the day of the data
    assert {base for day, base in zip(days, bases, strict=True) if date(2026, 6, 10) <= day <= date(2026, 6, 12)} == {date(2026, 6, 10)}
