"""Accepted rows put down on disk, for tables that are read in one process and stored by another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Parcel:
    """Rows of one table as Parquet files, in the order of the rows."""

    files: tuple[Path, ...]
    height: int


Accepted = pl.DataFrame | Parcel


def put_down(rows: pl.DataFrame, file: Path) -> None:
    """One file of a parcel: fast to write and to read, as it lives for one load."""
    rows.write_parquet(file, compression="uncompressed", statistics=False)
