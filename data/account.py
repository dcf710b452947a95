"""Where every row of a table ended: accepted, quarantined with its reasons, or skipped; rows and sums balance."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from data.check import NOTE, TOTAL
from data.errors import Finding, shown
from data.rows import Rows

_LISTED = 200  # findings of one rule in one column; the quarantine holds every row
_NO_QUARANTINE = pl.DataFrame(schema={"_row": pl.Int64, "reasons": pl.List(pl.String), "raw": pl.String})


@dataclass(frozen=True)
class Outcome:
    """Where every row of a table ended, with sums per amount column; see data.prepare.Prepared for the fields."""

    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    skipped: int
    read: int
    findings: tuple[Finding, ...]
    amounts: dict[str, dict[str, Decimal]]
    printed: dict[str, Decimal]


def conclude(rows: Rows, as_written: dict[str, pl.Series]) -> Outcome:
    """Part the rows and balance the account; an account that does not balance is our own bug, hence the assertion."""
    good, live = rows.good(), rows.live()
    bad = live & ~good
    odd_note = rows.table.ragged["raw"].str.replace_all('"', "").str.strip_chars("\ufeff ,;\t|")
    notes = odd_note.str.contains(NOTE) | odd_note.str.contains(TOTAL.replace("$", "(?:[,;\t|].*)?$"))
    ragged = rows.table.ragged.filter(~notes)
    columns = ["_row", *(c.name for c in rows.contract.columns)]
    accepted = rows.typed.filter(good).select(columns)
    quarantined = pl.concat([_quarantine(rows, bad), _ragged(ragged)]).sort("_row", maintain_order=True)
    skipped = int((~live).sum()) + int(notes.sum())
    read = rows.height + rows.table.ragged.height
    amounts = {name: _account(rows.typed[name], bad, ~live) for name in rows.contract.amounts}
    assert read == accepted.height + quarantined.height + skipped
    for name, account in amounts.items():
        assert account["read"] == _sum(accepted[name]) + account["quarantined"] + account["skipped"]
    printed = _printed(rows, as_written)
    rows.findings += _row_findings(rows, ragged)
    for kind in ("total", "subtotal", "note"):
        count = int((rows.skip == kind).sum())
        if count:
            number = int(rows.text["_row"].filter(rows.skip == kind)[0])
            params = (("count", str(count)),)
            rows.findings.append(Finding(f"skipped_{kind}", "info", rows.contract.name, rows.table.sheet.name, number, params=params))
    return Outcome(accepted, quarantined, skipped, read, tuple(rows.findings), amounts, printed)


def _sum(column: pl.Series) -> Decimal:
    total = column.cast(pl.Decimal(38, 4)).sum()
    return Decimal(0) if total is None else Decimal(total)


def _account(column: pl.Series, bad: pl.Series, skipped: pl.Series) -> dict[str, Decimal]:
    return {"read": _sum(column), "quarantined": _sum(column.filter(bad)), "skipped": _sum(column.filter(skipped))}


def _printed(rows: Rows, as_written: dict[str, pl.Series]) -> dict[str, Decimal]:
    """The totals printed in the file, compared with the sums of the rows as written; a difference holds the file."""
    found: dict[str, Decimal] = {}
    data = rows.skip.is_null() | (rows.skip == "copy")
    for name, column in as_written.items():
        totals = column.filter(rows.skip == "total").drop_nulls()
        if not len(totals) or name not in rows.match.columns:
            continue
        summed, printed = _sum(column.filter(data)), Decimal(totals[-1])
        found[name] = printed
        # One total per group, or groups and a grand total, also add up to the rows.
        if summed not in (printed, _sum(totals), _sum(totals) - printed):
            rows.tell("total_differs", "hold", name, printed=f"{printed.normalize():f}", summed=f"{summed.normalize():f}")
    return found


def _quarantine(rows: Rows, bad: pl.Series) -> pl.DataFrame:
    """The rows that broke a rule, whole, with the rules they broke."""
    if not bad.any():
        return _NO_QUARANTINE
    at = bad.arg_true()
    reasons = rows.failed().group_by("_i").agg(pl.col("rule").unique(maintain_order=True).alias("reasons"))
    whole = rows.text[at]
    named = [c for c in whole.columns if c != "_row" and (c in rows.table.names or whole[c].str.contains(r"\S").any())]
    headers = _unique([rows.table.names.get(c, c) for c in named])
    raw = [json.dumps(dict(zip(headers, cells, strict=True)), ensure_ascii=False) for cells in whole.select(named).iter_rows()]
    frame = pl.DataFrame({"_i": at, "_row": whole["_row"], "raw": pl.Series(raw, dtype=pl.String)})
    return frame.join(reasons, on="_i", how="left", maintain_order="left").select("_row", "reasons", "raw").cast(_NO_QUARANTINE.schema)


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


def _row_findings(rows: Rows, ragged: pl.DataFrame) -> list[Finding]:
    """One finding per failed cell, in row order; a rule broken very often in one column is cut short with a count."""
    found: list[Finding] = []
    source, sheet = rows.contract.name, rows.table.sheet.name
    for (rule, column), failures in rows.failed().group_by(["rule", "column"], maintain_order=True):
        header = rows.header(str(column)) if column else None
        for row, value, detail in failures.head(_LISTED).select("_row", "value", "detail").iter_rows():
            params: tuple[tuple[str, str], ...] = (("detail", detail),) if detail else ()
            found.append(Finding(str(rule), "error", source, sheet, row, header, shown(value), params))
        if failures.height > _LISTED:
            params = (("count", str(failures.height - _LISTED)), ("rule", str(rule)))
            found.append(Finding("more_like_this", "error", source, sheet, None, header, None, params))
    for row, raw in ragged.head(_LISTED).iter_rows():
        found.append(Finding("ragged_row", "error", source, sheet, row, None, shown(raw)))
    if ragged.height > _LISTED:
        found.append(
            Finding("more_like_this", "error", source, sheet, params=(("count", str(ragged.height - _LISTED)), ("rule", "ragged_row")))
        )
    return sorted(found, key=lambda f: (f.row is None, f.row or 0))
