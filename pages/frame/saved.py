"""Saved views in the sidebar: a page with its filters under a name of one's own. Each is a link, so what it opens is judged anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from data.errors import FieldbookError
from data.keeping import views
from data.keeping.views import View
from pages.ui.format import plain
from pages.ui.working import words

if TYPE_CHECKING:
    from pages.frame.session import Session

SHOWN = "view_shown"  # what the page on screen is filtered by, defaults and all: a link leaves nothing to what was looked at before
_NAME, _WHICH, _RENAMED, _TOLD = "view_name", "view_which", "view_renamed", "view_told"


def show(session: Session, page: str) -> None:
    """The reader's own views, and what makes, changes and drops them; not for strangers, who would write for one another."""
    t = session.t
    if not session.who:
        return
    told = st.session_state.pop(_TOLD, None)
    with st.popover(t("pages_view.saved"), icon=":material/bookmark:", type="tertiary", width="stretch", key="saved_views"):
        try:
            found = [view for view in views.kept(session.home, session.scope) if session.may_open(view.page)]
        except FieldbookError as error:
            st.error(words(t, error))
            return
        if told:
            st.error(told)
        for view in found:
            label = plain(view.name)
            st.page_link(f"pages/{view.page}.py", label=label, icon=session.icon(view.page), query_params=dict(view.params))
        with st.form("save_view", border=False):
            st.text_input(t("pages_view.saved_name"), key=_NAME, max_chars=views.LONGEST)
            st.form_submit_button(
                t("pages_view.save_view"), on_click=_save, args=(session, page), key="save_view_now",
                help=t("pages_view.saved_help"), width="stretch",
            )  # fmt: skip
        if found:
            _change(session, page, [view.name for view in found])


def _change(session: Session, page: str, names: list[str]) -> None:
    """Rename, replace or delete one of them."""
    t = session.t
    with st.expander(t("pages_view.saved_change")):
        if st.session_state.get(_WHICH) not in names:
            st.session_state[_WHICH] = names[0]
        st.selectbox(t("pages_view.saved_which"), names, key=_WHICH)
        st.text_input(t("pages_view.saved_new_name"), key=_RENAMED, max_chars=views.LONGEST)
        st.button(t("pages_view.saved_rename"), on_click=_rename, args=(session,), key="view_rename", width="stretch")
        st.button(t("pages_view.saved_replace"), on_click=_replace, args=(session, page), key="view_replace", width="stretch")
        st.button(t("pages_view.saved_delete"), on_click=_delete, args=(session,), key="view_delete", width="stretch")


def _save(session: Session, page: str) -> None:
    def made() -> None:
        views.keep(session.home, session.scope, View(st.session_state.get(_NAME) or "", page, _looked_at()))
        st.session_state[_NAME] = ""

    _do(session, made, "pages_view.saved_done")


def _rename(session: Session) -> None:
    def made() -> None:
        old = _chosen(session)
        views.keep(session.home, session.scope, View(st.session_state.get(_RENAMED) or "", old.page, old.params), instead=old.name)
        st.session_state[_RENAMED] = ""

    _do(session, made, "pages_view.saved_done")


def _replace(session: Session, page: str) -> None:
    def made() -> None:
        old = _chosen(session)
        views.keep(session.home, session.scope, View(old.name, page, _looked_at()), instead=old.name)

    _do(session, made, "pages_view.saved_done")


def _delete(session: Session) -> None:
    _do(session, lambda: views.drop(session.home, session.scope, st.session_state.get(_WHICH) or ""), "pages_view.saved_gone")


def _chosen(session: Session) -> View:
    """The view to be changed, as it is kept now."""
    name = st.session_state.get(_WHICH)
    found = next((view for view in views.kept(session.home, session.scope) if view.name == name), None)
    if found is None:
        raise views.ViewRefused("view_gone", name=name or "")
    return found


def _looked_at() -> dict[str, str]:
    """The filters on screen, and the list a link led to."""
    listed = st.query_params.get("list")
    return st.session_state.get(SHOWN, {}) | ({"list": listed} if listed else {})


def _do(session: Session, made: Callable[[], None], done: str) -> None:
    """Do it for a reader who still may be here, and say with the next run how it went."""
    if not session.stands():
        return
    try:
        made()
        st.toast(session.t(done), icon=":material/bookmark:")
    except FieldbookError as error:
        st.session_state[_TOLD] = words(session.t, error)
