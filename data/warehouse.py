"""The one door to a published snapshot. Every business read takes a Scope and returns that scope's rows only.

What may be read is in data/reads.py. Statements come from data/sql and from these tables, values travel as parameters, and the scope is
part of the statement, before any sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from data import build, queries
from data.access import STAFF, Scope, keeper, parameters, scope_for
from data.config import SHAPING, Settings
from data.errors import FieldbookError, NotAllowed, NoWarehouse, OldSnapshot
from data.inforce import Days, in_force
from data.keeping import store
from data.peers import Company
from data.reads import FACTS, NARROW, READS, Where, Window, merged, stretches
from data.remembered import Answers

# These act at once; the other measure-shaping settings are those the snapshot was built with.
_AT_ONCE = ("company", "calendar")


@dataclass(frozen=True)
class Opened:
    """A snapshot file as this process holds it: one connection, and what never changes about it."""

    con: duckdb.DuckDBPyConnection
    meta: Mapping[str, str]
    loaded: frozenset[str]
    brings: frozenset[str]  # of "cash", "logs", "bookings", "reviews": what a source brings only if certain columns are filled
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True, eq=False)
class Warehouse:
    """One published snapshot, opened read-only; safe to use from several threads at a time."""

    snapshot: str  # the id of the load that made it, e.g. "000012"
    as_of: date
    settings: Settings
    loaded: frozenset[str]  # sources
    meta: Mapping[str, str]
    _file: Opened
    days: Days = (frozenset(), frozenset())  # of the calendar: off, and made up for
    notices: tuple[FieldbookError, ...] = ()  # what those who look after the data must know of what is served

    @classmethod
    def open(cls, home: Path) -> Warehouse:
        """The snapshot CURRENT names, or the last good one, with today's settings, or the last good ones.

        Raises NoWarehouse if nothing was ever published, SnapshotDamaged if nothing good is left, OldSnapshot, ConfigError.
        """
        path, damage = store.current(home), store.damage(home)
        if path is None:
            raise damage or NoWarehouse("no_warehouse", home=str(home))
        file = _opened(path)
        current, days, wrong = in_force(home)
        settings = _as_built(current, file.meta)
        as_of = settings.as_of or date.fromisoformat(file.meta["as_of"])
        notices = tuple(filter(None, (damage, wrong)))
        return cls(path.stem.removeprefix("wh-"), as_of, settings, file.loaded, file.meta, file, days, notices)

    @property
    def currency(self) -> str:
        """The company currency all money is in."""
        return self.settings.currency

    def forget(self) -> None:
        """Drop the answers kept of this snapshot: they will be asked for again."""
        self._file.answers.clear()

    @property
    def today(self) -> date:
        """The real day on the company's clock: rights are those of today, whatever day the data is of."""
        return datetime.now(ZoneInfo(self.settings.time_zone)).date()

    def scope(self, login: str, today: date, *, by_id: bool = True) -> Scope:
        """What this person may see on the real day `today`. Raises NotAllowed for nobody we know."""
        people, postings = self._kept_frame("select * from fact.people", {}), self._kept_frame("select * from fact.postings", {})
        return scope_for(people, postings, self.settings, login, today, by_id=by_id)

    def admit(self, login: str) -> Scope:
        """What somebody who has just been proved to bear this login may see now. Raises NotAllowed for nobody we know."""
        return self.scope(login, self.today, by_id=False)

    @cached_property
    def data_start(self) -> dict[str, date]:
        """The day each loaded source's history counts from: as published, or a later one set since (R14)."""
        built = {
            key.removeprefix("data_start_"): date.fromisoformat(day) for key, day in self.meta.items() if key.startswith("data_start_")
        }
        return {source: max(day, self.settings.data_start.get(source, day)) for source, day in built.items()}

    @cached_property
    def config_values(self) -> dict[str, Any]:
        """Every setting in force with `data_start`, for `kpi.config.Config.of`."""
        return asdict(self.settings) | {"data_start": self.data_start}

    def read(
        self,
        name: str,
        scope: Scope,
        windows: Sequence[Window] = (),
        *,
        by: Sequence[str] = (),
        where: Where | None = None,
        columns: Collection[str] | None = None,
    ) -> pl.LazyFrame | None:
        """A measure or view of READS: money Decimal(38,4), counts Int64. None if a source it needs was never loaded.

        windows   a measure gives rows dated from the first start to the last end, all without windows;
                  a view gives one set of rows per window, labelled `period`; ValueError without windows
        by        with customer_id the rows keep customers apart; KeyError for what is not kept by customer
        where     column of NARROW -> the ids wanted, before anything is summed; KeyError for another column
        columns   the numbers wanted, all by default; ids, dates and marks always come
        """
        by_customer = "customer_id" in by or "customer_id" in (where or {})
        name = _kept_by_customer(name) if by_customer else name
        return (
            self._measured(name, scope, windows, by_customer, where or {}, columns, by_day="pair_id" in by).lazy()
            if self.has(name)
            else None
        )

    def has(self, name: str) -> bool:
        """Whether all that a measure or view of READS needs was loaded; KeyError for another name."""
        return (self.loaded | self._file.brings).issuperset(READS[name].needs)

    def company(self, scope: Scope) -> Company:
        """The whole company, as far as this person may compare with it: to be read like a warehouse, with tokens for everybody else."""
        # an inside rep sees the rows of a partner while paired, but compares only with own ones
        asked = parameters(scope) | {"inside": [], "as_of": self.as_of}
        own = None if scope.sees_all else self._kept_frame(queries.view("team"), asked)["rep_id"].to_list()
        people = self._kept_frame(queries.SELLERS, {})
        return Company(self, scope, None if own is None else frozenset((*own, *scope.reps)), people)

    def peers(self, name: str, scope: Scope, windows: Sequence[Window] = ()) -> pl.LazyFrame | None:
        """The company's rows of one read, as `company` gives them. Tokens hold within this call only."""
        return self.company(scope).read(name, scope, windows)

    def rows(self, fact: str, scope: Scope, window: Window, *, where: Where | None = None, limit: int = 1000) -> pl.DataFrame:
        """Rows of FACTS behind a figure, by date, each with file, sheet and row; KeyError for a column not to be narrowed by."""
        kept, narrowed = FACTS[fact], {f"only_{column}": list(ids) for column, ids in (where or {}).items()}
        if unknown := set(where or {}) - set(kept.narrow):
            raise KeyError(f"{fact} cannot be narrowed by {sorted(unknown)}")
        query = queries.behind(kept.table, kept.date, kept.only, tuple(sorted(where or {})))
        return self._frame(query, parameters(scope) | narrowed | {"start": window.start, "to": window.to, "limit": limit})

    def people(self, scope: Scope, since: date = date.min) -> pl.DataFrame:
        """The people the scope may see, leavers too unless they left before `since`.

        rep_id, rep_name, roles, login, territory_id, region, is_seller, left_on
        """
        return self._kept_frame(queries.view("people"), parameters(scope) | {"since": since})

    def directory(self, scope: Scope) -> pl.DataFrame:
        """Everybody ever listed, with or without rows: rep_id, rep_name, login, is_listed, left_on. Raises NotAllowed but for keepers."""
        keeper(scope)
        return self._frame("select rep_id, rep_name, login, is_listed, left_on from fact.people order by rep_id", {})

    def members(self, scope: Scope, windows: Sequence[Window], *, where: Where | None = None) -> pl.LazyFrame:
        """The people assigned in each window and where (R2), without those who had left before it.

        period, rep_id, rep_name, is_seller, territory_id, territory_name, region, left_on
        """
        return self._kept_frame(queries.view("members", _narrowed(where)), self._values(scope, windows, where=where)).lazy()

    def seats(self, scope: Scope, windows: Sequence[Window]) -> pl.LazyFrame:
        """Who was at work when in each window, in what role (R15): period, rep_id, role, is_seller, active_from, active_to, has_left."""
        return self._kept_frame(queries.view("seats"), self._values(scope, windows)).lazy()

    def pairs(self, scope: Scope, windows: Sequence[Window]) -> pl.LazyFrame:
        """Who was whose inside partner when in each window: period, rep_id, pair_id, is_last (on its last day), valid_from, valid_to."""
        return self._kept_frame(queries.view("pairs"), self._values(scope, windows)).lazy()

    def territories(self, scope: Scope) -> pl.DataFrame:
        """The territories the scope may see: territory_id, territory_name, region."""
        return self._kept_frame(queries.view("territories"), parameters(scope))

    def customers(self, scope: Scope) -> pl.DataFrame:
        """The customers the scope owns or has rows of.

        customer_id, customer_name, owner_id, territory_id, region, is_key, manual_class, status; an owner outside the scope, and the
        owner's place, are null. Contact data is never given.
        """
        return self._kept_frame(queries.view("customers"), parameters(scope) | {"as_of": self.as_of})

    def owners_now(self, scope: Scope) -> pl.DataFrame:
        """Who in scope owns which customer on the day of the data: customer_id, rep_id, territory_id, region (of the owner)."""
        return self._frame(queries.view("owners_now"), parameters(scope) | {"as_of": self.as_of})

    def cards(self, scope: Scope, ids: Collection[str]) -> pl.DataFrame:
        """The cards of some customers, of those the scope owns: what the company knows of them, never contact data.

        customer_id, customer_name, owner_id, owned_since, territory_id, region, status, is_key, manual_class, loyalty, industry,
        province, city, credit_rating, credit_limit, annual_potential, terms_days, has_contact, has_phone, created_on,
        contract_signed_on, updated_on
        """
        return self._frame(queries.view("card"), parameters(scope) | {"as_of": self.as_of, "ids": list(ids)})

    def freshness(self, scope: Scope) -> pl.DataFrame:
        """Per source: file, rows, quarantined (of its last load), is_loaded, loaded_at (UTC), latest_date.

        Files and rows are named to those who may see what was loaded: less the own ones they would be those of others.
        """
        frame = _freshness(self._file.con)
        known = () if STAFF & scope.roles else ("file", "rows")
        return frame.with_columns(pl.lit(None, frame.schema[name]).alias(name) for name in known)

    def rejects(self, scope: Scope) -> pl.DataFrame:
        """Per load and source: load_id, source, read, quarantined, is_last (of the source), loaded_at (UTC).

        Raises NotAllowed for those who may not see what was loaded.
        """
        return self._ledger(scope, "rejects")

    def loads(self, scope: Scope) -> pl.DataFrame:
        """The files of every load, newest first. Raises NotAllowed for those who may not see what was loaded."""
        return self._ledger(scope, "loads")

    def _ledger(self, scope: Scope, view: str) -> pl.DataFrame:
        if not STAFF & scope.roles:
            raise NotAllowed("staff_only", user=scope.user)
        return self._frame(queries.view(view), {})

    def quarantine(self, scope: Scope) -> pl.DataFrame:
        """Every row set aside, whole, with its reasons. Raises NotAllowed for those who do not look after the data."""
        keeper(scope)
        return self._frame("select * from quarantine order by load_id desc, file_id, row", {})

    def findings(self, scope: Scope) -> pl.DataFrame:
        """Every remark of every load. Raises NotAllowed for those who do not look after the data."""
        keeper(scope)
        return self._frame("select * from findings order by load_id desc, file_id, row", {})

    def _measured(
        self,
        name: str,
        scope: Scope,
        windows: Sequence[Window],
        by_customer: bool,
        where: Where,
        columns: Collection[str] | None,
        *,
        by_day: bool = False,
    ) -> pl.DataFrame:
        """The rows of one of READS that the scope may see; `by_day`: of each day, whatever the windows."""
        kept = READS[name]
        if kept.is_view and not windows:
            raise ValueError(f"{name} is prepared for periods: it needs windows")
        values = self._values(scope, windows, by_customer, where)
        if not kept.is_view:
            kinds = _numbers(self._file.con, kept.table or name)
            unwanted = frozenset() if columns is None else kinds.keys() - frozenset(columns)
            table, spans = kept.table or name, () if kept.has_span else merged(windows)
            values |= {f"{end}_{n}": day for n, span in enumerate(spans) for end, day in zip(("first", "last"), span, strict=True)}
            query = queries.measure(table, kept.has_span, _narrowed(where), tuple(sorted(unwanted)), len(spans))
            if kept.is_summed and spans and not by_day:
                values |= dict(zip(("days", "bases"), stretches(windows), strict=True))
                query = queries.summed(query, tuple((one, kinds[one]) for one in sorted(kinds.keys() - unwanted)))
            return self._kept_frame(query, values)
        frame = self._kept_frame(queries.view(kept.table or name, _narrowed(where)), values)
        frame = frame.drop("customer_id") if kept.joins_customers and not by_customer else frame
        return frame if columns is None else frame.select(c for c, kind in frame.schema.items() if c in columns or not kind.is_numeric())

    def _values(self, scope: Scope, windows: Sequence[Window], by_customer: bool = False, where: Where | None = None) -> dict[str, Any]:
        """Every parameter a query may name."""
        only = {f"only_{column}": list(ids) for column, ids in (where or {}).items()}
        return (
            parameters(scope)
            | only
            | {
                "first": min((w.start for w in windows), default=date.min),
                "last": max((w.end for w in windows), default=date.max),  # what falls due is known ahead
                "labels": [w.label for w in windows],
                "starts": [w.start for w in windows],
                "ends": [w.end for w in windows],
                "tos": [w.to for w in windows],
                "by_customer": by_customer,
                "active_days": self.settings.active_days,
                "dso_days": self.settings.dso_days,
                "lapse_days": self.settings.lapse_days,
                "new_customer_months": self.settings.new_customer_months,
                "churn_months": self.settings.churn_months,
                "abc_migration_months": self.settings.abc_migration_months,
                "demands": ["class", *self.settings.key_visit_months],
                "demand_months": [self.settings.cadence_months, *self.settings.key_visit_months.values()],
                "fiscal_year_start_month": self.settings.fiscal_year_start_month,
                "abc_measure": self.settings.abc_measure,
                "abc_cuts": list(self.settings.abc_cuts),
                "knows_debts": self.has("receivables"),
                "knows_cases": self.has("cases"),
                "knows_visits": "visits" in self.loaded,
                "sla_response_hours": self.settings.sla_hours["response"],
                "sla_resolution_hours": self.settings.sla_hours["resolution"],
            }
        )

    def _kept_frame(self, query: str, values: Mapping[str, Any]) -> pl.DataFrame:
        """As `_frame`, from memory if the same was asked of this snapshot before."""
        used = {name: values[name] for name in queries.named(query)}
        frame: pl.DataFrame = self._file.answers.get((query, repr(sorted(used.items()))), lambda: self._frame(query, used))
        return frame

    def _frame(self, query: str, values: Mapping[str, Any]) -> pl.DataFrame:
        """The whole result: a cursor of its own per call, and drained, so no call waits for another."""
        used = {name: values[name] for name in queries.named(query)}
        return self._file.con.cursor().sql(query, params=used).pl()


_open_files: dict[Path, Opened] = {}
_opening = Lock()


def _opened(path: Path) -> Opened:
    """The one connection of this process to a snapshot file; those of the latest few files are kept."""
    with _opening:
        if path not in _open_files:
            for old in list(_open_files)[: 1 - store.KEPT]:
                del _open_files[old]  # closes when the last reader lets go of it
            _open_files[path] = _connected(path)
        return _open_files[path]


def _connected(path: Path) -> Opened:
    con = duckdb.connect(path, read_only=True, config=store.READ_ONLY)
    meta = dict(con.sql("select key, value from meta").fetchall())
    if meta.get("schema") != build.schema() and not build.columns(con) >= build.expected():
        con.close()
        raise OldSnapshot("old_snapshot", snapshot=path.stem.removeprefix("wh-"))
    loaded = frozenset(source for (source,) in con.sql("select distinct source from files where source is not null").fetchall())
    [(cash, logs, bookings, reviews)] = con.sql(
        "select exists (from src.invoices where paid_amount is not null or open_amount is not null), "
        "exists (from src.visits where logged_at is not null), exists (from src.visits where booked_by is not null), "
        "exists (from src.prospects where last_reviewed_on is not null or updated_on is not null)"
    ).fetchall()
    found = {"cash": "receipts" in loaded or cash, "logs": logs, "bookings": bookings, "reviews": reviews}
    return Opened(con, meta, loaded, frozenset(name for name, is_there in found.items() if is_there))


def _as_built(settings: Settings, meta: Mapping[str, str]) -> Settings:
    """Today's settings, with those that shaped the measures as they were at publish."""
    built: dict[str, Any] = {}
    for name in SHAPING:
        if name in meta and name not in _AT_ONCE:
            default = getattr(Settings, name)  # its type says how to read the text
            built[name] = tuple(meta[name].split(",")) if isinstance(default, tuple) else type(default)(meta[name])
    return replace(settings, **built)


def _kept_by_customer(name: str) -> str:
    """The read that keeps apart the customers of another. Raises KeyError if none does."""
    found = READS[name].by_customer
    if found is None:
        raise KeyError(f"{name} is not kept by customer")
    return found


def _narrowed(where: Where | None) -> tuple[str, ...]:
    """The columns a read is narrowed by. Raises KeyError for one that is not for that."""
    if unknown := set(where or {}) - set(NARROW):
        raise KeyError(f"rows cannot be narrowed by {sorted(unknown)}")
    return tuple(sorted(where or {}))


@lru_cache(maxsize=64)
def _numbers(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a measure that hold amounts and counts, with their types."""
    query = (
        "select column_name, data_type from duckdb_columns() "
        "where schema_name = 'measure' and table_name = $t and numeric_precision is not null"
    )
    return dict(con.cursor().execute(query, {"t": table}).fetchall())


@lru_cache(maxsize=4)
def _freshness(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Counted once per snapshot: it cannot change."""
    return con.cursor().sql(queries.view("freshness")).pl()
