"""What a change did to months that were closed: revenue, invoiced, collected and completed visits, before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

# One sum per month from tables that hold one row per credit and day: cheap whatever the number of facts.
_MONTHS = """
with sums as (
    select 'revenue' as kpi, date, revenue as amount from measure.sales
    union all
    select 'invoiced', date, invoiced from measure.billing
    union all
    select 'collected', date, collected from measure.billing
    union all
    select 'completed_visits', date, completed_visits from measure.visits
)
select strftime(date, '%Y-%m') as period, kpi, sum(amount)::decimal(38, 4) as amount
from sums
where date is not null
group by all
having sum(amount) <> 0
"""
_COUNTED = ("completed_visits",)
KPIS = ("revenue", "invoiced", "collected", "completed_visits")


@dataclass(frozen=True)
class Standing:
    """The monthly sums of a snapshot and the date of its data; nothing for a warehouse that was never built."""

    as_of: date | None = None
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)


def standing(con: duckdb.DuckDBPyConnection) -> Standing:
    """Where a snapshot stands. Of a private copy, before it is built anew, that is where the published one stands."""
    built = con.execute("select 1 from duckdb_tables() where schema_name = 'measure' and table_name = 'sales'").fetchall()
    if not built:
        return Standing()
    [(as_of,)] = con.execute("select max(value)::date from meta where key = 'as_of'").fetchall()
    return Standing(as_of, {(period, kpi): amount for period, kpi, amount in con.execute(_MONTHS).fetchall()})


def compare(before: Standing, after: Standing) -> list[dict[str, Any]]:
    """The closed months that changed: period, kpi, before, after, change.

    A month is closed when the data before reached its last day, and the data now goes beyond it.
    """
    if before.as_of is None or after.as_of is None:
        return []
    moved = {at for at in before.sums.keys() | after.sums.keys() if before.sums.get(at) != after.sums.get(at)}
    now = after.as_of.strftime("%Y-%m")
    closed = sorted((at for at in moved if _last_day_known(at[0], before.as_of) and at[0] < now), key=lambda at: (at[0], KPIS.index(at[1])))
    return [_change(at, before.sums.get(at, Decimal(0)), after.sums.get(at, Decimal(0))) for at in closed]


def _last_day_known(period: str, as_of: date) -> bool:
    year, month = map(int, period.split("-"))
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - as_of).days <= 1


def _change(at: tuple[str, str], before: Decimal, after: Decimal) -> dict[str, Any]:
    period, kpi = at
    values: dict[str, Any] = {"before": before, "after": after, "change": after - before}
    if kpi in _COUNTED:
        values = {name: int(value) for name, value in values.items()}
    return {"period": period, "kpi": kpi, **values}
