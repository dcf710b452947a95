"""Visits 拜访: what was planned, what was kept, who was seen; credited to the visitor."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kpi, Unit

_VISITS = ("visits",)

completed_visits = Kpi("completed_visits", Unit.COUNT, Better.UP, "visits", _VISITS, pl.sum("completed_visits"))

planned_visits = Kpi(
    "planned_visits", Unit.COUNT, Better.NONE, "visit_plans", _VISITS, pl.sum("planned_visits"), excluded=pl.sum("n_excluded")
)

visit_attainment = Kpi(
    "visit_attainment",
    Unit.RATE,
    Better.UP,
    "visit_plans",
    _VISITS,
    pl.sum("kept_visits"),
    pl.sum("planned_visits"),
    excluded=pl.sum("n_excluded"),
    empty_note="no_plan",
)

# The same customer seen by two reps is one customer of the team (R5).
distinct_customers_visited = Kpi(
    "distinct_customers_visited",
    Unit.COUNT,
    Better.UP,
    "visited_customers",
    _VISITS,
    pl.col("customer_id").drop_nulls().n_unique(),
    additive=False,
)

KPIS = (completed_visits, planned_visits, visit_attainment, distinct_customers_visited)
