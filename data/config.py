"""What a company has decided: its home folder, settings (fieldbook.toml), exchange rates and working calendar."""

from __future__ import annotations

import csv
import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.contracts import SOURCES
from data.errors import ConfigError, shown

SETTINGS_FILE = "fieldbook.toml"
RATES_FILE = "rates.csv"
RATES = {"currency": pl.String(), "date": pl.Date(), "rate": pl.Decimal(18, 8)}
CALENDARS = Path(__file__).parent / "calendars"
# These act at the next publish and are stored in the snapshot; all others act at once.
SHAPING = (
    "company", "currency", "time_zone", "calendar", "fiscal_year_start_month", "revenue_date", "counted_visit_types",
    "visit_tolerance_days", "new_lookback_months", "grace_days", "bills_count_on",
)  # fmt: skip
_VISIT_TYPES = ("on_site", "customer_visits_us", "phone", "online")


@dataclass(frozen=True)
class Settings:
    """Every setting with its default; a key missing in fieldbook.toml keeps the default."""

    company: str = ""
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    calendar: str = ""  # "" Monday to Friday · "cn" official holidays · a CSV file in the home folder
    fiscal_year_start_month: int = 1
    as_of: date | None = None
    revenue_date: str = "ship_date"
    counted_visit_types: tuple[str, ...] = ("on_site", "customer_visits_us")
    visit_tolerance_days: int = 7
    active_days: int = 90
    new_lookback_months: int = 12
    dso_days: int = 91
    cost_coverage_min: float = 0.95
    grace_days: int = 0
    bills_count_on: str = "clearing"
    late_after_hours: int = 26
    stale_after_hours: int = 74
    neutral_band: float = 0.02
    neutral_band_points: float = 0.005
    order_word: str = ""
    data_start: dict[str, date] = field(default_factory=dict)  # source -> history counts from this day
    admins: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    @classmethod
    def read(cls, home: Path) -> Settings:
        """The settings of a home folder; defaults where the file or a key is missing. Raises ConfigError naming the line."""
        path = home / SETTINGS_FILE
        if not path.exists():
            return cls()
        return cls(**_checked(path, _text(path)))

    def shaping(self) -> dict[str, str]:
        """The settings a snapshot was built with, as text for its meta table."""
        return {name: _plain(getattr(self, name)) for name in SHAPING}


def home_folder(named: str | Path | None = None) -> Path:
    """The folder that holds all a company owns: the one named, else FIELDBOOK_HOME, else var/."""
    return Path(named or os.environ.get("FIELDBOOK_HOME") or "var")


def holidays(settings: Settings, home: Path) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and make-up working days of the chosen calendar; both empty without one. Raises ConfigError naming the line."""
    days: dict[str, set[date]] = {"off": set(), "work": set()}
    if settings.calendar:
        path = CALENDARS / "cn.csv" if settings.calendar == "cn" else home / settings.calendar
        for line, row in _csv_rows(path, ("date", "kind")):
            if row["kind"] not in days:
                raise ConfigError("calendar_kind", file=path.name, line=line, value=shown(row["kind"]))
            days[row["kind"]].add(_csv_date(path, line, row["date"]))
    return frozenset(days["off"]), frozenset(days["work"])


def rates(home: Path) -> pl.DataFrame:
    """Exchange rates into the company currency: currency, date, rate; empty without rates.csv. Raises ConfigError naming the line."""
    path = home / RATES_FILE
    rows = []
    for line, row in _csv_rows(path, tuple(RATES)) if path.exists() else []:
        rows.append((row["currency"].upper(), _csv_date(path, line, row["date"]), _csv_rate(path, line, row["rate"])))
    return pl.DataFrame(rows, schema=RATES, orient="row").sort("currency", "date")


def _plain(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("config_unreadable", file=path.name, line=1, reason=str(error)) from error


def _checked(path: Path, text: str) -> dict[str, Any]:
    """The keyword arguments of Settings a TOML text stands for."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1  # "at end of document" carries no number
        raise ConfigError("config_syntax", file=path.name, line=line, reason=str(error)) from error
    result: dict[str, Any] = {}
    for key, value in given.items():
        if key == "access":
            result |= _access(path, text, value)
        else:
            result[key] = _value(path, text, key, value)
    return result


def _access(path: Path, text: str, table: Any) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise _bad(path, text, "access", table, "[access]")
    for key in table:
        if key not in ("admins", "directors", "blocked"):
            raise ConfigError("config_unknown", file=path.name, line=_line(text, key), key=f"access.{key}")
    return {key: _logins(path, text, key, value) for key, value in table.items()}


def _logins(path: Path, text: str, key: str, value: Any) -> tuple[str, ...]:
    if not _texts(value):
        raise _bad(path, text, key, value, '["login", …]')
    return tuple(login.strip().lower() for login in value)


def _value(path: Path, text: str, key: str, value: Any) -> Any:
    """One value, checked and turned into the type its setting has."""
    if key not in _RULES:
        raise ConfigError("config_unknown", file=path.name, line=_line(text, key), key=shown(key))
    wanted, accepts = _RULES[key]
    if not accepts(value):
        raise _bad(path, text, key, value, wanted)
    return tuple(value) if isinstance(value, list) else value


def _bad(path: Path, text: str, key: str, value: Any, wanted: str) -> ConfigError:
    return ConfigError("config_value", file=path.name, line=_line(text, key), key=key, value=shown(value), wanted=wanted)


def _line(text: str, key: str) -> int:
    """The line a key or table of a TOML text stands on; 1 if it cannot be found."""
    pattern = re.compile(rf"""^\s*(\[\s*)?["']?{re.escape(key)}["']?\s*(=|\.|\])""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _whole(low: int, high: int) -> tuple[str, Any]:
    return f"{low} … {high}", lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def _share() -> tuple[str, Any]:
    return "0 … 1", lambda v: isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= 1


def _one_of(*words: str) -> tuple[str, Any]:
    return " | ".join(words), lambda v: v in words


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_day(value: Any) -> bool:
    return type(value) is date  # a TOML date-time is a date too, and not meant here


def _is_start(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= set(SOURCES) and all(map(_is_day, value.values()))


def _is_zone(value: Any) -> bool:
    try:
        return bool(value) and isinstance(value, str) and ZoneInfo(value) is not None
    except (KeyError, ValueError, OSError):
        return False


def _is_calendar(value: Any) -> bool:
    return isinstance(value, str) and (value in ("", "cn") or Path(value).suffix == ".csv")


# setting -> what is wanted, as shown to a person, and the test a value must pass
_TEXT: tuple[str, Any] = ('"…"', lambda v: isinstance(v, str))
_RULES: dict[str, tuple[str, Any]] = {
    "company": _TEXT,
    "order_word": _TEXT,
    "currency": ('"CNY"', lambda v: isinstance(v, str) and re.fullmatch("[A-Z]{3}", v) is not None),
    "time_zone": ('"Asia/Shanghai"', _is_zone),
    "calendar": ('"" | "cn" | "days.csv"', _is_calendar),
    "fiscal_year_start_month": _whole(1, 12),
    "as_of": ("2026-06-30", _is_day),
    "revenue_date": _one_of("ship_date", "order_date"),
    "counted_visit_types": (", ".join(_VISIT_TYPES), lambda v: _texts(v) and bool(v) and set(v) <= set(_VISIT_TYPES)),
    "visit_tolerance_days": _whole(0, 366),
    "active_days": _whole(1, 3660),
    "new_lookback_months": _whole(1, 120),
    "dso_days": _whole(1, 3660),
    "cost_coverage_min": _share(),
    "grace_days": _whole(0, 366),
    "bills_count_on": _one_of("clearing", "receipt"),
    "late_after_hours": _whole(1, 100_000),
    "stale_after_hours": _whole(1, 100_000),
    "neutral_band": _share(),
    "neutral_band_points": _share(),
    "data_start": ("[data_start] orders = 2026-01-01", _is_start),
}
assert set(_RULES) | {"admins", "directors", "blocked"} == {f.name for f in fields(Settings)}


def _csv_rows(path: Path, wanted: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a small CSV with their line numbers; every wanted column must be there and filled."""
    lines = csv.DictReader(_text(path).splitlines())
    missing = [name for name in wanted if name not in (lines.fieldnames or ())]
    if missing:
        raise ConfigError("config_columns", file=path.name, line=1, columns=", ".join(missing))
    rows = []
    for row in lines:
        cells = {name: (row[name] or "").strip() for name in wanted}
        if not all(cells.values()):
            raise ConfigError("config_empty_cell", file=path.name, line=lines.line_num)
        rows.append((lines.line_num, cells))
    return rows


def _csv_date(path: Path, line: int, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ConfigError("config_date", file=path.name, line=line, value=shown(value)) from error


def _csv_rate(path: Path, line: int, value: str) -> Decimal:
    try:
        rate = Decimal(value)
    except InvalidOperation as error:
        raise ConfigError("config_rate", file=path.name, line=line, value=shown(value)) from error
    if not (rate.is_finite() and rate > 0):
        raise ConfigError("config_rate", file=path.name, line=line, value=shown(value))
    return rate
