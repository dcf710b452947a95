"""Weekly review: which cards are empty or stale, what is new since last week, and what to talk over with whom? For manager and rep."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import review
from pages.ui import blocks, cards, filters, head, layout
from pages.ui.figures import figures

session = guard("review")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True)
layout.title(session, top, t("pages.review_title"), blocks.selected_name(session, selection), back=("overview", "region"))

shown = figures(session, selection, review.CARDS)
figured = list(shown.values())
cards.band(session, selection, figured, review.beside(session, shown), {"card_review_compliance": "prospects"})

kept = review.read(session, selection)
board = review.reps(session, selection, kept)
layout.question(review.heading(session, kept), help=review.help_line(session))
blocks.narrow("review", selection, blocks.listed(session, *board, key="reps", needs=review.NEEDS, rows=12))

place = st.container()
which = review.choose(session)
listed = review.listed(session, kept, which)
with place:
    layout.question(review.list_heading(session, listed[0], which))
blocks.open_customer(selection, blocks.listed(session, *listed, key=f"list_{which}", needs=review.NEEDS))

layout.question(t("pages_review.which_fields"), help=t("pages_review.which_fields_help"))
fields = review.fields(session, kept)
review.heat(session, fields)

layout.download(session, top, selection, "review", lambda: review.sheets(session, board, fields, kept), review.CARDS, figured)
review.fill_in_button(session, top, kept)
