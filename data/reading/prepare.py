"""One export file, from bytes to typed rows: read, map, check. Knows no warehouse."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Dictionary
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import polars as pl

from data.checking import judge
from data.checking.account import Outcome
from data.checking.rows import Rows, Table, Terms
from data.contracts import SOURCES
from data.errors import FileRejected, Finding, shown
from data.reading import headers
from data.reading.limits import COMMAND, Limits
from data.reading.mapping import Mapping, shape, text_form
from data.reading.parcel import Accepted
from data.reading.read import read_file, read_long
from data.reading.regular import Bytes, NotApart
from data.reading.sheet import Sheet
from data.reading.tables import below, month_header, staged, widened

_MEANT = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb")  # who names a file so means it as data: unreadable, it is rejected


@dataclass(frozen=True)
class Prepared:
    """One sheet of one file as rows of one source; every row read is in exactly one of accepted, quarantined, skipped."""

    source: str
    sheet: str | None
    header_row: int
    accepted: Accepted  # the contract's columns, typed, plus _row
    quarantined: pl.DataFrame  # _row: Int64, reasons: List(String) of rule codes, raw: String (the row as JSON), and the key if readable
    skipped: int  # totals, notes, further equal copies
    read: int
    findings: tuple[Finding, ...] = ()
    # column -> {"read" | "quarantined" | "skipped" -> sum}; what was accepted is summed from the rows themselves
    amounts: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    printed_totals: dict[str, Decimal] = field(default_factory=dict)
    mode: str = ""  # window | snapshot | upsert | open_items: the contract's, unless a mapping says otherwise
    window_on: tuple[str, ...] = ()  # the load date: the first of these that is filled
    headers: dict[str, str] = field(default_factory=dict)  # column -> its header as written
    whole: tuple[str, ...] = ()  # line numbers were counted by us: rows of one such key, e.g. ("order_id",), are replaced together


@dataclass(frozen=True)
class PreparedFile:
    """What became of one file.

    status       ready · ignored (no export of ours) · held (an admin must accept; without parts, a setting is needed first) · rejected
    findings     remarks about the file as a whole; a part's own remarks are in the part
    exported_on  the day of the export as its name says, where a mapping tells how to read it
    fingerprint  SHA-256 over the bytes, the mapping used and the joined files: equal fingerprints mean equal rows
    """

    label: str
    status: str
    parts: tuple[Prepared, ...] = ()
    findings: tuple[Finding, ...] = ()
    exported_on: date | None = None
    fingerprint: str = ""


def prepare(
    data: Bytes,
    label: str,
    *,
    time_zone: str,
    currency: str,
    received_on: date,
    rates: pl.DataFrame | None = None,
    mappings: Sequence[Mapping] = (),
    others: Dictionary[str, bytes] | None = None,
    limits: Limits = COMMAND,
    folder: Path | None = None,
    keep_personal: bool = False,
    digest: str = "",
) -> PreparedFile:
    """Turn one file's bytes into typed rows of the sources it holds. Never raises for what is in the file.

    label     the user's name of the file; matched by mappings, shown in messages, never opened
    rates     currency: String, date: Date, rate: Decimal, units of company currency for one of `currency`
    mappings  from data.reading.mapping.read_mappings(home / "mappings")
    others    the other files of the same command by label, for mappings that join them
    limits    how much the file may hold
    folder    where a very long table may be put down instead of being kept in memory
    keep_personal  whether phones and contacts are kept; else only if they are filled, here and in what is set aside
    digest    the SHA-256 of the bytes, where the caller has taken it already
    """
    mine = [m for m in mappings if m.reads(label)]
    if not mine and any(m.joins(label) for m in mappings):
        return PreparedFile(label, "ignored", findings=(Finding("joined_only", "info"),), fingerprint=sha256(data).hexdigest())
    job = _Job(label, mine, Terms(time_zone, currency, received_on, rates, keep_personal), others or {}, limits)
    try:
        parts = job.parts(data, folder)
    except FileRejected as error:
        job.tell(error.code, "reject", **error.params)
        parts = []
    status = _status(job, parts)
    findings = () if status == "ignored" else tuple(job.findings)
    return PreparedFile(label, status, tuple(parts), findings, job.exported_on(), job.fingerprint(data, digest))


def _status(job: _Job, parts: list[Prepared]) -> str:
    """The worst of what was found. A file that nobody meant as an export (README, LICENSE) and that cannot be read as one is ignored."""
    severities = {f.severity for f in (*job.findings, *(f for part in parts for f in part.findings))}
    if "reject" in severities:
        return "rejected" if job.is_meant or parts else "ignored"
    if "hold" in severities:
        return "held"
    return "ready" if parts else "ignored"


class _Job:
    """One file on its way: what to tell, and which mappings and other files it uses."""

    def __init__(self, label: str, mappings: Sequence[Mapping], terms: Terms, others: Dictionary[str, bytes], limits: Limits) -> None:
        self.label = label
        self.mappings = mappings
        self.terms = terms
        self.others = others
        self.limits = limits
        self.findings: list[Finding] = []
        self.used: dict[str, bytes] = {}
        self.folder: Path | None = None
        self.form = text_form(mappings)
        self.is_meant = bool(mappings) or label.casefold().endswith(_MEANT)

    def known(self, cells: Collection[str]) -> int:
        """How many cells are headers that a source or one of our mappings knows."""
        return headers.known(cells, self._extra())

    def _extra(self) -> frozenset[str]:
        return frozenset(headers.plain(name) for m in self.mappings for name in m.columns.values() if name)

    def tell(self, rule: str, severity: str, sheet: str | None = None, source: str | None = None, **params: Any) -> None:
        """One remark about the file."""
        row = params.pop("row", None)
        column = params.pop("column", None)
        params.pop("file", None)
        told = tuple(sorted((key, shown(value)) for key, value in params.items()))
        self.findings.append(Finding(rule, severity, source, sheet, row, column, None, told))

    def exported_on(self) -> date | None:
        """The day of the export, from the first mapping that reads it in the file name."""
        return next((day for m in self.mappings if (day := m.export_date(self.label))), None)

    def fingerprint(self, data: Bytes, known: str = "") -> str:
        """What decides the rows: the bytes alone, or with the mappings and the files they joined."""
        if known and not (self.terms.keep_personal or self.mappings or self.used):
            return known
        digest = sha256(data)
        if self.terms.keep_personal:
            digest.update(b"keep_personal")
        for mapping in self.mappings:
            digest.update(mapping.text.encode())
        for name in sorted(self.used):
            digest.update(sha256(self.used[name]).digest())
        return digest.hexdigest()

    def parts(self, data: Bytes, folder: Path | None) -> list[Prepared]:
        """The rows of every source in the file; very long text is taken in pieces where that cannot make a difference."""
        long = read_long(data, known=self.known, limits=self.limits) if folder and not any(self.form.values()) else None
        if long:
            self.folder = folder
            with suppress(NotApart):
                return self.sheets([long])
            self.findings, self.used = [], {}
        return self.sheets(read_file(data[:], self.label, known=self.known, limits=self.limits, **self.form))

    def sheets(self, sheets: Sequence[Sheet]) -> list[Prepared]:
        """Every visible sheet that is rows of a source, by its mappings or by its headers."""
        parts: list[Prepared] = []
        for sheet in sheets:
            if sheet.hidden:
                self.tell("hidden_sheet", "info", sheet.name)
                continue
            mine = [m for m in self.mappings if fnmatch(sheet.name or "", m.sheet)]
            for mapping in mine:
                parts += self._mapped(sheet, mapping)
            if not self.mappings:
                parts += self._recognised(sheet)
        if self.mappings and not parts and not self.findings:
            self.tell("no_sheet", "reject", sheets=", ".join(s.name or "" for s in sheets))
        return parts

    def _mapped(self, sheet: Sheet, mapping: Mapping) -> list[Prepared]:
        if mapping.sql and sheet.rest:
            raise NotApart
        table = self._shaped(sheet, mapping) if mapping.sql else below(sheet, self._header(sheet, mapping))
        if table is None:
            self.tell("no_header", "reject", sheet.name, mapping.source)
            return []
        return self._part(widened(table, mapping, self.label), mapping.source, mapping)

    def _header(self, sheet: Sheet, mapping: Mapping) -> headers.Header | None:
        found = headers.find_header(sheet, self._extra(), mapping.header_row)
        return found or headers.first_row(sheet)

    def _shaped(self, sheet: Sheet, mapping: Mapping) -> Table | None:
        """The table a mapping's query makes of this sheet and the other files it names."""
        base = below(sheet, self._header(sheet, mapping))
        if base is None:
            return None
        tables = {"this": staged(base)}
        for name, pattern in mapping.tables.items():
            tables[name] = self._other(pattern, mapping)
        made = shape(mapping.sql, tables, self.label, mapping.origin)
        if "_row" not in mapping.sql and not re.search(r"\*", mapping.sql):
            self.tell("rows_renumbered", "info", sheet.name, mapping.source)
        columns = [name for name in made.columns if name != "_row"]
        made.columns = ["_row", *(f"c{i}" for i in range(len(columns)))]
        names = {f"c{i}": name for i, name in enumerate(columns)}
        bare = replace(sheet, merged=(), uncached=(), lost=(), has_control=True, is_plain=False)
        return Table(bare, names, base.header_row, made, base.ragged)

    def _other(self, pattern: str, mapping: Mapping) -> pl.DataFrame:
        """Another file of the same command, staged as text."""
        label = next((name for name in self.others if replace(mapping, files=(pattern,)).reads(name)), None)
        if label is None:
            raise FileRejected("joined_file_missing", file=self.label, pattern=pattern, mapping=mapping.origin)
        self.used[label] = self.others[label]
        sheets = [s for s in read_file(self.others[label], label, known=self.known, limits=self.limits) if not s.hidden and s.rows.height]
        table = below(sheets[0], self._header(sheets[0], mapping)) if sheets else None
        if table is None:
            raise FileRejected("joined_file_missing", file=self.label, pattern=pattern, mapping=mapping.origin)
        return staged(table)

    def _recognised(self, sheet: Sheet) -> list[Prepared]:
        header = headers.find_header(sheet) or month_header(sheet)
        table = below(sheet, header)
        if table is None:
            return []
        table = widened(table, None, self.label)
        found, near = headers.recognise(table.names)
        if len(found) > 1:
            self.tell("ambiguous_source", "reject", sheet.name, sources=", ".join(m.source for m in found), row=table.header_row)
            return []
        if near is not None:
            self._missing(near, table)
            return []
        return self._part(table, found[0].source, None) if found else []

    def _missing(self, match: headers.Match, table: Table) -> None:
        for wanted in match.missing:
            meant = headers.suggest(wanted, match.extra, match.source)
            rule = "missing_column_suggest" if meant else "missing_column"
            seen = ", ".join(table.names.values())
            self.tell(rule, "reject", table.sheet.name, match.source, row=table.header_row, wanted=wanted, seen=seen, suggestion=meant)

    def _part(self, table: Table, source: str, mapping: Mapping | None) -> list[Prepared]:
        """The table as rows of one source, unless its headers leave something to ask."""
        match = headers.match(table.names, source, mapping)
        before = len(self.findings)
        where: dict[str, Any] = {"sheet": table.sheet.name, "source": source, "row": table.header_row}
        for header in match.absent:
            self.tell("mapped_header_missing", "reject", wanted=header, seen=", ".join(table.names.values()), **where)
        for column, found in match.doubles.items():
            self.tell("two_columns", "reject", field=column, headers=", ".join(found), **where)
        for header, options in match.questions.items():
            self.tell("ambiguous_header", "reject", column=header, options=", ".join(options), **where)
        if match.missing:
            self._missing(match, table)
        self._scales(match, table, mapping)
        if len(self.findings) > before:
            return []
        if match.extra:
            self.tell("extra_columns", "info", columns=", ".join(match.extra), **where)
        return self._checked(table, match, mapping)

    def _scales(self, match: headers.Match, table: Table, mapping: Mapping | None) -> None:
        """Ask about columns whose header, or the title above, says 万: only a mapping's `factors` confirms what it multiplies by."""
        contract, confirmed = SOURCES[match.source], mapping.factors if mapping else {}
        above = headers.title_scale(table.above)
        for column, at in match.columns.items():
            role = contract.column(column).role
            zeros = headers.scale(table.names[at]) or (above if role in ("money", "goal") else 0)
            if zeros and role in ("money", "goal", "qty") and column not in confirmed:
                told = {"field": column, "factor": str(10**zeros), "row": table.header_row, "column": table.names[at]}
                self.tell("scale_unconfirmed", "reject", table.sheet.name, match.source, **told)

    def _checked(self, table: Table, match: headers.Match, mapping: Mapping | None) -> list[Prepared]:
        rows = Rows(table, match, mapping, self.terms)
        if not table.rows.height and table.sheet.rest:
            raise NotApart
        if not table.rows.height and not table.ragged.height:
            self.tell("no_rows", "hold", table.sheet.name, match.source, row=table.header_row)
            return []
        if table.sheet.rest and self.folder:
            outcome: Outcome | None = judge.run_apart(rows, table.sheet.rest, Path(mkdtemp(dir=self.folder)))
        else:
            outcome = judge.run(rows)
        if outcome is None:
            self.findings += rows.findings
            return []
        part = Prepared(
            source=match.source, sheet=table.sheet.name, header_row=table.header_row,
            accepted=outcome.accepted, quarantined=outcome.quarantined, skipped=outcome.skipped, read=outcome.read,
            findings=outcome.findings, amounts=outcome.amounts, printed_totals=outcome.printed,
            mode=(mapping.mode if mapping else "") or rows.contract.mode,
            window_on=(mapping.window_on,) if mapping and mapping.window_on else rows.contract.window_on,
            headers={name: rows.header(name) for name in match.columns}, whole=rows.whole,
        )  # fmt: skip
        return [part]
