"""What every load and every other change of a home left in writing: loads/<number>.json, one file each."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from data.errors import FieldbookError

Record = dict[str, Any]


class NoSuchLoad(FieldbookError):
    """Nothing was ever done under this number."""


def all_records(home: Path) -> list[Record]:
    """Every record, newest first; one that cannot be read is left out."""
    found = []
    for path in sorted((home / "loads").glob("*.json"), reverse=True):
        try:
            found.append(_read(path))
        except (OSError, ValueError):
            continue
    return found


def record(home: Path, load_id: int) -> Record:
    """What was written of one load. Raises NoSuchLoad."""
    try:
        return _read(path_of(home, load_id))
    except (OSError, ValueError) as error:
        raise NoSuchLoad("no_such_load", load=load_id) from error


def path_of(home: Path, load_id: int) -> Path:
    """Where the record of a load lies."""
    return home / "loads" / f"{load_id:06d}.json"


def kind_of(found: Record) -> str:
    """load · accept · undo · rollback · rebuild · prune · forget."""
    return str(found.get("kind", "load"))


def restated(home: Path, load_id: int | None = None) -> list[Record]:
    """How loads changed months that were closed: load_id, period (2026-06), kpi, before, after, change; newest load first.

    load_id   of one load only, or of the change (undo, …) that bears this number
    """
    some = all_records(home) if load_id is None else [record(home, load_id)]
    return [{"load_id": one["load_id"], **change} for one in some for change in one.get("restated", ())]


def _read(path: Path) -> Record:
    found = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    if not isinstance(found, dict):
        raise ValueError(path.name)
    return {"load_id": int(path.stem)} | found
