"""How periods are written, compared (R12) and cut into pieces (R19)."""

from datetime import date

import pytest

from kpi.calendar import Calendar
from kpi.period import PeriodError, festival_year_ago, parse, pieces, prior, year_ago

LATE = date(2027, 12, 31)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-06", "2026-06-01", "2026-06-30"),
        ("2026-06-15", "2026-06-15", "2026-06-15"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2026-q2", "2026-04-01", "2026-06-30"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("2026-06-10..2026-07-02", "2026-06-10", "2026-07-02"),
        ("2026-01..2026-Q2", "2026-01-01", "2026-06-30"),
    ],
)
def test_a_period_reads_as_people_write_it(text: str, start: str, end: str) -> None:
    period = parse(text, LATE)
    assert (period.start, period.end) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-6", "2026-02-30", "2026-Q5", "2026-W54", "0000", "2026-07..2026-06", "..", "june", "２０２６"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(PeriodError):
        parse(text, LATE)


def test_to_date_is_the_whole_month_quarter_or_year_counted_up_to_as_of() -> None:
    as_of = date(2026, 10, 21)
    for text, start, end in (("mtd", (10, 1), (10, 31)), ("qtd", (10, 1), (12, 31)), ("ytd", (1, 1), (12, 31))):
        period = parse(text, as_of)
        assert (period.start, period.end, period.to) == (date(2026, *start), date(2026, *end), as_of)


def test_fiscal_quarters_halves_and_years_follow_the_calendar() -> None:
    april = Calendar(4)
    assert parse("2026", LATE, april).start == date(2025, 4, 1)
    assert parse("2026-Q4", LATE, april).end == date(2026, 3, 31)
    assert parse("2026-H1", LATE, april).end == date(2025, 9, 30)
    assert parse("qtd", date(2026, 2, 10), april).label == "2026-Q4"


def test_june_compares_with_all_of_may() -> None:
    against = prior(parse("2026-06", LATE))
    assert (against.label, against.start, against.end, against.clipped) == ("2026-05", date(2026, 5, 1), date(2026, 5, 31), False)


def test_a_running_month_compares_with_as_many_days_of_the_month_before() -> None:
    against = prior(parse("2026-10", date(2026, 10, 21)))
    assert (against.start, against.to, against.whole_end, against.clipped) == (
        date(2026, 9, 1),
        date(2026, 9, 21),
        date(2026, 9, 30),
        False,
    )
    assert against.label == "2026-09-01..2026-09-21"


@pytest.mark.parametrize("text", ["mtd", "2026-03"])
def test_the_31st_of_march_compares_with_all_of_february_and_says_it_is_clipped(text: str) -> None:
    against = prior(parse(text, date(2026, 3, 31)))
    assert (against.start, against.to, against.clipped) == (date(2026, 2, 1), date(2026, 2, 28), True)


def test_to_date_on_the_last_day_still_compares_elapsed_days() -> None:
    against = prior(parse("mtd", date(2026, 2, 28)))
    assert (against.to, against.clipped) == (date(2026, 1, 28), False)


def test_last_year_compares_the_same_elapsed_days() -> None:
    assert year_ago(parse("ytd", date(2026, 10, 21))).to == date(2025, 10, 21)
    assert year_ago(parse("2026-06", LATE)).label == "2025-06"
    leap = year_ago(parse("mtd", date(2024, 2, 29)))
    assert (leap.to, leap.clipped) == (date(2023, 2, 28), True)
    week = year_ago(parse("2026-W23", LATE))
    assert (parse("2026-W23", LATE).start - week.start).days == 364


def test_a_range_compares_with_as_many_days_before_it() -> None:
    against = prior(parse("2026-06-10..2026-06-19", LATE))
    assert (against.start, against.end) == (date(2026, 5, 31), date(2026, 6, 9))
    assert year_ago(parse("2024-02-29..2024-03-01", LATE)).start == date(2023, 2, 28)


def test_a_period_that_has_not_begun_has_no_days_and_still_compares() -> None:
    future = parse("2026-12", date(2026, 10, 21))
    assert (future.has_begun, future.is_closed, future.elapsed_working_days) == (False, False, 0)
    assert prior(future).label == "2026-11"


def test_a_comparison_of_a_comparison_keeps_the_elapsed_days() -> None:
    twice = prior(prior(parse("mtd", date(2026, 10, 21))))
    assert (twice.start, twice.to) == (date(2026, 8, 1), date(2026, 8, 21))


def test_pieces_are_periods_of_their_own() -> None:
    months = pieces(parse("2026-Q2", LATE), "month")
    assert [p.label for p in months] == ["2026-04", "2026-05", "2026-06"]
    assert prior(months[0]).label == "2026-03"
    assert [p.label for p in pieces(parse("2026-06", LATE), "week")] == [f"2026-W{n}" for n in range(23, 28)]
    assert len(pieces(parse("2026", LATE), "day")) == 365
    assert [p.label for p in pieces(parse("2026", LATE), "quarter")] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert [p.label for p in pieces(parse("2025-07..2026-06", LATE), "year")] == ["2025", "2026"]


def test_a_piece_is_cut_at_the_edge_of_its_period() -> None:
    first, last = pieces(parse("2026-06-10..2026-07-02", LATE), "month")
    assert (first.label, first.start, first.end, first.unit) == ("2026-06", date(2026, 6, 10), date(2026, 6, 30), "range")
    assert (last.start, last.end) == (date(2026, 7, 1), date(2026, 7, 2))


def test_the_pieces_of_a_comparison_to_date_know_their_whole_month() -> None:
    piece = pieces(prior(parse("mtd", date(2026, 10, 21))), "month")[0]
    assert (piece.to, piece.whole_end, piece.unit) == (date(2026, 9, 21), date(2026, 9, 30), "month")


def test_only_days_weeks_months_quarters_and_years_are_pieces() -> None:
    with pytest.raises(PeriodError):
        pieces(parse("2026", LATE), "decade")


def test_looking_ahead_reads_the_whole_period() -> None:
    running = parse("mtd", date(2026, 10, 21))
    assert running.in_full.to == date(2026, 10, 31)
    assert prior(running).in_full.to == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        # Spring Festival: 29 January 2025, 17 February 2026 — nineteen days apart in the calendar
        ("2026-02", "2025-01-13", "2025-02-09"),
        ("2026-02-17", "2025-01-29", "2025-01-29"),
        ("2026-01", "2024-12-13", "2025-01-12"),
        ("2025-12-31", "2024-12-31", "2024-12-31"),  # seven weeks before the feast: the calendar decides
        ("2026-01-06", "2024-12-18", "2024-12-18"),  # six weeks before it: the feast does
        ("2026-06", "2025-06-01", "2025-06-30"),
        ("2026-Q1", "2025-01-01", "2025-03-31"),  # long enough to hold the feast in both years
    ],
)
def test_days_around_spring_festival_compare_with_those_around_the_last_one(text, start, end) -> None:
    other = festival_year_ago(parse(text, LATE))
    assert (other.start, other.end) == (date.fromisoformat(start), date.fromisoformat(end))


def test_a_running_february_compares_on_elapsed_days_around_the_feast() -> None:
    other = festival_year_ago(parse("2026-02", date(2026, 2, 20)))
    assert (other.start, other.to, other.clipped) == (date(2025, 1, 13), date(2025, 2, 1), False)


def test_outside_the_years_whose_feast_is_known_the_calendar_decides() -> None:
    later = festival_year_ago(parse("2040-02", date(2041, 1, 1)))
    assert (later.start, later.end) == (date(2039, 2, 1), date(2039, 2, 28))
