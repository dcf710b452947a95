"""Saved views: views/<hash of the login>.json in the home folder, what one person comes back to: a page and its filters under a name.

A view is a wish like any link: what it opens is judged anew, by the rights of whoever opens it. It holds ids of members, never a figure.
Nobody's file is read for anybody else, and one that cannot be read is neither shown nor written over.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from data.access import Scope
from data.errors import FieldbookError
from data.keeping import disk

FOLDER = "views"
MOST = 30  # views of one person
LONGEST = 60  # characters of a name
_LONGEST_VALUE = 200
_MOST_PARAMS = 20
_MOST_BYTES = MOST * _MOST_PARAMS * _LONGEST_VALUE * 4


class ViewRefused(FieldbookError):
    """A view that cannot be kept, or a person's views that cannot be read; what was kept stays as it is."""


@dataclass(frozen=True)
class View:
    """A page and its filters, as parameters of its address."""

    name: str
    page: str
    params: Mapping[str, str] = field(default_factory=dict)


def kept(home: Path, scope: Scope) -> list[View]:
    """The views of a person, by name. Raises ViewRefused if they cannot be read."""
    return sorted(_read(_file(home, scope), scope.user), key=lambda view: view.name.casefold())


def keep(home: Path, scope: Scope, view: View, *, instead: str | None = None) -> None:
    """Add a view, or put it in the place of the one named `instead`. Raises ViewRefused, and DiskFailed if it cannot be written."""
    wanted = View(_named(view.name), view.page, {name: value for name, value in view.params.items() if len(value) <= _LONGEST_VALUE})
    with _changing(home, scope) as views:
        if instead is not None and instead not in views:
            raise ViewRefused("view_gone", name=instead)
        views.pop(instead or "", None)
        if any(name.casefold() == wanted.name.casefold() for name in views):
            raise ViewRefused("view_exists", name=wanted.name)
        if len(views) >= MOST:
            raise ViewRefused("view_too_many", most=MOST)
        views[wanted.name] = wanted


def drop(home: Path, scope: Scope, name: str) -> None:
    """Remove a view; one that is gone already is no trouble."""
    with _changing(home, scope) as views:
        views.pop(name, None)


def clean(home: Path, cleaned: Callable[[Any], Any], logins: Collection[str]) -> None:
    """Take somebody out of everybody's views: each as `cleaned` gives it back; the own ones of these logins go."""
    gone = {login.strip().casefold() for login in logins}
    for path in sorted((home / FOLDER).glob("*.json")):
        with _locked(path.parent):
            try:
                body = json.loads(path.read_bytes())
                is_own = body["user"].removeprefix("demo: ") in gone
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # nobody can open it any more, so nobody misses it
                is_own = True
            if is_own:
                disk.remove(path)
            elif (kept_back := cleaned(body)) != body:
                disk.write(path, _bytes(kept_back))


def _named(name: str) -> str:
    """The name as it is kept. Raises ViewRefused for none, one that is too long, or one that cannot be shown."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise ViewRefused("view_name", most=LONGEST)
    return name


def _file(home: Path, scope: Scope) -> Path:
    return home / FOLDER / f"{sha256(scope.user.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"


@contextmanager
def _changing(home: Path, scope: Scope) -> Iterator[dict[str, View]]:
    """A person's views by name, to be changed; written when all went well. Two pages of one person wait for each other."""
    path = _file(home, scope)
    with disk.in_words():
        if not home.is_dir():  # nothing was ever loaded, so there is nothing to come back to
            raise ViewRefused("view_unreadable", file=path.name)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with _locked(path.parent):
            views = {view.name: view for view in _read(path, scope.user)}
            yield views
            disk.write(path, _bytes({"user": scope.user, "views": [asdict(view) for view in views.values()]}))


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(path: Path, user: str) -> list[View]:
    """The views in a file. Raises ViewRefused for one that is not this person's, too large, or not as we write it."""
    try:
        if not path.exists():
            return []
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(path.name)
        body = json.loads(path.read_bytes())
        if body["user"] != user:
            raise ValueError(path.name)
        return [_checked(one) for one in body["views"]][:MOST]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ViewRefused("view_unreadable", file=f"{FOLDER}/{path.name}") from error


def _checked(one: dict[str, object]) -> View:
    name, page, params = one["name"], one["page"], one["params"]
    if not (isinstance(name, str) and isinstance(page, str) and isinstance(params, dict) and len(params) <= _MOST_PARAMS):
        raise TypeError
    if not all(isinstance(text, str) and len(text) <= _LONGEST_VALUE for pair in params.items() for text in pair):
        raise TypeError
    return View(name, page, params)
