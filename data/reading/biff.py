"""Workbooks of Excel 97 (.xls): what the reader does not tell about their cells, out of the records of the file itself.

`marks` gives per sheet what `data.reading.excel` finds in the XML of newer workbooks. The file is a small file system (OLE): chains of
sectors, one of which, the stream "Workbook", is a list of records (kind, length, content).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from data.reading.formats import Shows, percent, shows

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_BUILT_IN = {9: percent, 10: percent}
_BOF, _EOF, _DATEMODE, _FILEPASS, _FORMAT, _XF, _SHEET, _MERGED = 0x809, 0x0A, 0x22, 0x2F, 0x41E, 0xE0, 0x85, 0xE5
_NUMBER, _RK, _MULRK, _FORMULA, _ERROR = 0x203, 0x27E, 0xBD, 0x06, 0x205
_TEXTS = (0xFD, 0x204, 0xD6)
_NO_NUMBER = b"\xff\xff"  # the result of a formula is a text, a truth value or an error
_ROUNDED = 10**15  # a number of more digits has been rounded by the spreadsheet
_END = 0xFFFFFFFA  # this and above mark the end of a chain
_LEAST = 4096  # Excel opens no smaller stream; it would lie elsewhere


class NotReadable(Exception):
    """The file is not built as such a workbook is."""


@dataclass
class Cells:
    """Of one sheet: rows counted from 1, columns from 0."""

    merged: list[tuple[int, int, int]] = field(default_factory=list)
    uncached: list[tuple[int, int]] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    first_column: int = 2**16


@dataclass(frozen=True)
class Book:
    """The sheets by name, whether days count from 1904, and whether a password closes it."""

    sheets: dict[str, Cells]
    is_1904: bool
    is_protected: bool


def marks(data: bytes) -> Book:
    """What is in the records. Raises NotReadable."""
    try:
        return _book(_stream(data))
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise NotReadable from error


def _book(stream: bytes) -> Book:
    formats: dict[int, Shows | None] = {**_BUILT_IN}
    styles: list[int] = []
    places: list[tuple[str, int]] = []
    is_1904 = is_protected = False
    is_new = True
    for kind, body in _records(stream, 0):
        if kind == _BOF:
            is_new = struct.unpack_from("<H", body)[0] >= 0x600
        elif kind == _DATEMODE:
            is_1904 = body[:2] == b"\1\0"
        elif kind == _FILEPASS:
            is_protected = True
        elif kind == _FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = shows(_text(body[2:], 2 if is_new else 1, is_new))
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _SHEET:
            places.append((_text(body[6:], 1, is_new), struct.unpack_from("<I", body)[0]))
    if is_protected:  # everything behind is cipher
        return Book({}, is_1904, is_protected)
    by_style = {at: how for at, number in enumerate(styles) if (how := formats.get(number))}
    return Book({name: _cells(stream, at, by_style) for name, at in places}, is_1904, is_protected)


def _cells(stream: bytes, start: int, by_style: dict[int, Shows]) -> Cells:
    found = Cells()
    for kind, body in _records(stream, start):
        for row, column, style, value in _numbers_in(kind, body):
            found.first_column = min(found.first_column, column)
            if value.is_integer() and abs(value) >= _ROUNDED:
                found.lost.append((row + 1, column))
            if how := by_style.get(style):
                found.texts[(row + 1, column)] = how(str(int(value)) if value.is_integer() else repr(value))
        if kind == _MERGED:
            ranges = struct.iter_unpack("<HHHH", body[2 : 2 + 8 * struct.unpack_from("<H", body)[0]])
            found.merged += [(left, top + 1, bottom + 1) for top, bottom, left, right in ranges if left == right and top != bottom]
        elif kind in (_FORMULA, _ERROR, *_TEXTS):
            row, column = struct.unpack_from("<HH", body)
            found.first_column = min(found.first_column, column)
            if kind == _FORMULA and body[12:14] == _NO_NUMBER and body[6] == 3:
                found.uncached.append((row + 1, column))
            elif kind == _FORMULA and body[12:14] == _NO_NUMBER and body[6] == 2:
                found.texts[(row + 1, column)] = _ERRORS.get(body[8], "#N/A")
            elif kind == _ERROR and body[7]:
                found.texts[(row + 1, column)] = _ERRORS.get(body[6], "#N/A")
    return found


def _numbers_in(kind: int, body: bytes) -> Iterator[tuple[int, int, int, float]]:
    """Row, column, style and value of every number of a record."""
    if kind == _NUMBER or (kind == _FORMULA and body[12:14] != _NO_NUMBER):
        yield struct.unpack("<HHHd", body[:14])
    elif kind == _RK:
        row, column, style, packed = struct.unpack("<HHHI", body[:10])
        yield row, column, style, _unpacked(packed)
    elif kind == _MULRK:
        row, column = struct.unpack_from("<HH", body)
        for at in range((len(body) - 6) // 6):
            style, packed = struct.unpack_from("<HI", body, 4 + 6 * at)
            yield row, column + at, style, _unpacked(packed)


def _unpacked(packed: int) -> float:
    """A number in its short form: 30 bits of a whole number, or the first half of a float; both perhaps of its hundredfold."""
    if packed & 2:
        value = float(struct.unpack("<i", struct.pack("<I", packed))[0] >> 2)
    else:
        value = float(struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", packed & ~3))[0])
    return value / 100 if packed & 1 else value


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Kind and content of every record of one part of the stream, without those of charts within it."""
    at, depth = start, 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _text(body: bytes, width: int, is_new: bool) -> str:
    """A text with its length before it, in one or two bytes a character."""
    length = int.from_bytes(body[:width], "little")
    if not is_new:
        return body[width : width + length].decode("latin-1")
    is_wide = body[width] & 1
    start = width + 1
    return body[start : start + length * (2 if is_wide else 1)].decode("utf-16-le" if is_wide else "latin-1")


def _stream(data: bytes) -> bytes:
    """The stream "Workbook" (before Excel 97 "Book") of an OLE file."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    directory, more = (struct.unpack_from("<I", data, at)[0] for at in (48, 68))

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    def chain(start: int, following: tuple[int, ...]) -> Iterator[int]:
        for _ in range(len(following) + 1):
            if start >= _END:
                return
            yield start
            start = following[start]
        raise NotReadable

    tables = list(struct.unpack_from("<109I", data, 76))
    for _ in range(len(data) // size):
        if more >= _END:
            break
        *listed, more = struct.unpack(f"<{size // 4}I", sector(more))
        tables += listed
    following = _numbers(b"".join(sector(number) for number in tables if number < _END))
    entries = b"".join(sector(number) for number in chain(directory, following))
    for name in ("workbook", "book"):
        for at in range(0, len(entries), 128):
            entry = entries[at : at + 128]
            told = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le")
            start, length = struct.unpack_from("<II", entry, 116)
            if told.casefold() == name and length >= _LEAST:
                return b"".join(sector(number) for number in chain(start, following))[:length]
    raise NotReadable


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
