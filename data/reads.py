"""What may be read of a snapshot, by name, and of which days: measures and views for figures, facts for the rows behind them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

Where = Mapping[str, Collection[str]]  # column of NARROW -> the ids wanted
NARROW = ("rep_id", "territory_id", "region", "customer_id")  # what a read may be narrowed by


class Window(Protocol):
    """A period as a read needs it: `to` is the earlier of end and as_of."""

    @property
    def label(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def end(self) -> date: ...
    @property
    def to(self) -> date: ...


@dataclass(frozen=True)
class Read:
    """Something to read by name: what must have been loaded for it, and how it is kept."""

    needs: tuple[str, ...]  # sources, or what Opened.brings
    is_view: bool = False  # prepared for the periods asked for; else rows with a date
    by_customer: str | None = None  # the name that keeps customers apart; None: it never does
    table: str | None = None  # where it is kept under another name
    has_span: bool = False  # rows speak for start_on to end_on, not for a day
    is_summed: bool = False  # days no window tells apart come as one, added up; never where a KPI looks ahead, past the day it is asked
    joins_customers: bool = False  # prepared for all customers together, with an empty customer_id, unless they are to be kept apart


# "cash" is receipts, or what invoices state as paid: without either nobody knows what came in, and nothing is not zero (R3).
READS = {
    "sales": Read(("orders",), by_customer="customer_sales", is_summed=True),
    "orders": Read(("orders",), by_customer="orders"),
    "first_orders": Read(("orders",), by_customer="first_orders"),
    "active_customers": Read(("orders",), is_view=True, by_customer="active_customers"),
    "customer_sales": Read(("orders",), is_view=True, by_customer="customer_sales"),
    "visits": Read(("visits",), by_customer="customer_visits", is_summed=True),
    "visit_plans": Read(("visits",), is_summed=True),
    "visited_customers": Read(("visits",), is_view=True, by_customer="visited_customers"),
    "customer_visits": Read(("visits",), is_view=True, by_customer="customer_visits"),
    "customer_months": Read((), by_customer="customer_months"),
    "billing": Read(("invoices",)),
    "cash": Read(("cash",), table="billing", is_summed=True),
    "receivables": Read(("invoices", "cash"), by_customer="receivables"),
    "collections": Read(("invoices", "cash"), is_view=True, by_customer="collections", joins_customers=True),
    "receivable_positions": Read(("invoices", "cash"), is_view=True, by_customer="receivable_positions", joins_customers=True),
    "open_invoices": Read(("invoices", "cash"), is_view=True, by_customer="open_invoices"),
    "not_invoiced": Read(("orders", "invoices"), is_view=True, by_customer="not_invoiced"),
    "targets": Read(("targets",), has_span=True),
    "visit_results": Read(("visits",), by_customer="customer_visit_results"),
    "customer_visit_results": Read(("visits",), by_customer="customer_visit_results"),
    "visit_logs": Read(("visits", "logs"), by_customer="customer_visit_logs", table="visit_results"),
    "customer_visit_logs": Read(("visits", "logs"), by_customer="customer_visit_logs", table="customer_visit_results"),
    "visit_strikes": Read(("visits", "orders"), by_customer="customer_visit_strikes", table="visit_results"),
    "customer_visit_strikes": Read(("visits", "orders"), by_customer="customer_visit_strikes", table="customer_visit_results"),
    "visited_prospects": Read(("visits",), is_view=True),
    "unqualified_visits": Read(("visits", "prospects"), is_view=True),
    "appointments": Read(("visits", "bookings")),
    "onboarding": Read(("orders", "visits"), by_customer="onboarding"),
    "open_prospects": Read(("prospects",), is_view=True),
    "reviewed_prospects": Read(("prospects", "reviews"), is_view=True, table="open_prospects"),
    "prospect_moves": Read(("prospects",), is_view=True),
    "left_prospects": Read(("prospects",), is_view=True),
    "pipeline": Read(("prospects",), is_view=True),
    "funnel": Read(("prospects",)),
    "stage_cycles": Read(("prospects",)),
    "field_seats": Read((), is_view=True),
    "quotes": Read(("quotes",), by_customer="quotes"),
    "pending_quotes": Read(("quotes",), is_view=True, by_customer="pending_quotes"),
    "cases": Read(("service",), by_customer="cases"),
    "case_times": Read(("service",), by_customer="case_times"),
    "complaints": Read(("service", "orders"), is_view=True, by_customer="complaints", joins_customers=True),
    "open_cases": Read(("service",), is_view=True, by_customer="open_cases"),
    "stock_positions": Read(("stock_counts", "orders"), is_view=True, by_customer="stock_positions"),
    "field_work": Read(("visits",), is_view=True),
    "cadence": Read(("customers", "visits"), is_view=True, by_customer="cadence"),
    "customer_cards": Read(("customers", "orders"), is_view=True, by_customer="customer_cards", table="customer_care"),
    "customer_recency": Read(("customers", "visits"), is_view=True, by_customer="customer_recency", table="customer_care"),
    "customer_coverage": Read(("customers", "orders", "visits"), is_view=True, by_customer="customer_coverage", table="customer_care"),
    "territory_parties": Read(("customers", "orders"), is_view=True, by_customer="territory_parties"),
    "territory_prospects": Read(("prospects",), is_view=True, by_customer="territory_prospects", table="territory_parties"),
    "visit_ladder": Read(("visits", "orders")),
    "visit_cash": Read(("visits", "orders", "invoices", "cash"), table="visit_ladder"),
    "customer_changes": Read(("orders",), is_view=True, by_customer="customer_changes"),
    "signed_customers": Read(("customers",), by_customer="signed_customers"),
    "new_customer_sales": Read(("orders",), is_view=True, by_customer="new_customer_sales"),
    "portfolio": Read(("orders",), is_view=True, by_customer="portfolio"),
    "retention": Read(("orders",), is_view=True, by_customer="retention"),
    "customer_risks": Read(("orders",), is_view=True, by_customer="customer_risks"),
    "first_business": Read(("orders",), by_customer="first_business"),
    "first_invoices": Read(("orders", "invoices", "cash"), by_customer="first_invoices", table="first_business"),
    "overdue_days": Read(("invoices", "cash"), is_view=True, by_customer="overdue_days", joins_customers=True),
    "due_payments": Read(("invoices", "cash"), by_customer="due_payments"),
    "receivable_months": Read(("invoices", "cash"), is_view=True, by_customer="receivable_months", joins_customers=True),
    "volumes": Read(("orders",), is_view=True, by_customer="customer_volumes"),
    "customer_volumes": Read(("orders",), is_view=True, by_customer="customer_volumes"),
    "return_cohorts": Read(("orders",), by_customer="return_cohorts"),
    "customer_lines": Read(("orders",), is_view=True, by_customer="customer_lines"),
    "role_sales": Read(("orders",), is_view=True),
    "credit_limits": Read(("customers", "invoices", "cash"), is_view=True, by_customer="credit_limits", joins_customers=True),
}
_CREDIT = ("rep_id", "territory_id", "region", "customer_id")


@dataclass(frozen=True)
class Fact:
    """A fact table for looking behind a figure: the date that decides, the columns it may be narrowed by, and which rows count."""

    table: str
    date: str
    narrow: tuple[str, ...]
    only: str = "true"


FACTS = {
    "orders": Fact("orders", "date", (*_CREDIT, "order_id", "product_id", "product_line")),
    "visits": Fact("visits", "actual_date", (*_CREDIT, "prospect_id", "status")),
    "visit_records": Fact("visits", "actual_date", (*_CREDIT, "prospect_id"), "is_completed and is_counted_type"),
    "visit_plans": Fact(
        "visits", "planned_date", (*_CREDIT, "prospect_id", "status"), "is_counted_type and status is distinct from 'rescheduled'"
    ),
    "invoices": Fact("invoices", "date", (*_CREDIT, "invoice_id", "order_id")),
    "invoices_due": Fact("invoices", "due_date", (*_CREDIT, "invoice_id", "order_id")),
    "receipts": Fact("receipts", "date", (*_CREDIT, "invoice_id", "receipt_id")),
    "receivable_moves": Fact("receivable_moves", "date", (*_CREDIT, "invoice_id", "kind")),
    "prospects": Fact("prospects", "date", (*_CREDIT, "prospect_id", "stage", "source")),
    "open_prospects": Fact("prospects", "date", (*_CREDIT, "prospect_id"), "coalesce(closed_on > $to, true)"),
    "left_prospects": Fact("prospects", "left_on", (*_CREDIT, "prospect_id"), "outcome is not null"),
    "pending_quotes": Fact(
        "quotes", "date", (*_CREDIT, "quote_id"), "is_latest and is_special and status = 'open' and coalesce(approved_on > $to, true)"
    ),
    "quotes": Fact("quotes", "date", (*_CREDIT, "prospect_id", "quote_id", "status")),
    "service": Fact("service", "date", (*_CREDIT, "case_id", "order_id", "kind", "status")),
    "stock_counts": Fact("stock_counts", "date", (*_CREDIT, "product_id")),
}


def merged(windows: Sequence[Window]) -> tuple[tuple[date, date], ...]:
    """The stretches of days the windows cover, one after the other: what lies between two windows need not be read."""
    found: list[tuple[date, date]] = []
    for start, end in sorted((w.start, w.end) for w in windows):  # to the end: what falls due is known ahead
        if found and start <= found[-1][1] + timedelta(days=1):
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found)


def stretches(windows: Sequence[Window]) -> tuple[list[date], list[date]]:
    """Every day of the windows, and beside it the first day of its stretch: of the days around it that lie in the very same windows."""
    cuts = {day for w in windows for day in (w.start, w.end + timedelta(days=1), w.to + timedelta(days=1))}
    days, bases = [], []
    for first, last in merged(windows):
        day = base = first
        while day <= last:
            base = day if day in cuts else base
            days.append(day)
            bases.append(base)
            day += timedelta(days=1)
    return days, bases
