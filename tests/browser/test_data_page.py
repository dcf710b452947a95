"""A messy export through the page: dropped, asked about, loaded, seen in the figures, and taken back. In a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.access import OWNER
from data.loading.load import load
from data.warehouse import Warehouse
from i18n import translator

EN = translator("en")
FIRST = {
    "reps.csv": "rep_id,rep_name,role,region,login\nR1,Ann,rep,East,ann\n",
    "customers.csv": "customer_id,customer_name,owner_id\nC1,Coast,R1\n",
    "orders.csv": "order_id,customer_id,rep_id,order_date,ship_date,net_amount\n"
    "O0,C1,R1,2026-03-01,2026-03-01,10.00\nO9,C1,R1,2026-07-02,2026-07-02,10.00\n",
}
# day or month first? a header nobody knows, and an amount that is none
MESSY = '订单号,客户编碼,业务员编码,发货日期,未税金额\nU1,C1,R1,03/04/2026,"1,234.50"\nU2,C1,R1,05/06/2026,2000\nU3,C1,R1,06/06/2026,abc\n'


@pytest.fixture(scope="module")
def home(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company of its own: these tests change what is loaded."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "exports").mkdir()
    for name, text in FIRST.items():
        (folder / "exports" / name).write_text(text, "utf-8")
    assert load(folder / "home", [folder / "exports"], now=datetime(2026, 7, 3, 2, tzinfo=UTC)).published
    return folder / "home"


@pytest.fixture(scope="module")
def server(home: Path, serve: Callable[[Path], str]) -> str:
    """The app over that company."""
    return serve(home)


def revenue(home: Path) -> Decimal:
    frame = Warehouse.open(home).read("sales", OWNER)
    assert frame is not None
    return Decimal(frame.collect()["revenue"].sum())


def press(page: Page, key: str, settled: Callable[[Page], None]) -> None:
    page.locator(f'[class*="st-key-{key}"] button').first.click()
    settled(page)
    settled(page)


def test_a_messy_export_becomes_figures_and_is_taken_back(visit: Callable[..., Page], settled: Callable[[Page], None], home: Path) -> None:
    before = revenue(home)
    page = visit("/data")
    settled(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": "销售_2026-06.csv", "mimeType": "text/csv", "buffer": MESSY.encode("gb18030")}]
    )
    settled(page)
    settled(page)
    expect(page.get_by_text(EN("pages_data.problem_asked", file="销售_2026-06.csv"))).to_be_visible(timeout=60_000)
    suggested = page.locator('[class*="st-key-column_"]').filter(has_text=EN("pages_data.field_customer_id"))
    expect(suggested.locator("input").first).to_have_value("客户编碼  (C1)")
    expect(page.locator(".st-key-load_files button")).to_be_disabled()
    page.get_by_text(EN("pages_data.order_dmy")).click()
    settled(page)
    page.locator('[class*="st-key-mode_"] input').click()
    page.get_by_role("option", name=EN("pages_data.mode_upsert")).click()
    settled(page)
    press(page, "save_", settled)
    assert revenue(home) == before
    written = next((home / "mappings").glob("*.toml")).read_text("utf-8")
    assert 'date_order = "dmy"' in written
    assert 'mode = "upsert"' in written
    page.get_by_role("tab", name=EN("pages_data.tab_account")).click()
    own = page.locator('[class*="st-key-own_"] input').first
    own.fill("3,234.50")
    own.press("Enter")
    settled(page)
    expect(page.get_by_text(EN("pages_data.own_total_equal", total="¥3,234.50"))).to_be_visible()
    press(page, "load_files", settled)
    outcome = page.locator(".st-key-outcome")
    expect(outcome.get_by_text(EN("pages_data.outcome_loaded", number=2, day="2 Jul 2026"))).to_be_visible(timeout=60_000)
    expect(outcome.get_by_text("June 2026 revenue +¥2,000.00 with load 2")).to_be_visible()
    assert revenue(home) == before + Decimal("3234.50")
    assert not list((home / "drafts").iterdir())
    box = page.locator(".st-key-which_change input")
    box.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    settled(page)
    press(page, "ask_undo_change_2", settled)
    assert revenue(home) == before + Decimal("3234.50")  # asked once more
    press(page, "yes_undo_change_2", settled)
    expect(outcome.get_by_text(EN("pages_data.done_undo", number=3, undone=2))).to_be_visible(timeout=60_000)
    assert revenue(home) == before


@pytest.mark.parametrize(("width", "dark", "lang"), [(390, False, "zh-CN"), (390, True, "en-US"), (1440, True, "zh-CN")])
def test_the_page_stays_within_the_screen(visit: Callable[..., Page], width: int, dark: bool, lang: str) -> None:
    page = visit("/data", width=width, dark=dark, lang=lang)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_test_id("stException").count() == 0


def test_a_file_can_be_dropped_by_keyboard_alone(visit: Callable[..., Page], settled: Callable[[Page], None]) -> None:
    page = visit("/data")
    settled(page)
    button = page.get_by_test_id("stFileUploaderDropzone").get_by_role("button").first
    with page.expect_file_chooser() as chosen:
        button.press("Enter")  # finds the button anew: a rerun may have replaced the one that had the focus
    chosen.value.set_files([{"name": "x.csv", "mimeType": "text/csv", "buffer": b"nothing,of\nours,here\n"}])
    settled(page)
    settled(page)
    drop = page.locator(".st-key-drop_files button")
    drop.focus()
    page.keyboard.press("Enter")
    settled(page)
    expect(page.locator(".st-key-drop_files button")).to_have_count(0)
