"""Signing in for real: a browser, an identity provider on this machine, and the production server between people and figures."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from data.loading import load
from i18n import translator
from pages.frame import visit
from pages.frame.session import PAGES
from tests.deploy.running import Server, ask, free_port

EN = translator("en")
REPS = """rep_id,rep_name,role,region,territory_id,login,manager_id,pair_id
D1,Dora,director,,,dora@example.com,,
M1,Mia,regional_manager,East,,mia@example.com,D1,
M2,Max,regional_manager,North,,max@example.com,D1,
R1,Ann,rep,East,E1,ann@example.com,M1,P1
I1,Ina,inside,East,E1,ina@example.com,M1,P1
R2,Bob,rep,East,E2,bob@example.com,M1,
R3,Cid,rep,North,N1,cid@example.com,M2,
T1,Tia,rep;admin,North,N2,tia@example.com,M2,
A1,Ada,admin,,,ada@example.com,,
"""
OWNERS = {"CANARY-A": "R1", "CANARY-I": "I1", "CANARY-B": "R2", "CANARY-C": "R3", "CANARY-T": "T1"}
# who signs in → the roles they are told, the pages they find, and the customers they may hear of
SELLERS = {
    "my_day",
    "rep",
    "prospects",
    "visits",
    "margin",
    "collections",
    "customers",
    "customer",
    "key_accounts",
    "review",
    "scorecard",
    "glossary",
}
PEOPLE = {
    "dora": ("director", set(PAGES) - {"audit"}, set(OWNERS)),
    "mia": ("regional manager", SELLERS | {"region", "territories"}, {"CANARY-A", "CANARY-I", "CANARY-B"}),
    "ann": ("rep", SELLERS, {"CANARY-A"}),
    "ina": ("inside sales", SELLERS, {"CANARY-A", "CANARY-I"}),
    "tia": ("rep, admin", SELLERS | {"data", "audit"}, {"CANARY-T"}),
    "ada": ("admin", {"data", "audit", "glossary"}, set()),
}


def login(name: str) -> str:
    return f"{name}@example.com"


@pytest.fixture(scope="module")
def home(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of nine people in two regions; each seller has one customer, whose id is a canary."""
    folder = tmp_path_factory.mktemp("company")
    exports, months = folder / "exports", range(1, 7)
    exports.mkdir()
    (exports / "reps.csv").write_text(REPS, "utf-8")
    places = "\n".join(f"{t},{t},{'East' if t[0] == 'E' else 'North'}" for t in ("E1", "E2", "N1", "N2"))
    (exports / "territories.csv").write_text(f"territory_id,name,region\n{places}\n", "utf-8")
    (exports / "customers.csv").write_text(
        "customer_id,customer_name,owner_id\n" + "".join(f"{c},{c},{r}\n" for c, r in OWNERS.items()), "utf-8"
    )
    orders = [f"O-{c}-{m},{c},{r},2026-{m:02}-05,2026-{m:02}-05,{1000 + m}" for c, r in OWNERS.items() for m in months]
    (exports / "orders.csv").write_text("order_id,customer_id,rep_id,order_date,ship_date,net_amount\n" + "\n".join(orders), "utf-8")
    assert load.load(folder / "home", [exports]).published
    return folder / "home"


@pytest.fixture(scope="module")
def provider(chromium: str) -> Iterator[str]:
    """An identity provider that knows these people, and a stranger."""
    port = free_port()
    known = [{"sub": name, "email": login(name)} for name in (*PEOPLE, "bob", "max", "stranger")]
    claims = [word for one in known for word in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "-H", "127.0.0.1", *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}/.well-known/openid-configuration"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def server(home: Path, provider: str) -> Iterator[Server]:
    """Fieldbook, where people sign in with that provider."""
    port = free_port()
    running = Server(home, port=port, origin=f"http://localhost:{port}", provider=provider).start().wait()
    yield running
    running.stop()


@pytest.fixture
def new(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """`new()`: a browser of somebody else, which reaches nothing but this machine."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(locale="en-US", **options)  # type: ignore[arg-type]
        context.route(lambda url: urlparse(url).hostname not in ("localhost", "127.0.0.1"), lambda route: route.abort())
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


def sign_in(context: BrowserContext, server: Server, name: str, link: str = "/") -> tuple[Page, list[bytes]]:
    """Follow a link, sign in as somebody; returns the page, and all it is sent."""
    page, sent = open_page(context, server, link)
    page.locator(".st-key-sign_in button").click()
    page.get_by_role("button", name=name, exact=True).click()
    page.locator(".st-key-sign_out").wait_for(timeout=60_000)
    return page, sent


def open_page(context: BrowserContext, server: Server, link: str) -> tuple[Page, list[bytes]]:
    """A page, and all it is sent through the websocket."""
    page, sent = context.new_page(), list[bytes]()

    def hear(data: str | bytes) -> None:
        sent.append(data if isinstance(data, bytes) else data.encode())

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.goto(f"http://localhost:{server.port}{link}")
    return page, sent


def told(page: Page, key: str, **values: str) -> None:
    """Wait until the page says this, whatever Markdown makes of it."""
    words = EN(key, **values)
    expect(page.get_by_test_id("stAlert").filter(has_text=words).first).to_be_visible(timeout=60_000)


def finished(page: Page) -> None:
    """Wait until the script has come to its end."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_timeout(300)


@pytest.fixture(scope="module")
def signed() -> dict[str, Any]:
    """The browsers of those who have signed in, by name."""
    return {}


@pytest.fixture(scope="module")
def left_open(browser: Browser, server: Server) -> Iterator[tuple[Page, float]]:
    """A page somebody leaves open and untouched, and the moment after that in which an admin blocks this login."""
    context = browser.new_context(locale="en-US")
    context.route(lambda url: urlparse(url).hostname not in ("localhost", "127.0.0.1"), lambda route: route.abort())
    page, _ = sign_in(context, server, "max")
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=60_000)
    finished(page)
    (server.home / "fieldbook.toml").write_text(f'[access]\nblocked = ["{login("max").upper()}"]\n', "utf-8")
    yield page, time.monotonic()
    context.close()


def test_on_a_fresh_server_no_link_shows_anything_before_somebody_signs_in(server: Server, new: Callable[..., BrowserContext]) -> None:
    page, sent = open_page(new(), server, "/?rep=R1")
    for name in PAGES:
        page.goto(f"http://localhost:{server.port}/{name}?rep=R1&view=D1")
        told(page, "error.sign_in_first")
        assert page.get_by_test_id("stSidebarNavLink").count() == 0
    assert sent
    assert not [canary for canary in (b"CANARY", b"Dora", b"Ann", b"East") if canary in b"".join(sent)]


@pytest.mark.parametrize("name", PEOPLE)
def test_each_role_finds_its_pages_and_hears_of_nobody_elses_customers(
    server: Server, new: Callable[..., BrowserContext], signed: dict[str, Any], left_open: object, name: str
) -> None:
    roles, pages, customers = PEOPLE[name]
    context = new()
    page, sent = sign_in(context, server, name, "/glossary?period=2026-05")
    signed[name] = context.storage_state()
    assert page.url.endswith("/glossary?period=2026-05"), "one comes back to the link one came by"
    expect(page.locator(".st-key-reader").get_by_text(roles, exact=True)).to_be_visible()
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links.first).to_be_visible(timeout=60_000)
    assert {urlparse(link.get_attribute("href") or "").path.strip("/") for link in links.all()} == pages
    if "rep" in pages:
        page.goto(f"http://localhost:{server.port}/rep")
        expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=60_000)
        finished(page)
    heard = {canary for canary in OWNERS if canary.encode() in b"".join(sent)}
    assert heard <= customers
    assert heard or not customers, "the canaries are there to be heard of"


@pytest.mark.parametrize(
    ("name", "links"),
    [
        ("ann", ["/rep?rep=R2", "/rep?rep=I1", "/customer?customer=CANARY-B"]),
        ("ina", ["/rep?rep=R2"]),
        ("mia", ["/rep?rep=R3", "/region?region=North"]),
    ],
)
def test_a_mailed_link_to_somebody_elses_figures_is_answered_like_one_to_nobodys(
    server: Server, new: Callable[..., BrowserContext], signed: dict[str, Any], name: str, links: list[str]
) -> None:
    page, sent = open_page(new(storage_state=signed[name]), server, links[0])
    for link in links:
        answers = []
        for wish in (link, link.split("=")[0] + "=NOBODY"):
            page.goto(f"http://localhost:{server.port}{wish}")
            told(page, "pages.not_found")
            answers.append([alert.inner_text() for alert in page.get_by_test_id("stAlert").all()])
        assert answers[0] == answers[1]
    assert not [canary for canary in set(OWNERS) - PEOPLE[name][2] if canary.encode() in b"".join(sent)]


def test_the_link_of_a_page_that_is_not_for_the_role_leads_nowhere(
    server: Server, new: Callable[..., BrowserContext], signed: dict[str, Any]
) -> None:
    page, sent = open_page(new(storage_state=signed["ann"]), server, "/audit")
    expect(page.get_by_test_id("stSidebarNavLink").first).to_be_visible(timeout=60_000)
    finished(page)
    assert EN("pages.audit_title") not in page.locator("h1").all_inner_texts()
    assert EN("pages_access.action_login").encode() not in b"".join(sent)


def test_who_is_not_in_the_list_of_people_sees_nothing_and_is_told_whom_to_ask(server: Server, new: Callable[..., BrowserContext]) -> None:
    page, sent = sign_in(new(), server, "stranger", "/overview")
    expect(page.get_by_text("is not known here")).to_be_visible()
    assert page.get_by_test_id("stSidebarNavLink").count() == 0
    assert b"CANARY" not in b"".join(sent)


def test_a_download_is_for_its_browser_and_for_nobody_without_a_session(server: Server, new: Callable[..., BrowserContext]) -> None:
    context = new()
    page, _ = sign_in(context, server, "bob")
    page.locator(".st-key-take button").first.click()
    button = page.locator(".st-key-download button")
    with page.expect_download(timeout=60_000) as taken:
        button.click()
    path = urlparse(taken.value.url).path
    assert path.startswith("/media/")
    mine = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies() if one["name"].startswith("_streamlit"))
    assert ask(server.port, path, Cookie=mine).status == 200
    assert ask(server.port, path).status == 403
    assert ask(server.port, path, X_Forwarded_User=login("bob")).status == 403
    other = context.new_page()
    other.goto(f"http://localhost:{server.port}/")
    expect(other.get_by_test_id("stMetric").first).to_be_visible(timeout=60_000)
    page.locator(".st-key-sign_out button").click()
    page.wait_for_url("**/oauth2/end_session**")
    assert ask(server.port, path, Cookie=mine).status == 403, "a copy of the cookie is no longer good here"
    other.locator(".st-key-sign_out").wait_for()
    other.get_by_test_id("stSidebarNavLink").last.click()
    told(other, "error.signed_out")


def test_a_header_does_not_sign_anybody_in(server: Server, new: Callable[..., BrowserContext]) -> None:
    headers = {"X-Forwarded-User": login("dora"), "X-Fieldbook-Caller": "proxy:x:=dora"}
    page, _ = open_page(new(extra_http_headers=headers), server, "/overview")
    told(page, "error.sign_in_first")


def test_behind_a_proxy_a_header_of_the_browser_itself_is_not_believed(
    home: Path, tmp_path: Path, new: Callable[..., BrowserContext]
) -> None:
    running = Server(home, {"FIELDBOOK_PROXIES": "127.0.0.2"}).start()
    try:
        running.wait()
        page = new(extra_http_headers={"X-Forwarded-User": login("dora")}).new_page()
        answer = page.goto(f"http://localhost:{running.port}/overview")
        assert answer
        assert answer.status == 403
        assert page.locator("body").inner_text().strip() == EN("error.proxy_names_nobody")
        stranger = running.ask("/overview", source="127.0.0.2", X_Forwarded_User=login("stranger"))
        assert (stranger.status, stranger.text.strip()) == (403, EN("error.not_known_here", login=login("stranger")))
        assert running.stream(source="127.0.0.2", X_Forwarded_User=login("dora")).status == 101
    finally:
        running.stop()


def test_an_open_page_closes_within_a_minute_of_being_blocked(left_open: tuple[Page, float]) -> None:
    """The last test of this file: the others ran while nobody touched that page."""
    page, blocked = left_open
    expect(page.get_by_text("is not known here")).to_be_visible(timeout=(60 - min(59, time.monotonic() - blocked)) * 1000)
    assert page.get_by_test_id("stMetric").count() == 0
    assert page.get_by_test_id("stSidebarNavLink").count() == 0
    assert visit.WATCHED_EVERY <= 30
