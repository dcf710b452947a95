"""What every page has in the same place: title, way back, freshness line, download, and headings that ask a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from kpi.catalog import get
from kpi.glossary import entry
from pages.frame.session import Session
from pages.ui import compute, export
from pages.ui.filters import PARAMS, Selection, comparison_name, period_name, remembered
from pages.ui.format import plain
from pages.ui.head import Top

_CORE = ("reps", "customers", "visits", "orders", "invoices", "receipts", "targets")  # without these a page has holes


def page_file(page: str) -> str:
    """The file of a page, as Streamlit's navigation knows it."""
    return f"pages/{page}.py"


def title(session: Session, place: Top, text: str, more: str = "", *, back: Sequence[str] = ()) -> None:
    """The page's name, the way back, and how fresh the data is."""
    steps = [page for page in back if session.may_open(page)]
    for page in steps[-1:] if place.is_phone else steps:
        label = "" if place.is_phone else session.t(f"pages.{page}_title")
        place.back.page_link(page_file(page), label=label, icon=":material/arrow_back:", query_params=remembered())
    place.name.title(plain(text), anchor=False, width="content")
    fresh = data_to(session) if place.is_phone else freshness_line(session)
    place.line.caption(" · ".join(part for part in (plain(more), fresh) if part), width="stretch")


def data_to(session: Session) -> str:
    """How far the data reaches."""
    return session.t("pages.data_to", day=session.fmt.day(session.warehouse.as_of))


def freshness_line(session: Session) -> str:
    """How far the data reaches, when it came, how many rows were set aside, and which files were never loaded."""
    t, fmt, rows = session.t, session.fmt, compute.freshness(session)
    parts = [data_to(session), t("pages.loaded_at", moment=fmt.moment(rows["loaded_at"].max()))]  # type: ignore[arg-type]
    parts.append(t("pages.quarantined", rows=fmt.count(rows["quarantined"].sum())))
    missing = [source for source in _CORE if source not in session.warehouse.loaded]
    if missing:
        parts.append(t("pages.missing_file", files=t("pages.list_comma").join(t(f"pages.source_{s}") for s in missing)))
    return " · ".join(parts)


def question(text: str, help: str | None = None) -> None:
    """The heading of a block: the question it answers."""
    st.subheader(text, anchor=False, help=help)


def download(
    session: Session, place: Top, selection: Selection, stem: str, sheets: Callable[[], Sequence[export.Sheet]], names: Sequence[str]
) -> None:
    """A button for the page's tables as a workbook, with the definitions of its KPIs and what was asked."""
    workbook_button(session, place, stem, lambda: [*sheets(), definitions(session, names), about(session, selection)])


def workbook_button(session: Session, place: Top, stem: str, sheets: Callable[[], Sequence[export.Sheet]]) -> None:
    """A button for sheets as a workbook, made on the click and only then, from the same scoped results."""

    def make() -> bytes:
        book = sheets()
        session.note("export", page=stem, rows=sum(sheet.frame.height for sheet in book))
        return export.workbook(book)

    place.actions.download_button(
        "" if place.is_phone else session.t("pages.download"),
        session.guarded(make),
        export.file_name(stem, session.warehouse.as_of),
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary" if place.is_phone else "secondary",
        key="download",
    )


def definitions(session: Session, names: Sequence[str]) -> export.Sheet:
    """The sheet that says what each KPI of the workbook is."""
    t = session.t
    words = [entry(get(name), "", t) for name in names]
    rows = [
        {
            "kpi": one.label,
            "formula": one.formula,
            "edges": one.edges,
            "unit": t(f"pages.unit_{get(one.name).unit}"),
            "better": t(f"pages.better_{get(one.name).better}"),
            "needs": t("pages.list_comma").join(t(f"pages.source_{need}") for need in one.needs),
            "origin": one.origin,
            "version": one.version,
        }
        for one in words
    ]
    headers = {column: t(f"pages.column_{column}") for column in rows[0]} if rows else {}
    return export.Sheet(t("pages.sheet_definitions"), pl.DataFrame(rows), headers, {"version": "count"})


def about(session: Session, selection: Selection) -> export.Sheet:
    """The sheet that says what was asked, by whom, and how far the data reached."""
    t, fmt = session.t, session.fmt
    rows = [
        (t("pages.about_company"), session.warehouse.settings.company),
        (t("pages.about_period"), period_name(fmt, t, selection.period)),
        (t("pages.about_compared"), comparison_name(session, selection)),
        *((t(f"pages.filter_{name}"), getattr(selection, name)) for name in PARAMS[2:] if getattr(selection, name)),
        (t("pages.about_data_to"), fmt.day(session.warehouse.as_of)),
        (t("pages.about_snapshot"), session.warehouse.snapshot),
        (t("pages.about_reader"), session.scope.user),
        (t("pages.about_currency"), session.fmt.currency),
    ]
    frame = pl.DataFrame(rows, schema={"what": pl.String, "value": pl.String}, orient="row")
    return export.Sheet(t("pages.sheet_about"), frame, {"what": t("pages.column_what"), "value": t("pages.column_value")}, {})
