"""One customer on one screen, to be read before a call: signs first, then what is open, what was said, and the five blocks of the card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from kpi import chase, lists
from kpi.base import NOBODY
from kpi.period import Period, parse
from pages.frame.session import Session, is_phone
from pages.ui import blocks, boards, compute, export, reasons, tables
from pages.ui.boards import Column
from pages.ui.figures import Figure
from pages.ui.filters import Selection
from pages.ui.format import plain
from pages.ui.roles import role_names

CARDS = (
    "revenue",
    "gross_margin_pct",
    "order_count",
    "completed_visits",
    "overdue_amount",
    "ar_balance",
    "collection_rate",
    "credit_usage",
)
KPIS = (*CARDS, "overdue_rate", "card_completeness")
MONTH_KPIS = ("revenue", "gross_margin_pct", "order_count", "completed_visits")
_FOUND = 50  # customers shown for a search
_YEAR = timedelta(days=364)


def search(session: Session, selection: Selection) -> None:
    """Find a customer by a part of the name or the number; those in scope only."""
    t = session.t
    asked = st.text_input(t("pages_care.search"), key="customer_search", placeholder=t("pages_care.search_hint")).strip()
    everyone = compute.customers(session)
    fits = pl.any_horizontal(
        pl.col(name).fill_null("").str.to_lowercase().str.contains(asked.lower(), literal=True) for name in ("customer_name", "customer_id")
    )
    found = everyone.filter(fits) if asked else everyone
    shown = found.head(_FOUND).with_columns(pl.coalesce("customer_name", "customer_id").alias("customer"), member=pl.col("customer_id"))
    shown = boards.named(session, shown, "owner_id", compute.rep_names(session))
    st.caption(t("pages_care.found", shown=session.fmt.count(shown.height), all=session.fmt.count(found.height)))
    columns = [
        Column("customer", t("pages.column_customer"), "open", width=240),
        Column("name", t("pages_care.column_owner")),
        Column("customer_id", t("pages.column_code")),
    ]
    blocks.open_customer(selection, blocks.listed(session, shown, columns, key="found", rows=14))


def name(session: Session, selection: Selection) -> str:
    """What the customer is called."""
    found = compute.customer(session, selection.customer or "") or {}
    return found.get("customer_name") or selection.customer or ""


def place(session: Session, selection: Selection) -> str:
    """The number of the customer, and where it is looked after."""
    found = compute.customer(session, selection.customer or "") or {}
    territory = compute.territory_names(session).get(found.get("territory_id") or "")
    return " · ".join(part for part in (selection.customer, territory, found.get("region")) if part)


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under a card."""
    lines = blocks.beside(session, shown)
    if (limit := shown["credit_usage"].row["denominator"]) is not None:
        lines["credit_usage"] = session.t("pages_care.beside_limit", amount=session.fmt.money(limit))
    return lines


def signs(session: Session, selection: Selection) -> None:
    """What to know first, as chips: classes, then why the customer is at risk and why to ask for money."""
    classes, warnings = _classes(session, selection), _warnings(session, selection)
    chips = [f":gray-badge[{plain(text)}]" for text in classes] + [f":orange-badge[{plain(text)}]" for text in warnings]
    unchecked = blocks.unchecked(session, ("visits", "invoices", "service"))
    if chips or not unchecked:
        st.markdown(" ".join(chips) if chips else session.t("pages_care.no_signs"))
    if unchecked:
        st.caption(unchecked)


def _classes(session: Session, selection: Selection) -> list[str]:
    t, card = session.t, compute.customer(session, selection.customer or "") or {}
    labels = compute.summary(session, ("abc_class", "rfm_segment"), (selection.period,), (), selection.where)
    abc, segment = (labels[kpi]["value"][0] for kpi in ("abc_class", "rfm_segment"))
    found = [
        t("pages_care.is_key") if card.get("is_key") else None,
        t("pages_care.class_by_worth", label=abc) if abc else None,
        t("pages_care.class_by_hand", label=card["manual_class"]) if card.get("manual_class") and card["manual_class"] != abc else None,
        t(f"kpi.extra.segment_{segment}") if segment else None,
        t("pages_care.inactive") if card.get("status") == "inactive" else None,
    ]
    return [text for text in found if text]


def _warnings(session: Session, selection: Selection) -> list[str]:
    period, where = selection.period, selection.where
    risks = compute.risks(session, period, where)
    said = [one for row in risks.iter_rows(named=True) for one in lists.reasons(row) if one[0] != "kpi.reason.is_overdue"]
    invoices = compute.rows(session, "open_invoices", (period,), where)
    if invoices is not None:
        limits = compute.rows(session, "credit_limits", (period,), where)
        owed = chase.chase_list(invoices.lazy(), None if limits is None else limits.lazy(), left=compute.leavers(session)).collect()
        said += [one for row in owed.iter_rows(named=True) for one in chase.reasons(row)]
    return reasons.chips(session, said)


def responsible(session: Session, selection: Selection) -> None:
    """Block one: who looks after the customer, and since when."""
    t, card = session.t, compute.card(session, selection.customer or "")
    owner = card.get("owner_id")
    if owner is None:
        st.caption(t("pages_care.not_yours") if session.has("customers") else blocks.missing(session, ("customers",)))
        return
    person = next(iter(compute.people(session).filter(pl.col("rep_id") == owner).iter_rows(named=True)), {})
    facts(
        session,
        {
            "column_owner": compute.rep_names(session).get(owner, t("pages.nobody") if owner == NOBODY else owner),
            "role": role_names(t, person.get("roles") or []),
            "place": " · ".join(
                p for p in (compute.territory_names(session).get(person.get("territory_id") or ""), person.get("region")) if p
            ),
        }
        | ({"owned_since": session.fmt.day(card["owned_since"])} if card["owned_since"] else {}),
    )


def company(session: Session, selection: Selection, shown: Mapping[str, Figure]) -> None:
    """Block two: what the card says of the company, and how full it is."""
    t, fmt, card = session.t, session.fmt, compute.card(session, selection.customer or "")
    if not card or not session.has("customers"):
        st.caption(t("pages_care.not_yours") if session.has("customers") else blocks.missing(session, ("customers",)))
        return
    terms, filled = card["terms_days"], shown["card_completeness"].value
    facts(
        session,
        {
            "industry": card["industry"],
            "city": " · ".join(dict.fromkeys(part for part in (card["province"], card["city"]) if part)),
            "credit_rating": card["credit_rating"],
            "credit_limit": fmt.money(card["credit_limit"]) if card["credit_limit"] else None,
            "terms_days": t("pages_care.in_days", days=fmt.count(terms)) if terms is not None else None,
            "annual_potential": fmt.money(card["annual_potential"]) if card["annual_potential"] else None,
            "contract_signed_on": fmt.day(card["contract_signed_on"]) if card["contract_signed_on"] else None,
            "created_on": fmt.day(card["created_on"]) if card["created_on"] else None,
            "updated_on": fmt.day(card["updated_on"]) if card["updated_on"] else None,
        }
        | ({"card_filled": fmt.rate(filled)} if filled is not None else {}),
    )


def facts(session: Session, known: Mapping[str, str | None]) -> None:
    """Names and values, one a line; what is empty is said to be so, once."""
    t = session.t
    names = {key: t(f"pages_care.{key}") for key in known}
    lines = [f":gray[{names[key]}] {plain(value)}" for key, value in known.items() if value]
    empty = [names[key] for key, value in known.items() if not value]
    if empty:
        lines.append(f":gray[{t('pages_care.not_filled', names=t('pages.list_comma').join(empty))}]")
    st.markdown("  \n".join(lines))


def months(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """What was sold and visited in each of the last 13 months, the running one first."""
    spans = compute.months(session, selection.period)
    results = compute.summary(session, MONTH_KPIS, spans, (), selection.where)
    board = pl.DataFrame({"period": [s.label for s in spans], "month": [s.start for s in spans]})
    for kpi, frame in results.items():
        board = board.join(frame.select("period", pl.col("value").alias(kpi)), on="period", how="left", maintain_order="left")
    board = board.reverse().with_columns(pl.Series("when", [session.fmt.month(day) for day in board["month"].reverse()], dtype=pl.String))
    return board, [Column("when", session.t("pages_care.column_month")), *(boards.column(session, kpi) for kpi in MONTH_KPIS)]


def open_invoices(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """The invoices that are open, the latest due last."""
    t, rows = session.t, compute.rows(session, "open_invoices", (selection.period,), selection.where)
    if rows is None:
        return pl.DataFrame(), []
    board = rows.filter(pl.col("open_amount") != 0).sort("due_date", "invoice_id", nulls_last=True)
    columns = [
        Column("invoice_id", t("pages.column_invoice_id")),
        Column("open_amount", t("pages_care.column_open"), "exact"),
        Column("days_late", t("pages_care.column_days_late"), "count", help=t("pages_care.days_late_help")),
        Column("due_date", t("pages.column_due_date"), "date"),
        Column("amount", t("pages.column_amount"), "exact"),
        Column("invoice_date", t("pages.column_date"), "date"),
        *([] if is_phone() else [Column("order_id", t("pages.column_order_id"))]),
    ]
    return board, columns


def open_heading(session: Session, board: pl.DataFrame) -> str:
    """How many invoices are open, and for how much."""
    if board.is_empty():
        return session.t("pages_care.nothing_open")
    amount = session.fmt.money(board["open_amount"].sum())
    return session.t("pages_care.which_invoices", count=session.fmt.count(board.height), amount=amount)


def visits(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """The visits and contacts of the last year, newest first."""
    board = _rows(session, selection, "visits")
    if board is None:
        return pl.DataFrame(), []
    board = board.filter("is_completed").sort("actual_at", descending=True)
    board = boards.named(session, board.with_columns(tables.words(session, board["visit_type"])), "rep_id", compute.rep_names(session))
    t = session.t
    kinds = {"actual_date": "date", "outcome": "text", "purpose": "text", "visit_type": "text"}
    return board, [*(Column(one, t(f"pages.column_{one}"), kind) for one, kind in kinds.items()), Column("name", t("pages.column_rep"))]


def needs(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Block four: what the customer may buy next — the prospects that name it."""
    board = _rows(session, selection, "prospects", days=3 * _YEAR)
    if board is None:
        return pl.DataFrame(), []
    board = board.filter("is_listed").sort("is_open", "next_visit_on", "date", descending=[True, False, True], nulls_last=True)
    board = board.with_columns(_words(session, board, name) for name in ("stage", "need_state", "followup"))
    t = session.t
    kinds = {"est_value": "money", "next_visit_on": "date"}
    shown = ("name", "stage", "prospect_class", "need_state", "est_value", "next_visit_on", "competitor")
    return board, [Column(one, t(f"pages_care.column_{one}"), kinds.get(one, "text")) for one in shown]


def complaints(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Block five: complaints, exceptions and answers of the last year, open ones first."""
    board = _rows(session, selection, "service")
    if board is None:
        return pl.DataFrame(), []
    board = board.sort("is_open", "opened_at", descending=True)
    board = board.with_columns(_words(session, board, name) for name in ("kind", "status"))
    t = session.t
    kinds = {"date": "date", "kind": "text", "category": "text", "status": "text", "score": "days", "order_id": "text", "case_id": "text"}
    return board, [Column(one, t(f"pages_care.column_{one}"), kind) for one, kind in kinds.items()]


def show_block(session: Session, rows: tuple[pl.DataFrame, Sequence[Column]], *, key: str, needs: Sequence[str], empty: str) -> None:
    """A block of rows; an empty one says so in its own words, and one that could not be made names the file."""
    frame, columns = rows
    if columns and frame.is_empty():
        st.caption(empty)
        return
    blocks.listed(session, frame, columns, key=key, needs=needs, rows=6)


def _rows(session: Session, selection: Selection, fact: str, days: timedelta = _YEAR) -> pl.DataFrame | None:
    """The rows of a fact of this customer in the time up to the end of the period; None where its file was never loaded."""
    if not session.has(fact):
        return None
    span = _span(session, selection, days)
    return compute.facts(session, fact, span, (("customer_id", selection.customer or ""),), 200)


def year(session: Session, selection: Selection) -> Period:
    """The year up to the end of the period."""
    return _span(session, selection, _YEAR)


def _span(session: Session, selection: Selection, days: timedelta) -> Period:
    last = min(selection.period.to, session.warehouse.as_of)
    return parse(f"{last - days}..{last}", session.warehouse.as_of, selection.period.calendar)


def _words(session: Session, frame: pl.DataFrame, column: str) -> pl.Series:
    """Codes in the reader's words; one we have no word for stays as it is."""
    keys = {code: f"pages_care.{column}_{code}" for code in frame[column].unique() if code is not None}
    return frame[column].replace({code: session.t(key) for code, key in keys.items() if key in session.t})


def sheets(session: Session, named: Iterable[tuple[str, tuple[pl.DataFrame, list[Column]]]], trend: boards.Tabled) -> list[Any]:
    """The tables of the card as sheets, with the pictures of those the page draws or that say who takes how much."""
    pictures = {"sheet_lines": export.Chart("bar", "product_line", ("revenue",))}
    tables = [(session.t(f"pages_care.{title}"), frame, columns, pictures.get(title)) for title, (frame, columns) in named]
    return boards.sheets(session, [*tables, trend])
