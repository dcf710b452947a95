"""A rep works the own score out again from what stands on the page, at a desk and on a phone, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from data.access import OWNER
from data.warehouse import Warehouse
from i18n import translator
from kpi.calendar import Calendar
from kpi.catalog import get
from kpi.period import parse
from kpi.report import evaluate
from tests.browser.test_browser import card, title

REP = "0114"
SUM = re.compile(r"(.+) = ([\d.]+)[;；] ?÷ ([\d.]+)% = ([\d.]+)")


def shown_sum(page: Page) -> tuple[list[tuple[float, float]], float, float, float]:
    """(weight, points) of each line, their sum, the weight that counted, the score: as the page says them."""
    said = next(found for text in page.get_by_test_id("stMarkdown").all_inner_texts() if (found := SUM.fullmatch(text.strip())))
    terms = [tuple(float(part.rstrip("%")) for part in term.split(" × ")) for term in said[1].split(" + ")]
    return [(weight / 100, points) for weight, points in terms], float(said[2]), float(said[3]) / 100, float(said[4])


@pytest.mark.parametrize(("lang", "width"), [("en-US", 1440), ("zh-CN", 1440), ("en-US", 390), ("zh-CN", 390)])
def test_a_rep_works_the_own_score_out_again(visit: Callable[..., Page], home: Path, lang: str, width: int) -> None:
    t = translator(lang[:2])
    page = visit(f"/scorecard?view={REP}", lang=lang, width=width)
    assert title(page) == t("pages.scorecard_title")

    terms, total, weight, score = shown_sum(page)
    assert sum(share * points for share, points in terms) == pytest.approx(total, abs=0.1)
    assert total / weight == pytest.approx(score, abs=0.2)
    assert sum(share for share, _ in terms) == pytest.approx(weight)
    assert card(page, "scorecard").startswith(f"{score:.1f}")

    warehouse = Warehouse.open(home)
    calendar = Calendar(warehouse.settings.fiscal_year_start_month, *warehouse.days)
    found = evaluate(warehouse, OWNER, [get("scorecard")], [parse("mtd", warehouse.as_of, calendar)], ("rep_id",))["scorecard"]
    assert float(found.filter(rep_id=REP)["value"][0]) == pytest.approx(score, abs=0.05)


def test_a_rep_sees_one_row_and_no_name_but_the_own(visit: Callable[..., Page], home: Path) -> None:
    page = visit(f"/scorecard?view={REP}")
    people = Warehouse.open(home).people(OWNER).filter("is_seller")
    names = dict(people.select("rep_id", "rep_name").iter_rows())
    said = page.get_by_test_id("stMainBlockContainer").inner_text()
    assert names[REP] in said
    assert not [name for rep, name in names.items() if rep != REP and name in said]
