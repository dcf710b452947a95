"""A company of rows that two engines may read differently: ties, nulls, spaces, tiny and huge amounts, ancient days, text like code."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

# Whoever let data into a statement, a pattern, a path or a variable would notice one of these.
HOSTILE = (
    "'); drop view fact_orders; --", "C\\", "C\\'", "${spark.home}", ":loaded", "`C`", '"C"', "C/../C", "{as_of}", "%s", "C\n", "客户 １",
    "__HIVE_DEFAULT_PARTITION__",
)  # fmt: skip
PLAIN = ("C1", "C2", "C3")
CUSTOMERS = (*PLAIN, *HOSTILE)
PEOPLE = ("R1", "R2", "K1", "I1", "R')--", "gone", None)  # the last two are on no list
DAYS = ("2025-12-31", "2026-01-01", "2026-01-31", "2026-02-28", "2026-03-15", "2026-03-15", "2026-06-30")
AMOUNTS = ("0.0001", "-0.0001", "0", "33.3333", "99999999999999.9999", "-99999999999999.9999", "12.34")

REPS: list[Row] = [
    {"rep_id": "M1", "rep_name": "Mo", "role": "regional_manager", "region": "North", "login": "mo@x.cn"},
    {
        "rep_id": "R1",
        "rep_name": "Li",
        "role": "rep",
        "region": "North",
        "territory_id": "T1",
        "manager_id": "M1",
        "valid_to": "2026-02-28",
    },
    {"rep_id": "R1", "rep_name": "Li", "role": "rep", "region": "South", "territory_id": "T2", "valid_from": "2026-03-01"},
    {"rep_id": "R2", "rep_name": "Wang", "role": "rep", "region": "South", "pair_id": "P1", "left_on": "2026-06-01"},
    {"rep_id": "K1", "rep_name": "Ka", "role": "kam", "region": "North", "manager_id": "M1"},
    {"rep_id": "I1", "rep_name": "In", "role": "inside", "region": "South", "pair_id": "P1"},
    {"rep_id": "R')--", "rep_name": "${x}", "role": "rep", "region": ":loaded"},
]
TERRITORIES: list[Row] = [
    {"territory_id": f"T{n}", "name": f"T {n}", "region": region} for n, region in ((1, "North"), (2, "South"), (3, None))
]
CARDS: list[Row] = [
    {
        "customer_id": customer,
        "customer_name": customer,
        "owner_id": PEOPLE[n % 6],
        "is_key": n % 5 == 0,
        "created_on": DAYS[n % 7] if n % 2 else None,
        "first_order_on": "2025-12-01" if n % 4 == 0 else None,
        "contract_signed_on": DAYS[n % 7] if n % 3 else None,
    }
    for n, customer in enumerate(CUSTOMERS)
]
ORDERS: list[Row] = [
    {
        "order_id": f"O{n // 3}",
        "line_no": ("10", "2", "x")[n % 3],  # as numbers 2 comes first, as text 10
        "customer_id": CUSTOMERS[n // 3 % len(CUSTOMERS)],
        "rep_id": PEOPLE[n // 2 % 7],
        "ship_date": DAYS[n // 6 % 7] if n % 4 else None,
        "order_date": DAYS[n // 5 % 7],
        "product_line": (None, "air", "sea", "", "　")[n % 5],
        "uom": ("kg", None)[n % 2],
        "qty": AMOUNTS[n % 7],
        "net_amount": AMOUNTS[n * 3 % 7],
        "cost_amount": AMOUNTS[n * 2 % 7] if n % 5 else None,
        "list_amount": AMOUNTS[n % 4] if n % 3 else None,
        "doc_type": "return" if n % 9 == 8 else "sample" if n % 31 == 0 else "sale",
        "orig_order_id": f"O{n // 9}" if n % 18 == 8 else "nowhere",
        "approved_by": PEOPLE[n % 7],
    }
    for n in range(150)
]
VISITS: list[Row] = [
    {
        "visit_id": f"V{n}",
        "rep_id": PEOPLE[n % 7] or "R1",
        "customer_id": CUSTOMERS[n // 2 % len(CUSTOMERS)] if n % 3 else None,
        "prospect_id": None if n % 3 else f"P{n % 7}",
        "planned_date": DAYS[n // 4 % 7] if n % 4 or not n % 5 else None,
        "actual_date": f"{DAYS[n // 3 % 7]} {n % 24:02}:{n % 60:02}:59.999999" if n % 5 else None,
        "status": "completed" if n % 5 else ("cancelled", "rescheduled", "missed")[n // 5 % 3],
        "cancelled_by": ("customer", "us", None)[n // 3 % 3],
        "visit_type": ("on_site", "phone", "customer_visits_us", "on_site", "online")[n // 2 % 5],
        "booked_by": PEOPLE[n // 5 % 7],
        "logged_at": f"{DAYS[n // 3 % 7]} {n % 24:02}:{n % 60:02}:00" if n % 2 else None,
        "outcome": ("same", "same", None)[n % 3],
    }
    for n in range(140)
]
INVOICES: list[Row] = [
    {
        "invoice_id": f"I{n}",
        "order_id": f"O{n % 60}" if n % 3 else None,
        "customer_id": CUSTOMERS[n % len(CUSTOMERS)],
        "rep_id": PEOPLE[n % 7],
        "invoice_date": DAYS[n % 7] if n else "1500-02-28",  # before there was one calendar
        "due_date": DAYS[(n + 2) % 7] if n % 4 else None,
        "amount": AMOUNTS[n % 7] if n % 8 < 6 else "-10.5",
        "doc_type": "credit_note" if n % 8 == 6 else "write_off" if n % 8 == 7 else "invoice",
        "credit_of": f"I{n - 1}" if n % 8 == 6 else None,
    }
    for n in range(60)
]
RECEIPTS: list[Row] = [
    {
        "receipt_id": f"M{n // 2}",
        "customer_id": CUSTOMERS[n % len(CUSTOMERS)],
        "invoice_id": f"I{n}" if n % 5 else None,
        "rep_id": PEOPLE[n % 7],
        "received_on": DAYS[(n + 1) % 7],
        "cleared_on": DAYS[(n + 3) % 7] if n % 2 else None,
        "applied_on": DAYS[(n + 4) % 7] if n % 3 else None,
        "amount": AMOUNTS[n % 7],
        "method": ("bill", "cash", None)[n % 3],
        "doc_type": "reversal" if n % 11 == 10 else "receipt",
    }
    for n in range(66)
]
REASONS = (" 竞争对手　", "\u00a0Competition\u2003", "竞争", "", "　", "price", "\tprice", "İ", None)
PROSPECTS: list[Row] = [
    {
        "prospect_id": f"P{n}",
        "name": f"Prospect {n}",
        "owner_id": PEOPLE[n % 7],
        "source": ("fair", None, "'")[n % 3],
        "created_on": DAYS[n % 7],
        "qualified_on": DAYS[(n + 1) % 7] if n % 2 else None,
        "visited_on": DAYS[(n + 5) % 7] if n % 3 else None,
        "quoted_on": DAYS[(n + 6) % 7] if n % 4 else None,
        "contracted_on": DAYS[(n + 2) % 7] if n % 5 == 0 else None,
        "lost_on": DAYS[n % 7] if n % 2 else None,
        "abandoned_on": DAYS[n % 7] if n % 7 == 3 else None,
        "stage": "lost" if n % 2 else "abandoned" if n % 7 == 3 else "contracted" if n % 5 == 0 else "qualified",
        "customer_id": CUSTOMERS[n % len(CUSTOMERS)] if n % 5 == 0 else None,
        "lost_reason": REASONS[n % 9],
        "competitor": REASONS[n * 2 % 9],
    }
    for n in range(36)
]
QUOTES: list[Row] = [
    {
        "quote_id": f"Q{n // 3}",
        "version": str(n % 3),
        "customer_id": CUSTOMERS[n // 3 % len(CUSTOMERS)] if n // 3 % 2 else None,
        "prospect_id": None if n // 3 % 2 else f"P{n // 3}",
        "rep_id": PEOPLE[n % 7] or "R1",
        "quote_date": DAYS[(n + n % 3) % 7],
        "amount": AMOUNTS[n % 7],
        "status": ("open", "won", "lost", "expired")[n // 2 % 4],
    }
    for n in range(60)
]
SERVICE: list[Row] = [
    {
        "case_id": f"S{n}",
        "customer_id": CUSTOMERS[n // 8 % 4],
        "kind": ("complaint", "exception", "survey", "survey")[n % 4],
        "opened_on": f"{DAYS[n // 16 % 2]} 23:59:59.999999",
        "responded_at": (None, "2025-12-31 00:00:00", "2026-01-02 03:04:05.678901", "2026-03-29 02:30:00")[n // 4 % 4],
        "closed_at": (None, "2026-01-01 00:00:00.000001", "2031-01-01 12:00:00.333333")[n // 4 % 3],
        "score": (None, "1", "2", "3", "5", "7", "0.3333")[n % 7],
        "scale_min": (None, "1", "0", "5")[n // 2 % 4],
        "scale_max": ("5", "7", None, "10", "1")[n % 5],
    }
    for n in range(80)
]
PERIODS = ("2026", "2026-06", "202606", "2026-Q2", "2026q2", "2026H1", "2026-h2", "2026-13", "2026-Q5", "2026-06\n", "二〇二六", "2026-6")
TARGETS: list[Row] = [
    {
        "scope": ("rep", "territory", "region", "company")[n % 4],
        "scope_id": {0: PEOPLE[n % 6], 1: f"T{n % 5}", 2: ("North", "nowhere")[n % 2], 3: "all"}[n % 4],
        "period": PERIODS[n // 4 % 12],
        "metric": ("revenue", "completed_visits")[n % 3 % 2],
        "value": AMOUNTS[n % 7],
        "product_line": (None, "air")[n % 2],
    }
    for n in range(48)
] * 2  # each target twice: there is nothing to tell the two apart by
COMPANY: dict[str, list[Row]] = {
    "reps": REPS, "territories": TERRITORIES, "customers": CARDS, "prospects": PROSPECTS, "visits": VISITS, "orders": ORDERS,
    "quotes": QUOTES, "invoices": INVOICES, "receipts": RECEIPTS, "targets": TARGETS, "service": SERVICE,
}  # fmt: skip
SETTINGS: Row = {"fiscal_year_start_month": 4, "grace_days": 3, "new_lookback_months": 1, "bills_count_on": "receipt"}
