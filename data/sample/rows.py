"""The documents the sample company writes, as rows. Money is whole fen, so every sum is exact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass
class OrderLine:
    """One line of a shipment (票)."""

    order_id: str
    line_no: int
    customer_id: str
    rep_id: str
    order_date: date
    ship_date: date | None
    product_id: str
    qty: int
    uom: str
    list_amount: int
    net_amount: int
    cost_amount: int | None
    doc_type: str = "sale"
    status: str = "valid"
    orig_order_id: str = ""


@dataclass
class Invoice:
    """One invoice or credit note, including tax."""

    invoice_id: str
    customer_id: str
    rep_id: str
    order_id: str
    invoice_date: date
    due_date: date
    amount: int
    doc_type: str = "invoice"
    credit_of: str = ""


@dataclass
class Receipt:
    """Money received for one invoice, or for none yet."""

    receipt_id: str
    customer_id: str
    invoice_id: str
    received_on: date
    amount: int
    method: str = "电汇"
    cleared_on: date | None = None


@dataclass
class Visit:
    """One planned or made visit."""

    visit_id: str
    rep_id: str
    customer_id: str
    planned_date: date | None
    actual_at: datetime | None
    status: str
    visit_type: str = "客户现场拜访"
    booked_by: str = ""
    cancelled_by: str = ""
    purpose: str = ""
    outcome: str = ""
    logged_at: datetime | None = None
    new_visit_id: str = ""


@dataclass
class Prospect:
    """One prospect as its card stands on the last day; yuan."""

    name: str
    owner_id: str
    created_on: date
    stage: str
    source: str = ""
    qualified_on: date | None = None
    visited_on: date | None = None
    quoted_on: date | None = None
    contracted_on: date | None = None
    lost_on: date | None = None
    abandoned_on: date | None = None
    prospect_id: str = ""
    inside_id: str = ""
    customer_id: str = ""
    prospect_class: str = ""
    class_date: date | None = None
    lost_reason: str = ""
    competitor: str = ""
    need_state: str = ""
    est_value: int | None = None
    last_reviewed_on: date | None = None


@dataclass
class Quote:
    """One version of a quote to a prospect or a customer."""

    quote_id: str
    version: int
    prospect_id: str
    customer_id: str
    rep_id: str
    quote_date: date
    amount: int
    status: str
    is_special: bool = False
    approved_on: date | None = None


@dataclass
class Case:
    """A complaint, an exception, or an answer to a survey."""

    case_id: str
    customer_id: str
    kind: str
    opened_at: datetime
    responded_at: datetime | None = None
    closed_at: datetime | None = None
    category: str = ""
    order_id: str = ""
    score: int | None = None


@dataclass
class Count:
    """What a customer had in store of one product."""

    customer_id: str
    product_id: str
    counted_on: date
    qty: int
    on_order: int | None = None
    pack_size: int | None = None


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
