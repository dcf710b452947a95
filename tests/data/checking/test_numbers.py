from decimal import Decimal

import polars as pl
import pytest

from data.checking.cells import Style
from data.checking.numbers import number_evidence
from data.checking.values import read_column
from data.contracts import Column

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


def test_shares_are_read_with_and_without_the_percent_sign():
    assert read("pct", "8%", "0.08", "１３％", "13", "") == [Decimal("0.08"), Decimal("0.08"), Decimal("0.13"), "not_a_share", None]
    assert read("pct", "13", percent=True) == [Decimal("0.13")]


def test_days_are_whole():
    assert read("days", "30", "30天", "Net 45", "30.5", "") == [30, 30, 45, "not_whole", None]


def test_goals_may_be_percents():
    assert read("goal", "95%", "1,200,000") == [Decimal("0.95"), Decimal(1200000)]


def test_many_distinct_amounts_are_read_at_once():
    texts = pl.select(
        pl.format("${},{}.{}", pl.int_range(200_000) % 90 + 1, pl.int_range(200_000) % 900 + 100, pl.int_range(200_000) % 90 + 10)
    ).to_series()
    typed = read_column(texts, Column("c", "money"), STYLE)
    assert typed.rules.null_count() == 200_000
    assert typed.values[0] == Decimal("1100.10")


@pytest.mark.parametrize(
    ("text", "number"), [("1.23456789", "12345.6789"), ("12", "120000.0000"), (".5", "5000.0000"), ("(1,234.000005)", "-12340000.0500")]
)
def test_numbers_in_ten_thousands_keep_every_digit(text, number):
    assert str(one("money", text, zeros=4)) == number
    assert str(one("goal", text, zeros=4)) == number


def test_ten_thousands_of_too_many_digits_break_a_rule():
    assert one("money", "12345678901", zeros=4) == "number_too_big"
