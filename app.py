"""Fieldbook: who is it → what may they see → navigation. Run with `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st

from data.errors import FieldbookError, NoWarehouse
from pages.frame import first_run, session

text = session.begin()
try:
    reader = session.open_session(text)
except NoWarehouse:
    first_run.build_sample(text)
    st.rerun()
except FieldbookError as error:
    session.turn_away(text, error)

session.navigate(reader)
