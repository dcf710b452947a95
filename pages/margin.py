"""Margin: what do we earn, on which shipments too little, and what changed it? For everybody who sells."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import changes, margin, returns
from pages.ui import blocks, boards, cards, export, filters, head, layout, tables
from pages.ui.figures import figures

session = guard("margin")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True, group=True, credit=True)
layout.title(session, top, t("pages.margin_title"), blocks.selected_name(session, selection), back=("overview",))

shown = figures(session, selection, margin.KPIS)
figured = [shown[name] for name in margin.CARDS]
cards.band(session, selection, figured, margin.beside(session, shown))

left, right = st.columns([1.7, 1], gap="medium")
with left:
    layout.question(changes.heading(session, selection, "gross_profit"))
    level = changes.choose(session, selection, "gross_profit", "profit_by")
    changes.show(session, selection, "gross_profit", level, "profit_bridge")
with right:
    layout.question(t("pages_care.who_moved_it"))
    changes.sentences(session, selection, "gross_profit")
    layout.question(t("pages_care.rate_or_mix"), help=t("pages_care.rate_or_mix_help"))
    changes.rate_bridge(session, selection, "rate_bridge")

weak, weak_columns = margin.weak_orders(session, selection)
layout.question(margin.weak_heading(session, weak), help=t("pages_care.weak_help"))
blocks.open_customer(selection, blocks.listed(session, weak, weak_columns, key="weak", needs=("orders",), rows=8))

left, right = st.columns([1, 1], gap="medium")
with left:
    layout.question(t("pages_care.which_lines"))
    lines, line_columns = margin.product_lines(session, selection)
    tables.table(session, lines, line_columns, key="lines", rows=8)
with right:
    layout.question(t("pages_care.who_sells_below"))
    sellers, seller_columns = margin.sellers(session, selection)
    blocks.narrow("margin", selection, tables.table(session, sellers, seller_columns, key="sellers", rows=8))

place = st.container()
by = returns.choose(session)
back = returns.listed(session, selection, by)
with place:
    layout.question(returns.heading(session, back[0]), help=t("pages_care.returns_help"))
returns.opened(selection, blocks.listed(session, *back, key=f"returns_{by}", needs=("orders",), rows=8))

sheets = (
    (t("pages_care.sheet_change"), *changes.table(session, selection, "gross_profit", level), changes.PICTURE),
    (t("pages_care.sheet_weak"), weak, weak_columns),
    (t("pages_care.sheet_lines"), lines, line_columns, export.Chart("bar", "product_line", ("gross_profit",))),
    (t("pages_care.sheet_sellers"), sellers, seller_columns),
)
layout.download(
    session, top, selection, "margin", lambda: boards.sheets(session, [*sheets, *returns.sheets(session, selection)]), margin.KPIS, figured
)
