"""Who may sign in and see what, before anybody does: every login with its roles and what they open, or why it opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from data.access import Scope, keeper
from data.errors import NotAllowed
from data.warehouse import Warehouse


@dataclass(frozen=True)
class Access:
    """One login, or one person who cannot sign in, and what is open today.

    why   "" if something is · blocked · left · not_listed (no longer in the export) · no_login · no_post (no assignment today)
    note  only_settings (stands in [access] alone, not in the export) · nobody (blocked, and no person bears it)
    """

    login: str | None
    people: tuple[str, ...]  # rep_id
    names: tuple[str, ...]
    roles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()  # whose rows are open as a manager's
    sees_all: bool = False
    reps: int = 0  # sellers, not left, of whom any row may be seen
    territories: int = 0
    why: str = ""
    note: str = ""


def everybody(warehouse: Warehouse, asker: Scope) -> list[Access]:
    """Every login and every person, those with rights first. Raises NotAllowed for anybody who does not look after the data."""
    keeper(asker)
    people, settings = warehouse.directory(asker), warehouse.settings
    by_login: dict[str, list[dict[str, Any]]] = {}
    for login in (*settings.admins, *settings.directors, *settings.blocked):
        by_login.setdefault(login.casefold(), [])
    for row in people.filter(pl.col("login").is_not_null()).iter_rows(named=True):
        by_login.setdefault(row["login"].casefold(), []).append(row)
    found = [_of(warehouse, login, rows) for login, rows in by_login.items()]
    found += [_without(warehouse, row) for row in people.filter(pl.col("login").is_null()).iter_rows(named=True)]
    return sorted(found, key=lambda one: (one.why != "", not one.sees_all, one.roles, one.people, one.login or ""))


def _of(warehouse: Warehouse, login: str, rows: list[dict[str, Any]]) -> Access:
    """What a login opens."""
    ids, names = _who(rows)
    note = "" if rows else "nobody" if login in map(str.casefold, warehouse.settings.blocked) else "only_settings"
    try:
        scope = warehouse.admit(login)
    except NotAllowed:
        return Access(login, ids, names, why=_why(warehouse, login, rows), note=note)
    seen = warehouse.people(scope, since=warehouse.today)
    reps, territories = int(seen["is_seller"].sum()), warehouse.territories(scope).height
    return Access(login, ids, names, tuple(sorted(scope.roles)), scope.regions, scope.sees_all, reps, territories, note=note)


def _why(warehouse: Warehouse, login: str, rows: list[dict[str, Any]]) -> str:
    """Why a login opens nothing."""
    if login in map(str.casefold, warehouse.settings.blocked):
        return "blocked"
    return "left" if rows and all(_has_left(warehouse, row) for row in rows) else "no_post"


def _without(warehouse: Warehouse, row: dict[str, Any]) -> Access:
    """A person who has no login."""
    why = "not_listed" if not row["is_listed"] else "left" if _has_left(warehouse, row) else "no_login"
    return Access(None, *_who([row]), why=why)


def _has_left(warehouse: Warehouse, row: dict[str, Any]) -> bool:
    return row["left_on"] is not None and row["left_on"] < warehouse.today


def _who(rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(row["rep_id"] for row in rows), tuple(row["rep_name"] for row in rows if row["rep_name"])
