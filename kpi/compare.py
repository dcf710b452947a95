"""A figure beside another: the prior period, last year (R12), or its target with pace. Rates differ in points, the rest in amounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from kpi.base import Kpi, Unit
from kpi.composite import Composite
from kpi.period import Period
from kpi.targets import TargetKpi

_POINTS = 100  # percentage points in 1


def with_period(
    kpi: Kpi | TargetKpi | Composite, current: pl.DataFrame, other: pl.DataFrame, pairs: Mapping[str, Period], by: Sequence[str]
) -> pl.DataFrame:
    """`current` with compare_value, change, change_rate, compare_start, compare_end, clipped.

    other     the same KPI over the comparison periods; pairs: label of the current period → the one it compares with
    change    value − compare_value; for rates in percentage points
    change_rate  change ÷ compare_value; null for rates and where compare_value ≤ 0
    """
    ends = {label: p.whole_end if isinstance(kpi, Kpi) and kpi.ahead else p.to for label, p in pairs.items()}
    against = other.select(pl.col("period").alias("_other"), *by, pl.col("value").alias("compare_value"))
    periods = pl.DataFrame(
        {
            "period": list(pairs),
            "_other": [p.label for p in pairs.values()],
            "compare_start": [p.start for p in pairs.values()],
            "compare_end": list(ends.values()),
            "clipped": [p.clipped for p in pairs.values()],
        },
        schema_overrides={
            "period": pl.String,
            "_other": pl.String,
            "compare_start": pl.Date,
            "compare_end": pl.Date,
            "clipped": pl.Boolean,
        },
    )
    rows = current.join(periods, on="period", how="left", maintain_order="left")
    rows = rows.join(against, on=["_other", *by], how="left", nulls_equal=True, maintain_order="left").drop("_other")
    return _changed(rows, kpi.unit)


def with_target(
    kpi: Kpi, current: pl.DataFrame, attainment: pl.DataFrame, pace: pl.DataFrame | None, periods: Sequence[Period], by: Sequence[str]
) -> pl.DataFrame:
    """`current` with compare_value (the full period's target), change, change_rate, pace, compare_start, compare_end, clipped.

    A part period is never set against a full target without its pace; rates and stocks have none and are compared as they are.
    """
    keys = ["period", *by]
    rows = current.join(attainment.select(*keys, compare_value="denominator"), on=keys, how="left", nulls_equal=True, maintain_order="left")
    if pace is None:
        rows = rows.with_columns(pl.lit(None, pl.Float64).alias("pace"))
    else:
        rows = rows.join(pace.select(*keys, pace="value"), on=keys, how="left", nulls_equal=True, maintain_order="left")
    spans = pl.DataFrame(
        {"period": [p.label for p in periods], "compare_start": [p.start for p in periods], "compare_end": [p.whole_end for p in periods]}
    )
    rows = rows.join(spans, on="period", how="left", maintain_order="left").with_columns(pl.lit(False).alias("clipped"))
    return _changed(rows, kpi.unit)


def _changed(rows: pl.DataFrame, unit: Unit) -> pl.DataFrame:
    if unit is Unit.CLASS:  # labels have no difference
        return rows.with_columns(change=pl.lit(None, pl.Float64), change_rate=pl.lit(None, pl.Float64))
    value, other = (pl.col(c).cast(pl.Float64) for c in ("value", "compare_value"))
    if unit is Unit.RATE:
        return rows.with_columns(change=(value - other) * _POINTS, change_rate=pl.lit(None, pl.Float64))
    exact = all(rows.schema[c].is_decimal() or rows.schema[c].is_integer() for c in ("value", "compare_value"))
    change = pl.col("value") - pl.col("compare_value") if exact else value - other
    return rows.with_columns(change=change, change_rate=pl.when(other > 0).then((value - other) / other))
