"""What a file looks like before anybody says what its columns are: sheets, headers, first rows, and what its cells can prove.

`glance` is the parent's side: it has the file looked at in a child and makes the answer anew from text and numbers.
`look` is the child's side, a task of data/reading/handover.py.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from data.checking import dates, numbers
from data.checking.cells import Evidence
from data.checking.rows import FILLED
from data.errors import FileRejected
from data.reading import headers, sandbox
from data.reading.excel import OLE
from data.reading.limits import Limits
from data.reading.mapping import Mapping, text_form
from data.reading.read import read_file
from data.reading.sheet import Sheet
from data.reading.tables import below, month_header

TOP = 20
_CELL, _SAMPLES, _LONGEST = 60, 5, 4 * 2**20
_RESULT = "look.json"
_UNSURE_DATE = r"^\s*[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}"
_UNSURE_NUMBER = r"[0-9][.,][0-9]{3}"


@dataclass(frozen=True)
class Cells:
    """One column of a sheet: its header, some values, how many cells prove either reading of a date or a number, and an unsure one.

    dates    day first, month first, either      numbers  point, comma, either
    """

    at: str
    header: str
    samples: tuple[str, ...] = ()
    dates: tuple[int, int, int] = (0, 0, 0)
    numbers: tuple[int, int, int] = (0, 0, 0)
    unsure_date: str = ""
    unsure_number: str = ""


@dataclass(frozen=True)
class Glimpse:
    """One visible sheet. header_row 0: none was found by known names, and `columns` are those of its first full row."""

    sheet: str | None
    delimiter: str
    header_row: int
    rows: int
    is_excel: bool
    titles: tuple[str, ...]
    columns: tuple[Cells, ...]

    @property
    def names(self) -> dict[str, str]:
        """The headers as written by column, as data/reading/headers.py wants them."""
        return {column.at: column.header for column in self.columns if column.header}

    def column(self, header: str) -> Cells | None:
        """The first column of that header."""
        return next((column for column in self.columns if column.header == header), None)


@dataclass(frozen=True)
class Look:
    """A file as it is: UTF-8, UTF-16, GB18030, xlsx or xls, and its visible sheets; no sheets where it cannot be read."""

    form: str = ""
    sheets: tuple[Glimpse, ...] = ()


def glance(file: Path, label: str, folder: Path, mappings: Sequence[Mapping], limits: Limits, *, keep_personal: bool = False) -> Look:
    """Look at one file in a child process. `folder` is new; `mappings` are those that read it."""
    size = file.stat().st_size
    if limits.file is not None and size > limits.file:
        return Look()
    folder.mkdir(mode=0o700)
    known = sorted({headers.plain(name) for m in mappings for name in m.columns.values() if name})
    order = {
        "file": str(file), "label": label, "folder": str(folder), "known": known, "form": text_form(mappings),
        "limits": asdict(limits), "keep_personal": keep_personal,
    }  # fmt: skip
    try:
        sandbox.readers().run("look", order, memory=limits.memory, seconds=limits.seconds_for(size))
        result = folder / _RESULT
        return _taken(json.loads(result.read_bytes())) if result.stat().st_size <= _LONGEST else Look()
    except (sandbox.Died, OSError, ValueError, KeyError, TypeError):
        return Look()  # preparing the file says why


def _taken(told: dict[str, Any]) -> Look:
    """The answer of a child, every value made anew."""
    return Look(str(told["form"]), tuple(_glimpse(one) for one in told["sheets"]))


def _glimpse(told: dict[str, Any]) -> Glimpse:
    columns = tuple(
        Cells(
            str(one["at"]), str(one["header"]), tuple(map(str, one["samples"])), _three(one["dates"]), _three(one["numbers"]),
            str(one["unsure_date"]), str(one["unsure_number"]),
        )
        for one in told["columns"]
    )  # fmt: skip
    sheet = None if told["sheet"] is None else str(told["sheet"])
    titles = tuple(map(str, told["titles"]))
    return Glimpse(sheet, str(told["delimiter"]), int(told["header_row"]), int(told["rows"]), bool(told["is_excel"]), titles, columns)


def _three(told: list[Any]) -> tuple[int, int, int]:
    first, second, either = map(int, told)
    return first, second, either


def look(file: str, label: str, folder: str, known: list[str], form: dict[str, str], limits: dict[str, Any], keep_personal: bool) -> None:
    """The child's side: look at the file and leave what was seen in the folder."""
    data, extra = Path(file).read_bytes(), frozenset(known)
    try:
        sheets = read_file(data, label, known=lambda cells: headers.known(cells, extra), limits=Limits(**limits), **form)
    except FileRejected:
        sheets = []
    seen = [asdict(_seen(sheet, extra, keep_personal)) for sheet in sheets if not sheet.hidden and sheet.width > 0]
    (Path(folder) / _RESULT).write_text(json.dumps({"form": form["encoding"] or _form(data), "sheets": seen}), "ascii")


def _form(data: bytes) -> str:
    """What the bytes are, in the words of data/reading/read.py."""
    if data.startswith((b"PK\x03\x04", OLE)):
        return "xls" if data.startswith(OLE) else "xlsx"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def _seen(sheet: Sheet, extra: Collection[str], keep_personal: bool) -> Glimpse:
    found = headers.find_header(sheet, extra) or month_header(sheet)
    table = below(sheet, found or headers.first_row(sheet))
    if table is None:
        return Glimpse(sheet.name, sheet.delimiter, 0, 0, sheet.is_excel, (), ())
    columns = tuple(
        _cells(at, header, table.rows[at], is_hidden=headers.is_personal(header) and not keep_personal)
        for at, header in table.names.items()
        if at in table.rows.columns
    )
    titles = tuple(title[:_CELL] for title in table.above)[:TOP]
    rows = table.rows.height + table.ragged.height + sum(piece.lines for piece in sheet.rest)
    return Glimpse(sheet.name, sheet.delimiter, found.row if found else 0, rows, sheet.is_excel, titles, columns)


def _cells(at: str, header: str, text: pl.Series, *, is_hidden: bool) -> Cells:
    header = header[: 4 * _CELL]
    if is_hidden:
        return Cells(at, header, (FILLED,) if (text != "").any() else ())
    samples = text.filter(text != "").unique(maintain_order=True).head(_SAMPLES)
    return Cells(
        at, header, tuple(value[:_CELL] for value in samples), _counts(dates.date_evidence(text)), _counts(numbers.number_evidence(text)),
        _first(text, _UNSURE_DATE), _first(text, _UNSURE_NUMBER),
    )  # fmt: skip


def _counts(evidence: Evidence) -> tuple[int, int, int]:
    return int(evidence.first), int(evidence.second), int(evidence.either)


def _first(text: pl.Series, shape: str) -> str:
    """The first cell of that shape."""
    found = text.filter(text.str.contains(shape)).head(1)
    return str(found[0])[:_CELL] if len(found) else ""
