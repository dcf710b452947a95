"""What was done to the data: when, by whom, what changed, and the way back. And what the last step on this page brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from data.access import KEEPERS
from data.keeping import upkeep
from data.keeping.upkeep import Change, Past
from data.loading.report import Report, message
from kpi.catalog import get
from pages.frame.session import Session
from pages.parts import data_remarks, data_upload
from pages.ui import tables
from pages.ui.format import plain
from pages.ui.tables import Column
from pages.ui.working import long_step

_MEMORY, _SURE = "data_past", "data_sure"
_COUNTED = ("completed_visits",)
_TOLD = 6
_STOPS = ("hold", "reject")


def past(session: Session) -> Past:
    """All changes; read again when a record or a snapshot has come."""
    loads = session.home / "loads"
    pointer = session.home / "CURRENT"
    named = pointer.read_text("utf-8") if pointer.exists() else ""
    mark = (str(session.home), session.scope.user, named, loads.stat().st_mtime_ns if loads.is_dir() else 0)
    kept = st.session_state.get(_MEMORY)
    if not kept or kept[0] != mark:
        kept = st.session_state[_MEMORY] = (mark, upkeep.past(session.home, session.scope))
    found: Past = kept[1]
    return found


def outcome(session: Session) -> None:
    """What the last load, undo or rollback on this page brought, until it is put away."""
    told = st.session_state.get(data_upload.RESULT)
    if told is None or not data_upload.may_load(session):
        return
    t = session.t
    with st.container(border=True, key="outcome"):
        if isinstance(told, Report):
            _loaded(session, told)
        else:
            done = {name: told.get(name) for name in ("undone", "snapshot")}
            st.success(t(f"pages_data.done_{told['kind']}", number=told["load_id"], **done))
            _restated(session, told.get("restated") or (), told["load_id"])
        if st.button(t("pages_data.put_away"), key="put_away"):
            del st.session_state[data_upload.RESULT]
            st.rerun()


def _loaded(session: Session, report: Report) -> None:
    """The report of a load: its outcome, what it changed, the account, the remarks, and the question if it is held."""
    t = session.t
    state = "unchanged" if report.status == "loaded" and not report.published else report.status
    box = {"loaded": st.success, "unchanged": st.info, "held": st.warning}.get(state, st.error)
    said = t(f"pages_data.outcome_{state}", number=report.load_id, day=session.fmt.day(report.as_of))
    why = [f"- {plain(f.file)}: {plain(message(one, t))}" for f in report.files for one in f.findings if one.severity in _STOPS]
    box("\n".join([said, "", *why[:_TOLD]]))
    _restated(session, report.restated, report.load_id)
    _detail(session, report, "outcome")
    if report.status == "held":
        _ask(session, "accept", report.load_id, "outcome", lambda advance, waiting: upkeep.accept(
            session.home, session.scope, report.load_id, progress=advance, waiting=waiting
        ))  # fmt: skip


def _restated(session: Session, changes: Sequence[Mapping[str, Any]], number: int) -> None:
    """Closed months that changed, a sentence each."""
    if changes:
        lines = [f"- {plain(sentence(session, change, number))}" for change in changes[:_TOLD]]
        rest = [f"- {session.t('pages_data.more_changes', count=len(changes) - _TOLD)}"] if len(changes) > _TOLD else []
        st.markdown("\n".join([session.t("pages_data.closed_months"), "", *lines, *rest]))


def sentence(session: Session, change: Mapping[str, Any], number: int) -> str:
    """June 2026 revenue −¥12,300.00 with load 57."""
    year, month = map(int, str(change["period"]).split("-"))
    name, moved = str(change["kpi"]), change["change"]
    plus = "+" if moved > 0 else ""
    amount = session.fmt.count(moved, sign=True) if name in _COUNTED else f"{plus}{session.fmt.money_full(moved)}"
    kpi = session.t(get(name).label_id) if name == "completed_visits" else session.t(f"pages_data.restated_{name}")
    return session.t("pages_data.restated", month=session.fmt.month(date(year, month, 1)), kpi=kpi, change=amount, number=number)


def _detail(session: Session, report: Report, key: str) -> None:
    """The account of every file, then the remarks with the list of all of them."""
    t = session.t
    files = [f for f in report.files if f.status != "ignored"]
    if not files:
        return
    counts = list(files[0].rows)
    rows: list[dict[str, Any]] = [
        {"file": f.file, "source": t(f"pages.source_{f.source}") if f.source else None, "state": _state(session, f.status), **f.rows}
        for f in files
    ]
    columns = [Column("file", t("pages.column_file")), Column("source", t("pages.column_source")), Column("state", t("pages.column_state"))]
    columns += [Column(name, t(f"pages.column_{name}"), "count") for name in counts]
    tables.table(session, pl.DataFrame(rows, schema_overrides={"source": pl.String}), columns, key=f"files_{key}", rows=6)
    sums = _sums(session, report)
    if sums.height:
        amounts = [Column("file", t("pages.column_file")), Column("amount", t("pages_data.column_amount", unit=session.fmt.symbol))]
        amounts += [Column(name, t(f"pages.column_{name}"), "exact") for name in counts]
        tables.table(session, sums, amounts, key=f"sums_{key}", rows=6)
    found = [(f.file, one) for f in files for one in f.findings]
    if found and data_upload.may_load(session):
        st.caption(t("pages_data.remarks_on", files=plain(t("pages.list_comma").join(dict.fromkeys(name for name, _ in found)))))
        data_remarks.remarks_table(session, found[0][0], [one for _, one in found], key=f"remarks_{key}")
        data_remarks.report_download(session, report, key)


def _sums(session: Session, report: Report) -> pl.DataFrame:
    rows = [
        {"file": f.file, "amount": data_remarks.field_name(session, column), **sums}
        for f in report.files
        for column, sums in f.sums.items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _state(session: Session, status: str) -> str:
    key = f"pages_data.status_{status}"
    return session.t(key) if key in session.t else status


def show(session: Session) -> None:
    """The list of changes, one of them closely, and what can be done about it."""
    t, told = session.t, past(session)
    if not told.changes:
        st.caption(t("pages_data.no_history"))
        return
    tables.table(session, *_board(session, told), key="history", rows=8)
    numbered = {change.number: change for change in told.changes}
    picked = st.selectbox(
        t("pages_data.which_change"), list(numbered), format_func=lambda number: _name(session, numbered[number]), index=None,
        placeholder=t("pages_data.choose"), key="which_change", width=420,
    )  # fmt: skip
    if picked in numbered:
        _closely(session, told, numbered[picked])
    if told.before and data_upload.may_load(session):
        at = (session.home, session.scope, told.before)
        _ask(session, "rollback", told.before, "history", lambda _, waiting: upkeep.rollback(*at, waiting=waiting))


def _board(session: Session, told: Past) -> tuple[pl.DataFrame, list[Column]]:
    t, comma = session.t, session.t("pages.list_comma")
    rows = [
        {
            "number": change.number,
            "kind": t(f"pages_data.kind_{change.kind}"),
            "at": change.at,
            "user": change.user,
            "state": _state(session, change.status),
            "loaded": change.count("loaded") if change.files else None,
            "quarantined": change.count("quarantined") if change.files else None,
            "changed": comma.join(sentence(session, one, change.number) for one in change.restated[:2]) or None,
            "files": comma.join(change.files) or None,
        }
        for change in told.changes
    ]
    kinds: dict[str, Any] = {"number": pl.Int64, "loaded": pl.Int64, "quarantined": pl.Int64, "at": pl.Datetime("us")}
    frame = pl.DataFrame(rows, schema={name: kinds.get(name, pl.String) for name in rows[0]})
    shown = {"number": "count", "loaded": "count", "quarantined": "count", "at": "moment"}
    names = {"number": "pages.column_load", "user": "pages.column_user", "loaded": "pages.column_loaded", "state": "pages.column_state"}
    names |= {"quarantined": "pages.column_quarantined"}
    widths = {"changed": 340, "files": 320}
    return frame, [Column(n, t(names.get(n, f"pages_data.column_{n}")), shown.get(n, "text"), width=widths.get(n)) for n in rows[0]]


def _name(session: Session, change: Change) -> str:
    words = (f"{change.number}", session.t(f"pages_data.kind_{change.kind}"), session.fmt.moment(change.at), change.user)
    return " · ".join((*words, _state(session, change.status)))


def _closely(session: Session, told: Past, change: Change) -> None:
    """One change with its files, and its undo or acceptance."""
    with st.container(border=True, key="change"):
        _restated(session, change.restated, change.number)
        if change.files:
            _detail(session, change.report, "change")
        if not data_upload.may_load(session):
            return
        at = (session.home, session.scope, change.number)
        if told.may_undo(change):
            _ask(session, "undo", change.number, "change", lambda advance, waiting: upkeep.undo(*at, progress=advance, waiting=waiting))
        if told.may_accept(change):
            _ask(session, "accept", change.number, "change", lambda advance, waiting: upkeep.accept(*at, progress=advance, waiting=waiting))


def _ask(session: Session, what: str, number: int, place: str, act: Callable[[Any, Any], Any]) -> None:
    """A button that asks once more before it acts."""
    t, key = session.t, f"{what}_{place}_{number}"
    if st.session_state.get(_SURE) != key:
        icon = ":material/check:" if what == "accept" else ":material/undo:"
        if st.button(t(f"pages_data.{what}", number=number), key=f"ask_{key}", icon=icon):
            st.session_state[_SURE] = key
            st.rerun()
        return
    st.warning(t(f"pages_data.{what}_sure", number=number))
    with st.container(horizontal=True):
        goes = st.button(t(f"pages_data.{what}_yes"), type="primary", key=f"yes_{key}")
        stays = st.button(t("pages_data.leave_it"), key=f"no_{key}")
    if goes or stays:
        del st.session_state[_SURE]
    if goes and KEEPERS & session.scope.roles and data_upload.may_load(session):
        with long_step(session, "load.step.merge") as (advance, waiting):
            st.session_state[data_upload.RESULT] = act(advance, waiting)
    if goes or stays:
        st.rerun()
