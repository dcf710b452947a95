"""Every figure explains itself: formula, parts, rows counted and left out, comparison in words, and the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

from kpi.period import Period
from kpi.thresholds import used
from pages.frame.session import Session
from pages.ui import compute, tables
from pages.ui.figures import Figure, reason
from pages.ui.filters import Selection, period_name
from pages.ui.format import plain

# which rows stand behind a figure: by KPI, else by what the KPI reads. What is open now follows the customer's owner and is made of
# all that ever moved, so it has no rows to list here.
FACTS = {
    "invoiced": "invoices", "cash_to_sales_ratio": "invoices", "due_amount": "invoices_due", "collected": "receipts",
    "sales": "orders", "orders": "orders", "first_orders": "orders", "active_customers": "orders",
    "open_prospects": "open_prospects", "reviewed_prospects": "open_prospects", "pipeline": "open_prospects",
    "prospect_moves": "left_prospects", "pending_quotes": "pending_quotes",
    "visits": "visits", "visited_customers": "visits", "visit_plans": "visit_plans", "collections": "receivable_moves",
}  # fmt: skip
_SINCE_EVER = frozenset(("open_prospects", "pending_quotes"))  # what is open on the last day, whenever it began
_ROWS_SHOWN = 500
# what a row shows, in this order, of the columns its table has
COLUMNS = (
    "date", "left_on", "actual_date", "planned_date", "due_date", "order_id", "line_no", "invoice_id", "receipt_id", "visit_id", "kind",
    "doc_type", "quote_id", "prospect_id", "name", "customer_id", "rep_id", "territory_id", "product_id", "product_line", "status", "stage",
    "prospect_class", "class_date", "visit_type", "purpose", "outcome", "method", "qty", "net_amount", "cost_amount", "amount", "est_value",
    "open_change", "unapplied_change", "lost_reason", "competitor", "file", "sheet", "row",
)  # fmt: skip


def explanation(session: Session, figure: Figure) -> str:
    """The figure in words, as Markdown."""
    t, fmt, row = session.t, session.fmt, figure.row
    lines = [t(f"kpi.{figure.name.split(':')[0]}.formula")]
    lines.append(f"**{fmt.exact(figure.unit, figure.value)}** · {period_name(fmt, t, figure.period)}")
    if row.get("numerator") is not None and row.get("denominator") is not None:
        lines.append(
            t("pages.explain_parts", numerator=_part(session, figure, "numerator"), denominator=_part(session, figure, "denominator"))
        )
    lines.append(t("pages.explain_rows", rows=fmt.count(row["n_rows"]), excluded=fmt.count(row["n_excluded"])))
    if said := settings(session, figure.name):
        lines.append(t("pages_view.with_settings", settings=said))
    if figure.before is not None:
        change = f" ({figure.change})" if figure.change else ""
        lines.append(f"{figure.versus}: {fmt.exact(figure.unit, figure.before['value'])}{change}")
    if why := reason(session, figure):
        lines.append(f"*{why}*")
    return "\n\n".join(line.replace("$", "\\$").replace("~", "\\~") for line in lines)


def settings(session: Session, name: str) -> str:
    """The settings a KPI hangs on, with the values in force."""
    values = used(name, session.warehouse.config_values)
    return session.t("pages.list_comma").join(f"`{setting}` = {_value(value)}" for setting, value in values.items())


def _value(value: Any) -> str:
    """A setting's value as it is written in the settings file."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {one:g}" if isinstance(one, float) else f"{key}: {one}" for key, one in value.items())
    return " / ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _part(session: Session, figure: Figure, name: str) -> str:
    """Numerator or denominator: money where the KPI sums money, else a count."""
    value = figure.row[name]
    return session.fmt.money_full(value) if tables.is_money(value) else session.fmt.count(value)


def tooltip(session: Session, name: str) -> str:
    """The definition of a KPI, for a header or label."""
    return session.t(f"kpi.{name.split(':')[0]}.formula")


def rows_button(session: Session, figure: Figure, selection: Selection, *, key: str) -> None:
    """A button that opens the rows behind a figure, down to file, sheet and line of the export."""
    t = session.t
    if _fact(figure) and st.button(t("pages.show_rows"), key=key, icon=":material/table_rows:"):
        st.dialog(t("pages.rows_behind", kpi=plain(t(f"kpi.{figure.name}.label"))), width="large")(_rows)(session, figure, selection)


def _fact(figure: Figure) -> str | None:
    return FACTS.get(figure.name) or FACTS.get(figure.reads)


def _rows(session: Session, figure: Figure, selection: Selection) -> None:
    where = () if selection.level is None else (selection.level,)
    window = _window(session, figure)
    frame = compute.facts(session, _fact(figure) or "", window, where, _ROWS_SHOWN)
    shown = session.t("pages.rows_shown", shown=session.fmt.count(frame.height), limit=session.fmt.count(_ROWS_SHOWN))
    st.caption(f"{shown} {session.t('pages.rows_moved')}" if figure.reads == "collections" else shown)
    columns = [name for name in COLUMNS if name in frame.columns and frame[name].null_count() < frame.height]
    tables.raw(session, frame.select(columns), key="rows_behind")


def _window(session: Session, figure: Figure) -> Period:
    """The days whose rows made the figure: the period's, or the days to its end in which a customer counts as active."""
    period = figure.period
    if _fact(figure) in _SINCE_EVER:
        return replace(period, start=date.min)
    if figure.reads != "active_customers":
        return period
    return replace(period, start=period.to - timedelta(days=session.warehouse.settings.active_days - 1))
