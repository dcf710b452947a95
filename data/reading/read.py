"""Bytes to sheets of text: what the file really is, its encoding, its delimiter, its lines. Nothing is typed or guessed here.

read_file      one file's bytes → its visible sheets
read_delimited CSV text → one sheet; the workbook side is in data/reading/excel.py
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator

import polars as pl

from data.errors import FileRejected
from data.reading import excel
from data.reading.limits import COMMAND, Limits
from data.reading.regular import DELIMITERS, Bytes, first_piece, has_control, read_regular
from data.reading.sheet import NO_ROWS, Sheet, text_frame

HEADER_WITHIN = 20
_AGREES = 0.5  # a delimiter is real when at least this share of the lines has the header's number of cells
_RARE = 3  # one sign in so many outside the usual set (GB2312) makes GB18030 doubtful
_CHUNK = 50_000
_FORMATS = {
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"SQLite format 3": "SQLite",
    b"PAR1": "Parquet",
    b"{\\rtf": "RTF",
}
_MARKUP = re.compile(rb"\s*<(\?xml|!doctype|html|table|meta|head|body|workbook)", re.IGNORECASE)
# One cell field may be longer than the csv module's 128 KB; the cell limit is checked per row, not by a crash here.
csv.field_size_limit(2**31 - 1)


def read_file(
    data: bytes,
    label: str,
    *,
    known: Callable[[Collection[str]], int] = lambda cells: 0,
    limits: Limits = COMMAND,
    encoding: str = "",
    delimiter: str = "",
) -> list[Sheet]:
    """The sheets of one file, every cell as text.

    label  the user's name of the file, for messages only: what it is, its first bytes say
    known  how many of these cells are headers somebody knows; helps to find the header row, hence the delimiter
    encoding, delimiter  of text, where a mapping says them; else the file itself decides
    Raises FileRejected when the file is empty, damaged, protected, undecodable, has an open quote or is of another kind.
    """
    if not data.strip(b"\x00\r\n\t ") or data in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise FileRejected("empty_file", file=label)
    if data.startswith((b"PK\x03\x04", excel.OLE)):
        sheets = excel.read_workbook(data, label, limits)
    else:
        sheets = [read_delimited(decode(data, label, encoding), label, known, delimiter)]
    for sheet in sheets:
        _bear(sheet, label, limits)
    return sheets


def read_long(data: Bytes, *, known: Callable[[Collection[str]], int], limits: Limits = COMMAND) -> Sheet | None:
    """The one sheet of very long regular text with only its first rows read; None for everything else."""
    found = first_piece(data, known)
    if found is None:
        return None
    regular, delimiter, rest = found
    if limits.rows is not None and rest[-1].first_row + rest[-1].lines - 1 > limits.rows:
        return None
    sheet = Sheet.of(regular, delimiter, rest)
    return None if limits.columns is not None and sheet.width > limits.columns else sheet


def _bear(sheet: Sheet, label: str, limits: Limits) -> None:
    """Refuse a sheet that is longer or wider than the limits."""
    for code, found, most in (("too_many_rows", sheet.rows.height, limits.rows), ("too_many_columns", sheet.width, limits.columns)):
        if most is not None and found > most:
            raise FileRejected(code, file=label, sheet=sheet.name, limit=most, found=found)


def decode(data: bytes, label: str, encoding: str = "") -> str:
    """The text of a delimited file: its byte-order mark, else what is said, else UTF-8, else GB18030; no replacement character."""
    for mark, marked in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return _decoded(data[len(mark) :], marked, label)
    if encoding:
        return _decoded(data, encoding, label)
    kind = next((name for start, name in _FORMATS.items() if data.startswith(start)), None)
    if kind is None and _MARKUP.match(data[:200]):
        kind = "HTML/XML"
    if kind is None and data[:4096].count(0) * 10 > len(data[:4096]):
        kind = "binary"
    if kind is not None:
        raise FileRejected("wrong_format", file=label, format=kind)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as utf8:
        try:
            return _usual(_not_replaced(data.decode("gb18030"), label), label)
        except UnicodeDecodeError:
            raise _undecodable(data, utf8, label) from None


def _decoded(data: bytes, encoding: str, label: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error, label) from None


def _undecodable(data: bytes, error: UnicodeDecodeError, label: str) -> FileRejected:
    newline = "\n".encode(error.encoding)
    return FileRejected("undecodable", file=label, encoding=error.encoding, row=data[: error.start].count(newline) + 1, offset=error.start)


def _not_replaced(text: str, label: str) -> str:
    """GB18030 can spell private-use and unassigned characters; text made of them is another encoding read as GB18030."""
    odd = re.search("[\ue000-\uf8ff\ufffd\x80-\x9f]", text)
    if odd:
        raise FileRejected(
            "undecodable",
            file=label,
            encoding="gb18030",
            row=text[: odd.start()].count("\n") + 1,
            offset=len(text[: odd.start()].encode("gb18030")),
        )
    return text


def _usual(text: str, label: str) -> str:
    """Western text (Müller in windows-1252) also reads as GB18030, but as signs hardly anybody writes: where they abound, refuse."""
    foreign = {c for c in set(text) if c > "\x7f"}
    rare = {c for c in foreign if not c.encode("gb2312", "ignore") and len(c.encode("gb18030")) == 2}  # four bytes are no accident
    if len(rare) * _RARE > len(foreign):
        at = next(at for at, c in enumerate(text) if c in rare)
        word = re.search(r"[^\s,;|]*$", text[:at]).group() + re.match(r"[^\s,;|]*", text[at:]).group()  # type: ignore[union-attr]
        raise FileRejected("encoding_unsure", file=label, row=text[:at].count("\n") + 1, word=word)
    return text


def read_delimited(text: str, label: str, known: Callable[[Collection[str]], int] = lambda cells: 0, delimiter: str = "") -> Sheet:
    """One sheet from delimited text. Rows whose cell count is not the header's are set aside, neither padded nor cut."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    encoded = plain.encode()
    if not delimiter and (regular := read_regular(encoded, known)):
        return Sheet.of(*regular)
    odd = has_control(encoded)
    lines = _lines(plain)
    delimiter, width = _shape(lines, known, (delimiter,) if delimiter else DELIMITERS)
    whole = _whole_records(lines, delimiter)
    simple = lines.head(whole)
    frame, ragged = _split(simple, delimiter, width)
    if whole < lines.height:
        rest = _parse(_tail(text, whole), delimiter, label, first_row=whole + 1)
        more, wrong = _fit(rest, delimiter, width)
        frame, ragged = pl.concat([frame, more]), pl.concat([ragged, wrong])
    return Sheet(None, frame, ragged.sort("_row"), delimiter=delimiter, has_control=odd)


def _lines(text: str) -> pl.DataFrame:
    """Physical lines, counted from 1; blank ones are dropped but keep their number."""
    lines = pl.Series("line", [text], dtype=pl.String).str.split("\n").explode()
    return lines.to_frame().with_row_index("_row", offset=1).with_columns(pl.col("_row").cast(pl.Int64))


def _tail(text: str, lines: int) -> io.StringIO:
    """The text after so many lines, its line ends untouched: inside quotes they belong to the cell."""
    reader = io.StringIO(text, newline="")
    for _ in range(lines):
        reader.readline()
    rest = reader.read()
    return io.StringIO(rest, newline="")


def _shape(lines: pl.DataFrame, known: Callable[[Collection[str]], int], delimiters: Collection[str]) -> tuple[str, int]:
    """Delimiter and number of cells: the header row decides, all rows are asked whether they agree."""
    filled = lines.filter(pl.col("line").str.contains(r"\S"))
    has_quote = filled["line"].str.contains('"', literal=True).any()
    bare = filled["line"].str.replace_all(r'"(?:[^"]|"")*"', "") if has_quote else filled["line"]
    best: tuple[tuple[float, ...], str, int] = ((-1.0,), ",", 1)
    beginning = "".join(bare.head(HEADER_WITHIN))
    for delimiter in (d for d in delimiters if d in beginning):
        counts = bare.str.count_matches(delimiter, literal=True)
        top = list(zip(filled["line"].head(HEADER_WITHIN), counts.head(HEADER_WITHIN), strict=True))
        usual = counts.filter(counts > 0).mode().max()
        if usual is None:
            continue
        for place, (line, count) in enumerate(top):
            if count == 0:
                continue
            names = known(next(_records(io.StringIO(line), delimiter), [])) if names_possible(line) else 0
            if names < 2 and count != usual:
                continue
            agreement = (counts == count).sum() / len(counts)
            score = (float(names), float(agreement >= _AGREES), -float(place), round(agreement, 2), float(count))
            best = max(best, (score, delimiter, count + 1))
    return best[1], best[2]


def names_possible(line: str) -> bool:
    """Whether a line may hold column names at all: at least one letter."""
    return any(c.isalpha() for c in line)


def _records(source: io.StringIO, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(source, delimiter=delimiter)
    except csv.Error:
        return


def _whole_records(lines: pl.DataFrame, delimiter: str) -> int:
    """How many lines from the top are records on their own; from there on a quoted cell may span lines."""
    d = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{d}]*)'
    quoted = lines.with_row_index("at").filter(pl.col("line").str.contains('"', literal=True))
    broken = quoted.filter(~pl.col("line").str.contains(rf"^{cell}(?:{d}{cell})*$"))
    return int(broken["at"][0]) if broken.height else lines.height


def _split(lines: pl.DataFrame, delimiter: str, width: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells of lines that are whole records, without a Python step for those that hold no quote."""
    filled = lines.filter(pl.col("line").str.contains(r"\S"))
    has_quote = pl.col("line").str.contains('"', literal=True)
    plain, quoted = filled.filter(~has_quote), filled.filter(has_quote)
    fits = pl.col("line").str.count_matches(delimiter, literal=True) == width - 1
    cells = plain.filter(fits).select("_row", pl.col("line").str.split_exact(delimiter, width - 1).alias("cells"))
    good = cells.unnest("cells")
    good.columns = ["_row", *(f"c{i}" for i in range(width))]
    parts, odd = [good], [plain.filter(~fits).select("_row", pl.col("line").alias("raw"))]
    for chunk in quoted.iter_slices(_CHUNK):
        records = csv.reader(chunk["line"], delimiter=delimiter, strict=True)
        frame, ragged = _fit(list(zip(chunk["_row"], records, strict=True)), delimiter, width)
        parts.append(frame)
        odd.append(ragged)
    return pl.concat(parts).sort("_row"), pl.concat(odd).sort("_row")


def _parse(text: io.StringIO, delimiter: str, label: str, first_row: int) -> list[tuple[int, list[str]]]:
    """Records of text with cells that span lines, each with the line it starts on as an editor counts it."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    start = 0  # lines before the record
    try:
        for record in reader:
            records.append((first_row + start, record))
            start = reader.line_num
    except csv.Error as error:
        if "unexpected end" in str(error):
            opened = _opened_at(text.getvalue(), start, delimiter)
            raise FileRejected("open_quote", file=label, row=first_row + start + opened) from None
        raise FileRejected("bad_quote", file=label, row=first_row + reader.line_num - 1) from None
    return [(row, record) for row, record in records if any(cell.strip() for cell in record)]


def _opened_at(text: str, start: int, delimiter: str) -> int:
    """How many lines below the record's first line its never-closed quote stands."""
    rest = "".join(list(io.StringIO(text, newline=""))[start:])
    at, line, opened, fresh = 0, 0, 0, True
    inside = False
    while at < len(rest):
        c = rest[at]
        if inside and c == '"' and rest[at + 1 : at + 2] == '"':
            at += 1
        elif c == '"' and (inside or fresh):
            inside, opened = not inside, line
        fresh = not inside and c in (delimiter, "\n", "\r")
        line += c == "\n" or (c == "\r" and rest[at + 1 : at + 2] != "\n")
        at += 1
    return opened


def _fit(records: list[tuple[int, list[str]]], delimiter: str, width: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records of the right width as columns, the others as raw text."""
    good = [(row, record) for row, record in records if len(record) == width]
    odd = [(row, delimiter.join(record)) for row, record in records if len(record) != width]
    frame = text_frame([row for row, _ in good], zip(*(record for _, record in good), strict=True) if good else [()] * width)
    ragged = pl.DataFrame(odd, schema=NO_ROWS.schema, orient="row") if odd else NO_ROWS
    return frame, ragged
