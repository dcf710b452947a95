from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from babel.numbers import format_decimal

from pages.ui.format import MINUS, NOTHING, Format, label, plain

ZH, EN = Format("zh"), Format("en")


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (Decimal("48200000"), "¥4,820万", "¥48.2M"),
        (Decimal("6100000"), "¥610.0万", "¥6.10M"),
        (Decimal("123456789"), "¥1.23亿", "¥123.5M"),
        (Decimal("9999"), "¥9,999", "¥10.0K"),
        (Decimal("86.67"), "¥86.7", "¥86.7"),
        (Decimal("999950"), "¥100.0万", "¥1.00M"),
        (Decimal("-1200000"), f"{MINUS}¥120.0万", f"{MINUS}¥1.20M"),
        (Decimal("0"), "¥0", "¥0"),
        (None, NOTHING, NOTHING),
    ],
)
def test_money_is_short_and_in_the_units_of_the_language(value: Decimal | None, chinese: str, english: str) -> None:
    assert (ZH.money(value), EN.money(value)) == (chinese, english)


def test_the_full_figure_keeps_the_cents() -> None:
    assert EN.money_full(Decimal("1234567.5")) == "¥1,234,567.50"


def test_another_currency_keeps_its_own_sign() -> None:
    assert Format("en", "EUR").money(Decimal("1500000")) == "€1.50M"


def test_a_column_of_money_shares_one_unit() -> None:
    assert (ZH.scale(Decimal("48200000")).unit, EN.scale(Decimal("48200000")).unit) == ("万", "M")
    assert EN.scale(None).unit == ""


def test_rates_have_one_decimal_and_are_never_fractions() -> None:
    assert EN.rate(0.153) == "15.3%"
    assert EN.rate(float("nan")) == NOTHING


def test_rates_change_in_points_amounts_in_percent_counts_in_numbers() -> None:
    assert EN.change("rate", 0.144, 0.153) == f"{MINUS}0.9 pp"
    assert ZH.change("rate", 0.173, 0.153) == "+2.0个百分点"
    assert EN.change("money", Decimal(420), Decimal(400)) == "+5.0%"
    assert EN.change("count", 6, 10) == f"{MINUS}4"


def test_a_change_against_nothing_is_the_difference_itself_or_unsaid() -> None:
    assert EN.change("money", Decimal(420), Decimal(0)) == "+¥420"
    assert EN.change("money", Decimal(420), None) is None


def test_a_change_that_rounds_to_zero_carries_no_sign() -> None:
    assert EN.change("rate", 0.15301, 0.153) == "0.0 pp"


def test_a_span_of_days_says_each_part_once() -> None:
    first, last = date(2025, 10, 1), date(2025, 10, 21)
    assert (EN.span(first, last), ZH.span(first, last)) == ("1–21 Oct 2025", "2025年10月1日–21日")
    assert EN.span(date(2025, 9, 28), date(2025, 10, 4)) == "28 Sep – 4 Oct 2025"
    assert EN.span(date(2025, 12, 28), date(2026, 1, 4)) == "28 Dec 2025 – 4 Jan 2026"


def test_time_stamps_stand_on_the_company_clock() -> None:
    assert EN.moment(datetime(2026, 10, 21, 22, 10)) == "22 Oct 06:10"


def test_months_on_an_axis_name_the_year_once() -> None:
    assert [EN.month(date(2026, m, 1), short=True) for m in (1, 2)] == ["Jan<br>2026", "Feb"]


@pytest.mark.parametrize("name", ["[x](javascript:alert(1))", "**bold**", "$a$", ":red[x]", "# title", "~~a~~", "<b>x</b>"])
def test_names_are_shown_literally_in_markdown(name: str) -> None:
    assert all(f"\\{c}" in plain(name) for c in name if c in "[]*$:#~<>")


def test_names_are_shown_literally_in_charts() -> None:
    assert label("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("value", ["0.005", "12", "999.995", "1234.5", "1234567.891", "98765432109876.54"])
def test_numbers_are_written_as_the_language_writes_them(lang: str, value: str) -> None:
    fmt = Format(lang)
    rounded = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert fmt.money_full(Decimal(value)) == fmt.symbol + format_decimal(rounded, "#,##0.00", locale=fmt.locale)
    assert fmt.count(Decimal(value)) == format_decimal(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP), "#,##0", locale=fmt.locale)
