"""The table of regions or territories: ranked by pace, with a total made from its parts."""

from __future__ import annotations

import polars as pl

from pages.frame.session import Session, is_phone
from pages.ui import answers, blocks, boards, compute
from pages.ui.boards import Column
from pages.ui.filters import Selection

PLACE_KPIS = ("revenue", "target_attainment", "target_pace", "gross_margin_pct", "collection_rate", "overdue_amount")
OWN_SHARE = "manager_own_share"  # of a region: territories have no manager of their own


def kpis(selection: Selection) -> tuple[str, ...]:
    """The KPIs of the table: of regions also how much of the result is the managers' own."""
    return PLACE_KPIS if selection.region else (*PLACE_KPIS, OWN_SHARE)


def table(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Regions, or the territories of the region selected, ranked by pace with the furthest behind first; the last row is the total.

    The total is the KPI over everything, made from its parts; it is never a sum or mean of the rows above.
    """
    if selection.region:
        session.has("territories")
    key, where = ("territory_id", blocks.narrowed(selection)) if selection.region else ("region", ())
    board = _board(session, selection, key, where).sort("target_pace", "revenue", nulls_last=True)
    board = boards.named(session, board, key, compute.territory_names(session) if selection.region else {})
    total = _total(session, selection, where)
    return pl.concat([board.rename({key: "member"}), total], how="diagonal_relaxed"), columns(session, selection)


@answers.kept_as_told
def _board(session: Session, selection: Selection, key: str, where: compute.Where) -> pl.DataFrame:
    results = compute.summary(session, kpis(selection), selection.periods, (key,), where)
    board = boards.side_by_side(results, selection.period, key)
    board = boards.with_change(session, board, results, selection, key, "revenue")
    return boards.with_history(session, boards.with_pace(session, board), selection, "revenue", key, where)


def _total(session: Session, selection: Selection, where: compute.Where) -> pl.DataFrame:
    """The bottom row: the region selected, or everything in scope."""
    key = "region" if where else None
    if key:
        row = _board(session, selection, key, ()).filter(pl.col(key) == selection.region).rename({key: "member"})
    else:
        row = _whole(session, selection)
    return row.with_columns(pl.lit(session.t("pages.total")).alias("name"), pl.lit(None, pl.String).alias("member"))


@answers.kept_as_told
def _whole(session: Session, selection: Selection) -> pl.DataFrame:
    results = {
        name: frame.with_columns(pl.lit("all").alias("all"))
        for name, frame in compute.summary(session, kpis(selection), selection.periods).items()
    }
    board = boards.side_by_side(results, selection.period, "all")
    board = boards.with_pace(session, boards.with_change(session, board, results, selection, "all", "revenue"))
    months = boards.history_months(session, selection, "revenue")
    history = compute.summary(session, ("revenue",), months)["revenue"]["value"].cast(pl.Float64).to_list() if months else None
    return board.drop("all").with_columns(pl.Series("history", [boards.drawable(history)], dtype=pl.List(pl.Float64)))


def columns(session: Session, selection: Selection) -> list[Column]:
    """The columns of the table of regions or territories."""
    t = session.t
    pace = Column("pace", f"{t('pages.column_pace')}{boards.all_mark(session, 'target_pace')}", "chip")
    return [
        Column("name", t("pages.column_territory" if selection.region else "pages.column_region"), "open"),
        *([pace] if is_phone() else []),
        boards.column(session, "revenue"),
        *([Column("change", t("pages.column_change"), "change")] if selection.before else []),
        Column("target_attainment", f"{t('pages.column_attainment')}{boards.all_mark(session, 'target_attainment')}", "progress"),
        *([] if is_phone() else [pace]),
        boards.column(session, "gross_margin_pct"),
        boards.column(session, "collection_rate"),
        boards.column(session, "overdue_amount"),
        *([] if selection.region else [boards.column(session, OWN_SHARE)]),
        Column("history", t("pages.column_history"), "spark", width=110),
    ]
