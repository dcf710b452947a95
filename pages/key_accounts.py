"""Key accounts: are they visited by those who should, do they stay, are the right ones flagged? For everybody who sells."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import customers, key_accounts
from pages.ui import blocks, boards, cards, filters, head, layout
from pages.ui.figures import figures

session = guard("key_accounts")
t = session.t

top = head.top()
selection = filters.bar(session, top, region=True, territory=True, rep=True, group=True)
layout.title(session, top, t("pages.key_accounts_title"), blocks.selected_name(session, selection), back=("overview", "customers"))

shown = figures(session, selection, key_accounts.KPIS)
owed = key_accounts.owed(session, selection)
figured = [shown[name] for name in key_accounts.CARDS]
cards.band(session, selection, figured, key_accounts.beside(session, shown, owed[0]))

everyone = customers.everyone(session, selection)
layout.question(key_accounts.owed_heading(session, owed[0]), help=t("pages_care.owed_help"))
blocks.open_customer(selection, blocks.listed(session, *owed, key="owed", needs=("customers", "visits"), rows=8))

layout.question(t("pages_care.key_beside_rest"), help=t("pages_care.key_beside_rest_help"))
known = key_accounts.cards(session, selection)
chosen = key_accounts.of_industry(session, everyone, known)
beside, served = key_accounts.compared(session, chosen), key_accounts.served(session, selection, chosen, known)
blocks.listed(session, *beside, key="beside", needs=("orders",))
blocks.listed(session, *served, key="served", needs=("orders",))
accounts = key_accounts.accounts(session, chosen)

layout.question(t("pages_care.which_keys"))
blocks.open_customer(selection, blocks.listed(session, *accounts, key="accounts", needs=("orders",)))

mismatches, lost = key_accounts.mismatches(session, selection, everyone), key_accounts.lost(session, selection)
left, right = st.columns([2, 1], gap="medium")
with left:
    layout.question(t("pages_care.right_flags"), help=t("pages_care.right_flags_help"))
    blocks.open_customer(selection, blocks.listed(session, *mismatches, key="mismatches", needs=("orders", "customers"), rows=8))
with right:
    layout.question(t("pages_care.who_is_lost"), help=t("pages_care.who_is_lost_help"))
    blocks.open_customer(selection, blocks.listed(session, *lost, key="lost", needs=("orders", "customers"), rows=8))

named = (
    ("sheet_owed", owed),
    ("sheet_keys", accounts),
    ("sheet_beside", beside),
    ("sheet_served", served),
    ("sheet_mismatches", mismatches),
    ("sheet_lost", lost),
)
tables = customers.tables(named, session)
layout.download(session, top, selection, "key-accounts", lambda: boards.sheets(session, tables), key_accounts.KPIS, figured)
