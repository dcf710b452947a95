"""Who did what when: audit/<day>.jsonl in the home folder, one JSON object a line. Ids, roles and counts; never an amount or a name.

A line is added by one write to a file opened for appending, so lines of several processes do not mix and none is ever changed. A line
that cannot be written is no reason to stop anybody's work: it is reported in the application log. Lines go after 400 days.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from data.access import Scope, keeper
from data.keeping import disk

KEPT_DAYS = 400
MOST = 50_000  # entries read at once
FOLDER = "audit"
ACTIONS = (
    "login", "logout", "refused", "page", "export", "upload", "mapping", "load", "publish", "accept", "undo", "rollback", "rebuild",
    "verify", "prune", "forget", "report",
)  # fmt: skip
Entry = dict[str, Any]
log = logging.getLogger("fieldbook")


def note(home: Path, scope: Scope, action: str, **told: str | int | None) -> None:
    """Write down that somebody did something.

    told   page, load (id), rows (of an export), status, why (a code): ids, codes and counts of ours, nothing from a row or a request
    """
    if not home.is_dir():  # nothing was ever loaded, and a refusal makes no home
        return
    now = datetime.now(UTC)
    entry: Entry = {"time": now.isoformat(timespec="milliseconds"), "user": scope.user, "roles": sorted(scope.roles)}
    entry |= {"scope": _opened(scope), "action": action, **{name: value for name, value in told.items() if value is not None}}
    try:
        _append(home / FOLDER / f"{now:%Y-%m-%d}.jsonl", json.dumps(entry).encode())
    except OSError as error:
        log.error("audit_unwritten", extra={"fields": {"error": type(error).__name__}})


def stranger(login: str | None) -> Scope:
    """Somebody who may see nothing, to be written down as such."""
    return Scope(login or "", frozenset(), (), ())


def _opened(scope: Scope) -> str | dict[str, list[str]]:
    """What a scope opens: "all", or the ids of regions and reps."""
    return "all" if scope.sees_all else {"regions": list(scope.regions), "reps": list(scope.reps)}


def entries(home: Path, scope: Scope, first: date, last: date) -> list[Entry]:
    """What was done between two days (UTC), newest first, at most MOST. Raises NotAllowed for who does not look after the data."""
    keeper(scope)
    found: list[Entry] = []
    for path in reversed([path for path in _files(home) if first <= _day(path) <= last]):
        found += [*_read(path)][::-1]
        if len(found) >= MOST:
            break
    return found[:MOST]


def prune(home: Path, today: date) -> list[str]:
    """Remove what is older than 400 days; returns the names of the files removed."""
    return disk.remove(*(path for path in _files(home) if _day(path) < today - timedelta(days=KEPT_DAYS)))


def _append(path: Path, line: bytes) -> None:
    """Add one line. A new day's file sweeps out the oldest ones."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    is_new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed: half a line of another process is none that was cut short
        size = os.fstat(file).st_size
        # a line cut short when the disk was full must not take the next one with it
        begins = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
        whole = begins + line + b"\n"
        if os.write(file, whole) < len(whole):
            raise OSError("cut short")
    finally:
        os.close(file)
    if is_new:
        prune(path.parent.parent, _day(path))


def _files(home: Path) -> Iterator[Path]:
    for path in sorted((home / FOLDER).glob("????-??-??.jsonl")):
        with suppress(ValueError):
            date.fromisoformat(path.stem)
            yield path


def _day(path: Path) -> date:
    return date.fromisoformat(path.stem)


def _read(path: Path) -> Iterator[Entry]:
    """The entries of a file; a line that was cut short is left out."""
    for line in path.read_text("utf-8", errors="replace").splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict) and "time" in entry:
                yield entry
