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
    "visit_tolerance_days", "new_lookback_months", "grace_days", "bills_count_on", "strike_days", "onboarding_days",
)  # fmt: skip
# What a customer card can be asked for, and the two scorecards: of everybody who sells, and of key-account managers.
CARD_FIELDS = (
    "contact", "phone", "industry", "province", "city", "credit_rating", "credit_limit", "terms_days", "annual_potential", "manual_class",
)  # fmt: skip
SCORECARD = {
    "revenue": 0.30, "gross_margin_pct": 0.15, "collection_rate": 0.20, "completed_visits": 0.15, "new_customers": 0.15,
    "card_completeness": 0.05,
}  # fmt: skip
SCORECARD_KAM = {
    "revenue": 0.35, "share_of_wallet": 0.15, "satisfaction": 0.15, "revenue_retention_net": 0.20, "key_account_churn": 0.15,
}  # fmt: skip
STAGE_PROBABILITY = {"collected": 0.05, "qualified": 0.10, "visited": 0.30, "quoted": 0.60}  # of a prospect becoming a contract
SCORECARD_WORST = {"key_account_churn": 0.30}
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
    lapse_days: int = 180
    new_customer_months: int = 12
    churn_months: int = 12
    abc_cuts: tuple[float, ...] = (0.80, 0.95)
    abc_measure: str = "revenue"
    abc_migration_months: int = 3
    rfm_recency_days: tuple[int, ...] = (30, 60, 90, 180)  # scores 5, 4, 3, 2 while there are few customers
    rfm_orders: tuple[int, ...] = (12, 8, 4, 2)
    rfm_shares: tuple[float, ...] = (2, 1, 0.5, 0.25)  # of the mean
    retention_points: float = 0.05
    strike_days: int = 7  # an order so soon after a visit is put down to it
    onboarding_days: int = 14
    visits_required: dict[str, int] = field(default_factory=lambda: {"A": 4, "B": 2, "C": 1})  # customer class -> visits in a window
    cadence_months: int = 1  # a window: month, quarter or half-year
    key_visit_months: dict[str, int] = field(default_factory=lambda: {"kam": 1, "regional_manager": 6})  # one visit in so many months
    card_fields: tuple[str, ...] = CARD_FIELDS
    card_fresh_days: int = 90
    max_visits_per_day: int = 12  # more by one person in one day is hardly possible
    hours_per_visit: float = 1.5  # with the way there, where a territory does not say
    hours_per_day: float = 8
    visits_per_prospect: int = 6  # a year
    workload_band: tuple[int, ...] = (85, 115)
    class_limit_days: dict[str, int] = field(default_factory=lambda: {"A": 7, "B": 30, "C": 90})  # prospect class -> closed within
    card_review_days: dict[str, int] = field(default_factory=lambda: {"A": 1, "B": 7, "C": 30})  # prospect class -> looked at every
    prospect_pool: int = 0  # open prospects each person in the field should have, where no target says; 0: not set
    funnel_window_days: int = 90
    stage_probability: dict[str, float] = field(default_factory=lambda: dict(STAGE_PROBABILITY))
    sla_hours: dict[str, int] = field(default_factory=lambda: {"response": 24, "resolution": 72})  # promised for complaints and exceptions
    stock_factor: float = 1.5  # a customer should hold this many times what it sold since the last count
    order_cycle_days: int = 0  # days between two orders; 0: those between the counts
    scorecard: dict[str, float] = field(default_factory=lambda: dict(SCORECARD))  # KPI -> weight
    scorecard_kam: dict[str, float] = field(default_factory=lambda: dict(SCORECARD_KAM))
    scorecard_worst: dict[str, float] = field(default_factory=lambda: dict(SCORECARD_WORST))  # KPI where less is better -> scores nothing
    score_floor: float = 0
    score_cap: float = 1.20
    score_min_weight: float = 0.60
    dso_days: int = 91
    cost_coverage_min: float = 0.95
    grace_days: int = 0
    credit_cost_rate: float = 0.06  # what money that is overdue costs in a year
    repeat_days: int = 90  # a new customer that orders again so soon has come back
    bills_count_on: str = "clearing"
    late_after_hours: int = 26
    stale_after_hours: int = 74
    neutral_band: float = 0.02
    neutral_band_points: float = 0.005
    attention_pace: float = 0.96  # below this share of what is due by now somebody is behind
    attention_overdue: float = 1.5  # times the share that is overdue everywhere, or times an even part of all that is overdue
    attention_visits: float = 0.75  # fewer of the planned visits kept
    attention_min_plans: int = 10  # fewer planned visits say nothing about keeping plans
    attention_margin: float = 0.02  # a fall of the gross margin by more points, as a fraction
    order_word: str = ""
    locked_until: date | None = None  # books are closed to this day: what an export would change before it is listed, not applied
    retention_months: int = 24  # of raw copies, quarantine and old generations
    keep_personal_data: bool = False  # else of phones and contacts only whether they are filled
    data_start: dict[str, date] = field(default_factory=dict)  # source -> history counts from this day
    spark: dict[str, str] = field(default_factory=dict)  # remote, folder: measures are made on this cluster (docs/scaling.md)
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


def access_of(home: Path) -> dict[str, Any]:
    """The logins [access] names (admins, directors, blocked), read by themselves: they act though another setting is broken.

    Raises ConfigError where even they cannot be read.
    """
    path = home / SETTINGS_FILE
    nobody: dict[str, Any] = {"admins": (), "directors": (), "blocked": ()}
    text = _text(path) if path.exists() else ""
    return nobody | _access(path, text, _parsed(path, text).get("access", {}))


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


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1  # "at end of document" carries no number
        raise ConfigError("config_syntax", file=path.name, line=line, reason=str(error)) from error


def _checked(path: Path, text: str) -> dict[str, Any]:
    """The keyword arguments of Settings a TOML text stands for."""
    result: dict[str, Any] = {}
    for key, value in _parsed(path, text).items():
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


def _are_numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)


def _are_cuts(value: Any) -> bool:
    return _are_numbers(value, 2) and 0 < value[0] <= value[1] <= 1


def _are_steps(value: Any) -> bool:
    return _are_numbers(value, 4) and min(value) > 0


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _amount() -> tuple[str, Any]:
    return "0 …", _is_amount


def _are_visits(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= {"A", "B", "C"} and all(type(v) is int and 0 <= v <= 366 for v in value.values())


def _are_key_visits(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= {"kam", "regional_manager"} and all(v in (1, 3, 6, 12) for v in value.values())


def _are_class_days(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"A", "B", "C"} and all(type(v) is int and 0 <= v <= 3660 for v in value.values())


def _are_hours(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"response", "resolution"} and all(map(_is_amount, value.values()))


def _are_chances(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= set(STAGE_PROBABILITY) and all(_is_amount(v) and v <= 1 for v in value.values())


def _are_weights(value: Any) -> bool:
    """Shares of 1, to a hundredth of a per cent."""
    return isinstance(value, dict) and all(map(_is_amount, value.values())) and abs(sum(value.values()) - 1) < 1e-4


def _is_band(value: Any) -> bool:
    return _are_numbers(value, 2) and 0 <= value[0] <= 100 <= value[1]


def _one_of(*words: str) -> tuple[str, Any]:
    return " | ".join(words), lambda v: v in words


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_day(value: Any) -> bool:
    return type(value) is date  # a TOML date-time is a date too, and not meant here


def _is_start(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= set(SOURCES) and all(map(_is_day, value.values()))


def _is_cluster(value: Any) -> bool:
    """An address without a secret in it, and a folder that means the same on every machine and nothing to a pattern."""
    if not (isinstance(value, dict) and set(value) == {"remote", "folder"} and all(isinstance(v, str) for v in value.values())):
        return False
    is_address = re.fullmatch(r"sc://[\w.\-\[\]:]+(/(;use_ssl=(true|false))?)?", value["remote"]) is not None
    return is_address and Path(value["folder"]).is_absolute() and not set("*?[]{}") & set(value["folder"])


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
    "keep_personal_data": ("true | false", lambda v: isinstance(v, bool)),
    "currency": ('"CNY"', lambda v: isinstance(v, str) and re.fullmatch("[A-Z]{3}", v) is not None),
    "time_zone": ('"Asia/Shanghai"', _is_zone),
    "calendar": ('"" | "cn" | "days.csv"', _is_calendar),
    "fiscal_year_start_month": _whole(1, 12),
    "as_of": ("2026-06-30", _is_day),
    "locked_until": ("2026-03-31", _is_day),
    "revenue_date": _one_of("ship_date", "order_date"),
    "counted_visit_types": (", ".join(_VISIT_TYPES), lambda v: _texts(v) and bool(v) and set(v) <= set(_VISIT_TYPES)),
    "visit_tolerance_days": _whole(0, 366),
    "active_days": _whole(1, 3660),
    "new_lookback_months": _whole(1, 120),
    "lapse_days": _whole(31, 3660),  # below a month, an order would have to be judged by the day, not by the month
    "new_customer_months": _whole(1, 120),
    "churn_months": _whole(1, 60),
    "abc_cuts": ("[0.8, 0.95]", _are_cuts),
    "abc_measure": _one_of("revenue", "gross_profit"),
    "abc_migration_months": _whole(1, 60),
    "rfm_recency_days": ("[30, 60, 90, 180]", lambda v: _are_steps(v) and v == sorted(v)),
    "rfm_orders": ("[12, 8, 4, 2]", lambda v: _are_steps(v) and v == sorted(v, reverse=True)),
    "rfm_shares": ("[2, 1, 0.5, 0.25]", lambda v: _are_steps(v) and v == sorted(v, reverse=True)),
    "retention_points": _share(),
    "strike_days": _whole(0, 366),
    "onboarding_days": _whole(0, 366),
    "visits_required": ("[visits_required] A = 4, B = 2, C = 1", _are_visits),
    "cadence_months": ("1 | 3 | 6", lambda v: type(v) is int and v in (1, 3, 6)),
    "key_visit_months": ("[key_visit_months] kam = 1, regional_manager = 6", _are_key_visits),
    "card_fields": (", ".join(CARD_FIELDS), lambda v: _texts(v) and bool(v) and set(v) <= set(CARD_FIELDS)),
    "card_fresh_days": _whole(1, 3660),
    "max_visits_per_day": _whole(1, 1000),
    "hours_per_visit": _amount(),
    "hours_per_day": _amount(),
    "visits_per_prospect": _whole(0, 366),
    "workload_band": ("[85, 115]", _is_band),
    "class_limit_days": ("[class_limit_days] A = 7, B = 30, C = 90", _are_class_days),
    "card_review_days": ("[card_review_days] A = 1, B = 7, C = 30", _are_class_days),
    "prospect_pool": _whole(0, 100_000),
    "funnel_window_days": _whole(1, 3660),
    "sla_hours": ("[sla_hours] response = 24, resolution = 72", _are_hours),
    "stock_factor": _amount(),
    "order_cycle_days": _whole(0, 366),
    "stage_probability": ("[stage_probability] collected = 0.05, quoted = 0.6", _are_chances),
    "scorecard": ("[scorecard] revenue = 0.5, collection_rate = 0.3, completed_visits = 0.2 (= 1)", _are_weights),
    "scorecard_kam": ("[scorecard_kam] revenue = 0.6, key_account_churn = 0.4 (= 1)", _are_weights),
    "scorecard_worst": ("[scorecard_worst] dso = 90", lambda v: isinstance(v, dict) and all(map(_is_amount, v.values()))),
    "score_floor": _share(),
    "score_cap": _amount(),
    "score_min_weight": _share(),
    "dso_days": _whole(1, 3660),
    "cost_coverage_min": _share(),
    "grace_days": _whole(0, 366),
    "credit_cost_rate": _share(),
    "repeat_days": _whole(1, 3660),
    "bills_count_on": _one_of("clearing", "receipt"),
    "late_after_hours": _whole(1, 100_000),
    "stale_after_hours": _whole(1, 100_000),
    "retention_months": _whole(1, 1200),
    "neutral_band": _share(),
    "neutral_band_points": _share(),
    "attention_pace": _share(),
    "attention_overdue": _amount(),
    "attention_visits": _share(),
    "attention_min_plans": _whole(1, 1000),
    "attention_margin": _share(),
    "data_start": ("[data_start] orders = 2026-01-01", _is_start),
    "spark": ('[spark] remote = "sc://127.0.0.1:15002", folder = "/mnt/fieldbook"', _is_cluster),
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
