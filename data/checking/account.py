"""Where every row of a table ended: accepted, quarantined with its reasons, or skipped; rows and sums balance."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from data.checking.check import NOTE, TOTAL
from data.checking.rows import FILLED, Rows, only_filled
from data.errors import Finding, shown
from data.reading.headers import is_personal
from data.reading.parcel import Accepted

_LONG_NUMBER = r"\+?[0-9](?:[0-9]|[ \-][0-9]){6,}[xX]?|[\w.+-]+@[\w-]+\.[\w.]+"  # phones, ID numbers, accounts; addresses
LISTED = 200  # findings of one rule in one column; the quarantine holds every row
_NO_QUARANTINE = pl.DataFrame(schema={"_row": pl.Int64, "reasons": pl.List(pl.String), "raw": pl.String})


@dataclass(frozen=True)
class Outcome:
    """Where every row of a table ended, with sums per amount column; see data.reading.prepare.Prepared for the fields."""

    accepted: Accepted
    quarantined: pl.DataFrame
    skipped: int
    read: int
    findings: tuple[Finding, ...]
    amounts: dict[str, dict[str, Decimal]]
    printed: dict[str, Decimal]
    written: dict[str, Written]


@dataclass(frozen=True)
class Written:
    """An amount column as the file writes it: the sum of its rows, and the totals printed below them."""

    summed: Decimal
    totals: tuple[Decimal, ...]


def conclude(rows: Rows, as_written: dict[str, pl.Series], *, is_whole: bool = True) -> Outcome:
    """Part the rows and balance the account; an account that does not balance is our own bug, hence the assertion.

    is_whole  no other batch of the table is judged elsewhere, so that printed totals can be compared
    """
    good, live = rows.good(), rows.live()
    bad = live & ~good
    kinds = _odd_kinds(rows.table.ragged)
    ragged = _masked(rows, rows.table.ragged.filter(kinds.is_null()))
    columns = ["_row", *(c.name for c in rows.contract.columns)]
    accepted = (rows.typed if good.all() else rows.typed.filter(good)).select(columns)
    quarantined = pl.concat([_quarantine(rows, bad), _ragged(ragged)], how="diagonal").sort("_row", maintain_order=True)
    skipped = int((~live).sum()) + kinds.len() - kinds.null_count()
    read = rows.height + rows.table.ragged.height
    amounts = {name: _account(rows, name, bad, ~live) for name in rows.contract.amounts}
    assert read == accepted.height + quarantined.height + skipped
    assert all(accepted[name].equals(accepted[other]) for name, other in rows.contract.same.items())  # only that one will be stored
    for name, account in amounts.items():
        loaded = Decimal(0) if name in rows.blank else _sum(accepted[name])
        assert account["read"] == loaded + account["quarantined"] + account["skipped"]
    written = _written(rows, as_written)
    printed = compare(rows, written) if is_whole else {}
    rows.findings += _row_findings(rows, ragged) + _skip_findings(rows, kinds)
    return Outcome(accepted, quarantined, skipped, read, tuple(rows.findings), amounts, printed, written)


def _odd_kinds(ragged: pl.DataFrame) -> pl.Series:
    """Which rows of the wrong length are totals or notes: nobody fills up such a line to the width of the table."""
    text = ragged["raw"].str.replace_all('"', "").str.strip_chars("\ufeff ,;\t|")
    is_total, is_note = text.str.contains(TOTAL.replace("$", "(?:[,;\t|].*)?$")), text.str.contains(NOTE)
    kinds = pl.select(pl.when(is_total).then(pl.lit("total")).when(is_note).then(pl.lit("note"))).to_series()
    return kinds.cast(pl.String)


def _skip_findings(rows: Rows, odd: pl.Series) -> list[Finding]:
    """One remark per kind of line that is no data, with the first and the number of them."""
    found = []
    for kind in ("total", "subtotal", "note"):
        numbers = pl.concat([rows.text["_row"].filter(rows.skip == kind), rows.table.ragged["_row"].filter(odd == kind)])
        if numbers.len():
            params = (("count", str(numbers.len())),)
            where = (rows.contract.name, rows.table.sheet.name, int(numbers.min()))  # type: ignore[arg-type]
            found.append(Finding(f"skipped_{kind}", "info", *where, params=params))
    return found


def _sum(column: pl.Series) -> Decimal:
    total = column.cast(pl.Decimal(38, 4)).sum()
    return Decimal(0) if total is None else Decimal(total)


def _account(rows: Rows, name: str, bad: pl.Series, skipped: pl.Series) -> dict[str, Decimal]:
    if name in rows.blank:
        return dict.fromkeys(("read", "quarantined", "skipped"), Decimal(0))
    column = rows.typed[name]
    return {"read": _sum(column), "quarantined": _sum(column.filter(bad)), "skipped": _sum(column.filter(skipped))}


def _written(rows: Rows, as_written: dict[str, pl.Series]) -> dict[str, Written]:
    data = rows.skip.is_null() | rows.skip.is_in(["copy", "older"])
    found = {}
    for name, column in as_written.items():
        if data.all():
            found[name] = Written(_sum(column), ())
        else:
            totals = column.filter(rows.skip == "total").drop_nulls()
            found[name] = Written(_sum(column.filter(data)), tuple(map(Decimal, totals)))
    return found


def compare(rows: Rows, written: dict[str, Written]) -> dict[str, Decimal]:
    """The totals printed in the file, compared with the sums of the rows as written; a difference holds the file."""
    found: dict[str, Decimal] = {}
    for name, column in written.items():
        if not column.totals:
            continue
        summed, printed, all_totals = column.summed, column.totals[-1], sum(column.totals)
        found[name] = printed
        # One total per group, or groups and a grand total, also add up to the rows.
        if summed not in (printed, all_totals, all_totals - printed):
            rows.tell("total_differs", "hold", name, printed=f"{printed.normalize():f}", summed=f"{summed.normalize():f}")
    return found


def _quarantine(rows: Rows, bad: pl.Series) -> pl.DataFrame:
    """The rows that broke a rule, whole, with the rules they broke, and their key as far as it could be read."""
    if not bad.any():
        return _NO_QUARANTINE
    at = bad.arg_true()
    reasons = rows.failed().group_by("_i").agg(pl.col("rule").unique(maintain_order=True).alias("reasons"))
    whole = rows.text[at].with_columns(only_filled(rows.text[c][at]) for c in _private(rows))
    named = [c for c in whole.columns if c != "_row" and (c in rows.table.names or whole[c].str.contains(r"\S").any())]
    headers = _unique([rows.table.names.get(c, c) for c in named])
    raw = [json.dumps(dict(zip(headers, cells, strict=True)), ensure_ascii=False) for cells in whole.select(named).iter_rows()]
    frame = pl.DataFrame({"_i": at, "_row": whole["_row"], "raw": pl.Series(raw, dtype=pl.String)})
    told = frame.join(reasons, on="_i", how="left", maintain_order="left").select("_row", "reasons", "raw").cast(_NO_QUARANTINE.schema)
    return told.hstack(rows.typed[at].select(rows.contract.key))


def _private(rows: Rows) -> list[str]:
    """The sheet's columns of which only filled or empty may be kept: ours that are personal, and others that look so."""
    if rows.terms.keep_personal:
        return []
    ours = {at: name for name, at in rows.match.columns.items()}
    return [
        at for at, header in rows.table.names.items()
        if at in rows.text.columns and (rows.is_private(ours[at]) if at in ours else is_personal(header))
    ]  # fmt: skip


def _masked(rows: Rows, ragged: pl.DataFrame) -> pl.DataFrame:
    """Rows that could not be split: where the sheet has personal columns, long numbers in them may be anybody's."""
    if not ragged.height or not _private(rows):
        return ragged
    return ragged.with_columns(pl.col("raw").str.replace_all(_LONG_NUMBER, FILLED))


def _unique(headers: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for header in headers:
        seen[header] = seen.get(header, 0) + 1
        result.append(header if seen[header] == 1 else f"{header} ({seen[header]})")
    return result


def _ragged(ragged: pl.DataFrame) -> pl.DataFrame:
    raw = [json.dumps({"": line}, ensure_ascii=False) for line in ragged["raw"]]
    return pl.DataFrame({"_row": ragged["_row"], "raw": pl.Series(raw, dtype=pl.String)}).select(
        pl.col("_row").cast(pl.Int64), pl.lit(["ragged_row"]).alias("reasons").cast(pl.List(pl.String)), "raw"
    )


def _allowed(rows: Rows, column: str) -> str:
    """The words a column knows, each with how exports write it."""
    known = rows.contract.column(column).values
    return ", ".join(f"{word} ({written[0]})" if written else word for word, written in known.items())


def _row_findings(rows: Rows, ragged: pl.DataFrame) -> list[Finding]:
    """One finding per failed cell, in row order; a rule broken very often in one column is cut short with a count."""
    found: list[Finding] = []
    source, sheet = rows.contract.name, rows.table.sheet.name
    for (rule, column), failures in rows.failed_by_rule():
        header = rows.header(str(column)) if column else None
        allowed = (("allowed", _allowed(rows, str(column))),) if rule == "unknown_value" else ()
        for row, value, detail in failures.head(LISTED).select("_row", "value", "detail").iter_rows():
            params: tuple[tuple[str, str], ...] = (("detail", detail),) if detail else allowed
            found.append(Finding(str(rule), "error", source, sheet, row, header, shown(value), params))
        if failures.height > LISTED:
            params = (("count", str(failures.height - LISTED)), ("rule", str(rule)))
            found.append(Finding("more_like_this", "error", source, sheet, None, header, None, params))
    for row, raw in ragged.head(LISTED).iter_rows():
        found.append(Finding("ragged_row", "error", source, sheet, row, None, shown(raw)))
    if ragged.height > LISTED:
        found.append(
            Finding("more_like_this", "error", source, sheet, params=(("count", str(ragged.height - LISTED)), ("rule", "ragged_row")))
        )
    return sorted(found, key=lambda f: (f.row is None, f.row or 0))
