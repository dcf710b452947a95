"""The blocks of the Data page: which sources are fresh, what was loaded, which rows were set aside and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from kpi.config import Config
from kpi.freshness import data_freshness
from pages.ui import compute
from pages.ui.judge import BAD, GOOD, NEUTRAL
from pages.ui.session import Session
from pages.ui.tables import Column

_AGES = {"fresh": GOOD, "late": BAD, "stale": BAD, "never_loaded": NEUTRAL}


def sources(session: Session) -> tuple[pl.DataFrame, list[Column]]:
    """One row per source: how fresh, how far its data reaches, how much of it, from which file."""
    t, frame = session.t, compute.freshness(session)
    settings = session.warehouse.settings
    config = Config(late_after_hours=settings.late_after_hours, stale_after_hours=settings.stale_after_hours)
    ages = data_freshness(frame, datetime.now(UTC), session.warehouse.as_of, config)
    notes = ages.select("source", pl.col("note"), pl.col("value").alias("hours"))
    board = frame.join(notes, on="source", how="left").with_columns(
        pl.Series("name", [t(f"pages.source_{source}") for source in frame["source"]]),
    )
    board = board.with_columns(
        pl.col("note").replace_strict(_AGES, default=NEUTRAL).alias("age"),
        pl.Series("state", [t(f"kpi.note.{note}") for note in board["note"]]),
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


def loads(session: Session) -> tuple[pl.DataFrame, list[Column]]:
    """The files of the last loads, each with its account: read = loaded + unchanged + superseded + quarantined + skipped."""
    t, frame = session.t, session.warehouse.loads(session.scope)
    states = [t(f"pages.load_{state}") if f"pages.load_{state}" in t else state for state in frame["file_status"]]
    frame = frame.with_columns(pl.Series("state", states, dtype=pl.String))
    counts = ("read", "loaded", "unchanged", "superseded", "quarantined", "skipped")
    columns = [
        Column("load_id", t("pages.column_load"), "count"),
        Column("finished_at", t("pages.column_loaded_at"), "moment"),
        Column("user_name", t("pages.column_user")),
        Column("file", t("pages.column_file")),
        Column("state", t("pages.column_state")),
        *(Column(name, t(f"pages.column_{name}"), "count") for name in counts),
    ]
    return frame, columns


def quarantine(session: Session) -> tuple[pl.DataFrame, list[Column]]:
    """The rows set aside, whole, with the reasons in words."""
    t, frame = session.t, session.warehouse.quarantine(session.scope)
    words = _words(session)
    whys = ["; ".join(words.get((file, row), [codes])) for file, row, codes in frame.select("file_id", "row", "reasons").iter_rows()]
    frame = frame.with_columns(
        pl.Series("why", whys, dtype=pl.String),
        pl.Series("content", [_content(raw) for raw in frame["raw"]], dtype=pl.String),
    )
    columns = [
        Column("file", t("pages.column_file")),
        Column("sheet", t("pages.column_sheet")),
        Column("row", t("pages.column_row"), "count"),
        Column("why", t("pages.column_why"), width=320),
        Column("content", t("pages.column_content"), width=420),
    ]
    return frame, columns


def _words(session: Session) -> dict[tuple[int, int], list[str]]:
    """(file, row) → what is wrong with that row, in words, column first."""
    found: dict[tuple[int, int], list[str]] = {}
    for row in session.warehouse.findings(session.scope).filter(pl.col("row").is_not_null()).iter_rows(named=True):
        values = {"source": row["source"], "sheet": row["sheet"], "row": row["row"], "column": row["column_name"], "value": row["value"]}
        text = session.t(f"finding.{row['rule']}", **values, **json.loads(row["params"] or "{}"))
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
