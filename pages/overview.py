"""Overview: are we fine, where not, why, and who acts? For the director."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import attention, changes, places, service, work
from pages.ui import blocks, boards, cards, charts, export, filters, head, layout, tables
from pages.ui.figures import figures

session = guard("overview")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, group=True, credit=True)
layout.title(session, top, t("pages.overview_title"))

KPIS = tuple(dict.fromkeys((*blocks.KPIS, *service.CYCLE)))
shown = figures(session, selection, KPIS)
figured = [shown[name] for name in boards.CARDS]
cards.band(session, selection, figured, blocks.beside(session, shown), cards.LEADS)

layout.question(t("pages.which_territory" if selection.region else "pages.which_region"))
board, columns = places.table(session, selection)
blocks.open_place(selection, tables.table(session, board, columns, key="places"))

layout.question(t("pages_service.cycle"), help=t("pages_service.cycle_help"))
cycle = [shown[name] for name in service.CYCLE]
cards.band(session, selection, cycle, service.beside(session, shown), service.LEADS, name="_cycle")

layout.question(t("pages_day.what_waits"), help=t("pages_day.what_waits_help"))
work.strip(session, selection, work.Work(session, blocks.narrowed(selection)))

left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages.revenue_trend"))
    trend, names = boards.trend(session, selection), blocks.trend_names(session)
    blocks.chart(charts.money_trend(trend, session.fmt, session.palette, names, every=session.month_step), "trend")
    blocks.forecast(session, selection, shown)
with right:
    layout.question(attention.heading(session, selection), help=t("pages.attention_help"))
    attention.show(session, selection, attention.find(session, selection, blocks.narrowed(selection)))

left, right = st.columns([1.7, 1], gap="medium")
with left:
    layout.question(changes.heading(session, selection, "revenue"))
    level = changes.choose(session, selection, "revenue", "revenue_by")
    changes.show(session, selection, "revenue", level, "revenue_bridge")
with right:
    layout.question(t("pages_care.who_moved_it"))
    changes.sentences(session, selection, "revenue")

sheets = (
    (t("pages.regions"), board, columns, export.Chart("bar", "name", ("revenue",), board.height - 1)),  # less the total
    boards.trend_table(session, trend, names),
    (t("pages_care.sheet_change"), *changes.table(session, selection, "revenue", level), changes.PICTURE),
)
layout.download(
    session, top, selection, "overview", lambda: boards.sheets(session, sheets), (*KPIS, *places.kpis(selection)), [*figured, *cycle[1:]]
)
