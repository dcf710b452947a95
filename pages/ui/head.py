"""The head of a page: where the way back, the name, the filters and the actions stand. On a phone that is one line and a small one."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame.session import is_phone


@dataclass(frozen=True)
class Top:
    """The places of the head, empty at first: what they hold is known only when it is known what is selected.

    On a desk name, line and actions share a row and stand in it in the order in which they are filled: from left to right.
    """

    is_phone: bool
    back: DeltaGenerator
    name: DeltaGenerator
    line: DeltaGenerator  # how fresh the data is
    choices: DeltaGenerator
    actions: DeltaGenerator
    notes: DeltaGenerator  # what to know of the whole page

    def filters(self, words: str) -> DeltaGenerator:
        """Where the filters stand: in a row, or behind `words`, which say what is chosen."""
        return self.choices.popover(words, type="tertiary", width="stretch", key="choices") if self.is_phone else self.choices


def top() -> Top:
    """A new head."""
    return _on_a_phone() if is_phone() else _on_a_desk()


def _on_a_desk() -> Top:
    back = st.container(horizontal=True, key="way_back", gap="xsmall")
    row = st.container(horizontal=True, key="headline", vertical_alignment="bottom")
    return Top(False, back, row, row, st.container(horizontal=True, key="filters", gap="xsmall"), row, st.container(key="notes"))


def _on_a_phone() -> Top:
    with st.container(horizontal=True, key="headline", vertical_alignment="center", gap="xsmall", wrap=False):
        back, name = st.container(width="content", key="way_back"), st.container(width="content", key="name")
        choices, actions = (
            st.container(width="stretch", key="filters"),
            st.container(width="content", key="actions", horizontal=True, gap="xsmall", wrap=False),
        )
    return Top(True, back, name, st.container(key="line"), choices, actions, st.container(key="notes"))
