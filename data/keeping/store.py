"""The home folder on disk: raw copies, immutable snapshots and the pointer that names the one being served.

A load builds a new file beside the published ones and moves the pointer last, so a crash at any instant leaves the old
snapshot serving. No file a reader may have open is ever written again. One writer at a time: data/keeping/lock.py; whether a file is
still what was published: data/keeping/seal.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from data.errors import SnapshotDamaged
from data.keeping import disk, seal
from data.keeping.lock import FOLDERS as FOLDERS
from data.keeping.lock import LOCK_PATIENCE as LOCK_PATIENCE
from data.keeping.lock import HomeBusy as HomeBusy
from data.keeping.lock import locked as locked
from data.keeping.lock import prepare_home as prepare_home
from data.keeping.seal import READ_ONLY as READ_ONLY
from data.keeping.seal import PublishFailed as PublishFailed
from data.keeping.seal import fingerprints as fingerprints
from data.keeping.seal import is_good as is_good
from data.keeping.seal import quoted as quoted

KEPT = 3  # generations, at least
_FREE_FACTOR = 3


def keep_raw(home: Path, data: bytes) -> str:
    """Store the bytes of an export under their SHA-256, once and read-only; returns the hash. The user's file name plays no part."""
    digest = hashlib.sha256(data).hexdigest()
    target = home / "raw" / digest
    if not (target.exists() and target.stat().st_size == len(data)):
        disk.write(target, data)
    return digest


def adopt_raw(home: Path, copy: Path, digest: str) -> str:
    """The same for a copy made inside the home while its hash was taken: it moves to its place. Returns the hash."""
    target = home / "raw" / digest
    if not (target.exists() and target.stat().st_size == copy.stat().st_size):
        disk.sync(copy)
        os.replace(copy, target)
        disk.sync(target.parent)
    return digest


def write_json(path: Path, content: str) -> None:
    """Write a small text file so that readers find the old or the new content, nothing between."""
    disk.write(path, content.encode())


def next_load_id(home: Path) -> int:
    """One more than any load, finished or not, has used."""
    used = [number_of(p) for folder in ("loads", "snapshots") for p in (home / folder).iterdir()]
    return max(used, default=0) + 1


def name_of(load_id: int) -> str:
    """The file name of the snapshot a load publishes."""
    return f"wh-{load_id:06d}.duckdb"


def number_of(path: Path) -> int:
    """The load number in a file name; 0 where there is none."""
    digits = path.name.split(".")[0].rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def current(home: Path) -> Path | None:
    """The snapshot to serve: the one that was published last, else, when that is damaged, the last good one it was made from, if any."""
    wanted = home / "snapshots" / named(home)
    return wanted if wanted.suffix and is_good(wanted) else before(home, wanted)


def named(home: Path) -> str:
    """The name of the snapshot published last: as CURRENT says, or the records if that cannot be read; empty if there was none."""
    return pointer(home) or _last_served(home)


def damage(home: Path) -> SnapshotDamaged | None:
    """Why what is served is not what was published last, or why nobody but the records knows what that was."""
    wanted, served = named(home), current(home)
    if wanted and (served is None or served.name != wanted):
        going_on = number_of(served) if served else "N"
        return SnapshotDamaged("snapshot_damaged", named=wanted, served=served.name if served else "-", number=going_on)
    if served and not pointer(home):
        return SnapshotDamaged("pointer_lost", served=served.name)
    return None


def base(home: Path) -> Path | None:
    """The snapshot a change begins with; None for the first one.

    Raises SnapshotDamaged if it is not the one published last: what came with that one would be lost without a word.
    """
    if (found := damage(home)) and found.code == "snapshot_damaged":
        raise SnapshotDamaged("base_damaged", **found.params)
    return current(home)


def before(home: Path, snapshot: Path) -> Path | None:
    """The last good generation before a snapshot: of those it was made from, else of the older ones (any, without a name)."""
    forebears = lineage(home, snapshot.name)[1:] if snapshot.suffix else []
    unsure = {_snapshot_of(p, _record(p)) for p in (home / "loads").glob("*.pending")}  # in place, but perhaps never pointed to
    older = [p for p in generations(home) if p not in forebears and p not in unsure and (not snapshot.suffix or p.name < snapshot.name)]
    return next((p for p in (*forebears, *older) if is_good(p)), None)


def pointer(home: Path) -> str:
    """What CURRENT says; empty when it is missing or does not name a snapshot."""
    with suppress(OSError, UnicodeDecodeError):
        text = (home / "CURRENT").read_text("ascii").strip()
        return text if text == name_of(number_of(Path(text))) else ""
    return ""


def _last_served(home: Path) -> str:
    """The name of the snapshot that the newest record of a publish or rollback led to; empty without one."""
    for path in sorted((home / "loads").glob("*.json"), reverse=True):
        if (told := _record(path)).get("snapshot"):
            return _snapshot_of(path, told).name
    return ""


def generations(home: Path) -> list[Path]:
    """Published snapshots, newest first."""
    return sorted((home / "snapshots").glob("wh-*.duckdb"), reverse=True) if (home / "snapshots").is_dir() else []


def lineage(home: Path, name: str) -> list[Path]:
    """A snapshot and those it was made from, as far as they are kept; a rollback leaves out what it turned away from."""
    found: list[Path] = []
    while name and (snapshot := home / "snapshots" / name) not in found:
        found.append(snapshot)
        name = Path(seal.base_of(snapshot)).name
    return [p for p in found if p.exists() or p is found[0]]


def working_copy(home: Path, load_id: int) -> Path:
    """A private copy of the current snapshot to load into (or the path for a first one), under a name no reader looks at."""
    target = building(home, load_id)
    if source := base(home):
        disk.clone(source, target)
    return target


def building(home: Path, load_id: int) -> Path:
    """Where a load builds; what is left there is nobody's."""
    return home / "snapshots" / f"building-{load_id:06d}.duckdb"


def writer(built: Path) -> duckdb.DuckDBPyConnection:
    """A connection that may change a private copy, in UTC whatever zone the machine has.

    The engine would take 80 % of the memory for itself. Building gains little beyond a quarter and spills to disk beside the copy instead,
    so that the app beside it, and the readers of the next file, are not driven out.
    """
    con = duckdb.connect(str(built), config={"autoinstall_known_extensions": "false", "memory_limit": "25%"})
    con.execute("set timezone = 'UTC'")
    return con


def discard(built: Path) -> None:
    """Remove a private copy that was not published, with its log and what it spilled; what stays the next load removes."""
    with suppress(OSError):
        disk.remove(built, *(built.with_name(built.name + kind) for kind in (".wal", ".tmp")))


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
        record = _record(pending)
        snapshot = _snapshot_of(pending, record)
        if pointer(home) == snapshot.name:  # the pointer moved, so the load is published: only its report was late
            os.replace(pending, pending.with_suffix(".json"))
        elif record.get("kind") == "rollback":  # it would have led to a snapshot of somebody else
            removed += disk.remove(pending)
        else:
            removed += disk.remove(snapshot, seal.path_of(snapshot), pending)
    for sweep in (home / "loads").glob("*.sweep"):
        removed += finish_sweep(home, sweep)
    orphans = [p for p in (home / "snapshots").glob("*.seal") if not p.with_suffix(".duckdb").exists()]
    orphans += [p for p in (home / "snapshots").glob("*.duckdb.tmp") if not p.with_suffix("").exists()]  # what a reader spilled
    left = [p for folder in ("raw", "snapshots", "loads", ".") for p in (home / folder).glob("*.part")]
    return removed + disk.remove(*orphans, *left, *(home / "snapshots").glob("building-*"))


def plan_sweep(home: Path, load_id: int, doomed: list[Path]) -> Path:
    """Note the files that must go once a load is published, so that a crash after it cannot leave them behind."""
    sweep = home / "loads" / f"{load_id:06d}.sweep"
    write_json(sweep, json.dumps([str(p.relative_to(home)) for p in doomed]))
    return sweep


def finish_sweep(home: Path, sweep: Path) -> list[str]:
    """Remove the files a published load left to remove; the note of one that was not published is dropped."""
    removed = []
    if sweep.with_suffix(".json").exists():
        doomed = [home / name for name in json.loads(sweep.read_text("utf-8"))]
        removed = disk.remove(*doomed, *(seal.path_of(p) for p in doomed if p.suffix == ".duckdb"))
    disk.remove(sweep)
    return removed


def publish(home: Path, built: Path, load_id: int, report: str, *, number: int | None = None) -> Path:
    """Serve the built file as the snapshot of a load; its connection must be closed. Returns its path.

    number   of the snapshot, where it is not that of the load: one accepted late stands behind newer ones
    Raises PublishFailed, with the old snapshot still served, if any step fails.
    """
    target, pending = home / "snapshots" / name_of(number or load_id), home / "loads" / f"{load_id:06d}.pending"
    before, made_from = pointer(home), current(home)
    try:
        built.chmod(0o600)
        disk.sync(built)
        seal.put(target, built, made_from.name if made_from else "")
        disk.write(pending, report.encode())
        os.replace(built, target)
        disk.sync(target.parent)
        if not is_good(target):
            raise PublishFailed("publish_differs", file=target.name)
        disk.write(home / "CURRENT", target.name.encode())
    except (OSError, PublishFailed) as error:
        _take_back(home, before, target, seal.path_of(target), pending, built)
        raise error if isinstance(error, PublishFailed) else PublishFailed("publish_io", reason=str(error)) from error
    with suppress(OSError):  # it is published; what is left undone here the next load does (clean)
        os.replace(pending, pending.with_suffix(".json"))
        drop_old(home)
    return target


def point(home: Path, target: Path, load_id: int, record: str) -> None:
    """Serve another kept snapshot. Raises PublishFailed, with the old one still served, if it cannot be noted."""
    before, pending = pointer(home), home / "loads" / f"{load_id:06d}.pending"
    try:
        disk.write(pending, record.encode())
        disk.write(home / "CURRENT", target.name.encode())
    except OSError as error:
        _take_back(home, before, pending)
        raise PublishFailed("publish_io", reason=str(error)) from error
    with suppress(OSError):
        os.replace(pending, pending.with_suffix(".json"))


def _take_back(home: Path, before: str, *made: Path) -> None:
    """Serve what was served before and remove what was to take its place. Raises PublishFailed if the disk refuses even that."""
    try:
        _point_back(home, before)
    except OSError as error:  # then the new snapshot may be the one served, and stays; the next load tells by the pointer
        raise PublishFailed("publish_unsure", reason=str(error)) from error
    with suppress(OSError):
        disk.remove(*made)


def _point_back(home: Path, before: str) -> None:
    """Undo a switch whose last sync failed, without syncing again: the old file is still what is on the disk."""
    if before and pointer(home) != before:
        part = home / "CURRENT.part"
        part.write_text(before, "ascii")
        os.replace(part, home / "CURRENT")
    elif not before:
        disk.remove(home / "CURRENT")


def replace_kept(snapshot: Path, built: Path) -> None:
    """Put another content in the place of a kept snapshot that is not the one served; whoever has the old one open keeps it."""
    made_from = seal.base_of(snapshot)
    built.chmod(0o600)
    disk.sync(built)
    disk.remove(seal.path_of(snapshot))  # without a seal either file is read through, so a crash here loses neither
    os.replace(built, snapshot)
    seal.put(snapshot, snapshot, made_from)
    disk.sync(snapshot.parent)


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


def drop_old(home: Path, keep: int = KEPT) -> list[str]:
    """Remove all but the newest generations, those the served one was made from, and the served one; returns the names removed."""
    keep = max(keep, KEPT)
    kept = {p.name for p in (*generations(home)[:keep], *lineage(home, pointer(home))[:keep])} | {pointer(home)}
    old = [p for p in generations(home) if p.name not in kept]
    return disk.remove(*(f for p in old for f in (p, seal.path_of(p))))


def _record(path: Path) -> dict[str, Any]:
    """What a report says, be it in place or pending; empty when it is no JSON object."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text("utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def _snapshot_of(path: Path, record: dict[str, Any]) -> Path:
    """The snapshot a report is about: that of its number, unless it says another."""
    return path.parents[1] / "snapshots" / name_of(int(record.get("snapshot") or number_of(path)))
