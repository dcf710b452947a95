"""The short way through delimited text: text without quotes whose counts prove that every line has the same number of cells.

Such text needs no reading line by line: the engine's parser takes it whole, as text. Whatever is not proven goes the general way
(data/reading/read.py), which gives the same sheet; a test holds the two against each other. Very long text is read in pieces, one at a
time, so that memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import mmap
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

DELIMITERS = (",", ";", "\t", "|")
PIECE = 8 * 2**20  # bytes
_TOP = 20
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32), 127])
_PLAIN = bytes(sorted({*range(32, 127)} - {*b'"#+'}))


Bytes = bytes | mmap.mmap


class NotApart(Exception):
    """Long text that cannot be read or judged in pieces after all; it goes the general way."""


class Regular(NamedTuple):
    """Rows (_row, c0…) of regular text, whether a control character is in them, and whether they are plain.

    Plain is printable ASCII without + # ", which errors of a spreadsheet and its ways of showing a number would need: nothing in it
    is folded, at most trimmed.
    """

    rows: pl.DataFrame
    has_control: bool
    is_plain: bool


@dataclass(frozen=True)
class Piece:
    """Some lines of long text: where they stand, the number of the first, how many they are, and how they are delimited."""

    data: Bytes
    start: int
    end: int
    first_row: int
    lines: int
    delimiter: str

    def read(self, cells: int) -> Regular:
        """Its rows. Raises NotApart unless it is regular."""
        found = _parsed(_plain(_part(self.data, self.start, self.end)), self.delimiter, cells, self.first_row, self.lines)
        if found is None:
            raise NotApart
        return found


def bytes_of(file: Path) -> Bytes:
    """The bytes of a file; a long one is looked at where it lies, so that memory need not hold it."""
    if file.stat().st_size <= 2 * PIECE:
        return file.read_bytes()
    with file.open("rb") as source:
        return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


def _part(data: Bytes, start: int, end: int) -> bytes:
    part = data[start:end]
    if isinstance(data, mmap.mmap):  # what was looked at need not stay
        begin = start - start % mmap.PAGESIZE
        data.madvise(mmap.MADV_DONTNEED, begin, end - begin)
    return part


def has_control(text: bytes) -> bool:
    """Whether a control character is anywhere in UTF-8 text, so that not every cell need be asked."""
    return _has_unknown(text) or len(text.translate(None, _CONTROL)) < len(text)


def _has_unknown(text: bytes) -> bool:
    return not text.isascii() and "\ufffd".encode() in text


def read_regular(text: bytes, known: Callable[[Collection[str]], int]) -> tuple[Regular, str] | None:
    """Rows and delimiter of regular UTF-8 text; None if it is not proven regular.

    Line ends must be plain newlines.
    """
    text = text.rstrip(b"\n")
    top = text[: _line_end(text, _TOP)].decode("utf-8").split("\n")
    delimiter = _named(top, known)
    if not delimiter:
        return None
    found = _parsed(text, delimiter, top[0].count(delimiter) + 1, 1, text.count(b"\n") + 1)
    return None if found is None else (found, delimiter)


def first_piece(data: Bytes, known: Callable[[Collection[str]], int]) -> tuple[Regular, str, tuple[Piece, ...]] | None:
    """Rows and delimiter of the first lines of long UTF-8 text, and the pieces after them; None for other text."""
    start = len(codecs.BOM_UTF8) if data[: len(codecs.BOM_UTF8)] == codecs.BOM_UTF8 else 0
    ends = []
    while len(data) - start > 2 * PIECE and (end := data.find(b"\n", start + PIECE) + 1):
        ends.append((start, end))
        start = end
    ends.append((start, len(data)))
    if len(ends) == 1:
        return None
    try:
        text = _plain(_part(data, *ends[0]))
    except NotApart:
        return None
    found = read_regular(text, known)
    if found is None or text.endswith(b"\n\n"):
        return None
    pieces, row = [], 1 + text.count(b"\n")
    for start, end in ends[1:]:
        part = _part(data, start, end)
        lines = part.count(b"\n") + (not part.endswith(b"\n"))
        pieces.append(Piece(data, start, end, row, lines, found[1]))
        row += lines
    return *found, tuple(pieces)


def _line_end(text: bytes, lines: int) -> int:
    """Where the first so many lines end."""
    end = -1
    for _ in range(lines):
        end = text.find(b"\n", end + 1)
        if end < 0:
            return len(text)
    return end


def _plain(text: bytes) -> bytes:
    """UTF-8 text with plain line ends. Raises NotApart where that leaves a doubt."""
    try:
        if not text.isascii():
            text.decode("utf-8")
    except UnicodeDecodeError:
        raise NotApart from None
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
        if b"\r" in text:
            raise NotApart
    return text


def _parsed(text: bytes, delimiter: str, cells: int, first_row: int, lines: int) -> Regular | None:
    """So many lines as rows; None if not all of them have so many cells."""
    if not text.endswith(b"\n"):
        text += b"\n"
    # The parser drops a mark at the very beginning, and lets a delimiter pass at the very end.
    if b'"' in text or text.startswith(codecs.BOM_UTF8) or cells < 2:
        return None
    schema = {f"c{at}": pl.String for at in range(cells)}
    try:
        frame = pl.read_csv(
            text, has_header=False, separator=delimiter, quote_char=None, schema=schema, empty_string_is_null=False,
            missing_columns="raise",
        )  # fmt: skip
    except pl.exceptions.PolarsError:  # a longer line
        return None
    if frame.height != lines:
        return None
    # A shorter line is filled up with blank cells: where the last cell of no line is blank, none is shorter, and nothing is left over
    # for longer ones or control characters. Else the delimiters must be counted by themselves.
    mark, ends_filled = delimiter.encode(), not (frame[f"c{cells - 1}"] == "").any()
    frame = frame.select(pl.int_range(first_row, first_row + lines, dtype=pl.Int64).alias("_row"), pl.all())
    if ends_filled and len(text.translate(None, _PLAIN.replace(mark, b""))) == lines * cells:
        return Regular(frame, has_control=False, is_plain=True)
    marks = len(text) - len(text.translate(None, _CONTROL + mark + b"\n"))
    if not (ends_filled and marks == lines * cells) and text.count(mark) != lines * (cells - 1):
        return None
    if delimiter == "\t" and not frame["c0"].str.contains(r"\S").all():  # a line of tabs is a blank line
        frame = frame.filter(pl.any_horizontal(pl.exclude("_row").str.contains(r"\S")))
    return Regular(frame, has_control=marks > lines * cells or _has_unknown(text), is_plain=False)


def _named(top: list[str], known: Callable[[Collection[str]], int]) -> str:
    """The delimiter that makes known names of a line, if it alone does; "" where all lines must be asked."""
    found = {d: max(known(line.split(d)) if d in line else 0 for line in top) for d in DELIMITERS}
    best = max(found, key=lambda d: found[d])
    rivals = [d for d in DELIMITERS if d != best and found[d] >= found[best]]
    return "" if rivals or found[best] < 2 else best
