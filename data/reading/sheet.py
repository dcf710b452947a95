"""A sheet: rows of text cells with the row numbers a person counts, before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from data.reading.regular import Piece, Regular

NO_ROWS = pl.DataFrame(schema={"_row": pl.Int64, "raw": pl.String})


@dataclass(frozen=True)
class Sheet:
    """Cells as text.

    rows      _row: Int64 (the first row of the file is 1), c0…cN: String; a blank cell is empty text; blank rows are absent
    ragged    _row, raw: rows whose number of cells is not the header's
    hidden    hidden sheets are listed, never read: `rows` is empty
    merged    (column, first row, last row) of cells merged downwards
    uncached  (row, column) of formulas stored without a value
    lost      (row, column) of numbers of more than 15 digits: a spreadsheet has rounded them
    is_excel  cells were typed by a spreadsheet: numbers have a decimal point, dates may be serials
    has_control  a control character may be in a cell; False where it is known that there is none
    is_plain  every cell is known to be printable ASCII (see Regular in data/reading/regular.py)
    rest      of a very long sheet: what comes after `rows`, not read yet
    """

    name: str | None
    rows: pl.DataFrame
    ragged: pl.DataFrame = field(default_factory=lambda: NO_ROWS)
    delimiter: str = ""
    hidden: bool = False
    merged: tuple[tuple[int, int, int], ...] = ()
    uncached: tuple[tuple[int, int], ...] = ()
    lost: tuple[tuple[int, int], ...] = ()
    is_excel: bool = False
    is_1904: bool = False
    has_control: bool = True
    is_plain: bool = False
    rest: tuple[Piece, ...] = ()

    @staticmethod
    def of(regular: Regular, delimiter: str, rest: tuple[Piece, ...] = ()) -> Sheet:
        """The sheet of regular text."""
        rows, has_control, is_plain = regular
        return Sheet(None, rows, delimiter=delimiter, has_control=has_control, is_plain=is_plain, rest=rest)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows.columns) - 1


def text_frame(rows: Sequence[int], columns: Iterable[Sequence[str]]) -> pl.DataFrame:
    """A frame of text columns c0…cN with their row numbers."""
    cells = [pl.Series(f"c{i}", list(column), dtype=pl.String) for i, column in enumerate(columns)]
    return pl.DataFrame([pl.Series("_row", list(rows), dtype=pl.Int64), *cells])


def is_trimmed(text: pl.Series) -> bool:
    """Whether no cell begins or ends with a blank."""
    return not (text.str.starts_with(" ").any() or text.str.ends_with(" ").any())


def without_blank(rows: pl.DataFrame, *, is_plain: bool = False) -> pl.DataFrame:
    """The rows that hold anything. Of plain text one look tells it where the first column is filled and trimmed."""
    if is_plain and not (rows[:, 1] == "").any() and is_trimmed(rows[:, 1]):
        return rows
    if len(rows.columns) > 1 and not any(rows[c].str.contains(r"\S").all() for c in rows.columns[1:]):
        rows = rows.filter(pl.any_horizontal(pl.exclude("_row").str.contains(r"\S")))
    return rows
