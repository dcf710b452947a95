"""The audit log on the screen: days, user and action chosen, the entries in the reader's words, and the same as a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from data.keeping import audit
from pages.frame.session import PAGES, Session
from pages.ui import export, tables
from pages.ui.roles import role_names
from pages.ui.tables import Column

_DAYS = 7
_TEXTS = ("user", "roles", "scope", "action", "page", "why")
_COUNTS = ("load", "rows")


def ask(session: Session) -> pl.DataFrame:
    """Let the reader choose days, user and action; returns the entries, newest first."""
    t, today = session.t, datetime.now(UTC).date()
    with st.container(horizontal=True, key="narrow"):
        days = st.date_input(
            t("pages_access.days"),
            (today - timedelta(days=_DAYS - 1), today),
            min_value=today - timedelta(days=audit.KEPT_DAYS),
            max_value=today,
            format="YYYY-MM-DD",
            key="audit_days",
            width=240,
        )
        first, last = (days[0], days[-1]) if isinstance(days, tuple) and days else (today, today)
        entries = audit.entries(session.home, session.scope, first, last)
        users = sorted({str(entry.get("user")) for entry in entries})
        user = st.selectbox(t("pages_access.column_user"), users, None, placeholder=t("pages_data.all"), key="audit_user", width=260)
        action = st.selectbox(
            t("pages_access.column_action"),
            audit.ACTIONS,
            None,
            format_func=lambda name: t(f"pages_access.action_{name}"),
            placeholder=t("pages_data.all"),
            key="audit_action",
            width=220,
        )
    wanted = [e for e in entries if (user is None or e.get("user") == user) and (action is None or e.get("action") == action)]
    return pl.DataFrame([_row(session, entry) for entry in wanted], schema=_schema())


def show(session: Session, found: pl.DataFrame) -> None:
    """The entries as a table."""
    t = session.t
    st.caption(t("pages_access.entries", count=session.fmt.count(found.height), days=audit.KEPT_DAYS))
    kinds = {"at": "moment", **dict.fromkeys(_COUNTS, "count")}
    widths = {"why": 260, "scope": 220, "user": 220}
    columns = [Column(name, t(f"pages_access.column_{name}"), kinds.get(name, "text"), width=widths.get(name)) for name in found.columns]
    tables.table(session, found, columns, key="audit", rows=18)


def sheet(session: Session, found: pl.DataFrame) -> export.Sheet:
    """The same, to take away; times in UTC, to the second."""
    t = session.t
    headers = {name: t(f"pages_access.column_{name}") for name in found.columns}
    frame = found.with_columns(pl.col("at").dt.strftime("%Y-%m-%d %H:%M:%S"))
    return export.Sheet(t("pages.audit_title"), frame, headers, dict.fromkeys(_COUNTS, "count"))


def _schema() -> dict[str, Any]:
    return {"at": pl.Datetime("us")} | dict.fromkeys(_TEXTS, pl.String) | dict.fromkeys(_COUNTS, pl.Int64)


def _row(session: Session, entry: audit.Entry) -> dict[str, Any]:
    """An entry in the reader's words."""
    t = session.t
    page, why = entry.get("page"), entry.get("why") or entry.get("status") or entry.get("way")
    return {
        "at": datetime.fromisoformat(entry["time"]).astimezone(UTC).replace(tzinfo=None),
        "user": str(entry.get("user") or "—"),
        "roles": t("pages.owner") if "owner" in (entry.get("roles") or ()) else role_names(t, entry.get("roles") or ()) or None,
        "scope": _scope(session, entry.get("scope")),
        "action": _worded(session, f"pages_access.action_{entry.get('action')}", entry.get("action")),
        "page": _worded(session, f"pages.{page}_title" if page in PAGES else f"pages_access.page_{page}", page),
        "why": _worded(session, f"pages_access.why_{why}", why),
        "load": _number(entry.get("load")),
        "rows": _number(entry.get("rows")),
    }


def _scope(session: Session, opened: Any) -> str | None:
    """What was open to somebody: everything, or regions and reps by id."""
    if not isinstance(opened, Mapping):
        return session.t("pages_access.scope_all") if opened == "all" else None
    ids = [*(opened.get("regions") or ()), *(opened.get("reps") or ())]
    return session.t("pages.list_comma").join(map(str, ids)) or None


def _worded(session: Session, key: str, code: Any) -> str | None:
    """What a code means; one we have no word for stays as it is."""
    return session.t(key) if key in session.t else None if code is None else str(code)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None
