"""Loading through the page: drop files in, see what each is taken for, answer what is asked, look at rows and sums, load or drop them.

Nothing is published before "Load". What is staged belongs to one reader's visit; somebody else's is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import polars as pl
import streamlit as st

from data.contracts import SOURCES
from data.errors import Finding
from data.keeping.upkeep import remarks_csv
from data.loading import answers, draft
from data.loading.draft import Checked
from data.loading.findings import advice
from data.loading.report import Report, message
from data.reading.glance import Glimpse
from data.reading.limits import MB, PAGE
from data.reading.prepare import Prepared
from pages.ui import export, mapping_form, tables
from pages.ui.format import plain
from pages.ui.judge import BAD, GOOD, NEUTRAL
from pages.ui.session import Session
from pages.ui.tables import Column
from pages.ui.working import long_step

SHOWN = 50
RESULT = "data_result"
_DESK, _ROUND = "data_desk", "data_round"
_ROLES = {"money": "exact", "goal": "exact", "qty": "exact", "rate": "exact", "pct": "rate", "days": "count", "date": "date"}
_VERDICTS = {"ready": GOOD, "held": BAD, "question": BAD, "rejected": BAD, "ignored": NEUTRAL}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_WEIGHT = ("reject", "hold", "error", "warning", "info")


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


@dataclass(frozen=True)
class Piece:
    """One sheet of one file: how it looks, and its rows if it was taken for a source."""

    checked: Checked
    sheet: Glimpse | None
    part: Prepared | None

    @property
    def source(self) -> str | None:
        """The source it is taken for."""
        if self.part:
            return self.part.source
        return next(iter(answers.candidates(self.sheet)), None) if self.sheet and self.sheet.columns else None


def may_load(session: Session) -> bool:
    """Whether this reader may load: looks after the data, and is somebody, in demo mode somebody at this machine."""
    return bool(draft.KEEPERS & session.scope.roles) and bool(session.who)


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
    pieces = _pieces(desk.checked)
    tables.table(session, *_overview(session, pieces), key="staged", rows=8)
    piece = _picked(session, pieces)
    _problems(session, piece.checked)
    if mapping_form.show(session, piece.checked, piece.sheet, piece.source):
        _check(session, desk)
        st.rerun()
    if piece.part:
        _contents(session, piece)
    _decide(session, desk, piece)


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
            staged = draft.stage(session.home, session.scope, [(file.name, file.getvalue()) for file in files])
            desk = st.session_state[_DESK] = Desk(session.scope.user, ids, staged)
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


def _pieces(checked: Sequence[Checked]) -> list[Piece]:
    """Every sheet of every file; a file that shows none is one piece."""
    found: list[Piece] = []
    for one in checked:
        parts = one.prepared.parts
        sheets = {sheet.sheet: sheet for sheet in one.look.sheets}
        read = [Piece(one, sheets.get(part.sheet), part) for part in parts]
        taken = {part.sheet for part in parts}
        found += read + [Piece(one, sheet, None) for name, sheet in sheets.items() if name not in taken] or [Piece(one, None, None)]
    return found


def _overview(session: Session, pieces: Sequence[Piece]) -> tuple[pl.DataFrame, list[Column]]:
    """What each sheet is taken for, how it is read, how many rows it has, and whether it may enter."""
    t = session.t
    rows = [
        {
            "file": piece.checked.upload.label,
            "sheet": piece.sheet.sheet if piece.sheet else None,
            "taken": t(f"pages.source_{piece.source}") if piece.source else None,
            "sure": t(f"pages_data.sure_{_certainty(piece)}"),
            "verdict": t(f"pages_data.verdict_{piece.checked.verdict}"),
            "read": piece.part.read if piece.part else piece.sheet.rows if piece.sheet else None,
            "quarantined": piece.part.quarantined.height if piece.part else None,
            "header_row": (piece.part.header_row if piece.part else piece.sheet.header_row if piece.sheet else 0) or None,
            "form": _form(session, piece),
            "dates": _style(session, piece, "dates"),
            "decimal": _style(session, piece, "decimal"),
        }
        for piece in pieces
    ]
    kinds = {"read": "count", "quarantined": "count", "header_row": "count"}
    names = ["file", "verdict", "taken", "sure", "read", "quarantined", "header_row", "form", "dates", "decimal"]
    if any(row["sheet"] for row in rows):
        names.insert(1, "sheet")
    schema = {name: pl.Int64 if name in kinds else pl.String for name in rows[0]}
    headers = {name: t(f"pages_data.column_{name}") for name in names}
    widths = {"file": 240, "dates": 160, "sure": 200}
    columns = [Column(name, headers[name], kinds.get(name, "text"), width=widths.get(name)) for name in names]
    return pl.DataFrame(rows, schema=schema), columns


def _certainty(piece: Piece) -> str:
    """How sure we are of the source: mapping · all · asked · several · near · none."""
    if piece.checked.mappings and piece.part:
        return "mapping"
    if piece.part:
        return "all"
    found = answers.candidates(piece.sheet) if piece.sheet and piece.sheet.columns else []
    if len(found) > 1:
        return "several"
    return "none" if not found or not piece.sheet else "asked" if answers.is_covered(piece.sheet) else "near"


def _form(session: Session, piece: Piece) -> str:
    delimiter = _DELIMITERS.get(piece.sheet.delimiter) if piece.sheet else None
    words = [piece.checked.look.form, session.t(f"pages_data.delimiter_{delimiter}") if delimiter else ""]
    return " · ".join(filter(None, words))


def _style(session: Session, piece: Piece, what: str) -> str | None:
    """How dates or numbers of the sheet are read, in words."""
    if piece.sheet is None or piece.source is None:
        return None
    mapping = mapping_form.mapping_of(piece.checked, piece.sheet)
    if what == "dates":
        return session.t(f"pages_data.dates_{answers.date_order(piece.sheet, piece.source, mapping)}")
    return session.t(f"pages_data.decimal_{answers.decimal_mark(piece.sheet, piece.source, mapping)}")


def _picked(session: Session, pieces: Sequence[Piece]) -> Piece:
    """The sheet to look at closely: the one chosen, else the first that waits for something."""
    names = [" · ".join(filter(None, [p.checked.upload.label, p.sheet.sheet if p.sheet else None])) for p in pieces]
    first = next((at for at, p in enumerate(pieces) if not p.checked.may_load), 0)
    if len(pieces) == 1:
        return pieces[0]
    at = st.selectbox(session.t("pages_data.look_at"), range(len(pieces)), index=first, format_func=names.__getitem__, key=f"pick_{names}")
    return pieces[at]


def _problems(session: Session, checked: Checked) -> None:
    """Why the file cannot enter, or what it is held for."""
    for found, box in ((checked.blocking, st.error), (checked.holds if checked.may_load else [], st.warning)):
        if found:
            lines = [f"- {plain(_asked(session, one))}" for one in found[:10]]
            key = "stopped" if box is st.error else "held"
            if checked.verdict == "question":
                key, box = "asked", st.warning
            box("\n".join([session.t(f"pages_data.problem_{key}", file=plain(checked.upload.label)), "", *lines]))


def _asked(session: Session, finding: Finding) -> str:
    """A remark; where the form below takes the answer, the question."""
    t, key = session.t, f"pages_data.ask_{finding.rule}"
    if key not in t:
        return message(finding, t)
    told, comma = dict(finding.params), t("pages.list_comma")
    for name in ("options", "field", "wanted", "sources"):
        if name in told:
            ids = told[name].replace(" / ", ", ").replace("+", ", ").split(", ")
            words = (t(f"pages.source_{one}") if name == "sources" else field_name(session, one) for one in ids)
            told[name] = comma.join(words)
    return t(key, column=finding.column, value=finding.value, **told)


def _contents(session: Session, piece: Piece) -> None:
    """Typed rows, the account and the remarks of one sheet."""
    t, part = session.t, piece.part
    assert part is not None
    remarks = [*piece.checked.prepared.findings, *part.findings]
    rows, sums, told = st.tabs([t("pages_data.tab_rows"), t("pages_data.tab_account"), t("pages_data.tab_remarks", count=len(remarks))])
    with rows:
        frame = draft.preview(part)
        st.caption(t("pages_data.first_rows", shown=frame.height, rows=session.fmt.count(part.accepted.height)))
        tables.table(session, *typed(session, part.source, frame), key="preview", rows=12)
    with sums:
        st.caption(t("pages_data.account_help"))
        tables.table(session, *account_board(session, draft.account(part)), key="account", rows=8)
        for column, printed in part.printed_totals.items():
            st.caption(t("pages_data.printed", column=field_name(session, column), total=session.fmt.money_full(printed)))
    with told:
        remarks_table(session, piece.checked.upload.label, remarks, key="remarks")
        if remarks:
            report_download(session, draft.remarks([piece.checked]), "remarks")


def typed(session: Session, source: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Column]]:
    """Accepted rows with our names for the columns, amounts with their unit."""
    t, contract = session.t, SOURCES[source]
    columns, series = [Column("_row", t("pages.column_row"), "count")], [frame["_row"]]
    for name in (c for c in frame.columns if c != "_row"):
        role = contract.column(name).role
        header = f"{field_name(session, name)} {session.fmt.symbol}" if role == "money" else field_name(session, name)
        values = frame[name].dt.strftime("%Y-%m-%d %H:%M") if role == "ts" else frame[name]
        columns.append(Column(name, header, _ROLES.get(role, "text")))
        series.append(_worded(session, values) if role in ("bool", "enum") else values)
    return pl.DataFrame(series), columns


def _worded(session: Session, values: pl.Series) -> pl.Series:
    if values.dtype == pl.Boolean:
        return values.replace_strict({True: session.t("pages_data.yes"), False: session.t("pages_data.no")}, return_dtype=pl.String)
    return tables.words(session, values.cast(pl.String))


def account_board(session: Session, account: Mapping[str, Mapping[str, Any]]) -> tuple[pl.DataFrame, list[Column]]:
    """Rows and each amount, to the cent: what was read and where it went."""
    t = session.t
    kinds = list(account["rows"])
    words = pl.Series("what", [t(f"pages_data.account_{kind}") for kind in kinds])
    stored = {name: pl.Int64() if name == "rows" else pl.Decimal(38, 4) for name in account}
    sums = [pl.Series(name, [told[kind] for kind in kinds], stored[name]) for name, told in account.items()]
    columns = [Column("what", t("pages_data.column_what")), Column("rows", t("pages.column_rows"), "count")]
    columns += [Column(name, f"{field_name(session, name)} {session.fmt.symbol}", "exact") for name in account if name != "rows"]
    return pl.DataFrame([words, *sums]), columns


def remarks_table(session: Session, file: str, found: Sequence[Finding], *, key: str) -> None:
    """The first remarks, the gravest on top: where, what, and what to do."""
    t = session.t
    if not found:
        st.caption(t("pages_data.no_remarks"))
        return
    told = sorted(found, key=lambda one: _WEIGHT.index(one.severity))[:SHOWN]
    rows = [
        {
            "file": file, "sheet": one.sheet, "row": one.row, "column": one.column, "message": message(one, t),
            "severity": t(f"pages_data.severity_{one.severity}"), "value": one.value, "do": advice(one.rule, one.severity, t),
        }
        for one in told
    ]  # fmt: skip
    kinds: dict[str, Any] = {"row": pl.Int64}
    frame = pl.DataFrame(rows, schema={name: kinds.get(name, pl.String) for name in rows[0]})
    widths = {"message": 420, "do": 320}
    names = ("severity", *(("sheet",) if frame["sheet"].null_count() < frame.height else ()), "row", "column", "value", "message", "do")
    columns = [Column(n, t(f"pages_data.column_{n}"), "count" if n == "row" else "text", width=widths.get(n)) for n in names]
    tables.table(session, frame, columns, key=key, rows=10)
    if len(found) > SHOWN:
        st.caption(t("pages_data.more_remarks", shown=SHOWN, count=session.fmt.count(len(found))))


def report_download(session: Session, report: Report, key: str) -> None:
    """All remarks as CSV, made on the click."""
    home, scope, t = session.home, session.scope, session.t
    st.download_button(
        t("pages_data.all_remarks"),
        lambda: remarks_csv(home, scope, report, t),
        csv_name("remarks", session.warehouse.as_of),
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"csv_{key}",
    )


def csv_name(stem: str, as_of: date) -> str:
    """A file name nobody can guess, as of the workbook's."""
    return export.file_name(stem, as_of).removesuffix(".xlsx") + ".csv"


def field_name(session: Session, name: str) -> str:
    """Our name of a column in the reader's words."""
    key = f"pages_data.field_{name}"
    return session.t(key) if key in session.t else name


def _decide(session: Session, desk: Desk, piece: Piece) -> None:
    """Leave a file out, say how old the exports are, load or drop everything."""
    t, label = session.t, piece.checked.upload.label
    if len(desk.checked) > 1:
        out = st.checkbox(t("pages_data.leave_out", file=plain(label)), value=label in desk.left_out, key=f"out_{label}")
        (desk.left_out.add if out else desk.left_out.discard)(label)
    ready = [c for c in desk.chosen if c.may_load or c.verdict == "ignored"]
    stopped = [c.upload.label for c in desk.chosen if c not in ready]
    if stopped:
        st.caption(t("pages_data.not_yet", files=plain(t("pages.list_comma").join(stopped))))
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
