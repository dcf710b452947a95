"""Cells written the one plain way are read the short way: the same as anybody would read them one by one."""

from datetime import date
from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data.checking.cells import Style
from data.checking.dates import date_evidence
from data.checking.numbers import number_evidence
from data.checking.values import read_column
from data.contracts import Column

STYLE = Style("Asia/Shanghai")
# One long, blank or odd cell among them must not change what the others are.
NUMBERS = st.from_regex(r"-?[0-9]{1,14}(\.[0-9]{1,2})?", fullmatch=True, alphabet="-.0123456789")
DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1)).map(str) | st.from_regex(
    r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]", fullmatch=True, alphabet="-0123456789"
)


def day(text: str) -> date | str | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return "not_a_date"


def read(texts: list[str], role: str, *, is_plain: bool) -> list[object]:
    typed = read_column(pl.Series(texts, dtype=pl.String), Column("c", role), STYLE, is_plain=is_plain)
    return [rule or value for value, rule in zip(typed.values, typed.rules, strict=True)]


@given(st.lists(NUMBERS | st.just(""), min_size=1, max_size=8), st.sampled_from(["", " 1 ", "1,234.50"]))
def test_plain_numbers_are_exactly_what_they_say(texts: list[str], odd: str) -> None:
    evidence = number_evidence(pl.Series(texts, dtype=pl.String))
    found = read(texts, "money", is_plain=evidence.is_plain)
    assert evidence.is_plain
    assert found == [Decimal(text) if text else None for text in texts]
    assert read([*texts, odd], "money", is_plain=False)[:-1] == found


@given(st.lists(DAYS | st.just(""), min_size=1, max_size=8), st.sampled_from(["", "2026/3/5", "5-Mar-2026"]))
def test_plain_days_are_exactly_what_they_say(texts: list[str], odd: str) -> None:
    evidence = date_evidence(pl.Series(texts, dtype=pl.String))
    found = read(texts, "date", is_plain=evidence.is_plain)
    assert evidence.is_plain
    assert found == [day(text) for text in texts]
    assert read([*texts, odd], "date", is_plain=False)[:-1] == found


def test_a_number_too_long_to_hold_is_not_plain_enough() -> None:
    assert read(["123456789012345", "1.5"], "money", is_plain=True) == ["number_too_big", Decimal("1.5")]
