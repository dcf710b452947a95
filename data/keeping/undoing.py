"""The SQL of an undo, made per source: whom a load's rows have met since, and how to put back what it took.

A load leaves three marks: rows that bear its number, rows it took the place of (`_replaced_by`), and rows of earlier loads that an
export of changes repeated and made its own (the table `repeated`). Taking it back is possible while no later load has spoken of
any of these rows: replaced one, or brought a window or a list in which it would have had to be.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from data import build
from data.contracts import SOURCES, Contract
from data.loading.statements import same_key, stored_table

BOOKS = ("files", "findings", "quarantine", "exports", "repeated")


def sources_of(con: duckdb.DuckDBPyConnection, load_id: int) -> list[str]:
    """The sources a load brought."""
    rows = con.execute("select distinct source from exports where load_id = ? order by source", [load_id]).fetchall()
    return [source for (source,) in rows]


def spoken_since(con: duckdb.DuckDBPyConnection, load_id: int, later: Sequence[int]) -> list[int]:
    """Those of the later loads that have spoken of rows this load brought or took away."""
    found: set[int] = set()
    values = {"load": load_id, "later": list(later)}
    for source in sources_of(con, load_id):
        con.execute(touched(SOURCES[source]), {"load": load_id})
        for query in (_replaced(SOURCES[source]), _covered(source), _older(source), _repeated(source)):
            found |= {number for (number,) in con.execute(query, values).fetchall()}
    return sorted(found)


def take_back(con: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Remove a load's rows and books, and put back what it replaced; the list of loads keeps it, as undone."""
    for source in sources_of(con, load_id):
        build.make_plain(con, SOURCES[source])
        con.execute(give_back(SOURCES[source]), {"load": load_id, "source": source})
        con.execute(remove(SOURCES[source]), {"load": load_id})
        con.execute(restore(SOURCES[source]), {"load": load_id})
    con.execute("delete from amounts where file_id in (select file_id from files where load_id = ?)", [load_id])
    for table in BOOKS:
        con.execute(_forget_books(table), [load_id])
    con.execute("update loads set status = 'undone' where load_id = ?", [load_id])


def touched(contract: Contract) -> str:
    """The rows a load brought or took away, with their key and the first and last of their load dates."""
    days = ", ".join(f"t.{column}::date" for column in contract.window_on) or "null::date"
    return f"""
        create or replace temp table touched as
        select t.*, least({days}) as _first, greatest({days}) as _last
        from {stored_table(contract)} as t
        where t._load_id = $load or t._replaced_by = $load
    """


def _replaced(contract: Contract) -> str:
    """Loads that replaced one of its rows, or brought anew what it had taken away."""
    return f"""
        select distinct _replaced_by from touched where _load_id = $load and list_contains($later, _replaced_by)
        union
        select distinct c._load_id
        from touched as t
        join {stored_table(contract)} as c on {same_key(contract, "c", "t")}
        where t._replaced_by = $load and list_contains($later, c._load_id)
    """


def _covered(source: str) -> str:
    """Loads whose list or window had to hold its rows."""
    return f"""
        select distinct x.load_id
        from exports as x
        join touched as t on x.mode = 'snapshot' or (t._last >= x.window_from and t._first <= x.window_to)
        where x.source = '{SOURCES[source].name}' and x.mode in ('window', 'snapshot')
        and list_contains($later, x.load_id) and $load is not null
    """


def _older(source: str) -> str:
    """Loads of older exports that came later: they gave way to this one."""
    return f"""
        select distinct x.load_id
        from exports as x
        where x.source = '{SOURCES[source].name}' and list_contains($later, x.load_id)
        and x.exported_at < (select max(exported_at) from exports where load_id = $load and source = x.source)
    """


def _repeated(source: str) -> str:
    """Loads of changes that made some of its rows their own."""
    return (
        f"select distinct load_id from repeated where source = '{SOURCES[source].name}' "
        "and was_load = $load and list_contains($later, load_id)"
    )


def give_back(contract: Contract) -> str:
    return f"""
        update {stored_table(contract)} as t
        set _load_id = r.was_load, _file_id = r.was_file, _row = r.was_row
        from repeated as r
        where r.source = $source and r.load_id = $load
        and t._load_id = $load and t._file_id = r.file_id and t._row = r.row and t._replaced_by is null
    """


def remove(contract: Contract) -> str:
    return f"delete from {stored_table(contract)} where _load_id = $load"


def restore(contract: Contract) -> str:
    return f"update {stored_table(contract)} set _replaced_by = null where _replaced_by = $load"


def overlapping(con: duckdb.DuckDBPyConnection, load_id: int, since: Sequence[int]) -> list[int]:
    """Those of other loads whose exports speak of the same source and dates as this load's."""
    query = """
        select distinct x.load_id
        from exports as x
        join exports as h on h.source = x.source
        where h.load_id = $load and list_contains($since, x.load_id)
        and (
            h.mode = 'snapshot' or x.mode = 'snapshot'
            or coalesce(x.window_from <= h.window_to and x.window_to >= h.window_from, true)
        )
        order by 1
    """
    return [number for (number,) in con.execute(query, {"load": load_id, "since": list(since)}).fetchall()]


def _forget_books(table: str) -> str:
    return f"delete from {table} where load_id = ?"
