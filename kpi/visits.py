"""Visits 拜访: what was planned, what was kept, who was seen; credited to the visitor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def split(whole: Mapping[str, pl.DataFrame], seen: pl.DataFrame, periods: Sequence[str], *, names_prospects: bool = True) -> pl.DataFrame:
    """Work on customers there were beside work on new ones, a row a period: old and new add up to the whole.

    whole     completed_visits, revenue and new_customer_revenue of what is selected;  seen: completed_visits by customer_id
    names_prospects  whether the log ever names a prospect: where it never does, that none was visited is not known
    Returns   period, customer_visits, prospect_visits, prospect_share (null without visits), old_revenue, new_revenue
    """
    known = {name: dict(frame.select("period", "value").iter_rows()) for name, frame in whole.items()}
    customers = dict(seen.filter(pl.col("customer_id").is_not_null()).group_by("period").agg(pl.sum("value")).iter_rows())
    rows = []
    for period in periods:
        visits, revenue, new = (known[name].get(period) for name in ("completed_visits", "revenue", "new_customer_revenue"))
        to_customers = customers.get(period, 0)
        to_prospects = visits - to_customers if visits is not None and names_prospects else None
        rows.append({
            "period": period,
            "customer_visits": None if visits is None else to_customers,
            "prospect_visits": to_prospects,
            "prospect_share": to_prospects / visits if visits and to_prospects is not None else None,
            "old_revenue": None if revenue is None or new is None else revenue - new,
            "new_revenue": new,
        })  # fmt: skip
    money = pl.Decimal(38, 4)
    return pl.DataFrame(
        rows, schema_overrides={"prospect_visits": pl.Int64, "prospect_share": pl.Float64, "old_revenue": money, "new_revenue": money}
    )


KPIS = (completed_visits, planned_visits, visit_attainment, distinct_customers_visited)
