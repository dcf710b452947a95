"""The blocks of the Margin page: margin per shipment, by product line, by who sells, and the orders that earned too little."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pages.frame.session import Session
from pages.parts import rep
from pages.ui import boards, compute
from pages.ui.boards import Column
from pages.ui.figures import Figure
from pages.ui.filters import Selection

CARDS = (
    "revenue",
    "gross_profit",
    "gross_margin_pct",
    "order_margin_pct",
    "margin_per_order",
    "low_margin_orders",
    "returns_rate",
    "discount_rate",
)
KPIS = (*CARDS, "cost_coverage", "target_pace", "margin_bridge", "margin_rate_bridge")
LINE_KPIS = ("revenue", "gross_profit", "gross_margin_pct", "discount_rate")
SELLER_KPIS = ("revenue", "gross_margin_pct", "order_margin_pct", "margin_per_order", "low_margin_orders")


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under each card."""
    t, fmt, lines = session.t, session.fmt, {}
    orders = shown["order_margin_pct"].row
    if orders.get("p10") is not None:
        lines["order_margin_pct"] = t("pages_care.beside_spread", p10=fmt.rate(orders["p10"]), p90=fmt.rate(orders["p90"]))
    if orders.get("loss_share") is not None:
        lines["margin_per_order"] = t("pages_care.beside_loss", share=fmt.rate(orders["loss_share"]))
    if shown["cost_coverage"].value is not None:
        lines["gross_profit"] = t("pages_care.beside_cost", share=fmt.rate(shown["cost_coverage"].value))
    if shown["target_pace"].value is not None and compute.is_alike(session, "revenue", "target_pace"):
        lines["revenue"] = t("pages.beside_pace", value=fmt.rate(shown["target_pace"].value))
    if (floored := shown["low_margin_orders"].row.get("floored_orders")) is not None:
        lines["low_margin_orders"] = t("pages_care.beside_floored", orders=fmt.count(floored))
    return lines


def product_lines(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """What each product line sells and earns, the largest profit first."""
    t = session.t
    results = compute.summary(session, LINE_KPIS, selection.periods, ("product_line",), selection.where)
    board = boards.side_by_side(results, selection.period, "product_line")
    moved = boards.with_change(session, board, results, selection, "product_line", "gross_margin_pct")["change"]
    board = boards.with_change(session, board, results, selection, "product_line", "gross_profit")
    board = board.with_columns(moved.alias("moved")).filter(pl.col("revenue").fill_null(0) != 0)
    board = board.sort("gross_profit", descending=True, nulls_last=True)
    board = board.with_columns(pl.col("product_line").fill_null(t("pages_care.no_line")))
    compared = [Column("change", t("pages.column_change"), "change")], [Column("moved", t("pages.column_change"), "points")]
    profit, margin = compared if selection.before else ([], [])
    columns = [
        Column("product_line", f"{t('pages.column_product_line')}{' *' if session.lens.group else ''}"),
        boards.column(session, "revenue"),
        boards.column(session, "gross_profit"),
        *profit,
        boards.column(session, "gross_margin_pct"),
        *margin,
        boards.column(session, "discount_rate"),
    ]
    return board, columns


def sellers(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Margin per shipment of regions, territories or reps: median, the spread, and the share that lost money; the weakest first."""
    t = session.t
    key = "rep_id" if selection.region or selection.territory or selection.rep or not session.scope.sees_all else "region"
    results = compute.summary(session, SELLER_KPIS, (selection.period,), (key,), selection.where)
    board = boards.side_by_side(results, selection.period, key)
    spread = results["order_margin_pct"].select(key, *(pl.col(name).cast(pl.Float64) for name in ("p10", "p90", "loss_share")))
    board = board.join(spread, on=key, how="left", nulls_equal=True).filter(pl.col("revenue").fill_null(0) != 0)
    names = compute.rep_names(session) if key == "rep_id" else {}
    board = boards.named(session, board, key, names).sort("order_margin_pct", nulls_last=True)
    known = set(names) if key == "rep_id" else set(board[key].drop_nulls())
    members = [member if member in known else None for member in board[key]]
    columns = [
        Column("name", t(f"pages_care.by_{key}"), "open"),
        boards.column(session, "order_margin_pct"),
        *(Column(name, t(f"kpi.extra.{name}"), "rate") for name in ("p10", "p90", "loss_share")),
        boards.column(session, "gross_margin_pct"),
        boards.column(session, "margin_per_order"),
        boards.column(session, "low_margin_orders"),
    ]
    return board.with_columns(pl.Series("member", members, dtype=pl.String), pl.lit(key).alias("key")), columns


def weak_orders(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """The orders that lost money or stayed below the floor, the most missing first."""
    t = session.t
    listed = compute.weak_orders(session, selection.period, selection.where)
    if listed is None:
        return pl.DataFrame(), []
    board = rep.with_customers(session, listed)
    board = boards.named(session, board, "rep_id", compute.rep_names(session)).with_columns(pl.col("customer_id").alias("member"))
    said = [[t(f"pages_care.order_{flag}") for flag in flags] for flags in board["reasons"]]
    board = board.with_columns(pl.Series("why", said, dtype=pl.List(pl.String)))
    columns = [
        Column("customer", t("pages.column_customer"), "open", width=220),
        Column("missing", t("pages_care.column_missing"), "exact", help=t("pages_care.missing_help")),
        Column("margin", t("kpi.gross_margin_pct.label"), "rate"),
        Column("why", t("pages_care.column_reasons"), "chips"),
        Column("gross_profit", t("kpi.gross_profit.label"), "exact"),
        Column("revenue", t("kpi.revenue.label"), "exact"),
        Column("order_id", t("pages.column_order_id")),
        Column("date", t("pages.column_date"), "date"),
        Column("name", t("pages.column_rep")),
        Column("approved_by", t("pages_care.column_approved")),
    ]
    if board["approved_by"].null_count() == board.height:
        columns = columns[:-1]
    return board, columns


def weak_heading(session: Session, board: pl.DataFrame) -> str:
    """What the weak orders amount to."""
    if board.is_empty():  # without columns it could not be made: that is no good news
        return session.t("pages_care.no_weak_orders" if board.width else "pages_care.weak_unknown")
    return session.t("pages_care.weak_orders", count=session.fmt.count(board.height), amount=session.fmt.money(board["missing"].sum()))
