"""The foot of the sidebar: saved views; who reads and what may be seen, or in demo mode whose eyes; the language; the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from i18n import LANGUAGES
from pages.frame import demo, saved
from pages.frame.identity import DEMO
from pages.ui import compute
from pages.ui.format import plain
from pages.ui.roles import role_names

if TYPE_CHECKING:
    from pages.frame.session import Session


def foot(session: Session, page: str) -> None:
    """Draw it, on a page."""
    t = session.t
    with st.sidebar:
        saved.show(session, page)
        if session.who.way == DEMO:
            demo.view_as(session)
        else:
            _reader(session)
        st.session_state["lang"] = t.lang
        st.segmented_control(
            t("pages.language"),
            LANGUAGES,
            format_func=lambda lang: t(f"pages.language_{lang}"),
            key="lang",
            label_visibility="collapsed",
            required=True,
        )


def _reader(session: Session) -> None:
    """Name, login, every role, what may be seen, and Sign out."""
    t, scope = session.t, session.scope
    own = compute.people(session).filter(pl.col("rep_id").is_in(scope.reps))
    names = t("pages.list_comma").join(dict.fromkeys(name for name in own["rep_name"] if name))
    with st.container(key="reader", gap="xsmall"):
        st.markdown(plain(names or scope.user))
        st.caption(plain(role_names(t, scope.roles)))
        st.caption(plain(sees(session)), help=plain(t("pages_access.signed_in_as", login=scope.user)))
        st.button(t("pages_access.sign_out"), on_click=session.sign_out, icon=":material/logout:", type="tertiary", key="sign_out")


def sees(session: Session) -> str:
    """What the reader may see, in one sentence; of several roles the union."""
    t, scope = session.t, session.scope
    if scope.sees_all:
        return t("pages_access.sees_all")
    parts = [t("pages_access.sees_regions", regions=t("pages.list_comma").join(scope.regions))] if scope.regions else []
    parts += [t("pages_access.sees_reports")] if scope.managers else []
    parts += [t("pages_access.sees_own")] if scope.reps else []
    parts += [t("pages_access.sees_partner")] if scope.inside else []
    return t("pages_access.sees", what=t("pages.list_comma").join(parts)) if parts else t("pages_access.sees_nothing")
