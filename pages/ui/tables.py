"""Tables a person ranks and clicks: numbers right-aligned in one unit a column (named in the header), a chip for a judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from pages.frame.session import Session
from pages.ui.format import NOTHING, Format, Scale
from pages.ui.judge import BAD, GOOD, NEUTRAL

_ROW_HEIGHT = 36
_WORDED = ("kind", "doc_type", "status", "visit_type", "method")


@dataclass(frozen=True)
class Column:
    """One column of a table: where it comes from, its header in the reader's words, and what kind of thing it holds.

    kind: open (a name that opens something) | text | exact | money | rate | count | days | points | change
          progress | spark | check (done or not) | chip (a judgement) | chips (reasons, a list) | date | moment
    """

    name: str
    header: str
    kind: str = "text"
    help: str | None = None
    width: int | None = None


def table(session: Session, frame: pl.DataFrame, columns: Sequence[Column], *, key: str, rows: int = 10) -> dict[str, Any] | None:
    """Show the columns of a frame; returns the row whose name was clicked, if any. More than `rows` rows scroll."""
    scales = {c.name: session.fmt.scale(_largest(frame[c.name])) for c in columns if c.kind == "money"}
    shown = frame.select(*(_cells(session, c, frame, scales).alias(c.name) for c in columns))
    st.dataframe(
        shown.to_arrow(),
        key=f"table_{key}",
        hide_index=True,
        placeholder=NOTHING,
        row_height=_ROW_HEIGHT,
        height=_ROW_HEIGHT * (min(max(frame.height, 1), rows) + 1) + 2,
        column_config={c.name: _config(session, c, scales, key) for c in columns},
    )
    click = st.session_state.get(f"open_{key}")
    return frame.row(click["row"], named=True) if click and click["row"] < frame.height else None


def raw(session: Session, frame: pl.DataFrame, *, key: str) -> None:
    """Rows as they are stored: amounts to the cent, dates, the rest as text."""
    kinds = {pl.Decimal: "exact", pl.Date: "date"}
    columns = [Column(name, session.t(f"pages.column_{name}"), kinds.get(type(kind), "text")) for name, kind in frame.schema.items()]
    table(session, worded(session, frame), columns, key=key, rows=12)


def worded(session: Session, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows as they are stored with their codes in the reader's words."""
    return frame.with_columns(words(session, frame[name]) for name in _WORDED if name in frame.columns)


def words(session: Session, values: pl.Series) -> pl.Series:
    """Codes of a column such as visit_type in the reader's words; one we have no word for stays as it is."""
    t = session.t
    keys = {code: f"pages.{values.name}_{code}" for code in values.unique() if code is not None}
    return values.replace({code: t(key) for code, key in keys.items() if key in t})


def is_money(value: Any) -> bool:
    """Whether a part of a KPI is an amount: amounts are decimals all the way, counts are whole numbers."""
    return isinstance(value, Decimal)


def leads_somewhere(frame: pl.DataFrame) -> list[bool]:
    """Which rows open something: those with a `member`; the total has none."""
    return frame["member"].is_not_null().to_list()


def _largest(values: pl.Series) -> Any:
    return values.abs().max() if values.len() and values.dtype != pl.Null else None


def _cells(session: Session, column: Column, frame: pl.DataFrame, scales: Mapping[str, Scale]) -> pl.Series:
    """The values as the column type wants them: scaled money, percent instead of fractions, a list for a chip."""
    values = frame[column.name]
    match column.kind:
        case "money":
            return values.cast(pl.Float64) / float(scales[column.name].divisor)
        case "exact":
            return values.cast(pl.Float64)
        case "rate" | "points" | "change" | "progress":
            return values.cast(pl.Float64) * 100
        case "chip":
            return pl.Series([None if v is None else [_chip(session, v)] for v in values], dtype=pl.List(pl.String))
        case "check":
            return pl.Series([None if v is None else [_checked(session, v)] for v in values], dtype=pl.List(pl.String))
        case "spark":
            return values.cast(pl.List(pl.Float64))  # without holes (`boards.drawable`): they would be written out as figures
        case "chips":
            return values.cast(pl.List(pl.String))
        case "moment":
            return pl.Series([session.fmt.moment(v) for v in values], dtype=pl.String)
        case "open":  # a sign that the name leads somewhere
            return values.cast(pl.String) + pl.Series([" ›" if leads else "" for leads in leads_somewhere(frame)], dtype=pl.String)
        case "text":
            return values.cast(pl.String)
    return values


def _chip(session: Session, judgement: str) -> str:
    return session.t(f"pages.pace_{judgement}")


def _checked(session: Session, is_done: bool) -> str:
    return session.t("pages.check_yes" if is_done else "pages.check_no")


def _config(session: Session, column: Column, scales: Mapping[str, Scale], key: str) -> Any:
    """The Streamlit column for a kind, with the unit in its header."""
    make, header = st.column_config, column.header
    common: dict[str, Any] = {"help": column.help, "width": column.width}
    match column.kind:
        case "open":
            return make.ButtonColumn(header, type="tertiary", alignment="left", key=f"open_{key}", pinned=True, **common)
        case "money":
            scale = scales[column.name]
            return make.NumberColumn(_with_unit(header, session.fmt, scale), format=f"%,.{scale.places}f", **common)
        case "exact":
            return make.NumberColumn(header, format="%,.2f", **common)
        case "rate":
            return make.NumberColumn(f"{header} %", format="%.1f", **common)
        case "points":
            return make.NumberColumn(f"{header} {session.fmt.points_unit}", format="%+.1f", **common)
        case "change":
            return make.NumberColumn(f"{header} %", format="%+.1f", **common)
        case "gap":
            return make.NumberColumn(header, format="%+,.1f", **common)
        case "count":
            return make.NumberColumn(header, format="%,d", **common)
        case "days":
            return make.NumberColumn(header, format="%,.1f", **common)
        case "progress":
            return make.ProgressColumn(header, format="%.0f%%", min_value=0, max_value=100, **common)
        case "spark":
            return make.LineChartColumn(header, color=session.palette.ink, **common)
        case "chip":
            kinds = {GOOD: "green", BAD: "red", NEUTRAL: "gray"}
            return make.MultiselectColumn(header, options=[_chip(session, k) for k in kinds], color=list(kinds.values()), **common)
        case "check":
            return make.MultiselectColumn(header, options=[_checked(session, v) for v in (True, False)], color=["green", "red"], **common)
        case "chips":
            return make.ListColumn(header, **common)
        case "date":
            return make.DateColumn(header, format="YYYY-MM-DD", **common)
    return make.TextColumn(header, **common)


def _with_unit(header: str, fmt: Format, scale: Scale) -> str:
    return f"{header} {fmt.symbol}{scale.unit}"
