"""Back to the link one came by: a sign-in with OIDC always returns to the front door, whatever page was asked for before it."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.frame.identity import OIDC, Caller

COOKIE = "fieldbook_wanted"
_PAGE = re.compile(r"/[a-z_]{1,40}(\?[!-~]{1,1000})?")  # a page of ours with its selection, never another address
_FOR = 600  # seconds to sign in


class Wanted:
    """Keeps the link of somebody who has yet to sign in, in a cookie of that browser, and leads there once. It is a wish like any link."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who: Caller | None = scope.get("fieldbook.caller")
        if scope["type"] != "http" or scope["method"] != "GET" or who is None or who.way != OIDC:
            return await self.app(scope, receive, send)
        kept = unquote(HTTPConnection(scope).cookies.get(COOKIE, ""))
        if who and scope["path"] == "/" and _PAGE.fullmatch(kept):
            answer = RedirectResponse(kept, 303)
            answer.delete_cookie(COOKIE)
            return await answer(scope, receive, send)
        asked = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        if who or not _PAGE.fullmatch(asked):
            return await self.app(scope, receive, send)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers.append("Set-Cookie", f"{COOKIE}={quote(asked, safe='')}; Path=/; Max-Age={_FOR}; HttpOnly; SameSite=Lax")
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, noting)
