"""One rep: targets, place among the others, customers, open money, last visits."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from kpi.catalog import get
from kpi.collections import BUCKETS
from kpi.period import parse
from kpi.team import MIN_SHOWN
from pages.frame.session import Session
from pages.ui import blocks, boards, charts, compute, tables
from pages.ui.boards import Column
from pages.ui.figures import row_of
from pages.ui.filters import Selection
from pages.ui.format import plain
from pages.ui.groups import NOW
from pages.ui.layout import page_file

METRICS = ("revenue", "gross_profit", "collected", "completed_visits", "new_customers")
PLACED = ("revenue", "gross_margin_pct", "collection_rate", "completed_visits")


def as_seen(session: Session, selection: Selection, other: str) -> Session:
    """The session with the rows the rep sees. Whoever is not that rep is told so, and led to the other page of the rep.

    With today's owner it stays the reader's own: what others sold before counts there, and that no rep sees.
    """
    seen = session if selection.credit == NOW else session.through(selection.rep)
    if seen is not session:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="as_seen"):
            st.caption(session.t("pages_visits.as_seen", name=plain(blocks.rep_name(session, selection))), width="content")
            label, asked = session.t(f"pages.{other}_title"), selection.params(rep=selection.rep)
            st.page_link(page_file(other), label=label, icon=":material/arrow_forward:", icon_position="right", query_params=asked)
    return seen


def targets(session: Session, selection: Selection) -> pl.DataFrame:
    """name, value, judgement, hover of each metric that has a target, for what is selected."""
    level, fmt, t = selection.level, session.fmt, session.t
    names = [f"{kind}:{metric}" for metric in METRICS for kind in ("target_attainment", "target_pace")]
    results = compute.summary(session, names, (selection.period,), (level[0],) if level else ())
    rows = []
    for metric in METRICS:
        reached, pace = (
            row_of(results[get(f"{kind}:{metric}").name], selection.period, level) for kind in ("target_attainment", "target_pace")
        )
        if reached["value"] is not None:
            unit, label = boards.unit_of(metric), t(get(metric).label_id)
            parts = t("pages.of_target", actual=fmt.value(unit, reached["numerator"]), target=fmt.value(unit, reached["denominator"]))
            rows.append((label, reached["value"], session.band.pace(pace["value"]), f"{label}: {parts}"))
    return pl.DataFrame(rows, schema={"name": pl.String, "value": pl.Float64, "judgement": pl.String, "hover": pl.String}, orient="row")


def ranks(session: Session, selection: Selection) -> pl.DataFrame:
    """name, text, own, others of the KPIs in which a rep can be placed (positions from 0, last, to 1, first; none in a small team)."""
    rows = []
    for kpi, standing in compute.standings(session, PLACED, selection.period, selection.rep or "").items():
        text = boards.place(session, kpi, standing)
        rows.append({"name": session.t(get(kpi).label_id), "text": text, "own": standing.place, "others": list(standing.positions)})
    return pl.DataFrame(rows, schema={"name": pl.String, "text": pl.String, "own": pl.Float64, "others": pl.List(pl.Float64)})


def show_places(session: Session, selection: Selection) -> None:
    """The strips of own places, or why there are none."""
    frame = ranks(session, selection)
    if frame.is_empty():
        st.caption(session.t("pages.team_too_few", smallest=MIN_SHOWN))
        return
    drawn = frame.filter(pl.col("own").is_not_null())
    for name, text in frame.filter(pl.col("own").is_null()).select("name", "text").iter_rows():
        st.markdown(f"**{name}** · {text}".replace("$", "\\$"))
    if drawn.height:
        names = {part: session.t(f"pages.strip_{part}") for part in ("own", "others")}
        st.plotly_chart(charts.strips(drawn, session.palette, names), theme=None, config=charts.CONFIG, key="places")


def ageing_rows(session: Session, selection: Selection) -> pl.DataFrame:
    """name, value, is_late: what is open by how late it is, for what is selected."""
    level = selection.level
    frame = compute.summary(session, ("ar_aging",), (selection.period,), (level[0],) if level else ())["ar_aging"]
    row = row_of(frame, selection.period, level)
    rows = [(session.t(f"pages.bucket_{bucket}"), row.get(bucket), bucket != "not_due") for bucket in BUCKETS]
    return pl.DataFrame(rows, schema={"name": pl.String, "value": pl.Decimal(38, 4), "is_late": pl.Boolean}, orient="row")


def customers(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """The customers of a rep, largest first: revenue, how it moved, margin, what is overdue, last order and visit."""
    where = (("rep_id", selection.rep or ""),)
    names = ("revenue", "gross_margin_pct", "overdue_amount")
    results = compute.summary(session, names, selection.periods, ("customer_id",), where)
    board = boards.side_by_side(results, selection.period, "customer_id")
    board = boards.with_change(session, board, results, selection, "customer_id", "revenue")
    board = boards.with_history(session, board, selection, "revenue", "customer_id", where)
    board = board.join(compute.last_seen(session, selection.rep or ""), on="customer_id", how="left")
    board = with_customers(session, board).with_columns(member=pl.col("customer_id"))
    board = board.filter((pl.col("revenue") != 0) | (pl.col("overdue_amount") != 0)).sort(
        "revenue", "overdue_amount", descending=True, nulls_last=True
    )
    t = session.t
    columns = [
        Column("customer", t("pages.column_customer"), "open", width=220),
        boards.column(session, "revenue"),
        *([Column("change", t("pages.column_change"), "change")] if selection.before else []),
        Column("history", t("pages.column_history"), "spark", width=110),
        boards.column(session, "gross_margin_pct"),
        boards.column(session, "overdue_amount"),
        Column("last_order_on", t("pages.column_last_order"), "date"),
        Column("last_visit_on", t("pages.column_last_visit"), "date"),
        Column("customer_id", t("pages.column_code")),
    ]
    return board, columns


def with_customers(session: Session, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `customer`: the name of the customer, or the code of one without a name."""
    names = compute.customer_names(session, frame["customer_id"])
    return frame.with_columns(pl.Series("customer", [names.get(one, one) for one in frame["customer_id"]], dtype=pl.String))


def last_visits(session: Session, rep_id: str | None, days: int = 14) -> tuple[pl.DataFrame, list[Column]]:
    """What a rep did in the last days up to the date of the data, newest first."""
    last = session.warehouse.as_of
    span = parse(f"{last - timedelta(days=days - 1)}..{last}", last)
    frame = compute.facts(session, "visits", span, (("rep_id", rep_id or ""),)).filter("is_completed")
    frame = with_customers(session, frame)
    party = (pl.coalesce("customer", "prospect_id").alias("party"), pl.coalesce("customer_id", "prospect_id").alias("party_id"))
    frame = frame.with_columns(*party, tables.words(session, frame["visit_type"])).sort("actual_at", descending=True)
    t = session.t
    frame = frame.with_columns(member=pl.col("customer_id"))
    names = {"party": "open", "actual_date": "date", "visit_type": "text", "purpose": "text", "outcome": "text", "party_id": "text"}
    return frame, [Column(name, t(f"pages.column_{name}"), kind) for name, kind in names.items()]
