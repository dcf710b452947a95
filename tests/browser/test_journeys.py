"""What the roles come for, walked to the end in both languages, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from data.access import OWNER
from data.warehouse import Warehouse
from i18n import Text, translator
from kpi.calendar import Calendar
from kpi.catalog import get
from kpi.period import parse
from kpi.report import evaluate
from tests.browser.conftest import SCREENS, settle
from tests.browser.test_browser import asked, title
from tests.browser.test_collections import click_first_name

REGION = "华北"


def furthest_from_cadence(home: Path) -> str:
    """The one of the region who keeps the cadence with the smallest share of the customers, asked of the warehouse."""
    warehouse = Warehouse.open(home)
    calendar = Calendar(warehouse.settings.fiscal_year_start_month, *warehouse.days)
    found = evaluate(warehouse, OWNER, [get("cadence_compliance")], [parse("mtd", warehouse.as_of, calendar)], ("rep_id",))
    people = warehouse.people(OWNER).filter((pl.col("region") == REGION) & pl.col("is_seller"))
    rows = found["cadence_compliance"].filter(pl.col("rep_id").is_in(people["rep_id"].to_list()) & pl.col("value").is_not_null())
    return str(rows.sort("value")["rep_id"][0])


def the_day(page: Page, t: Text) -> tuple[list[str], dict[str, list[str]]]:
    """The cards, and everybody on the list with the reasons."""
    page.locator(".st-key-day_all").get_by_text(re.compile(t("pages_day.show_all", count=r"\d+"))).click()
    settle(page)
    cards = page.locator(".st-key-cards [data-testid='stMetric']").all_inner_texts()
    rows = page.locator("[class*='st-key-today_']").all()
    assert len(rows) > 10
    return cards, {row.inner_text().split("\n")[0]: row.locator(".stMarkdownBadge").all_inner_texts() for row in rows}


@pytest.mark.parametrize(("lang", "width"), SCREENS)
def test_a_manager_finds_the_rep_furthest_from_cadence_and_sees_the_day_as_the_rep_does(
    visit: Callable[..., Page], settled: Callable[[Page], None], home: Path, lang: str, width: int
) -> None:
    t, rep = translator(lang[:2]), furthest_from_cadence(home)
    people = Warehouse.open(home).people(OWNER)
    name = people.filter(pl.col("rep_id") == rep)["rep_name"][0]
    [manager] = people.filter((pl.col("region") == REGION) & pl.col("roles").list.contains("regional_manager"))["rep_id"]
    page = visit(f"/visits?view={manager}", lang=lang, width=width)
    expect(page.get_by_role("heading", name=t("pages_visits.who_keeps"))).to_be_visible()
    click_first_name(page, t("pages_visits.who_keeps"))  # the furthest from cadence first
    settled(page)
    assert urlparse(page.url).path == "/rep"
    assert asked(page)["rep"] == rep
    assert title(page) == name
    said = t("pages_visits.as_seen", name=name)
    expect(page.get_by_text(said)).to_be_visible()

    page.locator(".st-key-as_seen").get_by_role("link").click()
    settled(page)
    assert urlparse(page.url).path == "/my_day"
    assert parse_qs(urlparse(page.url).query)["rep"] == [rep]
    expect(page.get_by_text(said)).to_be_visible()
    as_manager = the_day(page, t)
    own = visit(f"/my_day?view={rep}", lang=lang, width=width)
    assert not own.get_by_text(said).count()
    cards, rows = the_day(own, t)
    assert cards == as_manager[0]
    assert {n: w for n, w in rows.items() if as_manager[1].get(n) != w} == {}
    assert rows.keys() == as_manager[1].keys()
