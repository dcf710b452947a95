"""A company of fixed size whose rows grow: 100,000 customers, 800 reps, 36 months, and any number of order lines, as many visits.

The rows go straight into the engine, as if they had been loaded; facts, measures, audits, seal and pointer are made as every publish
makes them. So what is measured at a hundred million lines is the product and not a generator of files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from bench.company import sized
from bench.timing import Spent, peak, so_far
from data.contracts import SOURCES
from data.keeping import history
from data.keeping.history import Step
from data.keeping.store import current
from data.loading import ledger, workshop

START = date(2023, 1, 1)
END = date(2025, 12, 31)
CUSTOMERS, REPS, TERRITORIES, REGIONS = 100_000, 800, 80, 8
LINES_PER_ORDER = 4

_PARTY = "'C' || (hash(o) % $customers) as customer_id, 'R' || ((hash(o) % $customers) % $reps) as rep_id"
_DAY = "$start + (o * $days // $orders)::int"
ROWS = {
    "territories": """
        select 'T' || t as territory_id, 'Territory ' || t as name, 'Region ' || (t % $regions) as region
        from range($territories) as x (t)""",
    "reps": """
        select 'R' || r as rep_id, 'Rep ' || r as rep_name, 'rep' as role, 'T' || (r % $territories) as territory_id,
            'M' || ((r % $territories) % $regions) as manager_id
        from range($reps) as x (r)
        union all by name
        select 'M' || g as rep_id, 'Manager ' || g as rep_name, 'regional_manager' as role, 'Region ' || g as region
        from range($regions) as x (g)""",
    "customers": """
        select 'C' || c as customer_id, 'Customer ' || c as customer_name, 'R' || (c % $reps) as owner_id, c % 500 = 0 as is_key,
            'active' as status, (10000 + hash(c) % 90000)::decimal(18, 4) as credit_limit
        from range($customers) as x (c)""",
    "orders": f"""
        select 'O' || o as order_id, (1 + i % $per_order)::varchar as line_no, {_PARTY}, {_DAY} as ship_date,
            'P' || (hash(i, 'p') % 200) as product_id, 'Line ' || (hash(i, 'p') % 8) as product_line,
            (1 + hash(i, 'q') % 20)::decimal(18, 4) as qty,
            ((100 + hash(i, 'n') % 500000) * case when hash(i, 'r') % 50 = 0 then -1 else 1 end / 100)::decimal(18, 4) as net_amount,
            (net_amount * (60 + (hash(i, 'k') % 50)::int) / 100)::decimal(18, 4) as cost_amount,
            case when net_amount < 0 then 'return' else 'sale' end as doc_type, 'valid' as status
        from (select i, i // $per_order as o from range($lines) as x (i))""",
    "invoices": f"""
        select 'I' || o as invoice_id, 'O' || o as order_id, {_PARTY}, {_DAY} as invoice_date, {_DAY} + 30 as due_date,
            ((1000 + hash(o, 'a') % 2000000) / 100)::decimal(18, 4) as amount, 'invoice' as doc_type, 'valid' as status
        from range($orders) as x (o)""",
    "receipts": f"""
        select 'M' || o as receipt_id, '1' as line_no, 'I' || o as invoice_id, {_PARTY},
            {_DAY} + 10 + (hash(o, 'd') % 60)::int as received_on,
            ((1000 + hash(o, 'a') % 2000000) / 100)::decimal(18, 4) as amount, 'receipt' as doc_type
        from range($orders) as x (o) where hash(o, 'x') % 20 <> 0 and received_on <= $finish""",
    "visits": f"""
        select 'V' || v as visit_id, {_PARTY}, {_DAY} as planned_date, 'on_site' as visit_type,
            case when hash(v, 's') % 5 > 0 then least({_DAY} + (hash(v, 'd') % 4)::int, $finish)::timestamp + interval 9 hour
                + to_minutes((hash(v, 'm') % 480)::int) end as actual_date,
            case when actual_date is null then 'missed' else 'completed' end as status
        from (select v, v * $orders // $lines as o from range($lines) as x (v))""",
    "targets": """
        select 'rep' as scope, 'R' || r as scope_id, strftime($start + to_months(m::int), '%Y-%m') as period, 'revenue' as metric,
            (20000 + hash(r, m) % 20000)::decimal(18, 4) as value
        from range($reps) as x (r), range(36) as y (m)""",
}


@dataclass(frozen=True)
class Grown:
    """What making a company took, up to the stored rows and from there to the published snapshot, and the most memory it held."""

    stored: Spent
    published: Spent
    peak_bytes: int
    size_bytes: int


def make(home: Path, lines: int, say: Callable[[str], None], *, customers: int = CUSTOMERS, settings: str = "") -> Grown:
    """Publish the company with so many order lines in an empty home; `settings` are further lines of its fieldbook.toml."""
    most: list[int] = []
    home.mkdir(parents=True, exist_ok=True)
    (home / "fieldbook.toml").write_text(f"as_of = {END}\n{settings}", "utf-8")
    with peak(most, every=0.25):
        began = so_far()
        job = workshop.start(home, "bench", lambda _share, _step: None)
        with workshop.private_copy(job, fresh=True) as bench:
            bench.con.execute("set preserve_insertion_order = false")
            ledger.open_load(bench.con, job.load_id, job.now, None, "bench")
            for number, name in enumerate(ROWS, 1):
                say(f"{lines:,} lines: {name}")
                store(bench.con, name, lines, customers, job.load_id, number)
            stored = so_far()
            say(f"{lines:,} lines: publish")
            history.note(bench.con, Step(job.number, job.load_id, "load", {}))
            workshop.finish(bench, job)
            workshop.publish(bench, job, "{}")
        done = so_far()
    served = current(home)
    return Grown(stored - began, done - stored, most[0], served.stat().st_size if served else 0)


def store(con: duckdb.DuckDBPyConnection, source: str, lines: int, customers: int, load_id: int, file_id: int) -> None:
    """Put the rows of one source where a load would."""
    query, orders = ROWS[source], -(-lines // LINES_PER_ORDER)
    used = sized(
        query, start=START, finish=END, days=(END - START).days + 1, lines=lines, orders=orders, per_order=LINES_PER_ORDER,
        customers=customers, reps=REPS, territories=TERRITORIES, regions=REGIONS,
    )  # fmt: skip
    origin = f"{load_id} as _load_id, {file_id} as _file_id, (row_number() over ())::int as _row"
    con.execute(f"insert into src.{SOURCES[source].name} by name select *, {origin} from ({query})", used)
    [(count,)] = con.execute(f"select count(*) from src.{source} where _file_id = {file_id}").fetchall()
    con.execute(
        "insert into files (file_id, load_id, file, source, status, read, loaded) values (?, ?, ?, ?, 'loaded', ?, ?)",
        [file_id, load_id, f"{source}.csv", source, count, count],
    )
