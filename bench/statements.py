"""The Overview's figures as plain SQL over the facts of the same snapshot: no measures, no KPI layer, no rights."""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.asked import GUARD, Answer, Window
from data.keeping import store

# Each statement gives (member, value) for one window; $by_region chooses the level. A rate is divided after summing.
MEMBER = "case when $by_region then region else '' end as member"
STATEMENTS = {
    "revenue": f"select {MEMBER}, sum(net_amount) from fact.orders where date between $start and $end group by all",
    "gross_profit": f"select {MEMBER}, sum(net_amount - cost_amount) from fact.orders where date between $start and $end group by all",
    "gross_margin_pct": f"""
        select {MEMBER}, sum(net_amount - cost_amount)::double / sum(net_amount)::double
        from fact.orders where date between $start and $end group by all""",
    "order_count": f"select {MEMBER}, count(*) from fact.order_heads where is_counted and date between $start and $end group by all",
    "new_customers": f"""
        select {MEMBER}, count(*) filter (date between $start and $end) from (
            select * from fact.order_heads where is_qualifying
            qualify row_number() over (partition by customer_id order by date, order_id) = 1)
        group by all""",
    "completed_visits": f"""
        select {MEMBER}, count(distinct (rep_id, party, actual_date)) from fact.visits
        where is_completed and is_counted_type and actual_date between $start and $end group by all""",
    "invoiced": f"select {MEMBER}, sum(amount) from fact.invoices where date between $start and $end group by all",
    "collected": f"select {MEMBER}, sum(amount) from fact.receipts where date between $start and $end group by all",
    "collection_rate": f"""
        with paid as (
            select invoice_id, sum(amount) filter (date < $start) as before, sum(amount) filter (date between $start and $end) as during
            from fact.receipts where date <= $end group by invoice_id)
        select {MEMBER}, coalesce(sum(during), 0)::double / sum(amount - coalesce(before, 0))::double
        from fact.invoices left join paid using (invoice_id)
        where date <= $end and due_date <= $end group by all""",
    "target_attainment": f"""
        with sold as (select {MEMBER}, sum(net_amount) as value from fact.orders where date between $start and $end group by all),
        goal as (
            select {MEMBER}, sum(value) as value from src.targets join fact.people on rep_id = scope_id
            where period between strftime($start, '%Y-%m') and strftime($end, '%Y-%m') group by all)
        select member, sold.value::double / goal.value::double from sold join goal using (member)""",
}


class Facts:
    """The snapshot opened as it is."""

    def __init__(self, home: Path) -> None:
        path = store.current(home)
        if path is None:
            raise FileNotFoundError(home)
        # the very settings the product opens it with: the engine allows no others beside them in one process
        self._con = duckdb.connect(path, read_only=True, config=store.READ_ONLY)

    def answer(self, windows: list[Window], by_region: bool) -> Answer:
        """Every figure of the Overview for each window; in total, or per region."""
        result: Answer = {}
        for label, start, end in windows:
            for kpi, statement in STATEMENTS.items():
                if kpi == "new_customers" and start < GUARD:
                    continue
                rows = self._con.execute(statement, {"by_region": by_region, "start": start, "end": end}).fetchall()
                result |= {(kpi, label, member): float(value) for member, value in rows}
        return result
