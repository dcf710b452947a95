"""Customer card: one customer on one screen, to be read before a call. For everybody who sells."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import customer, customer_buying
from pages.ui import blocks as ui
from pages.ui import boards, cards, charts, filters, head, layout
from pages.ui.figures import figures

session = guard("customer")
t = session.t

top = head.top()
selection = filters.bar(session, top, customer=True)
if selection.customer is None:
    layout.title(session, top, t("pages.customer_title"))
    customer.search(session, selection)
    st.stop()
name, place = customer.name(session, selection), customer.place(session, selection)
layout.title(session, top, name, place, back=("customers", "collections", "my_day"))

customer.signs(session, selection)
shown = figures(session, selection, customer.KPIS)
figured = [shown[name] for name in customer.CARDS]
cards.band(session, selection, figured, customer.beside(session, shown))

invoices, visits = customer.open_invoices(session, selection), customer.visits(session, selection)
left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(customer.open_heading(session, invoices[0]))
    customer.show_block(session, invoices, key="invoices", needs=("invoices", "receipts"), empty=t("pages_care.nothing_open_now"))
with right:
    layout.question(t("pages_care.last_visits"))
    customer.show_block(session, visits, key="visits", needs=("visits",), empty=t("pages_care.no_visits"))

one, two, three = st.columns([1, 1.2, 1.6], gap="medium")
with one:
    layout.question(t("pages_care.block_responsible"))
    customer.responsible(session, selection)
with two:
    layout.question(t("pages_care.block_company"))
    customer.company(session, selection, shown)
with three:
    layout.question(t("pages_care.block_buying"))
    customer_buying.rhythm(session, selection)
    bought = customer_buying.bought(session, selection)
    customer.show_block(session, bought, key="bought", needs=("orders",), empty=t("pages_care.nothing_bought"))

prospects, cases = customer.needs(session, selection), customer.complaints(session, selection)
left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages_care.block_needs"))
    customer.show_block(session, prospects, key="needs", needs=("prospects",), empty=t("pages_care.no_needs"))
with right:
    layout.question(t("pages_care.block_complaints"))
    customer.show_block(session, cases, key="complaints", needs=("service",), empty=t("pages_care.no_complaints"))

layout.question(t("pages_care.months"))
months = customer.months(session, selection)
left, right = st.columns([1, 1], gap="medium")
with left:
    trend, names = boards.trend(session, selection), ui.trend_names(session)
    ui.chart(charts.money_trend(trend, session.fmt, session.palette, names, every=session.month_step), "trend")
with right:
    customer.show_block(session, months, key="months", needs=("orders",), empty=t("pages_care.nothing_bought"))

named = (
    ("sheet_invoices", invoices),
    ("sheet_visits", visits),
    ("sheet_lines", bought),
    ("sheet_needs", prospects),
    ("sheet_complaints", cases),
    ("sheet_months", months),
)
drawn = boards.trend_table(session, trend, names)
layout.download(session, top, selection, "customer", lambda: customer.sheets(session, named, drawn), customer.KPIS, figured)
