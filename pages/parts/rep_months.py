"""One rep over the months: how the score moves, and what each customer bought."""

from __future__ import annotations

import polars as pl

from pages.frame.session import Session
from pages.parts import rep, scorecard
from pages.ui import blocks, boards, compute
from pages.ui.boards import Column
from pages.ui.filters import Selection

KPIS = (*blocks.KPIS, "scorecard")


def score(session: Session, selection: Selection) -> pl.DataFrame:
    """month and the score, under the name of its template, over the last 13 closed months; null where too little of it is known."""
    spans = compute.months(session, selection.period, closed=True)
    roles = compute.people(session).filter(pl.col("rep_id") == selection.rep)["roles"].explode().to_list()
    template = scorecard.template_of(roles)
    found = compute.summary(session, (template,), spans, ("rep_id",))[template].filter(pl.col("rep_id") == selection.rep)
    months = pl.DataFrame({"period": [span.label for span in spans], "month": [span.start for span in spans]})
    values = found.select("period", pl.col("value").alias(template))
    return months.join(values, on="period", how="left", maintain_order="left").drop("period")


def customers(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """What each customer bought in each of the last 13 months, the running one last, and how often it was seen; the largest first."""
    spans, where = compute.months(session, selection.period), (("rep_id", selection.rep or ""),)
    found = compute.summary(session, ("revenue", "completed_visits"), spans, ("customer_id",), where)
    months = {span.label: session.fmt.month(span.start) for span in spans}
    sold = found["revenue"].filter(pl.col("value").fill_null(0) != 0)
    board = sold.pivot(on="period", index="customer_id", values="value", on_columns=list(months))
    seen = (
        found["completed_visits"].filter(pl.col("customer_id").is_not_null()).group_by("customer_id").agg(pl.sum("value").alias("visits"))
    )
    board = board.join(seen, on="customer_id", how="full", coalesce=True).with_columns(total=pl.sum_horizontal(*months))
    board = rep.with_customers(session, board.sort("total", "customer_id", descending=[True, False], nulls_last=True))
    t = session.t
    return board, [
        Column("customer", t("pages.column_customer")),
        Column("customer_id", t("pages.column_code")),
        *(Column(label, name, "exact") for label, name in months.items()),
        Column("total", t("pages.total"), "exact"),
        Column("visits", t("kpi.completed_visits.label"), "count"),
    ]


def sheet(session: Session, selection: Selection) -> boards.Tabled:
    """Customer by month as a sheet: too wide for a page."""
    return session.t("pages_visits.sheet_months"), *customers(session, selection)
