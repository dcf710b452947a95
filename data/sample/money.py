"""Invoices and receipts: billing once or twice a month, paying by the custom of the region."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from data.sample import planted
from data.sample.customers import Customer
from data.sample.people import EAST, NORTH, SOUTH
from data.sample.rows import Invoice, OrderLine, Receipt
from data.sample.workdays import LAST_DAY, working_day_on_or_after

TAX_PERCENT = 6
SHARE_IN_TWO_PARTS, SHARE_BY_BILL = 0.11, 0.08
BILL_INDUSTRIES = ("机械", "汽配", "化工")
BILL_DAYS = (90, 180)  # an acceptance bill turns into cash only when it falls due
SHARE_PREPAID = 0.012
STRETCHED_SINCE = date(2025, 10, 1)  # since then some Southern customers pay later and later


@dataclass(frozen=True)
class Custom:
    """How a region pays: days after the due date (mean and spread), and which share runs how much later."""

    late: float
    spread: float
    share_very_late: float
    very_late: tuple[int, int]


PAYS = {
    EAST: Custom(-2, 5, 0.030, (12, 50)),
    SOUTH: Custom(9, 12, 0.10, (40, 120)),
    NORTH: Custom(4, 8, 0.08, (20, 70)),
}
STRETCHED = Custom(45, 20, 0.32, (100, 240))


def make(orders: list[OrderLine], customers: list[Customer]) -> tuple[list[Invoice], list[Receipt]]:
    """All invoices by date and all receipts by date."""
    rng = Random("harbourline money")
    by_id = {c.customer_id: c for c in customers}
    invoices = _invoices(rng, orders, by_id)
    receipts = [r for invoice in invoices for r in _receipts(rng, invoice, by_id[invoice.customer_id])]
    receipts += _prepaid(rng, invoices)
    receipts.sort(key=lambda r: (r.received_on, r.customer_id, r.invoice_id))
    numbers: Counter[str] = Counter()
    for receipt in receipts:
        receipt.receipt_id = _number("SK", numbers, receipt.received_on)
    return (
        sorted([*invoices, *planted.INVOICES], key=lambda i: (i.invoice_date, i.invoice_id)),
        sorted([*receipts, *planted.RECEIPTS], key=lambda r: (r.received_on, r.receipt_id)),
    )


def _number(prefix: str, numbers: Counter[str], day: date) -> str:
    month = f"{day:%y%m}"
    numbers[month] += 1
    return f"{prefix}{month}-{numbers[month]:05d}"


def _invoices(rng: Random, orders: list[OrderLine], by_id: dict[str, Customer]) -> list[Invoice]:
    """One invoice per customer, rep and billing period over what was shipped in it; one below zero is a credit note."""
    sums: dict[tuple[date, str, str], int] = defaultdict(int)
    ids: dict[tuple[date, str, str], set[str]] = defaultdict(set)
    for line in orders:
        customer = by_id[line.customer_id]
        if customer.scripted or line.status != "valid" or line.ship_date is None:
            continue
        key = (_closing(line.ship_date, customer), line.customer_id, line.rep_id)
        sums[key] += line.net_amount
        ids[key].add(line.order_id)
    numbers: Counter[str] = Counter()
    billed = sorted((working_day_on_or_after(key[0] + timedelta(1), rng.randrange(1, 4)), key) for key in sorted(sums))
    return [
        _invoice(_number("FP", numbers, day), by_id[key[1]], key[2], ids[key], day, sums[key])
        for day, key in billed
        if day <= LAST_DAY and sums[key]
    ]


def _closing(shipped: date, customer: Customer) -> date:
    """The last day of the billing period: the large customers are billed twice a month."""
    if customer.manual_class == "A" and shipped.day <= 15:
        return shipped.replace(day=15)
    return (shipped.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def _invoice(invoice_id: str, customer: Customer, rep_id: str, orders: set[str], day: date, net: int) -> Invoice:
    amount = (net * (100 + TAX_PERCENT) + 50) // 100
    doc_type, due = ("invoice", day + timedelta(customer.terms_days)) if amount > 0 else ("credit_note", day)
    return Invoice(invoice_id, customer.customer_id, rep_id, min(orders) if len(orders) == 1 else "", day, due, amount, doc_type)


def _receipts(rng: Random, invoice: Invoice, customer: Customer) -> list[Receipt]:
    """What has come in on an invoice up to the last day, in one part or two."""
    if invoice.doc_type != "invoice":
        return []
    paid_on = invoice.due_date + timedelta(_days_late(rng, invoice, customer))
    if _never_paid(invoice):
        return []
    if rng.random() < SHARE_IN_TWO_PARTS:
        first = invoice.amount * rng.randrange(3, 8) // 1000 * 100
        parts = [(paid_on, first), (paid_on + timedelta(rng.randrange(10, 35)), invoice.amount - first)]
    else:
        parts = [(paid_on, invoice.amount)]
    days = [(working_day_on_or_after(max(day, invoice.invoice_date + timedelta(1))), amount) for day, amount in parts if amount]
    return [_receipt(rng, invoice, customer, day, amount) for day, amount in days if day <= LAST_DAY]


def _days_late(rng: Random, invoice: Invoice, customer: Customer) -> int:
    custom = STRETCHED if customer.stretching and invoice.invoice_date >= STRETCHED_SINCE else PAYS[customer.region]
    if rng.random() < custom.share_very_late:
        return rng.randint(*custom.very_late)
    return round(rng.gauss(custom.late, custom.spread))


def _never_paid(invoice: Invoice) -> bool:
    """The leaver's open items, and the overdue account his successor took over."""
    if invoice.customer_id in planted.LEAVERS:
        return invoice.invoice_date >= date(2026, 4, 1)
    return invoice.customer_id == planted.HANDED_OVER and date(2026, 2, 1) <= invoice.invoice_date and invoice.rep_id == "0213"


def _receipt(rng: Random, invoice: Invoice, customer: Customer, day: date, amount: int) -> Receipt:
    receipt = Receipt("", invoice.customer_id, invoice.invoice_id, day, amount)
    if customer.industry in BILL_INDUSTRIES and customer.manual_class != "A" and rng.random() < SHARE_BY_BILL:
        receipt.method = "承兑汇票"
        receipt.cleared_on = working_day_on_or_after(day + timedelta(rng.choice(BILL_DAYS)))
    return receipt


def _prepaid(rng: Random, invoices: list[Invoice]) -> list[Receipt]:
    """Money that came without naming an invoice."""
    prepaid = []
    for invoice in invoices:
        if invoice.doc_type == "invoice" and invoice.invoice_date > LAST_DAY - timedelta(150) and rng.random() < SHARE_PREPAID:
            prepaid.append(Receipt("", invoice.customer_id, "", invoice.invoice_date, rng.randrange(2, 30) * 100_000))
    return prepaid
