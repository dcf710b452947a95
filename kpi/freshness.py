"""Data freshness 数据新鲜度: how long ago each source was last loaded, and how far its data reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from kpi.base import DEFAULT, Better, Unit
from kpi.config import Config

_HOUR = 3_600_000_000  # microseconds


@dataclass(frozen=True)
class Freshness:
    """Hours since the last good load, one row per source. The edge says when it asks; nothing here reads the clock."""

    name: str = "data_freshness"
    unit: Unit = Unit.HOURS
    better: Better = Better.DOWN
    reads: str = "freshness"
    needs: tuple[str, ...] = ()
    credit: str = ""
    version: int = 1
    label_id: str = "kpi.data_freshness.label"
    formula_id: str = "kpi.data_freshness.formula"

    def __call__(self, frame: pl.DataFrame, asked_at: datetime, as_of: date, config: Config = DEFAULT) -> pl.DataFrame:
        """source, the columns of R2 and days_behind (as_of − latest date). Note: fresh, late, stale or never_loaded.

        `frame`: source, loaded_at (UTC; null if never), latest_date, rows, quarantined. `asked_at` carries its time zone.
        """
        loaded = pl.col("loaded_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        if isinstance(kind := frame.schema["loaded_at"], pl.Datetime) and kind.time_zone:
            loaded = pl.col("loaded_at").dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))
        hours = (pl.lit(asked_at) - loaded).dt.total_microseconds() / _HOUR
        rows = frame.with_columns(hours.alias("value")).sort("source")
        hours_old = pl.col("value")
        late = pl.when(hours_old > config.late_after_hours).then(pl.lit("late")).otherwise(pl.lit("fresh"))
        age = pl.when(hours_old > config.stale_after_hours).then(pl.lit("stale")).otherwise(late)
        never = pl.col("value").is_null()
        return rows.select(
            "source",
            "value",
            pl.lit(None, pl.Float64).alias("numerator"),
            pl.lit(None, pl.Float64).alias("denominator"),
            pl.col("rows").fill_null(0).cast(pl.Int64).alias("n_rows"),
            pl.col("quarantined").fill_null(0).cast(pl.Int64).alias("n_excluded"),
            pl.when(never).then(pl.lit("not_loaded")).otherwise(pl.lit("ok")).alias("status"),
            pl.when(never).then(pl.lit("never_loaded")).otherwise(age).alias("note"),
            (pl.lit(as_of) - pl.col("latest_date")).dt.total_days().alias("days_behind"),
        )


data_freshness = Freshness()
