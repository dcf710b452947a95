"""One writer per home: a lock file held by the operating system, which frees it when the holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from data.errors import FieldbookError
from data.keeping import disk

FOLDERS = ("raw", "snapshots", "loads", "mappings", "audit", "views")
LOCK_PATIENCE = 900.0  # seconds


class HomeBusy(FieldbookError):
    """Another load holds this home; `holder` says which."""


def prepare_home(home: Path) -> None:
    """Make the folders of a home, closed to other users of the machine."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)


@contextmanager
def locked(home: Path, who: str, waiting: Callable[[str], None] | None = None, patience: float = LOCK_PATIENCE) -> Iterator[None]:
    """Hold the home's only lock; the system frees it when the holder dies.

    waiting   called once with the holder's line when somebody else is loading
    Raises HomeBusy, naming the holder, when the wait is longer than `patience` seconds, and DiskFailed if the disk fails under the lock.
    """
    with disk.in_words():
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
