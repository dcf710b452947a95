"""Accepted rows put down on disk, for tables that are read in one process and stored by another.

An export says many things in every row: the currency, the kind of document, nothing at all in columns it has not got. What is the same in
every row is told once, beside the files, and what another column says, too, is told by that one: neither is written, nor read, nor
stored row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

_GROUP = 122_880  # rows that DuckDB stores as one piece
_OWN = "_row"  # the row of the file: told of every row, even of a single one


@dataclass(frozen=True)
class Parcel:
    """Rows of one table as Parquet files, in the order of the rows.

    once   one row of what all of them say, which no file holds
    same   columns that no file holds, either, as each says what another says, with that other
    """

    files: tuple[Path, ...]
    height: int
    once: pl.DataFrame = field(default_factory=pl.DataFrame)
    same: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> pl.LazyFrame:
        """The rows with all their columns. Needs a file."""
        once = (pl.lit(column).first().alias(column.name) for column in self.once)
        same = (pl.col(other).alias(name) for name, other in self.same.items())
        return pl.scan_parquet(list(self.files)).with_columns(once).with_columns(same)


Accepted = pl.DataFrame | Parcel


def told_once(rows: pl.DataFrame) -> pl.DataFrame:
    """One row of the columns that are the same, or empty, in all rows; no column where there are no rows."""
    return _same(rows.head(1).drop(_OWN, strict=False), rows) if rows.height else pl.DataFrame()


def _same(once: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """What of it these rows say, too."""
    return once.select(c for c in once.columns if rows[c][-1] == once[c][0] and rows[c].eq_missing(once[c]).all())


def put_down(rows: pl.DataFrame, file: Path) -> None:
    """One file of a parcel: fast to write and to read, as it lives for one load."""
    rows.write_parquet(file, compression="uncompressed", statistics=False, row_group_size=_GROUP)


class Packer:
    """A parcel in the making: rows are put down as they come, in files that the engine need not repack."""

    def __init__(self, folder: Path, same: Mapping[str, str]) -> None:
        self._folder = folder
        self._same = same
        self._files: list[Path] = []
        self._waiting: list[pl.DataFrame] = []
        self._height = 0
        self._once: pl.DataFrame | None = None  # None: no row so far

    def add(self, rows: pl.DataFrame) -> None:
        """The next rows."""
        rows = rows.drop(self._same)
        self._waiting.append(rows)
        self._height += rows.height
        if rows.height:
            self._compare(rows)
        height = sum(frame.height for frame in self._waiting)
        if height >= _GROUP:
            frame = pl.concat(self._waiting)
            self._waiting = [frame.slice(height - height % _GROUP)]
            self._put(frame.head(height - height % _GROUP))

    def parcel(self) -> Parcel:
        """All rows added so far; the last file holds what is left."""
        self._put(pl.concat(self._waiting))
        return Parcel(tuple(self._files), self._height, pl.DataFrame() if self._once is None else self._once, self._same)

    def _compare(self, rows: pl.DataFrame) -> None:
        """What is still told once; the files put down before get back what is not."""
        before = told_once(rows) if self._once is None else self._once
        self._once = _same(before, rows)
        if lost := [column for column in before if column.name not in self._once.columns]:
            for file in self._files:
                frame = pl.read_parquet(file).with_columns(pl.lit(column).first().alias(column.name) for column in lost)
                put_down(frame.select(c for c in rows.columns if c in frame.columns), file)

    def _put(self, rows: pl.DataFrame) -> None:
        self._files.append(self._folder / f"{len(self._files):05d}.parquet")
        put_down(rows if self._once is None else rows.drop(self._once.columns), self._files[-1])
