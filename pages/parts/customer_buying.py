"""Block three of the customer card: what the customer buys, when, and for how much less than the list says."""

from __future__ import annotations

import polars as pl

from kpi.rhythm import weekday
from kpi.sales import product_mix
from pages.frame.session import Session
from pages.parts import customer
from pages.ui import compute
from pages.ui.boards import Column
from pages.ui.filters import Selection


def bought(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Product lines bought in the year up to the end of the period, most first."""
    t, rows = session.t, compute.rows(session, "volumes", (customer.year(session, selection),), selection.where)
    if rows is None:
        return pl.DataFrame(), []
    board = product_mix(rows.lazy()).collect()
    board = board.with_columns(pl.col("product_line").fill_null(t("pages_care.no_line")))
    margin = pl.when(pl.col("costed_revenue") > 0).then(pl.col("gross_profit").cast(pl.Float64) / pl.col("costed_revenue").cast(pl.Float64))
    columns = [
        Column("product_line", t("pages.column_product_line")),
        Column("revenue", t("kpi.revenue.label"), "money"),
        Column("share", t("pages_care.column_share"), "rate"),
        Column("margin", t("kpi.gross_margin_pct.label"), "rate"),
    ]
    return board.with_columns(margin.alias("margin")), columns


def rhythm(session: Session, selection: Selection) -> None:
    """When it first and last ordered, how often and on which day it usually does, what it gets off the list price; and the last visit."""
    t, fmt = session.t, session.fmt
    portfolio = compute.rows(session, "portfolio", (selection.period,), selection.where)
    risk = compute.rows(session, "customer_risks", (selection.period,), selection.where)
    seen = compute.rows(session, "customer_recency", (selection.period,), selection.where)
    facts = {}
    for key, frame in (("first_order", portfolio), ("last_order", portfolio), ("last_visit", seen)):
        day = frame[f"{key}_on"][0] if frame is not None and frame.height else None
        facts[key] = fmt.day(day) if day else None
    gap = risk["gap_median_days"][0] if risk is not None and risk.height else None
    facts["usual_gap"] = t("pages_care.in_days", days=fmt.count(gap)) if gap is not None else None
    facts["usual_day"] = _usual_day(session, selection)
    span = customer.year(session, selection)
    found = compute.summary(session, ("discount_rate",), (span,), (), selection.where)["discount_rate"]
    off = found["value"][0] if found.height else None
    facts["off_list"] = fmt.rate(off) if off is not None else None
    customer.facts(session, facts)


def _usual_day(session: Session, selection: Selection) -> str | None:
    """The day of the week most orders of the year fall on; None where they have no habit."""
    orders = compute.rows(session, "orders", (customer.year(session, selection),), selection.where)
    found = weekday(orders) if orders is not None else None
    if found is None:
        return None
    parts = {"part": session.fmt.count(found.orders), "all": session.fmt.count(found.of)}
    return session.t("pages_care.usual_day_of", day=session.fmt.day_of_week(found.day), **parts)
