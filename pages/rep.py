"""Rep: where do I stand, and with which customers? For the rep and the manager beside the rep."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import rep
from pages.ui import blocks, boards, cards, charts, filters, head, layout, tables
from pages.ui.figures import figures

session = guard("rep")
t = session.t

top = head.top()
selection = filters.bar(session, top, rep=True, require="rep")
layout.title(session, top, blocks.rep_name(session, selection), blocks.rep_place(session, selection), back=("overview", "region"))

shown = figures(session, selection, blocks.KPIS)
cards.band(session, selection, [shown[name] for name in boards.CARDS], blocks.beside(session, shown), cards.LEADS)

left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages.own_target"))
    targets = rep.targets(session, selection)
    chart = charts.attainment(targets, session.fmt, session.palette, blocks.attainment_names(session), elapsed=blocks.elapsed(selection))
    st.plotly_chart(chart, theme=None, config=charts.CONFIG, key="attainment")
    layout.question(t("pages.own_place"), help=t("pages.own_place_help"))
    rep.show_places(session, selection)
with right:
    layout.question(t("pages.revenue_trend"))
    trend = charts.money_trend(
        boards.trend(session, selection), session.fmt, session.palette, blocks.trend_names(session), every=session.month_step
    )
    st.plotly_chart(trend, theme=None, config=charts.CONFIG, key="trend")
    layout.question(t("pages.how_late"))
    st.plotly_chart(
        charts.ageing(rep.ageing_rows(session, selection), session.fmt, session.palette), theme=None, config=charts.CONFIG, key="ageing"
    )

layout.question(t("pages.which_customers"))
customers, customer_columns = rep.customers(session, selection)
tables.table(session, customers, customer_columns, key="customers")

layout.question(t("pages.last_visits"))
visits, visit_columns = rep.last_visits(session, selection.rep)
tables.table(session, visits, visit_columns, key="visits", rows=6)

sheets = ((t("pages.customers"), customers, customer_columns), (t("pages.visits"), visits, visit_columns))
layout.download(session, top, selection, "rep", lambda: [boards.sheet(session, *sheet) for sheet in sheets], blocks.KPIS)
