"""Cells to values, by the role of their column: exact, over all rows at once, and never guessed.

Each reader takes the column's text and returns `Typed`: the values and, per row, the rule a cell breaks. Blank cells are null
and break nothing. Work is done on distinct texts where it pays, so a column costs what it says, not how often it says it.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from data.checking.cells import ERRORS, Style, Typed, no_rule, per_distinct, tidy, unblank
from data.checking.dates import periods, read_dates
from data.checking.numbers import read_goals, read_numbers, read_shares
from data.contracts import Column

_TRUE = ("true", "yes", "y", "1", "是", "对", "√", "t", "x")
_FALSE = ("false", "no", "n", "0", "否", "不是", "×", "f")


def read_column(
    text: pl.Series,
    column: Column,
    style: Style,
    *,
    percent: bool = False,
    values: dict[str, str] | None = None,
    zeros: int = 0,
    is_plain: bool = False,
    is_tidy: bool = False,
) -> Typed:
    """One column's text as its role says.

    values  a mapping's value map, applied before anything else      percent  the header says %
    zeros   how many zeros the numbers lack, as a mapping confirms              is_plain  what the evidence says of this text
    is_tidy  no cell needs trimming or folding, as the reader of the file knows
    """
    if values:
        text, is_plain, is_tidy = _replaced(text, values), False, False
    role = column.role
    if role in ("money", "qty", "rate", "days"):
        return read_numbers(text, role, style, zeros, is_plain=is_plain)
    if role == "goal":
        return read_goals(text, style, zeros)
    if role == "period":
        return per_distinct(text, periods)
    if role == "pct":
        return read_shares(text, style, percent=percent)
    if role in ("date", "ts"):
        return read_dates(text, style, is_date=role == "date", is_plain=is_plain)
    if role == "bool":
        return per_distinct(text, _bools)
    if role == "enum":
        return per_distinct(text, lambda distinct: _enums(distinct, column))
    if is_tidy and not column.values:
        return Typed(unblank(text), no_rule(len(text)))
    return _ids(text, style) if role == "id" else _texts(text, column)


def _replaced(text: pl.Series, values: dict[str, str]) -> pl.Series:
    folded = {_fold(key): value for key, value in values.items()}
    key = tidy(text).fill_null("").str.to_lowercase().str.replace_all(r"\s+", "")
    return key.replace_strict(folded, default=text, return_dtype=pl.String)


@lru_cache(maxsize=4096)
def _fold(text: str) -> str:
    return "".join(pl.Series([text]).str.normalize("NFKC").str.to_lowercase()[0].split())


def _texts(text: pl.Series, column: Column) -> Typed:
    """Text is stored as it is, trimmed; a coded text (a metric) is brought to our word where we know it."""
    values = unblank(text.str.strip_chars())
    if column.values:
        values = _folded(values).replace_strict(_words(column), default=values, return_dtype=pl.String)
    if not values.str.starts_with("#").any():
        return Typed(values, no_rule(len(text)))
    rules = pl.select(pl.when(values.str.contains(ERRORS)).then(pl.lit("excel_error"))).to_series()
    return Typed(values, rules.cast(pl.String))


def _ids(text: pl.Series, style: Style) -> Typed:
    if not text.str.contains(r"[^!-\x22$-*,-~]").any():  # plain letters, digits and marks without blank, + and #: nothing to tidy
        values = unblank(text)
        if not style.is_excel:
            return Typed(values, no_rule(len(text)))
    else:
        values = tidy(text)
    if style.is_excel and values.str.ends_with(".0").any():
        values = values.str.replace(r"^([0-9]+)\.0$", "$1")  # a number cell that a writer stored as 123.0
    if not values.str.contains(r"[+#\n\r\t]| 00:00:00$").any():
        return Typed(values, no_rule(len(text)))
    display = values.str.contains(r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$")
    frame = pl.DataFrame({"v": values, "display": display})
    rules = frame.select(
        pl.when("display").then(pl.lit("id_display_form"))
        .when(pl.lit(style.is_excel) & pl.col("v").str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00$")).then(pl.lit("id_is_date"))
        .when(pl.col("v").str.contains(ERRORS)).then(pl.lit("excel_error"))
        .when(pl.col("v").str.contains(r"[\n\r\t]")).then(pl.lit("control_character"))
    ).to_series()  # fmt: skip
    return Typed(values, rules.cast(pl.String))


def _folded(values: pl.Series) -> pl.Series:
    return values.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s+", "")


def _words(column: Column) -> dict[str, str]:
    words = {_fold(name): name for name in column.values}
    return words | {_fold(written): name for name, as_written in column.values.items() for written in as_written}


def _enums(distinct: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    words = _words(column)
    values: list[str | None] = []
    rules: list[str | None] = []
    for text in tidy(distinct).to_list():
        parts = ([] if text is None else text.replace(";", ";").split(";")) if column.several else ([] if text is None else [text])
        found = [words.get(_fold(part)) for part in parts if part.strip()]
        unknown = any(word is None for word in found)
        values.append(None if unknown or not found else ";".join(dict.fromkeys(w for w in found if w)))
        rules.append("unknown_value" if unknown else None)
    return pl.Series(values, dtype=pl.String), pl.Series(rules, dtype=pl.String)


def _bools(distinct: pl.Series) -> tuple[pl.Series, pl.Series]:
    folded = _folded(tidy(distinct))
    values = folded.replace_strict({**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}, default=None, return_dtype=pl.Boolean)
    rules = pl.select(pl.when(folded.is_not_null() & values.is_null()).then(pl.lit("not_yes_no"))).to_series()
    return values, rules
