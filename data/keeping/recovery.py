"""Going back and making good: accept what was held, undo a load, return to an earlier snapshot, rebuild, verify.

Every change is published as a snapshot of its own, or moves the pointer to one, and is written down like a load (data/loading/records.py).
What grows old is in data/keeping/retention.py, who must be forgotten in data/keeping/forget.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from data.config import Settings
from data.errors import FieldbookError
from data.keeping import history, replay, retention, seal, store, undoing
from data.keeping.forget import forget as forget
from data.keeping.history import Step
from data.keeping.retention import prune as prune
from data.keeping.verify import verify as verify
from data.loading import ledger, recipe, records, workshop
from data.loading import load as loading
from data.loading.intake import Progress
from data.loading.records import Record
from data.loading.report import Report, to_json
from data.loading.workshop import start as start

Waiting = Callable[[str], None]
_COMPARED = ("src.", "fact.", "measure.")


class Refused(FieldbookError):
    """What was asked would lose or contradict something; nothing was changed."""


def accept(home: Path, load_id: int, *, user: str = "owner", progress: Progress = loading.silent, waiting: Waiting | None = None) -> Report:
    """Publish a held load, from the copies kept when it came. Raises Refused if it is not held, or was overtaken since."""
    with store.locked(home, user, waiting):
        store.clean(home)
        told = records.record(home, load_id)
        if told.get("status") != "held" or records.kind_of(told) != "load" or "recipe" not in told:
            raise Refused("accept_not_held", load=load_id, status=told.get("status"))
        steps = history.steps_of(home)
        if told.get("base") and told["base"] not in history.forebears(home):
            raise Refused("accept_rolled_back", load=load_id, snapshot=told["base"])
        number = store.next_load_id(home)
        step = Step(load_id if number == load_id + 1 else number, load_id, "load", told["recipe"])
        with tempfile.TemporaryDirectory() as folder:
            desk = Path(folder) / "desk"
            recipe.lay_out(home, step.body, desk)
            held = replay.job_of(home, step, desk)
            job = replace(held, accept=True, progress=progress, settings=_settings_now(home, step.body))
            return loading.enter(job, replay.files_of(home, step), lambda con: _not_overtaken(con, load_id, steps))


def _settings_now(home: Path, body: dict[str, Any]) -> Settings:
    """Today's settings; only the date of the data stays the one the load was given."""
    return replace(Settings.read(home), as_of=recipe.settings(body).as_of)


def _not_overtaken(con: duckdb.DuckDBPyConnection, load_id: int, steps: list[Step]) -> None:
    """Raises Refused if anything that came after the load speaks of the same source and dates, or took something of it back."""
    since = [step for step in steps if step.number > load_id]
    mine = set(undoing.sources_of(con, load_id))
    taken = [step.load_id for step in since if step.kind == "undo" and mine & set(step.body["sources"])]
    if later := sorted({*undoing.overlapping(con, load_id, [s.load_id for s in since if s.kind == "load"]), *taken}):
        raise Refused("accept_overtaken", load=load_id, later=_listed(later))


def undo(
    home: Path,
    load_id: int,
    *,
    user: str = "owner",
    progress: Progress = loading.silent,
    waiting: Waiting | None = None,
    now: datetime | None = None,
) -> Record:
    """Take a load back: its rows go, those it replaced return. Raises Refused if a later load has spoken of them."""
    with store.locked(home, user, waiting):
        job = workshop.start(home, user, progress, now)
        told = records.record(home, load_id)
        steps = history.steps_of(home)
        standing = history.standing(steps)
        if load_id not in standing:
            raise Refused("undo_not_served", load=load_id, kind=records.kind_of(told), status=told.get("status"))
        later = standing[standing.index(load_id) + 1 :]
        with workshop.private_copy(job) as bench:
            if met := undoing.spoken_since(bench.con, load_id, later):
                raise Refused("undo_refused", load=load_id, later=_listed(met))
            body = {"undone": load_id, "sources": undoing.sources_of(bench.con, load_id), **recipe.plain(recipe.terms_of(job))}
            step = Step(job.number, job.load_id, "undo", body)
            replay.change(bench.con, step)
            ledger.open_load(bench.con, job.load_id, job.now, None, user, "undo")
            return workshop.conclude(bench, job, step, {"undone": load_id})


def rollback(home: Path, snapshot: int | None = None, *, user: str = "owner", waiting: Waiting | None = None) -> Record:
    """Serve an earlier kept snapshot; the next load continues from it. Raises Refused.

    snapshot   the one before, if none is named; when what should be served is damaged, the last good one
    """
    with store.locked(home, user, waiting):
        job = workshop.start(home, user, loading.silent, mends=True)
        served = store.current(home)
        target: Path | None = home / "snapshots" / store.name_of(snapshot or 0)
        if snapshot is None and served:
            target = served if _is_damaged(home) else store.before(home, served)
        if target is None or not store.is_good(target):
            kept = _listed(store.number_of(p) for p in store.generations(home))
            raise Refused("rollback_unknown", snapshot=snapshot or "", kept=kept)
        told = {"snapshot": store.number_of(target), "from": store.number_of(served) if served else None, "status": "done"}
        record = workshop.heading(job, "rollback", None) | told
        store.point(home, target, job.load_id, to_json(record))
        return record


def rebuild(
    home: Path, *, user: str = "owner", progress: Progress = loading.silent, waiting: Waiting | None = None, publish: bool = False
) -> Record:
    """Make the warehouse anew from the kept copies and compare every stored, fact and measure table with what is published.

    Equal, it is published as a new snapshot. With a difference it is published only if `publish`, or if what should be served is damaged.
    """
    with store.locked(home, user, waiting):
        job = workshop.start(home, user, progress, mends=True)
        served, steps = None if _is_damaged(home) else store.current(home), history.steps_of(home)
        if not steps:
            raise Refused("rebuild_nothing", home=str(home))
        base = retention.base_for(home, steps)
        rest = [step for step in steps if not base or step.number > store.number_of(base)]
        with workshop.private_copy(job, of=base, fresh=base is None) as bench:
            replay.perform(bench.con, home, rest, progress)
            last = replay.job_of(home, steps[-1])
            _date_books(bench.con, home)
            workshop.finish(bench, replace(last, progress=progress, load_id=job.load_id, snapshot=job.number))
            differs = _differences(bench.con, served) if served else []
            told: Record = {"snapshot": job.number if publish or not differs else None, "base": steps[-1].number, "as_of": str(bench.as_of)}
            told |= {"status": "differs" if differs else "equal", "differs": differs, "steps": len(steps), "compared": served is not None}
            record = workshop.heading(job, "rebuild", None) | told
            if told["snapshot"]:
                workshop.publish(bench, job, to_json(record))
            else:
                store.write_json(records.path_of(home, job.load_id), to_json(record))
        progress(1.0, "load.step.done")
        return record


def _is_damaged(home: Path) -> bool:
    """Whether the snapshot published last is not good any more, so that there is nothing to compare with."""
    found = store.damage(home)
    return found is not None and found.code == "snapshot_damaged"


def _differences(con: duckdb.DuckDBPyConnection, served: Path) -> list[str]:
    """Tables whose rows are not those of the published snapshot."""
    made = seal.fingerprints(con)
    with duckdb.connect(str(served), read_only=True, config=store.READ_ONLY) as old:
        published = seal.fingerprints(old)
    names = sorted(name for name in made.keys() | published.keys() if name.startswith(_COMPARED))
    return [name for name in names if made.get(name) != published.get(name)]


def _date_books(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Give every load the end and the date of the data it had when it was published."""
    for told in records.all_records(home):
        values = [told.get("finished_at"), told.get("as_of"), told["load_id"]]
        con.execute("update loads set finished_at = ?::timestamp, as_of = ?::date where load_id = ?", values)


def _listed(numbers: Any) -> str:
    return ", ".join(str(number) for number in numbers)
