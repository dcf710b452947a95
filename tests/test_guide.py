"""The guide speaks of pages and labels that are there, in either language, and its links lead somewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from i18n import catalogue, translator
from pages.frame.session import PAGES

ROOT = Path(__file__).resolve().parents[1]
GUIDES = {"en": ROOT / "docs" / "guide.md", "zh": ROOT / "docs" / "guide.zh.md"}
_VALUE = re.compile(r"\{[^}]*\}")
_FEWEST = 3  # signs of a text beside its values: with less it would be found in anything


def said(lang: str) -> str:
    """The guide with its lines joined."""
    return re.sub(r"\s*\n\s*", " " if lang == "en" else "", GUIDES[lang].read_text("utf-8"))


@cache
def texts(lang: str) -> tuple[str, ...]:
    """Every text of the screen."""
    return tuple(text for path in sorted((ROOT / "i18n" / lang).glob("*.po")) for text in catalogue(path).values())


def is_label(lang: str, words: str) -> bool:
    """Whether something stands on the screen just so, but for the values in it."""
    split = (_VALUE.split(text) for text in texts(lang))
    return any(
        re.fullmatch(".+".join(map(re.escape, parts)), words) for parts in split if len(parts) == 1 or sum(map(len, parts)) >= _FEWEST
    )


def begins_a_label(lang: str, words: str) -> bool:
    """Whether a text of the screen begins with the words, a value behind them."""
    return any(_VALUE.split(text)[0].strip().startswith(words) for text in texts(lang) if "{" in text)


@pytest.mark.parametrize("lang", GUIDES)
def test_every_page_is_named_by_its_title(lang: str) -> None:
    t, guide = translator(lang), said(lang)
    assert [page for page in PAGES if f"**{t(f'pages.{page}_title')}**" not in guide] == []


@pytest.mark.parametrize("lang", GUIDES)
def test_what_is_bold_or_quoted_stands_on_the_screen(lang: str) -> None:
    guide = said(lang)
    bold, quoted = set(re.findall(r"\*\*(.+?)\*\*", guide)), set(re.findall("“([^”]{2,})”", guide))
    assert len(bold) > 60
    assert {one for one in bold if not is_label(lang, one)} == set()
    assert {one for one in quoted if not (is_label(lang, one) or begins_a_label(lang, one))} == set()


def test_both_languages_name_the_same_labels() -> None:
    """As many of them in the one as in the other: neither is told more."""
    assert len(re.findall(r"\*\*.+?\*\*", said("en"))) == len(re.findall(r"\*\*.+?\*\*", said("zh")))
    headings = {lang: re.findall("^#+ ", path.read_text("utf-8"), re.MULTILINE) for lang, path in GUIDES.items()}
    assert headings["en"] == headings["zh"]


@pytest.mark.parametrize("lang", GUIDES)
def test_links_and_pictures_are_there(lang: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", GUIDES[lang].read_text("utf-8"))
    assert links
    assert [link for link in links if not (GUIDES[lang].parent / link).exists()] == []
    assert f"docs/{GUIDES[lang].name}" in (ROOT / "README.md").read_text("utf-8")
