"""Open work of people who have left 待移交: customers, open money and prospects that still carry their name, to be given to somebody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import polars as pl

from kpi.base import MONEY_TYPE, NOBODY

_SCHEMA: dict[str, Any] = dict.fromkeys(("kind", "rep_id", "customer_id", "prospect_id"), pl.String) | dict.fromkeys(
    ("open_amount", "overdue_amount", "est_value"), MONEY_TYPE
)


def open_work(
    customers: pl.DataFrame | None, invoices: pl.DataFrame | None, prospects: pl.DataFrame | None, *, left: Collection[str]
) -> pl.DataFrame:
    """One row a customer or prospect to hand over, the most open money first.

    customers   customer_id, owner_id, status;  invoices: view `open_invoices`;  prospects: view `open_prospects`; None: not loaded
    Returns     kind, rep_id, customer_id, prospect_id, open_amount, overdue_amount, est_value
    kind        customer: nobody who is here looks after it; money: only open money is left, somebody has the customer; prospect
    """
    gone = [*left, NOBODY]
    owed = _owed(invoices, gone)
    found = [_shaped(prospects.filter(pl.col("rep_id").is_in(gone)), "prospect")] if prospects is not None else []
    if customers is None:
        return _sorted([*found, _shaped(owed, "money")])
    active = pl.col("status").fill_null("") != "inactive"
    mine = customers.filter(pl.col("owner_id").is_in(gone) & active).select("customer_id", rep_id=pl.col("owner_id"))
    with_money = mine.join(owed.drop("rep_id"), on="customer_id", how="left")
    rest = owed.join(mine, on="customer_id", how="anti")
    return _sorted([*found, _shaped(with_money, "customer"), _shaped(rest, "money")])


def _owed(invoices: pl.DataFrame | None, gone: Collection[str]) -> pl.DataFrame:
    """Open and overdue money of the people gone, by customer."""
    if invoices is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "rep_id": pl.String, "open_amount": MONEY_TYPE, "overdue_amount": MONEY_TYPE})
    late = pl.col("open_amount").filter(pl.col("days_late") > 0).sum()
    held = invoices.filter(pl.col("rep_id").is_in(list(gone))).group_by("customer_id", "rep_id")
    return held.agg(late.alias("overdue_amount"), pl.sum("open_amount")).filter(pl.col("open_amount") != 0)


def _shaped(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    values = {name: pl.col(name) if name in rows.columns else pl.lit(None) for name in _SCHEMA} | {"kind": pl.lit(kind)}
    return rows.select(expr.cast(_SCHEMA[name]).alias(name) for name, expr in values.items())


def _sorted(parts: list[pl.DataFrame]) -> pl.DataFrame:
    order = ["open_amount", "est_value", "customer_id", "prospect_id"]
    return pl.concat(parts).sort(order, descending=[True, True, False, False], nulls_last=True)
