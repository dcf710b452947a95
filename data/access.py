"""Who may see which rows: a login becomes a Scope, and the one condition every read of business rows carries.

Rights are those of the real day; which rows they open is decided by columns on the row, so by the row's own date.
Everything fails closed: nobody known, nobody there today, or nothing in a list means no rows.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from data.config import Settings
from data.errors import NotAllowed, shown

_ROLES = frozenset({"rep", "kam", "inside", "regional_manager", "director"})  # these open business rows; admin does not

KEEPERS = frozenset({"owner", "admin"})  # who looks after loads, mappings, what was set aside, and the audit log
STAFF = KEEPERS | {"director"}  # who may see what was loaded

# A row is seen by all who may see everything; else only rows of a rep we know, and by the rep, an inside partner of that day,
# the manager of the row's region, or whoever stood above the rep on that day. Null columns match nobody.
# Whoever looks through somebody's eyes sees of all that only what is also that person's own.
PREDICATE = """(
    (
        $all
        or coalesce(
            rep_known
            and (
                list_contains($reps, rep_id)
                or coalesce(list_has_any(partner_ids, $inside), false)
                or coalesce(list_contains($regions, region), false)
                or coalesce(list_has_any(manager_ids, $managers), false)
            ),
            false
        )
    )
    and (len($eyes) = 0 or coalesce(list_contains($eyes, rep_id), false) or coalesce(list_has_any(partner_ids, $eyes), false))
)"""


@dataclass(frozen=True)
class Scope:
    """What one person may see. Made by scope_for; an empty tuple opens nothing."""

    user: str
    roles: frozenset[str]
    reps: tuple[str, ...]  # own rows
    regions: tuple[str, ...]  # rows that lie in these regions
    sees_all: bool = False
    inside: tuple[str, ...] = ()  # those of `reps` that are inside reps: rows of their partners
    managers: tuple[str, ...] = ()  # those of `reps` that are managers: rows of everyone below them
    eyes: tuple[str, ...] = ()  # looking at the page of these reps: of all the above only what they see as their own

    def through(self, rep_id: str) -> Scope:
        """The same right, narrowed to what is also a rep's own: it never opens a row more."""
        return replace(self, eyes=(rep_id,))


OWNER = Scope(user="owner", roles=frozenset({"owner"}), reps=(), regions=(), sees_all=True)  # of the folder: the command line without --as


def operator() -> Scope:
    """Whoever runs a command on this machine: the owner of the folder, under the name the machine knows."""
    try:
        return replace(OWNER, user=getpass.getuser())
    except (KeyError, OSError, ImportError):  # no such user on this machine
        return replace(OWNER, user="?")


def keeper(scope: Scope) -> None:
    """Raises NotAllowed for anybody who does not look after the data."""
    if not KEEPERS & scope.roles:
        raise NotAllowed("staff_only", user=scope.user)


def parameters(scope: Scope) -> dict[str, Any]:
    """The values PREDICATE asks for."""
    return {
        "all": scope.sees_all,
        "reps": list(scope.reps),
        "inside": list(scope.inside),
        "regions": list(scope.regions),
        "managers": list(scope.managers),
        "eyes": list(scope.eyes),
    }


def scope_for(people: pl.DataFrame, postings: pl.DataFrame, settings: Settings, login: str, today: date, *, by_id: bool = True) -> Scope:
    """The scope of a person today, by login or, for a person without one, by rep_id.

    people, postings   fact.people and fact.postings
    by_id              whether a rep_id will do; not for who signs in: providers let people choose what they are called
    Rules              several people with one login: the union; [access] adds admins and directors; who left is out
    Raises             NotAllowed if the login is empty, blocked, nobody's, or only of people not at work today
    """
    name = _fold(login)
    if not name or name in _folded(settings.blocked):
        raise NotAllowed("not_allowed", login=shown(login))
    known = _persons(people, login, by_id)
    here = known.filter(pl.col("left_on").is_null() | (pl.col("left_on") >= today))
    posts = _posts(here, postings, today)
    roles = {role for post in posts for role in post["roles"]}
    # a leaver stays out even where [access] still has the login
    if known.is_empty() or not here.is_empty():
        roles |= {role for role, logins in _granted(settings).items() if name in _folded(logins)}
    if not roles:
        raise NotAllowed("not_allowed", login=shown(login))
    return Scope(
        user=name,
        roles=frozenset(roles),
        reps=_ids(posts, _ROLES),
        regions=tuple(sorted({p["region"] for p in posts if "regional_manager" in p["roles"] and p["region"]})),
        sees_all="director" in roles,
        inside=_ids(posts, {"inside"}),
        managers=_ids(posts, {"regional_manager"}),
    )


def _persons(people: pl.DataFrame, login: str, by_id: bool) -> pl.DataFrame:
    """The people a login stands for; a rep_id stands for a person only where that person has no login."""
    listed = people.filter(pl.col("is_listed"))
    by_login = listed.filter(pl.Series([_fold(value) == _fold(login) for value in listed["login"]], dtype=pl.Boolean))
    if not (by_login.is_empty() and by_id):
        return by_login
    return listed.filter(pl.col("login").is_null() & (pl.col("rep_id") == login.strip()))


def _posts(persons: pl.DataFrame, postings: pl.DataFrame, today: date) -> list[dict[str, Any]]:
    """The assignments these people hold today."""
    today_only = (pl.col("valid_from") <= today) & (pl.col("valid_to") >= today)
    return postings.filter(pl.col("rep_id").is_in(persons["rep_id"].to_list()) & today_only).to_dicts()


def _granted(settings: Settings) -> dict[str, tuple[str, ...]]:
    return {"admin": settings.admins, "director": settings.directors}


def _ids(posts: list[dict[str, Any]], roles: set[str] | frozenset[str]) -> tuple[str, ...]:
    """The rep_ids that hold one of these roles today."""
    return tuple(sorted({post["rep_id"] for post in posts if roles & set(post["roles"])}))


def _folded(logins: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_fold, logins))


def _fold(login: str | None) -> str:
    return (login or "").strip().casefold()
