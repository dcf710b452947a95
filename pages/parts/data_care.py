"""The blocks of the Data page: which sources are fresh, what was loaded, which rows were set aside and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from data.access import KEEPERS, keeper
from data.errors import Finding
from data.keeping.upkeep import rows_csv
from data.loading.report import message
from i18n import Text
from kpi.config import Config
from kpi.freshness import data_freshness
from pages.frame.session import Session
from pages.parts import data_upload
from pages.parts.data_remarks import csv_name
from pages.ui import compute, tables
from pages.ui.judge import BAD, GOOD, NEUTRAL
from pages.ui.tables import Column

_WANTED = ("reps", "territories", "customers", "visits", "orders", "invoices", "receipts", "targets")
_AGES = {"fresh": GOOD, "late": BAD, "stale": BAD, "never_loaded": NEUTRAL}


def sources(session: Session) -> tuple[pl.DataFrame, list[Column]]:
    """One row per source: how fresh, how far its data reaches, how much of it, from which file."""
    t, frame = session.t, compute.freshness(session)
    settings = session.warehouse.settings
    config = Config(late_after_hours=settings.late_after_hours, stale_after_hours=settings.stale_after_hours)
    ages = data_freshness(frame, datetime.now(UTC), session.warehouse.today, config)
    is_behind = (pl.col("note") == "fresh") & (pl.col("days_behind") * 24 > settings.stale_after_hours)  # an old export, loaded just now
    notes = ages.select("source", pl.when(is_behind).then(pl.lit("behind")).otherwise("note").alias("note"))
    board = frame.join(notes, on="source", how="left").with_columns(
        pl.Series("name", [t(f"pages.source_{source}") for source in frame["source"]]),
    )
    board = board.with_columns(
        pl.col("note").replace_strict(_AGES, default=NEUTRAL).alias("age"),
        pl.Series("state", [t("pages_data.state_behind" if note == "behind" else f"kpi.note.{note}") for note in board["note"]]),
    )
    columns = [
        Column("name", t("pages.column_source")),
        Column("state", t("pages.column_state")),
        Column("latest_date", t("pages.column_latest"), "date"),
        Column("loaded_at", t("pages.column_loaded_at"), "moment"),
        Column("rows", t("pages.column_rows"), "count"),
        Column("quarantined", t("pages.column_quarantined"), "count"),
        Column("file", t("pages.column_file")),
    ]
    return board, columns


def next_step(session: Session) -> None:
    """Which exports to bring next, where sources are still missing."""
    missing = [name for name in _WANTED if name not in session.warehouse.loaded]
    if missing and data_upload.may_load(session):
        t = session.t
        st.caption(t("pages_data.next_step", sources=t("pages.list_comma").join(t(f"pages.source_{name}") for name in missing)))


def may_keep(session: Session) -> bool:
    """Whether this reader may see rows that were set aside: those who look after the data."""
    return bool(KEEPERS & session.scope.roles)


def set_aside(session: Session) -> None:
    """The rows set aside, narrowed by source, rule and load, with the list of them as CSV."""
    t, frame, columns = session.t, *quarantine(session)
    if frame.is_empty():
        st.caption(t("load.nothing_set_aside"))
        return
    frame = _narrowed(session, frame)
    tables.table(session, frame, columns, key="quarantine", rows=10)
    home, scope, rows = session.home, session.scope, frame.rename({"content": "text"}).rename({"why": "reason"})
    names = ("load_id", "file", "source", "sheet", "row", "reason", "text")
    st.download_button(
        t("pages_data.all_set_aside", rows=session.fmt.count(frame.height)),
        session.guarded(lambda: rows_csv(home, scope, rows.to_dicts(), names)),
        csv_name("quarantine", session.warehouse.as_of),
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="csv_quarantine",
    )


def _narrowed(session: Session, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the source, rule and load chosen; each offers what there is."""
    t = session.t
    rules = sorted({rule for codes in frame["reasons"] for rule in codes.split(", ")})
    choices: dict[str, list[Any]] = {
        "source": sorted(frame["source"].unique()),
        "rule": rules,
        "load_id": sorted(frame["load_id"].unique(), reverse=True),
    }
    shown: dict[str, Callable[[Any], str]] = {"source": lambda v: t(f"pages.source_{v}"), "rule": lambda v: rule_name(t, v), "load_id": str}
    with st.container(horizontal=True, key="narrow"):
        chosen = {
            name: st.selectbox(
                t(f"pages_data.by_{name}"), options, index=None, format_func=shown[name], placeholder=t("pages_data.all"),
                key=f"aside_{name}", width=240,
            )
            for name, options in choices.items()
        }  # fmt: skip
    if chosen["rule"]:
        frame = frame.filter(pl.col("reasons").str.split(", ").list.contains(chosen["rule"]))
    return frame.filter(*(pl.col(name) == chosen[name] for name in ("source", "load_id") if chosen[name] is not None))


def rule_name(t: Text, rule: str) -> str:
    """A rule in a few words."""
    key = f"pages_data.rule_{rule}"
    return t(key) if key in t else rule


def quarantine(session: Session) -> tuple[pl.DataFrame, list[Column]]:
    """The rows set aside, whole, with the reasons in words. Raises NotAllowed for those who do not look after the data."""
    keeper(session.scope)
    t, frame = session.t, session.warehouse.quarantine(session.scope)
    words = _words(session)
    whys = ["; ".join(words.get((file, row), [codes])) for file, row, codes in frame.select("file_id", "row", "reasons").iter_rows()]
    frame = frame.with_columns(
        pl.Series("why", whys, dtype=pl.String),
        pl.Series("content", [_content(raw) for raw in frame["raw"]], dtype=pl.String),
    )
    columns = [
        Column("load_id", t("pages.column_load"), "count"),
        Column("file", t("pages.column_file")),
        Column("sheet", t("pages.column_sheet")),
        Column("row", t("pages.column_row"), "count"),
        Column("why", t("pages.column_why"), width=320),
        Column("content", t("pages.column_content"), width=420),
    ]
    if frame["sheet"].null_count() == frame.height:
        columns = [column for column in columns if column.name != "sheet"]
    return frame, columns


def _words(session: Session) -> dict[tuple[int, int], list[str]]:
    """(file, row) → what is wrong with that row, in words, column first."""
    found: dict[tuple[int, int], list[str]] = {}
    for row in session.warehouse.findings(session.scope).filter(pl.col("row").is_not_null()).iter_rows(named=True):
        place = (row["source"], row["sheet"], row["row"], row["column_name"], row["value"])
        text = message(Finding(row["rule"], row["severity"], *place, params=tuple(json.loads(row["params"] or "{}").items())), session.t)
        found.setdefault((row["file_id"], row["row"]), []).append(f"{row['column_name']}: {text}" if row["column_name"] else text)
    return found


def _content(raw: str | None) -> str | None:
    """A stored row as `column: value`, empty cells left out."""
    try:
        cells = json.loads(raw or "null")
    except json.JSONDecodeError:
        return raw
    if not isinstance(cells, Mapping):
        return raw
    return " · ".join(f"{name}: {value}" for name, value in cells.items() if value not in (None, ""))
