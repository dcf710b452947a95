"""The whole catalogue for a director: one month of the sample company, by rep, against pandas and plain SQL over its facts.

Every figure there is is computed by Fieldbook; those that have a baseline below are timed all three ways and must be the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from bench.asked import Answer, differences
from bench.catalog_frames import Frames
from bench.catalog_sql import STATEMENTS, Facts
from bench.timing import in_turns
from data.access import OWNER, Scope
from data.loading.load import first_run
from data.warehouse import Warehouse
from kpi.base import COMPANY, DimensionError
from kpi.catalog import CATALOG
from kpi.freshness import Freshness
from kpi.period import Period, parse
from kpi.rejects import LoadRejects
from kpi.report import Measured, evaluate

MONTH = "2026-09"  # the last whole month of the sample
BY = ("rep_id",)


class Counted:
    """A warehouse that counts how often each measure or view is read."""

    def __init__(self, warehouse: Any, counts: Counter[str], mark: str = "") -> None:
        self._warehouse, self._counts, self._mark = warehouse, counts, mark

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def read(self, name: str, scope: Scope, windows: Any = (), **more: Any) -> pl.LazyFrame | None:
        """Read, and count; the same view for an earlier period is a reading of its own."""
        self._counts[f"{name}{self._mark} {', '.join(str(w.start) for w in windows)}"] += 1
        found: pl.LazyFrame | None = self._warehouse.read(name, scope, windows, **more)
        return found

    def company(self, scope: Scope) -> Counted:
        """The whole company, counted too."""
        return Counted(self._warehouse.company(scope), self._counts, COMPANY)


def splittable(warehouse: Warehouse, scope: Scope, period: Period) -> list[Measured]:
    """The KPIs of the catalogue that are evaluated over periods and have figures by rep."""
    left: list[Measured] = [kpi for kpi in CATALOG.values() if not isinstance(kpi, Freshness | LoadRejects)]
    while True:
        try:
            evaluate(warehouse, scope, left, [period], BY)
        except DimensionError as error:
            left = [kpi for kpi in left if kpi.name != error.kpi]
        else:
            return left


def answered(warehouse: Any, scope: Scope, kpis: list[Measured], period: Period) -> Answer:
    """KPI, month, rep → value, from measures and under the director's rights; nobody's zeros are left out."""
    result: Answer = {}
    for kpi, frame in evaluate(warehouse, scope, kpis, [period], BY).items():
        rows = frame.filter(pl.col("value").is_not_null())
        if rows["value"].dtype.is_numeric():
            values = zip(rows["rep_id"], rows["value"].cast(pl.Float64), strict=True)
            result |= {(kpi, period.label, str(rep)): value for rep, value in values if value}
    return result


def anew(warehouse: Warehouse, scope: Scope, kpis: list[Measured], period: Period) -> Answer:
    """`answered`, with nothing remembered."""
    warehouse.forget()
    return answered(warehouse, scope, kpis, period)


def director(warehouse: Warehouse) -> Scope:
    """The rights of the sample's director, on the day of the data."""
    people = warehouse.people(OWNER)
    [login, *_] = people.filter(pl.col("roles").list.contains("director"))["login"]
    return warehouse.scope(login, warehouse.as_of)


def run(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Seconds of all ways. Raises AssertionError if a figure differs or a measure is read twice. The sample has a size of its own."""
    home = folder / "sample"
    home.mkdir()
    say("building the sample company")
    first_run(home)
    warehouse = Warehouse.open(home)
    scope, period = director(warehouse), parse(MONTH, warehouse.as_of)
    everything = splittable(warehouse, scope, period)
    same = [kpi for kpi in everything if kpi.name in STATEMENTS]
    counts: Counter[str] = Counter()
    answered(Counted(warehouse, counts), scope, everything, period)
    if twice := [name for name, times in counts.items() if times > 1]:
        raise AssertionError(f"read more than once: {twice}")
    frames, facts = Frames(home), Facts(home)
    timed = in_turns(
        {
            "whole catalogue": lambda: anew(warehouse, scope, everything, period),
            "fieldbook": lambda: anew(warehouse, scope, same, period),
            "pandas": lambda: frames.answer(period.label, period.start, period.end),
            "sql": lambda: facts.answer(period.label, period.start, period.end),
        },
        rounds,
        say,
    )
    for other in ("pandas", "sql"):
        if wrong := differences(timed["fieldbook"].result, timed[other].result):
            raise AssertionError(f"not the same figures as {other}: {wrong[:10]}")
    mine = timed["fieldbook"].median
    return {
        "lines": facts.lines(),
        "kpis": len(everything),
        "kpis_compared": len(same),
        "readings": len(counts),
        "figures": len(timed["whole catalogue"].result),
        "figures_compared": len(timed["fieldbook"].result),
        "seconds": {name: timing.seconds for name, timing in timed.items()},
        "ratio_to_pandas": mine / timed["pandas"].median,
        "ratio_to_sql": mine / timed["sql"].median,
    }
