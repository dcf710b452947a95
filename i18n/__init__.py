"""Every visible text, once: gettext catalogues i18n/<language>/<domain>.po, looked up by dotted message id."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent


class Text:
    """The texts of one language; call it with a message id and the values to fill in."""

    def __init__(self, lang: str, messages: dict[str, str]) -> None:
        self.lang = lang
        self._messages = messages

    def __call__(self, key: str, /, **params: Any) -> str:
        """The text of a message id with its parameters filled in; KeyError if either is missing."""
        return self._messages[key].format(**params)

    def __contains__(self, key: str) -> bool:
        return key in self._messages


@cache
def translator(lang: str) -> Text:
    """The texts of "zh" or "en"; KeyError for any other language."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    messages: dict[str, str] = {}
    for path in sorted((_FOLDER / lang).glob("*.po")):
        messages |= catalogue(path)
    return Text(lang, messages)


def catalogue(path: Path) -> dict[str, str]:
    """The translated messages of one .po file; a message left empty counts as missing."""
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, abort_invalid=True) if m.id and m.string}


def normalise(locale: str | None) -> str:
    """The language we speak for a locale such as zh-CN, zh_CN.UTF-8 or en-GB; English for any we do not have."""
    language = (locale or "").replace("-", "_").split("_")[0].split(".")[0].lower()
    return language if language in LANGUAGES else "en"
