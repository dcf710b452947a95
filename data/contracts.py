"""What a row is: the columns of every source we accept. Docs for people: docs/exports.md."""

from __future__ import annotations

from dataclasses import dataclass, field

# What a cell is for decides how its text is read and how it is stored.
STORED = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "enum": "VARCHAR",
    "date": "DATE",
    "ts": "TIMESTAMP",  # company time zone
    "money": "DECIMAL(18,4)",
    "qty": "DECIMAL(18,4)",
    "rate": "DECIMAL(18,8)",
    "pct": "DECIMAL(9,6)",
    "days": "INTEGER",
    "bool": "BOOLEAN",
}
# Where a stored row comes from, and which load took its place (null: it is current).
PROVENANCE = {
    "_load_id": "INTEGER",
    "_file_id": "INTEGER",
    "_row": "INTEGER",
    "_hash": "UBIGINT",
    "_from": "DATE",  # snapshots only: the day this version began; null: as far back as we know
    "_replaced_by": "INTEGER",
}


@dataclass(frozen=True)
class Column:
    """One column of a source: its role, whether it must be filled, the headers it is known by, its allowed values."""

    name: str
    role: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)  # enum value -> how exports write it
    default: str | None = None
    refers_to: str | None = None


@dataclass(frozen=True)
class Contract:
    """One source: grain and key, how a new export meets what is stored, and its columns."""

    name: str
    grain: str
    key: tuple[str, ...]
    mode: str  # snapshot | window | upsert
    columns: tuple[Column, ...]
    window_on: tuple[str, ...] = ()  # the load date: the first of these that is filled
    one_of: tuple[tuple[str, ...], ...] = ()  # at least one of each group must be filled
    amounts: tuple[str, ...] = ()  # summed in the account, to the cent

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return next(c for c in self.columns if c.name == name)


C = Column
REPS = Contract(
    "reps", "one person in one assignment", ("rep_id", "valid_from"), "snapshot",
    (
        C("rep_id", "id", True), C("rep_name", "text", True), C("role", "enum", True),
        C("territory_id", "id"), C("region", "text"), C("manager_id", "id"), C("pair_id", "id"), C("login", "id"),
        C("valid_from", "date"), C("valid_to", "date"), C("left_on", "date"),
    ),
)
TERRITORIES = Contract(
    "territories", "one territory", ("territory_id",), "snapshot",
    (C("territory_id", "id", True), C("name", "text", True), C("region", "text", True), C("annual_potential", "money"), C("hours_per_visit", "qty")),
)
CUSTOMERS = Contract(
    "customers", "one customer (客户卡)", ("customer_id",), "snapshot",
    (
        C("customer_id", "id", True), C("customer_name", "text", True), C("owner_id", "id", True, refers_to="reps"), C("territory_id", "id"),
        C("status", "enum", default="active"), C("manual_class", "enum"), C("is_key", "bool"),
        C("created_on", "date"), C("first_order_on", "date"), C("contract_signed_on", "date"),
        C("credit_rating", "text"), C("credit_limit", "money"), C("terms_days", "days"),
        C("annual_potential", "money"), C("loyalty", "enum"), C("parent_id", "id"),
        C("industry", "text"), C("province", "text"), C("city", "text"), C("contact", "text"), C("phone", "text"),
        C("updated_on", "ts"),
    ),
)
VISITS = Contract(
    "visits", "one planned and/or made visit", ("visit_id",), "window",
    (
        C("visit_id", "id"), C("rep_id", "id", True, refers_to="reps"), C("customer_id", "id", refers_to="customers"), C("prospect_id", "id"),
        C("territory_id", "id"), C("planned_date", "date"), C("actual_date", "ts"), C("status", "enum"), C("visit_type", "enum", default="on_site"),
        C("booked_by", "id"), C("cancelled_by", "enum"), C("purpose", "text"), C("outcome", "text"), C("logged_at", "ts"), C("new_visit_id", "id"),
    ),
    window_on=("planned_date", "actual_date"), one_of=(("customer_id", "prospect_id"), ("planned_date", "actual_date")),
)
ORDERS = Contract(
    "orders", "one order line or shipment (票)", ("order_id", "line_no"), "window",
    (
        C("order_id", "id", True), C("line_no", "id"), C("customer_id", "id", True, refers_to="customers"), C("rep_id", "id", refers_to="reps"),
        C("territory_id", "id"), C("order_date", "date"), C("ship_date", "date"),
        C("doc_type", "enum", default="sale"), C("status", "enum", default="valid"),
        C("product_id", "id", refers_to="products"), C("product_line", "text"), C("qty", "qty"), C("uom", "text"),
        C("net_amount", "money", True), C("gross_amount", "money"), C("tax_rate", "pct"), C("cost_amount", "money"), C("list_amount", "money"),
        C("orig_order_id", "id"), C("approved_by", "id"), C("currency", "text"), C("fx_rate", "rate"), C("amount_base", "money"),
    ),
    window_on=("order_date", "ship_date"), one_of=(("order_date", "ship_date"),),
    amounts=("net_amount", "cost_amount"),
)
INVOICES = Contract(
    "invoices", "one invoice or credit note", ("invoice_id",), "window",
    (
        C("invoice_id", "id", True), C("customer_id", "id", True, refers_to="customers"), C("rep_id", "id", refers_to="reps"),
        C("territory_id", "id"), C("order_id", "id"), C("invoice_date", "date", True), C("due_date", "date"), C("amount", "money", True),
        C("doc_type", "enum", default="invoice"), C("status", "enum", default="valid"), C("credit_of", "id"),
        C("currency", "text"), C("fx_rate", "rate"), C("amount_base", "money"),
        C("paid_amount", "money"), C("paid_on", "date"), C("open_amount", "money"),
    ),
    window_on=("invoice_date",), amounts=("amount", "paid_amount", "open_amount"),
)
RECEIPTS = Contract(
    "receipts", "one application of cash to an invoice, or unapplied cash", ("receipt_id", "line_no"), "window",
    (
        C("receipt_id", "id", True), C("line_no", "id"), C("customer_id", "id", True, refers_to="customers"), C("invoice_id", "id"),
        C("received_on", "date", True), C("cleared_on", "date"), C("applied_on", "date"), C("amount", "money", True),
        C("doc_type", "enum", default="receipt"), C("method", "enum"), C("rep_id", "id", refers_to="reps"),
        C("currency", "text"), C("fx_rate", "rate"), C("amount_base", "money"),
    ),
    window_on=("received_on",), amounts=("amount",),
)
TARGETS = Contract(
    "targets", "one target: whose, for which period, on which metric", ("scope", "scope_id", "period", "metric", "product_line"), "snapshot",
    (
        C("scope", "enum", True), C("scope_id", "id", True), C("period", "text", True), C("metric", "text", True), C("value", "money", True),
        C("product_line", "text"),
    ),
    amounts=("value",),
)
PRODUCTS = Contract(
    "products", "one product or service, from a day on", ("product_id", "valid_from"), "snapshot",
    (
        C("product_id", "id", True), C("name", "text", True), C("product_line", "text", True), C("unit_cost", "money"),
        C("list_price", "money"), C("margin_floor", "pct"), C("uom", "text"), C("valid_from", "date"),
    ),
)
SOURCES = {c.name: c for c in (REPS, TERRITORIES, CUSTOMERS, VISITS, ORDERS, INVOICES, RECEIPTS, TARGETS, PRODUCTS)}
