"""The same figures by rep in pandas, the facts of the whole company in memory."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd  # type: ignore[import-untyped]

from bench.asked import Answer
from data.keeping import store

_TABLES = {
    "orders": "select rep_id, date, net_amount::double as net, cost_amount::double as cost, is_return from fact.orders",
    "heads": """select rep_id, customer_id, date, revenue::double as revenue, gross_profit::double as profit,
        costed_revenue::double as costed, is_counted, is_qualifying from fact.order_heads""",
    "visits": """select rep_id, party, customer_id, planned_date, actual_date, status, cancelled_by, is_completed, is_counted_type
        from fact.visits""",
    "invoices": "select rep_id, date, amount::double as amount from fact.invoices where doc_type <> 'write_off'",
    "receipts": "select rep_id, date, amount::double as amount from fact.receipts",
    "moves": "select customer_id, date, due_date, open_change::double as change from fact.receivable_moves",
    "owners": "select * from fact.owners",
}
_NOTHING = 1e-6  # amounts added as floats seldom come back to nothing
_DAYS = ("date", "due_date", "planned_date", "actual_date")


class Frames:
    """The facts, typed, in memory; only `answer` is timed."""

    def __init__(self, home: Path) -> None:
        path = store.current(home)
        if path is None:
            raise FileNotFoundError(home)
        con = duckdb.connect(path, read_only=True, config=store.READ_ONLY)
        self._tables = {name: con.execute(query).df() for name, query in _TABLES.items()}
        for frame in self._tables.values():
            for column in set(_DAYS) & set(frame.columns):
                frame[column] = pd.to_datetime(frame[column])

    def answer(self, label: str, start: date, end: date) -> Answer:
        """Every figure by rep; zeros and nothing are left out."""
        first, last = pd.Timestamp(start), pd.Timestamp(end)
        figures = self._sales(first, last) | self._visits(first, last) | self._money(first, last)
        found = ((kpi, rep, value) for kpi, values in figures.items() for rep, value in values.items())
        return {(kpi, label, str(rep)): float(value) for kpi, rep, value in found if abs(value) > _NOTHING}

    def _sales(self, first: pd.Timestamp, last: pd.Timestamp) -> dict[str, pd.Series]:
        t = self._tables
        lines = t["orders"][t["orders"]["date"].between(first, last)]
        heads = t["heads"][t["heads"]["date"].between(first, last)]
        costed, counted = lines[lines["cost"].notna()], heads[heads["is_counted"]].groupby("rep_id")
        revenue, with_cost = lines.groupby("rep_id")["net"].sum(), costed.groupby("rep_id")["net"].sum()
        profit = with_cost - costed.groupby("rep_id")["cost"].sum()
        back = -lines[lines["is_return"]].groupby("rep_id")["net"].sum()
        rated = heads[heads["costed"] > 0]
        margins = (rated["profit"] / rated["costed"]).groupby(rated["rep_id"])
        since = t["heads"][(t["heads"]["date"] > last - pd.Timedelta(days=90)) & (t["heads"]["date"] <= last) & t["heads"]["is_qualifying"]]
        return {
            "revenue": revenue,
            "gross_profit": profit,
            "gross_margin_pct": profit / with_cost,
            "cost_coverage": with_cost / revenue,
            "returns_rate": back / lines[~lines["is_return"]].groupby("rep_id")["net"].sum(),
            "order_count": counted.size(),
            "avg_order_value": counted["revenue"].mean(),
            "order_margin_pct": margins.median(),
            "order_margin_pct_mean": margins.mean(),
            "buying_customers": heads[heads["is_qualifying"]].groupby("rep_id")["customer_id"].nunique(),
            "active_customers": since.groupby("rep_id")["customer_id"].nunique(),
        }

    def _visits(self, first: pd.Timestamp, last: pd.Timestamp) -> dict[str, pd.Series]:
        visits = self._tables["visits"]
        visits = visits[visits["is_counted_type"]]
        seen = visits[visits["is_completed"] & visits["actual_date"].between(first, last)]
        called_off = (visits["status"] == "cancelled") & (visits["cancelled_by"] == "customer")
        plans = visits[visits["planned_date"].between(first, last) & (visits["status"] != "rescheduled") & ~called_off]
        kept = plans[plans["is_completed"] & ((plans["actual_date"] - plans["planned_date"]).abs() <= pd.Timedelta(days=7))]
        planned = plans.groupby("rep_id").size()
        return {
            "completed_visits": seen.drop_duplicates(["rep_id", "party", "actual_date"]).groupby("rep_id").size(),
            "visit_records": seen.groupby("rep_id").size(),
            "distinct_customers_visited": seen.groupby("rep_id")["customer_id"].nunique(),
            "planned_visits": planned,
            "visit_attainment": kept.groupby("rep_id").size() / planned,
        }

    def _money(self, first: pd.Timestamp, last: pd.Timestamp) -> dict[str, pd.Series]:
        t, day = self._tables, last.date()
        held = t["owners"][(t["owners"]["valid_from"].map(_day) <= day) & (t["owners"]["valid_to"].map(_day) >= day)]
        moves = t["moves"][t["moves"]["date"] <= last].merge(held[["customer_id", "rep_id"]], on="customer_id", how="left")
        moves["rep_id"] = moves["rep_id"].fillna("unassigned")

        def within(name: str) -> pd.Series:
            frame = t[name]
            return frame[frame["date"].between(first, last)].groupby("rep_id")["amount"].sum()

        return {
            "invoiced": within("invoices"),
            "collected": within("receipts"),
            "ar_balance": moves.groupby("rep_id")["change"].sum(),
            "overdue_amount": moves[moves["due_date"] < last].groupby("rep_id")["change"].sum(),
        }


def _day(value: object) -> date:
    """A date, whatever pandas made of it: the ends of all time are beyond its time stamps."""
    return value.date() if isinstance(value, pd.Timestamp) else value  # type: ignore[return-value]
