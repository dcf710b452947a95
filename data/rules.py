"""What is special to one source: ids it may lack, words it may leave out, spans that must not overlap."""

from __future__ import annotations

from datetime import date

import polars as pl

from data.rows import Rows

_OPEN = date(2099, 12, 31)  # systems that cannot leave an end date empty write this or later


def apply(rows: Rows) -> None:
    """Complete and check what only this source has; then the defaults of the contract."""
    special = {"visits": _visits, "orders": _lines, "receipts": _lines, "reps": _reps, "targets": _targets}.get(rows.contract.name)
    if special:
        special(rows)
    for column in rows.contract.columns:
        if column.default is not None:
            rows.put(column.name, pl.col(column.name).fill_null(column.default))


def _lines(rows: Rows) -> None:
    """Number the lines of a document by their place where the export does not; such documents are replaced whole."""
    document, line = rows.contract.key
    if line in rows.match.columns or line in rows.match.constants:
        rows.fail(rows.typed[line].is_null() & rows.typed[document].is_not_null(), "required_empty", line)
        return
    rows.put(line, pl.int_range(1, pl.len() + 1).over(document).cast(pl.String))
    rows.whole = (document,)


def _visits(rows: Rows) -> None:
    happened = rows.typed["actual_date"].is_not_null()
    status = pl.when(happened).then(pl.lit("completed")).otherwise(pl.lit("planned"))
    unread = rows.failed().filter(pl.col("column") == "actual_date")["_i"]
    rows.put("status", pl.coalesce("status", status))
    undated = (
        (rows.typed["status"] == "completed") & ~happened & ~pl.int_range(rows.height, eager=True).cast(pl.UInt32).is_in(unread.implode())
    )
    rows.fail(undated, "completed_without_date", "actual_date")
    # Without an id of its own a visit is who met whom and when.
    when = pl.coalesce(pl.col("planned_date").cast(pl.String), pl.col("actual_date").dt.strftime("%Y-%m-%d"))
    time = pl.col("actual_date").dt.strftime("%H:%M").fill_null("")
    made_of = pl.concat_str(
        pl.col("rep_id").fill_null(""), pl.coalesce("customer_id", "prospect_id", pl.lit("")), when.fill_null(""), time, separator="|"
    )
    rows.put("visit_id", pl.coalesce("visit_id", made_of))


def _reps(rows: Rows) -> None:
    rows.tell("role_blank", "warning", "role", rows.typed["role"].is_null() & (rows.cells("role").str.strip_chars() == ""))
    blank = (rows.cells("role").str.strip_chars() == "").fill_null(True)
    rows.put("role", pl.when(blank).then(pl.lit("rep")).otherwise("role"))
    rows.put("valid_to", pl.when(pl.col("valid_to") < _OPEN).then("valid_to"))
    rows.put("login", pl.col("login").str.to_lowercase())
    spans = rows.typed.with_row_index("_i").filter(rows.good()).select("_i", "_row", "rep_id", "valid_from", "valid_to")
    spans = spans.with_columns(pl.col("valid_from").fill_null(date.min), pl.col("valid_to").fill_null(date.max)).unique(
        ["rep_id", "valid_from", "valid_to"], maintain_order=True
    )
    pairs = spans.join(spans, on="rep_id", suffix="_2").filter(
        (pl.col("_i") != pl.col("_i_2"))
        & (pl.col("valid_from") != pl.col("valid_from_2"))
        & (pl.col("valid_from") <= pl.col("valid_to_2"))
        & (pl.col("valid_from_2") <= pl.col("valid_to"))
    )
    if pairs.height:
        at = pairs.unique("_i")
        mask = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(at["_i"], True)
        told = pl.repeat("", rows.height, dtype=pl.String, eager=True).scatter(at["_i"], at["_row_2"].cast(pl.String))
        rows.fail(mask, "overlapping_assignment", "valid_from", told)


def _targets(rows: Rows) -> None:
    rows.put("scope_id", pl.when(pl.col("scope") == "company").then(pl.col("scope_id").fill_null("company")).otherwise("scope_id"))
