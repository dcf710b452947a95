"""Numbers and dates as a person reads them: the only place that turns a value into text.

Money is short (482.3万, ¥4.82M) where it stands alone and exact on hover; a column of money shares one unit, named in its header.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import get_currency_symbol

NOTHING = "—"
MINUS = "\u2212"
_LOCALES = {"zh": "zh_CN", "en": "en_US"}
# largest first: (from, divisor, unit)
_UNITS = {
    "zh": ((Decimal(10**8), Decimal(10**8), "亿"), (Decimal(10**4), Decimal(10**4), "万")),
    "en": ((Decimal(10**9), Decimal(10**9), "B"), (Decimal(10**6), Decimal(10**6), "M"), (Decimal(10**3), Decimal(10**3), "K")),
}
_HAIR = Decimal("0.9995")
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]()<>#+-.!|~$:"})
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True)
class Scale:
    """One unit for a whole column or axis: divide by `divisor`, print `places` decimals, name `unit` in the header."""

    divisor: Decimal
    unit: str
    places: int


@dataclass(frozen=True)
class Format:
    """How one reader sees figures: language ("zh", "en"), company currency (ISO code) and company time zone."""

    lang: str
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"

    @property
    def locale(self) -> str:
        """The Babel locale of the reader's language."""
        return _LOCALES[self.lang]

    @property
    def symbol(self) -> str:
        """The currency sign. Everything is in company currency, so ¥ needs no CN in front."""
        return _symbol(self.currency, "zh_CN" if self.currency == "CNY" else self.locale)

    @property
    def points_unit(self) -> str:
        """What a difference of two rates is counted in."""
        return "个百分点" if self.lang == "zh" else "pp"

    def scale(self, largest: Any) -> Scale:
        """The unit in which a column whose largest magnitude is `largest` reads well."""
        top = abs(_decimal(largest) or Decimal(0))
        for start, divisor, unit in _UNITS[self.lang]:
            if top >= start:
                return Scale(divisor, unit, 2 if top / divisor < 10 else 1)
        return Scale(Decimal(1), "", 0)

    def money(self, value: Any, *, sign: bool = False) -> str:
        """Money in at most four digits: ¥482.3万, ¥4.82M."""
        return self._signed(value, self._short, prefix=self.symbol, sign=sign)

    def money_full(self, value: Any) -> str:
        """Money to the cent, for hover texts and explanations."""
        return self._signed(value, lambda v: self._plain(v, 2), prefix=self.symbol)

    def count(self, value: Any, *, sign: bool = False) -> str:
        """A whole number with separators."""
        return self._signed(value, lambda v: self._plain(v, 0), sign=sign)

    def rate(self, value: Any, *, sign: bool = False) -> str:
        """A fraction as a percentage with one decimal: 0.153 → 15.3%."""
        return self._signed(_times(value, 100), lambda v: f"{self._plain(v, 1)}%", sign=sign)

    def points(self, value: Any) -> str:
        """The difference of two rates in percentage points: −0.009 → −0.9 pp."""
        unit = self.points_unit if self.lang == "zh" else f" {self.points_unit}"
        return self._signed(_times(value, 100), lambda v: f"{self._plain(v, 1)}{unit}", sign=True)

    def days(self, value: Any, *, sign: bool = False) -> str:
        """Days with one decimal."""
        unit = " 天" if self.lang == "zh" else " d"
        return self._signed(value, lambda v: f"{self._plain(v, 1)}{unit}", sign=sign)

    def hours(self, value: Any, *, sign: bool = False) -> str:
        """Whole hours."""
        unit = " 小时" if self.lang == "zh" else " h"
        return self._signed(value, lambda v: f"{self._plain(v, 0)}{unit}", sign=sign)

    def score(self, value: Any, *, sign: bool = False) -> str:
        """Points of a score or an index, with one decimal."""
        return self._signed(value, lambda v: self._plain(v, 1), sign=sign)

    def _written(self, unit: str) -> Callable[..., str]:
        by_unit: dict[str, Callable[..., str]] = {"money": self.money, "count": self.count, "rate": self.rate, "points": self.score}
        return (by_unit | {"days": self.days, "hours": self.hours})[unit]

    def value(self, unit: str, value: Any) -> str:
        """A KPI's value by its unit (money, count, rate, days, hours, points); — for null."""
        return self._written(unit)(value)

    def exact(self, unit: str, value: Any) -> str:
        """The same with all its digits, for explanations."""
        if unit == "count" and value is not None and value != int(value):  # a target for the days so far
            return self._signed(value, lambda v: self._plain(v, 2))
        return self.money_full(value) if unit == "money" else self.value(unit, value)

    def change(self, unit: str, now: Any, before: Any) -> str | None:
        """How a value moved: amounts in percent, rates in points, counts and days in numbers; None if that cannot be said."""
        new, old = _decimal(now), _decimal(before)
        if new is None or old is None:
            return None
        if unit == "rate":
            return self.points(new - old)
        if unit == "money":
            return self.rate((new - old) / old, sign=True) if old > 0 else self.money(new - old, sign=True)
        return self._written(unit)(new - old, sign=True)

    def day(self, day: date | None) -> str:
        """A day in full: 2026年10月21日, 21 Oct 2026."""
        return NOTHING if day is None else _date(day, "yyyy年M月d日" if self.lang == "zh" else "d MMM yyyy", self.locale)

    def short_date(self, day: date | None) -> str:
        """A day of the running year: 10月21日, 21 Oct."""
        return NOTHING if day is None else _date(day, "M月d日" if self.lang == "zh" else "d MMM", self.locale)

    def weekday(self, day: date) -> str:
        """A day with its name: 10月22日 星期四, Thursday, 22 Oct."""
        return _date(day, "M月d日 EEEE" if self.lang == "zh" else "EEEE, d MMM", self.locale)

    def day_of_week(self, number: int) -> str:
        """A day of the week, 0 for Monday: 星期一, Monday."""
        return _date(date(2024, 1, 1 + number), "EEEE", self.locale)

    def span(self, start: date, end: date) -> str:
        """Some days, each part said once: 10月1日–21日, 1–21 Oct 2025, 28 Sep – 4 Oct 2025."""
        if start == end:
            return self.day(start)
        if self.lang == "zh":
            last = (
                f"{end.day}日"
                if (start.year, start.month) == (end.year, end.month)
                else self.day(end)
                if start.year != end.year
                else self.short_date(end)
            )
            return f"{self.day(start)}–{last}"
        if (start.year, start.month) == (end.year, end.month):
            return f"{start.day}–{self.day(end)}"
        return f"{self.short_date(start) if start.year == end.year else self.day(start)} – {self.day(end)}"

    def month(self, day: date, *, short: bool = False) -> str:
        """A month: 2026年10月 or October 2026; short for axes: 10月 or Oct, with the year in January."""
        if not short:
            return _date(day, "yyyy年M月" if self.lang == "zh" else "MMMM yyyy", self.locale)
        name = _date(day, "M月" if self.lang == "zh" else "MMM", self.locale)
        return f"{name}<br>{day.year}" if day.month == 1 else name

    def moment(self, utc: datetime | None) -> str:
        """A time stamp (UTC, without zone) on the company's clock: 10-21 06:10."""
        if utc is None:
            return NOTHING
        local = utc.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(self.time_zone))
        return format_datetime(local, "M月d日 HH:mm" if self.lang == "zh" else "d MMM HH:mm", locale=self.locale)

    def _short(self, value: Decimal) -> str:
        units = _UNITS[self.lang]
        # a hair below a unit that has a smaller one reads as that unit: 999,950 is 1.00M, not 1,000K
        fitting = [u for u in units if value >= (u[0] if u is units[-1] else u[0] * _HAIR)]
        if not fitting:
            return self._plain(value, 0 if value >= 100 or value == value.to_integral_value() else 1)
        scaled = value / fitting[0][1]
        return self._plain(scaled, 2 if scaled < 10 * _HAIR else 1 if scaled < 1000 * _HAIR else 0) + fitting[0][2]

    def _plain(self, value: Decimal, places: int) -> str:
        return f"{_rounded(value, places):,.{places}f}"  # as both languages write it, and forty times as fast as Babel

    def _signed(self, value: Any, write: Any, *, prefix: str = "", sign: bool = False) -> str:
        number = _decimal(value)
        if number is None:
            return NOTHING
        text = write(abs(number))
        if not any(c in "123456789" for c in text):
            return f"{prefix}{text}"
        return f"{MINUS if number < 0 else '+' if sign else ''}{prefix}{text}"


def plain(text: object) -> str:
    """A name from an export as Markdown shows it literally: no links, no emphasis, no colour, no maths."""
    return str(text).replace("\n", " ").translate(_MARKDOWN)


def label(text: object) -> str:
    """A name from an export as a chart shows it literally; Plotly reads a subset of HTML."""
    return str(text).translate(_MARKUP)


@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


@cache
def _symbol(currency: str, locale: str) -> str:
    return get_currency_symbol(currency, locale)


def _decimal(value: Any) -> Decimal | None:
    if value is None or value != value:  # NaN is the only value unlike itself
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _times(value: Any, factor: int) -> Decimal | None:
    number = _decimal(value)
    return None if number is None else number * factor


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
