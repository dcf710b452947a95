"""The one place that keeps answers: warehouses per snapshot, summaries per snapshot and scope.

Every cached function takes the generation (snapshot and settings) and the scope as plain arguments, so a new load, a changed setting
or another reader is another key. A summary is small (a row per member and period); rows behind a figure are fetched and never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from data.access import OWNER, Scope
from data.config import SETTINGS_FILE, holidays
from data.warehouse import Warehouse
from kpi.base import PLACES, Kpi, summarise
from kpi.calendar import Calendar
from kpi.catalog import UnknownKpi, get
from kpi.config import Config
from kpi.freshness import Freshness
from kpi.period import Period, parse
from kpi.targets import TargetKpi

if TYPE_CHECKING:
    from pages.ui.session import Session

By = tuple[str, ...]
Where = tuple[tuple[str, str], ...]  # (column, id): narrows the rows; what may be seen at all is the scope's business
Results = dict[str, pl.DataFrame]
_KEYS: dict[Any, Any] = {
    Scope: lambda scope: repr((scope.user, sorted(scope.roles), scope.reps, scope.regions, scope.sees_all, scope)),
    Period: lambda p: repr((p.label, p.start, p.end, p.as_of, p.unit, p.to_date, p.cut_from, p.clipped)),
}


def warehouse(home: Path) -> Warehouse:
    """The published warehouse of a home folder as it is now: pointer and settings are looked at on every run. Raises NoWarehouse."""
    return _open(str(home), _generation(home))


def _generation(home: Path) -> str:
    """Changes with every publish and every change of the settings."""
    pointer, settings = home / "CURRENT", home / SETTINGS_FILE
    named = pointer.read_text("utf-8").strip() if pointer.exists() else ""
    return f"{named} {settings.stat().st_mtime_ns if settings.exists() else 0}"


@st.cache_resource(max_entries=3, show_spinner=False)
def _open(home: str, generation: str) -> Warehouse:
    return Warehouse.open(Path(home))


@st.cache_resource(max_entries=3, show_spinner=False)
def _calendar(home: str, generation: str) -> Calendar:
    settings = _open(home, generation).settings
    off, work = holidays(settings, Path(home))
    return Calendar(settings.fiscal_year_start_month, off, work)


def calendar(session: Session) -> Calendar:
    """The working calendar of the company."""
    return _calendar(str(session.home), _generation(session.home))


def months(session: Session, last: Period, count: int = 13, *, closed: bool = False) -> tuple[Period, ...]:
    """The `count` calendar months up to the one in which a period ends (or has got to), oldest first.

    closed  leave out the running month: where only a line is drawn, half a month would look like a collapse
    """
    day = last.to if last.has_begun else last.start
    newest = day.year * 12 + day.month - 1
    spans = [parse(f"{n // 12}-{n % 12 + 1:02}", session.warehouse.as_of, calendar(session)) for n in range(newest - count, newest + 1)]
    return tuple(spans[:-1] if closed and not spans[-1].is_closed else spans[1:])


def summary(session: Session, kpis: Sequence[str], periods: Sequence[Period], by: By = (), where: Where = ()) -> Results:
    """Each KPI by name: a row per period and member of `by`, with the columns of `kpi.base.summarise`."""
    return _summary(str(session.home), _generation(session.home), session.scope, tuple(kpis), tuple(periods), by, where)


@st.cache_data(max_entries=512, show_spinner=False, hash_funcs=_KEYS)
def _summary(home: str, generation: str, scope: Scope, kpis: tuple[str, ...], periods: tuple[Period, ...], by: By, where: Where) -> Results:
    opened = _open(home, generation)

    def read(name: str) -> pl.LazyFrame | None:
        return _narrowed(opened.read(name, scope, periods, by=by), where)

    placed = bool(by) and set(by) <= set(PLACES)
    members = _narrowed(opened.members(scope, periods), where) if placed else None
    return summarise([_kpi(name) for name in kpis], read, periods, by, members=members, config=_config(opened))


def peers(session: Session, kpis: Sequence[str], period: Period) -> Results:
    """Each KPI for every seller of the company: own and seen reps by id, all others by token, with `is_own`. For ranks and medians only."""
    return _peers(str(session.home), _generation(session.home), session.scope, tuple(kpis), period)


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=_KEYS)
def _peers(home: str, generation: str, scope: Scope, kpis: tuple[str, ...], period: Period) -> Results:
    opened = _open(home, generation)

    def read(name: str) -> pl.LazyFrame | None:
        frame = opened.peers(name, scope, (period,))
        return None if frame is None else frame.filter(pl.col("is_seller"))

    results: Results = {}
    for name in kpis:  # tokens hold within one read, so one KPI at a time
        results |= summarise([_kpi(name)], read, (period,), ("rep_id",), config=_config(opened))
    return results


def people(session: Session) -> pl.DataFrame:
    """Everybody in scope: rep_id, rep_name, roles, login, territory_id, region, is_seller, left_on."""
    return _people(str(session.home), _generation(session.home), session.scope)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_KEYS)
def _people(home: str, generation: str, scope: Scope) -> pl.DataFrame:
    return _open(home, generation).people(scope)


def everybody(home: Path) -> pl.DataFrame:
    """All people of the company, for demo mode's "view as"."""
    return _people(str(home), _generation(home), OWNER)


def territories(session: Session) -> pl.DataFrame:
    """The territories in scope: territory_id, territory_name, region."""
    return _territories(str(session.home), _generation(session.home), session.scope)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_KEYS)
def _territories(home: str, generation: str, scope: Scope) -> pl.DataFrame:
    return _open(home, generation).territories(scope)


def freshness(session: Session) -> pl.DataFrame:
    """Per source: file, rows, quarantined, is_loaded, loaded_at (UTC), latest_date."""
    return _freshness(str(session.home), _generation(session.home))


@st.cache_data(max_entries=3, show_spinner=False)
def _freshness(home: str, generation: str) -> pl.DataFrame:
    return _open(home, generation).freshness()


def _narrowed(frame: pl.LazyFrame | None, where: Where) -> pl.LazyFrame | None:
    if frame is None or not where:
        return frame
    return frame.filter(*(pl.col(column) == value for column, value in where))


def _kpi(name: str) -> Kpi | TargetKpi:
    kpi = get(name)
    if isinstance(kpi, Freshness):  # has a page of its own, no periods
        raise UnknownKpi(name)
    return kpi


def _config(opened: Warehouse) -> Config:
    return Config.of(asdict(opened.settings))


def rep_names(session: Session) -> dict[str, str]:
    """The names of the people in scope by rep_id."""
    return {row["rep_id"]: row["rep_name"] or row["rep_id"] for row in people(session).iter_rows(named=True)}


def territory_names(session: Session) -> dict[str, str]:
    """The names of the territories in scope by id."""
    return dict(territories(session).select("territory_id", "territory_name").iter_rows())


def last_seen(session: Session, rep_id: str) -> pl.DataFrame:
    """customer_id, last_order_on, last_visit_on of the customers a rep sold to or visited, from the rows in scope."""
    return _last_seen(str(session.home), _generation(session.home), session.scope, rep_id)


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=_KEYS)
def _last_seen(home: str, generation: str, scope: Scope, rep_id: str) -> pl.DataFrame:
    frame = _open(home, generation).read("customer_months", scope, by=("customer_id",))
    if frame is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "last_order_on": pl.Date, "last_visit_on": pl.Date})
    own = frame.filter(pl.col("rep_id") == rep_id).collect()
    dates = [
        own.select("customer_id", day).drop_nulls().sort(day).unique("customer_id", keep="last", maintain_order=True)
        for day in ("last_order_on", "last_visit_on")
    ]
    return dates[0].join(dates[1], on="customer_id", how="full", coalesce=True)


def sellers(session: Session) -> pl.Series:
    """The ids of the people in scope who sell."""
    return people(session).filter(pl.col("is_seller"))["rep_id"]
