"""The focus list of the Visits page: large customers, key accounts and prospects near a contract, each with what comes next."""

from __future__ import annotations

import polars as pl

from kpi import focus
from kpi.cadence import CLASS_OF
from pages.frame.session import Session
from pages.parts.work import Work, now, with_parties
from pages.ui import boards, compute, reasons
from pages.ui.boards import Column

NEEDS = ("orders", "prospects")  # one of them is enough


def listed(session: Session, work: Work) -> tuple[pl.DataFrame, list[Column]]:
    """Who is in focus, those with nothing agreed first."""
    customers = _customers(session, work)
    if customers is None and work.prospects is None:
        return pl.DataFrame(), []
    t = session.t
    rows = with_parties(session, work, focus.focus(customers, work.prospects, work.plans, work.owed))
    board = boards.named(session, reasons.with_why(session, rows, focus.reasons), "rep_id", compute.rep_names(session))
    steps = {kind: t(f"pages_visits.next_{kind}") for kind in focus.NEXT}
    return board.with_columns(pl.col("next").replace(steps).alias("step"), member=pl.col("customer_id")), [
        Column("party", t("pages_day.column_party"), "open", width=220),
        Column("why", t("pages_care.column_reasons"), "chips", width=200),
        Column("step", t("pages_visits.column_next")),
        Column("next_on", t("pages_visits.column_next_on"), "date"),
        Column("name", t("pages_care.column_owner")),
        Column("worth", t("pages_day.column_worth"), "money", help=t("pages_visits.worth_help")),
        Column("customer_id", t("pages.column_customer_id")),
        Column("prospect_id", t("pages.column_prospect_id")),
    ]


def heading(session: Session, board: pl.DataFrame) -> str:
    """How many are in focus, and with how many of them nothing is agreed."""
    count, idle = session.fmt.count, board.filter(pl.col("next").is_in(focus.IDLE)).height
    known = session.has("visits")
    return session.t(
        "pages_visits.heading_focus" if known else "pages_visits.heading_focus_only", count=count(board.height), idle=count(idle)
    )


def _customers(session: Session, work: Work) -> pl.DataFrame | None:
    """The customers of what is selected as they stand now, with their class (R19: the one given by hand first); None without orders."""
    rows = compute.rows(session, "portfolio", (now(session),), work.where)
    if rows is None:
        return None
    classes = compute.summary(session, ("abc_class",), (now(session),), ("customer_id",), work.where)["abc_class"]
    return rows.join(classes.select("customer_id", abc_class="value"), on="customer_id", how="left").with_columns(customer_class=CLASS_OF)
