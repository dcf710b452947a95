"""The reps of a region: ranked by one KPI with a second beside it, their gap to the team, who must collect what."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from kpi.catalog import get
from kpi.team import MIN_SHOWN
from pages.frame.session import Session, is_phone
from pages.ui import blocks, boards, compute
from pages.ui.boards import Column
from pages.ui.filters import Selection
from pages.ui.format import plain
from pages.ui.judge import NEUTRAL
from pages.ui.peers import Average

RANKED = (
    "target_pace",
    "revenue",
    "gross_margin_pct",
    "collection_rate",
    "completed_visits",
    "visit_attainment",
    "cadence_compliance",
    "new_customers",
    "overdue_amount",
    "order_count",
)
_REP_KPIS = (*RANKED, "target_attainment")


def benchmark(session: Session) -> tuple[str, str]:
    """The KPI to rank by and the one to see beside it, as chosen by the reader."""
    t = session.t
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        ranked, second = (
            st.selectbox(
                t(f"pages.{key}"),
                RANKED,
                index=place,
                format_func=lambda name: t(get(name).label_id),
                key=key,
                persist_state="session",
                width=190,
            )
            for place, key in ((0, "rank_by"), (3, "rank_beside"))
        )
    return ranked, second


def reps(session: Session, selection: Selection, ranked: str, second: str) -> tuple[pl.DataFrame, list[Column], dict[str, Average]]:
    """The reps of the region or territory, best first by one KPI, with the gap to the average of their role and a second KPI beside it.

    Who has left (`is_left`) stands below them and is not ranked: what they sold still counts, there is nobody to help.
    """
    where = blocks.narrowed(selection)
    results = compute.summary(session, _REP_KPIS, selection.periods, ("rep_id",), where)
    board = boards.side_by_side(results, selection.period, "rep_id")
    board = boards.named(session, boards.with_pace(session, board), "rep_id", compute.rep_names(session))
    board = board.filter(
        pl.any_horizontal(
            pl.col(name).is_not_null() & (pl.col(name).cast(pl.Float64) != 0) for name in ("revenue", "completed_visits", "overdue_amount")
        )
    )
    teams = compute.averages(session, ranked, selection.period, board["rep_id"].drop_nulls().to_list())
    against = {rep: team.value for team in teams.values() for rep in team.reps}
    average = pl.Series("average", [against.get(rep) for rep in board["rep_id"]], dtype=pl.Float64)
    board = board.with_columns(
        (pl.col(ranked).cast(pl.Float64) - average).alias("gap"),
        is_left=pl.col("rep_id").is_in(list(compute.leavers(session))).fill_null(False),
    )
    board = board.with_columns(pl.when(~pl.col("is_left")).then(pl.col(one)).alias(one) for one in ("gap", "pace"))
    board = board.sort("is_left", ranked, descending=[False, str(get(ranked).better) != "down"], nulls_last=True)
    board = boards.with_history(session, board, selection, "revenue", "rep_id", where)
    known = set(compute.rep_names(session))
    board = board.with_columns(pl.Series("member", [rep if rep in known else None for rep in board["rep_id"]], dtype=pl.String))
    return board, rep_columns(session, ranked, second), teams


def rep_columns(session: Session, ranked: str, second: str) -> list[Column]:
    """The columns of the table of reps."""
    t, kind = session.t, boards.kind_of(ranked)
    gap = {"rate": "points", "money": "money", "count": "gap"}[kind]
    pace = Column("pace", f"{t('pages.column_pace')}{boards.all_mark(session, 'target_pace')}", "chip")
    return [
        Column("name", t("pages.column_rep"), "open"),
        *([pace] if is_phone() else []),
        boards.column(session, ranked),
        Column("gap", t("pages.column_gap"), gap, help=t("pages.column_gap_help")),
        *([boards.column(session, second)] if second != ranked else []),
        Column("target_attainment", f"{t('pages.column_attainment')}{boards.all_mark(session, 'target_attainment')}", "progress"),
        *([] if is_phone() else [pace]),
        Column("history", t("pages.column_history"), "spark", width=110),
    ]


def line(session: Session, teams: Mapping[str, Average], ranked: str, board: pl.DataFrame) -> str:
    """What the gap is measured against, and who has none though there is a figure."""
    if not teams:
        return session.t("pages.team_too_few", smallest=MIN_SHOWN) if session.lens.is_clear else session.t("pages_view.no_average")
    alone = board.filter(pl.col("gap").is_null() & pl.col(ranked).is_not_null() & ~pl.col("is_left"))["name"]
    parts = []
    for role, team in teams.items():
        value, people = session.fmt.value(boards.unit_of(ranked), team.value), session.t(f"pages.role_{role}")
        parts.append(session.t("pages.team_company" if team.is_company else "pages.team_region", role=people, value=value, size=team.size))
    said = session.t("pages.team_average", parts=" · ".join(parts))
    if alone.is_empty():
        return said
    names = session.t("pages.list_comma").join(map(plain, alone))
    return f"{said} {session.t('pages.team_gap_unknown', names=names, smallest=MIN_SHOWN)}"


def attainment_rows(session: Session, board: pl.DataFrame) -> pl.DataFrame:
    """name, value, judgement, hover of those here who have a target, for the attainment chart; best first."""
    rows = board.filter(pl.col("target_attainment").is_not_null() & ~pl.col("is_left")).sort("target_attainment", descending=True)
    hover = [
        f"{name}: {session.fmt.rate(value)} · {session.t('pages.beside_pace', value=session.fmt.rate(pace))}"
        for name, value, pace in rows.select("name", "target_attainment", "target_pace").iter_rows()
    ]
    return rows.select(
        "name",
        pl.col("target_attainment").alias("value"),
        pl.col("pace").fill_null(NEUTRAL).alias("judgement"),
        pl.Series("hover", hover, dtype=pl.String),
    )


def overdue_rows(session: Session, selection: Selection, limit: int = 8) -> pl.DataFrame:
    """name, value, is_late: who holds overdue money, most first."""
    frame = compute.summary(session, ("overdue_amount",), (selection.period,), ("rep_id",), blocks.narrowed(selection))["overdue_amount"]
    board = boards.named(
        session, frame.filter(pl.col("value") > 0).sort("value", descending=True).head(limit), "rep_id", compute.rep_names(session)
    )
    return board.select("name", "value", pl.lit(True).alias("is_late"))
