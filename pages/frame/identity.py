"""Who is reading: the one decision, shared by the door (pages/door), which judges requests, and by the pages, which judge each run.

oidc    a sign-in with an identity provider, kept in Streamlit's signed cookie; ends with the token's `exp`, which Streamlit only shows
proxy   a header, believed only from the addresses in FIELDBOOK_PROXIES; a page sees no addresses, so the door passes its finding on in
        a header that nobody outside this process can write
demo    neither is configured: nobody signs in; "" is a browser on this machine that came straight, None is anybody else

A login says who somebody is, never what may be seen: that is data/access.py.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import streamlit as st
from streamlit.auth_util import get_origin_from_redirect_uri, get_secrets_auth_section
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks, _parse_decoded_user_cookie

from data.errors import ConfigError
from pages.door.setup import LOOPBACK, Peers, is_loopback, proxies

OIDC, PROXY, DEMO = "oidc", "proxy", "demo"
USER_HEADER = "X-Forwarded-User"
FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", USER_HEADER, "X-Real-Ip", "Via")
DOOR_HEADER = "X-Fieldbook-Caller"
_SEAL = secrets.token_hex(32)  # known to this process only
_AUTH = ("redirect_uri", "client_id", "client_secret", "server_metadata_url")
_LONGEST = 254
_left: dict[str, float] = {}  # sign-ins that were signed out here → when they would have ended


@dataclass(frozen=True)
class Caller:
    """Who somebody is, and how we know. A login of None is nobody (`why` is the message), "" a browser on this machine."""

    way: str
    login: str | None = None
    why: str = "sign_in_first"
    began: float = 0.0  # when a sign-in with OIDC was made
    ends: float = 0.0
    key: str = ""  # tells one sign-in with OIDC from the next

    def __bool__(self) -> bool:
        return self.login is not None


def way_in(trusted: Peers) -> str:
    """How people sign in: "oidc" with [auth] in secrets.toml, "proxy" with trusted proxies, else "demo". Raises ValueError for both."""
    auth = get_secrets_auth_section()
    if auth and (missing := [name for name in _AUTH if not auth.get(name)]):
        raise ValueError(f"[auth] in secrets.toml: {', '.join(missing)} missing; one provider, in [auth] itself")
    if auth and trusted:
        raise ValueError("both [auth] in secrets.toml and FIELDBOOK_PROXIES say how people sign in; keep one")
    if auth and len(str(auth.get("cookie_secret", ""))) < 32:
        raise ValueError("[auth] cookie_secret in secrets.toml: wanted at least 32 random characters")
    return OIDC if auth else PROXY if trusted else DEMO


def caller(headers: Mapping[str, str], cookies: Mapping[str, str], peer: str, way: str, trusted: Peers) -> Caller:
    """Who a request or websocket comes from, by a signed cookie, a trusted proxy's word, or its place on this machine."""
    if way == OIDC:
        return _of_cookie(cookies)
    if way == PROXY:
        return Caller(way, _vouched_for(headers) if peer in trusted else None, "proxy_names_nobody")
    return Caller(DEMO, "" if is_local(headers, peer) else None)


def identity() -> Caller:
    """Who looks at the page that is running now; to be asked on every run: a sign-in ends while a page is open. Raises ConfigError."""
    try:
        way = way_in(proxies(os.environ))
    except ValueError as error:
        raise ConfigError("sign_in_setting", reason=str(error)) from error
    if way == OIDC:
        return of_claims(st.user.to_dict())
    headers = st.context.headers
    found = _unsealed(headers.get(DOOR_HEADER) or "")
    if found is not None:
        return found if found.way == way else Caller(way, None, "proxy_names_nobody")
    if way == PROXY:  # `streamlit run`: no door, so nobody knows who wrote the header
        return Caller(way, None, "proxy_needs_server")
    said = {name: value for name in ("Host", "Origin", *FORWARDING) if (value := headers.get(name))}
    return Caller(DEMO, "" if is_local({"Host": "localhost", **said}, _own_address()) else None)


def of_claims(claims: Mapping[str, Any]) -> Caller:
    """Who an identity token names: the claim `login_claim` of [auth] (email; not one that is unverified), until it ends."""
    if not claims.get("is_logged_in"):
        return Caller(OIDC)
    began, ends = claims.get("iat"), claims.get("exp")
    if not (isinstance(began, int | float) and isinstance(ends, int | float)) or ends <= time.time():
        return Caller(OIDC, None, "sign_in_expired")
    key = "\0".join(str(claims.get(name)) for name in ("iss", "sub", "iat", "exp"))
    if key in _left:
        return Caller(OIDC, None, "signed_out")
    claim = str(get_secrets_auth_section().get("login_claim", "email"))
    is_sure = claim != "email" or claims.get("email_verified") is not False
    return Caller(OIDC, _clean(claims.get(claim)) if is_sure else None, "sign_in_unnamed", began, ends, key)


def lasts(who: Caller) -> bool:
    """Whether a sign-in found earlier still holds: it has not ended since, and nobody signed out."""
    return who.key not in _left and not 0 < who.ends <= time.time()


def leave(who: Caller) -> None:
    """Sign somebody out in every page of this process: the cookie is gone from one browser, but a copy of it would still be valid."""
    now = time.time()
    for key in [key for key, ends in _left.items() if ends <= now]:
        del _left[key]
    if who.key:
        _left[who.key] = who.ends


def sealed(who: Caller) -> str:
    """What the door found out, for the pages."""
    return ":".join((_SEAL, who.way, who.why, "-" if who.login is None else f"={quote(who.login, safe='')}"))


def _unsealed(text: str) -> Caller | None:
    """What the door found out; None if it was not the door that wrote it."""
    seal, *parts = text.split(":")
    if not hmac.compare_digest(seal.encode(), _SEAL.encode()) or len(parts) != 3:
        return None
    way, why, login = parts
    return Caller(way, unquote(login[1:]) if login.startswith("=") else None, why)


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


def _own_address() -> str:
    """The address `streamlit run` listens on, which stands for those who reach it: on loopback only this machine does."""
    address = str(st.get_option("server.address") or "")
    return "127.0.0.1" if address == "localhost" else address.strip("[]")


def _of_cookie(cookies: Mapping[str, str]) -> Caller:
    """Who Streamlit's signed cookie names, if it was made for this address."""
    raw, origin = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME), get_origin_from_redirect_uri()
    return of_claims(_parse_decoded_user_cookie(raw, origin) if raw and origin else {})


def _vouched_for(headers: Mapping[str, str]) -> str | None:
    """The login a proxy names, if it names exactly one."""
    given = [value for name, value in headers.items() if name.lower() == USER_HEADER.lower()]
    return _clean(_as_utf8(given[0])) if len(given) == 1 else None


def _as_utf8(value: str) -> str:
    """A header as it was meant: servers read bytes as Latin-1, proxies write UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _clean(login: object) -> str | None:
    return login.strip() if isinstance(login, str) and login.strip() and len(login) <= _LONGEST and login.isprintable() else None


def _host_of(netloc: str) -> str:
    """The host of `host:port`, in lower case."""
    return re.sub(r":\d*$", "", netloc).lower()
