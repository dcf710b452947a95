"""Region: which territory and which rep needs me? For the regional manager."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import attention, places, region, work
from pages.ui import blocks, boards, cards, charts, export, filters, head, layout, tables
from pages.ui.figures import figures

session = guard("region")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, group=True, credit=True, require="region")
layout.title(session, top, blocks.place_name(session, selection), back=("overview",))

shown = figures(session, selection, blocks.KPIS)
figured = [shown[name] for name in boards.CARDS]
cards.band(session, selection, figured, blocks.beside(session, shown), cards.LEADS)

left, right = st.columns([1.7, 1], gap="medium")
with left:
    layout.question(t("pages.which_rep"))
    ranked, second = region.benchmark(session)
    board, columns, averages = region.reps(session, selection, ranked, second)
    blocks.open_rep(selection, tables.table(session, board, columns, key="reps"))
    st.caption(region.line(session, averages, ranked, board))
with right:
    layout.question(t("pages.who_on_target"))
    rows = region.attainment_rows(session, board)
    chart = charts.attainment(rows, session.fmt, session.palette, blocks.attainment_names(session), elapsed=blocks.elapsed(selection))
    st.plotly_chart(chart, theme=None, config=charts.CONFIG, key="attainment")

layout.question(t("pages.which_territory"))
lands, land_columns = places.table(session, selection)
blocks.open_place(selection, tables.table(session, lands, land_columns, key="places"))

layout.question(t("pages_day.what_waits"), help=t("pages_day.what_waits_help"))
work.strip(session, selection, work.Work(session, blocks.narrowed(selection)))

left, right = st.columns([1, 1], gap="medium")
overdue = region.overdue_rows(session, selection)
with left:
    layout.question(t("pages.who_must_collect"))
    blocks.chart(charts.ageing(overdue, session.fmt, session.palette), "overdue")
with right:
    layout.question(attention.heading(session, selection), help=t("pages.attention_help"))
    attention.show(session, selection, attention.find(session, selection, blocks.narrowed(selection)))

sheets = (
    (t("pages.reps"), board, columns, export.Chart("bar", "name", (ranked,))),
    boards.attainment_table(session, t("pages.column_attainment"), rows, t("pages.column_rep")),
    (t("pages.territories"), lands, land_columns, export.Chart("bar", "name", ("revenue",), lands.height - 1)),  # less the total
    boards.overdue_table(session, overdue),
)
told = tuple(dict.fromkeys((*blocks.KPIS, ranked, second)))
layout.download(session, top, selection, "region", lambda: boards.sheets(session, sheets), told, figured)
