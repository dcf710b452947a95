"""Audit: who signed in, saw, took away or changed what? For those who look after the data."""

from __future__ import annotations

from pages.ui import audit_log, head, layout
from pages.ui.session import guard

session = guard("audit")

top = head.top()
layout.title(session, top, session.t("pages.audit_title"))
found = audit_log.ask(session)
audit_log.show(session, found)
layout.workbook_button(session, top, "audit", lambda: [audit_log.sheet(session, found)])
