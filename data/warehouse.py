"""The one door to a published snapshot. Every business read takes a Scope and returns that scope's rows only.

What may be read is in READS (measures and views, for figures) and FACTS (rows behind a figure). Statements come from data/sql and
from these tables, values travel as parameters, and the scope is part of the statement, before any sum.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import duckdb
import polars as pl

from data import queries, store
from data.access import Scope, parameters, scope_for
from data.config import SHAPING, Settings
from data.errors import NotAllowed, NoWarehouse


class Window(Protocol):
    """A period as a read needs it: `to` is the earlier of end and as_of."""

    @property
    def label(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date: ...
    @property
    def to(self) -> date: ...


@dataclass(frozen=True)
class Read:
    """Something to read by name: what must have been loaded for it, and how it is kept."""

    needs: tuple[str, ...]  # sources, or "cash"
    is_view: bool = False  # prepared for the periods asked for; else rows with a date (targets: a span)
    by_customer: str | None = None  # the name that keeps customers apart; None: it never does
    table: str | None = None  # where it is kept under another name


# "cash" is receipts, or what invoices state as paid: without either nobody knows what came in, and nothing is not zero (R3).
READS = {
    "sales": Read(("orders",), by_customer="customer_sales"),
    "orders": Read(("orders",), by_customer="orders"),
    "first_orders": Read(("orders",), by_customer="first_orders"),
    "active_customers": Read(("orders",), is_view=True, by_customer="active_customers"),
    "customer_sales": Read(("orders",), is_view=True, by_customer="customer_sales"),
    "visits": Read(("visits",), by_customer="customer_visits"),
    "visit_plans": Read(("visits",)),
    "visited_customers": Read(("visits",), is_view=True, by_customer="visited_customers"),
    "customer_visits": Read(("visits",), is_view=True, by_customer="customer_visits"),
    "customer_months": Read((), by_customer="customer_months"),
    "billing": Read(("invoices",)),
    "cash": Read(("cash",), table="billing"),
    "receivables": Read(("invoices", "cash"), by_customer="receivables"),
    "collections": Read(("invoices", "cash"), is_view=True, by_customer="collections"),
    "receivable_positions": Read(("invoices", "cash"), is_view=True, by_customer="receivable_positions"),
    "targets": Read(("targets",)),
}
_CREDIT = ("rep_id", "territory_id", "region", "customer_id")


@dataclass(frozen=True)
class Fact:
    """A fact table for looking behind a figure: the date that decides, the columns it may be narrowed by, and which rows count."""

    table: str
    date: str
    narrow: tuple[str, ...]
    only: str = "true"


FACTS = {
    "orders": Fact("orders", "date", (*_CREDIT, "order_id", "product_id", "product_line")),
    "visits": Fact("visits", "actual_date", (*_CREDIT, "prospect_id", "status")),
    "visit_records": Fact("visits", "actual_date", (*_CREDIT, "prospect_id"), "is_completed and is_counted_type"),
    "visit_plans": Fact(
        "visits", "planned_date", (*_CREDIT, "prospect_id", "status"), "is_counted_type and status is distinct from 'rescheduled'"
    ),
    "invoices": Fact("invoices", "date", (*_CREDIT, "invoice_id", "order_id")),
    "invoices_due": Fact("invoices", "due_date", (*_CREDIT, "invoice_id", "order_id")),
    "receipts": Fact("receipts", "date", (*_CREDIT, "invoice_id", "receipt_id")),
    "receivable_moves": Fact("receivable_moves", "date", (*_CREDIT, "invoice_id", "kind")),
}
# What a row of somebody else must not carry: it would say who or where it is.
_IDENTIFYING = ("territory_id", "region", "order_id", "member_id")
_STAFF = frozenset({"owner", "admin", "director"})
# These act at once; the other measure-shaping settings are those the snapshot was built with.
_AT_ONCE = ("company", "calendar")


@dataclass(frozen=True)
class Opened:
    """A snapshot file as this process holds it: one connection, and what never changes about it."""

    con: duckdb.DuckDBPyConnection
    meta: Mapping[str, str]
    loaded: frozenset[str]
    has_cash: bool


@dataclass(frozen=True, eq=False)
class Warehouse:
    """One published snapshot, opened read-only; safe to use from several threads at a time."""

    snapshot: str  # the id of the load that made it, e.g. "000012"
    as_of: date
    settings: Settings
    loaded: frozenset[str]  # sources
    meta: Mapping[str, str]
    _file: Opened

    @classmethod
    def open(cls, home: Path) -> Warehouse:
        """The snapshot CURRENT names, with today's settings. Raises NoWarehouse if nothing is published, ConfigError."""
        path = store.current(home)
        if path is None:
            raise NoWarehouse("no_warehouse", home=str(home))
        file = _opened(path)
        settings = _as_built(Settings.read(home), file.meta)
        as_of = settings.as_of or date.fromisoformat(file.meta["as_of"])
        return cls(path.stem.removeprefix("wh-"), as_of, settings, file.loaded, file.meta, file)

    @property
    def currency(self) -> str:
        """The company currency all money is in."""
        return self.settings.currency

    def scope(self, login: str, today: date) -> Scope:
        """What this person may see on the real day `today`. Raises NotAllowed for nobody we know."""
        people, postings = self._frame("select * from fact.people", {}), self._frame("select * from fact.postings", {})
        return scope_for(people, postings, self.settings, login, today)

    def read(self, name: str, scope: Scope, windows: Sequence[Window] = (), *, by: Sequence[str] = ()) -> pl.LazyFrame | None:
        """A measure or view of READS: money Decimal(38,4), counts Int64. None if a source it needs was never loaded.

        windows   a measure gives rows dated from the first start to the last end, all without windows;
                  a view gives one set of rows per window, labelled `period`; ValueError without windows
        by        with customer_id the rows keep customers apart; KeyError for what is not kept by customer
        """
        by_customer = "customer_id" in by
        name = _kept_by_customer(name) if by_customer else name
        return self._measured(name, scope, windows, by_customer).lazy() if self._has(name) else None

    def peers(self, name: str, scope: Scope, windows: Sequence[Window] = ()) -> pl.LazyFrame | None:
        """The company's rows, as `read`, for ranks and medians: what the scope may not see has tokens for ids, and no place.

        `is_own` marks the scope's rows, `is_seller` those that make a peer group. Tokens hold within one call.
        A scope that opens no rows gets none.
        """
        if not self._has(name):
            return None
        own, foreign = (self._measured(name, scope, windows, foreign=which) for which in (False, True))
        if not (scope.sees_all or scope.reps or scope.regions):
            foreign = foreign.clear()
        if name != "targets":  # they say themselves whose is a seller's
            sellers = self._frame("select rep_id, is_seller from fact.people", {})
            own, foreign = (
                frame.join(sellers, on="rep_id", how="left").with_columns(pl.col("is_seller").fill_null(False)) for frame in (own, foreign)
            )
        marked = (own.with_columns(is_own=True), _masked(foreign).with_columns(is_own=False))
        return pl.concat(marked).sample(fraction=1.0, shuffle=True).lazy()

    def rows(self, fact: str, scope: Scope, window: Window, *, where: Mapping[str, str] | None = None, limit: int = 1000) -> pl.DataFrame:
        """Rows of FACTS behind a figure, by date, each with file, sheet and row; KeyError for a column not to be narrowed by."""
        kept, narrowed = FACTS[fact], {f"is_{column}": value for column, value in (where or {}).items()}
        if unknown := set(where or {}) - set(kept.narrow):
            raise KeyError(f"{fact} cannot be narrowed by {sorted(unknown)}")
        query = queries.behind(kept.table, kept.date, kept.only, tuple(sorted(where or {})))
        return self._frame(query, parameters(scope) | narrowed | {"start": window.start, "to": window.to, "limit": limit})

    def people(self, scope: Scope) -> pl.DataFrame:
        """Everybody the scope may see: rep_id, rep_name, roles, login, territory_id, region, is_seller, left_on."""
        return self._frame(queries.view("people"), parameters(scope))

    def members(self, scope: Scope, windows: Sequence[Window]) -> pl.LazyFrame:
        """The people assigned in each window and where (R2): period, rep_id, rep_name, is_seller, territory_id, territory_name, region."""
        return self._frame(queries.view("members"), self._values(scope, windows)).lazy()

    def territories(self, scope: Scope) -> pl.DataFrame:
        """The territories the scope may see: territory_id, territory_name, region."""
        return self._frame(queries.view("territories"), parameters(scope))

    def freshness(self) -> pl.DataFrame:
        """Per source: file, rows, quarantined (of its last load), is_loaded, loaded_at (UTC), latest_date. No business figures."""
        return _freshness(self._file.con)

    def loads(self, scope: Scope) -> pl.DataFrame:
        """The files of every load, newest first. Raises NotAllowed for those who do not look after the data."""
        return self._ledger(scope, queries.view("loads"))

    def quarantine(self, scope: Scope) -> pl.DataFrame:
        """Every row set aside, whole, with its reasons. Raises NotAllowed for those who do not look after the data."""
        return self._ledger(scope, "select * from quarantine order by load_id desc, file_id, row")

    def findings(self, scope: Scope) -> pl.DataFrame:
        """Every remark of every load. Raises NotAllowed for those who do not look after the data."""
        return self._ledger(scope, "select * from findings order by load_id desc, file_id, row")

    def _measured(
        self, name: str, scope: Scope, windows: Sequence[Window], by_customer: bool = False, *, foreign: bool = False
    ) -> pl.DataFrame:
        """The rows of one of READS that the scope may see, or (`foreign`) may not."""
        kept = READS[name]
        if kept.is_view and not windows:
            raise ValueError(f"{name} is prepared for periods: it needs windows")
        query = queries.view(name, foreign) if kept.is_view else queries.measure(kept.table or name, foreign)
        frame = self._frame(query, self._values(scope, windows, by_customer))
        # prepared for all customers together, a position carries an empty column for them
        return frame.drop("customer_id") if not by_customer and name in ("collections", "receivable_positions") else frame

    def _has(self, name: str) -> bool:
        known = self.loaded | {"cash"} if self._file.has_cash else self.loaded
        return known.issuperset(READS[name].needs)

    def _ledger(self, scope: Scope, query: str) -> pl.DataFrame:
        if not _STAFF & scope.roles:
            raise NotAllowed("staff_only", user=scope.user)
        return self._frame(query, {})

    def _values(self, scope: Scope, windows: Sequence[Window], by_customer: bool = False) -> dict[str, Any]:
        """Every parameter a query may name."""
        return parameters(scope) | {
            "first": min((w.start for w in windows), default=date.min),
            "last": max((w.end for w in windows), default=date.max),  # what falls due is known ahead
            "labels": [w.label for w in windows],
            "starts": [w.start for w in windows],
            "ends": [w.end for w in windows],
            "tos": [w.to for w in windows],
            "by_customer": by_customer,
            "active_days": self.settings.active_days,
            "dso_days": self.settings.dso_days,
        }

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
    loaded = frozenset(source for (source,) in con.sql("select distinct source from files where source is not null").fetchall())
    [(states_paid,)] = con.sql("select exists (from src.invoices where paid_amount is not null or open_amount is not null)").fetchall()
    return Opened(con, meta, loaded, "receipts" in loaded or states_paid)


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


def _masked(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows without anything that says whose they are."""
    tokens = [_tokens(frame, name, word) for name, word in (("rep_id", "peer"), ("customer_id", "customer")) if name in frame.columns]
    empty = [pl.lit(None, pl.String).alias(name) for name in _IDENTIFYING if name in frame.columns]
    return frame.with_columns(tokens + empty)


def _tokens(frame: pl.DataFrame, name: str, word: str) -> pl.Expr:
    """An id as a token: "peer 1", "customer 1", … in an order drawn anew for each call."""
    ids = frame[name].drop_nulls().unique().to_list()
    random.SystemRandom().shuffle(ids)
    return pl.col(name).replace_strict({one: f"{word} {n}" for n, one in enumerate(ids, 1)}, default=None, return_dtype=pl.String)


@lru_cache(maxsize=4)
def _freshness(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Counted once per snapshot: it cannot change."""
    return con.cursor().sql(queries.view("freshness")).pl()
