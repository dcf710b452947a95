"""Small safe steps on the disk: write a file whole or not at all, copy one cheaply, remove, sync, hash; and a failing disk in words."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from data.errors import FieldbookError

_FICLONE = 0x40049409  # Linux: share the blocks of another file until one of them is written
_STEP = 1 << 30
# of the engine: a commit that fails while nobody else writes is one that could not be written
_FAILURES = (OSError, duckdb.IOException, duckdb.FatalException, duckdb.TransactionException, duckdb.OutOfMemoryException)


class DiskFailed(FieldbookError):
    """The disk did not take, or did not give, what it was asked to. What is published is unchanged."""


@contextmanager
def in_words() -> Iterator[None]:
    """Turn whatever a full or broken disk raises in here into DiskFailed; also for whole functions, as a decorator."""
    try:
        yield
    except _FAILURES as error:
        raise DiskFailed("disk_failed", reason=str(error).strip().partition("\n")[0]) from error


def create(path: Path) -> int:
    """A handle to an empty file that only its owner may read."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def write(path: Path, data: bytes) -> None:
    """Write beside, sync, then take the place of the old file in one step."""
    part = path.with_name(path.name + ".part")
    try:
        with open(create(part), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync(path.parent)
    except OSError:
        remove(part)
        raise


def clone(source: Path, target: Path) -> str:
    """Copy a file; returns how: "shared" blocks (at once, where the file system can), "kernel" or "plain".

    Raises OSError, with no half copy left, when the disk is full.
    """
    try:
        with source.open("rb") as old, open(create(target), "wb") as new:
            with suppress(OSError):
                fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
                return "shared"
            with suppress(OSError, AttributeError):  # not on this system, or not between these two
                while os.copy_file_range(old.fileno(), new.fileno(), _STEP):
                    pass
                return "kernel"
            old.seek(0)
            new.seek(0)
            new.truncate()
            shutil.copyfileobj(old, new, 1 << 22)
            return "plain"
    except OSError:
        remove(target)
        raise


def sync(path: Path) -> None:
    """Make sure a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(*paths: Path) -> list[str]:
    """Remove files, or folders with all in them, that may be gone already; returns the names of those that were there."""
    removed = []
    for path in paths:
        with suppress(FileNotFoundError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            removed.append(path.name)
    return removed


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
