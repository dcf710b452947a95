"""My day: where do I stand, and whom do I see, call or write to today? For those who sell, and the manager beside them."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import my_day, rep, work
from pages.ui import blocks, boards, cards, charts, filters, head, ics, layout
from pages.ui.figures import figures

session = guard("my_day")
t = session.t

top = head.top()
selection = filters.bar(session, top, rep=True, require="rep")
layout.title(session, top, t("pages.my_day_title"), blocks.rep_name(session, selection), back=("overview", "region"))
session = rep.as_seen(session, selection, "rep")

shown = figures(session, selection, my_day.KPIS)
figured = [shown[name] for name in my_day.CARDS]
cards.band(session, selection, figured, blocks.beside(session, shown), cards.LEADS)

waiting = work.Work(session, selection.where)
rows = my_day.listed(session, waiting)
left, right = st.columns([2.2, 1], gap="medium")
with left:
    layout.question(my_day.heading(session, waiting, rows), help=t("pages_day.order"))
    my_day.show(session, selection, waiting, rows)
with right:
    layout.question(t("pages.own_target"))
    targets = rep.targets(session, selection)
    names, elapsed = blocks.attainment_names(session), blocks.elapsed(selection)
    blocks.chart(charts.attainment(targets, session.fmt, session.palette, names, elapsed=elapsed), "attainment")
    st.caption(my_day.team_line(session, selection) or t("pages_day.no_team"))

layout.question(t("pages_day.what_waits"), help=t("pages_day.what_waits_help"))
work.strip(session, selection, waiting)

table = (t("pages_day.sheet_today"), rows, my_day.columns(session))
goals = boards.attainment_table(session, t("pages.own_target"), targets, t("pages.column_kpi"))
layout.download(session, top, selection, "my-day", lambda: boards.sheets(session, [table, goals]), my_day.KPIS, figured)
ics.button(session, top, "my-day", lambda: my_day.events(session, waiting, rows))
