"""The seal of a snapshot: proof that a file still holds, byte for byte, what was published, and which snapshot it came from."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from data.errors import FieldbookError
from data.keeping import disk

READ_ONLY: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "autoinstall_known_extensions": "false",
}


class PublishFailed(FieldbookError):
    """The new snapshot could not be written or does not hold what was put in; the old one is served."""


def path_of(snapshot: Path) -> Path:
    """Where the seal of a snapshot lies."""
    return snapshot.with_suffix(".seal")


def put(snapshot: Path, content: Path, base: str) -> None:
    """Seal a snapshot that holds the content of a file; `base` names the snapshot it was made from, if any."""
    seal = {"size": content.stat().st_size, "sha256": disk.digest(content), "base": base}
    disk.write(path_of(snapshot), json.dumps(seal).encode())


def base_of(snapshot: Path) -> str:
    """The name of the snapshot this one was made from; empty when there was none or nobody knows."""
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads(path_of(snapshot).read_text("ascii")).get("base", ""))
    return ""


def is_good(snapshot: Path) -> bool:
    """Whether a snapshot holds, byte for byte, what was published, and no stray log stands beside it. Read once per process and file."""
    try:
        state = snapshot.stat()
        if snapshot.with_name(snapshot.name + ".wal").exists():
            return False
        return _matches(snapshot, state.st_size, state.st_mtime_ns, state.st_ino)
    except OSError:
        return False


def forget_readings() -> None:
    """Read every snapshot anew when next asked: a block may have gone bad since."""
    _matches.cache_clear()


@lru_cache(maxsize=64)
def _matches(snapshot: Path, size: int, _changed: int, _inode: int) -> bool:
    """The reading itself, remembered while the file stays the same; a read error is not an answer, so it is not remembered."""
    if not path_of(snapshot).exists():  # a copy brought back from a backup
        return _reads_through(snapshot)
    try:
        seal = json.loads(path_of(snapshot).read_text("ascii"))
        return bool(seal["size"] == size and seal["sha256"] == disk.digest(snapshot))
    except (ValueError, KeyError, TypeError):
        return False


def _reads_through(snapshot: Path) -> bool:
    """Whether every stored block passes the engine's own checksums."""
    try:
        with duckdb.connect(str(snapshot), read_only=True, config=READ_ONLY) as con:
            return "main.meta" in fingerprints(con)
    except duckdb.Error:
        return False


def fingerprints(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[Any, ...]]:
    """For every table of the open file: row count and the sum of its rows' hashes, read from the stored blocks."""
    tables = con.execute("select schema_name, table_name from duckdb_tables() where not temporary order by all").fetchall()
    return {f"{schema}.{table}": con.execute(_scan(schema, table)).fetchall()[0] for schema, table in tables}


def quoted(name: str) -> str:
    """A table or column name as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _scan(schema: str, table: str) -> str:
    return f"select count(*), sum(hash(t)::hugeint) from {quoted(schema)}.{quoted(table)} as t"
