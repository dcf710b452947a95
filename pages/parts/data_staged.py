"""Files that are staged: what each sheet is taken for, what stops it, and its rows, account and remarks before anything counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl
import streamlit as st

from data.contracts import SOURCES
from data.errors import Finding
from data.loading import answers, draft
from data.loading.draft import Checked
from data.loading.report import message
from data.reading.glance import Glimpse
from data.reading.prepare import Prepared
from pages.frame.session import Session
from pages.parts import data_mapping
from pages.parts.data_remarks import field_name, remarks_table, report_download
from pages.ui import tables
from pages.ui.format import plain
from pages.ui.tables import Column

_ROLES = {"money": "exact", "goal": "exact", "qty": "exact", "rate": "exact", "pct": "rate", "days": "count", "date": "date"}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


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


def pieces_of(checked: Sequence[Checked]) -> list[Piece]:
    """Every sheet of every file; a file that shows none is one piece."""
    found: list[Piece] = []
    for one in checked:
        parts = one.prepared.parts
        sheets = {sheet.sheet: sheet for sheet in one.look.sheets}
        read = [Piece(one, sheets.get(part.sheet), part) for part in parts]
        taken = {part.sheet for part in parts}
        found += read + [Piece(one, sheet, None) for name, sheet in sheets.items() if name not in taken] or [Piece(one, None, None)]
    return found


def overview(session: Session, pieces: Sequence[Piece]) -> tuple[pl.DataFrame, list[Column]]:
    """What each sheet is taken for, how it is read, how many rows it has, and whether it may enter."""
    t = session.t
    rows = [
        {
            "file": piece.checked.upload.label,
            "sheet": piece.sheet.sheet if piece.sheet else None,
            "taken": t(f"pages.source_{piece.source}") if piece.source else None,
            "sure": t(f"pages_data.sure_{_certainty(piece)}") if piece.sheet else None,
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
    words = [piece.checked.look.form if piece.sheet else "", session.t(f"pages_data.delimiter_{delimiter}") if delimiter else ""]
    return " · ".join(filter(None, words))


def _style(session: Session, piece: Piece, what: str) -> str | None:
    """How dates or numbers of the sheet are read, in words."""
    if piece.sheet is None or piece.source is None:
        return None
    mapping = data_mapping.mapping_of(piece.checked, piece.sheet)
    if what == "dates":
        return session.t(f"pages_data.dates_{answers.date_order(piece.sheet, piece.source, mapping)}")
    return session.t(f"pages_data.decimal_{answers.decimal_mark(piece.sheet, piece.source, mapping)}")


def problems(session: Session, checked: Checked) -> None:
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


def contents(session: Session, piece: Piece) -> None:
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
        st.caption(" ".join(filter(None, [t("pages_data.account_help"), _dates(session, part)])))
        account = {name: told for name, told in draft.account(part).items() if name == "rows" or any(told.values())}
        tables.table(session, *account_board(session, account), key="account", rows=8)
        _own_totals(session, piece, account)
        for column, printed in part.printed_totals.items():
            st.caption(t("pages_data.printed", column=field_name(session, column), total=session.fmt.money_full(printed)))
    with told:
        remarks_table(session, piece.checked.upload.label, remarks, key="remarks")
        if remarks:
            report_download(session, draft.remarks([piece.checked]), "remarks")


def _dates(session: Session, part: Prepared) -> str:
    """From which day to which the rows reach."""
    found = draft.dates(part)
    words = session.t("pages.list_comma").join(field_name(session, name) for name in part.window_on if name in part.headers)
    return (
        session.t("pages_data.dates_reach", column=words, first=session.fmt.day(found[0]), last=session.fmt.day(found[1])) if found else ""
    )


def _own_totals(session: Session, piece: Piece, account: Mapping[str, Mapping[str, Any]]) -> None:
    """The reader's own system says how much it is: equal to the rows of the file, or how far from it."""
    t, fmt = session.t, session.fmt
    for place, (name, sums) in zip(st.columns(3), ((n, s) for n, s in account.items() if n != "rows"), strict=False):
        said = place.text_input(
            t("pages_data.own_total", column=field_name(session, name)), help=t("pages_data.own_total_help"),
            key=f"own_{piece.checked.upload.path}_{piece.source}_{name}",
        )  # fmt: skip
        if said and said.strip():
            found, summed = amount_of(said), sums["read"] - sums["skipped"]
            if found is None:
                place.warning(t("pages_data.own_total_unread"))
            elif found == summed:
                place.success(t("pages_data.own_total_equal", total=fmt.money_full(summed)))
            else:
                place.warning(t("pages_data.own_total_differs", total=fmt.money_full(summed), difference=fmt.money_full(found - summed)))


def amount_of(said: str) -> Decimal | None:
    """An amount as a person types it, 1,234.50; None for anything else."""
    try:
        found = Decimal(said.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


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
