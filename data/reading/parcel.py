"""Accepted rows put down on disk, for tables that are read in one process and stored by another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

_GROUP = 122_880  # rows that DuckDB stores as one piece


@dataclass(frozen=True)
class Parcel:
    """Rows of one table as Parquet files, in the order of the rows. `blank`: columns that hold nothing, so that nobody need look."""

    files: tuple[Path, ...]
    height: int
    blank: frozenset[str] = frozenset()


Accepted = pl.DataFrame | Parcel


def blank_in(rows: pl.DataFrame) -> frozenset[str]:
    """The columns that hold nothing."""
    return frozenset(column.name for column in rows if column.null_count() == rows.height)


def put_down(rows: pl.DataFrame, file: Path) -> None:
    """One file of a parcel: fast to write and to read, as it lives for one load."""
    rows.write_parquet(file, compression="uncompressed", statistics=False, row_group_size=_GROUP)


class Packer:
    """A parcel in the making: rows are put down as they come, in files that the engine need not repack."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []
        self._waiting: list[pl.DataFrame] = []
        self._height = 0
        self._blank: frozenset[str] | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """The next rows."""
        self._waiting.append(rows)
        self._height += rows.height
        self._blank = blank_in(rows) if self._blank is None else self._blank & blank_in(rows)
        height = sum(frame.height for frame in self._waiting)
        if height >= _GROUP:
            frame = pl.concat(self._waiting)
            self._waiting = [frame.slice(height - height % _GROUP)]
            self._put(frame.head(height - height % _GROUP))

    def parcel(self) -> Parcel:
        """All rows added so far; the last file holds what is left."""
        self._put(pl.concat(self._waiting))
        return Parcel(tuple(self._files), self._height, self._blank or frozenset())

    def _put(self, rows: pl.DataFrame) -> None:
        self._files.append(self._folder / f"{len(self._files):05d}.parquet")
        put_down(rows, self._files[-1])
