"""Prospects: whose cards wait for what, do enough come in, how far do they come, and why do they leave? For everybody who sells."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import collections, funnel, prospects
from pages.ui import blocks, cards, filters, head, layout
from pages.ui.figures import figures

session = guard("prospects")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True)
layout.title(session, top, t("pages.prospects_title"), blocks.selected_name(session, selection), back=("overview",))

shown = figures(session, selection, prospects.FIGURES)
figured = [shown[name] for name in prospects.CARDS]
cards.band(session, selection, figured, prospects.beside(session, shown))
prospects.warnings(session, shown)

opened = prospects.waiting(session, selection)
place = st.container()
which = prospects.choose(session, prospects.WAITING, "prospects_listed")
waiting = prospects.listed(session, opened, which)
with place:
    layout.question(prospects.heading(session, opened, waiting[0], which), help=t("pages_prospects.lists_help"))
blocks.open_customer(selection, blocks.listed(session, *waiting, key=which, needs=("prospects",)))

classes, steps = prospects.classes(session, opened), funnel.steps(session, selection)
left, right = st.columns([1, 1.3], gap="medium")
with left:
    layout.question(t("pages_prospects.how_far"), help=t("pages_prospects.how_far_help"))
    funnel.funnel(session, selection)
with right:
    layout.question(t("pages_prospects.which_step"), help=t("pages_prospects.year_help"))
    blocks.listed(session, *steps, key="steps", needs=("prospects",))
    st.caption(funnel.touched(session, selection))

left, right = st.columns([1, 1.3], gap="medium")
with left:
    layout.question(t("pages_prospects.which_class"), help=t("pages_prospects.class_help"))
    blocks.listed(session, *classes, key="classes", needs=("prospects",))
with right:
    layout.question(t("pages_prospects.is_the_ground_ready"), help=t("pages_prospects.checklist_help"))
    checklist = prospects.checklist(session, selection, opened)
    blocks.open_rep(selection, blocks.listed(session, *checklist, key="checklist", needs=("prospects",), rows=8))

sources, reasons = funnel.sources(session, selection), funnel.lost_reasons(session, selection)
left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages_prospects.where_from"), help=t("pages_prospects.year_help"))
    blocks.listed(session, *sources, key="sources", needs=("prospects",), rows=8)
with right:
    layout.question(t("pages_prospects.why_lost"), help=t("pages_prospects.year_help"))
    blocks.listed(session, *reasons, key="lost_reasons", needs=("prospects",), rows=8)

left, right = st.columns([1.7, 1], gap="medium")
with left:
    layout.question(t("pages_prospects.who_left"), help=t("pages_prospects.who_left_help"))
    gone = prospects.left(session, selection, prospects.choose(session, prospects.LEFT, "prospects_left"))
    blocks.open_customer(selection, blocks.listed(session, *gone, key="left", needs=("prospects",), rows=8))
with right:
    layout.question(t("pages_prospects.which_quotes"), help=t("pages_prospects.which_quotes_help"))
    quotes = prospects.quotes(session, selection)
    blocks.open_customer(selection, blocks.listed(session, *quotes, key="quotes", needs=("quotes",), rows=8))

layout.question(t("pages_prospects.how_often_won"))
rates = collections.trend(session, selection, ("win_rate",))
blocks.lines(session, rates, "rate")

every = prospects.listed(session, opened, "everyone")
named = (
    ("waiting", waiting),
    ("classes", classes),
    ("steps", steps),
    ("sources", sources),
    ("lost", reasons),
    ("left", gone),
    ("quotes", quotes),
    ("checklist", checklist),
    ("open", every),
)
layout.download(session, top, selection, "prospects", lambda: prospects.sheets(session, named, rates), prospects.KPIS, figured)
