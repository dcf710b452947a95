"""What a warehouse says set beside what plain SQL over its facts and books kept by hand say; the guards for too little history are off."""

from __future__ import annotations

from typing import Any

from data.access import OWNER
from data.warehouse import Warehouse
from kpi.catalog import get
from kpi.config import Config
from kpi.period import Period
from kpi.report import evaluate
from tests.oracle import paper, plain, portfolio

FLAGS = ("is_silent", "is_falling", "is_overdue")
By = tuple[str, ...]
Differences = list[tuple[Any, ...]]  # KPI, key, what we say, what the books say


def shown(warehouse: Warehouse, names: Any, period: Period, by: By = ()) -> dict[str, dict[Any, dict[str, Any]]]:
    """KPI → key → its row; KPIs whose files are not loaded are left out."""
    config = Config.of(warehouse.config_values | {"data_start": {}})
    found = evaluate(warehouse, OWNER, [get(n) for n in names], [period], by, config=config)  # type: ignore[misc]
    loaded = {name: frame for name, frame in found.items() if set(frame["status"]) != {"not_loaded"}}
    return {n: {row[by[0]] if by else None: row for row in frame.iter_rows(named=True)} for n, frame in loaded.items()}


def differences(name: str, ours: dict[Any, Any], told: dict[Any, Any]) -> list[tuple[Any, ...]]:
    """What we say and what the books say, where they differ."""
    return [(name, k, ours.get(k), told.get(k)) for k in told.keys() | ours.keys() if not plain.same(ours.get(k), told.get(k))]


def by_hand(books: paper.Books, period: Period) -> dict[str, paper.Numbers]:
    """Every figure of paper.py, by KPI."""
    start, to, complete = period.start, period.to, period.is_closed
    return (
        paper.structure(books, to)
        | {"key_account_churn": paper.key_account_churn(books, to)}
        | paper.lines(books, start, to, period.as_of)
        | paper.bridges(books, start, to, complete)
        | paper.money(books, start, to)
        | paper.gained(books, start, to)
        | paper.risks(books, to)
    )


def customers_and_money(warehouse: Warehouse, period: Period, by: By) -> tuple[Differences, set[str]]:
    """Where portfolio, order lines and open money differ from the books, and the KPIs that were compared."""
    key, con = by[0] if by else None, warehouse._file.con
    told = by_hand(paper.Books(con.cursor(), key), period)
    return _compared(warehouse, told, period, by)


def portfolio_and_payments(warehouse: Warehouse, period: Period, by: By) -> tuple[Differences, set[str]]:
    """The same for what tests/oracle/portfolio.py works out."""
    told = portfolio.figures(warehouse._file.con.cursor(), period.start, period.to, period.as_of, by[0] if by else None)
    return _compared(warehouse, told, period, by)


def _compared(warehouse: Warehouse, told: dict[str, paper.Numbers], period: Period, by: By) -> tuple[Differences, set[str]]:
    source = {name: "ar_aging" if name in paper.BUCKETS else "at_risk" if name in FLAGS else name for name in told}
    rows = shown(warehouse, sorted(set(source.values())), period, by)
    compared = {name: kpi for name, kpi in source.items() if kpi in rows}
    if "invoices" not in warehouse.loaded:  # the flag is off
        compared.pop("is_overdue", None)
    wrong = []
    for name, kpi in compared.items():
        column = name if name != kpi else "value"
        wrong += differences(name, {k: row[column] for k, row in rows[kpi].items()}, told[name])
    return wrong, set(compared)


def labels(warehouse: Warehouse, period: Period) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Every customer's score, segment and class: what we say and what the books say."""
    con = warehouse._file.con
    names = ("rfm", "rfm_segment", "abc_class")
    rows = shown(warehouse, names, period, ("customer_id",))
    told = (*paper.rfm(paper.Books(con.cursor(), None), period.to), portfolio.abc_class(con.cursor(), period.to))
    return {name: ({c: row["value"] for c, row in rows[name].items()}, told[n]) for n, name in enumerate(names)}
