from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from data.contracts import Column
from data.cells import Style
from data.dates import date_evidence
from data.numbers import number_evidence
from data.values import read_column

STYLE = Style("Asia/Shanghai")


def read(role, *texts, style=STYLE, **options):
    typed = read_column(pl.Series("c", list(texts), dtype=pl.String), Column("c", role), style, **options)
    return [rule or value for value, rule in zip(typed.values, typed.rules, strict=True)]


def one(role, text, **options):
    return read(role, text, **options)[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.5", "1234.5"), ("1,234.50", "1234.5"), ("1,234,567", "1234567"), ("1 234", "1234"), ("1\u00a0234.5", "1234.5"), ("¥1,234",
        "1234"),
        ("￥12", "12"), ("100元", "100"), ("$57.68", "57.68"), ("-$5", "-5"), ("$-5", "-5"), ("１２．５", "12.5"), ("(500.00)", "-500"),
        ("($1,234.50)", "-1234.5"),
        ("500-", "-500"), ("1,234.50-", "-1234.5"), ("\u2212" + "7", "-7"), (" 7 ", "7"), (".5", "0.5"), ("5.", "5"), ("+5", "5"), ("007",
        "7"), ("-0.01", "-0.01"),
        ("CNY 12.50", "12.5"), ("99999999999999.9999", "99999999999999.9999"), ("0.1", "0.1"),
    ],
)  # fmt: skip
def test_amounts_are_read_to_the_last_digit(text, number):
    assert one("money", text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("8%", "not_a_number"), ("1.2.3", "not_a_number"), ("12,34", "not_a_number"), ("1,23,456", "not_a_number"), ("abc",
        "not_a_number"), ("面议", "not_a_number"),
        ("500CR", "not_a_number"), ("--5", "not_a_number"), ("(-5)", "not_a_number"), ("1E5", "not_a_number"), ("1.23E+11",
        "not_a_number"), ("NaN", "not_a_number"),
        ("inf", "not_a_number"), ("1_000", "not_a_number"), ("¥", "not_a_number"), ("-", "not_a_number"), ("1 23", "not_a_number"),
        ("#N/A", "excel_error"),
        ("123456789012345", "number_too_big"), ("99999999999999.99995", "number_too_big"), ("٣", "not_a_number"),
    ],
)  # fmt: skip
def test_what_is_no_number_breaks_a_rule_and_is_never_null_or_zero(text, rule):
    assert one("money", text) == rule


def test_blank_is_null_not_zero():
    assert read("money", "", "  ", "1") == [None, None, Decimal(1)]


def test_more_than_four_decimals_are_rounded_half_up_and_told():
    typed = read_column(pl.Series(["1.00005", "-1.00005", "2.99999999", "0.30000000000000004", "1.5"]), Column("c", "money"), STYLE)
    assert typed.values.to_list() == [Decimal(t) for t in ("1.0001", "-1.0001", "3", "0.3", "1.5")]
    assert typed.rounded.to_list() == [True, True, True, False, False]  # 0.30000000000000004 is float noise of a spreadsheet


def test_a_decimal_comma_is_read_where_it_is_the_style():
    style = Style("UTC", decimal=",")
    assert read("money", "1.234,50", "1.234", "0,5", "5", "1,234.5", style=style) == [
        Decimal("1234.5"), Decimal(1234), Decimal("0.5"), Decimal(5), "not_a_number",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "point", "comma", "either"),
    [
        (["12.50"], 1, 0, 0), (["12,50"], 0, 1, 0), (["1,234.50"], 1, 0, 0), (["1.234,50"], 0, 1, 0), (["1.234"], 0, 0, 1), (["1,234"], 0,
        0, 0),
        (["1,234,567"], 1, 0, 0), (["1.234.567"], 0, 1, 0), (["0.125"], 1, 0, 0), (["1234.567"], 1, 0, 0), (["12", ""], 0, 0, 0),
        (["$1.5"], 1, 0, 0),
    ],
)  # fmt: skip
def test_numbers_prove_their_decimal_mark(texts, point, comma, either):
    found = number_evidence(pl.Series(texts))
    assert (found.first, found.second, found.either) == (point, comma, either)


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


def test_shares_are_read_with_and_without_the_percent_sign():
    assert read("pct", "8%", "0.08", "１３％", "13", "") == [Decimal("0.08"), Decimal("0.08"), Decimal("0.13"), "not_a_share", None]
    assert read("pct", "13", percent=True) == [Decimal("0.13")]


def test_days_are_whole():
    assert read("days", "30", "30天", "Net 45", "30.5", "") == [30, 30, 45, "not_whole", None]


def test_goals_may_be_percents():
    assert read("goal", "95%", "1,200,000") == [Decimal("0.95"), Decimal(1200000)]


def test_periods_have_three_forms():
    assert read("period", "2026-06", "2026年6月", "202606", "2026/6/1", "2026Q2", "2026年第2季度", "Q2 2026", "2026", "2026年", "6月",
    "") == [
        "2026-06", "2026-06", "2026-06", "2026-06", "2026-Q2", "2026-Q2", "2026-Q2", "2026", "2026", "not_a_period", None,
    ]  # fmt: skip


def test_ids_are_text_trimmed_and_never_reformatted():
    assert read("id", " 0001 ", "ＡＢ１", "1E5", "1.23E+11", "12.0", "", "#REF!") == [
        "0001", "AB1", "1E5", "id_display_form", "12.0", None, "excel_error",
    ]  # fmt: skip
    assert one("id", "12.0", style=Style("UTC", is_excel=True)) == "12"


def test_text_is_kept_as_it_is():
    assert read("text", " =1+1 ", "[x](javascript:1)", "ＡＢ", "") == ["=1+1", "[x](javascript:1)", "ＡＢ", None]


def test_yes_and_no_in_both_languages():
    assert read("bool", "是", "Yes", "1", "否", "FALSE", "", "maybe") == [True, True, True, False, False, None, "not_yes_no"]


def test_enums_ignore_case_and_width_and_may_hold_several():
    column = Column("c", "enum", values={"rep": ("外勤",), "inside": ("内勤",)}, several=True)
    typed = read_column(pl.Series(["REP; 内勤", "外勤；rep", "老板", ""]), column, STYLE)
    assert typed.values.to_list() == ["rep;inside", "rep", None, None]
    assert typed.rules.to_list() == [None, None, "unknown_value", None]


def test_a_value_map_of_the_mapping_comes_first():
    assert one("bool", "Ｏ Ｋ", values={"ok": "yes"}) is True


def test_a_million_cells_cost_seconds_not_minutes():
    texts = pl.select(
        pl.format("${},{}.{}", pl.int_range(200_000) % 90 + 1, pl.int_range(200_000) % 900 + 100, pl.int_range(200_000) % 90 + 10)
    ).to_series()
    typed = read_column(texts, Column("c", "money"), STYLE)
    assert typed.rules.null_count() == 200_000
    assert typed.values[0] == Decimal("1100.10")
