"""Data: are the sources fresh, what was loaded, which rows were set aside? And the place where those who look after it load files."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import data_care, data_history, data_upload
from pages.ui import head, layout, tables, working

session = guard("data")
t = session.t

layout.title(session, head.top(), t("pages.data_title"), back=("overview",))
working.trouble()
data_history.outcome(session)

if data_upload.may_load(session):
    layout.question(t("pages_data.load_here"), help=t("pages_data.load_here_help"))
    data_upload.show(session)
else:
    data_upload.clear()

layout.question(t("pages.are_sources_fresh"))
tables.table(session, *data_care.sources(session), key="sources", rows=14)
data_care.next_step(session)

layout.question(t("pages_data.what_was_done"), help=t("pages_data.what_was_done_help"))
data_history.show(session)

if data_care.may_keep(session):
    layout.question(t("pages.what_was_set_aside"), help=t("pages.what_was_set_aside_help"))
    data_care.set_aside(session)

if not data_upload.may_load(session):
    layout.question(t("pages.own_data"))
    st.markdown(t("pages.own_data_steps"))
