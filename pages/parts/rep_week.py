"""What a manager and a rep talk over: the last seven days, and what the rep does best and worst beside the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
import streamlit as st

from kpi import week
from kpi.catalog import get
from kpi.period import Period, parse
from pages.frame.session import Session
from pages.parts import rep
from pages.ui import boards, compute
from pages.ui.boards import Column
from pages.ui.filters import Selection
from pages.ui.format import plain

COMPARED = (
    "target_attainment", "revenue", "gross_margin_pct", "collection_rate", "completed_visits", "visit_attainment", "cadence_compliance",
    "strike_rate", "new_customers", "log_timeliness",
)  # fmt: skip
_DAYS = 7
_MANY = 100_000
Block = tuple[pl.DataFrame, list[Column]]


@dataclass(frozen=True)
class Week:
    """The last seven days up to the day of the data, of one person; a part is empty without columns where its file is missing."""

    first: date
    to: date
    orders: Block
    silent: Block
    lost: Block


def last_days(session: Session, selection: Selection) -> Week:
    """What was sold, which visits no order followed, which prospects were lost."""
    to = session.warehouse.as_of
    first = to - timedelta(days=_DAYS - 1)
    lines, made = (
        _rows(session, selection, "orders", _span(session, first, to)),
        _rows(session, selection, "visits", _span(session, first, to)),
    )
    gone = compute.rows(session, "left_prospects", (_span(session, first, to),), selection.where, ())
    return Week(first, to, _orders(session, lines), _silent(session, made, lines), _lost(session, gone))


def heading(session: Session, last: Week) -> str:
    """How much was done in the days."""
    counts = {name: session.fmt.count(getattr(last, name)[0].height) for name in ("orders", "silent", "lost")}
    return session.t("pages_visits.last_days", span=session.fmt.span(last.first, last.to), **counts)


def strengths(session: Session, selection: Selection) -> list[str]:
    """What the rep does best, and worst, by place among the team of the role; nothing where no team may be shown."""
    found = compute.standings(session, COMPARED, selection.period, selection.rep or "")
    places = sorted((standing.rank / standing.size, kpi) for kpi, standing in found.items())
    if len(places) < 2:
        return []
    ends = {"strongest": places[0][1], "weakest": places[-1][1]}
    return [_said(session, form, kpi, found) for form, kpi in ends.items()]


def show_strengths(session: Session, selection: Selection) -> None:
    """The strongest and the weakest figure, a line each."""
    for line in strengths(session, selection):
        st.markdown(line)


def _said(session: Session, form: str, kpi: str, found: dict[str, compute.Standing]) -> str:
    text = boards.place(session, kpi, found[kpi])
    return f"{session.t(f'pages_visits.{form}')} **{plain(session.t(get(kpi).label_id))}** {plain(text)}"


def _span(session: Session, first: date, to: date) -> Period:
    return parse(f"{first}..{to}", session.warehouse.as_of)


def _rows(session: Session, selection: Selection, fact: str, span: Period) -> pl.DataFrame | None:
    if not session.has(fact):
        return None
    return compute.facts(session, fact, span, (("rep_id", selection.rep or ""),), _MANY)


def _orders(session: Session, lines: pl.DataFrame | None) -> Block:
    if lines is None:
        return pl.DataFrame(), []
    t, board = session.t, rep.with_customers(session, week.orders(lines))
    return board.with_columns(member=pl.col("customer_id")), [
        Column("customer", t("pages.column_customer"), "open", width=200),
        Column("date", t("pages.column_date"), "date"),
        Column("net_amount", t("pages.column_net_amount"), "exact"),
        Column("order_id", t("pages.column_order_id")),
    ]


def _silent(session: Session, made: pl.DataFrame | None, lines: pl.DataFrame | None) -> Block:
    if made is None or lines is None:
        return pl.DataFrame(), []
    t, board = session.t, rep.with_customers(session, week.without_order(made, lines))
    return board.with_columns(member=pl.col("customer_id")), [
        Column("customer", t("pages.column_customer"), "open", width=200),
        Column("actual_date", t("pages.column_date"), "date"),
        Column("purpose", t("pages.column_purpose")),
        Column("outcome", t("pages.column_outcome")),
    ]


def _lost(session: Session, gone: pl.DataFrame | None) -> Block:
    if gone is None:
        return pl.DataFrame(), []
    t, board = session.t, gone.filter(pl.col("outcome") != "contracted").sort("left_on", "prospect_id", descending=[True, False])
    board = board.with_columns(pl.Series("how", [t(f"pages_care.stage_{one}") for one in board["outcome"]], dtype=pl.String))
    return board, [
        Column("prospect_name", t("pages_care.column_name")),
        Column("left_on", t("pages.column_date"), "date"),
        Column("how", t("pages_care.column_stage")),
        Column("lost_reason", t("pages_care.column_reasons")),
        Column("competitor", t("pages_care.column_competitor")),
    ]
