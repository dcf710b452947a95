"""Rep: where do I stand, and with which customers? For the rep and the manager beside the rep."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import rep, rep_months, rep_week
from pages.ui import blocks, boards, cards, charts, export, filters, head, layout
from pages.ui.figures import figures

session = guard("rep")
t = session.t

top = head.top()
selection = filters.bar(session, top, rep=True, group=True, credit=True, require="rep")
layout.title(session, top, blocks.rep_name(session, selection), blocks.rep_place(session, selection), back=("overview", "region"))
session = rep.as_seen(session, selection, "my_day")

shown = figures(session, selection, blocks.KPIS)
figured = [shown[name] for name in boards.CARDS]
cards.band(session, selection, figured, blocks.beside(session, shown), cards.LEADS)

left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages.own_target"))
    targets = rep.targets(session, selection)
    chart = charts.attainment(targets, session.fmt, session.palette, blocks.attainment_names(session), elapsed=blocks.elapsed(selection))
    blocks.chart(chart, "attainment")
    layout.question(t("pages.own_place"), help=t("pages.own_place_help"))
    rep.show_places(session, selection)
    rep_week.show_strengths(session, selection)
    layout.question(t("pages_visits.score_moves"), help=t("pages_visits.score_moves_help"))
    score = rep_months.score(session, selection)
    blocks.lines(session, score, "points")
with right:
    layout.question(t("pages.revenue_trend"))
    trend, names = boards.trend(session, selection), blocks.trend_names(session)
    blocks.chart(charts.money_trend(trend, session.fmt, session.palette, names, every=session.month_step), "trend")
    blocks.forecast(session, selection, shown)
    layout.question(t("pages.how_late"))
    late = rep.ageing_rows(session, selection)
    blocks.chart(charts.ageing(late, session.fmt, session.palette), "ageing")

layout.question(t("pages.which_customers"))
customers, customer_columns = rep.customers(session, selection)
blocks.open_customer(selection, blocks.listed(session, customers, customer_columns, key="customers", needs=("orders",)))

last = rep_week.last_days(session, selection)
layout.question(rep_week.heading(session, last), help=t("pages_visits.last_days_help"))
one, two = st.columns([1, 1], gap="medium")
with one:
    st.caption(t("pages_visits.week_orders"))
    blocks.open_customer(selection, blocks.listed(session, *last.orders, key="week_orders", needs=("orders",), rows=6))
with two:
    st.caption(t("pages_visits.week_silent"))
    blocks.open_customer(selection, blocks.listed(session, *last.silent, key="week_silent", needs=("visits", "orders"), rows=6))
st.caption(t("pages_visits.week_lost"))
blocks.listed(session, *last.lost, key="week_lost", needs=("prospects",), rows=6)

layout.question(t("pages.last_visits"))
visits, visit_columns = rep.last_visits(session, selection.rep)
blocks.open_customer(selection, blocks.listed(session, visits, visit_columns, key="visits", needs=("visits",), rows=6))

sheets = (
    boards.attainment_table(session, t("pages.own_target"), targets, t("pages.column_kpi")),
    boards.trend_table(session, trend, names),
    boards.ageing_table(session, late),
    boards.lines_table(session, t("pages_visits.sheet_score"), score),
    (t("pages.customers"), customers, customer_columns, export.Chart("bar", "customer", ("revenue",), 20)),
    (t("pages.visits"), visits, visit_columns),
    (t("pages_visits.week_orders"), *last.orders),
    (t("pages_visits.week_silent"), *last.silent),
    (t("pages_visits.week_lost"), *last.lost),
)
layout.download(
    session,
    top,
    selection,
    "rep",
    lambda: boards.sheets(session, [*sheets, rep_months.sheet(session, selection)]),
    rep_months.KPIS,
    figured,
)
