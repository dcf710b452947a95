"""Contract rules over one table of text, each on all rows at once.

Totals and notes are marked, merged cells filled, number and date styles decided by evidence, cells read, and the rules that hold
for every source checked; data/checking/rules.py holds what is special to a source, data/checking/money.py signs and currencies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import polars as pl

from data.checking import dates, numbers, values
from data.checking.cells import Evidence, Style, has_control, settle
from data.checking.rows import Rows, only_filled
from data.reading.headers import is_percent

EARLIEST = date(2000, 1, 1)
LATEST_AFTER = timedelta(days=366)
MAX_CELL = 32_767
TOTAL = r"(?i)^(?:合\s*计|总\s*计|本页合计|累\s*计|grand total|totals?|sum)\s*[:：]?$"
# Also of a group, as Excel writes it: 华东 汇总, C1 小计, East Total. Such a row has no key, or the label in its place.
_SUBTOTAL = r"(?i)^(?:(?:.*\S\s*)?(?:小\s*计|汇\s*总)|.*\S\s*合\s*计|(?:.*\S\s+)?sub-?\s?totals?|.*\S\s+total)\s*[:：]?$"
NOTE = (
    r"(?i)^(?:制表人?|制单人?|审核人?|复核人?|打印时间|打印日期|导出时间|导出日期|导出人"
    r"|exported (?:on|at|by)|printed (?:on|at|by)|generated (?:on|at|by)"
    r"|applied filters|共\s*\d+\s*[条行笔]|\d+ (?:rows|records)$)\s*[:：]?"
)
NUMBERS = ("money", "qty", "rate", "pct", "days", "goal")


def mark_skipped(rows: Rows) -> None:
    """Find totals, subtotals and notes: their key is blank or is the word itself."""
    first = next((c.name for c in rows.contract.columns if c.required and c.name in rows.match.columns), None)
    if first is None:
        return
    key = rows.cells(first) if rows.is_tidy(first) else rows.cells(first).str.strip_chars()
    suspect = ((key == "") | key.str.contains(f"{TOTAL}|{_SUBTOTAL}|{NOTE}")).arg_true()
    if not len(suspect):
        return
    cells = rows.text.drop("_row")[suspect].select(pl.all().str.strip_chars())
    lead = cells.select(pl.coalesce(pl.when(pl.all() != "").then(pl.all()))).to_series()
    filled = cells.select(pl.sum_horizontal(pl.all() != "")).to_series()
    kind = cells.select(
        pl.when(pl.any_horizontal(pl.all().str.contains(TOTAL))).then(pl.lit("total"))
        .when(pl.any_horizontal(pl.all().str.contains(_SUBTOTAL))).then(pl.lit("subtotal"))
        .when(lead.str.contains(NOTE) & (filled <= 6)).then(pl.lit("note"))
    ).to_series()  # fmt: skip
    rows.skip = rows.skip.scatter(suspect, kind.cast(pl.String)) if len(suspect) else rows.skip


def fill_merged(rows: Rows) -> None:
    """Give the cells of a downward merge the value of its first cell, and blank cells of fill_down columns the value above."""
    named = [rows.match.columns[name] for name in (rows.mapping.fill_down if rows.mapping else ()) if name in rows.match.columns]
    body = rows.skip.is_null()
    for at in named:
        filled = rows.text.select(pl.when(pl.col(at).str.contains(r"\S")).then(at).forward_fill().fill_null("")).to_series()
        rows.text = rows.text.with_columns(pl.select(pl.when(body).then(filled).otherwise(rows.text[at])).to_series().alias(at))
    for column, first, last in rows.table.sheet.merged:
        at = f"c{column}"
        if at in rows.text.columns:
            inside = pl.col("_row").is_between(first, last)
            top = pl.col(at).filter(pl.col("_row") == first).first()
            rows.text = rows.text.with_columns(pl.when(inside & (pl.col(at) == "")).then(top).otherwise(at).fill_null("").alias(at))


def check_cells(rows: Rows) -> None:
    """What no cell may hold, whatever its column: control characters, over-long text, formulas without a value, rounded numbers."""
    frame = rows.text.drop("_row")
    longest = frame.select(pl.all().str.len_bytes().max()).row(0, named=True)  # counted faster than characters, and never fewer
    for at in frame.columns:
        column = next((ours for ours, sheet in rows.match.columns.items() if sheet == at), "")
        if rows.table.sheet.has_control:
            rows.fail(frame.select(has_control(pl.col(at))).to_series(), "control_character", column)
        if (longest[at] or 0) > MAX_CELL:
            rows.fail(frame[at].str.len_chars() > MAX_CELL, "cell_too_long", column)
    for cells, rule, roles in ((rows.table.sheet.uncached, "formula_no_value", None), (rows.table.sheet.lost, "id_lost_digits", ("id",))):
        for name, at in rows.match.columns.items():
            if roles is None or rows.contract.column(name).role in roles:
                hit = [row for row, column in cells if f"c{column}" == at]
                if hit:
                    rows.fail(rows.text["_row"].is_in(hit), rule, name)


def decide_style(rows: Rows) -> dict[str, Style] | None:
    """How each column's numbers and dates are written, by the mapping or by evidence over all rows; None where it must be asked."""
    mapping = rows.mapping
    base = Style(
        rows.terms.time_zone,
        mapping.decimal if mapping else "",
        mapping.date_order if mapping else "",
        mapping.time_zone if mapping else "",
        mapping.currency_sign if mapping else "",
        rows.table.sheet.is_excel,
        rows.table.sheet.is_1904,
    )
    present = [rows.contract.column(name) for name in rows.match.columns]
    numbers_of = [c.name for c in present if c.role in NUMBERS and c not in rows.contract.helpers]
    decimal = base.decimal or _decimal(rows, _evidence(rows, numbers_of, numbers.number_evidence))
    dates_of = [c.name for c in present if c.role in ("date", "ts")]
    if base.date_order:
        orders: dict[str, str] | None = dict.fromkeys(dates_of, base.date_order)
    else:
        orders = _date_orders(rows, _evidence(rows, dates_of, dates.date_evidence))
    if decimal is None or orders is None:
        return None
    known = (*rows.contract.columns, *rows.contract.helpers)
    return {c.name: settle(base, decimal=decimal, date_order=orders.get(c.name, "")) for c in known}


def _evidence(rows: Rows, names: Sequence[str], ask: Callable[[pl.Series], Evidence]) -> dict[str, Evidence]:
    """What the rows that are data prove in each of these columns; where all are, what is plain need not be asked again."""
    live = rows.live()
    is_all = bool(live.all())
    found = {name: ask(rows.cells(name) if is_all else rows.cells(name).filter(live)) for name in names}
    rows.plain |= {name for name, evidence in found.items() if is_all and evidence.is_plain}
    return found


def _decimal(rows: Rows, found: dict[str, Evidence]) -> str | None:
    point = next((name for name, e in found.items() if e.first), None)
    comma = next((name for name, e in found.items() if e.second), None)
    if point and comma:
        rows.tell("decimal_mixed", "reject", point, other=rows.header(comma))
        return None
    unsure = next((name for name, e in found.items() if e.either), None)
    if unsure and not (point or comma or rows.table.sheet.is_excel):
        rows.tell("decimal_unknown", "hold", unsure, rows.cells(unsure).str.contains(r"[0-9]\.[0-9]{3}"))
        return None
    return "," if comma else "."


def _date_orders(rows: Rows, found: dict[str, Evidence]) -> dict[str, str] | None:
    mixed = [name for name, e in found.items() if e.first and e.second]
    for name in mixed:
        numbers = rows.text["_row"].filter(rows.live())
        day, month = (int(numbers[at]) for at in found[name].examples)
        rows.tell("date_order_mixed", "reject", name, day_first=day, month_first=month)
    total = sum(found.values(), Evidence())
    of_file = "" if bool(total.first) == bool(total.second) else "dmy" if total.first else "mdy"
    orders = {name: ("dmy" if e.first else "mdy" if e.second else of_file) for name, e in found.items()}
    unsure = [name for name, e in found.items() if e.either and not orders[name]]
    for name in unsure:
        rows.tell("date_order_unknown", "hold", name, rows.cells(name).str.contains(r"^\s*[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}"))
    return None if mixed or unsure else orders


def read_values(rows: Rows, styles: dict[str, Style]) -> None:
    """Every column of the contract, typed; a cell that cannot be read fails its row."""
    filled = {*rows.match.columns, *rows.match.constants, *(rows.mapping.values if rows.mapping else ())}
    rows.put_blank([c.name for c in rows.contract.columns if c.name not in filled])
    read: dict[str, pl.Series | pl.Expr] = {}
    for column in (*rows.contract.columns, *rows.contract.helpers):
        name = column.name
        if name not in filled or (column in rows.contract.helpers and name not in rows.match.columns):
            continue
        words = rows.mapping.values.get(name) if rows.mapping else None
        is_one = name not in rows.match.columns and rows.height > 1  # a constant, or blank: one cell says it for every row
        text = rows.cells(name).head(1) if is_one else rows.cells(name)
        is_tidy = column.role in ("id", "text") and rows.is_tidy(name) and not rows.is_private(name)
        text = only_filled(text) if rows.is_private(name) else text
        percent, zeros = is_percent(rows.header(name)), rows.zeros.get(name, 0)
        is_plain = name in rows.plain
        typed = values.read_column(
            text, column, styles[name], percent=percent, values=words, zeros=zeros, is_plain=is_plain, is_tidy=is_tidy
        )
        typed = typed.spread(rows.height) if is_one else typed
        read[name] = typed.values
        if column.role == "rate" and column in rows.contract.helpers:
            continue  # a price that cannot be read is not compared; the row does not need it
        if not typed.is_unbroken:
            for rule in typed.rules.drop_nulls().unique().sort():
                rows.fail(typed.rules == rule, rule, name)
        if typed.rounded is not None and typed.rounded.any():
            rows.tell("rounded", "warning", name, typed.rounded, decimals="4" if column.role != "rate" else "8")
        if typed.signs is not None and typed.signs.is_not_null().any():
            rows.signs[name] = typed.signs
    rows.put_all(read)


def check_filled(rows: Rows) -> None:
    """Required columns filled, one of each group filled."""
    for column in rows.contract.columns:
        if column.required and rows.typed[column.name].null_count():
            rows.fail(rows.typed[column.name].is_null() & ~rows.failed_at(column.name), "required_empty", column.name)
    for group in rows.contract.one_of:
        empty = rows.typed.select(pl.all_horizontal(pl.col(group).is_null())).to_series()
        if not empty.any():
            continue
        missing = empty & ~rows.failed_at(*group)
        rows.fail(missing, "one_of_empty", group[0], pl.repeat(" / ".join(rows.header(name) for name in group), rows.height, eager=True))


def check_dates(rows: Rows) -> None:
    """Dates of things that happened: not before 2000, not long after the export; some days ahead is told and waits."""
    for column in rows.contract.columns:
        if column.event and column.name not in rows.blank:
            day = rows.typed[column.name].cast(pl.Date)
            rows.fail((day < EARLIEST) | (day > rows.terms.received_on + LATEST_AFTER), "implausible_date", column.name)
            ahead = (day > rows.terms.received_on) & (day <= rows.terms.received_on + LATEST_AFTER)
            rows.tell("date_ahead", "warning", column.name, ahead, received_on=rows.terms.received_on)


def _latest_versions(rows: Rows, again: pl.DataFrame) -> pl.DataFrame:
    """Skip the rows that a later one of the same key, by its own date, has overtaken; return those that still share a key."""
    key, version = list(rows.contract.key), rows.contract.version
    is_old = (pl.col(version) < pl.col(version).max().over(key)).fill_null(False)
    old = again.filter(is_old)["_i"]
    if len(old):
        rows.tell("older_version", "info", key[0], pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(old, True))
        rows.skip = rows.skip.scatter(old, "older")
    again = again.filter(~is_old)
    return again.filter(again.select(pl.struct(key).is_duplicated()).to_series())


def is_repeated(keys: pl.Series) -> bool:
    """Whether any of these sorted keys comes twice."""
    return bool((keys == keys.shift(1)).any())


def check_duplicates(rows: Rows) -> None:
    """One key, equal rows: the first counts, the others are skipped. One key, different rows: all are set aside."""
    key = list(rows.contract.key)
    good = rows.good()
    keys = rows.typed.select(key)
    rows.keys = (keys if good.all() else keys.filter(good)).hash_rows().sort(multithreaded=False)  # threads make small sorts dearer
    if not is_repeated(rows.keys):  # equal keys have equal hashes
        return
    frame = rows.typed.with_row_index("_i").filter(good)
    again = frame.filter(frame.select(pl.struct(key).is_duplicated()).to_series())
    if again.height and rows.contract.version:
        again = _latest_versions(rows, again)
    if not again.height:
        return
    content = [column.name for column in rows.contract.columns]
    groups = again.group_by(key, maintain_order=True).agg(
        pl.col("_i"),
        pl.col("_row"),
        pl.struct(content).n_unique().alias("versions"),
        pl.col("_row").unique(maintain_order=True).cast(pl.String).alias("told"),
    )
    copies = groups.filter(pl.col("versions") == 1)["_i"].list.slice(1).explode().drop_nulls()
    clashes = groups.filter(pl.col("versions") > 1).select(pl.col("_i"), pl.col("told").list.head(10).list.join(", ")).explode("_i")
    if clashes.height:
        hit = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(clashes["_i"], True)
        told = pl.repeat("", rows.height, dtype=pl.String, eager=True).scatter(clashes["_i"], clashes["told"])
        rows.fail(hit, "duplicate_key", key[0], told)
    if len(copies):
        mask = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(copies, True)
        rows.tell("equal_copies", "info", key[0], mask)
        rows.skip = rows.skip.scatter(copies, "copy")
