"""From a red card to the customers and invoices behind it, in both languages, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from data.access import OWNER
from data.warehouse import Warehouse
from i18n import translator
from kpi.period import parse
from tests.browser.conftest import SCREENS

Visit = Callable[..., Page]
Settled = Callable[[Page], None]


def click_first_name(page: Page, heading: str = "") -> None:
    """Click the name in the first row of the table under a heading, or of the first table; it is drawn, so the place is what we have."""
    under = page.get_by_role("heading", name=heading).locator("xpath=following::*[@data-testid='stDataFrame']") if heading else None
    frame = (under or page.get_by_test_id("stDataFrame")).first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 40, box["y"] + 36 + 18)


@pytest.mark.parametrize(("lang", "width"), SCREENS)
def test_a_director_goes_from_the_red_card_to_the_invoices_in_three_clicks(
    visit: Visit, settled: Settled, home: Path, lang: str, width: int
) -> None:
    t = translator(lang[:2])
    page = visit("/", lang=lang, width=width)
    page.locator(".st-key-card_overdue_amount").get_by_role("button").first.click()
    page.get_by_role("link", name=t("pages_care.who_is_behind", page=t("pages.collections_title"))).click()
    settled(page)
    assert urlparse(page.url).path == "/collections"
    click_first_name(page)
    settled(page)
    assert urlparse(page.url).path == "/customer"

    warehouse = Warehouse.open(home)
    [customer] = parse_qs(urlparse(page.url).query)["customer"]
    rows = warehouse.read("open_invoices", OWNER, (parse("mtd", warehouse.as_of),), where={"customer_id": (customer,)})
    assert rows is not None
    count = sum(amount != 0 for amount in rows.collect()["open_amount"])
    heading = t("pages_care.which_invoices", count=count, amount="|").split("|")[0]
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=30_000)


def test_a_region_clicked_narrows_the_page(visit: Visit, settled: Settled) -> None:
    page = visit("/collections", lang="zh-CN")
    before = page.locator(".st-key-card_overdue_amount [data-testid='stMetricValue']").inner_text()
    click_first_name(page, translator("zh")("pages_care.who_holds_it"))
    settled(page)
    assert "region" in parse_qs(urlparse(page.url).query)
    assert urlparse(page.url).path == "/collections"
    assert page.locator(".st-key-card_overdue_amount [data-testid='stMetricValue']").inner_text() != before
