"""Remarks on files and rows: where, what, and what to do; the first on screen, all of them as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from data.errors import Finding
from data.keeping.upkeep import remarks_csv
from data.loading.findings import advice
from data.loading.report import GRAVEST_FIRST, Report, message
from pages.frame.session import Session
from pages.ui import export, tables
from pages.ui.tables import Column

SHOWN = 50


def remarks_table(session: Session, file: str, found: Sequence[Finding], *, key: str) -> None:
    """The first remarks, the gravest on top: where, what, and what to do."""
    t = session.t
    if not found:
        st.caption(t("pages_data.no_remarks"))
        return
    told = sorted(found, key=lambda one: GRAVEST_FIRST.index(one.severity))[:SHOWN]
    rows = [
        {
            "file": file, "sheet": one.sheet, "row": one.row, "column": one.column, "message": message(one, t),
            "severity": t(f"pages_data.severity_{one.severity}"), "value": one.value, "do": advice(one.rule, one.severity, t),
        }
        for one in told
    ]  # fmt: skip
    kinds: dict[str, Any] = {"row": pl.Int64}
    frame = pl.DataFrame(rows, schema={name: kinds.get(name, pl.String) for name in rows[0]})
    widths = {"message": 420, "do": 320}
    names = ("severity", *(("sheet",) if frame["sheet"].null_count() < frame.height else ()), "row", "column", "value", "message", "do")
    columns = [Column(n, t(f"pages_data.column_{n}"), "count" if n == "row" else "text", width=widths.get(n)) for n in names]
    tables.table(session, frame, columns, key=key, rows=10)
    if len(found) > SHOWN:
        st.caption(t("pages_data.more_remarks", shown=SHOWN, count=session.fmt.count(len(found))))


def report_download(session: Session, report: Report, key: str) -> None:
    """All remarks as CSV, made on the click."""
    home, scope, t = session.home, session.scope, session.t
    st.download_button(
        t("pages_data.all_remarks"),
        session.guarded(lambda: remarks_csv(home, scope, report, t)),
        csv_name("remarks", session.warehouse.as_of),
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"csv_{key}",
    )


def csv_name(stem: str, as_of: date) -> str:
    """A file name nobody can guess, as of the workbook's."""
    return export.file_name(stem, as_of).removesuffix(".xlsx") + ".csv"


def field_name(session: Session, name: str) -> str:
    """Our name of a column in the reader's words."""
    key = f"pages_data.field_{name}"
    return session.t(key) if key in session.t else name
