"""Credit cost 赊销成本: what overdue money costs while it is away, and what it leaves of the margin; with the rep on the invoice."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpi.base import Better, Derived, Kpi, Unit
from kpi.composite import Composite, Row, Rows, number
from kpi.config import Config
from kpi.period import Period
from kpi.sales import gross_margin_pct, gross_profit

_CASH = ("invoices", "receipts")
_YEAR_DAYS = 365

# 100 overdue for three days of the period are 300.
overdue_money_days = Kpi(
    "overdue_money_days",
    Unit.MONEY,
    Better.DOWN,
    "overdue_days",
    _CASH,
    pl.sum("money_days"),
    partial=lambda _: pl.sum("estimated_rows") > 0,
    partial_note="estimated",
)


def _cost(row: Row, config: Config) -> float | None:
    days = number(row["value"])
    return None if days is None else days * config.credit_cost_rate / _YEAR_DAYS


@dataclass(frozen=True, eq=False)
class CreditCost(Composite):
    """Overdue balance of each day of the period × the yearly rate ÷ 365."""

    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """Overdue money times days."""
        return (overdue_money_days,)

    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """Nothing overdue costs nothing."""
        row, cost = rows[overdue_money_days.name], _cost(rows[overdue_money_days.name], config)
        return {name: row[name] for name in ("n_rows", "n_excluded", "status", "note")} | {"value": cost, "numerator": cost}


@dataclass(frozen=True, eq=False)
class MarginAfterCredit(Composite):
    """Gross profit less the credit cost; beside it the rate on the revenue whose cost is known."""

    def parts(self, config: Config) -> tuple[Kpi | Derived, ...]:
        """Gross profit, the revenue it is made on, and overdue money times days."""
        return gross_profit, gross_margin_pct, overdue_money_days

    def one(self, rows: Rows, period: Period, config: Config) -> Row:
        """Without the one or the other nobody knows what is left."""
        profit, sold, overdue = (rows[part.name] for part in self.parts(config))
        state = profit if profit["value"] is None or overdue["status"] == "ok" else overdue
        row: Row = {name: state[name] for name in ("status", "note")} | {name: profit[name] for name in ("n_rows", "n_excluded")}
        earned, cost, revenue = number(profit["value"]), _cost(overdue, config), number(sold["denominator"])
        if earned is None or cost is None:
            return row
        left = earned - cost
        return row | {
            "value": left,
            "numerator": left,
            "credit_cost": cost,
            "margin_rate": left / revenue if revenue and revenue > 0 else None,
        }


credit_cost = CreditCost("credit_cost", Unit.MONEY, Better.DOWN, _CASH)
margin_after_credit = MarginAfterCredit(
    "margin_after_credit", Unit.MONEY, Better.UP, ("orders", *_CASH), extra=("credit_cost", "margin_rate")
)

KPIS = (credit_cost, margin_after_credit)
