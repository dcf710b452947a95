"""What is special to one source: ids it may lack, words it may leave out, spans that must not overlap."""

from __future__ import annotations

from datetime import date

import polars as pl

from data.checking.rows import Rows

_OPEN = date(2099, 12, 31)  # systems that cannot leave an end date empty write this or later


def apply(rows: Rows) -> None:
    """Complete and check what only this source has; then the defaults of the contract."""
    special = {
        "visits": _visits, "orders": _orders, "receipts": _lines, "reps": _reps, "targets": _targets, "customers": _customers,
        "assignments": _spans, "quotes": _quotes, "service": _service, "stock_counts": _stock_counts,
    }.get(rows.contract.name)  # fmt: skip
    if special:
        special(rows)
    for column in rows.contract.columns:
        if column.name in rows.blank and column.default is not None:
            rows.put(column.name, pl.lit(column.default))
        elif column.default is not None:
            rows.put(column.name, pl.col(column.name).fill_null(column.default))


def _orders(rows: Rows) -> None:
    _lines(rows)
    _compare_with_price(rows)


def _compare_with_price(rows: Rows) -> None:
    """Quantity × unit price against the amounts of the line: over 1 % off is told, over ten times is no slip of a discount.

    The price may be before or after tax or discount, so the nearest of net, gross and list amount counts.
    """
    if "unit_price" not in rows.match.columns:
        return
    expected = (pl.col("qty").cast(pl.Float64) * pl.col("unit_price").cast(pl.Float64)).abs()
    ratios = [pl.col(name).cast(pl.Float64).abs() / expected for name in ("net_amount", "gross_amount", "list_amount")]
    compared = (expected > 0) & pl.col("net_amount").is_not_null() & (pl.col("doc_type").fill_null("sale") != "sample")
    near = pl.any_horizontal(*(ratio.is_between(0.99, 1.01).fill_null(False) for ratio in ratios))
    within_ten = pl.any_horizontal(*((ratio.is_between(0.1, 10) | (ratio == 0)).fill_null(False) for ratio in ratios))
    found = rows.typed.select(
        (compared & ~near & within_ten).fill_null(False).alias("off"),
        (compared & ~within_ten).fill_null(False).alias("far"),
        expected.round(2).cast(pl.String).fill_null("").alias("expected"),
    )
    rows.fail(found["far"], "amount_far", "net_amount", found["expected"])
    rows.tell("amount_differs", "warning", "net_amount", found["off"])


def _customers(rows: Rows) -> None:
    """A day of deactivation that has come makes the customer inactive, whatever a status column says."""
    if "inactive_from" in rows.match.columns:
        stopped = pl.col("inactive_from") <= rows.terms.received_on
        rows.put("status", pl.when(stopped.fill_null(False)).then(pl.lit("inactive")).otherwise("status"))


def _quotes(rows: Rows) -> None:
    rows.put("version", pl.col("version").fill_null("1"))


def _service(rows: Rows) -> None:
    closed = pl.when(pl.col("closed_at").is_not_null()).then(pl.lit("closed")).otherwise(pl.lit("open"))
    rows.put("status", pl.coalesce("status", closed))
    scored = rows.typed["score"].is_not_null()
    rows.put("scale_min", pl.when(scored).then(pl.col("scale_min").fill_null(1)).otherwise("scale_min"))
    outside = rows.typed.select((pl.col("score") < pl.col("scale_min")) | (pl.col("score") > pl.col("scale_max"))).to_series()
    rows.fail(outside, "score_outside", "score")


def _stock_counts(rows: Rows) -> None:
    for name in ("qty", "on_order", "pack_size"):
        rows.fail(rows.typed[name] < 0, "negative_count", name)


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
    rows.put("status", pl.coalesce("status", status))
    undated = (rows.typed["status"] == "completed") & ~happened & ~rows.failed_at("actual_date")
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
    rows.put("login", pl.col("login").str.to_lowercase())
    _spans(rows)


def _spans(rows: Rows) -> None:
    """Spans of one person or customer must not overlap; a far end is an open one."""
    rows.put("valid_to", pl.when(pl.col("valid_to") < _OPEN).then("valid_to"))
    backwards = rows.typed.select(pl.col("valid_to") < pl.col("valid_from")).to_series()
    rows.fail(backwards, "span_backwards", "valid_to")
    whose = rows.contract.key[0]
    spans = rows.typed.with_row_index("_i").filter(rows.good()).select("_i", "_row", whose, "valid_from", "valid_to")
    spans = spans.with_columns(pl.col("valid_from").fill_null(date.min), pl.col("valid_to").fill_null(date.max)).unique(
        [whose, "valid_from", "valid_to"], maintain_order=True
    )
    pairs = spans.join(spans, on=whose, suffix="_2").filter(
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
