"""Every page as each role meets it: nothing goes wrong on the way, axe finds nothing serious, and the keyboard alone reaches everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from data.access import OWNER
from data.warehouse import Warehouse
from i18n import translator
from pages.frame.session import PAGES
from tests.browser.conftest import new_page, settle

ROLES = ("director", "regional_manager", "rep", "admin")
PHONE_FIRST = ("my_day", "rep")
SEEN = [
    *((role, page, 1440) for role in ROLES for page, place in PAGES.items() if role in place.roles),
    *(("rep", page, 390) for page in PHONE_FIRST),
]

# What axe finds in nodes that Streamlit draws and we cannot reach: rule → the nodes, and why they stay. Nothing else is let through.
FRAMEWORK = {
    "list": ('[data-testid="stSidebarNavItems"]', "the sections of the navigation are <div>s inside its <ul>"),
    "listitem": ('[data-testid="stSidebarNavItems"] li', "the same: each link is an <li> inside such a <div>"),
}
AXE = """([excepted, only]) => axe
  .run(document, {resultTypes: ["violations"], preload: false, ...(only && {runOnly: only})})
  .then(found => found.violations.filter(v => ["serious", "critical"].includes(v.impact)).flatMap(v => v.nodes
    .filter(node => !(excepted[v.id] && document.querySelector(node.target.join(" ")).matches(excepted[v.id][0])))
    .map(node => `${v.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)))"""

# A control the keyboard comes by is noted, with its looks while it has the focus: what a reader can see of it and of what it sits in.
WATCH_FOCUS = """() => {
  const looks = element => {
    const seen = [];
    for (let one = element, up = 0; one && up < 5; one = one.parentElement, up++) {
      const style = getComputedStyle(one);
      seen.push([style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor, style.backgroundColor].join());
    }
    return seen.join("|");
  };
  const order = [], focused = new Map();
  const note = event => {
    if (event.type === "focusin" && !focused.has(event.target)) { focused.set(event.target, []); order.push(event.target); }
    focused.get(event.target)?.push(looks(event.target));
  };
  document.head.insertAdjacentHTML("beforeend", "<style>* { transition: none !important; }</style>");
  document.addEventListener("focusin", note);
  document.addEventListener("focusout", note);
  window.keyboard = { order, focused, looks };
}"""
REACHED = """() => {
  const { order, focused, looks } = window.keyboard;
  document.activeElement.blur();
  const name = e => e.getAttribute("aria-label") || e.innerText;
  const said = e => [e.tagName, e.closest("[data-testid]")?.dataset.testid, name(e)].join(" ").slice(0, 90);
  const drawn = e => e.closest("canvas") && e.tagName !== "CANVAS";  // the cells of a table: Streamlit draws them, and the focus
  const one_stop = '[role="radiogroup"], [role="toolbar"], [role="tablist"], [data-testid="stButtonGroup"]';  // inside, arrows go on
  const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex]")].filter(
    e => e.tabIndex >= 0 && !e.disabled && !drawn(e) && e.getClientRects().length && e.checkVisibility({ visibilityProperty: true })
  );
  const part = e => (e.dataset.testid === "stSkipToContent" ? 0 : e.closest('[data-testid="stSidebar"]') ? 1 : 2);
  return {
    missed: controls.filter(e => !focused.has(e) && !order.some(o => o.closest(one_stop)?.contains(e))).map(said),
    unseen: order.filter(e => e.isConnected && !drawn(e) && focused.get(e).every(seen => seen === looks(e))).map(said),
    parts: order.map(part),
    count: order.length,
  };
}"""


@pytest.fixture(scope="module")
def faults() -> list[str]:
    """What went wrong in any tab since the last look."""
    return []


@pytest.fixture(scope="module")
def visit_as(browser: Browser, server: str, home: Path, faults: list[str]) -> Iterator[Callable[[str, str, int], Page]]:
    """`visit_as(role, page, width)`: a page in the one tab that a person of that role has on a screen that wide."""
    warehouse = Warehouse.open(home)
    people = warehouse.people(OWNER).filter(pl.col("left_on").is_null())
    tabs: dict[tuple[str, int], Page] = {}

    def go(role: str, name: str, width: int) -> Page:
        person = people.filter(pl.col("roles").list.contains(role)).row(0, named=True)
        page, is_new = tabs.get((role, width)), (role, width) not in tabs
        if page is None:
            page = tabs[role, width] = new_page(browser, server, faults, width=width)
        if name == "customer":  # which asks for one
            owned = warehouse.customers(warehouse.scope(person["login"], warehouse.as_of))
            page.goto(f"{server}/customer?view={person['rep_id']}&customer={owned['customer_id'][0]}")
        elif is_new or width < 500:
            page.goto(f"{server}/{name}?view={person['rep_id']}")
        else:
            page.get_by_test_id("stSidebarNavLink").and_(page.locator(f'[href$="/{name}"]')).click()
        settle(page)
        return page

    yield go
    for page in tabs.values():
        page.context.close()


def violations(page: Page, only: list[str] | None = None) -> list[Any]:
    """What axe calls serious or critical and Streamlit does not draw."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(AXE, [FRAMEWORK, only])  # type: ignore[no-any-return]


def walk_by_keyboard(page: Page) -> None:
    """From the first control to the last with Tab: the link past the navigation, the navigation, the page; each seen, none missed."""
    page.get_by_test_id("stSkipToContent").focus()
    page.keyboard.press("Tab")
    page.evaluate(WATCH_FOCUS)
    page.keyboard.press("Shift+Tab")  # and so begin at the first
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
    walked = page.evaluate(REACHED)
    assert walked["missed"] == []
    assert walked["unseen"] == []
    assert walked["parts"] == sorted(walked["parts"])
    assert walked["parts"][0] == 0


@pytest.mark.parametrize(("role", "name", "width"), SEEN)
def test_a_page_opens_without_a_fault_can_be_read_in_light_and_dark_and_worked_by_keyboard(
    visit_as: Callable[[str, str, int], Page], faults: list[str], role: str, name: str, width: int
) -> None:
    faults.clear()
    page = visit_as(role, name, width)
    assert page.url.split("?")[0].endswith(f"/{name}")
    assert not page.get_by_test_id("stException").count()
    assert violations(page) == []
    if width > 500 and role == next(one for one in ROLES if one in PAGES[name].roles):
        walk_by_keyboard(page)
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert page.locator('[data-testid="stApp"]').evaluate("app => getComputedStyle(app).colorScheme") == "dark"
    assert violations(page, ["color-contrast"]) == []  # the other rules do not depend on colours
    page.emulate_media(color_scheme="light")
    assert faults == []


@pytest.mark.parametrize("width", [1440, 390])
def test_what_opens_over_a_page_can_be_read_too(visit: Callable[..., Page], width: int) -> None:
    t = translator("en")
    page = visit("/overview", width=width)
    page.locator(".st-key-take button, .st-key-choices button").first.click()  # what to take away; on a phone the filters
    settle(page)
    assert violations(page) == []
    page.reload()
    settle(page)
    page.locator(".st-key-card_collection_rate").get_by_role("button").first.click()
    page.mouse.move(1, 1)  # the tip under the mouse is half faded in
    page.wait_for_timeout(500)
    settle(page)
    assert violations(page) == []
    page.get_by_role("button", name=t("pages.show_rows")).click()
    page.get_by_role("dialog").wait_for()
    settle(page)
    assert violations(page) == []
