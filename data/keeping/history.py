"""The steps that made a snapshot, in order, kept inside it: each can be done again. A rollback simply leads back to a shorter list.

A step is a load (its recipe), an undo, a prune or a forget. The records of a home (data/loading/records.py) hold the same steps, for the
day on which no snapshot is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from data.keeping import store
from data.loading import records

_TABLE = "create table if not exists history (number integer, load_id integer, kind varchar, body varchar)"


@dataclass(frozen=True)
class Step:
    """number: of the snapshot it published · load_id: of its rows, or its own number · body: what is needed to do it again."""

    number: int
    load_id: int
    kind: str  # load | undo | prune | forget
    body: dict[str, Any]


def ready(con: duckdb.DuckDBPyConnection) -> None:
    """The table, also in a warehouse that is older than it."""
    con.execute(_TABLE)


def note(con: duckdb.DuckDBPyConnection, step: Step) -> None:
    """Add a step."""
    row = [step.number, step.load_id, step.kind, json.dumps(step.body, ensure_ascii=False, default=float)]
    con.execute("insert into history (number, load_id, kind, body) values (?, ?, ?, ?)", row)


def steps(con: duckdb.DuckDBPyConnection) -> list[Step]:
    """All steps, in the order in which they were done."""
    rows = con.execute("select number, load_id, kind, body from history order by number").fetchall()
    return [Step(number, load_id, kind, json.loads(body)) for number, load_id, kind, body in rows]


def standing(steps_: list[Step]) -> list[int]:
    """The loads that were not undone, in the order in which they entered."""
    undone = {step.body["undone"] for step in steps_ if step.kind == "undo"}
    return [step.load_id for step in steps_ if step.kind == "load" and step.load_id not in undone]


def steps_of(home: Path) -> list[Step]:
    """The steps of the snapshot published last: as it says itself, or, when it is damaged, by the records of the home."""
    snapshot = store.current(home)
    if snapshot is None or (store.named(home) != snapshot.name and _by_records(home)):
        return _by_records(home)
    with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
        known = con.execute("select 1 from duckdb_tables() where table_name = 'history'").fetchall()
        return steps(con) if known else []


def last_receipt(home: Path) -> datetime:
    """When the last load that stands came, UTC without a zone: no later one came before it, whatever the clock says."""
    if snapshot := store.current(home):
        with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
            [(last,)] = con.execute("select max(started_at) from loads where status <> 'undone'").fetchall()
            return last or datetime.min
    return datetime.min


def forebears(home: Path) -> set[int]:
    """The numbers of all snapshots the served one was made from, its own among them, kept or not."""
    return {number for number, _ in _chain(home)}


def _by_records(home: Path) -> list[Step]:
    """The steps as the records tell them; a rebuild added nothing to what it was made from."""
    told = [(number, one, one["step"]) for number, one in _chain(home) if one.get("step")]
    return [Step(number, one["load_id"], step["kind"], step["body"]) for number, one, step in reversed(told)]


def _chain(home: Path) -> Iterator[tuple[int, records.Record]]:
    """Follow the records back from the snapshot published last."""
    by_snapshot = {int(r["snapshot"]): r for r in records.all_records(home) if r.get("snapshot") and records.kind_of(r) != "rollback"}
    at = store.number_of(Path(store.named(home))) or max(by_snapshot, default=0)
    while at in by_snapshot:
        one = by_snapshot.pop(at)
        yield at, one
        at = int(one.get("base") or 0)
