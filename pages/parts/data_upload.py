"""Loading through the page: drop files in, see what each is taken for, answer what is asked, look at rows and sums, load or drop them.

Nothing is published before "Load". What is staged belongs to one reader's visit; somebody else's is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import streamlit as st

from data.access import KEEPERS
from data.loading import draft
from data.loading.draft import Checked
from data.reading.limits import MB, PAGE
from pages.frame.session import Session
from pages.parts import data_mapping, data_staged
from pages.parts.data_staged import Piece
from pages.ui import tables
from pages.ui.format import plain
from pages.ui.working import long_step

RESULT = "data_result"
_DESK, _ROUND = "data_desk", "data_round"


@dataclass
class Desk:
    """What one reader has staged: the files by the uploader's ids, what became of them, and those left out."""

    user: str
    ids: tuple[str, ...]
    draft: draft.Draft
    checked: list[Checked] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)

    @property
    def chosen(self) -> list[Checked]:
        """The files that are to be loaded."""
        return [c for c in self.checked if c.upload.label not in self.left_out]


def may_load(session: Session) -> bool:
    """Whether this reader may load: looks after the data, and is somebody, in demo mode somebody at this machine."""
    return bool(KEEPERS & session.scope.roles) and bool(session.who)


def show(session: Session) -> None:
    """The place to drop files, and all about those that were dropped."""
    t = session.t
    files = st.file_uploader(
        t("pages_data.drop"),
        accept_multiple_files=True,
        key=f"upload_{st.session_state.setdefault(_ROUND, 0)}",
        help=t("pages_data.drop_help", size=(PAGE.file or 0) // MB, rows=session.fmt.count(PAGE.rows)),
    )
    desk = _desk(session, files or [])
    if desk is None or not desk.checked:
        return
    pieces = data_staged.pieces_of(desk.checked)
    tables.table(session, *data_staged.overview(session, pieces), key="staged", rows=8)
    piece = _picked(session, pieces)
    data_staged.problems(session, piece.checked)
    if data_mapping.show(session, piece.checked, piece.sheet, piece.source):
        _check(session, desk)
        st.rerun()
    if piece.part:
        data_staged.contents(session, piece)
    _decide(session, desk)


def _desk(session: Session, files: Sequence[Any]) -> Desk | None:
    """The reader's staged files; staged and read anew when the files in the uploader have changed."""
    desk: Desk | None = st.session_state.get(_DESK)
    ids = tuple(file.file_id for file in files)
    if desk and (desk.user != session.scope.user or desk.ids != ids or not desk.draft.folder.is_dir()):
        clear()
        desk = None
        if not ids:
            st.session_state[_ROUND] += 1
    if desk is None and ids:
        with long_step(session, "pages_data.staging"):
            files_of = draft.stage(session.home, session.scope, [(file.name, file.getvalue()) for file in files])
            desk = st.session_state[_DESK] = Desk(session.scope.user, ids, files_of)
        if desk:
            _check(session, desk)
        st.rerun()
    return desk


def clear() -> None:
    """Drop what is staged."""
    desk: Desk | None = st.session_state.pop(_DESK, None)
    if desk:
        draft.discard(desk.draft)


def _check(session: Session, desk: Desk) -> None:
    with long_step(session, "load.step.read") as (advance, _):
        desk.checked = draft.check(desk.draft, session.scope, advance)


def _picked(session: Session, pieces: Sequence[Piece]) -> Piece:
    """The sheet to look at closely: the one chosen, else the first that waits for something."""
    names = [" · ".join(filter(None, [p.checked.upload.label, p.sheet.sheet if p.sheet else None])) for p in pieces]
    first = next((at for at, p in enumerate(pieces) if not p.checked.may_load), 0)
    if len(pieces) == 1:
        return pieces[0]
    at = st.selectbox(session.t("pages_data.look_at"), range(len(pieces)), index=first, format_func=names.__getitem__, key=f"pick_{names}")
    return pieces[at]


def _leave_out(desk: Desk, labels: list[str]) -> None:
    """Before the next run: these files are left out too."""
    key = f"out_{desk.ids}"
    st.session_state[key] = [*st.session_state.get(key, ()), *labels]


def _decide(session: Session, desk: Desk) -> None:
    """Leave files out, say how old the exports are, load or drop everything."""
    t, comma = session.t, session.t("pages.list_comma")
    if len(desk.checked) > 1:
        labels = [c.upload.label for c in desk.checked]
        desk.left_out = set(
            st.multiselect(t("pages_data.leave_out"), labels, placeholder=t("pages_data.leave_out_none"), key=f"out_{desk.ids}")
        )
    ready = [c for c in desk.chosen if c.may_load or c.verdict == "ignored"]
    stopped = [c.upload.label for c in desk.chosen if c not in ready]
    if stopped:
        st.caption(t("pages_data.not_yet", files=plain(comma.join(stopped))))
        if ready:
            st.button(t("pages_data.leave_out_stopped"), key="leave_out_stopped", on_click=_leave_out, args=(desk, stopped))
    elif any(c.holds for c in ready):
        st.caption(t("pages_data.will_be_held"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="decide"):
        made_on = st.date_input(
            t("pages_data.exported_on"), value=None, max_value="today", help=t("pages_data.exported_on_help"), key="exported_on", width=220
        )
        loads = st.button(
            t("pages_data.load_files", count=len(ready)), type="primary", disabled=bool(stopped) or not ready, key="load_files"
        )
        drops = st.button(t("pages_data.drop_files"), key="drop_files")
    if loads:
        _load(session, desk, [c.upload.label for c in ready], made_on if isinstance(made_on, date) else None)
    if drops:
        _restart()


def _load(session: Session, desk: Desk, labels: list[str], made_on: date | None) -> None:
    """Load what is staged and keep the report to be shown; the staged files go unless the load failed."""
    at = datetime.combine(made_on, time(23, 59, 59)) if made_on and made_on < session.warehouse.today else None
    if not may_load(session):
        return
    with long_step(session, "load.step.read") as (advance, waiting):
        st.session_state[RESULT] = draft.publish(desk.draft, session.scope, labels, progress=advance, waiting=waiting, exported_at=at)
        _restart()
    st.rerun()


def _restart() -> None:
    """An empty uploader."""
    clear()
    st.session_state[_ROUND] += 1
    st.rerun()
