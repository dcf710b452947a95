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


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
