"""The blocks of the Collections page: the rates with their denominators, who holds what is overdue, whom to call."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kpi import chase, unbilled
from kpi.catalog import get
from pages.frame.session import Session
from pages.parts import rep
from pages.ui import answers, blocks, boards, compute, reasons
from pages.ui.boards import Column
from pages.ui.figures import Figure
from pages.ui.filters import Selection

RATES = ("collection_rate", "collection_rate_balance", "cash_to_sales_ratio")
CARDS = (*RATES, "on_time_collection_rate", "overdue_amount", "ar_balance", "dso", "avg_days_late")
KPIS = (*CARDS, "overdue_rate", "best_possible_dso", "cei", "ar_aging")
HOLDER_KPIS = ("overdue_amount", "overdue_rate", "ar_balance", "collection_rate", "dso")
_DENOMINATORS = {name: f"pages_care.of_{name}" for name in (*RATES, "on_time_collection_rate")}


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under each card: of what it is a share, or what it should be read with."""
    t, fmt = session.t, session.fmt
    parts = {name: shown[name].row["denominator"] for name in _DENOMINATORS}
    lines = {name: t(_DENOMINATORS[name], amount=fmt.money(amount)) for name, amount in parts.items() if amount is not None}
    if shown["overdue_rate"].value is not None:
        lines["overdue_amount"] = t("pages.beside_open", value=fmt.rate(shown["overdue_rate"].value))
    if (unapplied := shown["ar_balance"].row.get("unapplied")) is not None:
        lines["ar_balance"] = t("pages_care.beside_unapplied", amount=fmt.money(unapplied))
    if shown["best_possible_dso"].value is not None:
        lines["dso"] = t("pages_care.beside_best", days=fmt.days(shown["best_possible_dso"].value))
    return lines


def rates(session: Session, shown: Mapping[str, Figure]) -> tuple[pl.DataFrame, list[Column]]:
    """The three ways to say what came in, each with what it divides by, and which of them counts for the score."""
    t, scored = session.t, session.warehouse.settings.scorecard
    rows = [
        {
            "name": t(get(name).label_id),
            "value": shown[name].value,
            "came_in": shown[name].row["numerator"],
            "of": shown[name].row["denominator"],
            "meaning": t(f"pages_care.denominator_{name}"),
            "scored": t("pages_care.scored") if scored.get(name) else t("pages_care.not_scored"),
        }
        for name in RATES
    ]
    money = pl.Decimal(38, 4)
    frame = pl.DataFrame(rows, schema_overrides={"value": pl.Float64, "came_in": money, "of": money})
    columns = [
        Column("name", t("pages_care.column_rate")),
        Column("value", t("pages_care.column_percent"), "rate"),
        Column("came_in", t("pages_care.column_came_in"), "money"),
        Column("of", t("pages_care.column_of"), "money"),
        Column("meaning", t("pages_care.column_denominator"), width=330),
        Column("scored", t("pages_care.column_score")),
    ]
    return frame, columns


def choose_holders(session: Session, selection: Selection) -> str:
    """By what the holders of open money are listed, as chosen by the reader: the column of the members."""
    t = session.t
    places = ("territory_id",) if selection.region else ("region", "territory_id")
    options = ("rep_id",) if selection.rep or selection.territory else (*places, "rep_id")
    return blocks.choose(t("pages_care.list_by"), options, lambda one: t(f"pages_care.by_{one}"), key="holders_by")


def holders(session: Session, selection: Selection, key: str) -> tuple[pl.DataFrame, list[Column]]:
    """Who must collect what, most overdue first: regions, territories or reps."""
    t, results = session.t, compute.summary(session, HOLDER_KPIS, selection.periods, (key,), selection.where)
    board = boards.side_by_side(results, selection.period, key)
    board = boards.with_change(session, board, results, selection, key, "overdue_amount")
    board = board.filter(pl.any_horizontal(pl.col(name).fill_null(0) != 0 for name in ("ar_balance", "overdue_amount")))
    names = {"rep_id": compute.rep_names, "territory_id": compute.territory_names}.get(key, lambda _: {})(session)
    board = boards.named(session, board, key, names).sort("overdue_amount", descending=True, nulls_last=True)
    known = set(names) if key != "region" else set(board["region"].drop_nulls())
    members = [member if member in known else None for member in board[key]]
    columns = [
        Column("name", t(f"pages_care.by_{key}"), "open"),
        boards.column(session, "overdue_amount"),
        *([Column("change", t("pages.column_change"), "change")] if selection.before else []),
        boards.column(session, "overdue_rate"),
        boards.column(session, "ar_balance"),
        boards.column(session, "collection_rate"),
        boards.column(session, "dso"),
    ]
    return board.with_columns(pl.Series("member", members, dtype=pl.String), pl.lit(key).alias("key")), columns


@answers.kept_as_told
def to_chase(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Whom to call about money, most overdue first, with the oldest invoice and the reasons."""
    t = session.t
    invoices, limits = (compute.rows(session, name, (selection.period,), selection.where) for name in ("open_invoices", "credit_limits"))
    if invoices is None:
        return pl.DataFrame(schema={"member": pl.String}), []
    known = None if limits is None else limits.lazy()
    listed = chase.chase_list(invoices.lazy(), known, left=compute.leavers(session)).collect()
    board = rep.with_customers(session, reasons.with_why(session, listed, chase.reasons))
    board = boards.named(session, board, "rep_id", compute.rep_names(session)).rename({"name": "owner"})
    columns = [
        Column("customer", t("pages.column_customer"), "open", width=210),
        Column("overdue_amount", t("kpi.overdue_amount.label"), "money"),
        Column("days_late", t("pages_care.column_days_late"), "count"),
        Column("why", t("pages_care.column_reasons"), "chips", width=330),
        Column("owner", t("pages_care.column_owner")),
        Column("invoice_id", t("pages_care.column_oldest")),
        Column("overdue_count", t("pages_care.column_invoices"), "count"),
        Column("last_paid_on", t("pages_care.column_last_paid"), "date"),
        Column("customer_id", t("pages.column_code")),
    ]
    return board.with_columns(pl.col("customer_id").alias("member")), columns


def not_invoiced(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """What was shipped and no invoice speaks of, by customer; who waits too long leads."""
    t, orders = session.t, compute.rows(session, "not_invoiced", (selection.period,), selection.where)
    if orders is None:
        return pl.DataFrame(schema={"member": pl.String}), []
    board = rep.with_customers(session, unbilled.unbilled(orders.lazy()).collect())
    board = boards.named(session, board, "rep_id", compute.rep_names(session))
    return board.with_columns(pl.col("customer_id").alias("member")), [
        Column("customer", t("pages.column_customer"), "open", width=210),
        Column("revenue", t("pages_care.column_not_invoiced"), "money"),
        Column("orders", t("kpi.order_count.label"), "count"),
        Column("late_revenue", t("pages_care.column_waits_long", days=unbilled.LATE_DAYS), "money"),
        Column("waiting_days", t("pages_care.column_waiting_days"), "count"),
        Column("since", t("pages_care.column_since"), "date"),
        Column("order_id", t("pages_care.column_oldest_order")),
        Column("name", t("pages.column_rep")),
        Column("customer_id", t("pages.column_code")),
    ]


def unbilled_heading(session: Session, board: pl.DataFrame) -> str:
    """What the shipments without an invoice amount to."""
    if board.is_empty():  # without columns it could not be made: that is no good news
        return session.t("pages_care.all_invoiced" if "revenue" in board.columns else "pages_care.invoiced_unknown")
    fmt, (amount, late) = session.fmt, (board[name].sum() for name in ("revenue", "late_revenue"))
    counted = {"orders": fmt.count(board["orders"].sum()), "amount": fmt.money(amount), "late": fmt.money(late)}
    return session.t("pages_care.whats_not_invoiced", days=unbilled.LATE_DAYS, **counted)


def trend(session: Session, selection: Selection, names: tuple[str, ...]) -> pl.DataFrame:
    """month and a column for each KPI, over the last 13 closed months, of what is selected."""
    spans = compute.months(session, selection.period, closed=True)
    results = compute.summary(session, names, spans, (), selection.where)
    months = pl.DataFrame({"period": [span.label for span in spans], "month": [span.start for span in spans]})
    for name, frame in results.items():
        months = months.join(frame.select("period", pl.col("value").alias(name)), on="period", how="left", maintain_order="left")
    return months.drop("period")


def heading(session: Session, board: pl.DataFrame) -> str:
    """What the list of money to chase amounts to."""
    if board.is_empty():  # without columns it could not be made: that is no good news
        return session.t("pages_care.nothing_to_chase" if "overdue_amount" in board.columns else "pages_care.chase_unknown")
    total = session.fmt.money(board["overdue_amount"].sum())
    return session.t("pages_care.whom_to_chase", count=session.fmt.count(board.height), amount=total)
