"""The blocks of the Key accounts page: visits owed by role, who was lost, where flag and size disagree, key accounts beside the rest."""

from __future__ import annotations

import polars as pl
import streamlit as st

from kpi import segments
from kpi.cadence import key_due
from kpi.period import year_ago
from pages.frame.session import Session
from pages.parts import customers, rep
from pages.ui import boards, compute
from pages.ui.boards import Column
from pages.ui.explain import tooltip
from pages.ui.figures import Figure
from pages.ui.filters import Selection

CARDS = ("key_account_share", "key_visit_compliance", "key_visit_compliance_manager", "key_account_churn", "share_of_wallet")
SERVED = ("discount_rate", "complaint_rate", "avg_days_late", "product_lines_per_customer")
KPIS = (*CARDS, "abc_class", *SERVED)
_WHOSE = {"key_visit_compliance": "kam", "key_visit_compliance_manager": "regional_manager"}


def beside(session: Session, shown: dict[str, Figure], owed: pl.DataFrame) -> dict[str, str]:
    """The line under each card: so many of so many; while a window runs, who is still to be seen by its end."""
    parts = {name: shown[name].row for name in CARDS if shown[name].value is not None}
    counted = {name: row for name, row in parts.items() if name not in ("key_account_share", "share_of_wallet")}
    lines = {
        name: _running(session, owed, _WHOSE[name])
        if row["note"] == "window_running"
        else session.t("pages_care.so_many", part=session.fmt.count(row["numerator"]), all=session.fmt.count(row["denominator"]))
        for name, row in counted.items()
    }
    money = {name: row for name, row in parts.items() if name not in counted}
    return lines | {
        name: session.t("pages_care.so_much", part=session.fmt.money(row["numerator"]), all=session.fmt.money(row["denominator"]))
        for name, row in money.items()
    }


def _running(session: Session, owed: pl.DataFrame, role: str) -> str:
    """That a window still runs, and how many key accounts the people of a role have still to see by its end."""
    rows = owed.filter(pl.col("demand") == role) if "demand" in owed.columns else owed
    if rows.is_empty():
        return session.t("pages_visits.window_runs")
    return session.t("pages_visits.still_to_see", count=session.fmt.count(rows.height), day=session.fmt.short_date(rows["end_on"][-1]))


def owed(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Which key account is still owed whose visit, the nearest end first."""
    t, rows = session.t, compute.rows(session, "cadence", (selection.period,), selection.where)
    if rows is None:
        return pl.DataFrame(), []
    board = rep.with_customers(session, key_due(rows.lazy(), compute.config(session)).collect())
    board = boards.named(session, board, "rep_id", compute.rep_names(session))
    roles = [t(f"pages_care.whose_{role}") for role in board["demand"]]
    board = board.with_columns(pl.col("customer_id").alias("member"), pl.Series("whose", roles, dtype=pl.String))
    return board, [
        Column("customer", t("pages.column_customer"), "open", width=230),
        Column("whose", t("pages_care.column_whose")),
        Column("visits", t("pages_care.column_made"), "count"),
        Column("required_in_window", t("pages_care.column_required"), "count"),
        Column("end_on", t("pages_care.column_due_by"), "date"),
        Column("days_left", t("pages_care.column_days_left"), "count"),
        Column("name", t("pages_care.column_owner")),
    ]


def owed_heading(session: Session, board: pl.DataFrame) -> str:
    """How many visits are owed to how many: an account can be owed one by each role; what a running window owes is not late yet."""
    if board.is_empty():  # without columns it could not be made: that is no good news
        return session.t("pages_care.none_owed" if board.width else "pages_care.owed_unknown")
    key = "visits_owed_so_far" if (board["days_left"] > 0).any() else "visits_owed"
    count = session.fmt.count
    return session.t(f"pages_care.{key}", visits=count(board["missing"].sum()), accounts=count(board["customer_id"].n_unique()))


def accounts(session: Session, everyone: pl.DataFrame) -> tuple[pl.DataFrame, list[Column]]:
    """The key accounts, largest first."""
    if everyone.is_empty():
        return pl.DataFrame(), []
    return customers.shown(session, everyone.filter("is_key")), customers.columns(session, with_why=False)


def lost(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Key accounts of the year before that ordered nothing since: those the churn counts, by what they bought then."""
    t, rows = session.t, compute.rows(session, "retention", (selection.period,), selection.where)
    if rows is None:
        return pl.DataFrame(), []
    gone = rows.filter(pl.col("is_key") & pl.col("was_customer") & ~pl.col("is_customer")).sort("revenue_before", descending=True)
    board = boards.named(session, rep.with_customers(session, gone), "rep_id", compute.rep_names(session))
    return board.with_columns(pl.col("customer_id").alias("member")), [
        Column("customer", t("pages.column_customer"), "open", width=230),
        Column("revenue_before", t("pages_care.column_year_before"), "money"),
    ]


def mismatches(session: Session, selection: Selection, everyone: pl.DataFrame) -> tuple[pl.DataFrame, list[Column]]:
    """Where the flag and the size disagree: large for two years but not flagged, or flagged but no A customer."""
    if everyone.is_empty():
        return pl.DataFrame(), []
    t, periods = session.t, (selection.period, year_ago(selection.period))
    classes = compute.summary(session, ("abc_class",), periods, ("customer_id",), selection.where)["abc_class"]
    both = classes.filter(pl.col("value") == "A").filter(pl.len().over("customer_id") == len(periods)).select("customer_id").unique()
    found = customers.shown(session, segments.key_mismatches(everyone, both))
    said = pl.Series("why", [[t(f"pages_care.key_{reason}")] for reason in found["reason"]], dtype=pl.List(pl.String))
    return found.with_columns(said), [
        Column("customer", t("pages.column_customer"), "open", width=230),
        Column("why", t("pages_care.column_reasons"), "chips", width=240),
        Column("abc_class", t("pages_care.column_class")),
        Column("revenue", t("pages_care.column_year_revenue"), "money"),
        Column("name", t("pages_care.column_owner")),
    ]


def compared(session: Session, everyone: pl.DataFrame) -> tuple[pl.DataFrame, list[Column]]:
    """Key accounts beside all others."""
    if everyone.is_empty():
        return pl.DataFrame(), []
    t, board = session.t, segments.compared(everyone)
    words = [t("pages_care.key_ones") if is_key else t("pages_care.the_others") for is_key in board["is_key"]]
    return board.with_columns(pl.Series("name", words, dtype=pl.String)), [
        Column("name", t("pages_care.column_group")),
        Column("customers", t("pages.customers"), "count"),
        Column("active", t("kpi.active_customers.label"), "count"),
        Column("revenue", t("pages_care.column_year_revenue"), "money"),
        Column("revenue_share", t("pages_care.column_share"), "rate"),
        Column("margin", t("kpi.gross_margin_pct.label"), "rate"),
        Column("revenue_each", t("pages_care.column_revenue_each"), "money"),
        Column("orders_each", t("pages_care.column_orders_each"), "days"),
        Column("visits_each", t("pages_care.column_visits_each"), "days"),
    ]


def cards(session: Session, selection: Selection) -> pl.DataFrame:
    """customer_id, industry, terms_days of the cards of what is selected; empty where there are none."""
    rows = compute.rows(session, "customer_cards", (selection.period,), selection.where)
    if rows is None:
        return pl.DataFrame(schema={"customer_id": pl.String, "industry": pl.String, "terms_days": pl.Int64})
    return rows.select("customer_id", "industry", "terms_days")


def of_industry(session: Session, everyone: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """The customers of the industry the reader chooses; all of them where no card names one."""
    known = cards.filter(pl.col("industry").is_not_null())["industry"].unique().sort().to_list()
    if everyone.is_empty() or not known:
        return everyone
    t = session.t
    chosen = st.selectbox(
        t("pages_care.industry"), known, index=None, key="industry", placeholder=t("pages_care.all_industries"),
        label_visibility="collapsed", width=220,
    )  # fmt: skip
    if chosen not in known:
        return everyone
    return everyone.filter(pl.col("customer_id").is_in(cards.filter(pl.col("industry") == chosen)["customer_id"].implode()))


def served(session: Session, selection: Selection, everyone: pl.DataFrame, cards: pl.DataFrame) -> tuple[pl.DataFrame, list[Column]]:
    """Key accounts beside all others in how they pay, what they get off the list price, how often they complain, over twelve months."""
    if everyone.is_empty():
        return pl.DataFrame(), []
    t, span = session.t, customers.year(session, selection)
    found = compute.summary(session, SERVED, (span,), ("customer_id",), selection.where)
    board = segments.served(everyone.select("customer_id", "is_key"), found, {"complaint_rate": 100})
    terms = everyone.select("customer_id", "is_key").join(cards, on="customer_id").group_by("is_key").agg(pl.median("terms_days"))
    board = board.join(terms, on="is_key", how="left", maintain_order="left")
    words = [t("pages_care.key_ones") if is_key else t("pages_care.the_others") for is_key in board["is_key"]]
    return board.with_columns(pl.Series("name", words, dtype=pl.String)), [
        Column("name", t("pages_care.column_group")),
        *(boards.column(session, name) for name in SERVED[:-1]),
        Column(SERVED[-1], t(f"kpi.{SERVED[-1]}.label"), "days", help=tooltip(session, SERVED[-1])),
        Column("terms_days", t("pages_care.column_terms_median"), "days"),
    ]
