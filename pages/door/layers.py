"""What every answer carries and leaves behind: security headers, a count, a line in the log. The door itself is doorman.py."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.door.health import Tally
from pages.door.log import write
from pages.frame.identity import Caller

# Longest first. What is not listed is a page.
AREAS = {
    "/_stcore/stream": "stream", "/_stcore/upload_file": "upload", "/_stcore/bidi-components": "component", "/_stcore/agent": "agent",
    "/_stcore/metrics": "metrics", "/_stcore/health": "health", "/_stcore": "core", "/metrics": "metrics", "/healthz": "health",
    "/readyz": "health", "/media": "media", "/component": "component", "/static": "static", "/favicon.png": "static",
    "/auth": "auth", "/oauth2callback": "auth",
}  # fmt: skip
QUIET = frozenset({"static", "health", "metrics"})  # logged only when something is wrong


def area_of(scope: Scope) -> str:
    """The kind of thing asked for: a word that is safe to log and to count by."""
    path = get_route_path(scope)
    return next((area for prefix, area in AREAS.items() if path == prefix or path.startswith(prefix + "/")), "page")


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
