"""One table on its way: its text, its typed columns, and what is wrong with which row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from data.checking.cells import Style
from data.contracts import SOURCES, STORED, Contract
from data.errors import Finding, shown
from data.reading.headers import Match
from data.reading.mapping import Mapping
from data.reading.sheet import NO_ROWS, Sheet, is_trimmed

_STORED = {
    "VARCHAR": pl.String, "DATE": pl.Date, "TIMESTAMP": pl.Datetime("us"), "INTEGER": pl.Int32, "BOOLEAN": pl.Boolean,
    "DECIMAL(18,4)": pl.Decimal(18, 4), "DECIMAL(18,8)": pl.Decimal(18, 8), "DECIMAL(9,6)": pl.Decimal(9, 6),
}  # fmt: skip
FILLED = "●"  # stands for personal data that was there and is not kept
_NO_FAILURES = pl.DataFrame(
    schema={"_i": pl.UInt32, "_row": pl.Int64, "rule": pl.String, "column": pl.String, "value": pl.String, "detail": pl.String}
)


@dataclass(frozen=True)
class Terms:
    """What the company says about every file: its clock, its currency, the day of receipt, its dated rates, its word on personal data."""

    time_zone: str
    currency: str
    received_on: date
    rates: pl.DataFrame | None = None
    keep_personal: bool = False


@dataclass(frozen=True)
class Table:
    """The rows below one header, still text: names are c0… → header as written."""

    sheet: Sheet
    names: dict[str, str]
    header_row: int
    rows: pl.DataFrame
    ragged: pl.DataFrame = field(default_factory=lambda: NO_ROWS)

    @property
    def above(self) -> list[str]:
        """The cells above the header: titles, and the unit of all amounts."""
        rows = self.sheet.rows.filter(pl.col("_row") < self.header_row).drop("_row")
        return [cell for row in rows.iter_rows() for cell in row if cell]


class Rows:
    """One table on its way to typed rows: the text, the typed columns, and what is wrong with which row."""

    def __init__(self, table: Table, match: Match, mapping: Mapping | None, terms: Terms) -> None:
        self.table = table
        self.match = match
        self.mapping = mapping
        self.terms = terms
        self.contract: Contract = SOURCES[match.source]
        self.text = table.rows
        self.height = table.rows.height
        self.typed = pl.DataFrame({"_row": table.rows["_row"]})
        self.signs: dict[str, pl.Series] = {}
        self.skip = pl.repeat(None, self.height, dtype=pl.String, eager=True)
        self.findings: list[Finding] = []
        self.whole: tuple[str, ...] = ()
        self.styles: dict[str, Style] = {}
        self.plain: frozenset[str] = frozenset()  # our columns of which every cell is written in the one plain way
        self.blank: set[str] = set()  # our columns that are empty in every row, because nothing fills them
        self.keys = pl.Series(dtype=pl.UInt64)  # of the rows that were asked for duplicates, hashed
        self.zeros = {name: len(str(factor)) - 1 for name, factor in (mapping.factors if mapping else {}).items()}
        self._bad: list[pl.DataFrame] = []

    def header(self, column: str) -> str:
        """The header of our column as written, else our own name for it."""
        at = self.match.columns.get(column)
        return self.table.names.get(at, column) if at else column

    def cells(self, column: str) -> pl.Series:
        """The text of one of our columns: from the sheet, a constant, or blank."""
        at = self.match.columns.get(column)
        if at is not None:
            return self.text[at]
        return pl.repeat(self.match.constants.get(column, ""), self.height, dtype=pl.String, eager=True).alias(column)

    def is_tidy(self, column: str) -> bool:
        """Whether the text of one of our columns is known to need neither trimming nor folding."""
        return self.table.sheet.is_plain and column in self.match.columns and is_trimmed(self.cells(column))

    def is_private(self, column: str) -> bool:
        """Whether of this column of ours only filled or empty may be kept."""
        return self.contract.column(column).personal and not self.terms.keep_personal

    def _public(self, column: str) -> pl.Series:
        """The text of one of our columns as a remark may show it."""
        text = self.cells(column)
        return only_filled(text) if self.is_private(column) else text

    def live(self) -> pl.Series:
        """Rows that are data: not totals, notes or further copies."""
        return self.skip.is_null()

    def good(self) -> pl.Series:
        """Rows that are data and that no rule has failed so far."""
        return self.live() & ~self.failed_at() if self._bad else self.live()

    def failed_at(self, *columns: str) -> pl.Series:
        """Whether a row has failed in one of these columns of ours, or at all."""
        failed = self.failed()
        at = (failed.filter(pl.col("column").is_in(columns)) if columns else failed)["_i"].unique()
        return pl.repeat(False, self.height, dtype=pl.Boolean, eager=True).scatter(at, True)

    def fail(self, mask: pl.Series, rule: str, column: str = "", detail: pl.Series | None = None) -> None:
        """Quarantine the rows of the mask for breaking a rule in one of our columns; `detail` is told beside the value."""
        if not mask.any():
            return
        at = (mask.fill_null(False) & self.live()).arg_true()
        if not len(at):
            return
        value = self._public(column).gather(at) if column else pl.repeat("", len(at), dtype=pl.String, eager=True)
        told = detail.gather(at).cast(pl.String) if detail is not None else pl.repeat("", len(at), dtype=pl.String, eager=True)
        self._bad.append(
            pl.DataFrame({"_i": at, "_row": self.text["_row"].gather(at)}).with_columns(
                pl.lit(rule).alias("rule"), pl.lit(column).alias("column"), value.alias("value"), told.alias("detail")
            )
        )

    def failed(self) -> pl.DataFrame:
        """Every failure: _i, _row, rule, column, value, detail."""
        return pl.concat([_NO_FAILURES, *(frame.cast(_NO_FAILURES.schema) for frame in self._bad)])

    def failed_by_rule(self) -> Iterable[tuple[tuple[object, ...], pl.DataFrame]]:
        """The failures of each rule in each column."""
        return self.failed().group_by(["rule", "column"], maintain_order=True) if self._bad else ()

    def tell(self, rule: str, severity: str, column: str = "", mask: pl.Series | None = None, **params: object) -> None:
        """One remark about a column (or the table); with a mask it names the first row and the number of rows, if any."""
        row, value = None, None
        if mask is not None:
            if not mask.any():
                return
            at = (mask.fill_null(False) & self.live()).arg_true()
            if not len(at):
                return
            row = int(self.text["_row"][int(at[0])])
            value = shown(self._public(column)[int(at[0])]) if column else None
            params["count"] = len(at)
        told = tuple(sorted((key, str(param)) for key, param in params.items()))
        header = self.header(column) if column else None
        self.findings.append(Finding(rule, severity, self.contract.name, self.table.sheet.name, row, header, value, told))

    def put(self, name: str, column: pl.Series | pl.Expr) -> None:
        """Set one typed column, in its stored type."""
        self.put_all({name: column})

    def put_all(self, columns: dict[str, pl.Series | pl.Expr]) -> None:
        """Set several typed columns at once, each in its stored type."""
        cast = (column.cast(stored_type(self.contract, name), strict=False).alias(name) for name, column in columns.items())
        self.typed = self.typed.with_columns(cast)
        self.blank -= columns.keys()

    def put_blank(self, names: Sequence[str]) -> None:
        """Set columns that hold nothing; they take no room as long as nobody looks at them."""
        self.typed = self.typed.with_columns(pl.lit(None, dtype=stored_type(self.contract, name)).alias(name) for name in names)
        self.blank.update(names)


def only_filled(text: pl.Series) -> pl.Series:
    """Cells as filled or empty: what may be known of personal data."""
    filled = text.str.contains(r"\S").fill_null(False)
    return pl.select(pl.when(filled).then(pl.lit(FILLED)).otherwise(pl.lit(""))).to_series().alias(text.name)


def stored_type(contract: Contract, name: str) -> pl.DataType:
    """The Polars type one column is stored in."""
    return _STORED[STORED[contract.column(name).role]]  # type: ignore[return-value]
