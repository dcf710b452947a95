"""The blocks of the Weekly review: every customer card that is new, touched, stale or at odds, by rep; the fields nobody fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl
import streamlit as st

from kpi import cardcheck
from kpi.period import parse
from pages.frame.session import Session
from pages.parts import rep
from pages.parts.work import Work, now
from pages.ui import blocks, boards, compute, export, layout, reasons, spreads
from pages.ui.boards import Column
from pages.ui.figures import Figure
from pages.ui.filters import Selection
from pages.ui.head import Top

CARDS = ("card_completeness", "card_freshness", "coverage", "days_since_visit", "card_review_compliance")
NEEDS = ("customers", "orders")
WHICH = {
    "talk": "is_changed",
    "stale": "is_stale",
    "new": "is_new",
    "touched": "is_touched",
    "fallen": "is_fallen",
    "late": "is_late",
    "odd": "",
}
_REP_KPIS = ("card_completeness", "card_freshness")
_COUNTS = ("cards", "is_stale", "is_new", "is_touched", "is_fallen", "is_late")
_DRAWN = 30  # people in the picture, those with the emptiest cards; the workbook has all
_FILLED_IN = 5000  # cards in one workbook to fill in
Block = tuple[pl.DataFrame, list[Column]]


@dataclass(frozen=True)
class Kept:
    """What is known of the cards on the day of the data; None where a file it needs was never loaded."""

    cards: pl.DataFrame | None
    checked: pl.DataFrame | None
    work: Work


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under each card: so many of so many."""
    rows = {name: figure.row for name, figure in shown.items() if figure.row["denominator"]}
    count = session.fmt.count
    return {
        name: session.t("pages_care.so_many", part=count(row["numerator"]), all=count(row["denominator"])) for name, row in rows.items()
    }


def read(session: Session, selection: Selection) -> Kept:
    """The cards of what is selected, checked; as they are now, whatever period the figures are of."""
    work, period = Work(session, selection.where), now(session)
    cards, portfolio = (compute.rows(session, name, (period,), work.where) for name in ("customer_cards", "portfolio"))
    if cards is None or portfolio is None:
        return Kept(None, None, work)
    day = period.to - timedelta(days=cardcheck.DAYS)
    before = parse(f"{day}..{day}", session.warehouse.as_of, period.calendar)
    found = compute.summary(session, ("abc_class",), (period, before), ("customer_id",), work.where)["abc_class"]
    at = {name: found.filter(pl.col("period") == one.label) for name, one in (("class_now", period), ("class_then", before))}
    now_, then = (frame.select("customer_id", pl.col("value").alias(name)) for name, frame in at.items())
    classes = now_.join(then, on="customer_id", how="left")
    left, config = compute.leavers(session), compute.config(session)
    return Kept(cards, cardcheck.check(cards, portfolio, classes, work.invoices, config, left=left), work)


def heading(session: Session, kept: Kept) -> str:
    """How many customers there is something to say of."""
    if kept.checked is None:
        return session.t("pages_review.unknown")
    changed = kept.checked.filter("is_changed").height
    return session.t("pages_review.what_to_talk_over", count=session.fmt.count(changed), all=session.fmt.count(kept.checked.height))


def help_line(session: Session) -> str:
    """Which days are looked at, and when a card is stale."""
    to = session.warehouse.as_of
    days = session.fmt.span(to - timedelta(days=cardcheck.DAYS - 1), to)
    return session.t("pages_review.help", span=days, days=session.fmt.count(compute.config(session).card_fresh_days))


def reps(session: Session, selection: Selection, kept: Kept) -> Block:
    """Everybody who looks after customers: how full and fresh the cards are, and what the week brought; most to say first."""
    if kept.checked is None:
        return pl.DataFrame(), []
    t, names = session.t, compute.rep_names(session)
    results = compute.summary(session, _REP_KPIS, (now(session),), ("rep_id",), selection.where)
    counted = cardcheck.by_rep(kept.checked)
    board = counted
    for name, frame in results.items():
        board = board.join(frame.select("rep_id", pl.col("value").alias(name)), on="rep_id", how="left")
    marked = results["card_freshness"].filter(pl.col("note") == "mass_update")["rep_id"].to_list()
    silent = kept.work.unreported
    late = pl.DataFrame(schema={"rep_id": pl.String, "reports": pl.Int64})
    if silent is not None:
        late = silent.group_by("rep_id").agg(pl.len().cast(pl.Int64).alias("reports"))
    board = board.join(late, on="rep_id", how="left")
    if silent is not None:
        board = board.with_columns(pl.col("reports").fill_null(0))
    said = [[t("pages_review.mass_update")] if one in marked else [] for one in board["rep_id"]]
    board = boards.named(session, board.with_columns(pl.Series("mass", said, dtype=pl.List(pl.String))), "rep_id", names)
    board = board.with_columns(
        pl.Series("member", [one if one in names else None for one in board["rep_id"]], dtype=pl.String), pl.lit("rep_id").alias("key")
    ).sort("is_stale", "conflicts", "rep_id", descending=[True, True, False])
    return board, [
        Column("name", t("pages.column_rep"), "open", width=130),
        *(boards.column(session, kpi) for kpi in _REP_KPIS),
        *(Column(one, t(f"pages_review.column_{one}"), "count") for one in _COUNTS),
        Column("late_amount", t("pages_review.column_late_amount"), "money"),
        Column("conflicts", t("pages_review.column_conflicts"), "count", help=t("pages_review.conflicts_help")),
        *([Column("reports", t("pages_review.column_reports"), "count")] if silent is not None else []),
        *([Column("mass", t("pages_review.column_mass"), "chips")] if marked else []),
    ]


def choose(session: Session) -> str:
    """Which customers are listed."""
    t = session.t
    return blocks.choose(t("pages_care.which_list"), tuple(WHICH), lambda one: t(f"pages_review.list_{one}"), key="review_listed")


def listed(session: Session, kept: Kept, which: str) -> Block:
    """The customers of one list with what there is to say of each, most revenue first."""
    if kept.checked is None:
        return pl.DataFrame(), []
    rows = kept.checked.filter(pl.any_horizontal(cardcheck.CONFLICTS) if which == "odd" else pl.col(WHICH[which]))
    t, board = session.t, _described(session, rows)
    return board, [
        Column("customer", t("pages.column_customer"), "open", width=210),
        Column("why", t("pages_care.column_reasons"), "chips", width=300),
        Column("revenue", t("pages_care.column_year_revenue"), "money"),
        Column("lacking", t("pages_review.column_missing"), "chips", width=230),
        Column("name", t("pages_care.column_owner")),
        Column("touched_on", t("pages_care.updated_on"), "date"),
        Column("customer_id", t("pages.column_code")),
    ]


def _described(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """Names, what there is to say in words, and the fields that are missing."""
    board = boards.named(session, rep.with_customers(session, rows), "rep_id", compute.rep_names(session))
    board = reasons.with_why(session, board, cardcheck.reasons)
    lacking = [[session.t(f"pages_review.field_{field}") for field in row] for row in board["missing"]]
    members = compute.customer_names(session, board["customer_id"])
    return board.with_columns(
        pl.Series("lacking", lacking, dtype=pl.List(pl.String)),
        pl.Series("member", [one if one in members else None for one in board["customer_id"]], dtype=pl.String),
    )


def list_heading(session: Session, rows: pl.DataFrame, which: str) -> str:
    """What a list is of, and how many."""
    return session.t(f"pages_review.heading_{which}", count=session.fmt.count(rows.height))


def fields(session: Session, kept: Kept) -> Block:
    """How many cards lack each field, one row a person; the emptiest cards first."""
    if kept.cards is None:
        return pl.DataFrame(), []
    asked = compute.config(session).card_fields
    long = cardcheck.gaps(kept.cards, compute.config(session))
    wide = long.pivot("field", index=["rep_id", "cards"], values="share") if long.height else long.select("rep_id", "cards")
    known = [field for field in asked if field in wide.columns]
    mean = pl.mean_horizontal(known) if known else pl.lit(None, pl.Float64)
    board = wide.with_columns(mean.alias("mean")).sort("mean", "rep_id", descending=[True, False], nulls_last=True)
    board = boards.named(session, board, "rep_id", compute.rep_names(session))
    t = session.t
    return board, [
        Column("name", t("pages.column_rep")),
        Column("cards", t("pages_review.column_cards"), "count"),
        *(Column(field, t(f"pages_review.field_{field}"), "rate") for field in known),
    ]


def heat(session: Session, fields: Block) -> None:
    """Person × field: darker where more cards lack it."""
    board, columns = fields
    if board.is_empty():
        st.caption(session.t("pages.no_rows") if columns else blocks.missing(session, NEEDS))
        return
    t, fmt, words = session.t, session.fmt, {c.name: c.header for c in columns if c.kind == "rate"}
    drawn = board.head(_DRAWN)
    long = drawn.unpivot(list(words), index=["name", "cards"], variable_name="field", value_name="value")
    hover = [
        t("pages_review.cell", name=name, field=words[field], empty=fmt.count(round(share * cards)), all=fmt.count(cards))
        for name, cards, field, share in long.select("name", "cards", "field", "value").iter_rows()
    ]
    cells = long.select(
        row="name",
        column=pl.col("field").replace(words),
        value="value",
        text=pl.Series([f"{round(share * 100)}%" if share else "" for share in long["value"]], dtype=pl.String),
        hover=pl.Series(hover, dtype=pl.String),
    )
    names = {"row": t("pages.column_rep"), "column": t("pages_review.axis_field")}
    people = list(drawn["name"])[::-1]
    blocks.chart(spreads.matrix(cells, session.palette, names, people, list(words.values()), height=110 + 26 * len(people)), "fields")
    if board.height > _DRAWN:
        st.caption(t("pages_review.emptiest_drawn", shown=fmt.count(_DRAWN), all=fmt.count(board.height)))


def sheets(session: Session, board: Block, fields: Block, kept: Kept) -> list[export.Sheet]:
    """The workbook: the people, every customer there is something to say of, the stale ones, the fields."""
    t = session.t
    tables: list[boards.Tabled] = [
        (t("pages_review.sheet_reps"), *board, export.Chart("bar", "name", ("is_stale",))),
        *((t(f"pages_review.sheet_{which}"), *listed(session, kept, which)) for which in ("talk", "stale", "odd")),
        (t("pages_review.sheet_fields"), *fields),
    ]
    return boards.sheets(session, tables)


def fill_in_button(session: Session, place: Top, kept: Kept) -> None:
    """The cards that are stale or lack something, to be filled in and handed to whoever keeps the cards."""
    t, file = session.t, export.file_name("cards-to-fill-in", session.warehouse.as_of)

    def made() -> tuple[bytes, int]:
        sheet = fill_in(session, kept)
        return export.workbook([sheet]), sheet.frame.height

    layout.button(
        session, place, t("pages_review.fill_in"), "edit_note", file, made, page="review-fill", key="download_fill",
        help=t("pages_review.fill_in_help"),
    )  # fmt: skip


def fill_in(session: Session, kept: Kept) -> export.Sheet:
    """A row a card with what is on it; empty cells are to be filled in.

    It does not load back: of contacts only whether there is one is kept, so what is written here cannot be a whole card. Its headers are
    those of no export, so that nobody loads it by mistake.
    """
    t, asked = session.t, compute.config(session).card_fields
    rows = pl.DataFrame() if kept.checked is None else kept.checked
    if rows.width:
        rows = rows.filter(pl.col("is_active") & (pl.col("is_stale") | (pl.col("missing").list.len() > 0))).head(_FILLED_IN)
        rows = _described(session, rows).select("customer_id", "customer", "name", "touched_on", "why", "lacking")
        cards = session.warehouse.cards(session.scope, rows["customer_id"].to_list())
        there = [pl.when(pl.col(f"has_{name}")).then(pl.lit(t("pages_review.is_there"))).alias(name) for name in ("contact", "phone")]
        cards = cards.with_columns(*there).select("customer_id", *asked)
        rows = rows.join(cards, on="customer_id", how="left", maintain_order="left")
        rows = rows.with_columns(pl.col(name).list.join(" · ") for name in ("why", "lacking"))
    named = {"customer_id": "fill_code", "customer": "fill_customer", "name": "fill_owner", "touched_on": "fill_touched", "why": "fill_why"}
    headers = {column: t(f"pages_review.{key}") for column, key in (named | {"lacking": "fill_lacking"}).items()}
    headers |= {field: t("pages_review.fill_field", field=t(f"pages_review.field_{field}")) for field in asked}
    units = {"credit_limit": "money", "annual_potential": "money", "terms_days": "count"}
    return export.Sheet(t("pages_review.sheet_fill_in"), rows, headers, units)
