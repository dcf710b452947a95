"""What a person does in a browser: a director from the company to a rep and back, a rep alone with the own rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import polars as pl
from playwright.sync_api import Page, expect

from data.access import OWNER
from data.warehouse import Warehouse
from i18n import translator

EN = translator("en")
Visit = Callable[..., Page]
Settled = Callable[[Page], None]


def asked(page: Page) -> dict[str, str]:
    """The selection in the URL."""
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def choose(page: Page, label: str, option: str) -> None:
    """Pick an option of a select box."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def card(page: Page, kpi: str) -> str:
    """The value on a card."""
    return page.locator(f".st-key-card_{kpi} [data-testid='stMetricValue']").inner_text()


def click_row(page: Page, table: int, row: int) -> None:
    """Click the name in a row of a table; a table is drawn, so the place is what we have."""
    box = page.locator('[data-testid="stDataFrame"]').nth(table).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 40, box["y"] + 36 + 36 * row + 18)


def title(page: Page) -> str:
    """The page's name."""
    return page.locator("h1").first.inner_text()


def reps_of(home: Path, region: str) -> dict[str, str]:
    """rep_id → name of a region's people."""
    people = Warehouse.open(home).people(OWNER).filter((pl.col("region") == region) & pl.col("is_seller"))
    return dict(people.select("rep_id", "rep_name").iter_rows())


def test_a_direct_link_to_a_fresh_server_arrives_with_its_selection(visit: Visit) -> None:
    page = visit("/rep?rep=0311&period=2026-Q3")
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stSidebarNavLink").first).to_be_visible()
    assert asked(page) == {"rep": "0311", "period": "2026-Q3"}


def test_a_mailed_link_opens_for_each_role_on_its_own_start_page(visit: Visit, home: Path) -> None:
    people = Warehouse.open(home).people(OWNER).filter(pl.col("left_on").is_null())
    names = dict(people.select("rep_id", "rep_name").iter_rows())
    by_role = {role: people.filter(pl.col("roles").list.contains(role))["rep_id"][0] for role in ("director", "regional_manager", "rep")}
    for role, name in (("director", "overview"), ("regional_manager", "region"), ("rep", "rep")):
        page = visit(f"/{name}?period=2026-09&view={by_role[role]}")
        assert urlparse(page.url).path == f"/{name}"
        assert asked(page)["period"] == "2026-09"
        assert not page.get_by_text("Page not found").count()
        page.reload()
        expect(page.locator("h1").first).to_be_visible(timeout=30_000)
        expect(page.get_by_test_id("stAlert").filter(has_text=names[by_role[role]])).to_be_visible()


def test_a_director_goes_from_the_company_to_a_rep_and_back(visit: Visit, settled: Settled, home: Path) -> None:
    page = visit()
    before = card(page, "revenue")

    choose(page, EN("pages.filter_period"), "September 2026")
    settled(page)
    assert card(page, "revenue") != before
    whole = card(page, "revenue")

    click_row(page, 0, 0)
    settled(page)
    region = title(page)
    assert asked(page) == {"period": "2026-09", "region": region}
    assert card(page, "revenue") != whole

    click_row(page, 0, 0)
    settled(page)
    rep = asked(page)["rep"]
    assert reps_of(home, region)[rep] == title(page)
    assert asked(page) == {"period": "2026-09", "region": region, "rep": rep}

    page.get_by_test_id("stPageLink").get_by_text(EN("pages.overview_title"), exact=True).click()
    settled(page)
    assert title(page) == EN("pages.overview_title")
    assert asked(page)["period"] == "2026-09"
    choose(page, EN("pages.filter_region"), EN("pages.all_region"))
    settled(page)
    assert card(page, "revenue") == whole


def test_the_sidebar_keeps_the_selection_too(visit: Visit, settled: Settled) -> None:
    page = visit("/?period=2026-09&compare=prior")
    page.get_by_test_id("stSidebarNavLink").get_by_text(EN("pages.region_title"), exact=True).click()
    settled(page)
    assert asked(page)["period"] == "2026-09"
    assert asked(page)["compare"] == "prior"


def test_a_rep_sees_the_own_page_and_rows_only(visit: Visit, settled: Settled, home: Path) -> None:
    page = visit()
    page.get_by_role("combobox", name=EN("pages.view_as")).click()
    page.get_by_role("option", name="刘强").click()
    settled(page)
    assert title(page) == EN("pages.my_day_title")  # where a rep starts
    page.get_by_test_id("stSidebarNavLink").get_by_text(EN("pages.rep_title"), exact=True).click()
    settled(page)
    assert title(page) == "刘强"
    assert not page.get_by_test_id("stSidebarNavLink").get_by_text(EN("pages.overview_title"), exact=True).count()

    warehouse = Warehouse.open(home)
    own = warehouse.scope(str(warehouse.people(OWNER).filter(pl.col("rep_name") == "刘强")["login"][0]), warehouse.as_of)
    mine = set(warehouse.read("receivables", own, by=("customer_id",)).collect()["customer_id"])  # type: ignore[union-attr]
    cells = page.locator('[data-testid="stDataFrame"]').first.locator("tbody tr td:last-child")  # the code of the customer
    expect(cells.filter(has_text=re.compile(r"^\d+$")).first).to_be_attached(timeout=20_000)
    seen = {text for text in cells.all_inner_texts() if text.isdigit()}
    assert seen <= mine


def test_the_id_of_another_rep_answers_like_one_that_does_not_exist(visit: Visit, settled: Settled) -> None:
    page = visit()
    page.get_by_role("combobox", name=EN("pages.view_as")).click()
    page.get_by_role("option", name="刘强").click()
    settled(page)
    answers = []
    for rep in ("0111", "nobody"):
        page.evaluate("rep => history.replaceState(null, '', `/rep?rep=${rep}`)", rep)
        page.evaluate("() => window.dispatchEvent(new PopStateEvent('popstate'))")
        settled(page)
        answers.append(page.get_by_test_id("stMain").inner_text())
    assert EN("pages.not_found") in answers[0]
    assert answers[0] == answers[1]


def test_a_figure_opens_its_explanation_and_its_rows(visit: Visit, settled: Settled) -> None:
    page = visit()
    page.locator(".st-key-card_collection_rate").get_by_role("button").click()
    expect(page.get_by_text(EN("kpi.collection_rate.formula")).first).to_be_visible()
    page.get_by_role("button", name=EN("pages.show_rows")).click()
    settled(page)
    expect(page.get_by_role("dialog").get_by_text(EN("pages.rows_behind", kpi=EN("kpi.collection_rate.label")))).to_be_visible()


def test_the_cards_stand_in_one_low_band(visit: Visit) -> None:
    page = visit()
    boxes = [c.bounding_box() for c in page.locator(".st-key-cards [class*='st-key-card_']").all()]
    assert len(boxes) == 8
    assert len({round(b["y"]) for b in boxes if b}) == 1
    assert max(b["height"] for b in boxes if b) <= 112


def test_a_phone_shows_two_cards_a_row_and_nothing_sticks_out(visit: Visit) -> None:
    page = visit("/", width=390, lang="zh-CN")
    boxes = [c.bounding_box() for c in page.locator(".st-key-cards [class*='st-key-card_']").all()]
    assert len({round(b["y"]) for b in boxes if b}) == 4
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert page.get_by_role("combobox", name=translator("zh")("pages.filter_period")).count() == 0  # one line opens the filters
    banner = page.get_by_test_id("stAlert").first.bounding_box()
    assert banner is not None
    assert min(b["y"] for b in boxes if b) - (banner["y"] + banner["height"]) < 110  # name, filters and download are one line


def test_the_glossary_is_searched_by_link_and_fits_a_phone(visit: Visit) -> None:
    page = visit("/glossary?q=collection_rate", width=390, lang="zh-CN", dark=True)
    zh = translator("zh")
    expect(page.get_by_test_id("stExpander")).to_have_count(1)
    expect(page.get_by_text(zh("kpi.collection_rate.edges"))).to_be_visible()
    assert asked(page)["q"] == "collection_rate"
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_days_can_be_chosen(visit: Visit, settled: Settled) -> None:
    page = visit()
    choose(page, EN("pages.filter_period"), EN("pages.period_range"))
    settled(page)
    assert asked(page)["period"] == "2026-10-01..2026-10-21"
    expect(page.get_by_test_id("stDateInput")).to_be_visible()


def test_the_language_follows_the_browser_and_can_be_changed(visit: Visit, settled: Settled) -> None:
    page = visit("/", dark=True, lang="zh-CN")
    assert title(page) == translator("zh")("pages.overview_title")
    page.get_by_test_id("stSidebar").get_by_text("English").click()
    settled(page)
    assert title(page) == EN("pages.overview_title")


def test_the_download_is_a_workbook_with_definitions(visit: Visit, tmp_path: Path) -> None:
    import fastexcel

    page = visit()
    page.get_by_role("button", name=EN("pages.download")).click()
    with page.expect_download() as started:
        page.get_by_role("button", name=EN("pages_view.take_xlsx")).click()
    file = tmp_path / "book.xlsx"
    started.value.save_as(file)
    assert fastexcel.read_excel(file).sheet_names == [
        EN(f"pages{name}")
        for name in ("_view.sheet_summary", ".regions", "_view.sheet_trend", "_care.sheet_change", ".sheet_definitions", ".sheet_about")
    ]
