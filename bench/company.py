"""A company of any size as export files, made by rule: the same size gives the same bytes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

START = date(2024, 1, 1)
END = date(2025, 12, 31)
REPS = 100
TERRITORIES = 20
REGIONS = 5
LINES_PER_ORDER = 4

# hash() spreads. Order n of N lies n/N of the way through the two years, and the circle of customers grows with it.
_PARTY = """hash(o) % (1 + $customers * (3 * $orders + 7 * o) // (10 * $orders)) as c,
               'C' || c as customer_id, 'R' || (hash(c) % $reps) as rep_id,
               $start + (o * $days // $orders)::int as day"""
FILES = {
    "territories": """
        select 'T' || t as territory_id, 'Territory ' || t as name, 'Region ' || (t % $regions) as region
        from range($territories) as x (t)""",
    "reps": """
        select 'R' || r as rep_id, 'Rep ' || r as rep_name, 'rep' as role, 'T' || (r % $territories) as territory_id
        from range($reps) as x (r)""",
    "customers": """
        select 'C' || c as customer_id, 'Customer ' || c as customer_name, 'R' || (hash(c) % $reps) as owner_id
        from range($customers + 1) as x (c)""",
    "orders": f"""
        select i // $per_order as o, {_PARTY}, 'O' || o as order_id, 1 + i % $per_order as line_no, day as ship_date,
               'P' || (hash(i, 'p') % 200) as product_id, 'Line ' || (hash(i, 'p') % 8) as product_line, 1 + hash(i, 'q') % 20 as qty,
               ((100 + hash(i, 'n') % 500000) * case when hash(i, 'r') % 50 = 0 then -1 else 1 end / 100)::decimal(18, 2) as net_amount,
               (net_amount * (60 + (hash(i, 'k') % 50)::int) / 100)::decimal(18, 2) as cost_amount,
               case when net_amount < 0 then 'return' else 'sale' end as doc_type
        from range($lines) as x (i)""",
    "invoices": f"""
        select o, {_PARTY}, 'I' || o as invoice_id, day as invoice_date, day + 30 as due_date,
               ((1000 + hash(o, 'a') % 2000000) / 100)::decimal(18, 2) as amount
        from range($orders) as x (o)""",
    "receipts": f"""
        select o, {_PARTY}, 'M' || o as receipt_id, 1 as line_no, 'I' || o as invoice_id,
               day + 10 + (hash(o, 'd') % 60)::int as received_on, ((1000 + hash(o, 'a') % 2000000) / 100)::decimal(18, 2) as amount
        from range($orders) as x (o) where hash(o, 'x') % 20 <> 0 and received_on <= $finish""",
    "visits": f"""
        select v * $orders // $visits as o, {_PARTY}, 'V' || v as visit_id, day as planned_date,
               case when hash(v, 's') % 5 > 0 then day + (hash(v, 'd') % 4)::int end as made_on,
               case when made_on <= $finish then made_on end as actual_date,
               case when actual_date is null then 'missed' else 'completed' end as status
        from range($visits) as x (v)""",
    "targets": """
        select 'rep' as scope, 'R' || r as scope_id, strftime($start + to_months(m::int), '%Y-%m') as period, 'revenue' as metric,
               20000 + hash(r, m) % 20000 as value
        from range($reps) as x (r), range(24) as y (m)""",
}
_HELPERS = ("o", "c", "day", "made_on")  # columns that only serve the others


def sized(query: str, **size: Any) -> dict[str, Any]:
    """The parameters a query names, of those that say how large a company is."""
    return {key: value for key, value in size.items() if re.search(rf"\${key}\b", query)}


def write(folder: Path, lines: int, names: tuple[str, ...] = tuple(FILES)) -> dict[str, Path]:
    """Write the named exports of a company with that many order lines as UTF-8 CSV; the path of each."""
    folder.mkdir(parents=True, exist_ok=True)
    orders = -(-lines // LINES_PER_ORDER)
    size: dict[str, Any] = {
        "start": START, "finish": END, "days": (END - START).days + 1, "lines": lines, "orders": orders, "per_order": LINES_PER_ORDER,
        "customers": max(200, lines // 200), "visits": max(1, lines // 8), "reps": REPS, "territories": TERRITORIES, "regions": REGIONS,
    }  # fmt: skip
    con = duckdb.connect()
    paths = {}
    for name in names:
        paths[name] = folder / f"{name}.csv"
        rows = con.sql(FILES[name], params=sized(FILES[name], **size))
        rows.select(*(column for column in rows.columns if column not in _HELPERS)).write_csv(str(paths[name]), header=True)
    return paths
