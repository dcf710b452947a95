"""Who somebody is: what a cookie, a proxy or a place on this machine proves, and what it does not."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from starlette.datastructures import Headers

from data.errors import ConfigError
from i18n import LANGUAGES, translator
from pages.door.setup import Peers
from pages.frame import identity
from pages.frame.identity import Caller, caller, is_local, leave, of_claims, sealed, way_in

AUTH = {
    "redirect_uri": "https://kpi.example.com/oauth2callback",
    "cookie_secret": "s" * 32,
    "client_id": "kpi",
    "client_secret": "x",
    "server_metadata_url": "https://login.example.com/.well-known/openid-configuration",
}


@pytest.fixture
def auth(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """[auth] of secrets.toml, to be changed by a test."""
    section: dict[str, Any] = dict(AUTH)
    monkeypatch.setattr(identity, "get_secrets_auth_section", lambda: section)
    return section


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`connected(headers, address, user)`: what a running page sees of its connection."""

    def see(headers: dict[str, str] | None = None, address: str | None = "127.0.0.1", **user: Any) -> None:
        monkeypatch.setattr(st, "get_option", lambda _: address)
        context = SimpleNamespace(headers=Headers(headers or {}))
        monkeypatch.setattr(
            identity, "st", SimpleNamespace(get_option=st.get_option, context=context, user=SimpleNamespace(to_dict=lambda: user))
        )

    return see


def claims(**changed: Any) -> dict[str, Any]:
    """A sign-in of a minute ago that is good for an hour."""
    now = time.time()
    made = {
        "is_logged_in": True,
        "iss": "https://login.example.com",
        "sub": "u1",
        "email": "lin@example.com",
        "iat": now - 60,
        "exp": now + 3600,
    }
    return {name: value for name, value in (made | changed).items() if value is not None}


# How people sign in


def test_two_ways_to_sign_in_are_one_too_many(auth: dict[str, Any]) -> None:
    proxies = Peers.read("", "10.0.0.5")
    assert way_in(Peers()) == "oidc"
    with pytest.raises(ValueError, match="keep one"):
        way_in(proxies)
    auth.clear()
    assert (way_in(proxies), way_in(Peers())) == ("proxy", "demo")


@pytest.mark.parametrize(("name", "value"), [("cookie_secret", "short"), ("client_id", ""), ("server_metadata_url", None)])
def test_half_a_configuration_stops_the_start_and_the_page(auth: dict[str, Any], connected: Any, name: str, value: Any) -> None:
    auth[name] = value
    with pytest.raises(ValueError, match=name):
        way_in(Peers())
    connected(is_logged_in=True)
    with pytest.raises(ConfigError):
        identity.identity()


# A token of an identity provider


def test_a_token_names_its_email(auth: dict[str, Any]) -> None:
    assert of_claims(claims()).login == "lin@example.com"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"is_logged_in": False}, "sign_in_first"),
        ({"exp": 1_790_000_000}, "sign_in_expired"),
        ({"exp": None}, "sign_in_expired"),
        ({"exp": "2099-01-01"}, "sign_in_expired"),
        ({"iat": None}, "sign_in_expired"),
        ({"email_verified": False}, "sign_in_unnamed"),
        ({"email": None}, "sign_in_unnamed"),
        ({"email": ["lin@example.com"]}, "sign_in_unnamed"),
        ({"email": "  "}, "sign_in_unnamed"),
        ({"email": None, "preferred_username": "lin@example.com"}, "sign_in_unnamed"),
        ({"email_verified": False, "preferred_username": "lin@example.com"}, "sign_in_unnamed"),
    ],
    ids=str,
)
def test_a_token_that_is_not_quite_right_names_nobody(auth: dict[str, Any], changed: dict[str, Any], why: str) -> None:
    found = of_claims(claims(**changed))
    assert (found.login, found.why) == (None, why)


def test_another_claim_counts_only_where_it_is_configured(auth: dict[str, Any]) -> None:
    auth["login_claim"] = "preferred_username"
    assert of_claims(claims(preferred_username="lin")).login == "lin"
    assert not of_claims(claims())


def test_who_signed_out_is_out_with_every_copy_of_that_token(auth: dict[str, Any]) -> None:
    token, other = claims(sub="u-out"), claims(sub="u-other")
    leave(of_claims(token))
    assert of_claims(token).why == "signed_out"
    assert of_claims(other)
    assert of_claims({**token, "iat": token["iat"] + 1}), "a new sign-in is a new one"


def test_a_page_reads_the_token_on_every_run(auth: dict[str, Any], connected: Any) -> None:
    connected(**claims())
    assert identity.identity().login == "lin@example.com"
    connected(**claims(exp=time.time() - 1))
    assert identity.identity().why == "sign_in_expired"
    connected({"X-Forwarded-User": "lin@example.com", identity.DOOR_HEADER: sealed(Caller("proxy", "lin@example.com"))})
    assert not identity.identity(), "with OIDC no header says who somebody is"


# The word of the door


@pytest.mark.parametrize("login", ["lin@example.com", "林 岚", "a:b=c%d", None])
def test_the_door_tells_the_pages_who_it_is(connected: Any, monkeypatch: pytest.MonkeyPatch, login: str | None) -> None:
    monkeypatch.setenv("FIELDBOOK_PROXIES", "10.0.0.5")
    connected({identity.DOOR_HEADER: sealed(Caller("proxy", login, "proxy_names_nobody"))})
    assert identity.identity() == Caller("proxy", login, "proxy_names_nobody")


@pytest.mark.parametrize(
    "word", ["", "x", "proxy:sign_in_first:=lin", "0" * 64 + ":proxy:sign_in_first:=lin", "é:proxy:sign_in_first:=lin", ":::"]
)
def test_a_word_the_door_did_not_write_names_nobody(connected: Any, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("FIELDBOOK_PROXIES", "10.0.0.5")
    connected({identity.DOOR_HEADER: word, "X-Forwarded-User": "lin@example.com", "Host": "localhost"})
    found = identity.identity()
    assert (found.login, found.why) == (None, "proxy_needs_server")


def test_a_finding_of_demo_mode_is_no_sign_in(connected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDBOOK_PROXIES", "10.0.0.5")
    connected({identity.DOOR_HEADER: sealed(Caller("demo", ""))})
    assert not identity.identity()


def test_whatever_the_reason_there_are_words_for_it() -> None:
    codes = ("first", "expired", "idle", "unnamed", "setting")
    names = [f"error.sign_in_{code}" for code in codes] + ["error.signed_out", "error.proxy_names_nobody", "error.proxy_needs_server"]
    assert not [name for lang in LANGUAGES for name in names if name not in translator(lang)]


# A proxy


@pytest.mark.parametrize(
    ("peer", "is_believed"), [("10.0.0.5", True), ("::ffff:10.0.0.5", True), ("10.0.0.6", False), ("unix", False), ("", False)]
)
def test_only_a_configured_proxy_is_believed(peer: str, is_believed: bool) -> None:
    proxies = Peers.read("", "10.0.0.5")
    assert bool(caller({"X-Forwarded-User": "a"}, {}, peer, "proxy", proxies)) is is_believed


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "x" * 300])
def test_a_proxy_must_name_a_login(value: str) -> None:
    assert not caller({"X-Forwarded-User": value}, {}, "10.0.0.5", "proxy", Peers.read("", "10.0.0.5"))


def test_a_login_in_chinese_arrives_as_it_was_sent() -> None:
    said = {"X-Forwarded-User": "林岚".encode().decode("latin-1")}
    assert caller(said, {}, "unix", "proxy", Peers.read("", "unix")).login == "林岚"


def test_two_logins_are_no_login() -> None:
    twice = Headers(raw=[(b"x-forwarded-user", b"a"), (b"x-forwarded-user", b"b")])
    assert not caller(twice, {}, "unix", "proxy", Peers.read("", "unix"))


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("127.0.0.1", {"Host": "localhost:8501"}, True),
        ("::1", {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}, True),
        ("::ffff:127.0.0.1", {"Host": "127.0.0.1"}, True),
        ("192.0.2.1", {"Host": "localhost"}, False),
        ("unix", {"Host": "localhost"}, False),
        ("", {"Host": "localhost"}, False),
        ("127.0.0.1", {"Host": "kpi.example.com"}, False),
        ("127.0.0.1", {}, False),
        ("127.0.0.1", {"Host": "127.0.0.1:8501", "Origin": "https://kpi.example.com"}, False),
        ("127.0.0.1", {"Host": "localhost", "Via": "1.1 proxy"}, False),
    ],
)
def test_local_means_this_machine_without_anything_between(peer: str, headers: dict[str, str], expected: bool) -> None:
    assert is_local(Headers(headers), peer) is expected


# A place on this machine


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("127.0.0.1", {"Host": "localhost:8501"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, True),
        ("127.0.0.1", {}, True),
        ("localhost", {"Host": "localhost:8501"}, True),
        ("::1", {"Host": "localhost:8501"}, True),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),
        (None, {"Host": "localhost:8501"}, False),
        ("127.0.0.1", {"Host": "sales.example.com"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "Origin": "https://sales.example.com"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "Forwarded": "for=10.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "Via": "1.1 proxy"}, False),
    ],
)
def test_without_the_door_local_means_bound_to_loopback_and_not_forwarded(
    connected: Any, address: str | None, headers: dict[str, str], local: bool
) -> None:
    connected(headers, address)
    assert identity.identity() == Caller("demo", "" if local else None)
