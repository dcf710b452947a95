"""What grows old: generations, raw copies, rows set aside and the cell values in remarks, by count and by age.

Raw copies are what a rebuild is made from. Before the first of them goes, the snapshot of that day is put beside them as the base
that later rebuilds begin with, so that no figure ever depends on a file that is gone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from data.keeping import disk, seal, store
from data.keeping.history import Step
from data.loading import ledger, recipe, records, workshop
from data.loading.intake import Job, Progress
from data.loading.records import Record
from data.loading.report import to_json


def prune(
    home: Path,
    *,
    keep: int = store.KEPT,
    months: int | None = None,
    user: str = "owner",
    progress: Progress = lambda _share, _step: None,
    waiting: Callable[[str], None] | None = None,
    now: datetime | None = None,
) -> Record:
    """Remove what is older than `months` (the setting retention_months) and all but `keep` generations (never fewer than 3).

    What still shapes the published data is never removed. Publishes a snapshot only if its books hold anything that old.
    """
    with store.locked(home, user, waiting):
        job = workshop.start(home, user, progress, now)
        limit = _months_before(job.now, job.settings.retention_months if months is None else months)
        told = records.all_records(home)
        old = {one["load_id"] for one in told if datetime.fromisoformat(one["started_at"]) < limit}
        doomed = _unneeded(home, told, old)
        record: Record = {"load_id": None, "status": "done"}
        if _holds_any(home, old) or doomed:
            record = _publish(job, sorted(old), doomed)
        for one in told:
            if one["load_id"] in old:
                store.write_json(records.path_of(home, one["load_id"]), to_json(_without_values(one)))
        gone = store.drop_old(home, keep) + _drop_aged(home, limit)
        return record | {"raw": len(doomed), "generations": [n for n in gone if n.endswith(".duckdb")], "before": str(limit.date())}


def _publish(job: Job, old: list[int], doomed: list[Path]) -> Record:
    """A snapshot without the old rows set aside, and, if raw copies go, the base that stands for them."""
    with workshop.private_copy(job) as bench:
        strip_books(bench.con, old)
        step = Step(job.number, job.load_id, "prune", {"loads": old, "is_base": bool(doomed), **recipe.plain(recipe.terms_of(job))})
        ledger.open_load(bench.con, job.load_id, job.now, None, job.user, "prune")
        others = list((job.home / "raw").glob("base-*"))
        sweep = store.plan_sweep(job.home, job.load_id, [*doomed, *others] if doomed else [])
        record = workshop.conclude(bench, job, step, {}, (lambda built: _put_base(job, built)) if doomed else None)
        store.finish_sweep(job.home, sweep)
        return record


def _put_base(job: Job, built: Path) -> None:
    """The finished snapshot once more beside the raw copies; the same blocks, so it costs nothing while both are kept."""
    base = job.home / "raw" / f"base-{job.number:06d}.duckdb"
    disk.remove(base)
    os.link(built, base)
    seal.put(base, base, "")


def strip_books(con: duckdb.DuckDBPyConnection, loads: list[int]) -> None:
    """Remove the rows set aside by these loads, and the cells their remarks show; counts and sums stay."""
    con.execute("delete from quarantine where list_contains($loads, load_id)", {"loads": loads})
    con.execute("update findings set value = null where list_contains($loads, load_id)", {"loads": loads})


def base_for(home: Path, steps: list[Step]) -> Path | None:
    """The base the steps can be done on, of the last prune that left one."""
    numbers = [step.number for step in steps if step.kind == "prune" and step.body["is_base"]]
    found = [home / "raw" / f"base-{number:06d}.duckdb" for number in reversed(numbers)]
    return next((base for base in found if base.exists()), None)


def _unneeded(home: Path, told: list[Record], old: set[int]) -> list[Path]:
    """Raw copies that only old loads were made from."""
    used = {one["load_id"]: raws_of(one) for one in told}
    young = {digest for load_id, digests in used.items() if load_id not in old for digest in digests}
    aged = {digest for load_id, digests in used.items() if load_id in old for digest in digests} - young
    return [path for digest in sorted(aged) if (path := home / "raw" / digest).exists()]


def raws_of(told: Record) -> set[str]:
    """The hashes a recorded load refers to."""
    found: dict[str, Any] = told.get("recipe") or (told.get("step") or {}).get("body") or {}
    named = [*(f["sha256"] for f in found.get("files", ())), *(found.get("mappings") or {}).values(), found.get("rates")]
    return {digest for digest in named if digest}


def _holds_any(home: Path, loads: set[int]) -> bool:
    """Whether the books of the served snapshot hold rows or cells of these loads."""
    snapshot = store.current(home)
    if not snapshot or not loads:
        return False
    query = (
        "select 1 from quarantine where list_contains($loads, load_id) "
        "union all select 1 from findings where list_contains($loads, load_id) and value is not null limit 1"
    )
    with duckdb.connect(str(snapshot), read_only=True, config=store.READ_ONLY) as con:
        return bool(con.execute(query, {"loads": sorted(loads)}).fetchall())


def _without_values(told: Record) -> Record:
    """A record without the cells its remarks show."""
    files = [file | {"findings": [f | {"value": None} for f in file["findings"]]} for file in told.get("files", ())]
    return told | ({"files": files} if files else {})


def _drop_aged(home: Path, limit: datetime) -> list[str]:
    """Generations published before the limit, beyond the three that are always kept."""
    spared = {p.name for p in (*store.generations(home)[: store.KEPT], *store.lineage(home, store.pointer(home))[: store.KEPT])}
    published = {int(r["snapshot"]): datetime.fromisoformat(r["finished_at"]) for r in records.all_records(home) if r.get("snapshot")}
    aged = [
        p for p in store.generations(home)
        if p.name not in spared and published.get(store.number_of(p), limit) < limit
    ]  # fmt: skip
    return disk.remove(*(f for p in aged for f in (p, seal.path_of(p))))


def _months_before(moment: datetime, months: int) -> datetime:
    """The first instant of the day that many months ago; the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return datetime(year, month + 1, day)
        except ValueError:
            continue
    raise ValueError(months)
