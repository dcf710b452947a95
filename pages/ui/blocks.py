"""What several pages share: the figures of the cards, the marks of the charts, and where a click leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from pages.frame.session import Session
from pages.ui import boards, charts, compute, layout, moves, tables
from pages.ui.boards import Column
from pages.ui.figures import Figure
from pages.ui.filters import Selection
from pages.ui.layout import page_file
from pages.ui.needs import told
from pages.ui.roles import role_names

KPIS = (*boards.CARDS, *boards.BESIDE)
LISTED = 500  # rows on screen; the download has all
_FEW_ORDERS = 10  # fewer say little of what is to come


def beside(session: Session, shown: Mapping[str, Figure]) -> dict[str, str]:
    """The line under a card's value: what the value should be read with."""
    t, fmt = session.t, session.fmt
    lines = {
        "revenue": ("target_pace", "pages.beside_pace"),
        "completed_visits": ("visit_attainment", "pages.beside_kept"),
        "overdue_amount": ("overdue_rate", "pages.beside_open"),
    }
    lines = {card: (kpi, text) for card, (kpi, text) in lines.items() if kpi in shown and compute.is_alike(session, card, kpi)}
    known = {card: (shown[kpi].value, text) for card, (kpi, text) in lines.items()}
    found = {card: t(text, value=fmt.rate(value)) for card, (value, text) in known.items() if value is not None}
    due = shown["collection_rate"].row["denominator"] if "collection_rate" in shown else None
    if due is not None:
        found["collection_rate"] = t("pages.beside_due", value=fmt.money(due))
    found["active_customers"] = t("pages.beside_days", days=session.warehouse.settings.active_days)
    return found


def narrowed(selection: Selection) -> compute.Where:
    """The rows a table is narrowed to: those of the region or territory selected."""
    chosen = (("region", selection.region), ("territory_id", selection.territory))
    return tuple((column, member) for column, member in chosen if member is not None)


def trend_names(session: Session) -> dict[str, str]:
    """What the parts of the trend are called."""
    return {part: session.t(f"pages.trend_{part}") for part in ("value", "target", "forecast")}


def attainment_names(session: Session) -> dict[str, str]:
    """What the marks of the attainment chart are called."""
    return {"attainment": session.t("pages.column_attainment"), "elapsed": session.t("pages.time_elapsed")}


def forecast(session: Session, selection: Selection, shown: Mapping[str, Figure]) -> None:
    """What a forecast comes from, so that nobody trusts one of two orders; nothing for a period that is over."""
    period, value, orders = selection.period, shown["run_rate_forecast"].value, shown["order_count"].value
    if period.is_closed or value is None or orders is None or shown["run_rate_forecast"].is_whole:
        return
    days = {"done": session.fmt.count(period.elapsed_working_days), "all": session.fmt.count(period.working_days)}
    said = session.t("pages.forecast_from", amount=session.fmt.money(value), orders=session.fmt.count(orders), **days)
    few = session.t("pages.forecast_from_few") if orders < _FEW_ORDERS else ""
    st.caption(f"{said} {few}".strip().replace("$", "\\$"))


def elapsed(selection: Selection) -> float | None:
    """The share of the period's working days that have gone; None where the calendar has none."""
    whole = selection.period.working_days
    return selection.period.elapsed_working_days / whole if whole else None


def open_place(selection: Selection, row: Mapping[str, Any] | None) -> None:
    """Go to the region or territory clicked; the total leads nowhere."""
    if row and row["member"]:
        chosen = {"territory": row["member"]} if selection.region else {"region": row["member"]}
        st.switch_page(page_file("region"), query_params=selection.params(**chosen))


def open_rep(selection: Selection, row: Mapping[str, Any] | None) -> None:
    """Go to the rep clicked."""
    if row and row["member"]:
        st.switch_page(page_file("rep"), query_params=selection.params(rep=row["member"]))


def selected_name(session: Session, selection: Selection) -> str:
    """Whose figures are shown: the rep, territory or region chosen; empty for everything in scope."""
    if selection.rep:
        return rep_name(session, selection)
    return place_name(session, selection) if selection.level else ""


def open_customer(selection: Selection, row: Mapping[str, Any] | None) -> None:
    """Go to the card of the customer clicked."""
    if row and row["member"]:
        st.switch_page(page_file("customer"), query_params=selection.params(customer=row["member"]))


def narrow(page: str, selection: Selection, row: Mapping[str, Any] | None) -> None:
    """Stay on a page, narrowed to the region, territory or rep clicked (`key`: the column it is a member of)."""
    if row and row["member"]:
        chosen = {{"region": "region", "territory_id": "territory", "rep_id": "rep"}[row["key"]]: row["member"]}
        st.switch_page(page_file(page), query_params=selection.params(**chosen))


def place_name(session: Session, selection: Selection) -> str:
    """The region, or the territory in it, that is looked at."""
    names = compute.territory_names(session)
    return names.get(selection.territory, selection.territory) if selection.territory else selection.region or session.t("pages.nowhere")


def rep_name(session: Session, selection: Selection) -> str:
    """The rep that is looked at."""
    return compute.rep_names(session).get(selection.rep or "", selection.rep or "")


def rep_place(session: Session, selection: Selection) -> str:
    """Where the rep works: role, territory, region, and whether the rep has left."""
    person = compute.people(session).filter(pl.col("rep_id") == selection.rep).row(0, named=True)
    territory = compute.territory_names(session).get(person["territory_id"] or "")
    left = session.t("pages.left_on", day=session.fmt.day(person["left_on"])) if person["left_on"] else None
    return " · ".join(part for part in (role_names(session.t, person["roles"] or ()), territory, person["region"], left) if part)


def choose(label: str, options: Sequence[str], words: Callable[[str], str], *, key: str, first: str | None = None) -> str:
    """One of some ways to look at a block, as chosen by the reader, or named by the link that led here (list=…)."""
    asked = st.query_params.get("list")
    chosen = st.segmented_control(
        label, options, default=asked if asked in options else first or options[0], format_func=words, key=key,
        label_visibility="collapsed", required=True, on_change=_forget_link, args=(options,),
    )  # fmt: skip
    return chosen if chosen and chosen in options else options[0]


def _forget_link(options: Sequence[str]) -> None:
    """The reader chose another list than the link named."""
    if st.query_params.get("list") in options:
        del st.query_params["list"]


def chart(fig: go.Figure, key: str) -> None:
    """A figure on the page, in our dress."""
    st.plotly_chart(fig, theme=None, config=charts.CONFIG, key=key)


def lines(session: Session, frame: pl.DataFrame, unit: str) -> None:
    """The KPIs of a frame (month and a column each) as lines over the months."""
    names = {name: session.t(f"kpi.{name}.label") for name in frame.columns if name != "month"}
    chart(moves.lines(frame, session.fmt, session.palette, names, unit, every=session.month_step), f"lines_{next(iter(names))}")


def listed(
    session: Session, frame: pl.DataFrame, columns: Sequence[Column], *, key: str, needs: Sequence[str] = (), rows: int = 10
) -> dict[str, Any] | None:
    """A list, or its first rows, with the row clicked, if any.

    One that could not be made (no columns) names the files it needs; an empty one says so.
    """
    if not columns or frame.is_empty():
        st.caption(session.t("pages_care.nobody_listed") if columns else missing(session, needs))
        return None
    clicked = tables.table(session, frame.head(LISTED), columns, key=key, rows=rows)
    said_of_first(session, frame.height)
    return clicked


def said_of_first(session: Session, height: int) -> None:
    """That a list is longer than what is on screen, if it is."""
    if height > LISTED:
        st.caption(session.t("pages_care.first_listed", shown=session.fmt.count(LISTED), all=session.fmt.count(height)))


def unchecked(session: Session, sources: Sequence[str]) -> str | None:
    """Which files the checks behind a list of findings would have needed: that nothing was found without them is no good news."""
    lacking = [source for source in sources if not session.has(source)]
    return session.t("pages_care.not_checked", files=told(session.t, lacking)) if lacking else None


def missing(session: Session, needs: Sequence[str]) -> str:
    """Which of the files something needs were never loaded, and what to do; with all of them here it is a column that lacks."""
    lacking = [source for source in needs if not session.has(source)]
    return layout.missing(session, lacking) if lacking else session.t("pages_glossary.no_column")
