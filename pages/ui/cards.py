"""A band of cards: the name (which opens the explanation), the value, how it moved, one line beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from pages.frame.session import Session
from pages.ui.explain import explanation, rows_button, tooltip
from pages.ui.figures import Figure, reason
from pages.ui.filters import Selection
from pages.ui.format import MINUS
from pages.ui.judge import BAD, GOOD
from pages.ui.layout import page_file

_COLOURS: Mapping[str, Literal["green", "red", "off"]] = {GOOD: "green", BAD: "red"}


# the page that says who is behind a figure
LEADS = {
    "revenue": "margin",
    "gross_margin_pct": "margin",
    "new_customers": "customers",
    "active_customers": "customers",
    "collection_rate": "collections",
    "overdue_amount": "collections",
}


def band(
    session: Session,
    selection: Selection,
    shown: Sequence[Figure],
    beside: Mapping[str, str] | None = None,
    leads: Mapping[str, str] | None = None,
    *,
    name: str = "",
) -> None:
    """The cards in one row (two a row on a phone).

    beside: KPI → the line under it; leads: KPI → the page that says who is behind it; name: of a second band on the page.
    """
    with st.grid(columns=len(shown), min_column_width=126, gap=8, key=f"cards{name}"):
        for figure in shown:
            card(session, selection, figure, (beside or {}).get(figure.name), (leads or {}).get(figure.name), band=name)


def card(
    session: Session, selection: Selection, figure: Figure, line: str | None = None, leads_to: str | None = None, *, band: str = ""
) -> None:
    """One card. A missing value shows — and, in the line below, why."""
    name = session.t(f"kpi.{figure.name}.label")
    why = reason(session, figure) if figure.value is None else session.t("kpi.note.not_by_group") if figure.is_whole else None
    with st.container(border=True, gap=None, height="stretch", key=f"card{band}_{figure.name}"):
        with st.popover(name, type="tertiary", help=tooltip(session, figure.name)):
            st.markdown(explanation(session, figure))
            rows_button(session, figure, selection, key=f"rows{band}_{figure.name}")
            if leads_to and session.may_open(leads_to):
                label = session.t("pages_care.who_is_behind", page=session.t(f"pages.{leads_to}_title"))
                st.page_link(page_file(leads_to), label=label, icon=":material/arrow_forward:", query_params=selection.params())
        st.metric(
            name,
            session.fmt.value(figure.unit, figure.value),
            figure.change,
            delta_color=_COLOURS.get(figure.judgement, "off"),
            delta_arrow=_arrow(figure.change),
            label_visibility="collapsed",
        )
        st.caption(why or (line if line != figure.change else None) or "\u00a0")  # never the same words twice


def _arrow(change: str | None) -> Literal["up", "down", "off"]:
    """The way the figure moved; the sign we print is a true minus, which the metric would not read."""
    if not change or not change.startswith(("+", MINUS)):
        return "off"
    return "up" if change.startswith("+") else "down"
