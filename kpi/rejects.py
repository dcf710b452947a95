"""Rows refused 拒收率: of the rows a load read, those set aside. The rows and their reasons are in the quarantine of that load."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpi.base import Better, Unit


@dataclass(frozen=True)
class LoadRejects:
    """Quarantined ÷ read, one row per source of its last load, or of every load."""

    name: str = "load_reject_rate"
    unit: Unit = Unit.RATE
    better: Better = Better.DOWN
    reads: str = "rejects"
    needs: tuple[str, ...] = ()
    credit: str = ""
    version: int = 1
    label_id: str = "kpi.load_reject_rate.label"
    formula_id: str = "kpi.load_reject_rate.formula"

    def __call__(self, frame: pl.DataFrame, *, every_load: bool = False) -> pl.DataFrame:
        """source, the columns of R2 and load_id.

        frame     load_id, source, read, quarantined, is_last
        """
        rows = frame if every_load else frame.filter("is_last")
        empty = pl.col("read") <= 0
        return rows.sort("source", "load_id").select(
            "source",
            pl.when(~empty).then(pl.col("quarantined") / pl.col("read")).alias("value"),
            pl.col("quarantined").cast(pl.Int64).alias("numerator"),
            pl.col("read").cast(pl.Int64).alias("denominator"),
            pl.col("read").cast(pl.Int64).alias("n_rows"),
            pl.lit(0, pl.Int64).alias("n_excluded"),
            pl.when(empty).then(pl.lit("no_denominator")).otherwise(pl.lit("ok")).alias("status"),
            pl.when(empty).then(pl.lit("nothing_read")).alias("note"),
            pl.col("load_id").cast(pl.Int64),
        )


load_reject_rate = LoadRejects()
