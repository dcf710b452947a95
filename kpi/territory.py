"""Territories 区域: who there is to look after, how much work that is, how evenly it is spread. A customer lies in its own territory."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.cadence import CLASS_OF, count
from kpi.config import Config

_CUSTOMERS = ("orders", "customers")
_MONTHS = 12
_MEAN = 100  # an index of 100 is the mean territory


def _parties(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Active customers and what their territory says of itself."""
    return frame.filter(~pl.col("is_prospect") & pl.col("is_active"))


_STATED = pl.struct("territory_id", "territory_potential").unique().struct.field("territory_potential")

territory_existing = Kpi(
    "territory_existing",
    Unit.COUNT,
    Better.NONE,
    "territory_parties",
    _CUSTOMERS,
    pl.sum("n_rows"),
    extra={"annual_potential": pl.sum("annual_potential"), "territory_potential": _STATED.sum()},
    history=lambda config: config.active_days,
    kind=Kind.STOCK,
    prepare=_parties,
    credit="owner",
)


_CUSTOMER = ~pl.col("is_prospect")
_POTENTIAL = pl.col("annual_potential").filter(_CUSTOMER & ~pl.col("is_inactive")).sum()
territory_potential = Kpi(
    "territory_potential",
    Unit.COUNT,
    Better.NONE,
    "territory_prospects",
    ("prospects",),
    pl.col("n_rows").filter("is_prospect").sum(),
    # without customers on file their potential is unknown, not nothing
    extra={"annual_potential": pl.when(_CUSTOMER.any()).then(_POTENTIAL), "territory_potential": _STATED.sum()},
    rows=pl.col("n_rows").filter("is_prospect").sum(),
    kind=Kind.STOCK,
    credit="owner",
)


def workload(frame: pl.LazyFrame, config: Config) -> pl.LazyFrame:
    """Hours a year each territory asks for: period, territory_id, region, hours, mean_hours, index and is_outside the band.

    frame     view `territory_parties`: a row per period and customer or open prospect, in its territory
    hours     Σ customers × visits their class asks for in a year × hours per visit + prospects × visits a prospect takes × hours per visit
    index     hours ÷ mean of all territories × 100; travel enters only through the hours per visit
    """
    yearly = {name: visits * _MONTHS // config.cadence_months for name, visits in config.visits_required.items()}
    asked = pl.col("customer_class").replace_strict(yearly, default=0, return_dtype=pl.Int64)
    visits = pl.when(pl.col("is_prospect")).then(config.visits_per_prospect).when(pl.col("is_inactive")).then(0).otherwise(asked)
    low, high = config.workload_band
    hours = visits * pl.col("hours_per_visit").fill_null(config.hours_per_visit)
    rows = frame.filter(pl.col("territory_id").is_not_null()).with_columns(customer_class=CLASS_OF)
    index = pl.col("hours") / pl.col("mean_hours") * _MEAN
    return (
        rows.group_by("period", "territory_id", "region")
        .agg(hours.sum().alias("hours"), pl.sum("n_rows"))
        .with_columns(mean_hours=pl.mean("hours").over("period"))
        .with_columns(index=pl.when(pl.col("mean_hours") > 0).then(index))
        .with_columns(is_outside=~pl.col("index").is_between(low, high))
        .sort("period", "territory_id")
    )


def _loads(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    return workload(frame, config)


workload_index = Kpi(
    "workload_index",
    Unit.POINTS,
    Better.NONE,
    "territory_parties",
    _CUSTOMERS,
    value=pl.mean("index"),
    extra={"hours": pl.sum("hours"), "outside_count": count(pl.col("is_outside"))},
    kind=Kind.STOCK,
    prepare=_loads,
    credit="owner",
    empty_note="no_territories",
)

territory_spread = Kpi(
    "territory_spread",
    Unit.POINTS,
    Better.DOWN,
    "territory_parties",
    _CUSTOMERS,
    value=pl.when(pl.min("hours") > 0).then(pl.max("hours") / pl.min("hours")),
    extra={"variation": pl.when(pl.mean("hours") > 0).then(pl.std("hours", ddof=0) / pl.mean("hours"))},
    few=pl.len() < 2,
    few_note="few_territories",
    kind=Kind.STOCK,
    prepare=_loads,
    credit="owner",
    empty_note="no_territories",
)

KPIS = (territory_existing, territory_potential, workload_index, territory_spread)
