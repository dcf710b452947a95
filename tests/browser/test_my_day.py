"""A rep works through today's list on a phone: reads the reasons, opens a customer, comes back, takes the calendar along."""

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
from i18n import translator

Visit = Callable[..., Page]
Settled = Callable[[Page], None]
REP = "0311"


@pytest.mark.parametrize(("lang", "locale", "dark"), [("zh", "zh-CN", False), ("en", "en-US", True)])
def test_a_rep_works_through_todays_list_on_a_phone(
    visit: Visit, settled: Settled, home: Path, tmp_path: Path, lang: str, locale: str, dark: bool
) -> None:
    t, warehouse = translator(lang), Warehouse.open(home)
    page = visit(f"/?view={REP}", width=390, dark=dark, lang=locale)
    assert urlparse(page.url).path.endswith("/my_day")  # where a rep starts
    rows = page.locator("[class*='st-key-today_']")
    expect(rows).to_have_count(10)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    for row in rows.all():
        badge = row.locator(".stMarkdownBadge").first
        expect(badge).to_be_visible()
        box = badge.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390

    page.locator(".st-key-day_all").get_by_text(re.compile(t("pages_day.show_all", count=r"\d+"))).click()
    settled(page)
    assert rows.count() > 10
    every = rows.count()

    name = rows.first.get_by_test_id("stPageLink-NavLink").inner_text().split("\n")[0].strip()
    rows.first.get_by_test_id("stPageLink-NavLink").click()
    settled(page)
    customer = parse_qs(urlparse(page.url).query)["customer"][0]
    login = str(warehouse.people(OWNER).filter(pl.col("rep_id") == REP)["login"][0])
    own = warehouse.customers(warehouse.scope(login, warehouse.as_of))
    assert dict(own.select("customer_id", "customer_name").iter_rows())[customer] in name
    page.locator(".st-key-way_back").get_by_test_id("stPageLink-NavLink").click()
    settled(page)
    assert urlparse(page.url).path.endswith("/my_day")
    expect(rows).to_have_count(every)

    with page.expect_download() as started:
        page.locator(".st-key-calendar button").click()
    file = tmp_path / "day.ics"
    started.value.save_as(file)
    raw = file.read_bytes()
    assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert raw.count(b"BEGIN:VEVENT") == raw.count(b"END:VEVENT") > 0
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
