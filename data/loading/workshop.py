"""Where a new snapshot is made: a private copy of what is served, changed by somebody, built, audited, compared and published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from data import build
from data.config import Settings
from data.errors import FieldbookError
from data.keeping import disk, history, store
from data.keeping.history import Step
from data.loading import ledger, merge, restated
from data.loading.intake import Job, Progress
from data.loading.report import to_json


class AuditFailed(FieldbookError):
    """The result breaks an accounting identity; nothing was published."""


@dataclass
class Bench:
    """A private copy in work: its connection, its file, and where the published snapshot stands."""

    con: duckdb.DuckDBPyConnection
    built: Path
    before: restated.Standing
    changes: list[dict[str, Any]] = field(default_factory=list)
    as_of: date | None = None


def start(home: Path, user: str, progress: Progress, at: datetime | None = None, *, mends: bool = False) -> Job:
    """A change that is no load, under the lock: cleaned up, room made sure of, numbered, dated (`at` without a zone is UTC).

    mends   it is a way out when the snapshot is damaged; any other change raises SnapshotDamaged then
    """
    store.clean(home)
    if not mends:
        store.base(home)
    store.need_space(home, 0)
    clock = at.astimezone(UTC).replace(tzinfo=None) if at and at.tzinfo else at or now()
    moment = max(clock, history.last_receipt(home))
    return Job(home, Settings.read(home), store.next_load_id(home), moment, user, None, False, progress, clock=clock)


@contextmanager
def private_copy(job: Job, *, of: Path | None = None, fresh: bool = False) -> Iterator[Bench]:
    """A copy of what is served (or `of` another file), or a new warehouse if there is none or it must be `fresh`.

    It is gone afterwards unless it was published.
    """
    built = store.building(job.home, job.number) if fresh or of else store.working_copy(job.home, job.number)
    if of:
        disk.clone(of, built)
    is_first = not built.exists()
    try:
        with store.writer(built) as con:
            if is_first:
                build.create(con)
            else:
                build.extend(con)
            merge.ready(con)
            history.ready(con)
            yield Bench(con, built, restated.standing(con))
    finally:
        store.discard(built)


def finish(bench: Bench, job: Job) -> None:
    """Build facts and measures from the stored rows, audit them, and note what was restated. Raises AuditFailed."""
    con, share = bench.con, job.progress
    share(0.6, "load.step.build")
    build.build(con, job.settings, today=job.today, progress=lambda _, done, of: share(0.6 + 0.3 * done / of, "load.step.build"))
    if codes := build.audit(con):
        raise AuditFailed("audit_failed", audits=", ".join(codes))
    job.progress(0.9, "load.step.publish")
    bench.as_of = ledger.close_load(con, job.load_id, now(), job.settings, job.number)
    bench.changes = restated.compare(bench.before, restated.standing(con))


def publish(bench: Bench, job: Job, record: str, sealed: Callable[[Path], None] | None = None) -> None:
    """Serve the finished copy; `sealed` is told of the closed file before anybody reads it. Raises store.PublishFailed."""
    store.seal_off(bench.con, bench.built)
    if sealed:
        sealed(bench.built)
    store.publish(job.home, bench.built, job.load_id, record, number=job.number)


def heading(job: Job, kind: str, step: Step | None, bench: Bench | None = None) -> dict[str, Any]:
    """What every record begins with; of a change that was published, with what it takes to do it again."""
    base = store.current(job.home)
    head: dict[str, Any] = {"load_id": job.load_id, "kind": kind, "started_at": job.now.isoformat(timespec="seconds"), "user": job.user}
    head |= {"finished_at": now().isoformat(timespec="seconds"), "base": store.number_of(base) if base else None}
    if step and bench:
        head |= {"snapshot": step.number, "step": {"kind": step.kind, "body": step.body}}
        head |= {"as_of": str(bench.as_of), "restated": bench.changes}
    return head


def conclude(bench: Bench, job: Job, step: Step, told: dict[str, Any], sealed: Callable[[Path], None] | None = None) -> dict[str, Any]:
    """Note a step that is no load, build and publish; returns its record."""
    history.note(bench.con, step)
    finish(bench, job)
    record = heading(job, step.kind, step, bench) | told | {"status": "done"}
    publish(bench, job, to_json(record), sealed)
    job.progress(1.0, "load.step.done")
    return record


def now() -> datetime:
    """This instant in UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
