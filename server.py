"""Fieldbook for production: app.py behind host check, sign-in on data, headers, health, metrics and a log. `uvicorn server:app`.

Setup      what the environment says: hosts, proxies, who may read the metrics
caller     who a request comes from; the one decision, free of the server so that the pages can share it
routes     /healthz, /readyz, /metrics
layers     Watch → Secured → host check → Doorman → Streamlit; plain ASGI, so the websocket passes through the same ones
life       warm up, collect garbage in the background, stop
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import hashlib
import importlib
import json
import logging
import os
import pkgutil
import re
import secrets
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import streamlit as st
from starlette._utils import get_route_path
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_origin_from_redirect_uri, get_secrets_auth_section
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks, _parse_decoded_user_cookie

from data.config import home_folder
from data.errors import FieldbookError
from data.keeping import store
from data.warehouse import Warehouse

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
UNIX = "unix"  # the peer of a request that came through a Unix socket: whoever may write to it
USER_HEADER = "X-Forwarded-User"
FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", USER_HEADER, "X-Real-Ip", "Via")
COLLECT_EVERY = 60.0  # seconds between garbage collections
LOG_BYTES, LOG_FILES = 10_000_000, 10
Network = IPv4Network | IPv6Network
log = logging.getLogger("fieldbook")


# ── Setup ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Peers:
    """Addresses and networks, or `unix`."""

    networks: tuple[Network, ...] = ()
    unix: bool = False

    @classmethod
    def read(cls, name: str, text: str) -> Peers:
        """From `10.0.0.5, fd00::/8, unix`. Raises ValueError naming the setting."""
        words = [word.strip() for word in text.split(",") if word.strip()]
        try:
            networks = tuple(ip_network(word) for word in words if word != UNIX)
        except ValueError as error:
            raise ValueError(f"{name}: {error}; wanted addresses like 10.0.0.5, 10.0.0.0/24, {UNIX}") from error
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError(f"{name}: a network of all addresses would trust everybody")
        return cls(networks, UNIX in words)

    def __contains__(self, peer: str) -> bool:
        address = _address(peer)
        return self.unix if peer == UNIX else address is not None and any(address in network for network in self.networks)

    def __bool__(self) -> bool:
        return self.unix or bool(self.networks)


@dataclass(frozen=True)
class Setup:
    """What the environment says about this process."""

    home: Path
    hosts: tuple[str, ...] = LOOPBACK
    proxies: Peers = field(default_factory=Peers)  # whose X-Forwarded-User is believed
    metrics_from: Peers = field(default_factory=Peers)  # besides this machine
    process: str = ""  # keeps the logs of several processes apart

    @classmethod
    def read(cls, env: Mapping[str, str]) -> Setup:
        """From FIELDBOOK_HOME, _HOSTS, _PROXIES, _METRICS_FROM and _PROCESS. Raises ValueError naming the setting."""
        named = tuple(host.strip().lower() for host in env.get("FIELDBOOK_HOSTS", "").split(",") if host.strip())
        if wrong := [host for host in named if not re.fullmatch(r"(\*\.)?[\w-]+(\.[\w-]+)*|\[[0-9a-f:]+\]", host)]:
            raise ValueError(f"FIELDBOOK_HOSTS: {wrong[0]!r} is not a host name without port, like kpi.example.com or *.example.com")
        process = env.get("FIELDBOOK_PROCESS", "")
        if not re.fullmatch(r"[\w-]*", process):
            raise ValueError("FIELDBOOK_PROCESS: wanted letters, digits, - and _")
        return cls(
            home=home_folder(env.get("FIELDBOOK_HOME")),
            hosts=tuple(dict.fromkeys((*named, *LOOPBACK))),
            proxies=Peers.read("FIELDBOOK_PROXIES", env.get("FIELDBOOK_PROXIES", "")),
            metrics_from=Peers.read("FIELDBOOK_METRICS_FROM", env.get("FIELDBOOK_METRICS_FROM", "")),
            process=process,
        )


# ── Who is it ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Caller:
    """Who a request comes from, and how we know: "oidc", "proxy" or "demo". A login of None is nobody, "" a browser on this machine."""

    way: str
    login: str | None = None

    def __bool__(self) -> bool:
        return self.login is not None


def way_in(proxies: Peers) -> str:
    """How people sign in: "oidc" with [auth] in secrets.toml, "proxy" with trusted proxies, else "demo". Raises ValueError for both."""
    auth = get_secrets_auth_section()
    if auth and proxies:
        raise ValueError("both [auth] in secrets.toml and FIELDBOOK_PROXIES say how people sign in; keep one")
    if auth and len(str(auth.get("cookie_secret", ""))) < 32:
        raise ValueError("[auth] cookie_secret in secrets.toml: wanted at least 32 random characters")
    return "oidc" if auth else "proxy" if proxies else "demo"


def caller(headers: Mapping[str, str], cookies: Mapping[str, str], peer: str, way: str, proxies: Peers) -> Caller:
    """Who a request or websocket comes from, by a signed cookie, a trusted proxy's word, or its place on this machine."""
    if way == "oidc":
        return Caller(way, _signed_in(cookies))
    if way == "proxy":
        return Caller(way, _vouched_for(headers) if peer in proxies else None)
    return Caller("demo", "" if is_local(headers, peer) else None)


def is_local(headers: Mapping[str, str], peer: str) -> bool:
    """Whether this is a browser on this machine that came straight: loopback address, host and origin, no forwarding header."""
    origin = headers.get("Origin")
    return (
        is_loopback(peer)
        and _host_of(headers.get("Host", "")) in LOOPBACK
        and (origin is None or _host_of(urlsplit(origin).netloc) in LOOPBACK)
        and not is_forwarded(headers)
    )


def is_forwarded(headers: Mapping[str, str]) -> bool:
    """Whether a proxy says it stands between."""
    return any(headers.get(name) for name in FORWARDING)


def is_loopback(peer: str) -> bool:
    """Whether an address is this machine's own."""
    address = _address(peer)
    return address is not None and address.is_loopback


def peer_of(connection: HTTPConnection) -> str:
    """The address of whoever holds the other end; "" if unsure.

    uvicorn --proxy-headers (its default) puts an address from X-Forwarded-For in its place, which a client can have written:
    an address that stands in that header is not believed.
    """
    peer = connection.client.host if connection.client else UNIX
    named = [part.strip() for value in connection.headers.getlist("X-Forwarded-For") for part in value.split(",")]
    return "" if any(part == peer or part.startswith((f"{peer}:", f"[{peer}]")) for part in named) else peer


def _signed_in(cookies: Mapping[str, str]) -> str | None:
    """The login in Streamlit's signed cookie, if it was made for this address and the identity has not expired."""
    raw, origin = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME), get_origin_from_redirect_uri()
    claims = _parse_decoded_user_cookie(raw, origin) if raw and origin else {}
    expires = claims.get("exp")  # Streamlit shows it and does not look at it
    if not claims.get("is_logged_in") or not isinstance(expires, int | float) or expires <= time.time():
        return None
    email = claims.get("email") if claims.get("email_verified") is not False else None
    return _clean(email or claims.get("preferred_username") or claims.get("sub"))


def _vouched_for(headers: Mapping[str, str]) -> str | None:
    """The login a proxy names, if it names exactly one."""
    given = [value for name, value in headers.items() if name.lower() == USER_HEADER.lower()]
    return _clean(given[0]) if len(given) == 1 else None


def _clean(login: object) -> str | None:
    return login.strip() if isinstance(login, str) and login.strip() and len(login) <= 254 and login.isprintable() else None


def _host_of(netloc: str) -> str:
    """The host of `host:port`, in lower case."""
    return re.sub(r":\d*$", "", netloc).lower()


def _address(peer: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_known(home: Path, login: str) -> bool:
    """Whether this login may see anything today; a blocked one or a leaver may not, however fresh the cookie."""
    try:
        warehouse = Warehouse.open(home)
        warehouse.scope(login, datetime.now(ZoneInfo(warehouse.settings.time_zone)).date())
    except FieldbookError:
        return False
    return True


# ── Routes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Longest first. What is not listed is a page.
AREAS = {
    "/_stcore/stream": "stream", "/_stcore/upload_file": "upload", "/_stcore/bidi-components": "component", "/_stcore/agent": "agent",
    "/_stcore/metrics": "metrics", "/_stcore/health": "health", "/_stcore": "core", "/metrics": "metrics", "/healthz": "health",
    "/readyz": "health", "/media": "media", "/component": "component", "/static": "static", "/favicon.png": "static",
    "/auth": "auth", "/oauth2callback": "auth",
}  # fmt: skip
GUARDED = frozenset({"media", "upload", "component", "agent"})
QUIET = frozenset({"static", "health", "metrics"})  # logged only when something is wrong


def area_of(scope: Scope) -> str:
    """The kind of thing asked for: a word that is safe to log and to count by."""
    path = get_route_path(scope)
    return next((area for prefix, area in AREAS.items() if path == prefix or path.startswith(prefix + "/")), "page")


@dataclass
class Tally:
    """What this process has counted since it started."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    within: Counter[tuple[str, float]] = field(default_factory=Counter)
    streams: int = 0
    script_errors: int = 0
    BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, float("inf"))

    def count(self, area: str, status: int, seconds: float) -> None:
        """One more answer."""
        self.requests[area, status] += 1
        if area != "stream":  # as long as somebody looks at a page
            self.seconds[area] += seconds
            self.within.update((area, limit) for limit in self.BUCKETS if seconds <= limit)

    def text(self, snapshot: tuple[str, float] | None) -> str:
        """In Prometheus' text format; `snapshot` is id and age in seconds."""
        lines = ["# TYPE fieldbook_requests_total counter"]
        lines += [f'fieldbook_requests_total{{path="{area}",status="{code}"}} {n}' for (area, code), n in sorted(self.requests.items())]
        lines += ["# TYPE fieldbook_request_seconds histogram"]
        for area, total in sorted(self.seconds.items()):
            name = f'fieldbook_request_seconds_bucket{{path="{area}",le='
            lines += [f'{name}"{"+Inf" if at == float("inf") else at}"}} {self.within[area, at]}' for at in self.BUCKETS]
            lines += [f'fieldbook_request_seconds_sum{{path="{area}"}} {total:.6f}']
            lines += [f'fieldbook_request_seconds_count{{path="{area}"}} {self.within[area, float("inf")]}']
        lines += ["# TYPE fieldbook_streams gauge", f"fieldbook_streams {self.streams}"]
        lines += ["# TYPE fieldbook_script_errors_total counter", f"fieldbook_script_errors_total {self.script_errors}"]
        lines += ["# TYPE fieldbook_snapshot_loaded gauge", f"fieldbook_snapshot_loaded {int(snapshot is not None)}"]
        if snapshot:
            lines += ["# TYPE fieldbook_snapshot_info gauge", f'fieldbook_snapshot_info{{snapshot="{snapshot[0]}"}} 1']
            lines += ["# TYPE fieldbook_snapshot_age_seconds gauge", f"fieldbook_snapshot_age_seconds {snapshot[1]:.0f}"]
        return "\n".join(lines) + "\n"


def routes(setup: Setup, tally: Tally) -> list[Route]:
    """Health, readiness and metrics. None of them names a path, a person or an amount."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        is_ready = await run_in_threadpool(_opens, setup.home)
        return PlainTextResponse("ready\n" if is_ready else "no snapshot opens\n", 200 if is_ready else 503)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(tally.text(await run_in_threadpool(_snapshot, setup.home)), media_type="text/plain; version=0.0.4")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def _opens(home: Path) -> bool:
    try:
        Warehouse.open(home).freshness()
    except Exception as error:  # whatever it is, this process cannot serve figures
        write(logging.ERROR, "not_ready", error=type(error).__name__)
        return False
    return True


def _snapshot(home: Path) -> tuple[str, float] | None:
    """Id and age in seconds of the snapshot served."""
    with contextlib.suppress(OSError):
        if path := store.current(home):
            return path.stem.removeprefix("wh-"), max(0.0, time.time() - path.stat().st_mtime)
    return None


# ── Layers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Streamlit styles elements inline and Plotly adds style sheets, hence 'unsafe-inline', for styles only.
POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=(), browsing-topics=()",
}


def content_policy() -> str:
    """POLICY with the hashes of the scripts Streamlit's page carries inline, so that no other inline script runs."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text("utf-8")
    hashes = [hashlib.sha256(script.encode()).digest() for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
    return POLICY.format(scripts=" ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes))


class Secured:
    """Adds the security headers to every answer; data is never stored by a browser or proxy, and cookies sent over TLS stay on TLS."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        is_tls = scope["scheme"] in ("https", "wss") or Headers(scope=scope).get("X-Forwarded-Proto") == "https"
        keeps = area_of(scope) == "static"

        async def secured(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                headers = MutableHeaders(
                    raw=message["headers"] if isinstance(message.get("headers"), list) else list(message.get("headers", ()))
                )
                headers.update(self.headers)
                if not keeps:
                    headers["Cache-Control"] = "no-store"
                if is_tls:
                    headers.raw[:] = [_secure(name, value) for name, value in headers.raw]
                message["headers"] = headers.raw
            await send(message)

        await self.app(scope, receive, secured)


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A header, with `Secure` added to a cookie that lacks it."""
    is_open = name.lower() == b"set-cookie" and not re.search(rb";\s*secure\s*(;|$)", value, re.IGNORECASE)
    return name, value + b"; Secure" if is_open else value


class Doorman:
    """Decides who a request comes from, takes away what only a trusted proxy may say, and refuses data to nobody."""

    def __init__(self, app: ASGIApp, setup: Setup) -> None:
        self.app = app
        self.setup = setup

    @cached_property
    def way(self) -> str:
        """How people sign in, looked up with the first request: only then does Streamlit know its secrets."""
        return way_in(self.setup.proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        connection = HTTPConnection(scope)
        peer, area = peer_of(connection), area_of(scope)
        who = caller(connection.headers, connection.cookies, peer, self.way, self.setup.proxies)
        scope["fieldbook.caller"] = who
        if not await self._may_pass(area, who, peer, connection.headers):
            return await PlainTextResponse("Forbidden\n", 403)(scope, receive, send)
        await self.app({**scope, "headers": self._believed(scope["headers"], who)}, receive, send)

    async def _may_pass(self, area: str, who: Caller, peer: str, headers: Headers) -> bool:
        if area == "metrics":
            return not is_forwarded(headers) and (is_loopback(peer) or peer in self.setup.metrics_from)
        if area in GUARDED or (area == "stream" and who.way == "proxy"):  # with OIDC the page itself offers to sign in
            return bool(who) and (who.way == "demo" or await run_in_threadpool(is_known, self.setup.home, str(who.login)))
        return True

    @staticmethod
    def _believed(headers: list[tuple[bytes, bytes]], who: Caller) -> list[tuple[bytes, bytes]]:
        """The headers the pages may go by. They see no peer: a header tells them of one that demo mode is not for."""
        if who.way == "demo" and who:
            return headers
        if not (who.way == "proxy" and who):
            headers = [(name, value) for name, value in headers if name.lower() != USER_HEADER.lower().encode()]
        return [*headers, (b"x-real-ip", b"elsewhere")]


class Watch:
    """Counts and logs every answer: kind of path, status, time, request id and a hash of the login; never what was asked for."""

    def __init__(self, app: ASGIApp, tally: Tally) -> None:
        self.app = app
        self.tally = tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        began, area, status = time.perf_counter(), area_of(scope), 500
        request_id = _request_id(Headers(scope=scope).get("X-Request-Id", ""))

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            elif message["type"] == "websocket.accept":
                status = 101
                self.tally.streams += 1
            elif message["type"] == "websocket.close" and status != 101:
                status = 403  # what a server makes of a websocket closed before it was accepted
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            self.tally.streams -= status == 101
            self.tally.count(area, status, seconds)
            if status >= 400 or area not in QUIET:
                level = logging.ERROR if status >= 500 else logging.WARNING if status in (400, 401, 403) else logging.INFO
                who = _hashed(scope.get("fieldbook.caller"))
                write(level, "request", path=area, status=status, ms=round(seconds * 1000, 1), request=request_id, user=who)


def _request_id(given: str) -> str:
    """The id the proxy gave, if it is one, else a new one."""
    return given if re.fullmatch(r"[0-9A-Za-z-]{8,64}", given) else secrets.token_hex(8)


def _hashed(who: Caller | None) -> str | None:
    """Tells people apart in the log without naming them; who has a login to compare can find its lines."""
    return hashlib.sha256(who.login.strip().lower().encode()).hexdigest()[:12] if who and who.login else None


# ── Log ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class JsonLine(logging.Formatter):
    """One JSON object on one line; JSON escapes what would break it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": at, "level": record.levelname.lower(), "event": record.getMessage(), **getattr(record, "fields", {})}
        return json.dumps({name: value for name, value in line.items() if value is not None})


def write(level: int, event: str, **fields: object) -> None:
    """One line of the application log. Fields are words, numbers and ids of ours, never text from a request or a row."""
    log.log(level, event, extra={"fields": fields})


def open_log(setup: Setup) -> logging.Handler:
    """Start writing to logs/app.log in the home folder, or logs/app-<process>.log: two processes must not turn over one file."""
    store.prepare_home(setup.home)
    folder = setup.home / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"app-{setup.process}.log" if setup.process else "app.log"
    handler = RotatingFileHandler(folder / name, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(JsonLine())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    logging.getLogger("uvicorn.access").disabled = True  # it writes query strings, and Streamlit turns it on whatever uvicorn was told
    return handler


# ── Life ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def warm_up(home: Path) -> None:
    """Do once what the first visitor would wait for: imports, and opening the snapshot. The collector need not look at it again."""
    import pages.ui  # here, not above: cached functions look for the running server when they are defined

    for module in pkgutil.iter_modules(pages.ui.__path__):
        importlib.import_module(f"pages.ui.{module.name}")
    _opens(home)
    gc.collect()
    gc.freeze()


async def collect_garbage() -> None:
    """What Streamlit would do after every script run (runner.postScriptGC), once a minute."""
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        await run_in_threadpool(gc.collect)


def build(setup: Setup) -> st.App:
    """The whole server for one setup."""
    tally = Tally()

    @contextlib.asynccontextmanager
    async def life(_: st.App) -> AsyncIterator[None]:
        handler, began = open_log(setup), time.perf_counter()
        try:
            way = way_in(setup.proxies)
            if st.get_option("server.baseUrlPath"):
                raise ValueError("server.baseUrlPath: Fieldbook is served at the root of a host name of its own")
            await run_in_threadpool(warm_up, setup.home)
            write(logging.INFO, "started", way=way, ms=round((time.perf_counter() - began) * 1000), pid=os.getpid())
            collector = asyncio.create_task(collect_garbage())
            try:
                yield
            finally:
                collector.cancel()
                write(logging.INFO, "stopped", pid=os.getpid())
        finally:
            log.removeHandler(handler)
            handler.close()

    def script_error(error: Exception) -> None:
        tally.script_errors += 1
        ours = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(Path(__file__).parent)]
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else None
        write(logging.ERROR, "script_error", error=type(error).__name__, place=place)

    async def failed(_: Request, __: Exception) -> Response:
        return PlainTextResponse("Internal Server Error\n", 500, headers={**headers, "Cache-Control": "no-store"})

    headers = {"Content-Security-Policy": content_policy(), **SECURITY}
    return st.App(
        Path(__file__).with_name("app.py"),
        lifespan=life,
        routes=routes(setup, tally),
        middleware=[
            Middleware(Watch, tally=tally),
            Middleware(Secured, headers=headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=setup.hosts, www_redirect=False),
            Middleware(Doorman, setup=setup),
        ],
        on_script_error=script_error,
        exception_handlers={Exception: failed},  # answered outside the layers, so it brings the headers itself
    )


app = build(Setup.read(os.environ))
