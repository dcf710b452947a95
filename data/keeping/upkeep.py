"""What was done to the data, by whom, what it changed, and the way back, for those who look after it. Every function asks for the scope."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data.access import STAFF, Scope, keeper
from data.errors import NotAllowed
from data.keeping import audit, history, recovery, store
from data.loading import findings, records
from data.loading import load as loading
from data.loading.intake import Progress
from data.loading.records import Record
from data.loading.report import Report, Text

Waiting = Callable[[str], None]


@dataclass(frozen=True)
class Change:
    """One load, undo, rollback …, newest first. `status`: loaded · unchanged · held · rejected · undone · done."""

    number: int
    kind: str
    at: datetime  # UTC
    user: str
    status: str
    record: Record

    @property
    def files(self) -> list[str]:
        """The names of the files, each once."""
        return list(dict.fromkeys(str(file["file"]) for file in self.record.get("files", ())))

    def count(self, name: str) -> int:
        """A count of the account over all files."""
        return sum(int(file.get(name) or 0) for file in self.record.get("files", ()))

    @property
    def restated(self) -> list[Record]:
        """How closed months changed: period, kpi, before, after, change."""
        return list(self.record.get("restated") or ())

    @property
    def report(self) -> Report:
        """The load's report as it was kept."""
        return Report.of_record(self.record)


@dataclass(frozen=True)
class Past:
    """All changes, and which of them can be taken back or accepted; `before` is the snapshot a rollback leads to, 0 without one."""

    changes: tuple[Change, ...] = ()
    standing: frozenset[int] = frozenset()
    before: int = 0

    def may_undo(self, change: Change) -> bool:
        """Whether the load is part of what is served, and not all there is."""
        return change.kind == "load" and change.number in self.standing and len(self.standing) > 1

    def may_accept(self, change: Change) -> bool:
        """Whether the load is held and its files were kept."""
        return change.status == "held" and "recipe" in change.record


def past(home: Path, scope: Scope) -> Past:
    """What was done so far. Raises NotAllowed for those who are no staff."""
    if not STAFF & scope.roles:
        raise NotAllowed("staff_only", user=scope.user)
    standing = frozenset(history.standing(history.steps_of(home)))
    told = [one for one in records.all_records(home) if one.get("started_at")]
    served = store.current(home)
    before = store.before(home, served) if served else None
    return Past(tuple(_change(one, standing) for one in told), standing, store.number_of(before) if before else 0)


def _change(told: Record, standing: frozenset[int]) -> Change:
    kind, number = records.kind_of(told), int(told["load_id"])
    status = str(told.get("status", "done"))
    if kind == "load" and status == "loaded":
        status = "unchanged" if not told.get("published") else "loaded" if number in standing or not standing else "undone"
    return Change(number, kind, datetime.fromisoformat(told["started_at"]), str(told.get("user", "")), status, told)


def accept(home: Path, scope: Scope, load_id: int, *, progress: Progress = loading.silent, waiting: Waiting | None = None) -> Report:
    """Publish a held load. Raises NotAllowed, recovery.Refused."""
    keeper(scope)
    report = recovery.accept(home, load_id, user=scope.user, progress=progress, waiting=waiting)
    audit.note(home, scope, "accept", load=load_id, status=report.status)
    return report


def undo(home: Path, scope: Scope, load_id: int, *, progress: Progress = loading.silent, waiting: Waiting | None = None) -> Record:
    """Take a load back. Raises NotAllowed, recovery.Refused."""
    keeper(scope)
    record = recovery.undo(home, load_id, user=scope.user, progress=progress, waiting=waiting)
    audit.note(home, scope, "undo", load=load_id)
    return record


def rollback(home: Path, scope: Scope, snapshot: int, *, waiting: Waiting | None = None) -> Record:
    """Serve an earlier snapshot again. Raises NotAllowed, recovery.Refused."""
    keeper(scope)
    record = recovery.rollback(home, snapshot, user=scope.user, waiting=waiting)
    audit.note(home, scope, "rollback", load=snapshot)
    return record


def remarks_csv(home: Path, scope: Scope, report: Report, text: Text) -> bytes:
    """Every remark of a load, or of staged files, as CSV for a spreadsheet. Raises NotAllowed."""
    keeper(scope)
    return _csv(home, scope, "remarks", findings.every(home, report, text))


def rows_csv(home: Path, scope: Scope, rows: Sequence[Record], columns: Sequence[str]) -> bytes:
    """Rows that were set aside as CSV for a spreadsheet. Raises NotAllowed."""
    keeper(scope)
    return _csv(home, scope, "quarantine", rows, columns)


def _csv(home: Path, scope: Scope, what: str, rows: Sequence[Record], *columns: Sequence[str]) -> bytes:
    out = io.StringIO()
    findings.write_csv(out, rows, *columns)
    audit.note(home, scope, "export", page=what, rows=len(rows))
    return out.getvalue().encode("utf-8-sig")
