"""From visit to order to cash 拜访—订单—到账: what the visits of a period have led to so far, each rung counted once.

An order belongs to the latest visit before it, within the strike days; invoices and receipts follow the order they name.
"""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kpi, Unit
from kpi.fieldwork import strike_rate

_ORDERS = ("visits", "orders")
_CASH = ("visits", "orders", "invoices")


def _unbilled(_: object) -> pl.Expr:
    return pl.sum("billed_amount") < pl.sum("won_amount")


visit_orders = Kpi("visit_orders", Unit.COUNT, Better.UP, "visit_ladder", _ORDERS, pl.sum("won_orders"))
visit_order_amount = Kpi("visit_order_amount", Unit.MONEY, Better.UP, "visit_ladder", _ORDERS, pl.sum("won_amount"))

# Invoices that do not name their order cannot be followed, and orders not yet billed cannot be paid.
visit_billed_amount = Kpi(
    "visit_billed_amount",
    Unit.MONEY,
    Better.UP,
    "visit_cash",
    _CASH,
    pl.sum("billed_amount"),
    partial=_unbilled,
    partial_note="not_all_billed",
)
visit_cash_amount = Kpi(
    "visit_cash_amount", Unit.MONEY, Better.UP, "visit_cash", _CASH, pl.sum("paid_amount"), partial=_unbilled, partial_note="not_all_billed"
)
order_amount_per_visit = Kpi(
    "order_amount_per_visit",
    Unit.MONEY,
    Better.UP,
    "visit_ladder",
    _ORDERS,
    pl.sum("won_amount"),
    pl.sum("made_visits"),
    empty_note="no_visits",
)

LADDER = (strike_rate, visit_orders, visit_order_amount, visit_billed_amount, visit_cash_amount)
KPIS = (visit_orders, visit_order_amount, visit_billed_amount, visit_cash_amount, order_amount_per_visit)
