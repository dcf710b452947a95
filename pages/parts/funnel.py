"""The blocks of the Prospects page on the way to a contract: how far prospects come, how fast, where from, and why they are lost."""

from __future__ import annotations

import polars as pl
import streamlit as st

from kpi import prospecting
from kpi.prospecting import STEPS
from pages.frame.session import Session
from pages.parts import customers
from pages.parts.prospects import Block, word
from pages.ui import blocks, boards, compute, spreads
from pages.ui.boards import Column
from pages.ui.filters import Selection


def _stages(session: Session, selection: Selection) -> compute.Results:
    span = customers.year(session, selection)
    return compute.summary(session, ("funnel_conversion", "stage_cycle_days"), (span,), ("stages",), selection.where)


def funnel(session: Session, selection: Selection) -> None:
    """How far those came in time that were collected in the year and are old enough; how many are too young; the touches of contracts."""
    t, fmt = session.t, session.fmt
    found = _stages(session, selection)["funnel_conversion"]
    rows = prospecting.way(found)
    if rows.is_empty():
        st.caption(t("pages_prospects.too_young") if session.has("prospects") else blocks.missing(session, ("prospects",)))
        return
    names = [t(f"pages_care.stage_{stage}") for stage in rows["stage"]]
    hover = [
        t("pages_prospects.funnel_hover", stage=n, reached=fmt.count(r), judged=fmt.count(j))
        for n, r, j in zip(names, rows["reached"], rows["judged"], strict=True)
    ]
    named = rows.with_columns(pl.Series("name", names), pl.Series("hover", hover))
    blocks.chart(spreads.funnel(named, session.fmt, session.palette), "funnel")
    whole = found.filter(pl.col("stages") == prospecting.WAY[-1])
    young, days = fmt.count(whole["n_excluded"][0]), fmt.count(compute.config(session).funnel_window_days)
    st.caption(t("pages_prospects.cohort", judged=fmt.count(rows["judged"][0]), young=young, days=days))


def touched(session: Session, selection: Selection) -> str:
    """How many visits and contacts stood before a contract of the year."""
    t, fmt = session.t, session.fmt
    left = compute.rows(session, "left_prospects", (customers.year(session, selection),), selection.where, ())
    if left is None or not session.has("visits"):
        return blocks.missing(session, ("prospects", "visits"))
    contracts, counted, median = prospecting.touches(left)
    text = "touches" if median is not None else "no_touches"
    return t(f"pages_prospects.{text}", contracts=fmt.count(contracts), counted=fmt.count(counted), median=fmt.score(median))


def steps(session: Session, selection: Selection) -> Block:
    """From each stage to the next: who came, how many are too young to say, how long it took."""
    if not session.has("prospects"):
        return pl.DataFrame(), []
    t, found = session.t, _stages(session, selection)
    rates, days = (
        found[name].select("stages", *(pl.col(column).alias(alias) for column, alias in columns.items()))
        for name, columns in (
            ("funnel_conversion", {"value": "rate", "denominator": "judged", "n_excluded": "young"}),
            ("stage_cycle_days", {"value": "days"}),
        )
    )
    board = pl.DataFrame({"stages": [*STEPS, prospecting.WAY[-1]]})
    for frame in (rates, days):
        board = board.join(frame, on="stages", how="left", maintain_order="left")
    names = [" → ".join(t(f"pages_care.stage_{stage}") for stage in pair.split("_to_")) for pair in board["stages"]]
    return board.with_columns(pl.Series("name", names, dtype=pl.String)), [
        Column("name", t("pages_prospects.column_step"), width=190),
        boards.column(session, "funnel_conversion", as_name="rate"),
        Column("judged", t("pages_prospects.column_judged"), "count"),
        Column("young", t("pages_prospects.column_young"), "count"),
        boards.column(session, "stage_cycle_days", as_name="days"),
    ]


def sources(session: Session, selection: Selection) -> Block:
    """Where prospects came from in the year and what became of them; the shares add up to the whole."""
    if not session.has("prospects"):
        return pl.DataFrame(), []
    t, span = session.t, customers.year(session, selection)
    found = compute.summary(session, ("lead_source_mix", "lead_source_win_rate"), (span,), ("lead_source",), selection.where)
    mix = found["lead_source_mix"].select("lead_source", pl.col("value").alias("share"), pl.col("numerator").alias("created"))
    won = found["lead_source_win_rate"].select(
        "lead_source", pl.col("value").alias("win_rate"), pl.col("numerator").alias("won"), "abandoned"
    )
    board = mix.join(won, on="lead_source", how="full", coalesce=True).sort(
        "created", "lead_source", descending=[True, False], nulls_last=True
    )
    named = pl.Series("name", [word(session, "source", one) for one in board["lead_source"]], dtype=pl.String)
    return board.with_columns(named), [
        Column("name", t("pages_prospects.column_source")),
        Column("created", t("pages_prospects.column_created"), "count"),
        boards.column(session, "lead_source_mix", as_name="share"),
        boards.column(session, "lead_source_win_rate", as_name="win_rate"),
        Column("won", t("pages_prospects.column_won"), "count"),
        Column("abandoned", t("pages_care.stage_abandoned"), "count"),
    ]


def lost_reasons(session: Session, selection: Selection) -> Block:
    """Why prospects were lost in the year, and to whom; the shares add up to the whole."""
    if not session.has("prospects"):
        return pl.DataFrame(), []
    t, span = session.t, customers.year(session, selection)
    found = compute.summary(session, ("lost_reason_mix",), (span,), ("lost_reason", "competitor"), selection.where)["lost_reason_mix"]
    board = found.filter(pl.col("numerator") > 0).sort(
        "numerator", "lost_reason", "competitor", descending=[True, False, False], nulls_last=True
    )
    named = pl.Series("name", [word(session, "lost", one) for one in board["lost_reason"]], dtype=pl.String)
    return board.with_columns(named), [
        Column("name", t("pages_prospects.column_lost_reason")),
        Column("competitor", t("pages_care.column_competitor")),
        Column("numerator", t("pages_prospects.column_lost"), "count"),
        boards.column(session, "lost_reason_mix", as_name="value"),
    ]
