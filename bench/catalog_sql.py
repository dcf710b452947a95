"""Figures by rep as plain SQL over the facts of a snapshot, one statement each: no measures, no KPI layer, no rights."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from bench.asked import Answer
from data.keeping import store

_IN = "date between $start and $end"
_SEEN = "is_completed and is_counted_type and actual_date between $start and $end"
_PLANNED = """is_counted_type and planned_date between $start and $end and status <> 'rescheduled'
    and not (status = 'cancelled' and coalesce(cancelled_by, '') = 'customer')"""
_OPEN = """fact.receivable_moves as m
    left join fact.owners as o on m.customer_id = o.customer_id and $end between o.valid_from and o.valid_to where m.date <= $end"""
STATEMENTS = {
    "revenue": f"select rep_id, sum(net_amount) from fact.orders where {_IN} group by all",
    "gross_profit": f"select rep_id, sum(net_amount - cost_amount) from fact.orders where {_IN} group by all",
    "gross_margin_pct": f"""
        select rep_id, sum(net_amount - cost_amount)::double / sum(net_amount) filter (cost_amount is not null)::double
        from fact.orders where {_IN} group by all""",
    "cost_coverage": f"""
        select rep_id, sum(net_amount) filter (cost_amount is not null)::double / sum(net_amount)::double
        from fact.orders where {_IN} group by all""",
    "returns_rate": f"""
        select rep_id, -sum(net_amount) filter (is_return)::double / sum(net_amount) filter (not is_return)::double
        from fact.orders where {_IN} group by all""",
    "order_count": f"select rep_id, count(*) from fact.order_heads where is_counted and {_IN} group by all",
    "avg_order_value": f"select rep_id, avg(revenue::double) from fact.order_heads where is_counted and {_IN} group by all",
    "order_margin_pct": f"""
        select rep_id, median(gross_profit::double / costed_revenue::double)
        from fact.order_heads where costed_revenue > 0 and {_IN} group by all""",
    "order_margin_pct_mean": f"""
        select rep_id, avg(gross_profit::double / costed_revenue::double)
        from fact.order_heads where costed_revenue > 0 and {_IN} group by all""",
    "buying_customers": f"select rep_id, count(distinct customer_id) from fact.order_heads where is_qualifying and {_IN} group by all",
    "active_customers": """
        select rep_id, count(distinct customer_id) from fact.order_heads
        where is_qualifying and date > $end::date - 90 and date <= $end and $start is not null group by all""",
    "completed_visits": f"select rep_id, count(distinct (party, actual_date)) from fact.visits where {_SEEN} group by all",
    "visit_records": f"select rep_id, count(*) from fact.visits where {_SEEN} group by all",
    "distinct_customers_visited": f"select rep_id, count(distinct customer_id) from fact.visits where {_SEEN} group by all",
    "planned_visits": f"select rep_id, count(*) from fact.visits where {_PLANNED} group by all",
    "visit_attainment": f"""
        select rep_id, count(*) filter (is_completed and abs(actual_date - planned_date) <= 7)::double / count(*)
        from fact.visits where {_PLANNED} group by all""",
    "invoiced": f"select rep_id, sum(amount) from fact.invoices where doc_type <> 'write_off' and {_IN} group by all",
    "collected": f"select rep_id, sum(amount) from fact.receipts where {_IN} group by all",
    "ar_balance": f"select coalesce(o.rep_id, 'unassigned'), sum(open_change) from {_OPEN} and $start is not null group by all",
    "overdue_amount": f"""
        select coalesce(o.rep_id, 'unassigned'), sum(open_change) from {_OPEN} and due_date < $end and $start is not null group by all""",
}


class Facts:
    """The snapshot opened as it is."""

    def __init__(self, home: Path) -> None:
        path = store.current(home)
        if path is None:
            raise FileNotFoundError(home)
        # the very settings the product opens it with: the engine allows no others beside them in one process
        self._con = duckdb.connect(path, read_only=True, config=store.READ_ONLY)

    def lines(self) -> int:
        """Order lines in the snapshot."""
        return int(self._con.execute("select count(*) from fact.orders").fetchall()[0][0])

    def answer(self, label: str, start: date, end: date) -> Answer:
        """Every figure by rep; zeros and nothing are left out."""
        result: Answer = {}
        for kpi, statement in STATEMENTS.items():
            rows = self._con.execute(statement, {"start": start, "end": end}).fetchall()
            result |= {(kpi, label, str(rep)): float(value) for rep, value in rows if value}
        return result
