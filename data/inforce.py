"""Whether what a company writes for us can be read, and what a program that runs on goes by while it cannot: the last that could be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from data.config import Settings, access_of, holidays, rates
from data.errors import ConfigError
from data.reading.mapping import read_mappings

Days = tuple[frozenset[date], frozenset[date]]  # off, and made up for

_last_good: dict[Path, tuple[Settings, Days]] = {}


def in_force(home: Path) -> tuple[Settings, Days, ConfigError | None]:
    """Settings and calendar of a home, and what is wrong with the files if these are not what they say now.

    Rights are never those of yesterday: [access] acts though another setting is broken. Raises ConfigError, naming file and line, if it
    cannot be read, for then nobody knows who is blocked; or if this program has never read good settings, so nothing starts on broken ones.
    """
    try:
        settings = Settings.read(home)
        _last_good[home.resolve()] = settings, holidays(settings, home)
        wrong = None
    except ConfigError as error:
        if home.resolve() not in _last_good:
            raise
        settings, days = _last_good[home.resolve()]
        _last_good[home.resolve()] = replace(settings, **access_of(home)), days
        wrong = error
    return *_last_good[home.resolve()], wrong


def check(home: Path) -> None:
    """Read settings, calendar, exchange rates and mappings, for a start that must not be made on broken ones.

    Raises ConfigError naming file and line.
    """
    holidays(Settings.read(home), home)
    rates(home)
    read_mappings(home / "mappings")
