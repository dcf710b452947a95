"""Locked months: a period whose books are closed. What an export would change in it is set aside and listed, and not applied.

A row belongs to the day on which it counts: an order to its shipment, a visit to the day it was made, a document to its own date. What goes
on happening to a row later (an invoice is paid, a quote is won, a case is closed) is no change of its period.
"""

from __future__ import annotations

import duckdb

from data.contracts import Contract
from data.errors import Finding, shown
from data.keeping.store import quoted
from data.loading.statements import Export, is_missing, is_open, load_date, same_key, staged_name, stored_table

LISTED = 200
_COUNTED = {"orders": ("ship_date", "order_date"), "visits": ("actual_date",)}  # where it is not the load date
_MOVING = {
    "invoices": ("paid_amount", "paid_on", "open_amount"),
    "quotes": ("status", "approved_on"),
    "service": ("responded_at", "closed_at", "status", "category", "score", "scale_min", "scale_max"),
}


def counted_on(contract: Contract, revenue_date: str) -> tuple[str, ...]:
    """The dates that decide in which period a row counts: the first that is filled."""
    dates = _COUNTED.get(contract.name, contract.window_on)
    return tuple(sorted(dates, key=lambda name: name != revenue_date)) if contract.name == "orders" else dates


def set_aside(con: duckdb.DuckDBPyConnection, export: Export) -> dict[int, list[Finding]]:
    """Set aside the staged rows that would change the locked period, and name them by file; after every row was decided."""
    told: dict[int, list[Finding]] = {sheet.file_id: [] for sheet in export.sheets}
    known = con.execute("select 1 from exports where source = ? limit 1", [export.contract.name]).fetchall()
    if not export.locked or not export.counted_on or not known:  # the first export of a source changes nothing that was closed
        return told
    con.execute(_refuse(export), {"until": export.locked})
    count = dict.fromkeys(told, 0)
    for file_id, row, key, before, after in con.execute(_refused(export.contract)).fetchall():
        count[file_id] += 1
        if count[file_id] <= LISTED:
            params = (("after", _amount(after)), ("before", _amount(before)), ("until", str(export.locked)))
            told[file_id].append(Finding("period_locked", "error", export.contract.name, row=row, value=shown(key), params=params))
    for file_id, found in count.items():
        if found > LISTED:
            rest = (("count", str(found - LISTED)), ("rule", "period_locked"))
            told[file_id].append(Finding("more_like_this", "error", export.contract.name, params=rest))
    return told


def missing(con: duckdb.DuckDBPyConnection, export: Export, values: dict[str, object]) -> list[Finding]:
    """The stored rows of the locked period that the export lacks: some by name, and their number. Asked before anything is closed."""
    if not export.locked or not export.counted_on:
        return []
    keys = [str(key) for (key,) in con.execute(_lacked(export), values).fetchall()]
    if not keys:
        return []
    params = (("count", str(len(keys))), ("until", str(export.locked)))
    return [Finding("locked_missing", "warning", export.contract.name, value=shown(", ".join(keys[:10])), params=params)]


def _amount(value: object) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _key(contract: Contract, alias: str) -> str:
    return " || ' ' || ".join(f"coalesce({alias}.{quoted(k)}::varchar, '')" for k in contract.key)


def _refuse(export: Export) -> str:
    contract, table = export.contract, staged_name(export.contract.name)
    moving = _MOVING.get(contract.name, ())
    fixed = [c.name for c in contract.columns if c.name not in moving]
    same = " and ".join(f"t.{quoted(name)} is not distinct from s.{quoted(name)}" for name in fixed)
    paid = f"and not coalesce(s.paid_on <= $until and ({_differ(moving)}), false)" if contract.name == "invoices" else ""
    return f"""
        with held as (
            select
                s._file_id, s._row,
                coalesce({load_date(export.counted_on, "s")} <= $until, false) as is_inside,
                coalesce({load_date(export.counted_on, "t")} <= $until, false) as was_inside,
                {f"({same} {paid})" if moving else "false"} as goes_on,
            from {table} as s
            left join {stored_table(contract)} as t on t._replaced_by is null and {same_key(contract, "t", "s")}
            where s._outcome = 'loaded'
        )
        update {table} as s set _outcome = 'quarantined', _rule = 'period_locked'
        from held as h
        where (h.is_inside or h.was_inside) and not h.goes_on and h._file_id = s._file_id and h._row = s._row
    """


def _differ(names: tuple[str, ...]) -> str:
    return " or ".join(f"t.{quoted(name)} is distinct from s.{quoted(name)}" for name in names)


def _refused(contract: Contract) -> str:
    amount = quoted(contract.amounts[0]) if contract.amounts else ""
    before, after = (f"t.{amount}", f"s.{amount}") if amount else ("null", "null")
    return f"""
        select s._file_id, s._row, {_key(contract, "s")}, {before}, {after}
        from {staged_name(contract.name)} as s
        left join {stored_table(contract)} as t on t._replaced_by is null and {same_key(contract, "t", "s")}
        where s._rule = 'period_locked'
        order by s._file_id, s._row
    """


def _lacked(export: Export) -> str:
    return f"""
        select {_key(export.contract, "t")}
        from {stored_table(export.contract)} as t
        where {is_missing(export)} and not {is_open(export, "t")}
        order by all
    """
