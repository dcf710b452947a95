"""Collections: does the money come in, who owes what since when, and whom do we call? For everybody who sells."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import changes, collections, rep
from pages.ui import blocks, boards, cards, charts, export, filters, head, layout, tables
from pages.ui.figures import figures

session = guard("collections")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True, group=True)
layout.title(session, top, t("pages.collections_title"), blocks.selected_name(session, selection), back=("overview",))

shown = figures(session, selection, collections.KPIS)
figured = [shown[name] for name in collections.CARDS]
cards.band(session, selection, figured, collections.beside(session, shown))

chase, chase_columns = collections.to_chase(session, selection)
layout.question(collections.heading(session, chase), help=t("pages_care.chase_help"))
blocks.open_customer(selection, blocks.listed(session, chase, chase_columns, key="chase", needs=("invoices", "receipts")))

waiting, waiting_columns = collections.not_invoiced(session, selection)
layout.question(collections.unbilled_heading(session, waiting), help=t("pages_care.not_invoiced_help"))
blocks.open_customer(selection, blocks.listed(session, waiting, waiting_columns, key="waiting", needs=("orders", "invoices"), rows=6))

left, right = st.columns([2.2, 1], gap="medium")
with left:
    layout.question(t("pages_care.who_holds_it"))
    by = collections.choose_holders(session, selection)
    board, columns = collections.holders(session, selection, by)
    blocks.narrow("collections", selection, tables.table(session, board, columns, key="holders", rows=8))
with right:
    layout.question(t("pages.how_late"))
    late = rep.ageing_rows(session, selection)
    blocks.chart(charts.ageing(late, session.fmt, session.palette), "ageing")

left, right = st.columns([1.7, 1], gap="medium")
with left:
    layout.question(changes.heading(session, selection, "collection_rate"), help=t("pages_care.rate_parts_help"))
    level = changes.choose(session, selection, "collection_rate", "rate_by")
    changes.show(session, selection, "collection_rate", level, "rate_change")
with right:
    layout.question(t("pages_care.who_moved_it"))
    changes.sentences(session, selection, "collection_rate")

layout.question(t("pages_care.which_rate"), help=t("pages_care.which_rate_help"))
rates, rate_columns = collections.rates(session, shown)
tables.table(session, rates, rate_columns, key="rates")

left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages_care.how_long"))
    days = collections.trend(session, selection, ("dso", "best_possible_dso"))
    blocks.lines(session, days, "days")
with right:
    layout.question(t("pages_care.how_well"))
    shares = collections.trend(session, selection, ("collection_rate", "cei"))
    blocks.lines(session, shares, "rate")

sheets = (
    (t("pages_care.sheet_chase"), chase, chase_columns),
    (t("pages_care.sheet_not_invoiced"), waiting, waiting_columns),
    (t("pages_care.sheet_holders"), board, columns, export.Chart("bar", "name", ("overdue_amount",))),
    boards.ageing_table(session, late),
    (t("pages_care.sheet_rates"), rates, rate_columns),
    (t("pages_care.sheet_change"), *changes.table(session, selection, "collection_rate", level)),
    boards.lines_table(session, t("pages_view.sheet_days"), days),
    boards.lines_table(session, t("pages_view.sheet_shares"), shares),
)
layout.download(session, top, selection, "collections", lambda: boards.sheets(session, sheets), collections.KPIS, figured)
