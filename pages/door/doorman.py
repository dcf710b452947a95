"""Who a request or websocket comes from, and whether it may pass."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from data.errors import FieldbookError, NoWarehouse
from data.keeping import audit
from data.warehouse import Warehouse
from i18n import normalise, translator
from pages.door.layers import area_of
from pages.door.setup import UNIX, Setup, is_loopback
from pages.frame.identity import DEMO, DOOR_HEADER, PROXY, USER_HEADER, Caller, caller, is_forwarded, sealed, way_in

FORBIDDEN = "Forbidden"
GUARDED = frozenset({"media", "upload", "component", "agent"})  # data: for those only who may see some
_AGAIN = 60.0  # seconds
_OURS = frozenset(name.lower().encode() for name in (USER_HEADER, DOOR_HEADER))


class Doorman:
    """Decides who a request comes from, tells the pages and nobody else's word, and refuses data to nobody."""

    def __init__(self, app: ASGIApp, setup: Setup) -> None:
        self.app = app
        self.setup = setup
        self._noted: dict[str, float] = {}  # login → when its refusal was last written down

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
        refused = await self._refused(area, who, peer, connection.headers)
        if refused is not None:
            return await PlainTextResponse(refused + "\n", 403)(scope, receive, send)
        await self.app({**scope, "headers": _told(scope["headers"], who)}, receive, send)

    async def _refused(self, area: str, who: Caller, peer: str, headers: Headers) -> str | None:
        """Why the request may not pass, in words that tell a stranger nothing; None if it may."""
        if area == "metrics":
            return None if not is_forwarded(headers) and (is_loopback(peer) or peer in self.setup.metrics_from) else FORBIDDEN
        if area in GUARDED or (area in ("stream", "page") and who.way == PROXY):  # with OIDC the page itself offers to sign in
            why = who.why if not who else "" if who.way == DEMO else await run_in_threadpool(unknown, self.setup.home, str(who.login))
            if who and why and area not in GUARDED:
                await run_in_threadpool(self._note, str(who.login), why)
            # a page that cannot open its websocket would say nothing
            return None if not why else FORBIDDEN if area != "page" else _words(why, who, headers)
        return None

    def _note(self, login: str, why: str) -> None:
        """Write a refusal down, once a minute: a browser whose websocket is refused goes on trying."""
        now = time.monotonic()
        self._noted = {name: at for name, at in self._noted.items() if now - at < _AGAIN}
        if login not in self._noted:
            self._noted[login] = now
            audit.note(self.setup.home, audit.stranger(login), "refused", why=why)


def _told(headers: list[tuple[bytes, bytes]], who: Caller) -> list[tuple[bytes, bytes]]:
    """The headers the pages may go by: what only a proxy or the door may say is taken out, and the door's own word put in."""
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    return [*kept, (DOOR_HEADER.lower().encode(), sealed(who).encode())]


def _words(why: str, who: Caller, headers: Headers) -> str:
    return translator(normalise(headers.get("Accept-Language")))(f"error.{why}", login=who.login)


def peer_of(connection: HTTPConnection) -> str:
    """The address of whoever holds the other end; "" if unsure.

    uvicorn --proxy-headers (its default) puts an address from X-Forwarded-For in its place, which a client can have written:
    an address that stands in that header is not believed.
    """
    peer = connection.client.host if connection.client else UNIX
    named = [part.strip() for value in connection.headers.getlist("X-Forwarded-For") for part in value.split(",")]
    return "" if any(part == peer or part.startswith((f"{peer}:", f"[{peer}]")) for part in named) else peer


def unknown(home: Path, login: str) -> str:
    """Why this login may see nothing today, "" if it may: one blocked, or a leaver, is nobody, however fresh the sign-in."""
    try:
        Warehouse.open(home).admit(login)
    except NoWarehouse:
        return "nothing_loaded"
    except FieldbookError:
        return "not_known_here"
    return ""
