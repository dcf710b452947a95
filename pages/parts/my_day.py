"""Today's list: whom to see, call or write to, one row a customer or prospect, as the rep and the manager beside the rep both see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import streamlit as st

from kpi import today
from pages.frame.session import Session
from pages.parts.work import KPIS as STEP_KPIS
from pages.parts.work import Work, now, party_names
from pages.ui import blocks, compute, ics, reasons
from pages.ui.boards import Column
from pages.ui.filters import Selection
from pages.ui.format import plain
from pages.ui.layout import page_file

CARDS = ("revenue", "completed_visits", "new_customers", "overdue_amount")
KPIS = (*CARDS, "target_attainment", "target_pace", "visit_attainment", "overdue_rate", *STEP_KPIS)
FIRST = 10  # rows before "show all"
_NEEDED = ("visits", "customers", "invoices", "orders", "prospects")
_LATE = frozenset(f"kpi.today.{kind}" for kind in ("money", "silent", "cadence", "cooling", "report", "promised"))
_AHEAD = timedelta(days=14)  # how far plans go into the calendar


def listed(session: Session, work: Work) -> pl.DataFrame:
    """The rows of the day, the most important first, with `name`, `why` (chips) and the facts to know before a call."""
    portfolio = compute.rows(session, "portfolio", (now(session),), work.where)
    bought = dict(portfolio.select("c:" + pl.col("customer_id"), "revenue").iter_rows()) if portfolio is not None else {}
    opened = work.prospects
    hoped = dict(opened.select("p:" + pl.col("prospect_id"), "est_value").iter_rows()) if opened is not None else {}
    rows = today.today_list(work.found, bought | hoped)
    why = [reasons.chips(session, today.reasons(row)) for row in rows.iter_rows(named=True)]
    return rows.with_columns(
        pl.Series("name", party_names(session, work, rows), dtype=pl.String), pl.Series("why", why, dtype=pl.List(pl.String))
    )


def heading(session: Session, work: Work, rows: pl.DataFrame) -> str:
    """How many, and for which day."""
    day = session.fmt.weekday(work.day)
    if rows.is_empty():
        return session.t("pages_day.nobody_today", day=day)
    agreed = rows.filter("is_agreed").height
    return session.t("pages_day.whom_today", day=day, count=session.fmt.count(rows.height), agreed=session.fmt.count(agreed))


def show(session: Session, selection: Selection, work: Work, rows: pl.DataFrame) -> None:
    """A row each: the name, which opens the card (of a prospect: its facts), the reasons as chips, what to know in one line."""
    t = session.t
    if unchecked := blocks.unchecked(session, _NEEDED):
        st.caption(unchecked)
    if rows.is_empty():
        st.caption(t("pages_day.nothing_today"))
        return
    shown = rows if st.session_state.get("day_all") else rows.head(FIRST)
    facts = _facts(session, selection, work, shown)
    for place, row in enumerate(shown.iter_rows(named=True)):
        with st.container(key=f"today_{place}", gap=None):
            _name(session, selection, row)
            st.markdown(" ".join(_chip(session, key, values) for key, values in today.reasons(row)))
            st.caption(facts[row["party"]])
    if rows.height > FIRST:
        st.toggle(t("pages_day.show_all", count=session.fmt.count(rows.height)), key="day_all", persist_state="session")


def _name(session: Session, selection: Selection, row: Mapping[str, Any]) -> None:
    """What the row is about, leading to what is known of it."""
    if row["customer_id"]:
        st.page_link(
            page_file("customer"),
            label=f"**{plain(row['name'])}**",
            icon=":material/chevron_right:",
            icon_position="right",
            query_params=selection.params(customer=row["customer_id"]),
        )
    else:
        st.markdown(f"**{plain(row['name'])}** :gray[{session.t('pages_day.is_prospect')}]")


def _chip(session: Session, key: str, values: Mapping[str, Any]) -> str:
    """A reason as a badge: orange for what is late, grey for the rest."""
    colour = "orange" if key in _LATE else "gray"
    return f":{colour}-badge[{plain(reasons.chips(session, [(key, dict(values))])[0])}]"


def _facts(session: Session, selection: Selection, work: Work, rows: pl.DataFrame) -> dict[str, str]:
    """party → what to know before a call, in one line."""
    t, fmt = session.t, session.fmt
    seen = {row["customer_id"]: row for row in compute.last_seen(session, selection.rep or "").iter_rows(named=True)}
    cards = {row["prospect_id"]: row for row in work.prospects.iter_rows(named=True)} if work.prospects is not None else {}
    found = {}
    for row in rows.iter_rows(named=True):
        if row["customer_id"]:
            last = seen.get(row["customer_id"], {})
            parts = [
                t("pages_day.bought", amount=fmt.money(row["worth"])) if row["worth"] else None,
                t("pages_day.last_order", day=fmt.short_date(last["last_order_on"])) if last.get("last_order_on") else None,
                t("pages_day.last_visit", day=fmt.short_date(last["last_visit_on"])) if last.get("last_visit_on") else None,
            ]
        else:
            card = cards.get(row["prospect_id"], {})
            parts = [
                t(f"pages_care.stage_{card['stage']}") if card else None,
                t("pages_day.of_class", label=card["prospect_class"]) if card.get("prospect_class") not in (None, "none") else None,
                t("pages_day.hoped", amount=fmt.money(card["est_value"])) if card.get("est_value") else None,
                t("pages_day.next_visit", day=fmt.short_date(card["next_visit_on"])) if card.get("next_visit_on") else None,
            ]
        found[row["party"]] = " · ".join(part for part in parts if part) or row["customer_id"] or row["prospect_id"]
    return found


def columns(session: Session) -> list[Column]:
    """The columns of the list as a table."""
    t = session.t
    return [
        Column("name", t("pages_day.column_party")),
        Column("why", t("pages_care.column_reasons"), "chips"),
        Column("points", t("pages_day.column_points"), "count"),
        Column("worth", t("pages_day.column_worth"), "money"),
        Column("customer_id", t("pages.column_customer_id")),
        Column("prospect_id", t("pages.column_prospect_id")),
    ]


def team_line(session: Session, selection: Selection) -> str | None:
    """How far the team of the same role is towards its revenue target, beside the own."""
    fmt, rep = session.fmt, selection.rep or ""
    found = compute.averages(session, "target_attainment", selection.period, (rep,))
    words = [(session.t(f"pages.role_{role}"), team) for role, team in found.items()]
    lines = [session.t("pages_day.team", role=role, value=fmt.rate(team.value), size=fmt.count(team.size)) for role, team in words]
    return " · ".join(lines) or None


def events(session: Session, work: Work, rows: pl.DataFrame) -> list[ics.Event]:
    """A calendar entry for every visit the list asks for, at the day it is due, and for the plans of the next two weeks."""
    found = [event for row in rows.iter_rows(named=True) if (event := _event(session, work.day, row)) is not None]
    if work.plans is None:
        return found
    return found + planned_events(
        session, work.plans.filter(pl.col("planned_date").is_between(work.day, work.day + _AHEAD, closed="right"))
    )


def planned_events(session: Session, plans: pl.DataFrame) -> list[ics.Event]:
    """A calendar entry for each open plan."""
    names = compute.customer_names(session, plans["customer_id"])
    return [
        ics.Event(f"visit-{number}", day, " · ".join(filter(None, (names.get(customer, customer) or prospect, purpose))))
        for number, day, customer, prospect, purpose in plans.select(
            "visit_id", "planned_date", "customer_id", "prospect_id", "purpose"
        ).iter_rows()
    ]


def _event(session: Session, day: date, row: Mapping[str, Any]) -> ics.Event | None:
    """The visit a row asks for; None for a row that a call or a report settles."""
    asked = next((one for one in row["reasons"] if one["kind"] in today.VISITS), None)
    if asked is None:
        return None
    is_planned = asked["kind"] == "planned"
    on = day if asked["kind"] == "onboarding" else max(asked["on"], day)
    uid = f"visit-{asked['visit_id']}" if is_planned else f"{asked['kind']}-{row['party'].replace(':', '-')}-{asked['on']:%Y%m%d}"
    summary = " · ".join(filter(None, (row["name"], asked["label"] if is_planned else session.t("pages_day.proposed"))))
    return ics.Event(uid, on, summary, "; ".join(row["why"]))
