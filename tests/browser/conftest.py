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
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from data.loading.load import first_run

ROOT = Path(__file__).resolve().parents[2]
SCREENS = [(lang, width) for lang in ("zh-CN", "en-US") for width in (1440, 390)]
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
    opened: list[Page] = []
    faults: list[str] = []

    def open_page(path: str = "/", **screen: Any) -> Page:
        opened.append(page := new_page(browser, server, faults, **screen))
        page.goto(server + path)
        settle(page)
        return page

    yield open_page
    for page in opened:
        page.context.close()
    assert not faults


def new_page(browser: Browser, server: str, faults: list[str], *, width: int = 1440, dark: bool = False, lang: str = "en-US") -> Page:
    """A tab of a browser of somebody new. What goes wrong in it is added to `faults`."""
    phone = {"user_agent": PHONE, "has_touch": True, "is_mobile": True} if width < 500 else {}
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=lang, color_scheme=scheme, **phone)  # type: ignore[arg-type]
    page, ours = context.new_page(), (server, "data:", "blob:", server.replace("http", "ws"))

    def note(kind: str, what: str, address: str) -> None:
        # right under a page's own path Streamlit probes for its health and host, gets 404 and goes on
        if "_stcore" not in address:
            faults.append(f"{kind}: {what} {address}")

    page.on("console", lambda m: note("console", m.text, m.location.get("url", "")) if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(ours) else faults.append(f"goes elsewhere: {r.url}"))
    page.on("requestfailed", lambda r: None if "ERR_ABORTED" in str(r.failure) else note("failed", str(r.failure), r.url))
    page.on("response", lambda r: note("refused", str(r.status), r.url) if r.status >= 400 else None)
    return page


_QUIET = """() => {
  const now = performance.now(), app = document.querySelector('[data-testid="stApp"]');
  if (!window.watch) {
    window.watch = new MutationObserver(() => { window.changed = performance.now(); });
    window.watch.observe(document, { subtree: true, childList: true });
  }
  const running = app?.dataset.testScriptState !== "notRunning";
  if (running || document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')) window.changed = now;
  return now - (window.changed ??= now) > 600;
}"""


def settle(page: Page) -> None:
    """Wait until the script has run and what it sent is drawn: for a while nothing runs and nothing on the page changes."""
    page.evaluate("window.changed = undefined")
    page.wait_for_function(_QUIET, polling=50, timeout=60_000)


@pytest.fixture
def settled() -> Callable[[Page], None]:
    """`settled(page)`: wait until a change has come through."""
    return settle
