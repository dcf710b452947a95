"""The home folder on disk: raw copies, one lock, immutable snapshots and the pointer that names the one being served.

A load builds a new file beside the published ones and moves the pointer last, so a crash at any instant leaves the old
snapshot serving. No file a reader may have open is ever written again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import duckdb

from data.errors import FieldbookError

FOLDERS = ("raw", "snapshots", "loads", "mappings", "audit")
KEPT = 3  # generations, at least
READ_ONLY: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "autoinstall_known_extensions": "false",
}
LOCK_PATIENCE = 900.0  # seconds
_FREE_FACTOR = 3


class HomeBusy(FieldbookError):
    """Another load holds this home; `holder` says which."""


class PublishFailed(FieldbookError):
    """The new snapshot could not be written or does not hold what was put in; the old one is served."""


def prepare_home(home: Path) -> None:
    """Make the folders of a home, closed to other users of the machine."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)


@contextmanager
def locked(home: Path, who: str, waiting: Callable[[str], None] | None = None, patience: float = LOCK_PATIENCE) -> Iterator[None]:
    """Hold the home's only lock; the system frees it when the holder dies.

    waiting   called once with the holder's line when somebody else is loading
    Raises HomeBusy, naming the holder, when the wait is longer than `patience` seconds.
    """
    prepare_home(home)
    with open(os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        _acquire(file, waiting, patience)
        file.truncate(0)
        file.write(f"pid {os.getpid()}, {who}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _acquire(file: IO[str], waiting: Callable[[str], None] | None, patience: float) -> None:
    until, told = time.monotonic() + patience, False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip("\0") or "?"
            if time.monotonic() >= until:
                raise HomeBusy("home_busy", holder=holder) from error
            if waiting and not told:
                waiting(holder)
            told = True
            time.sleep(0.1)
        else:
            file.seek(0)
            return


def keep_raw(home: Path, data: bytes) -> str:
    """Store the bytes of an export under their SHA-256, once and read-only; returns the hash. The user's file name plays no part."""
    digest = hashlib.sha256(data).hexdigest()
    target = home / "raw" / digest
    if not (target.exists() and target.stat().st_size == len(data)):
        _write(target, data)
    return digest


def write_json(path: Path, content: str) -> None:
    """Write a small text file so that readers find the old or the new content, nothing between."""
    _write(path, content.encode())


def next_load_id(home: Path) -> int:
    """One more than any load, finished or not, has used."""
    used = [_number(p) for folder in ("loads", "snapshots") for p in (home / folder).iterdir()]
    return max(used, default=0) + 1


def name_of(load_id: int) -> str:
    """The file name of the snapshot a load publishes."""
    return f"wh-{load_id:06d}.duckdb"


def current(home: Path) -> Path | None:
    """The snapshot to serve: the one CURRENT names, else, when that is damaged, the newest good one before it; None if there is none."""
    named = pointer(home)
    if named and is_good(home / "snapshots" / named):
        return home / "snapshots" / named
    older = [p for p in _generations(home) if not named or p.name < named]
    return next((p for p in older if is_good(p)), None)


def pointer(home: Path) -> str:
    """What CURRENT says; empty when it is missing or does not name a snapshot."""
    with suppress(OSError, UnicodeDecodeError):
        text = (home / "CURRENT").read_text("ascii").strip()
        return text if text == name_of(_number(Path(text))) else ""
    return ""


def is_good(snapshot: Path) -> bool:
    """Whether a snapshot holds, byte for byte, what was published, and no stray log stands beside it. Read once per process and file."""
    try:
        state = snapshot.stat()
        if snapshot.with_name(snapshot.name + ".wal").exists():
            return False
        return _matches_seal(snapshot, state.st_size, state.st_mtime_ns, state.st_ino)
    except OSError:
        return False


@lru_cache(maxsize=64)
def _matches_seal(snapshot: Path, size: int, _changed: int, _inode: int) -> bool:
    """The reading itself, remembered while the file stays the same; a read error is not an answer, so it is not remembered."""
    if not _seal(snapshot).exists():  # a copy brought back from a backup
        return _reads_through(snapshot)
    try:
        seal = json.loads(_seal(snapshot).read_text("ascii"))
        return bool(seal["size"] == size and seal["sha256"] == _digest(snapshot))
    except (ValueError, KeyError, TypeError):
        return False


def _reads_through(snapshot: Path) -> bool:
    """Whether every stored block passes the engine's own checksums."""
    try:
        with duckdb.connect(str(snapshot), read_only=True, config=READ_ONLY) as con:
            return "main.meta" in fingerprints(con)
    except duckdb.Error:
        return False


def working_copy(home: Path, load_id: int) -> Path:
    """A private copy of the current snapshot to load into (or the path for a first one), under a name no reader looks at."""
    target = home / "snapshots" / f"building-{load_id:06d}.duckdb"
    source = current(home)
    if source:
        with source.open("rb") as old, open(_create(target), "wb") as new:
            shutil.copyfileobj(old, new, 1 << 22)
    return target


def discard(built: Path) -> None:
    """Remove a private copy that was not published, with its log."""
    _remove(built, built.with_name(built.name + ".wal"))


def need_space(home: Path, incoming: int) -> None:
    """Refuse to start on a nearly full disk. Raises PublishFailed unless three times the files and the warehouse are free."""
    snapshot = current(home)
    needed = _FREE_FACTOR * (incoming + (snapshot.stat().st_size if snapshot else 0))
    free = shutil.disk_usage(home).free
    if free < needed:
        raise PublishFailed("disk_full", free=f"{free / 1e6:.0f} MB", needed=f"{needed / 1e6:.0f} MB")


def clean(home: Path) -> list[str]:
    """Finish or remove what a crashed load left behind; returns the names removed. Only under the lock."""
    prepare_home(home)
    removed = []
    for pending in (home / "loads").glob("*.pending"):
        number = _number(pending)
        if pointer(home) == name_of(number):  # the pointer moved, so the load is published: only its report was late
            os.replace(pending, pending.with_suffix(".json"))
        else:
            removed += _remove(home / "snapshots" / name_of(number), _seal(home / "snapshots" / name_of(number)), pending)
    orphans = [p for p in (home / "snapshots").glob("*.seal") if not p.with_suffix(".duckdb").exists()]
    left = [p for folder in ("raw", "snapshots", "loads", ".") for p in (home / folder).glob("*.part")]
    return removed + _remove(*orphans, *left, *(home / "snapshots").glob("building-*"))


def publish(home: Path, built: Path, load_id: int, report: str) -> Path:
    """Serve the built file as the snapshot of a load; its connection must be closed. Returns its path.

    Raises PublishFailed, with the old snapshot still served, if any step fails.
    """
    target, pending = home / "snapshots" / name_of(load_id), home / "loads" / f"{load_id:06d}.pending"
    before = pointer(home)
    try:
        built.chmod(0o600)
        _sync(built)
        _write(_seal(target), json.dumps({"size": built.stat().st_size, "sha256": _digest(built)}).encode())
        _write(pending, report.encode())
        os.replace(built, target)
        _sync(target.parent)
        if not is_good(target):
            raise PublishFailed("publish_differs", file=target.name)
        _write(home / "CURRENT", target.name.encode())
    except (OSError, PublishFailed) as error:
        _point_back(home, before)
        _remove(target, _seal(target), pending, built)
        raise error if isinstance(error, PublishFailed) else PublishFailed("publish_io", reason=str(error)) from error
    os.replace(pending, pending.with_suffix(".json"))
    _drop_old(home)
    return target


def _point_back(home: Path, before: str) -> None:
    """Undo a switch whose last sync failed, without syncing again: the old file is still what is on the disk."""
    if before and pointer(home) != before:
        part = home / "CURRENT.part"
        part.write_text(before, "ascii")
        os.replace(part, home / "CURRENT")
    elif not before:
        _remove(home / "CURRENT")


def seal_off(con: duckdb.DuckDBPyConnection, built: Path) -> None:
    """Checkpoint and close a built file, reopen it read-only, and compare the count and content sum of every table.

    Raises PublishFailed if a log file is left or any table reads back differently.
    """
    written = fingerprints(con)
    con.execute("checkpoint")
    con.close()
    if built.with_name(built.name + ".wal").exists():
        raise PublishFailed("publish_wal", file=built.name)
    with duckdb.connect(str(built), read_only=True, config=READ_ONLY) as again:
        found = fingerprints(again)
    if found != written:
        different = sorted(name for name in written.keys() | found.keys() if written.get(name) != found.get(name))
        raise PublishFailed("publish_differs", file=", ".join(different))


def fingerprints(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[Any, ...]]:
    """For every table of the open file: row count and the sum of its rows' hashes, read from the stored blocks."""
    tables = con.execute("select schema_name, table_name from duckdb_tables() where not temporary order by all").fetchall()
    return {f"{schema}.{table}": con.execute(_scan(schema, table)).fetchall()[0] for schema, table in tables}


def quoted(name: str) -> str:
    """A table or column name as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _scan(schema: str, table: str) -> str:
    return f"select count(*), sum(hash(t)::hugeint) from {quoted(schema)}.{quoted(table)} as t"


def _generations(home: Path) -> list[Path]:
    """Published snapshots, newest first."""
    return sorted((home / "snapshots").glob("wh-*.duckdb"), reverse=True) if (home / "snapshots").is_dir() else []


def _drop_old(home: Path) -> None:
    kept = {p.name for p in _generations(home)[:KEPT]} | {pointer(home)}
    for old in _generations(home):
        if old.name not in kept:
            _remove(old, _seal(old))


def _seal(snapshot: Path) -> Path:
    return snapshot.with_suffix(".seal")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _number(path: Path) -> int:
    """The load number in a file name; 0 where there is none."""
    digits = path.name.split(".")[0].rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _write(path: Path, data: bytes) -> None:
    """Write beside, sync, then take the place of the old file in one step."""
    part = path.with_name(path.name + ".part")
    try:
        with open(_create(part), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync(path.parent)
    except OSError:
        _remove(part)
        raise


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(*paths: Path) -> list[str]:
    removed = []
    for path in paths:
        with suppress(FileNotFoundError):
            path.unlink()
            removed.append(path.name)
    return removed
