"""From a sheet to the rows below its header: as they are, staged for a query, or a wide target sheet made long."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from data.checking.rows import Table
from data.errors import FileRejected
from data.reading import headers
from data.reading.mapping import Mapping
from data.reading.regular import NotApart
from data.reading.sheet import Sheet, without_blank


def below(sheet: Sheet, header: headers.Header | None) -> Table | None:
    """The rows below a header; nameless columns without any content are left out."""
    if header is None:
        return None
    below = pl.col("_row") >= header.body_from
    rows = sheet.rows.slice(sheet.rows["_row"].search_sorted(header.body_from))
    empty = [c for c in rows.columns[1:] if c not in header.names and not rows[c].str.contains(r"\S").any()]
    return Table(sheet, header.names, header.row, without_blank(rows.drop(empty)), sheet.ragged.filter(below))


def staged(table: Table) -> pl.DataFrame:
    """A table for a query: columns by their headers, a repeated header numbered."""
    seen: dict[str, int] = {}
    named = {}
    for at, header in table.names.items():
        seen[header.casefold()] = seen.get(header.casefold(), 0) + 1
        named[at] = header if seen[header.casefold()] == 1 else f"{header}_{seen[header.casefold()]}"
    return table.rows.select("_row", *named).rename(named)


def month_header(sheet: Sheet) -> headers.Header | None:
    """The header row of a wide target sheet, whose names are mostly months."""
    for number, *cells in sheet.rows.head(headers.HEADER_WITHIN).iter_rows():
        names = {column: cell.strip() for column, cell in zip(sheet.rows.columns[1:], cells, strict=True) if cell.strip()}
        if headers.is_wide(names):
            return headers.Header(number, number + 1, names)
    return None


def widened(table: Table, mapping: Mapping | None, label: str) -> Table:
    """A wide target sheet (one column a month) as one row a month; other tables as they are."""
    if not headers.is_wide(table.names) or (mapping and mapping.source != "targets"):
        return table
    if table.sheet.rest:
        raise NotApart
    months = {at: month for at, header in table.names.items() if (month := headers.month_of(header))}
    rest = {at: header for at, header in table.names.items() if at not in months}
    stated = mapping.constants.get("year") if mapping else None
    said = int(stated) if stated else headers.year_said(*table.above, table.sheet.name or "", label)
    in_rows = next((at for at, header in rest.items() if headers.plain(header) in ("year", "年", "年度", "年份")), None)
    if said is None and in_rows is None and any(year is None for year, _ in months.values()):
        raise FileRejected("year_unknown", file=label, row=table.header_row)
    parts = []
    for at, (year, number) in months.items():
        period = (
            pl.lit(f"{year or said}-{number:02d}")
            if in_rows is None
            else pl.concat_str(pl.col(in_rows).str.extract(r"(20\d\d)"), pl.lit(f"-{number:02d}"))
        )
        parts.append(table.rows.filter(pl.col(at).str.contains(r"\S")).select("_row", *rest, period.alias("cp"), pl.col(at).alias("cv")))
    long = pl.concat(parts).sort("_row", maintain_order=True)
    return replace(table, names={**rest, "cp": "period", "cv": "value"}, rows=long)
