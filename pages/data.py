"""Data: are the sources fresh, what was loaded, which rows were set aside? And the place where those who look after it load files."""

from __future__ import annotations

import streamlit as st

from pages.ui import care, head, history, layout, tables, upload, working
from pages.ui.session import guard

session = guard("data")
t = session.t

layout.title(session, head.top(), t("pages.data_title"), back=("overview",))
working.trouble()
history.outcome(session)

if upload.may_load(session):
    layout.question(t("pages_data.load_here"), help=t("pages_data.load_here_help"))
    upload.show(session)
else:
    upload.clear()

layout.question(t("pages.are_sources_fresh"))
tables.table(session, *care.sources(session), key="sources", rows=14)
care.next_step(session)

layout.question(t("pages_data.what_was_done"), help=t("pages_data.what_was_done_help"))
history.show(session)

if care.may_keep(session):
    layout.question(t("pages.what_was_set_aside"), help=t("pages.what_was_set_aside_help"))
    care.set_aside(session)

if not upload.may_load(session):
    layout.question(t("pages.own_data"))
    st.markdown(t("pages.own_data_steps"))
