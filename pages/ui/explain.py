"""Every figure explains itself: formula, parts, rows counted and left out, comparison in words, and the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import streamlit as st

from kpi.catalog import get
from kpi.period import Period
from kpi.thresholds import used
from pages.frame.session import Session
from pages.ui import compute, export, tables
from pages.ui.figures import Figure, reason
from pages.ui.filters import Selection, period_name
from pages.ui.format import plain

# which rows stand behind a figure: by KPI, else by what the KPI reads. What is open follows the customer's owner: its rows are the
# invoices open on the day. What is counted of customers (kept, at risk, classed) has no rows of its own: its customers are listed.
FACTS = {
    "invoiced": "invoices", "cash_to_sales_ratio": "invoices", "due_amount": "invoices_due", "collected": "receipts",
    "sales": "orders", "orders": "orders", "first_orders": "orders", "active_customers": "orders",
    "open_prospects": "open_prospects", "reviewed_prospects": "open_prospects", "pipeline": "open_prospects",
    "prospect_moves": "left_prospects", "pending_quotes": "pending_quotes",
    "volumes": "orders", "role_sales": "orders", "complaints": "service", "cases": "service", "due_payments": "invoices_due",
    "visit_logs": "visits", "visit_strikes": "visits", "visits_per_day": "visits",
    "visits": "visits", "visited_customers": "visits", "visit_plans": "visit_plans", "collections": "receivable_moves",
}  # fmt: skip
ONLY = {"complaint_rate": (("kind", "complaint"),), "satisfaction": (("kind", "survey"),)}  # of the rows of a fact, those that count
OPEN = "receivable_positions"  # read by figures made of the invoices open on the day
_SINCE_EVER = frozenset(("open_prospects", "pending_quotes"))  # what is open on the last day, whenever it began
_ROWS_SHOWN = 500
_ROWS_TAKEN = 50_000  # as many as a sheet of the workbook holds
# what a row shows, in this order, of the columns its table has
COLUMNS = (
    "date", "left_on", "actual_date", "planned_date", "due_date", "order_id", "line_no", "invoice_id", "receipt_id", "visit_id",
    "case_id", "kind", "doc_type", "quote_id", "prospect_id", "name", "customer_id", "rep_id", "territory_id", "product_id",
    "product_line", "status", "stage", "prospect_class", "class_date", "visit_type", "purpose", "outcome", "method", "qty",
    "net_amount", "cost_amount", "amount", "est_value", "open_amount", "days_late", "open_change", "unapplied_change", "category",
    "score", "lost_reason", "competitor", "file", "sheet", "row",
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
    lines.append(credited(session, figure.name))
    if said := settings(session, figure.name):
        lines.append(t("pages_view.with_settings", settings=said))
    if figure.before is not None:
        change = f" ({figure.change})" if figure.change else ""
        lines.append(f"{figure.versus}: {fmt.exact(figure.unit, figure.before['value'])}{change}")
    whole = t("kpi.note.not_by_group") if figure.is_whole else None
    lines += [f"*{why}*" for why in dict.fromkeys((reason(session, figure), whole)) if why]
    return "\n\n".join(line.replace("$", "\\$").replace("~", "\\~") for line in lines)


def credited(session: Session, name: str) -> str:
    """With whom a figure is counted, in words (R6)."""
    t, moved = session.t, compute.is_moved(session, name)
    return t("pages_view.counted_now" if moved else "pages_view.counted_as", credit=t(f"kpi.credit.{get(name).credit or 'nobody'}"))


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
    return FACTS.get(figure.name) or FACTS.get(figure.reads) or (OPEN if figure.reads == OPEN else None)


def _rows(session: Session, figure: Figure, selection: Selection) -> None:
    """The dialog: the first rows, and all of them to take away."""
    t, count, frame = session.t, session.fmt.count, behind(session, figure, selection, _ROWS_SHOWN)
    shown = t("pages.rows_shown", shown=count(frame.height), limit=count(_ROWS_SHOWN))
    st.caption(f"{shown} {t('pages.rows_moved')}" if figure.reads == "collections" else shown)
    tables.raw(session, frame, key="rows_behind")

    def made() -> bytes:
        sheet = rows_sheet(session, figure, behind(session, figure, selection, _ROWS_TAKEN))
        session.note("export", page="rows", kpi=figure.name, rows=sheet.frame.height)
        return export.workbook([sheet])

    file = export.file_name(f"rows-{figure.name.replace(':', '-').replace('_', '-')}", session.warehouse.as_of)
    st.download_button(
        t("pages_view.take_rows", limit=count(_ROWS_TAKEN)), session.guarded(made), file, mime=export.XLSX, on_click="ignore",
        icon=":material/download:", key="rows_taken",
    )  # fmt: skip


def behind(session: Session, figure: Figure, selection: Selection, limit: int) -> pl.DataFrame:
    """The rows behind a figure with file, sheet and line, at most `limit`; columns without anything in them are left out."""
    if _fact(figure) == OPEN:
        frame = _open_invoices(session, figure, selection).head(limit)
    else:
        where = (*((selection.level,) if selection.level else ()), *ONLY.get(figure.name, ()))
        moved, window = compute.is_moved(session, figure.name), _window(session, figure)
        frame = compute.facts(session, _fact(figure) or "", window, where, limit, moved=moved, whole=figure.is_whole)
    return frame.select(name for name in COLUMNS if name in frame.columns and frame[name].null_count() < frame.height)


def rows_sheet(session: Session, figure: Figure, frame: pl.DataFrame) -> export.Sheet:
    """Rows behind a figure as a sheet: amounts to the cent, codes in the reader's words."""
    kinds = {
        name: "money" if isinstance(kind, pl.Decimal) else "count" if kind.is_numeric() else "text" for name, kind in frame.schema.items()
    }
    headers = {name: session.t(f"pages.column_{name}") for name in frame.columns}
    return export.Sheet(session.t(f"kpi.{figure.name.split(':')[0]}.label"), tables.worded(session, frame), headers, kinds)


def _open_invoices(session: Session, figure: Figure, selection: Selection) -> pl.DataFrame:
    """The invoices open on the last day, of what is overdue those that are late, with where each stands in the export; oldest first."""
    rows = compute.rows(session, "open_invoices", (figure.period,), selection.where)
    if rows is None:
        return pl.DataFrame()
    counted = pl.col("days_late") > 0 if figure.name.startswith("overdue") else pl.lit(True)
    return (
        rows.filter((pl.col("open_amount") != 0) & counted).sort("due_date", "invoice_id", nulls_last=True).rename({"invoice_date": "date"})
    )


def _window(session: Session, figure: Figure) -> Period:
    """The days whose rows made the figure: the period's, or the days to its end in which a customer counts as active."""
    period = figure.period
    if _fact(figure) in _SINCE_EVER:
        return replace(period, start=date.min)
    if figure.reads != "active_customers":
        return period
    return replace(period, start=period.to - timedelta(days=session.warehouse.settings.active_days - 1))
