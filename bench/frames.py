"""The Overview's figures in pandas, the whole company in memory: what a dashboard without a warehouse would do on every rerun."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]

from bench.asked import GUARD, Answer, Window

_DATES = ("ship_date", "actual_date", "invoice_date", "due_date", "received_on")


class Company:
    """The exports, typed, with the region on every row; only `answer` is timed."""

    def __init__(self, files: dict[str, Path]) -> None:
        frames = {name: pd.read_csv(file) for name, file in files.items()}
        for frame in frames.values():
            for column in set(_DATES) & set(frame.columns):
                frame[column] = pd.to_datetime(frame[column])
        home = frames["reps"].merge(frames["territories"], on="territory_id")[["rep_id", "region"]]
        located = {name: frames[name].merge(home, on="rep_id") for name in ("orders", "visits", "invoices")}
        self.orders, self.visits, self.invoices = located["orders"], located["visits"], located["invoices"]
        self.receipts = frames["receipts"].merge(self.invoices[["invoice_id", "region", "due_date", "invoice_date"]], on="invoice_id")
        self.targets = frames["targets"].merge(home, left_on="scope_id", right_on="rep_id")

    def answer(self, windows: list[Window], by_region: bool) -> Answer:
        """Every figure of the Overview for each window; in total, or per region."""
        result: Answer = {}
        for label, start, end in windows:
            for kpi, values in self._figures(start, end, by_region).items():
                result |= {(kpi, label, str(member)): float(value) for member, value in values.items()}
        return result

    def _figures(self, start: date, end: date, by_region: bool) -> dict[str, pd.Series]:
        first, last = pd.Timestamp(start), pd.Timestamp(end)

        def within(frame: pd.DataFrame, column: str) -> pd.DataFrame:
            return frame[frame[column].between(first, last)]

        def grouped(frame: pd.DataFrame, column: str) -> pd.Series:
            return frame.groupby("region")[column].sum() if by_region else pd.Series({"": frame[column].sum()})

        sold = within(self.orders, "ship_date")
        revenue, cost = grouped(sold, "net_amount"), grouped(sold, "cost_amount")
        heads = sold.groupby(["order_id", "region"], as_index=False)["net_amount"].sum()
        counted = heads[heads["net_amount"] > 0].assign(n=1)
        goals = self.targets[self.targets["period"].between(f"{start:%Y-%m}", f"{end:%Y-%m}")]
        visits = within(self.visits, "actual_date").drop_duplicates(["rep_id", "customer_id", "actual_date"]).assign(n=1)
        due, paid = self._collectible(first, last)
        figures = {
            "revenue": revenue,
            "gross_profit": revenue - cost,
            "gross_margin_pct": (revenue - cost) / revenue,
            "order_count": grouped(counted, "n"),
            "completed_visits": grouped(visits, "n"),
            "invoiced": grouped(within(self.invoices, "invoice_date"), "amount"),
            "collected": grouped(within(self.receipts, "received_on"), "amount"),
            "collection_rate": grouped(paid, "amount") / grouped(due, "amount"),
            "target_attainment": revenue / grouped(goals, "value"),
        }
        return figures | ({"new_customers": grouped(self._new(first, last), "n")} if start >= GUARD else {})

    def _new(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """Customers whose first order with revenue lies in the window, with the region of that order."""
        heads = self.orders.groupby(["order_id", "customer_id", "region", "ship_date"], as_index=False)["net_amount"].sum()
        firsts = heads[heads["net_amount"] > 0].sort_values(["ship_date", "order_id"]).drop_duplicates("customer_id")
        return firsts[firsts["ship_date"].between(first, last)].assign(n=1)

    def _collectible(self, first: pd.Timestamp, last: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Invoices open at the start or issued since, due by the end; and the cash that came in for them."""
        before = self.receipts.loc[self.receipts["received_on"] < first, "invoice_id"]
        due = self.invoices[(self.invoices["invoice_date"] <= last) & (self.invoices["due_date"] <= last)]
        due = due[~due["invoice_id"].isin(before)]
        paid = self.receipts[self.receipts["received_on"].between(first, last) & self.receipts["invoice_id"].isin(due["invoice_id"])]
        return due, paid
