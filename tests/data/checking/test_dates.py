from datetime import date, datetime

import polars as pl
import pytest

from data.checking.cells import Style
from data.checking.dates import date_evidence
from data.checking.values import read_column
from data.contracts import Column

STYLE = Style("Asia/Shanghai")


def read(role, *texts, style=STYLE, **options):
    typed = read_column(pl.Series("c", list(texts), dtype=pl.String), Column("c", role), style, **options)
    return [rule or value for value, rule in zip(typed.values, typed.rules, strict=True)]


def one(role, text, **options):
    return read(role, text, **options)[0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05", "2026/3/5", "2026.3.5", "20260305", "2026年3月5日", "5-Mar-2026", "5 March 2026", "Mar 5, 2026", "46086", "46086.0",
        "２０２６-03-05",
        "2026-03-05T00:00:00", "2026-03-05 23:59:59", "2026-03-04 24:00", "2026-03-04T16:00:00Z", "2026-03-05 01:00:00+08:00",
    ],
)  # fmt: skip
def test_one_day_in_many_spellings(text):
    assert one("date", text) == date(2026, 3, 5)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "0000-00-00", "1900-01-00", "N/A", "2026-13-01", "26-03-05", "2026-3", "123", "2026-03-05 25:00", "待定"]
)
def test_no_day_breaks_a_rule(text):
    assert one("date", text) == "not_a_date"


def test_time_stamps_are_the_companys_clock():
    assert read("ts", "2026-03-31T17:30:00Z", "2026-03-31 17:30", "2026/3/31 5:30 PM", "46112.729166667", "2026-03-31 24:00") == [
        datetime(2026, 4, 1, 1, 30), datetime(2026, 3, 31, 17, 30), datetime(2026, 3, 31, 17, 30), datetime(2026, 3, 31, 17, 30),
        datetime(2026, 4, 1),
    ]  # fmt: skip
    assert one("ts", "2026-03-31 17:30", style=Style("Asia/Shanghai", zone="UTC")) == datetime(2026, 4, 1, 1, 30)


def test_serials_of_a_1904_workbook_count_from_1904():
    assert one("date", "44624", style=Style("UTC", is_1904=True)) == date(2026, 3, 5)


def test_the_style_says_which_of_day_and_month_comes_first():
    assert one("date", "03/04/2026", style=Style("UTC", date_order="dmy")) == date(2026, 4, 3)
    assert one("date", "03/04/2026", style=Style("UTC", date_order="mdy")) == date(2026, 3, 4)
    assert one("date", "13/04/2026", style=Style("UTC", date_order="mdy")) == "not_a_date"


def test_dates_prove_their_order_over_all_rows():
    found = date_evidence(pl.Series(["01/02/2026", "03/03/2026", "", "13/02/2026", "02/28/2026"]))
    assert (found.first, found.second, found.either, found.examples) == (1, 1, 1, (3, 4))


def test_periods_have_three_forms():
    assert read("period", "2026-06", "2026年6月", "202606", "2026/6/1", "2026Q2", "2026年第2季度", "Q2 2026", "2026", "2026年", "6月",
    "") == [
        "2026-06", "2026-06", "2026-06", "2026-06", "2026-Q2", "2026-Q2", "2026-Q2", "2026", "2026", "not_a_period", None,
    ]  # fmt: skip
