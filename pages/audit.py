"""Audit: who signed in, saw, took away or changed what? For those who look after the data."""

from __future__ import annotations

from pages.frame.session import guard
from pages.parts import audit
from pages.ui import head, layout

session = guard("audit")

top = head.top()
layout.title(session, top, session.t("pages.audit_title"))
found = audit.ask(session)
audit.show(session, found)
layout.workbook_button(session, top, "audit", lambda: [audit.sheet(session, found)])
