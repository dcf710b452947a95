"""The production entry: three servers run for real, one for each way to sign in; what only depends on values is called directly."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

import server
from pages.door import doorman, health, log
from pages.door.doorman import peer_of
from pages.door.setup import LOOPBACK, Peers, Setup
from pages.frame import identity
from tests.deploy.running import BLOCKED, DIRECTOR, ROOT, STRANGER, UPGRADE, Server, cookie, make_home

PROXY = "127.0.0.2"  # all of 127/8 is this machine: a second address plays the proxy
DATA = ["/media/some-file.xlsx", "/_stcore/upload_file/session/file", "/component/some/index.html", "/_stcore/bidi-components/some/x.js"]
METHOD = {"/_stcore/upload_file/session/file": "PUT"}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Servers by way to sign in, over copies of one home; started side by side."""
    homes = [tmp_path_factory.mktemp(way) / "home" for way in ("demo", "proxy", "oidc")]
    make_home(homes[0])
    for other in homes[1:]:
        shutil.copytree(homes[0], other)
    running = {
        "demo": Server(homes[0], {"FIELDBOOK_HOSTS": "kpi.example.com, *.example.org"}),
        "proxy": Server(homes[1], {"FIELDBOOK_PROXIES": PROXY}),
        "oidc": Server(homes[2], origin="http://localhost"),
    }
    try:
        for one in running.values():
            one.start()
        for one in running.values():
            one.wait()
        yield running
    finally:
        for one in running.values():
            one.stop()


@pytest.fixture
def demo(servers: dict[str, Server]) -> Server:
    return servers["demo"]


@pytest.fixture
def proxy(servers: dict[str, Server]) -> Server:
    return servers["proxy"]


@pytest.fixture
def oidc(servers: dict[str, Server]) -> Server:
    return servers["oidc"]


@pytest.fixture
def blocking(request: pytest.FixtureRequest) -> Iterator[Any]:
    """`blocking(server)`: an admin blocks BLOCKED in fieldbook.toml, until the end of the test."""
    changed: list[tuple[Path, str]] = []

    def block(running: Server) -> None:
        path = running.home / "fieldbook.toml"
        changed.append((path, path.read_text("utf-8")))
        path.write_text(changed[-1][1] + f'[access]\nblocked = ["{BLOCKED}"]\n', "utf-8")

    yield block
    for path, text in changed:
        path.write_text(text, "utf-8")


# Health, readiness, metrics


def test_it_says_that_it_is_up_and_ready(demo: Server) -> None:
    assert demo.ask("/healthz").text == "ok\n"
    ready = demo.ask("/readyz")
    assert (ready.status, ready.text) == (200, "ready\n")


def test_without_a_snapshot_it_is_up_and_not_ready(tmp_path: Path) -> None:
    [_, readyz, _] = health.routes(Setup(tmp_path), health.Tally())
    sent = drive(readyz.app, http("/readyz"))
    assert sent[0]["status"] == 503
    assert str(tmp_path) not in str(sent)


def test_metrics_count_by_kind_of_path_and_name_the_snapshot(demo: Server) -> None:
    demo.ask("/media/nothing?name=x")
    text = demo.ask("/metrics").text
    counts = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert int(counts['fieldbook_requests_total{path="media",status="404"}']) >= 1
    assert int(counts['fieldbook_request_seconds_count{path="media"}']) >= 1
    assert counts['fieldbook_snapshot_info{snapshot="000001"}'] == "1"
    assert 0 <= float(counts["fieldbook_snapshot_age_seconds"]) < 3600
    assert int(counts["fieldbook_streams"]) >= 0
    assert "nothing" not in text


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics"])
def test_metrics_are_not_for_those_who_come_through_a_proxy(demo: Server, proxy: Server, path: str) -> None:
    assert demo.ask(path).status == 200
    assert demo.ask(path, X_Forwarded_For="203.0.113.9").status == 403
    assert proxy.ask(path, source=PROXY, X_Forwarded_User=DIRECTOR).status == 403


# Headers


@pytest.mark.parametrize("path", ["/", "/region?x=1", "/nothing/here", "/healthz", "/readyz", "/metrics", "/_stcore/health", *DATA])
def test_every_answer_carries_the_security_headers(demo: Server, path: str) -> None:
    headers = demo.ask(path, METHOD.get(path, "GET")).headers
    assert_hardened(headers)
    assert headers["Cache-Control"] == "no-store"


def test_refusals_and_failures_carry_them_too(demo: Server) -> None:
    assert_hardened(demo.ask("/", host="evil.example").headers)
    assert_hardened(demo.ask("/media/x", X_Forwarded_For="203.0.113.9").headers)
    failed = asyncio.run(server.app._exception_handlers[Exception](None, None))
    assert_hardened(failed.headers)


def test_only_hashed_files_of_the_program_may_be_stored(demo: Server) -> None:
    page = demo.ask("/").text
    script = page.split('src="./static/js/')[1].split('"')[0]
    answer = demo.ask(f"/static/js/{script}")
    assert "immutable" in answer.headers["Cache-Control"]
    assert_hardened(answer.headers)


def test_cookies_are_for_tls_only_when_the_browser_came_by_tls(demo: Server) -> None:
    assert "secure" not in demo.ask("/_stcore/health").headers["Set-Cookie"].lower()
    assert demo.ask("/_stcore/health", X_Forwarded_Proto="https").headers["Set-Cookie"].endswith("; Secure")


def assert_hardened(headers: Any) -> None:
    policy = headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in scripts
    assert "http" not in scripts
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


# Host


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "kpi.example.com.evil.example", "example.org", ""])
def test_a_host_nobody_configured_is_refused_for_pages_and_the_websocket(demo: Server, host: str) -> None:
    assert demo.ask("/", host=host).status == 400
    assert demo.ask("/healthz", host=host).status == 400
    assert demo.stream(host=host).status == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8501", "[::1]:8501", "kpi.example.com", "KPI.example.com:443", "a.example.org"])
def test_configured_hosts_and_this_machine_are_served(demo: Server, host: str) -> None:
    assert demo.ask("/healthz", host=host).status == 200
    assert demo.stream(host=host).status == 101


def test_a_page_of_another_site_cannot_open_the_websocket(demo: Server) -> None:
    assert demo.stream(Origin="http://evil.example").status == 403
    assert demo.stream(Origin="http://localhost").status == 101


# Data needs a session


@pytest.mark.parametrize("path", DATA)
def test_demo_data_is_for_a_browser_on_this_machine(demo: Server, path: str) -> None:
    method = METHOD.get(path, "GET")
    assert demo.ask(path, method).text != "Forbidden\n"
    for name in identity.FORWARDING:
        refused = demo.ask(path, method, **{name: "x"})
        assert (refused.status, refused.text) == (403, "Forbidden\n"), name
    assert demo.ask(path, method, host="kpi.example.com").text == "Forbidden\n"
    assert demo.ask(path, method, Origin="https://kpi.example.com").text == "Forbidden\n"


@pytest.mark.parametrize("path", DATA)
def test_behind_a_proxy_data_needs_a_login_from_that_proxy(proxy: Server, path: str) -> None:
    method = METHOD.get(path, "GET")
    assert proxy.ask(path, method).text == "Forbidden\n"
    assert proxy.ask(path, method, X_Forwarded_User=DIRECTOR).text == "Forbidden\n", "forged: it did not come from the proxy"
    assert proxy.ask(path, method, source=PROXY).text == "Forbidden\n"
    assert proxy.ask(path, method, source=PROXY, X_Forwarded_User=STRANGER).text == "Forbidden\n"
    assert proxy.ask(path, method, source=PROXY, X_Forwarded_User=DIRECTOR).text != "Forbidden\n"


def test_behind_a_proxy_the_websocket_needs_a_login_too(proxy: Server) -> None:
    assert proxy.stream().status == 403
    assert proxy.stream(X_Forwarded_User=DIRECTOR).status == 403
    assert proxy.stream(source=PROXY, X_Forwarded_User=STRANGER).status == 403
    assert proxy.stream(source=PROXY, X_Forwarded_User=DIRECTOR).status == 101


def test_behind_a_proxy_a_stranger_is_told_in_words_and_written_down_once(proxy: Server) -> None:
    assert proxy.ask("/rep", Accept_Language="en").text.startswith("You are not signed in")
    for path, language, words in (("/", "en", "is not known here"), ("/rep", "zh-CN,zh;q=0.9", "系统中没有登录名")):
        answer = proxy.ask(path, source=PROXY, X_Forwarded_User="stranger-2", Accept_Language=language)
        assert (answer.status, words in answer.text, "stranger-2" in answer.text) == (403, True, True)
    assert proxy.stream(source=PROXY, X_Forwarded_User="stranger-2").status == 403
    noted = [json.loads(line) for path in (proxy.home / "audit").iterdir() for line in path.read_text().splitlines()]
    mine = [(entry["action"], entry["why"]) for entry in noted if entry["user"] == "stranger-2"]
    assert mine == [("refused", "not_known_here")], "a browser goes on trying; that is one refusal"
    assert proxy.ask("/rep", source=PROXY, X_Forwarded_User=DIRECTOR).status == 200


@pytest.mark.parametrize("path", DATA)
def test_with_oidc_data_needs_the_signed_cookie(oidc: Server, path: str) -> None:
    method = METHOD.get(path, "GET")
    assert oidc.ask(path, method).text == "Forbidden\n"
    assert oidc.ask(path, method, X_Forwarded_User=DIRECTOR).text == "Forbidden\n"
    assert oidc.ask(path, method, Cookie=cookie(DIRECTOR)).text != "Forbidden\n"


@pytest.mark.parametrize(
    "forged",
    [
        cookie(DIRECTOR, secret="the secret of somebody else, long enough"),
        cookie(DIRECTOR, origin="http://other.example"),
        cookie(DIRECTOR, expires_in=-1),
        cookie(DIRECTOR, exp=None),
        cookie(DIRECTOR, is_logged_in=False),
        cookie(DIRECTOR, email_verified=False),
        cookie(STRANGER),
        cookie(""),
        cookie(DIRECTOR)[:-1],
        "_streamlit_user=" + DIRECTOR,
    ],
    ids=["other secret", "other address", "expired", "no expiry", "not signed in", "unverified", "unknown", "no login", "cut", "unsigned"],
)
def test_a_cookie_that_is_not_quite_right_opens_nothing(oidc: Server, forged: str) -> None:
    assert oidc.ask("/media/x", Cookie=forged).status == 403


def test_somebody_blocked_is_out_at_once(oidc: Server, proxy: Server, blocking: Any) -> None:
    def statuses() -> tuple[int, int]:
        return (
            oidc.ask("/media/x", Cookie=cookie(BLOCKED)).status,
            proxy.ask("/media/x", source=PROXY, X_Forwarded_User=BLOCKED).status,
        )

    assert statuses() == (404, 404)
    blocking(oidc)
    blocking(proxy)
    assert statuses() == (403, 403)
    assert oidc.ask("/media/x", Cookie=cookie(DIRECTOR)).status == 404


@pytest.mark.parametrize("link", ["/rep?rep=R1&period=2026-06", "/region", "/rep?rep=%E4%BD%95"])
def test_after_signing_in_a_browser_is_led_back_to_the_link_it_came_by_once(oidc: Server, link: str) -> None:
    given = oidc.ask(link).headers.get_all("Set-Cookie") or []
    [kept] = [one for one in given if one.startswith("fieldbook_wanted=")]
    assert "HttpOnly" in kept
    mine = f"{kept.split(';')[0]}; {cookie(DIRECTOR)}"
    back = oidc.ask("/", Cookie=mine)
    assert (back.status, back.headers["Location"]) == (303, link)
    assert 'fieldbook_wanted=""' in str(back.headers.get_all("Set-Cookie"))
    assert oidc.ask("/", Cookie=kept.split(";")[0]).status == 200, "not before"
    assert not [one for one in oidc.ask(link, Cookie=mine).headers.get_all("Set-Cookie") or [] if "wanted" in one]


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a/b", "/rep?x=\r\nSet-Cookie: a=b", "/media/x", ""]
)
def test_nobody_is_led_anywhere_but_to_a_page_of_ours(oidc: Server, where: str) -> None:
    assert oidc.ask("/", Cookie=f"fieldbook_wanted={quote(where, safe='')}; {cookie(DIRECTOR)}").status == 200


def test_a_path_written_otherwise_is_no_way_around(oidc: Server) -> None:
    for path in ("/media/../media/x", "/%6dedia/x", "/media%2fx", "//media/x", "/./media/x", "/media//x"):
        answer = oidc.ask(path)
        assert answer.status in (400, 403) or "<title>Streamlit</title>" in answer.text, path


# Log


def test_the_log_is_json_without_anything_asked_for(proxy: Server) -> None:
    proxy.ask("/media/Customer-Name.xlsx?token=abc", X_Request_Id="not an id")
    proxy.ask("/region?region=Secretland", source=PROXY, X_Forwarded_User=DIRECTOR, X_Request_Id="0123456789abcdef")
    until = time.monotonic() + 20  # the line is written once the answer is out
    while "0123456789abcdef" not in proxy.log:
        assert time.monotonic() < until, "what was asked is not in the log"
        time.sleep(0.05)
    lines = [json.loads(line) for line in proxy.log.splitlines()]
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    [mine] = [line for line in lines if line.get("request") == "0123456789abcdef"]
    assert (mine["path"], mine["status"], mine["level"]) == ("page", 200, "info")
    assert mine["ms"] >= 0
    assert len(mine["user"]) == 12
    for secret in ("Secretland", "Customer", "token", DIRECTOR, "not an id"):
        assert secret not in proxy.log
        assert secret not in proxy.output.read_text("utf-8"), "what uvicorn and Streamlit write themselves"


def test_a_line_stays_one_line() -> None:
    record = logging.makeLogRecord(
        {"msg": "an\nevent\u2028", "levelno": 20, "levelname": "INFO", "fields": {"path": 'a"\r\nb', "user": None}}
    )
    line = log.JsonLine().format(record)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["path"] == 'a"\r\nb'
    assert "user" not in json.loads(line)


def test_the_log_turns_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LOG_BYTES", 500)
    monkeypatch.setattr(log, "LOG_FILES", 2)
    handler = log.open_log(Setup(tmp_path))
    try:
        for number in range(50):
            log.write(logging.INFO, "request", number=number)
    finally:
        log.log.removeHandler(handler)
        handler.close()
    assert sorted(p.name for p in (tmp_path / "logs").iterdir()) == ["app.log", "app.log.1", "app.log.2"]
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700


def test_a_script_that_fails_is_logged_by_kind_and_not_by_message(caplog: pytest.LogCaptureFixture) -> None:
    handler = server.app._on_script_error
    assert handler
    with caplog.at_level(logging.ERROR, "fieldbook"):
        try:
            raise ValueError("revenue of Customer is 100")
        except ValueError as error:
            handler(error)
    line = log.JsonLine().format(caplog.records[-1])
    assert json.loads(line)["error"] == "ValueError"
    assert json.loads(line)["place"].startswith("test_server.py:")
    assert "Customer" not in line


# Start and stop


@pytest.mark.parametrize(
    "env",
    [
        {"FIELDBOOK_HOSTS": "*"},
        {"FIELDBOOK_HOSTS": "https://kpi.example.com"},
        {"FIELDBOOK_HOSTS": "kpi.example.com:443"},
        {"FIELDBOOK_PROXIES": "nginx"},
        {"FIELDBOOK_PROXIES": "0.0.0.0/0"},
        {"FIELDBOOK_METRICS_FROM": "10.0.0.300"},
        {"FIELDBOOK_PROCESS": "../elsewhere"},
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_stops_the_start_and_is_named(env: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(env))):
        Setup.read(env)


def test_settings_are_read_as_written() -> None:
    setup = Setup.read({"FIELDBOOK_HOSTS": "Kpi.example.com", "FIELDBOOK_PROXIES": "10.0.0.5, fd00::/8,unix", "FIELDBOOK_HOME": "x"})
    assert setup.hosts == ("kpi.example.com", *LOOPBACK)
    assert setup.proxies == Peers((ip_network("10.0.0.5"), ip_network("fd00::/8")), unix=True)
    assert setup.home == Path("x")


# The door


@pytest.mark.parametrize(
    ("client", "forwarded", "expected"),
    [
        (("10.0.0.5", 4711), None, "10.0.0.5"),
        (("10.0.0.5", 4711), "203.0.113.9", "10.0.0.5"),
        (("10.0.0.5", 0), "10.0.0.5", ""),
        (("10.0.0.5", 80), "203.0.113.9, 10.0.0.5:80", ""),
        (("fd00::1", 80), "[fd00::1]:80", ""),
        (None, None, "unix"),
    ],
)
def test_an_address_uvicorn_took_from_a_header_is_not_believed(client: Any, forwarded: str | None, expected: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert peer_of(HTTPConnection({"type": "http", "client": client, "headers": headers})) == expected


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("way", "peer", "login"),
    [
        ("proxy", "10.0.0.5", "a"),
        ("proxy", "10.0.0.6", None),
        ("proxy", "127.0.0.1", None),
        ("demo", "127.0.0.1", ""),
        ("demo", "192.0.2.1", None),
        ("demo", "10.0.0.5", None),
    ],
)
def test_pages_hear_who_it_is_from_the_door_alone(
    kind: str, way: str, peer: str, login: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorman, "way_in", lambda _: way)
    monkeypatch.setattr(doorman, "unknown", lambda *_: "")
    got: list[Headers] = []

    async def pages(scope: Any, _: Any, __: Any) -> None:
        got.append(Headers(scope=scope))

    said = [(b"x-fieldbook-caller", b"forged"), (b"X-Fieldbook-Caller", identity.sealed(identity.Caller("proxy", "lin")).encode())]
    said += [(b"x-forwarded-user", b"a")] if way == "proxy" else []
    door = doorman.Doorman(pages, Setup(tmp_path, proxies=Peers.read("", "10.0.0.5")))
    drive(door, {**http("/_stcore/health"), "type": kind, "client": (peer, 1), "headers": [(b"host", b"localhost"), *said]})
    [headers] = got
    assert "x-forwarded-user" not in headers
    [word] = headers.getlist("x-fieldbook-caller")
    found = identity._unsealed(word)
    assert found is not None
    assert (found.way, found.login) == (way, login)


def http(path: str) -> dict[str, Any]:
    """The scope of a request."""
    return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "scheme": "http", "client": None}


def drive(app: Any, scope: dict[str, Any]) -> list[dict[str, Any]]:
    """What an ASGI app sends in answer to one scope."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


# In a browser


def test_streamlit_and_plotly_work_under_the_policy(demo: Server) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium and not os.environ.get("CI"):
        pytest.skip("no Chromium here")
    from playwright.sync_api import sync_playwright

    assert chromium, "CI needs Chromium"
    said: list[str] = []
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]) as browser,
    ):
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"http://localhost:{demo.port}/")
        page.wait_for_selector('[data-testid="stMetric"]', timeout=30_000)
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=30_000)
        inline = "const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.head.append(s)"
        evil = f"() => {{ {inline}; return window.evil }}"
        assert page.evaluate(evil) is None, "an inline script ran"
    refused = [text for text in said if "Content Security Policy" in text]
    assert len(refused) == 1, refused  # the one just tried
    assert [text for text in said if text not in refused] == []


def test_the_root_of_the_project_is_found_from_anywhere() -> None:
    assert Path(server.app.script_path) == ROOT / "app.py"


def test_it_stops_soon_though_somebody_looks_at_a_page(oidc: Server) -> None:
    """The last test of this file: it ends a server the others use."""
    upgrade = "".join(f"{name}: {value}\r\n" for name, value in {**UPGRADE, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}.items())
    with closing(socket.create_connection(("127.0.0.1", oidc.port), 10)) as open_page:
        open_page.sendall(f"GET /_stcore/stream HTTP/1.1\r\nHost: localhost\r\n{upgrade}\r\n".encode())
        assert b"101" in open_page.recv(100)
        began = time.monotonic()
        assert oidc.stop() in (0, -15)
        assert time.monotonic() - began < 10
    assert json.loads(oidc.log.splitlines()[-1])["event"] == "stopped"
