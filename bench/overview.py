"""Computing the Overview: Fieldbook (measures, KPI layer, rights) against pandas over everything in memory and plain SQL over facts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from bench import company
from bench.asked import CARDS, KPIS, REGIONS, Answer, Window, differences
from bench.frames import Company
from bench.statements import Facts
from bench.timing import in_turns
from data.access import OWNER
from data.loading.load import load
from data.warehouse import Warehouse
from kpi.catalog import get
from kpi.freshness import Freshness
from kpi.period import Period
from kpi.report import evaluate


def ours(warehouse: Warehouse, windows: list[Window], by_region: bool) -> Answer:
    """What a page does when nothing is cached: read measures under a scope, evaluate."""
    periods = [Period(label, start, end, warehouse.as_of, unit="quarter") for label, start, end in windows]
    by = ("region",) if by_region else ()

    warehouse.forget()
    asked = [kpi for kpi in map(get, KPIS) if not isinstance(kpi, Freshness)]  # that one asks for the time of day
    frames = evaluate(warehouse, OWNER, asked, periods, by)
    result: Answer = {}
    for kpi, frame in frames.items():
        for row in frame.filter(pl.col("value").is_not_null()).iter_rows(named=True):
            result[kpi, row["period"], row.get("region", "")] = float(row["value"])
    return result


def run(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Seconds of all three, and ours as a ratio to each. Raises AssertionError if any figure differs."""
    files = company.write(folder / "company", lines)
    home = folder / "company-home"
    home.mkdir()
    say(f"loading a company of {lines} order lines")
    load(home, list(files.values()), as_of=company.END, user="bench")
    warehouse, pandas, facts = Warehouse.open(home), Company(files), Facts(home)
    ways = {
        "fieldbook": lambda: ours(warehouse, CARDS, False) | ours(warehouse, REGIONS, True),
        "pandas": lambda: pandas.answer(CARDS, False) | pandas.answer(REGIONS, True),
        "sql": lambda: facts.answer(CARDS, False) | facts.answer(REGIONS, True),
    }
    timed = in_turns(ways, rounds, say)
    for other in ("pandas", "sql"):
        if wrong := differences(timed["fieldbook"].result, timed[other].result):
            raise AssertionError(f"not the same figures as {other}: {wrong[:10]}")
    mine = timed["fieldbook"].median
    return {
        "lines": lines,
        "figures": len(timed["fieldbook"].result),
        "seconds": {name: timing.seconds for name, timing in timed.items()},
        "ratio_to_pandas": mine / timed["pandas"].median,
        "ratio_to_sql": mine / timed["sql"].median,
    }
