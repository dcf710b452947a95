"""Who answers for the customers at risk, on the Customers page: each manager, or each rep of a region, with what is at stake."""

from __future__ import annotations

import polars as pl

from kpi import lists
from pages.frame.session import Session
from pages.ui import boards, compute
from pages.ui.boards import Column
from pages.ui.filters import Selection


def listed(session: Session, selection: Selection) -> tuple[pl.DataFrame, list[Column]]:
    """Regions with their managers for whoever sees all of them; else the people. The most at stake first."""
    if "orders" not in session.warehouse.loaded:
        return pl.DataFrame(), []
    t, key = session.t, "rep_id" if selection.level or not session.scope.sees_all else "region"
    names = compute.rep_names(session)
    board = lists.digest(compute.risks(session, selection.period, selection.where), key)
    known = set(names) if key == "rep_id" else set(board["region"].drop_nulls())
    members = pl.Series("member", [one if one in known else None for one in board[key]], dtype=pl.String)
    managers = pl.Series("manager", [_managers(session, one) if key == "region" else None for one in board[key]], dtype=pl.String)
    board = boards.named(session, board, key, names if key == "rep_id" else {}).with_columns(members, managers, pl.lit(key).alias("key"))
    return board, [
        Column("name", t(f"pages_care.by_{key}"), "open", width=160),
        *([Column("manager", t("pages_care.column_manager"))] if key == "region" else []),
        Column("customers", t("kpi.at_risk.label"), "count"),
        Column("revenue", t("pages_care.column_year_revenue"), "money"),
        Column("few", t("pages_care.column_half_with"), "count", help=t("pages_care.half_with_help")),
    ]


def _managers(session: Session, region: str | None) -> str | None:
    """Who manages a region."""
    here = compute.people(session).filter((pl.col("region") == region) & pl.col("roles").list.contains("regional_manager"))
    names = compute.rep_names(session)
    return session.t("pages.list_comma").join(names[rep] for rep in here["rep_id"]) or None
