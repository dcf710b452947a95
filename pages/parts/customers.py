"""The blocks of the Customers and Key accounts pages: one list of customers, looked at from several sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from kpi import lists, segments
from kpi.classes import SEGMENTS
from kpi.period import Period, months_up_to, parse
from pages.frame.session import Session
from pages.parts import growth, rep
from pages.parts.service import SERVICE
from pages.ui import blocks, boards, compute, export, reasons, spreads
from pages.ui.boards import Column
from pages.ui.figures import Figure
from pages.ui.filters import Selection

CARDS = (
    "active_customers",
    "new_customers",
    "reactivated_customers",
    "lapsed_customers",
    "customer_retention",
    "revenue_retention_net",
    "top20_share",
    "at_risk",
)
LABELS = ("abc_class", "rfm", "rfm_segment")
KPIS = (*CARDS, *LABELS, "customer_churn", "gini", "retention_value", *SERVICE)
LISTED_KPIS = ("gross_margin_pct", "gross_profit", "order_count", "completed_visits")  # of the tables
_POINTS = 1000  # of a kind in a chart: more cannot be told apart, and no phone draws them
WHICH = ("at_risk", "rescue", "much_little", "new", *growth.WHICH, "lapsed", "everyone")


_PICTURES = {
    "sheet_classes": export.Chart("column", "abc_class", ("revenue",)),
    "sheet_segments": export.Chart("bar", "name", ("revenue",)),
    "sheet_listed": export.Chart("bar", "customer", ("revenue",), 20),
}


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under a card; under retention what keeping a few more of every hundred would bring, by own margins."""
    lines, worth = blocks.beside(session, shown), shown["retention_value"].value
    if worth is not None:
        points = session.fmt.count(round(100 * compute.config(session).retention_points))
        lines["customer_retention"] = session.t("pages_care.beside_keeping", points=points, amount=session.fmt.money(worth))
    return lines


def everyone(session: Session, selection: Selection) -> pl.DataFrame:
    """The customers of what is selected, as `kpi.segments.customer_list` gives them, each with its quadrant; empty without orders."""
    portfolio = compute.rows(session, "portfolio", (selection.period,), selection.where)
    if portfolio is None:
        return pl.DataFrame()
    labels = compute.summary(session, LABELS, (selection.period,), ("customer_id",), selection.where)
    visits = None
    if session.has("visits"):
        visits = compute.summary(session, ("completed_visits",), (year(session, selection),), ("customer_id",), selection.where)[
            "completed_visits"
        ]
    return segments.quadrants(segments.customer_list(portfolio, labels, visits))


def year(session: Session, selection: Selection) -> Period:
    """The twelve months up to the end of the period, over which customers are classed."""
    to = selection.period.to
    return parse(f"{months_up_to(to, 12)}..{to}", session.warehouse.as_of, selection.period.calendar)


def choose(session: Session) -> str:
    """Which customers are listed."""
    return blocks.choose(session.t("pages_care.which_list"), WHICH, lambda one: session.t(f"pages_care.list_{one}"), key="customers_listed")


def chosen(session: Session, selection: Selection, customers: pl.DataFrame, which: str) -> pl.DataFrame:
    """The customers of one list, largest first."""
    if customers.is_empty():
        return customers
    if which in growth.WHICH:
        return growth.found(session, selection, customers, which)
    rows = customers.filter(_chosen(session, selection, which))
    return growth.came_back(session, selection, rows) if which == "new" else rows


def listed(session: Session, selection: Selection, rows: pl.DataFrame, which: str) -> tuple[pl.DataFrame, list[Column]]:
    """Customers as a table: each with what is known of it and, where there are any, the reasons."""
    if not rows.width:
        return pl.DataFrame(), []
    if "why" in rows.columns:
        return shown(session, rows), columns(session, with_why=True, with_worth="worth" in rows.columns)
    risks = compute.risks(session, selection.period, selection.where)
    why = pl.DataFrame(schema={"customer_id": pl.String, "why": pl.List(pl.String)})
    if risks.height:
        why = reasons.with_why(session, risks.join(rows, on="customer_id", how="semi"), lists.reasons).select("customer_id", "why")
    board = shown(session, rows.join(why, on="customer_id", how="left", maintain_order="left"))
    return board, columns(session, with_why=which == "at_risk")


def _chosen(session: Session, selection: Selection, which: str) -> pl.Expr:
    """Which rows belong to a list of those in the list of everybody; new and lapsed are those their KPIs count."""
    if which in ("new", "lapsed"):
        name = f"{which}_customers"
        counted = compute.summary(session, (name,), (selection.period,), ("customer_id",), selection.where)[name]
        return pl.col("customer_id").is_in(counted.filter(pl.col("value") > 0)["customer_id"].implode())
    if which == "at_risk":
        risks = compute.risks(session, selection.period, selection.where)
        return pl.col("customer_id").is_in(risks["customer_id"].implode()) if risks.height else pl.lit(False)
    return {
        "rescue": pl.col("rfm_segment") == "rescue",
        "much_little": pl.col("quadrant") == "much_little",
        "everyone": pl.lit(True),
    }[which]


def shown(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """Names, classes in words, margin."""
    board = boards.named(session, rep.with_customers(session, rows), "rep_id", compute.rep_names(session))
    margin = pl.when(pl.col("costed_revenue") > 0).then(pl.col("gross_profit").cast(pl.Float64) / pl.col("costed_revenue").cast(pl.Float64))
    words = {one: session.t(f"kpi.extra.segment_{one}") for one in SEGMENTS}
    return board.with_columns(
        margin.alias("margin"), pl.col("customer_id").alias("member"), pl.col("rfm_segment").replace(words).alias("segment")
    )


def columns(session: Session, *, with_why: bool, with_worth: bool = False) -> list[Column]:
    """The columns of a list of customers; amounts are of twelve months."""
    t = session.t
    return [
        Column("customer", t("pages.column_customer"), "open", width=220),
        *([Column("worth", t("pages_care.column_gap_worth"), "money", help=t("pages_care.gap_worth_help"))] if with_worth else []),
        Column("revenue", t("pages_care.column_year_revenue"), "money"),
        *([Column("why", t("pages_care.column_reasons"), "chips", width=380)] if with_why else []),
        Column("abc_class", t("pages_care.column_class")),
        Column("segment", t("pages_care.column_segment")),
        Column("margin", t("kpi.gross_margin_pct.label"), "rate"),
        Column("orders", t("kpi.order_count.label"), "count"),
        Column("visits", t("kpi.completed_visits.label"), "count"),
        Column("last_order_on", t("pages.column_last_order"), "date"),
        Column("name", t("pages_care.column_owner")),
        Column("customer_id", t("pages.column_code")),
    ]


def heading(session: Session, board: pl.DataFrame) -> str:
    """How many a list holds, and what they bought in a year."""
    if board.is_empty():
        return session.t("pages_care.nobody_in_list")
    fmt, amount = session.fmt, board["revenue"].sum()
    said = session.t("pages_care.customers_listed", count=fmt.count(board.height), amount=fmt.money(amount))
    few = lists.half_of(board["revenue"])
    return f"{said}{session.t('pages_care.half_with_few', few=fmt.count(few))}" if amount and few < board.height / 2 else said


def classes(session: Session, customers: pl.DataFrame) -> tuple[pl.DataFrame, list[Column]]:
    """What each ABC class adds up to, with what to do about it."""
    if customers.is_empty():
        return pl.DataFrame(), []
    t, board = session.t, segments.by_class(customers)
    margin = pl.when(pl.col("costed_revenue") > 0).then(pl.col("gross_profit").cast(pl.Float64) / pl.col("costed_revenue").cast(pl.Float64))
    hints = [t(f"pages_care.hint_{one.lower()}") for one in board["abc_class"]]
    return board.with_columns(margin.alias("margin"), pl.Series("hint", hints, dtype=pl.String)), [
        Column("abc_class", t("pages_care.column_class")),
        Column("customers", t("pages.customers"), "count"),
        Column("revenue", t("pages_care.column_year_revenue"), "money"),
        Column("revenue_share", t("pages_care.column_share"), "rate"),
        Column("margin", t("kpi.gross_margin_pct.label"), "rate"),
        Column("visits", t("kpi.completed_visits.label"), "count"),
        Column("hint", t("pages_care.column_hint"), width=230),
    ]


def segment_table(session: Session, customers: pl.DataFrame) -> tuple[pl.DataFrame, list[Column]]:
    """What each RFM segment adds up to."""
    if customers.is_empty():
        return pl.DataFrame(), []
    t, board = session.t, segments.segments(customers)
    named = pl.Series("name", [t(f"kpi.extra.segment_{one}") for one in board["rfm_segment"]], dtype=pl.String)
    return board.with_columns(named), [
        Column("name", t("pages_care.column_segment")),
        Column("customers", t("pages.customers"), "count"),
        Column("revenue", t("pages_care.column_year_revenue"), "money"),
        Column("gross_profit", t("kpi.gross_profit.label"), "money"),
    ]


def pareto(session: Session, customers: pl.DataFrame) -> None:
    """How far the revenue hangs on few."""
    curve = segments.concentration(customers) if customers.height else customers
    if curve.is_empty():
        st.caption(session.t("pages.no_rows"))
        return
    names = {part: session.t(f"pages_care.axis_{part}") for part in ("customers", "revenue")}
    blocks.chart(spreads.pareto(curve, session.fmt, session.palette, names), "pareto")


def grid(session: Session, customers: pl.DataFrame, row: str, column: str) -> None:
    """How many customers sit in each cell of two scores (5 best), with what they bring on hover."""
    if customers.is_empty() or customers[row].is_null().all():
        st.caption(session.t("pages.no_rows"))
        return
    t, fmt, cells = session.t, session.fmt, segments.cells(customers, row, column)
    hover = [
        t("pages_care.cell", count=fmt.count(count), revenue=fmt.money(revenue), profit=fmt.money(profit))
        for count, revenue, profit in cells.select("customers", "revenue", "gross_profit").iter_rows()
    ]
    counted = cells.select("row", "column", pl.col("customers").alias("value"), pl.col("customers").cast(pl.String).alias("text"))
    names = {"row": t(f"kpi.extra.score_{row}"), "column": t(f"kpi.extra.score_{column}")}
    scores = (1, 2, 3, 4, 5)
    figure = spreads.matrix(counted.with_columns(pl.Series("hover", hover, dtype=pl.String)), session.palette, names, scores, scores)
    blocks.chart(figure, f"grid_{row}{column}")


def quadrant(session: Session, customers: pl.DataFrame) -> None:
    """Who gets the visits, and who buys."""
    if customers.is_empty() or customers["visits"].is_null().all():
        st.caption(blocks.missing(session, ("orders", "visits")))
        return
    drawn = segments.marked(customers, _POINTS)
    points = rep.with_customers(session, drawn).select(
        "visits", "revenue", pl.col("customer").alias("name"), (pl.col("quadrant") == "much_little").alias("is_focus")
    )
    names = {"visits": session.t("pages_care.axis_visits"), "revenue": session.t("pages_care.column_year_revenue")}
    blocks.chart(spreads.quadrant(points, session.fmt, session.palette, names, segments.middles(customers)), "quadrant")
    parts = [
        session.t("pages_care.quadrant_part", name=session.t(f"pages_care.quadrant_{one}"), count=session.fmt.count(count))
        for one, count in ((one, customers.filter(pl.col("quadrant") == one).height) for one in segments.QUADRANTS)
    ]
    if drawn.height < customers.height:
        parts.append(session.t("pages_care.points_drawn", drawn=session.fmt.count(drawn.height), all=session.fmt.count(customers.height)))
    st.caption(" · ".join(parts))


def tables(named: Sequence[tuple[str, tuple[pl.DataFrame, list[Column]]]], session: Session) -> list[boards.Tabled]:
    """Tables with their sheet names, and the picture of those the page draws."""
    return [(session.t(f"pages_care.{title}"), frame, cols, _PICTURES.get(title)) for title, (frame, cols) in named]


Table = tuple[pl.DataFrame, list[Column]]


def sheets(
    session: Session, selection: Selection, lists: Mapping[str, pl.DataFrame], classes: Table, groups: Table, answers: Table
) -> list[boards.Tabled]:
    """The workbook: rows of the list chosen, of everybody, of classes and segments, and of who answers for those at risk."""
    first, *rest = (listed(session, selection, rows, which) for which, rows in lists.items())
    every = rest[0] if rest else first
    parts = {"listed": first, "classes": classes, "segments": groups, "answers": answers, "customers": every}
    return tables([(f"sheet_{name}", table) for name, table in parts.items()], session)
