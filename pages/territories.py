"""Territories: what does each hold and ask for, is the work spread evenly, are the targets in reach, and do they add up?"""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import territories
from pages.ui import blocks, cards, filters, head, layout
from pages.ui.figures import figures

session = guard("territories")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True)
layout.title(session, top, t("pages.territories_title"), blocks.selected_name(session, selection), back=("overview", "region"))

shown = figures(session, selection, territories.FIGURES)
cards.band(session, selection, [shown[name] for name in territories.CARDS], territories.beside(session, shown))

lands = territories.lands(session, selection)
layout.question(territories.heading(session, lands[0]), help=t("pages_territories.lands_help"))
territories.open_land(selection, blocks.listed(session, *lands, key="lands", needs=("orders", "customers")))

left, right = st.columns([1, 1.7], gap="medium")
with left:
    layout.question(t("pages_territories.how_even"))
    territories.balance(session, lands[0])
with right:
    layout.question(t("pages_territories.in_reach"), help=t("pages_territories.in_reach_help"))
    goals = territories.goals(session, selection)
    territories.open_land(selection, blocks.listed(session, *goals, key="goals", needs=("orders", "targets")))

layout.question(t("pages_territories.do_they_add_up"), help=t("pages_territories.add_up_help"))
checked = territories.checked(session, selection, territories.choose_metric(session))
if checked[1]:
    st.caption(territories.disagree(session, checked[0]))
blocks.listed(session, *checked, key="checked", needs=("targets",), rows=14)

named = (("lands", lands), ("goals", goals), ("checked", checked))
layout.download(session, top, selection, "territories", lambda: territories.sheets(session, named), territories.KPIS)
territories.plan_button(session, top, selection)
