from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from i18n import translator
from kpi.period import parse, prior
from pages.ui.filters import Selection, _compares, comparison_name, period_name
from pages.ui.format import Format

AS_OF = date(2026, 10, 21)
READER: Any = SimpleNamespace(t=translator("en"), fmt=Format("en"))


def selection(text: str = "mtd", compare: str = "year", **members: str) -> Selection:
    return Selection(parse(text, AS_OF), text, compare, **members)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("mtd", "October 2026 to date", "2026年10月至今"),
        ("2026-09", "September 2026", "2026年9月"),
        ("qtd", "Q4 2026 to date", "2026年第4季度至今"),
        ("2026-Q3", "Q3 2026", "2026年第3季度"),
        ("2025", "2025", "2025年"),
        ("2026-09-01..2026-09-10", "1–10 Sep 2026", "2026年9月1日–10日"),
    ],
)
def test_a_period_is_named_in_the_readers_words(text: str, english: str, chinese: str) -> None:
    period = parse(text, AS_OF)
    assert period_name(Format("en"), translator("en"), period) == english
    assert period_name(Format("zh"), translator("zh"), period) == chinese


def test_a_running_month_compares_with_the_same_days() -> None:
    assert comparison_name(READER, selection(compare="year")) == "vs 1–21 Oct 2025"
    assert comparison_name(READER, selection(compare="prior")) == "vs 1–21 Sep 2026"
    assert comparison_name(READER, selection(compare="target")) == translator("en")("pages.versus_target")


def test_days_around_the_feast_compare_with_those_around_the_last_one() -> None:
    """The feast was on 17 February 2026 and on 29 January 2025: a February lies like 13 January to 9 February of the year before."""
    february = selection("2026-02", compare="festival")
    assert comparison_name(READER, february) == "Festival vs 13 Jan – 9 Feb 2025"
    assert (february.before.end - february.before.start).days == 27 if february.before else False
    assert _compares(february) == ["year", "prior", "festival", "target"]


def test_away_from_the_feast_it_is_no_comparison_of_its_own() -> None:
    assert _compares(selection("2026-08")) == ["year", "prior", "target"]
    asked = selection("2026-08", compare="festival")
    assert _compares(asked) == ["year", "prior", "festival", "target"]  # a link may still say so
    assert asked.before == selection("2026-08").before


def test_the_url_carries_what_is_not_the_default() -> None:
    assert selection().params() == {}
    assert selection("2026-09", "prior", region="East").params(rep="R1") == {
        "period": "2026-09",
        "compare": "prior",
        "region": "East",
        "rep": "R1",
    }


@pytest.mark.parametrize(("text", "is_range"), [("2026-10-01..2026-10-12", True), ("2026-10-05", True), ("2026-09", False), ("mtd", False)])
def test_days_of_ones_own_are_told_from_months(text: str, is_range: bool) -> None:
    assert selection(text).is_range is is_range


def test_the_narrowest_member_is_what_is_looked_at() -> None:
    assert selection().level is None
    assert selection(region="East").level == ("region", "East")
    assert selection(region="East", territory="E1", rep="R1").level == ("rep_id", "R1")


def test_the_target_has_no_period_to_compare_with() -> None:
    chosen = selection(compare="target")
    assert chosen.before is None
    assert chosen.periods == (chosen.period,)
    assert selection(compare="prior").before == prior(parse("mtd", AS_OF))
