"""A rep works through today's list: reads the reasons, opens a customer, comes back, takes the day along, and finds the same numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import fastexcel
import polars as pl
import pytest
from playwright.sync_api import Locator, Page, expect

from data.access import OWNER
from data.warehouse import Warehouse
from i18n import translator
from kpi.catalog import get
from pages.parts.my_day import CARDS
from pages.ui.format import Format
from tests.browser.conftest import SCREENS

Visit = Callable[..., Page]
Settled = Callable[[Page], None]
REP = "0311"


def saved(page: Page, button: Locator, file: Path) -> Path:
    """What a button gives to take away."""
    with page.expect_download() as started:
        button.click()
    started.value.save_as(file)
    return file


def within(row: Locator, width: int) -> bool:
    """Whether the first reason of a row stands on the screen from edge to edge."""
    box = row.locator(".stMarkdownBadge").first.bounding_box()
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width


@pytest.mark.parametrize(("lang", "width"), SCREENS)
def test_a_rep_works_through_todays_list(visit: Visit, settled: Settled, home: Path, tmp_path: Path, lang: str, width: int) -> None:
    t, fmt, warehouse = translator(lang[:2]), Format(lang[:2]), Warehouse.open(home)
    page = visit(f"/?view={REP}", width=width, dark=lang == "en-US", lang=lang)
    assert urlparse(page.url).path.endswith("/my_day")  # where a rep starts
    rows = page.locator("[class*='st-key-today_']")
    expect(rows).to_have_count(10)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= width
    assert all(within(row, width) for row in rows.all())

    page.locator(".st-key-day_all").get_by_text(re.compile(t("pages_day.show_all", count=r"\d+"))).click()
    settled(page)
    names = [row.inner_text().split("\n")[0] for row in rows.all()]
    assert len(names) > 10

    first = rows.first.get_by_test_id("stPageLink-NavLink")
    why, name = rows.first.locator(".stMarkdownBadge").all_inner_texts(), first.inner_text().split("\n")[0].strip()
    first.click()
    settled(page)
    customer = parse_qs(urlparse(page.url).query)["customer"][0]
    login = str(warehouse.people(OWNER).filter(pl.col("rep_id") == REP)["login"][0])
    own = warehouse.customers(warehouse.scope(login, warehouse.as_of))
    assert dict(own.select("customer_id", "customer_name").iter_rows())[customer] in name
    owed = page.locator(".st-key-card_overdue_amount [data-testid='stMetricValue']").inner_text()
    assert any(owed in reason for reason in why)  # what the list said is what the card says
    page.locator(".st-key-way_back").get_by_test_id("stPageLink-NavLink").last.click()
    settled(page)
    assert urlparse(page.url).path.endswith("/my_day")
    expect(rows).to_have_count(len(names))

    raw = saved(page, page.locator(".st-key-calendar button"), tmp_path / "day.ics").read_bytes()
    assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert raw.count(b"BEGIN:VEVENT") == raw.count(b"END:VEVENT") > 0
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))

    page.locator(".st-key-take button:visible").first.click()  # the first of a phone is a copy nobody sees
    book = fastexcel.read_excel(saved(page, page.get_by_role("button", name=t("pages_view.take_xlsx")), tmp_path / "day.xlsx"))
    listed = book.load_sheet(t("pages_day.sheet_today")).to_polars()
    assert listed[t("pages_day.column_party")].to_list() == names
    summary = book.load_sheet(t("pages_view.sheet_summary")).to_polars()
    taken = dict(summary.select(t("pages_view.summary_kpi"), t("pages_view.summary_value")).iter_rows())
    for kpi in CARDS:
        shown = page.locator(f".st-key-card_{kpi} [data-testid='stMetricValue']").inner_text()
        assert fmt.value(str(get(kpi).unit), taken[t(f"kpi.{kpi}.label")]) == shown
