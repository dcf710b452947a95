"""The blocks of the Prospects page on cards: whose wait for what, what the classes add up to, who left, who has prepared the ground.

The prospect class says how soon a contract is expected. It is not the ABC class of customers and never stands in its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import polars as pl
import streamlit as st

from kpi import prospecting
from kpi.period import parse
from kpi.prospecting import CHECKS, CLASSES
from pages.frame.session import Session
from pages.ui import blocks, boards, compute, export, reasons
from pages.ui.boards import Column
from pages.ui.figures import Figure
from pages.ui.filters import Selection

CARDS = (
    "prospects_by_class",
    "prospect_overdue",
    "card_review_compliance",
    "prospect_pool_ratio",
    "prospect_replenishment",
    "win_rate",
    "weighted_pipeline",
    "special_quotes_pending",
)
FIGURES = (*CARDS, "prospect_overdue_rate")
KPIS = (
    *FIGURES, "funnel_conversion", "stage_cycle_days", "lead_source_mix", "lead_source_win_rate", "lost_reason_mix",
)  # fmt: skip
WAITING = ("cooling", "visit_due", "unreviewed", "ungraded", "changed", "to_qualify", "quoted", "of_customers", "everyone")
LEFT = ("no_reason", "abandoned", "lost", "contracted")
_PICTURES = {
    "classes": export.Chart("column", "name", ("prospects", "cooling")),
    "steps": export.Chart("bar", "name", ("rate",)),
    "sources": export.Chart("bar", "name", ("created", "won")),
    "lost": export.Chart("bar", "name", ("numerator",)),
}
Block = tuple[pl.DataFrame, list[Column]]
_ENOUGH = 1.0  # a pool is full, and what leaves it is replaced


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under each card: its parts."""
    t, fmt, row = session.t, session.fmt, {name: figure.row for name, figure in shown.items()}
    lines = {}
    if shown["prospects_by_class"].value is not None:
        parts = {one: row["prospects_by_class"].get(f"prospects_{one.lower()}") or 0 for one in CLASSES}
        lines["prospects_by_class"] = t("pages_prospects.by_class", **{one.lower(): fmt.count(n) for one, n in parts.items()})
    if shown["prospect_overdue_rate"].value is not None:
        lines["prospect_overdue"] = t("pages_prospects.of_classed", value=fmt.rate(shown["prospect_overdue_rate"].value))
    for name, text in (
        ("card_review_compliance", "reviewed_of"),
        ("prospect_pool_ratio", "pool_of"),
        ("prospect_replenishment", "came_left"),
    ):
        if shown[name].value is not None:
            whole, part = row[name]["denominator"], row[name]["numerator"]
            lines[name] = t(f"pages_prospects.{text}", part=fmt.count(part), whole=fmt.count(whole))
    if shown["win_rate"].value is not None:
        won, decided = row["win_rate"]["numerator"], row["win_rate"]["denominator"]
        given_up = fmt.count(row["win_rate"].get("abandoned") or 0)
        lines["win_rate"] = t("pages_prospects.won_lost", won=fmt.count(won), lost=fmt.count(decided - won), abandoned=given_up)
    if shown["weighted_pipeline"].value is not None:
        pipeline = row["weighted_pipeline"]
        worth, without = fmt.money(pipeline.get("open_value")), fmt.count(pipeline["n_excluded"])
        lines["weighted_pipeline"] = t("pages_prospects.of_value", value=worth, without=without)
    if (amount := row["special_quotes_pending"].get("pending_amount")) is not None:
        lines["special_quotes_pending"] = t("pages_prospects.pending_amount", amount=fmt.money(amount))
    return lines


def warnings(session: Session, shown: Mapping[str, Figure]) -> None:
    """What is too little, in a sentence: a pool below what it should be, and fewer coming than leaving."""
    for name in ("prospect_pool_ratio", "prospect_replenishment"):
        figure = shown[name]
        if figure.value is not None and float(figure.value) < _ENOUGH:
            parts = {part: session.fmt.count(figure.row[part]) for part in ("numerator", "denominator")}
            text = session.t(f"pages_prospects.low_{name}", value=session.fmt.rate(figure.value), **parts)
            st.markdown(f":orange-badge[{session.t('pages_prospects.too_low')}] {text}")


def waiting(session: Session, selection: Selection) -> pl.DataFrame | None:
    """The open prospects of what is selected, as `kpi.prospecting.waiting`; None without the export."""
    rows = compute.rows(session, "open_prospects", (selection.period,), selection.where, ())
    if rows is None:
        return None
    known, day = session.warehouse.has("reviewed_prospects"), selection.period.start - timedelta(days=1)
    before = compute.rows(session, "open_prospects", (parse(f"{day}..{day}", session.warehouse.as_of),), selection.where, ())
    found = prospecting.waiting(rows.lazy(), compute.config(session), reviews_known=known).collect()
    return prospecting.with_moves(found, rows.clear() if before is None else before)


def choose(session: Session, options: tuple[str, ...], key: str) -> str:
    """Which list is shown."""
    t = session.t
    return blocks.choose(t("pages_prospects.which_list"), options, lambda one: t(f"pages_prospects.list_{one}"), key=key)


def listed(session: Session, rows: pl.DataFrame | None, which: str) -> Block:
    """The open prospects of one list, class A first, with the reasons why they wait."""
    if rows is None:
        return pl.DataFrame(), []
    t, stage = session.t, pl.col("stage")
    chosen = {
        "everyone": pl.lit(True),
        "of_customers": pl.col("customer_id").is_not_null(),
        "to_qualify": stage == "collected",
        "quoted": stage == "quoted",
    }
    board = _described(session, reasons.with_why(session, rows.filter(chosen.get(which, pl.col(f"is_{which}"))), prospecting.reasons))
    return board, [
        Column("prospect", t("pages_prospects.column_prospect"), "open", width=200),
        *([Column("then_name", t("pages_prospects.column_class_then"))] if which == "changed" else []),
        Column("class_name", t("pages_care.column_prospect_class")),
        Column("why", t("pages_care.column_reasons"), "chips", width=330),
        Column("stage_name", t("pages_care.column_stage")),
        Column("est_value", t("pages_care.column_est_value"), "money"),
        Column("name", t("pages_care.column_owner")),
        Column("next_visit_on", t("pages_care.column_next_visit_on"), "date"),
        Column("class_days", t("pages_prospects.column_class_days"), "count"),
        Column("review_days", t("pages_prospects.column_review_days"), "count"),
        Column("need_name", t("pages_care.column_need_state")),
        Column("customer", t("pages_prospects.column_customer")),
        *([Column("cards_of_customer", t("pages_prospects.column_cards"), "count")] if which == "of_customers" else []),
        Column("prospect_id", t("pages.column_code")),
    ]


def heading(session: Session, rows: pl.DataFrame | None, board: pl.DataFrame, which: str) -> str:
    """How many are listed, of how many that are open."""
    t, count = session.t, session.fmt.count
    if rows is None:
        return t("pages_prospects.unknown")
    if which == "visit_due" and rows["next_visit_on"].null_count() == rows.height:
        return t("pages_prospects.no_next_visits")
    return t(f"pages_prospects.found_{which}", count=count(board.height), all=count(rows.height))


def _described(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """Names and words; a prospect that names a customer in scope opens its card."""
    t, names = session.t, compute.customer_names(session, rows["customer_id"])
    board = boards.named(session, rows, "rep_id", compute.rep_names(session))
    columns = {
        "customer": [names.get(one, one) for one in rows["customer_id"]],
        "member": [one if one in names else None for one in rows["customer_id"]],
    }
    worded = {
        "class_name": ("prospect_class", "class"),
        "then_name": ("class_then", "class"),
        "stage_name": ("stage", "stage"),
        "need_name": ("need_state", "need"),
    }
    for name, (source, words) in worded.items():
        if source in rows.columns:
            columns[name] = [word(session, words, one) for one in rows[source]]
    return board.with_columns(
        pl.coalesce("prospect_name", "prospect_id").alias("prospect"),
        *(pl.Series(n, values, dtype=pl.String) for n, values in columns.items()),
    ).with_columns(pl.col("customer").fill_null(pl.lit(t("pages_prospects.no_customer"))))


def word(session: Session, kind: str, code: str | None) -> str | None:
    """A code in the reader's words; free text stays as it was written."""
    if code is None:
        return None
    key = f"pages_prospects.{kind}_{code.lower()}"
    return session.t(key) if key in session.t else code


def classes(session: Session, rows: pl.DataFrame | None) -> Block:
    """What each prospect class adds up to, beside the days it allows."""
    if rows is None:
        return pl.DataFrame(), []
    t, board = session.t, prospecting.by_class(rows)
    named = pl.Series("name", [word(session, "class", one) for one in board["prospect_class"]], dtype=pl.String)
    return board.with_columns(named), [
        Column("name", t("pages_care.column_prospect_class")),
        Column("prospects", t("pages_prospects.column_open"), "count"),
        Column("cooling", t("pages_prospects.column_cooling"), "count"),
        Column("class_limit", t("pages_prospects.column_limit"), "count"),
        Column("oldest_days", t("pages_prospects.column_oldest"), "count"),
        Column("value", t("pages_care.column_est_value"), "money"),
    ]


def left(session: Session, selection: Selection, which: str) -> Block:
    """Who left the pool in the period: won, lost, given up, and given up without anybody saying why."""
    rows = compute.rows(session, "left_prospects", (selection.period,), selection.where, ())
    if rows is None:
        return pl.DataFrame(), []
    given_up = pl.col("outcome") == "abandoned"
    chosen = given_up & pl.col("lost_reason").is_null() if which == "no_reason" else pl.col("outcome") == which
    board = _described(session, rows.filter(chosen).sort("left_on", "prospect_id", descending=[True, False]))
    t = session.t
    return board, [
        Column("prospect", t("pages_prospects.column_prospect"), "open", width=220),
        Column("left_on", t("pages_prospects.column_left_on"), "date"),
        Column("lost_reason", t("pages_prospects.column_lost_reason")),
        Column("competitor", t("pages_care.column_competitor")),
        Column("open_days", t("pages_prospects.column_open_days"), "count"),
        Column("est_value", t("pages_care.column_est_value"), "money"),
        Column("name", t("pages_care.column_owner")),
        Column("customer", t("pages_prospects.column_customer")),
        Column("prospect_id", t("pages.column_code")),
    ]


def quotes(session: Session, selection: Selection) -> Block:
    """Quotes at a special price that nobody has decided on, the longest waiting first."""
    rows = compute.rows(session, "pending_quotes", (selection.period,), selection.where)
    if rows is None:
        return pl.DataFrame(), []
    t, names = session.t, compute.customer_names(session, rows["customer_id"])
    board = boards.named(session, rows.sort("waiting_days", "quote_id", descending=[True, False]), "rep_id", compute.rep_names(session))
    party = [names.get(one, one) for one in board["customer_id"]]
    columns = (
        pl.Series("party", party, dtype=pl.String),
        pl.Series("member", [one if one in names else None for one in board["customer_id"]], dtype=pl.String),
    )
    return board.with_columns(*columns).with_columns(pl.coalesce("party", "prospect_id").alias("party")), [
        Column("party", t("pages_prospects.column_party"), "open", width=200),
        Column("amount", t("pages_prospects.column_amount"), "money"),
        Column("waiting_days", t("pages_prospects.column_waiting"), "count"),
        Column("name", t("pages_care.column_owner")),
        Column("quote_id", t("pages_prospects.column_quote")),
    ]


def checklist(session: Session, selection: Selection, rows: pl.DataFrame | None) -> Block:
    """Six checks per person: is the ground for winning customers prepared?"""
    seats = compute.rows(session, "field_seats", (selection.period,), selection.where, ())
    if rows is None or seats is None:
        return pl.DataFrame(), []
    t, goals = session.t, [_with_target(session, selection, metric) for metric in ("new_customers", "completed_visits")]
    board = prospecting.checklist(rows, seats["rep_id"].drop_nulls().to_list(), *goals)
    names = compute.rep_names(session)
    board = boards.named(session, board, "rep_id", names)
    members = pl.Series("member", [one if one in names else None for one in board["rep_id"]], dtype=pl.String)
    return board.with_columns(members), [
        Column("name", t("pages.column_rep"), "open", width=150),
        Column("prospects", t("pages_prospects.column_open"), "count"),
        *(Column(check, t(f"pages_prospects.{check}"), "check", help=t(f"pages_prospects.{check}_help")) for check in CHECKS),
    ]


def _with_target(session: Session, selection: Selection, metric: str) -> list[str] | None:
    """The people with a target of one metric in the period; None where targets were never loaded."""
    if not session.has("targets"):
        return None
    name = f"target_attainment:{metric}"
    found = compute.summary(session, (name,), (selection.period,), ("rep_id",), selection.where)[name]
    return found.filter(pl.col("denominator").is_not_null())["rep_id"].drop_nulls().to_list()


def sheets(session: Session, named: Iterable[tuple[str, Block]], rates: pl.DataFrame) -> list[export.Sheet]:
    """The tables of the page as sheets, with pictures of what it draws and of what is compared; rates: the win rate by month."""
    tables = [(session.t(f"pages_prospects.sheet_{title}"), *block, _PICTURES.get(title)) for title, block in named]
    return boards.sheets(session, [*tables, boards.lines_table(session, session.t("pages_view.sheet_shares"), rates)])
