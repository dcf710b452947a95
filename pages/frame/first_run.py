"""The first start on a machine: build the sample company's warehouse and say how far it is."""

from __future__ import annotations

import streamlit as st

from data.config import home_folder
from data.errors import FieldbookError
from data.loading.load import first_run
from i18n import Text
from pages.frame.session import refuse


def build_sample(t: Text) -> None:
    """Write the sample's exports and load them into the home folder, with visible progress (seconds)."""
    st.title(t("pages.first_run_title"), anchor=False)
    st.markdown(t("pages.first_run_text"))
    bar = st.progress(0.0, text=t("pages.first_run_start"))

    def show(share: float, step: str) -> None:
        bar.progress(min(share, 1.0), text=t(step))

    try:
        first_run(home_folder(), show)
    except FieldbookError as error:
        refuse(t, error)
