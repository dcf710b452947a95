"""Workbooks: looked over before they are opened (a small file can unpack to a huge one), then read as text."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import fastexcel
import polars as pl

from data.errors import FileRejected
from data.reading import biff
from data.reading.formats import Shows, percent, shows
from data.reading.limits import COMMAND, Limits
from data.reading.sheet import Sheet, without_blank

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RATIO_FROM = 2**20  # small members may well be very compressible
_BLOCK = 2**20
_MAX_EMPTY = 20_000_000  # cells a sheet may span beyond what it holds: the reader lays the whole rectangle out in memory
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
_UNCACHED = re.compile(rb'<c r="([A-Z]{1,3})([0-9]+)"(?![^>]*t="str")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v></v>|<v/>|)</c>')
_LOST = re.compile(rb'<c r="([A-Z]{1,3})([0-9]+)"(?: s="[0-9]+")?(?: t="n")?><v>(?:[0-9]{16,}|[0-9]\.[0-9]+E\+(?:1[5-9]|[2-9][0-9]))</v>')
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})([0-9]+)"[^>]* t="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]+)</v>')
_FILLED = re.compile(rb'<c r="([A-Z]{1,3})[0-9]+"[^>]*[^/>]>(?!</c>)')
_FILLED_A = re.compile(rb'<c r="A[0-9]+"[^>]*[^/>]>(?!</c>)')
_ONE_LETTER = 26  # columns A to Z
_BLURRED = bytes.maketrans(
    b"123456789BCDEFGHIJKLMNOPQRSTUVWXYZ", b"000000000" + b"A" * 25
)  # a shape of digits or letters is one text to find
_STYLED = r'<c r="([A-Z]{{1,3}})([0-9]+)" s="({})"(?: t="n")?>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]+)</v>'
_PERCENTS = {"9": percent, "10": percent}  # the formats every workbook has


@dataclass(frozen=True)
class _Marks:
    """What the reader does not tell about one sheet, found in its XML."""

    merged: tuple[tuple[int, int, int], ...]
    uncached: tuple[tuple[int, int], ...]
    lost: tuple[tuple[int, int], ...]
    texts: dict[tuple[int, int], str]  # cells to show otherwise than they came: by their number format, or because they are errors
    first_column: int = 0


_NO_MARKS = _Marks((), (), (), {})


def read_workbook(data: bytes, label: str, limits: Limits = COMMAND) -> list[Sheet]:
    """Every sheet of a workbook as text; hidden ones are named but not read.

    Raises FileRejected for a damaged, protected, dangerous or unknown workbook.
    """
    is_zip = data.startswith(b"PK")
    archive = _checked(data, label, limits) if is_zip else None
    old = None if is_zip else _old(data, label)
    try:
        book = fastexcel.read_excel(data)
        marks = _marks(archive, label, limits) if archive else {}
        if limits.sheets is not None and len(book.sheet_names) > limits.sheets:
            raise FileRejected("too_many_sheets", file=label, limit=limits.sheets, found=len(book.sheet_names))
        is_1904 = old.is_1904 if old else archive is not None and _is_1904(archive)
        if old:
            marks = {name: _marks_of(cells) for name, cells in old.sheets.items()}
        return [_sheet(book, name, marks.get(name, _NO_MARKS), is_1904) for name in book.sheet_names]
    except fastexcel.FastExcelError as error:
        code = "protected_workbook" if "password" in str(error).lower() else "damaged_workbook"
        raise FileRejected(code, file=label) from None


def _old(data: bytes, label: str) -> biff.Book:
    """The records of a workbook of Excel 97. Raises FileRejected where they cannot be read or are behind a password."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileRejected("protected_workbook", file=label)
    try:
        book = biff.marks(data)
    except biff.NotReadable:
        raise FileRejected("damaged_workbook", file=label) from None
    if book.is_protected:
        raise FileRejected("protected_workbook", file=label)
    return book


def _marks_of(cells: biff.Cells) -> _Marks:
    return _Marks(tuple(cells.merged), tuple(cells.uncached), tuple(cells.lost), cells.texts, cells.first_column)


def _checked(data: bytes, label: str, limits: Limits) -> zipfile.ZipFile:
    """The archive, once its directory shows a workbook of a bearable size."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError):
        raise FileRejected("damaged_workbook", file=label) from None
    members = archive.infolist()
    names = {m.filename for m in members}
    if "xl/workbook.bin" in names:  # its number formats, merges and errors cannot be seen
        raise FileRejected("wrong_format", file=label, format="XLSB")
    if "xl/workbook.xml" not in names:
        raise FileRejected("wrong_format", file=label, format="ZIP")
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise FileRejected("dangerous_workbook", file=label, why="path")
    packed = [m for m in members if m.file_size > _RATIO_FROM and m.file_size > limits.ratio * max(m.compress_size, 1)]
    if sum(m.file_size for m in members) > limits.unpacked or packed:
        raise FileRejected("dangerous_workbook", file=label, why="size")
    _refuse_entities(archive, label)
    return archive


def _refuse_entities(archive: zipfile.ZipFile, label: str) -> None:
    """No part of a workbook declares entities: they could call files in, or grow without end."""
    for name in archive.namelist():
        if name.endswith((".xml", ".rels", ".vml")):
            try:
                with archive.open(name) as stream:
                    head = stream.read(4096).replace(b"\0", b"")
            except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError):
                raise FileRejected("damaged_workbook", file=label) from None
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise FileRejected("dangerous_workbook", file=label, why="entity")


def _marks(archive: zipfile.ZipFile, label: str, limits: Limits) -> dict[str, _Marks]:
    """Per sheet name: merges, formulas without value, rounded numbers, cells the reader shows otherwise. Refuses far-away cells."""
    styled = _shown_styles(archive)
    found = {}
    for name, member in _members(archive):
        try:
            xml = _bounded(archive, member, label, limits)
        except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError):
            raise FileRejected("damaged_workbook", file=label) from None
        blurred = xml.translate(_BLURRED)
        _refuse_far_cells(xml, blurred, label)
        may_be_lost = b"<v>" + 16 * b"0" in blurred or (b"+" in xml and b"E+" in xml)
        found[name] = _Marks(
            tuple(
                (_index(a), int(b), int(d)) for a, b, c, d in (_MERGE.findall(xml) if b"<mergeCell " in xml else ()) if a == c and b != d
            ),
            tuple((int(row), _index(column)) for column, row in _UNCACHED.findall(xml)) if b"<f" in xml else (),
            tuple((int(row), _index(column)) for column, row in (_LOST.findall(xml) if may_be_lost else ())),
            _shown(xml, styled) | {(int(r), _index(c)): text.decode() for c, r, text in (_ERROR.findall(xml) if b't="e"' in xml else ())},
            0 if _FILLED_A.search(xml) else min((_index(c) for c in set(_FILLED.findall(xml))), default=0),
        )
    return found


def _bounded(archive: zipfile.ZipFile, member: str, label: str, limits: Limits) -> bytes:
    """A member's bytes, counted while they are read: a directory may lie about sizes."""
    blocks, total = [], 0
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            total += len(block)
            if total > limits.unpacked:
                raise FileRejected("dangerous_workbook", file=label, why="size")
            blocks.append(block)
    return b"".join(blocks)


def _refuse_far_cells(xml: bytes, blurred: bytes, label: str) -> None:
    cells, is_wide = xml.count(b"<c "), b'<c r="AA' in blurred
    if not is_wide and b' r="0000000' not in blurred and 50 * cells + _MAX_EMPTY >= 10**6 * _ONE_LETTER:
        return  # rows of at most six digits cannot be far away
    rows = max((int(r) for r in re.findall(rb'<row [^>]*?r="([0-9]+)"', xml)), default=0)
    if rows * _ONE_LETTER > 50 * cells + _MAX_EMPTY or is_wide:
        wide = max((_index(c) for c in set(re.findall(rb'<c r="([A-Z]{1,3})', xml))), default=0) + 1
    else:
        wide = _ONE_LETTER
    if rows * wide > 50 * cells + _MAX_EMPTY:
        raise FileRejected("dangerous_workbook", file=label, why="far")


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Sheet names with their XML member."""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    rels = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<Relationship [^>]*>", rels):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        targets[attributes.get("Id", "")] = attributes.get("Target", "")
    for tag in re.findall(r"<sheet [^>]*>", book):
        attributes = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        target = targets.get(attributes.get("r:id", ""), "")
        member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if member in archive.namelist():
            yield _plain(attributes.get("name", "")), member


def _plain(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def _shown_styles(archive: zipfile.ZipFile) -> dict[str, Shows]:
    """Cell styles that show a number as something else (001501, 13%), and how."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = archive.read("xl/styles.xml").decode("utf-8", "replace")
    formats: dict[str, Shows] = {**_PERCENTS}
    for tag in re.findall(r"<numFmt [^>]*>", styles):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if how := shows(_plain(told.get("formatCode", ""))):
            formats[told.get("numFmtId", "")] = how
    block = re.search(r"<cellXfs.*?</cellXfs>", styles, re.DOTALL)
    used = re.findall(r'<xf [^>]*?numFmtId="(\d+)"', block.group()) if block else []
    return {str(at): formats[number] for at, number in enumerate(used) if number in formats}


def _shown(xml: bytes, styles: dict[str, Shows]) -> dict[tuple[int, int], str]:
    if not styles:
        return {}
    cell = re.compile(_STYLED.format("|".join(styles)).encode())
    return {(int(row), _index(column)): styles[style.decode()](number.decode()) for column, row, style, number in cell.findall(xml)}


def _is_1904(archive: zipfile.ZipFile) -> bool:
    return re.search(rb'date1904="(1|true)"', archive.read("xl/workbook.xml")) is not None


def _index(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    at = 0
    for letter in letters:
        at = at * 26 + letter - 64
    return at - 1


def _sheet(book: fastexcel.ExcelReader, name: str, marks: _Marks, is_1904: bool) -> Sheet:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")  # skip_rows=0: count leading blank rows
    frame = sheet.to_polars()
    width = frame.width
    frame.columns = [f"c{marks.first_column + i}" for i in range(width)]  # the reader starts at the first column in use
    if sheet.visible != "visible":
        return Sheet(name, frame.clear().select(pl.lit(0, pl.Int64).alias("_row"), pl.all()), hidden=True, is_excel=True)
    frame = (
        frame.select(pl.all().cast(pl.String).fill_null("")).with_row_index("_row", offset=1).with_columns(pl.col("_row").cast(pl.Int64))
    )
    frame = without_blank(_put(frame, marks.texts))
    return Sheet(name, frame, merged=marks.merged, uncached=marks.uncached, lost=marks.lost, is_excel=True, is_1904=is_1904)


def _put(frame: pl.DataFrame, cells: dict[tuple[int, int], str]) -> pl.DataFrame:
    """The frame with these (row, column) cells replaced."""
    for at in sorted({column for _, column in cells}):
        name = f"c{at}"
        if name in frame.columns:
            texts = {row: text for (row, column), text in cells.items() if column == at}
            frame = frame.with_columns(pl.col("_row").replace_strict(texts, default=pl.col(name), return_dtype=pl.String).alias(name))
    return frame
