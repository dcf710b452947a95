"""Whether what a company writes for us can be read, and what a program that runs on goes by while it cannot: the last that could be."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from data.config import Settings, holidays, rates
from data.errors import ConfigError
from data.reading.mapping import read_mappings

Days = tuple[frozenset[date], frozenset[date]]  # off, and made up for

_last_good: dict[Path, tuple[Settings, Days]] = {}


def in_force(home: Path) -> tuple[Settings, Days, ConfigError | None]:
    """Settings and calendar of a home, and what is wrong with the files if these are not what they say now.

    Raises ConfigError, naming file and line, if this program has never read good ones: so nothing starts on broken settings.
    """
    try:
        settings = Settings.read(home)
        _last_good[home.resolve()] = settings, holidays(settings, home)
        wrong = None
    except ConfigError as error:
        if home.resolve() not in _last_good:
            raise
        wrong = error
    return *_last_good[home.resolve()], wrong


def check(home: Path) -> None:
    """Read settings, calendar, exchange rates and mappings, for a start that must not be made on broken ones.

    Raises ConfigError naming file and line.
    """
    holidays(Settings.read(home), home)
    rates(home)
    read_mappings(home / "mappings")
