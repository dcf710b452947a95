"""Capacity 工时: the hours the visits asked for would take, against the hours there are in the field."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpi.base import Better, Derived, Kpi, Unit
from kpi.cadence import due_customers
from kpi.composite import Composite, Row, Rows, number
from kpi.config import Config
from kpi.period import Period
from kpi.volume import field_days


def _loads(frame: pl.LazyFrame, company: pl.LazyFrame, by: tuple[str, ...], config: Config) -> pl.LazyFrame:
    """Customers due with the hours their visits take, for the part of the window that lies in the period."""
    share = pl.col("days_in_period") / pl.col("window_days")
    hours = pl.col("required_in_window") * share * pl.col("hours_per_visit").fill_null(config.hours_per_visit)
    rows = frame.filter(pl.col("demand") == "class")
    return due_customers(rows, config).filter("is_due").with_columns(load_hours=hours)


cadence_load = Kpi(
    "cadence_load",
    Unit.HOURS,
    Better.NONE,
    "cadence",
    ("visits", "customers"),
    value=pl.sum("load_hours"),
    prepare=_loads,
    empty_note="nobody_due",
    credit="owner",
)


@dataclass(frozen=True, eq=False)
class CapacityLoad(Composite):
    """Hours the cadence of the customers owned asks for ÷ working hours in the field so far. Above 1 the cadence cannot be kept."""

    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """Hours asked for, and days there are."""
        return cadence_load, field_days

    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """Nobody in the field: no rate."""
        load, days = rows[cadence_load.name], number(rows[field_days.name]["value"])
        row: Row = {name: load[name] for name in ("n_rows", "n_excluded", "status", "note")}
        hours = number(load["value"])
        if load["status"] == "not_loaded" or days is None:
            return row
        there = days * config.hours_per_day
        row |= {"numerator": hours or 0.0, "denominator": there, "status": "ok", "note": None}
        return row | ({"value": (hours or 0.0) / there} if there else {"status": "no_denominator", "note": "nobody_in_field"})


cadence_load_rate = CapacityLoad("cadence_load_rate", Unit.RATE, Better.NONE, ("visits", "customers"), credit="owner")

KPIS = (cadence_load, cadence_load_rate)
