"""All rules over one table: at once, or, for a very long one, batch by batch with the same result.

Batches are judged apart and brought together: sums and counts add up, remarks of one kind become one, printed totals are
compared with the sum of all. Whatever could not be known from a batch alone raises NotApart, and the table is judged at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import polars as pl

from data.checking import check, money, rules
from data.checking.account import LISTED, Outcome, Written, compare, conclude
from data.checking.cells import Style
from data.checking.rows import Rows, Table
from data.errors import Finding
from data.reading.parcel import Packer, Parcel
from data.reading.regular import NotApart, Piece
from data.reading.sheet import Sheet, without_blank

_APART = ("orders", "invoices", "receipts", "visits")  # sources whose rules look at one row, or at rows of one key
_AT_ONCE = 2  # batches in work at the same time; more would not wait less for the interpreter, but take more memory


def run(rows: Rows, *, is_whole: bool = True) -> Outcome | None:
    """All rules over one table, in order; None where the order of dates or the decimal mark must be asked first."""
    check.mark_skipped(rows)
    check.fill_merged(rows)
    styles = check.decide_style(rows)
    if styles is None:
        return None
    rows.styles = styles
    check.check_cells(rows)
    check.read_values(rows, styles)
    as_written = {name: rows.typed[name] for name in rows.contract.amounts if name in rows.match.columns}
    money.derive_net(rows)
    rules.apply(rows)
    money.apply_signs(rows)
    money.convert(rows)
    check.check_filled(rows)
    check.check_dates(rows)
    check.check_duplicates(rows)
    return conclude(rows, as_written, is_whole=is_whole)


@dataclass(frozen=True)
class _Batch:
    """What is kept of a batch: its account, and what must be the same, or apart, in all of them."""

    outcome: Outcome
    styles: dict[str, Style]
    keys: pl.Series


def run_apart(first: Rows, rest: Sequence[Piece], folder: Path) -> Outcome:
    """The same over a first batch and the rest of its table; accepted rows are put down in the folder. Raises NotApart."""
    if first.contract.name not in _APART or (first.mapping and first.mapping.fill_down) or first.table.sheet.merged:
        raise NotApart
    if set(first.table.rows.columns) != {"_row", *first.table.names}:  # a nameless column with content is looked at as a whole
        raise NotApart
    packer, batches = Packer(folder, first.contract.same), []
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        for accepted, batch in pool.map(lambda piece: _judge(first, piece), (None, *rest)):
            packer.add(accepted)
            batches.append(batch)
    if any(batch.styles != batches[0].styles for batch in batches):
        raise NotApart
    if check.is_repeated(pl.concat([batch.keys for batch in batches]).sort(multithreaded=False)):  # perhaps one key in two batches
        raise NotApart
    return _together(first, [batch.outcome for batch in batches], packer.parcel())


def _judge(first: Rows, piece: Piece | None) -> tuple[pl.DataFrame, _Batch]:
    """The accepted rows of a batch, and what is kept of it."""
    rows = first if piece is None else Rows(_table(first.table, piece), first.match, first.mapping, first.terms)
    outcome = run(rows, is_whole=False)
    if outcome is None or rows.whole or isinstance(outcome.accepted, Parcel):
        raise NotApart
    return outcome.accepted, _Batch(replace(outcome, accepted=outcome.accepted.clear()), rows.styles, rows.keys)


def _table(first: Table, piece: Piece) -> Table:
    read = piece.read(first.sheet.width)
    sheet = replace(Sheet.of(read, piece.delimiter), rows=read.rows.clear())
    return replace(first, sheet=sheet, rows=without_blank(read.rows.select(first.rows.columns), is_plain=read.is_plain))


def _together(first: Rows, outcomes: Sequence[Outcome], accepted: Parcel) -> Outcome:
    """One account out of the accounts of all batches."""
    names = first.contract.amounts
    amounts = {
        name: {kind: sum((o.amounts[name][kind] for o in outcomes), Decimal(0)) for kind in outcomes[0].amounts[name]} for name in names
    }
    written: dict[str, Written] = {}
    for outcome in outcomes:
        for name, found in outcome.written.items():
            before = written.get(name, Written(Decimal(0), ()))
            written[name] = Written(before.summed + found.summed, before.totals + found.totals)
    judged = Rows(replace(first.table, rows=first.table.rows.clear()), first.match, first.mapping, first.terms)
    printed = compare(judged, written)
    quarantined = pl.concat([o.quarantined for o in outcomes if o.quarantined.height] or [outcomes[0].quarantined])
    findings = _joined([*judged.findings, *(f for o in outcomes for f in o.findings)])
    return Outcome(
        accepted, quarantined, sum(o.skipped for o in outcomes), sum(o.read for o in outcomes),
        findings, amounts, printed, written,
    )  # fmt: skip


def _joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Remarks of all batches as one list: those about a column are one each, those about rows are cut short as in one table."""
    about: dict[object, Finding] = {}
    listed: dict[tuple[str, str | None], list[Finding]] = {}
    more: dict[tuple[str, str | None], int] = {}
    for finding in findings:
        told = dict(finding.params)
        if finding.rule == "more_like_this":
            kind = (told["rule"], finding.column)
            more[kind] = more.get(kind, 0) + int(told["count"])
        elif finding.severity == "error":
            listed.setdefault((finding.rule, finding.column), []).append(finding)
        else:
            count = told.pop("count", None)
            key = (finding.rule, finding.severity, finding.column, tuple(sorted(told.items())))
            before = about.setdefault(key, finding)
            if before is not finding and count is not None:
                total = int(dict(before.params)["count"]) + int(count)
                about[key] = replace(before, params=tuple(sorted({**told, "count": str(total)}.items())))
    rows = [finding for found in listed.values() for finding in found[:LISTED]]
    for kind, found in listed.items():
        left_out = len(found) - LISTED + more.get(kind, 0)
        if left_out > 0:
            params = (("count", str(left_out)), ("rule", kind[0]))
            rows.append(replace(found[0], rule="more_like_this", row=None, value=None, params=params))
    return (*about.values(), *sorted(rows, key=lambda f: (f.row is None, f.row or 0)))
