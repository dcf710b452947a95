"""A real server over the sample company and a real browser in front of it, once for all tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from data.loading.load import first_run

ROOT = Path(__file__).resolve().parents[2]
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; without one the tests are skipped, on the build machine they fail."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "no Chromium on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def home(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of the sample company, built as at a first run."""
    folder = tmp_path_factory.mktemp("home")
    first_run(folder)
    return folder


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """`serve(home)`: the app over a home, started as a person starts it; its address. All of them end with the tests."""
    started: list[subprocess.Popen[bytes]] = []

    def start(home: Path) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        with (tmp_path_factory.mktemp("log") / "server.log").open("w") as log:
            started.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, "FIELDBOOK_HOME": str(home)}, stdout=log, stderr=log))
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        return f"http://127.0.0.1:{port}"

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(20)


@pytest.fixture(scope="session")
def server(home: Path, serve: Callable[[Path], str]) -> str:
    """The address of the app over the sample company."""
    return serve(home)


def _wait(address: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")  # not longer: while the driver lives, nothing else in this process may run an event loop
def browser(chromium: str) -> Iterator[Browser]:
    """One headless browser."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """`visit("/rep?rep=0311", width=390, dark=True, lang="zh-CN")`: a page that has finished; at the end nothing may have gone wrong."""
    contexts, wrong = [], []

    def watch(page: Page) -> None:
        # right under a page's own path Streamlit probes for its health and host, gets 404 and goes on
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" and "_stcore" not in m.location.get("url", "") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda r: wrong.append(r.url) if not r.url.startswith((server, "data:", "blob:", server.replace("http", "ws"))) else None,
        )

    def open_page(path: str = "/", *, width: int = 1440, dark: bool = False, lang: str = "en-US") -> Page:
        phone = {"user_agent": PHONE, "has_touch": True, "is_mobile": True} if width < 500 else {}
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=lang, color_scheme=scheme, **phone)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(server + path)
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def settle(page: Page) -> None:
    """Wait until the script has run and what it sent is drawn."""
    page.wait_for_selector('[data-testid="stApp"]', timeout=60_000)
    page.wait_for_timeout(600)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_timeout(400)


@pytest.fixture
def settled() -> Callable[[Page], None]:
    """`settled(page)`: wait until a change has come through."""
    return settle
