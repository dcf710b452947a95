"""What every reader of cells shares: how a file writes its values, what reading one column yields, what cells can prove."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fffd}]"
ERRORS = r"^#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)$"


@dataclass(frozen=True)
class Style:
    """How one file writes its values. A setting left empty is decided by evidence over all rows.

    decimal     "." or ","        date_order  "dmy" or "mdy"      zone   the zone of time stamps that state none
    company     the company zone  sign        the only sign allowed at numbers; "" allows any that suits the row's currency
    """

    company: str
    decimal: str = ""
    date_order: str = ""
    zone: str = ""
    sign: str = ""
    is_excel: bool = False
    is_1904: bool = False


@dataclass(frozen=True)
class Typed:
    """One column read: its values, per row the rule broken (null: none), and remarks about the column as a whole.

    rounded  rows whose number had more decimals than we keep     signs  the currency sign found beside each number
    """

    values: pl.Series
    rules: pl.Series
    rounded: pl.Series | None = None
    signs: pl.Series | None = None

    def spread(self, height: int) -> Typed:
        """A column of one cell as that cell in every row."""
        rounded, signs = (None if s is None else s.new_from_index(0, height) for s in (self.rounded, self.signs))
        return Typed(self.values.new_from_index(0, height), self.rules.new_from_index(0, height), rounded, signs)

    @property
    def is_unbroken(self) -> bool:
        """Whether no cell breaks a rule."""
        return self.rules.null_count() == len(self.rules)


@dataclass(frozen=True)
class Evidence:
    """What all cells of a kind prove: how many say each of two readings, how many could be either, a row index of each proof.

    is_plain  every cell is blank or written the one way that leaves nothing to decide: 2026-03-05, -1234.56
    """

    first: int = 0
    second: int = 0
    either: int = 0
    examples: tuple[int, int] = field(default=(-1, -1))
    is_plain: bool = False

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(self.first + other.first, self.second + other.second, self.either + other.either)


def has_control(text: pl.Expr) -> pl.Expr:
    """Cells holding NUL, control characters or U+FFFD; line breaks and tabs are text."""
    return text.str.contains(_CONTROL)


def tidy(text: pl.Series) -> pl.Series:
    """NFKC and trimmed, blank as null; plain ASCII takes the short way."""
    if text.str.contains(r"[^\x00-\x7f]").any():
        text = text.str.normalize("NFKC")
    return unblank(text.str.strip_chars())


def unblank(text: pl.Series) -> pl.Series:
    """Empty text as null."""
    blank = text == ""
    return text.set(blank, None) if blank.any() else text


def all_are(text: pl.Series, shape: str) -> bool:
    """Whether every cell is blank or matches."""
    hit = text.str.contains(shape)
    return bool(hit.all() or (hit | (text == "")).all())


def per_distinct(text: pl.Series, read: object) -> Typed:
    """Read each distinct text once and spread the result over the rows."""
    distinct = text.unique()
    values, rules = read(distinct)  # type: ignore[operator]
    if values.dtype == pl.String and values.equals(distinct, null_equal=False):  # every text is its value already
        return Typed(text, no_rule(len(text)))
    found = pl.DataFrame({"text": distinct, "values": values, "rules": rules})
    spread = text.alias("text").to_frame().join(found, on="text", how="left", nulls_equal=True, maintain_order="left")
    return Typed(spread["values"].alias(text.name), spread["rules"].cast(pl.String))


def no_rule(length: int) -> pl.Series:
    """No cell breaks a rule."""
    return pl.Series([None], dtype=pl.Null).new_from_index(0, length)


def settle(style: Style, *, decimal: str = "", date_order: str = "") -> Style:
    """The style with what the evidence decided."""
    return replace(style, decimal=decimal or style.decimal, date_order=date_order or style.date_order)
