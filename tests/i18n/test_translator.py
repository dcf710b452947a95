"""Texts: both languages in step, every message usable."""

from __future__ import annotations

import ast
import string
from collections import Counter
from pathlib import Path

import pytest

from i18n import LANGUAGES, catalogue, normalise, translator

FOLDER = Path(__file__).resolve().parents[2] / "i18n"
ERRORS = (
    "ConfigError", "NoWarehouse", "NotAllowed", "HomeBusy", "PublishFailed", "Refused", "NotForgotten", "NoSuchLoad", "RawMissing",
    "ReplayFailed", "AuditFailed", "ClusterFailed",
)  # fmt: skip
DOMAINS = sorted({path.name for path in FOLDER.glob("*/*.po")})


def fields(text: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_languages_say_the_same_things(domain: str) -> None:
    zh, en = (catalogue(FOLDER / lang / domain) for lang in LANGUAGES)
    assert zh.keys() == en.keys()
    different = {key: (fields(zh[key]), fields(en[key])) for key in zh if fields(zh[key]) != fields(en[key])}
    assert not different


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_is_defined_twice(lang: str) -> None:
    keys = Counter(key for path in (FOLDER / lang).glob("*.po") for key in catalogue(path))
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_is_left_empty(lang: str) -> None:
    for path in (FOLDER / lang).glob("*.po"):
        ids = [line for line in path.read_text("utf-8").splitlines() if line.startswith('msgid "') and line != 'msgid ""']
        assert len(ids) == len(catalogue(path)), path.name


def told() -> set[str]:
    """The message id of every remark and error written out in data/: Finding("x"), tell("x"), SomeError("x")."""
    ids = set()
    for path in (FOLDER.parent / "data").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                kind = {"Finding": "finding", "tell": "finding", "FileRejected": "finding"}.get(name) or (
                    "error" if name in ERRORS else None
                )
                if kind:
                    ids.add(f"{kind}.{call.args[0].value}")
    return ids


def test_every_remark_and_error_has_its_words() -> None:
    known = {key for path in (FOLDER / "en").glob("*.po") for key in catalogue(path)}
    assert len(told()) > 20
    assert told() - known == set()


def test_a_message_takes_its_values() -> None:
    assert "000007" in translator("en")("load.status", home="h", snapshot="000007", as_of="2026-06-30")
    assert "000007" in translator("zh")("load.status", home="h", snapshot="000007", as_of="2026-06-30")


def test_a_value_with_braces_is_text() -> None:
    assert "{holder}" in translator("en")("load.waiting", holder="{holder}")


def test_an_unknown_message_or_language_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        translator("en")("load.no_such_text")
    with pytest.raises(KeyError):
        translator("fr")


@pytest.mark.parametrize(
    ("locale", "lang"),
    [("zh-CN", "zh"), ("zh_CN.UTF-8", "zh"), ("zh", "zh"), ("en-GB", "en"), ("C.UTF-8", "en"), ("de-DE", "en"), ("", "en"), (None, "en")],
)
def test_a_locale_becomes_a_language_we_speak(locale: str | None, lang: str) -> None:
    assert normalise(locale) == lang
