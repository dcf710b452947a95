"""Data: are the sources fresh, what was loaded, and which rows were set aside? For those who look after the data."""

from __future__ import annotations

import streamlit as st

from pages.ui import care, layout, tables
from pages.ui.session import guard

session = guard("data")
t = session.t

layout.title(session, st.container(), t("pages.data_title"), back=("overview",))

layout.question(t("pages.are_sources_fresh"))
tables.table(session, *care.sources(session), key="sources", rows=12)

layout.question(t("pages.what_was_set_aside"), help=t("pages.what_was_set_aside_help"))
tables.table(session, *care.quarantine(session), key="quarantine", rows=8)

layout.question(t("pages.what_was_loaded"))
tables.table(session, *care.loads(session), key="loads", rows=12)

layout.question(t("pages.own_data"))
st.markdown(t("pages.own_data_steps"))
