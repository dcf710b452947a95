"""Customers: who carries the revenue, who comes, who goes, and whom do we visit for nothing? For everybody who sells."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import customers, digest, service
from pages.ui import blocks, boards, cards, filters, head, layout
from pages.ui.figures import figures

session = guard("customers")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True, group=True)
layout.title(session, top, t("pages.customers_title"), blocks.selected_name(session, selection), back=("overview",))

shown = figures(session, selection, customers.KPIS)
figured = [shown[name] for name in customers.CARDS]
cards.band(session, selection, figured, customers.beside(session, shown))

everyone = customers.everyone(session, selection)
place = st.container()
which = customers.choose(session)
rows = customers.chosen(session, selection, everyone, which)
with place:
    layout.question(customers.heading(session, rows), help=t("pages_care.lists_help"))
listed = customers.listed(session, selection, rows.head(blocks.LISTED), which)
blocks.open_customer(selection, blocks.listed(session, *listed, key=which, needs=("orders",)))
blocks.said_of_first(session, rows.height)
answers = digest.listed(session, selection)
if which == "at_risk":
    layout.question(t("pages_care.who_answers"), help=t("pages_care.who_answers_help"))
    blocks.narrow("customers", selection, blocks.listed(session, *answers, key="answers", needs=("orders",), rows=6))

layout.question(t("pages_service.how_served"), help=t("pages_service.how_served_help"))
served = [shown[name] for name in service.SERVICE]
cards.band(session, selection, served, service.beside(session, shown), {"discount_rate": "margin"}, name="_service")

classes, groups = customers.classes(session, everyone), customers.segment_table(session, everyone)
left, right = st.columns([1, 1.7], gap="medium")
with left:
    layout.question(t("pages_care.how_few"))
    customers.pareto(session, everyone)
with right:
    layout.question(t("pages_care.which_class"), help=t("pages_care.which_class_help"))
    blocks.listed(session, *classes, key="classes", needs=("orders",))

left, right = st.columns([1.3, 1], gap="medium")
with left:
    layout.question(t("pages_care.visits_for_what"), help=t("pages_care.visits_for_what_help"))
    customers.quadrant(session, everyone)
with right:
    layout.question(t("pages_care.which_segment"))
    blocks.listed(session, *groups, key="segments", needs=("orders",))

left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages_care.worth_the_effort"), help=t("pages_care.scores_help"))
    customers.grid(session, everyone, "f", "m")
with right:
    layout.question(t("pages_care.slipping_away"), help=t("pages_care.scores_help"))
    customers.grid(session, everyone, "f", "r")
layout.download(
    session, top, selection, "customers",
    lambda: boards.sheets(session, customers.sheets(session, selection, {which: rows, "everyone": everyone}, classes, groups, answers)),
    customers.KPIS, [*figured, *served],
)  # fmt: skip
