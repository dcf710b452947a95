"""Glossary: what does this number mean, what does it leave out, and which file does it need? For everybody."""

from __future__ import annotations

import streamlit as st

from pages.frame.session import guard
from pages.parts import glossary
from pages.ui import head, layout

session = guard("glossary")
t = session.t

top = head.top()
layout.title(session, top, t("pages.glossary_title"))
found, listed = glossary.ask(session)
st.caption(glossary.counted(session, found, listed))

for section, members in glossary.by_section(found).items():
    layout.question(t(f"kpi.section.{section}"))
    with st.container(gap="xsmall", key=f"section_{section}"):
        for one in members:
            glossary.show(session, one)

layout.workbook_button(session, top, "glossary", lambda: [layout.definitions(session, [one.entry.name for one in listed])])
