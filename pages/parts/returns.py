"""What came back, on the Margin page: of which customers, product lines and people, beside what was sold before it."""

from __future__ import annotations

import polars as pl

from pages.frame.session import Session
from pages.parts import rep
from pages.ui import blocks, boards, compute
from pages.ui.boards import Column
from pages.ui.filters import Selection

BY = ("customer_id", "product_line", "rep_id")


def choose(session: Session) -> str:
    """By what the returns are told apart."""
    t = session.t
    return blocks.choose(t("pages_care.returns_by"), BY, lambda key: t(f"pages_care.by_{key}"), key="returns_by")


def listed(session: Session, selection: Selection, key: str) -> tuple[pl.DataFrame, list[Column]]:
    """Whoever had goods sent back in the period they came back in, the most money first."""
    t = session.t
    found = compute.summary(session, ("returns_rate",), (selection.period,), (key,), selection.where)["returns_rate"]
    board = found.filter(pl.col("numerator") > 0).sort("numerator", key, descending=[True, False], nulls_last=True)
    board = board.with_columns(pl.col(key).alias("member"), pl.lit(key).alias("key"), (-pl.col("numerator")).alias("returned"))
    if key == "customer_id":
        board = rep.with_customers(session, board).rename({"customer": "name"})
    elif key == "rep_id":
        names = compute.rep_names(session)
        board = boards.named(session, board, key, names)
        board = board.with_columns(pl.when(pl.col("member").is_in(list(names))).then("member").alias("member"))
    else:
        board = board.with_columns(pl.col(key).fill_null(t("pages_care.no_line")).alias("name"))
    return board, [
        Column("name", t(f"pages_care.by_{key}"), "text" if key == "product_line" else "open", width=220),
        Column("returned", t("pages_care.column_returned"), "exact"),
        Column("denominator", t("pages_care.column_before_returns"), "exact"),
        boards.column(session, "returns_rate", as_name="value"),
    ]


def opened(selection: Selection, row: dict[str, object] | None) -> None:
    """Go to the customer clicked, or narrow the page to the person."""
    if row and row["key"] == "customer_id":
        blocks.open_customer(selection, row)
    elif row and row["key"] == "rep_id":
        blocks.narrow("margin", selection, row)


def heading(session: Session, board: pl.DataFrame) -> str:
    """How much came back, from how many."""
    if board.is_empty():
        return session.t("pages_care.nothing_returned")
    return session.t("pages_care.what_came_back", amount=session.fmt.money(board["numerator"].sum()))


def sheets(session: Session, selection: Selection) -> list[boards.Tabled]:
    """The returns in each way they can be told apart."""
    return [(session.t(f"pages_care.sheet_returns_{key}"), *listed(session, selection, key)) for key in BY]
