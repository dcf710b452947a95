"""Visits: are the right customers seen, as planned and often enough, and what comes of it? For everybody who sells."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import visits, visits_plan, work
from pages.ui import blocks, boards, cards, export, filters, head, ics, layout
from pages.ui.figures import figures

session = guard("visits")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True, group=True)
layout.title(session, top, t("pages.visits_title"), blocks.selected_name(session, selection), back=("overview",))

waiting = work.Work(session, selection.where)
shown = figures(session, selection, visits.KPIS)
figured = [shown[name] for name in visits.CARDS]
cards.band(session, selection, figured, visits.beside(session, selection, shown, waiting))

place = st.container()
which = visits.choose(session)
listed = visits.listed(session, waiting, which)
with place:
    layout.question(visits.heading(session, waiting, which, listed), help=visits.as_now(session))
blocks.open_customer(selection, blocks.listed(session, *listed, key=f"list_{which}", needs=visits.NEEDS.get(which, ("visits",))))
if which == "focus" and (unchecked := blocks.unchecked(session, visits.NEEDS[which])):
    st.caption(unchecked)

month = visits_plan.month(session, selection)
layout.question(t("pages_visits.month_plan", month=session.fmt.month(month.start)), help=t("pages_visits.month_plan_help"))
visits_plan.show_plan(session, selection, waiting, month)

left, right = st.columns([1, 1.2], gap="medium")
with left:
    layout.question(t("pages_visits.often_enough"), help=t("pages_visits.often_enough_help"))
    cadence = visits_plan.cadence(session, selection)
    visits_plan.show_cadence(session, cadence)
with right:
    layout.question(t("pages_visits.old_and_new"), help=t("pages_visits.old_and_new_help"))
    split, split_columns = visits.split(session, selection)
    blocks.listed(session, split, split_columns, key="split", needs=("visits",))
    for said in visits.remarks(session, selection, split, shown):
        st.caption(said)

layout.question(t("pages_visits.who_keeps"), help=t("pages_visits.who_keeps_help"))
board, columns = visits.reps(session, selection)
blocks.open_rep(selection, blocks.listed(session, board, columns, key="reps", needs=("visits",)))

sheets = (
    (t("pages_visits.sheet_split"), split, split_columns, export.Chart("column", "name", ("customer_visits", "prospect_visits"))),
    (t("pages.reps"), board, columns, export.Chart("bar", "name", ("completed_visits",))),
    visits_plan.cadence_table(session, cadence),
)
layout.download(
    session, top, selection, "visits", lambda: boards.sheets(session, [*visits.lists(session, waiting), *sheets]), visits.KPIS, figured
)
ics.button(session, top, "visits", lambda: visits.events(session, waiting))
