"""Long steps with visible progress, and what went wrong in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from data.errors import FieldbookError
from i18n import Text
from pages.ui.format import plain

if TYPE_CHECKING:
    from pages.frame.session import Session

Advance = Callable[[float, str], None]
_TROUBLE = "data_trouble"


@contextmanager
def long_step(session: Session, first: str) -> Iterator[tuple[Advance, Callable[[str], None]]]:
    """A progress bar while something runs: (advance, waiting for somebody else's load). What fails is told with the next run."""
    t = session.t
    bar = st.progress(0.0, text=t(first))

    def advance(share: float, step: str) -> None:
        bar.progress(min(share, 1.0), text=t(step))

    def waiting(holder: str) -> None:
        bar.progress(0.0, text=t("load.waiting", holder=plain(holder)))

    try:
        yield advance, waiting
    except FieldbookError as error:
        st.session_state[_TROUBLE] = words(t, error)
    finally:
        bar.empty()


def words(t: Text, error: FieldbookError) -> str:
    """An error in the reader's words."""
    key = f"error.{error.code}"
    return t(key, **{name: plain(value) for name, value in error.params.items()}) if key in t else t("pages.refused")


def trouble() -> None:
    """Say, once, what failed in the last step."""
    if told := st.session_state.pop(_TROUBLE, None):
        st.error(told, icon=":material/error:")
