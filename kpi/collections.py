"""Collections 回款: invoices and cash, tax included. Flows follow the rep on the invoice, stocks the customer's owner."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kind, Kpi, Unit
from kpi.config import Config

_INVOICES = ("invoices",)
_WITH_CASH = ("invoices", "receipts")  # or, instead of receipts, the paid amounts on the invoices
BUCKETS = ("not_due", "d1_30", "d31_60", "d61_90", "d91_180", "d180_plus")


def _estimated(_: Config) -> pl.Expr:
    """Cash taken from an invoice's paid amount stands for receipts we were not given."""
    return pl.sum("estimated_rows") > 0


invoiced = Kpi("invoiced", Unit.MONEY, Better.UP, "billing", _INVOICES, pl.sum("invoiced"), rows=pl.sum("invoiced_rows"))

due_amount = Kpi(
    "due_amount",
    Unit.MONEY,
    Better.NONE,
    "billing",
    _INVOICES,
    pl.sum("due"),
    rows=pl.sum("due_rows"),
    excluded=pl.sum("undated_rows"),
    ahead=True,
)

collected = Kpi(
    "collected",
    Unit.MONEY,
    Better.UP,
    "cash",
    _WITH_CASH,
    pl.sum("collected"),
    rows=pl.sum("collected_rows"),
    partial=_estimated,
    partial_note="estimated",
)

# The primary one: it cannot be raised by invoicing less, and stays within 0–100 %.
collection_rate = Kpi(
    "collection_rate",
    Unit.RATE,
    Better.UP,
    "collections",
    _WITH_CASH,
    pl.sum("applied_to_collectible"),
    pl.sum("collectible"),
    partial=_estimated,
    partial_note="estimated",
    empty_note="nothing_collectible",
)

cash_to_sales_ratio = Kpi(
    "cash_to_sales_ratio",
    Unit.RATE,
    Better.UP,
    "cash",
    _WITH_CASH,
    pl.sum("collected"),
    pl.sum("invoiced"),
    rows=pl.sum("collected_rows") + pl.sum("invoiced_rows"),
    partial=_estimated,
    partial_note="estimated",
    empty_note="nothing_invoiced",
)

collection_rate_balance = Kpi(
    "collection_rate_balance",
    Unit.RATE,
    Better.UP,
    "collections",
    _WITH_CASH,
    pl.sum("collected"),
    pl.sum("opening") + pl.sum("invoiced"),
    partial=_estimated,
    partial_note="estimated",
)


def _position(name: str, unit: Unit, better: Better, numerator: pl.Expr, denominator: pl.Expr | None = None, **more: object) -> Kpi:
    """A KPI over what is open on the period's last day, with the customer's owner of that day."""
    return Kpi(
        name,
        unit,
        better,
        "receivable_positions",
        _WITH_CASH,
        numerator,
        denominator,
        partial=_estimated,
        partial_note="estimated",
        kind=Kind.STOCK,
        credit="owner",
        **more,  # type: ignore[arg-type]
    )


ar_balance = _position("ar_balance", Unit.MONEY, Better.NONE, pl.sum("ar_balance"), extra={"unapplied": pl.sum("unapplied")})
overdue_amount = _position("overdue_amount", Unit.MONEY, Better.DOWN, pl.sum("overdue_amount"))
overdue_rate = _position("overdue_rate", Unit.RATE, Better.DOWN, pl.sum("overdue_amount"), pl.sum("ar_balance"), empty_note="nothing_open")

# Open balance by days past due; the buckets sum to the value, with the (negative) unapplied column to the net balance.
ar_aging = _position(
    "ar_aging",
    Unit.MONEY,
    Better.NONE,
    pl.sum("ar_balance"),
    extra={**{bucket: pl.sum(bucket) for bucket in BUCKETS}, "unapplied": -pl.sum("unapplied")},
)

dso = _position(
    "dso",
    Unit.DAYS,
    Better.DOWN,
    pl.sum("ar_balance") - pl.sum("unapplied"),
    pl.sum("invoiced_trailing"),
    scale=lambda config: config.dso_days,
    history=lambda config: config.dso_days,
    empty_note="nothing_invoiced",
)

KPIS = (
    invoiced,
    due_amount,
    collected,
    collection_rate,
    cash_to_sales_ratio,
    collection_rate_balance,
    ar_balance,
    overdue_amount,
    overdue_rate,
    ar_aging,
    dso,
)
