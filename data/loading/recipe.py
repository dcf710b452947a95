"""What a load was given, so that it can be done again without the user's files: copies by hash, mappings, rates, settings, options."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.config import RATES_FILE, Settings
from data.errors import FieldbookError
from data.keeping import store

if TYPE_CHECKING:
    from data.loading.intake import Incoming, Job, Paper

_PRIVATE = ("admins", "directors", "blocked", "spark")  # who may sign in shapes no row, nor does where the measures are made


class RawMissing(FieldbookError):
    """A kept copy that a load was made from is not there any more."""


def of(job: Job, incoming: Sequence[Incoming], papers: Sequence[Paper]) -> dict[str, Any]:
    """All that decides what a load does, as plain JSON values."""
    files = [
        {"label": one.label, "sha256": paper.sha256, "is_named": one.is_named} | ({"is_reading": True} if paper.is_reading else {})
        for one, paper in zip(incoming, papers, strict=True)
        if paper.sha256
    ]
    return {"files": files, **desk_of(job), **terms_of(job)}


def desk_of(job: Job) -> dict[str, Any]:
    """The mappings and rates of the day, kept by hash like an export."""
    rates = job.desk / RATES_FILE
    mappings = sorted((job.desk / "mappings").glob("*.toml"))
    return {
        "mappings": {path.name: store.keep_raw(job.home, path.read_bytes()) for path in mappings},
        "rates": store.keep_raw(job.home, rates.read_bytes()) if rates.exists() else None,
    }


def terms_of(job: Job) -> dict[str, Any]:
    """Who, when, and under which settings."""
    return {
        "received": job.now.isoformat(),
        "exported_at": job.exported_at.isoformat() if job.exported_at else None,
        "window": [day.isoformat() for day in job.window] if job.window else None,
        "user": job.user,
        "accept": job.accept,
        "settings": {f.name: getattr(job.settings, f.name) for f in fields(Settings) if f.name not in _PRIVATE},
    }


def plain(recipe: dict[str, Any]) -> dict[str, Any]:
    """The recipe as JSON holds it: dates as text."""
    made: dict[str, Any] = json.loads(json.dumps(recipe, default=str))
    return made


def settings(recipe: dict[str, Any]) -> Settings:
    """The settings a step was done under; what did not exist then has its default."""
    told: dict[str, Any] = recipe["settings"]
    known = {f.name: told[f.name] for f in fields(Settings) if f.name in told}
    given: dict[str, Any] = {name: _typed(value) for name, value in known.items()}
    for name in ("as_of", "locked_until"):
        given[name] = date.fromisoformat(told[name]) if told.get(name) else None
    given["data_start"] = {source: date.fromisoformat(day) for source, day in (told.get("data_start") or {}).items()}
    return Settings(**given)


def _typed(value: Any) -> Any:
    if isinstance(value, Decimal):  # a record keeps every digit of a number; a setting is a plain one
        return float(value)
    return tuple(value) if isinstance(value, list) else value


def moments(recipe: dict[str, Any]) -> tuple[datetime, datetime | None]:
    """When the files were received, and when they were exported if somebody said so; UTC without a zone."""
    stated = recipe.get("exported_at")
    return datetime.fromisoformat(recipe["received"]), datetime.fromisoformat(stated) if stated else None


def window(recipe: dict[str, Any]) -> tuple[date, date] | None:
    """The days the exports covered, if somebody said so."""
    stated = recipe.get("window")
    return (date.fromisoformat(stated[0]), date.fromisoformat(stated[1])) if stated else None


def lay_out(home: Path, recipe: dict[str, Any], desk: Path) -> None:
    """Put the mappings and rates of the day into a folder that is read in place of the home. Raises RawMissing."""
    (desk / "mappings").mkdir(parents=True)
    for name, digest in recipe["mappings"].items():
        (desk / "mappings" / Path(name).name).write_bytes(raw(home, digest, name).read_bytes())
    if recipe["rates"]:
        (desk / RATES_FILE).write_bytes(raw(home, recipe["rates"], RATES_FILE).read_bytes())


def raw(home: Path, digest: str, label: str) -> Path:
    """The kept copy of a file. Raises RawMissing naming the file."""
    path = home / "raw" / Path(digest).name
    if not path.is_file():
        raise RawMissing("raw_missing", file=label, digest=digest[:12])
    return path
