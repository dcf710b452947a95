"""What every page has in the same place: title, way back, freshness line, download, and headings that ask a question."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl
import streamlit as st

from data.access import KEEPERS
from kpi.catalog import get
from kpi.glossary import entry
from pages.frame.session import PAGES, Session
from pages.ui import compute, export, needs, pack
from pages.ui.figures import Figure, reason
from pages.ui.filters import LEVELS, Selection, comparison_name, credit_name, group_name, period_name, remembered
from pages.ui.format import plain
from pages.ui.head import Top


def page_file(page: str) -> str:
    """The file of a page, as Streamlit's navigation knows it."""
    return f"pages/{page}.py"


def title(session: Session, place: Top, text: str, more: str = "", *, back: Sequence[str] = ()) -> None:
    """The page's name, the way back, how fresh the data is, and which of the elements of success the page serves."""
    steps = [page for page in back if session.may_open(page)]
    for page in steps[-1:] if place.is_phone else steps:
        label = "" if place.is_phone else session.t(f"pages.{page}_title")
        place.back.page_link(page_file(page), label=label, icon=":material/arrow_back:", query_params=remembered())
    place.name.title(plain(text), anchor=False, width="content")
    fresh = data_to(session) if place.is_phone else freshness_line(session)
    served = session.t("pages_view.serves", element=session.t(f"pages_view.element_{PAGES[session.page].element}"))
    place.line.caption(" · ".join(part for part in (plain(more), fresh, served) if part), width="stretch")


def data_to(session: Session) -> str:
    """How far the data reaches; that it ends long ago is said whenever it was loaded."""
    t, warehouse = session.t, session.warehouse
    told, days = t("pages.data_to", day=session.fmt.day(warehouse.as_of)), (warehouse.today - warehouse.as_of).days
    return told if days * 24 <= warehouse.settings.stale_after_hours else f"{told} {t('pages_view.days_ago', days=session.fmt.count(days))}"


def freshness_line(session: Session) -> str:
    """How far the data reaches, when it came, and how many rows were set aside."""
    t, fmt, rows = session.t, session.fmt, compute.freshness(session)
    parts = [data_to(session), t("pages.loaded_at", moment=fmt.moment(rows["loaded_at"].max()))]  # type: ignore[arg-type]
    kept = (
        "pages.quarantined" if KEEPERS & session.scope.roles else "pages_view.set_aside_elsewhere"
    )  # who cannot look there is not sent there
    parts.append(t(kept, rows=fmt.count(rows["quarantined"].sum())))
    return " · ".join(parts)


def question(text: str, help: str | None = None) -> None:
    """The heading of a block: the question it answers."""
    st.subheader(text, anchor=False, help=help)


def download(
    session: Session,
    place: Top,
    selection: Selection,
    stem: str,
    sheets: Callable[[], Sequence[export.Sheet]],
    names: Sequence[str],
    shown: Sequence[Figure] = (),
) -> None:
    """The page to take away: a workbook, a print pack, and its tables as CSV, with the definitions of its KPIs and what was asked.

    shown   the figures on the page's cards; they make the first sheet
    """

    def whole() -> list[export.Sheet]:
        cards = [summary(session, shown)] if shown else []
        return [*cards, *sheets(), definitions(session, names), about(session, selection)]

    def paper() -> bytes:
        tables = list(sheets())
        told = [one for what, one in _asked(session, selection) if one] + [session.fmt.moment(datetime.now(UTC).replace(tzinfo=None))]
        cards = [
            pack.Card(_name(session, one), session.fmt.value(one.unit, one.value), one.change or "", one.versus, one.judgement)
            for one in shown
        ]
        title = session.t(f"pages.{stem.replace('-', '_')}_title")
        printed = pack.Pack(
            title, told, cards, [*tables, definitions(session, names)], lambda rows: session.t("pages_view.more_rows", rows=rows)
        )
        return pack.paper(printed, session.fmt)

    not_whole(session, place)
    with _taken_away(session, place):
        workbook_button(session, None, stem, whole)
        ways = [("print", "print", "html", "text/html", lambda: (paper(), len(shown)))]
        if program := pack.browser():
            ways.append(("pdf", "picture_as_pdf", "pdf", "application/pdf", lambda: (pack.pdf(paper(), program), len(shown))))
        ways.append(("csv", "csv", "zip", "application/zip", lambda: _as_csv(sheets())))
        for form, icon, ending, mime, made in ways:
            label, file = session.t(f"pages_view.take_{form}"), export.file_name(stem, session.warehouse.as_of, ending)
            button(session, None, label, icon, file, made, page=stem, key=f"download_{form}", mime=mime, form=form)


def not_whole(session: Session, place: Top) -> None:
    """What the page lacks: known only at the end.

    The exports it lives on that were never loaded; its figures that are with today's owner, and those of all customers though a group is
    chosen.
    """
    if session.lens.missing:
        place.notes.caption(missing(session, session.lens.missing))
    if moved := _named(session, session.lens.moved):
        told = session.t("pages_view.moved", kpis=moved, day=session.fmt.day(session.warehouse.as_of))
        place.notes.caption(plain(told if session.scope.sees_all else f"{told} {session.t('pages_view.moved_scope')}"))
    if whole := _named(session, session.lens.whole):
        place.notes.caption(plain(session.t("pages_view.not_by_group", group=group_name(session, str(session.lens.group)), kpis=whole)))


def missing(session: Session, sources: Collection[str]) -> str:
    """Which files were never loaded, and for those who can what to do."""
    said = "pages_care.bring_file" if session.may_open("data") else "pages.missing_file"
    return session.t(said, files=needs.told(session.t, sources))


def _named(session: Session, messages: Collection[str]) -> str:
    return session.t("pages.list_comma").join(sorted({session.t(message) for message in messages}))


def workbook_button(session: Session, place: Top | None, stem: str, sheets: Callable[[], Sequence[export.Sheet]]) -> None:
    """A button for sheets as a workbook. Without a place: among others."""

    def made() -> tuple[bytes, int]:
        book = sheets()
        return export.workbook(book), sum(sheet.frame.height for sheet in book)

    label, icon = ("pages.download", "download") if place else ("pages_view.take_xlsx", "table_view")
    button(session, place, session.t(label), icon, export.file_name(stem, session.warehouse.as_of), made, page=stem, key="download")


def button(
    session: Session,
    place: Top | None,
    label: str,
    icon: str,
    file: str,
    made: Callable[[], tuple[bytes, int]],
    *,
    page: str,
    key: str,
    mime: str = export.XLSX,
    help: str | None = None,
    **told: str,
) -> None:
    """One way to take something away: its bytes and rows are made, and written down, on the click and only then."""

    def make() -> bytes:
        data, rows = made()
        session.note("export", page=page, rows=rows, **told)
        return data

    is_small = place is not None and place.is_phone
    (st if place is None else place.actions).download_button(
        "" if is_small else label,
        session.guarded(make),
        file,
        mime=mime,
        on_click="ignore",
        icon=f":material/{icon}:",
        type="tertiary" if is_small or place is None else "secondary",
        help=help,
        key=key,
    )


def _taken_away(session: Session, place: Top) -> Any:
    """What opens the ways to take a page away."""
    label = "" if place.is_phone else session.t("pages.download")
    kind: Literal["tertiary", "secondary"] = "tertiary" if place.is_phone else "secondary"
    return place.actions.popover(
        label, icon=":material/download:", type=kind, width="content", key="take", help=session.t("pages_view.take_help")
    )


def _as_csv(sheets: Sequence[export.Sheet]) -> tuple[bytes, int]:
    return export.csv_files(sheets), sum(sheet.frame.height for sheet in sheets)


def _name(session: Session, figure: Figure) -> str:
    """What a figure is called; one set beside a target says whose."""
    name, _, of = figure.name.partition(":")
    return session.t(f"kpi.{name}.label") + (f" · {session.t(f'kpi.{of}.label')}" if of else "")


def summary(session: Session, shown: Sequence[Figure]) -> export.Sheet:
    """The figures of the cards with all their digits: value, what it is compared with, the parts, the rows, and why one is missing."""
    rows = [
        {
            "kpi": _name(session, one),
            "value": one.value,
            "before": one.before["value"] if one.before else None,
            "change": one.change,
            "numerator": one.row["numerator"],
            "denominator": one.row["denominator"],
            "n_rows": one.row["n_rows"],
            "n_excluded": one.row["n_excluded"],
            "why": reason(session, one),
        }
        for one in shown
    ]
    figures = ("value", "before", "numerator", "denominator")
    kinds: dict[str, Any] = dict.fromkeys(figures, pl.Object) | dict.fromkeys(("n_rows", "n_excluded"), pl.Int64)
    frame = pl.DataFrame(rows, schema={name: kinds.get(name, pl.String) for name in rows[0]})
    before = next((one.versus for one in shown if one.before), session.t("pages.filter_compare"))
    headers = {name: before if name == "before" else session.t(f"pages_view.summary_{name}") for name in rows[0]}
    units = {
        "value": export.BY_ROW,
        "before": export.BY_ROW,
        "numerator": "parts",
        "denominator": "parts",
        "n_rows": "count",
        "n_excluded": "count",
    }
    return export.Sheet(session.t("pages_view.sheet_summary"), frame, headers, units, row_units=[one.unit for one in shown])


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
    t = session.t
    rows = [
        *_asked(session, selection),
        (t("pages.about_snapshot"), session.warehouse.snapshot),
        (t("pages.about_currency"), session.fmt.currency),
    ]
    frame = pl.DataFrame(rows, schema={"what": pl.String, "value": pl.String}, orient="row")
    return export.Sheet(t("pages.sheet_about"), frame, {"what": t("pages.column_what"), "value": t("pages.column_value")}, {})


def _asked(session: Session, selection: Selection) -> list[tuple[str, str | None]]:
    """What was asked, of whose data, by whom."""
    t, fmt = session.t, session.fmt
    return [
        (t("pages.about_company"), session.warehouse.settings.company),
        (t("pages.about_period"), period_name(fmt, t, selection.period)),
        (t("pages.about_compared"), comparison_name(session, selection)),
        *((t(f"pages.filter_{name}"), _member(session, name, getattr(selection, name))) for name in LEVELS if getattr(selection, name)),
        *(((t("pages.filter_group"), group_name(session, selection.group)),) if selection.group else ()),
        *(((t("pages_view.about_whole"), _named(session, session.lens.whole)),) if session.lens.whole else ()),
        (t("pages.filter_credit"), credit_name(session, selection.credit)),
        *(((t("pages_view.about_moved"), _named(session, session.lens.moved)),) if session.lens.moved else ()),
        (t("pages.about_data_to"), data_to(session)),
        (t("pages.about_reader"), session.scope.user),
    ]


def _member(session: Session, name: str, chosen: str) -> str:
    """What is selected, as its name with its id, which says of two of one name whose it is; a region is its own name."""
    names = {"territory": compute.territory_names, "rep": compute.rep_names}
    known = compute.customer_names(session, [chosen]) if name == "customer" else names[name](session) if name in names else {}
    found = known.get(chosen)
    return f"{found} ({chosen})" if found and found != chosen else chosen
