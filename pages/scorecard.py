"""Scorecard: what is the score, which sum is it, and where does it stand among whom? For everybody who sells; the same for all."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import scorecard
from pages.ui import blocks, cards, filters, head, layout, tables
from pages.ui.figures import figures

session = guard("scorecard")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True)
layout.title(session, top, t("pages.scorecard_title"), blocks.selected_name(session, selection), back=("overview", "region"))

names = scorecard.cards(session, selection)
shown = figures(session, selection, names)
figured = [shown[name] for name in names]
cards.band(session, selection, figured, scorecard.beside(session, shown))

template, tenure = scorecard.choose(session)
board = scorecard.board(session, selection, template, tenure)
rep = scorecard.whose(session, selection, board[0])
lines = scorecard.lines(session, selection, template, rep)

layout.question(scorecard.heading(session, board[0], rep), help=t("pages_scorecard.lines_help"))
blocks.listed(session, *lines, key="lines", needs=("targets", "reps"), rows=8)
if lines[1]:
    scorecard.sums(session, template, lines[0])

left, right = st.columns([1.7, 1], gap="medium")
with left:
    layout.question(t("pages_scorecard.who_stands_where"), help=t("pages_scorecard.who_help"))
    blocks.narrow("scorecard", selection, blocks.listed(session, *board, key="board", needs=("reps",)))
with right:
    layout.question(t("pages.own_place"), help=t("pages.own_place_help"))
    scorecard.place(session, selection, template, tenure, rep)

left, right = st.columns([1.3, 1], gap="medium")
weights, pairs = scorecard.template_table(session, template), scorecard.pairs(session, selection)
with left:
    layout.question(t("pages_scorecard.how_made"), help=t("pages_scorecard.how_made_help"))
    tables.table(session, *weights, key="weights", rows=8)
with right:
    layout.question(t("pages_scorecard.how_pairs_work"), help=t("pages_scorecard.pairs_help"))
    blocks.listed(session, *pairs, key="pairs", needs=("visits",), rows=8)

named = (("lines", lines), ("board", board), ("weights", weights), ("pairs", pairs))
layout.download(session, top, selection, "scorecard", lambda: scorecard.sheets(session, named), scorecard.KPIS, figured)
