"""What is served, and the answers made from it, each once for all who may see the same.

A function that is `kept` is told what is served, the scope and plain values, and nothing else its answer could hang on; one that is
`kept_as_told` gets the session, for it speaks the reader's language. Answers belong to one snapshot under one state of the settings: with
a load or a changed setting nothing of before is found. Answers are shared, so nobody may change one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from data.access import Scope
from data.config import SETTINGS_FILE
from data.keeping import store
from data.remembered import Answers
from data.warehouse import Warehouse
from kpi.calendar import Calendar
from kpi.config import Config
from pages.ui.groups import Lens

if TYPE_CHECKING:
    from pages.frame.session import Session

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Served:
    """What a home serves now: the warehouse, calendar and thresholds under the settings, and the answers made from them so far."""

    warehouse: Warehouse
    calendar: Calendar
    config: Config
    answers: Answers = field(default_factory=Answers)


@dataclass(frozen=True)
class Asked:
    """All that an answer for everybody with the same rights may hang on."""

    served: Served
    scope: Scope

    @property
    def warehouse(self) -> Warehouse:
        """What is served."""
        return self.served.warehouse


def served(home: Path) -> Served:
    """What is published now, and how it is set up: pointer and settings are looked at whenever this is called. Raises NoWarehouse."""
    return _latest(str(home)).get()


def forget(home: Path) -> None:
    """Drop every answer kept: the next run asks for all of it, as the first after a publish does."""
    now = served(home)
    now.answers.clear()
    now.warehouse.forget()


def _generation(home: Path) -> str:
    """Changes with every publish, when a snapshot is found damaged, and with every change of the settings or a calendar beside them."""
    current = store.current(home)
    names = f"{store.pointer(home)} {current.name if current else ''}"  # they differ when what CURRENT names is damaged
    files = (one for one in (home / SETTINGS_FILE, *sorted(home.glob("*.csv"))) if one.exists())
    return " ".join((names, *(f"{one.name} {one.stat().st_mtime_ns}" for one in files)))


class _Latest:
    """What a home serves, opened once for all threads; with the next generation the answers of the one before are dropped.

    Whoever still runs on the one before keeps it, and asks anew what it still needs.
    """

    def __init__(self, home: Path) -> None:
        self._home, self._opening = home, Lock()
        self._generation = ""
        self._served: Served | None = None

    def get(self) -> Served:
        with self._opening:
            generation = _generation(self._home)  # looked at inside: nobody who was slow brings an earlier one back
            if self._served is None or generation != self._generation:
                before, self._served, self._generation = self._served, _opened(self._home), generation
                if before:
                    before.answers.clear()
                    before.warehouse.forget()
            return self._served


@st.cache_resource(max_entries=3, show_spinner=False)
def _latest(home: str) -> _Latest:
    return _Latest(Path(home))


def _opened(home: Path) -> Served:
    opened = Warehouse.open(home)
    return Served(opened, Calendar(opened.settings.fiscal_year_start_month, *opened.days), Config.of(opened.config_values))


def kept(function: Callable[Concatenate[Asked, P], R]) -> Callable[Concatenate[Session | Asked, P], R]:
    """A question to the warehouse, asked once by all who have the same rights; its other values must be hashable, or lists of such."""

    @wraps(function)
    def ask(reader: Session | Asked, *args: P.args, **named: P.kwargs) -> R:
        asked = Asked(reader.served, replace(reader.scope, user=""))
        key = function, asked.scope, _plain(args), _plain(named.values()), tuple(named)
        answer: R = asked.served.answers.get(key, lambda: function(asked, *args, **named))
        return answer

    return ask


def kept_as_told(function: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
    """As `kept`, for what also hangs on language, whose eyes look, and what the page looks through; on nothing else of the session."""

    @wraps(function)
    def ask(session: Session, *args: P.args, **named: P.kwargs) -> R:
        lens = session.lens

        def make() -> tuple[R, Lens]:
            own = replace(session, lens=Lens(lens.group, lens.credit))
            return function(own, *args, **named), own.lens

        reader = replace(session.scope, user=""), session.viewer, session.t.lang, lens.group, lens.credit
        key = function, reader, _plain(args), _plain(named.values()), tuple(named)
        answer, seen = session.served.answers.get(key, make)
        lens.whole |= seen.whole  # what the lens did not reach, and what it did, is said on every page that shows it
        lens.moved |= seen.moved
        lens.missing |= seen.missing
        return answer

    return ask


def _plain(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
