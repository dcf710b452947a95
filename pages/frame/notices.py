"""What those who look after the data must know of what is served: a damaged snapshot, settings that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.access import STAFF
from data.errors import ConfigError
from pages.ui.working import words

if TYPE_CHECKING:
    from pages.frame.session import Session


def show(session: Session) -> None:
    """A banner for each, on every page, until it is mended."""
    if not STAFF & session.scope.roles:
        return
    for notice in session.warehouse.notices:
        told = words(session.t, notice)
        if isinstance(notice, ConfigError):
            told = session.t("pages.settings_kept", problem=told)
        st.error(told, icon=":material/warning:")
