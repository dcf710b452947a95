"""Taking one person or customer out of rows, remarks and kept files: the id becomes a token, names become tokens of their own.

Equal values stay equal and different ones different, so everything a load decided (same or changed, whose name this is) is decided
the same way again, and no amount, date or count changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import duckdb
import polars as pl

from data.checking.rows import FILLED
from data.contracts import SOURCES, STORED, Contract
from data.keeping.seal import quoted
from data.loading.statements import stored_table
from data.reading.handover import once_file
from data.reading.parcel import Parcel, put_down

LISTS = {"customer": "customers", "rep": "reps"}
IDS = {"customer": "customer_id", "rep": "rep_id"}
# Columns that hold the id without saying so in the contract, and those of the member's own rows that say who it is.
_ALSO: dict[str, dict[str, tuple[str, ...]]] = {
    "customer": {"customers": ("customer_id", "parent_id")},
    "rep": {"reps": ("rep_id", "manager_id", "pair_id"), "visits": ("booked_by",), "orders": ("approved_by",), "targets": ("scope_id",)},
}
OWN: dict[str, dict[str, tuple[str, ...]]] = {
    "customer": {"customers": ("customer_name", "contact", "phone"), "prospects": ("name",)},
    "rep": {"reps": ("rep_name", "login")},
}
_MADE_OF = {"visits": ("visit_id", "new_visit_id")}  # an id of a visit may be put together from others
_LONG_LATIN, _LONG_CJK = 4, 2  # shorter names are replaced only where they fill a cell
_ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "latin-1")


@dataclass(frozen=True)
class Redaction:
    """Whom to take out: the id, the names nobody else bears, and what stands for them."""

    kind: str  # customer | rep
    id: str
    token: str
    salt: str
    names: tuple[str, ...] = ()

    def alias(self, name: str) -> str:
        """What stands for one of the names, the same wherever it comes."""
        return f"{self.token}-{sha256((self.salt + name).encode()).hexdigest()[:6]}"

    def text(self, told: str) -> str:
        """A remark, label or other short text without the id and the names."""
        for name in sorted(self.names, key=len, reverse=True):
            told = re.sub(_pattern(name), self.alias(name), told)
        return re.sub(rf"(?<!\w){re.escape(self.id)}(?!\w)", self.token, told)

    def tree(self, value: Any) -> Any:
        """JSON without the id and the names; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.tree(one) for key, one in value.items()}
        return [self.tree(one) for one in value] if isinstance(value, list) else value

    def row(self, raw: str) -> str:
        """A quarantined row; one that speaks of them at all keeps nothing but the token."""
        return raw if self.text(raw) == raw else json.dumps({"": self.token})

    def values(self) -> dict[str, Any]:
        """The parameters of `columns`."""
        names = sorted(self.names, key=len, reverse=True)
        patterns = {f"p{n}": _pattern(name) for n, name in enumerate(names)} | {f"t{n}": self.alias(name) for n, name in enumerate(names)}
        found = {"from": [self.id, *names], "to": [self.token, *map(self.alias, names)]}
        return patterns | found | {"id": self.id, "token": self.token, "salt": self.salt, "filled": FILLED}

    def columns(self, contract: Contract) -> dict[str, str]:
        """For every column that may hold them, the SQL of what it holds instead."""
        ids, own, made = self.refers(contract), OWN[self.kind].get(contract.name, ()), _MADE_OF.get(contract.name, ())
        found: dict[str, str] = {}
        for column in contract.columns:
            at = quoted(column.name)
            if STORED[column.role] != "VARCHAR":
                continue
            if column.name in ids:
                found[column.name] = _mapped(at)
            elif column.name in made:
                found[column.name] = f"array_to_string(list_transform(string_split({at}, '|'), lambda x: {_mapped('x')}), '|')"
            elif column.name in own:
                alias = f"$token || '-' || left(sha256($salt || {at}), 6)"
                found[column.name] = f"case when {quoted(IDS[self.kind])} = $id and {at} <> $filled then {alias} else {self._free(at)} end"
            elif column.role == "text" and self.names:
                found[column.name] = self._free(at)
        return found

    def refers(self, contract: Contract) -> set[str]:
        target = LISTS[self.kind]
        return {c.name for c in contract.columns if c.refers_to == target} | set(_ALSO[self.kind].get(contract.name, ()))

    def _free(self, at: str) -> str:
        """Text with every name replaced, the longest first."""
        for number in range(len(self.names)):
            at = f"regexp_replace({at}, $p{number}, $t{number}, 'g')"
        return at


def _mapped(at: str) -> str:
    return f"coalesce($to[list_position($from, {at})], {at})"


def _pattern(name: str) -> str:
    """Where a name stands: anywhere between other words if it is long enough to be nothing else, else alone in its cell."""
    is_cjk = not name.isascii()
    if len(name) < (_LONG_CJK if is_cjk else _LONG_LATIN):
        return rf"^{re.escape(name)}$"
    before, after = (r"\b" if one.isascii() and (one.isalnum() or one == "_") else "" for one in (name[0], name[-1]))
    return f"{before}{re.escape(name)}{after}"


def names_of(con: duckdb.DuckDBPyConnection, kind: str, one: str) -> tuple[list[str], list[str]]:
    """The names a stored member ever bore: those nobody else bears, and those shared with others."""
    free: list[str] = []
    shared: list[str] = []
    for column in OWN[kind][LISTS[kind]]:
        for name, is_shared in con.execute(_names(kind, column), {"id": one, "filled": FILLED}).fetchall():
            (shared if is_shared else free).append(name)
    return free, shared


def mentions(kind: str) -> list[str]:
    """For every stored column that may hold an id of the kind, the query that finds one."""
    who = Redaction(kind, "", "", "")
    return [
        f"select 1 from {stored_table(contract)} where {quoted(column)} = ? limit 1"
        for contract in SOURCES.values()
        for column in sorted(who.refers(contract))
    ]


def _names(kind: str, column: str) -> str:
    table, at, key = stored_table(SOURCES[LISTS[kind]]), quoted(column), quoted(IDS[kind])
    others = f"select {at} from {table} where {key} <> $id and {at} is not null"
    return f"select distinct {at}, {at} in ({others}) from {table} where {key} = $id and trim({at}) not in ('', $filled) order by 1"


def stored_rows(con: duckdb.DuckDBPyConnection, who: Redaction) -> None:
    """Take them out of every stored table."""
    for contract in SOURCES.values():
        columns = who.columns(contract)
        if columns:
            con.execute(_stored(contract, columns), used(_stored(contract, columns), who))


def used(query: str, who: Redaction) -> dict[str, Any]:
    """The parameters a statement names."""
    return {name: value for name, value in who.values().items() if re.search(rf"\${name}\b", query)}


def _stored(contract: Contract, columns: dict[str, str]) -> str:
    return f"create or replace table {stored_table(contract)} as {_select(columns, stored_table(contract))}"


def _select(columns: dict[str, str], rows: str) -> str:
    replaced = ", ".join(f"{expression} as {quoted(name)}" for name, expression in columns.items())
    return f"select * replace ({replaced}) from {rows}"


def reading(folder: Path, who: Redaction) -> None:
    """Take them out of what was read from one file (data/reading/handover.py), in place."""
    result = folder / "result.json"
    told = json.loads(result.read_bytes())
    with duckdb.connect() as con:
        for at, part in enumerate(told["parts"]):
            columns = who.columns(SOURCES[part["source"]])
            once = pl.read_parquet(once_file(folder, at)) if once_file(folder, at).exists() else pl.DataFrame()
            for path in sorted(folder.glob(f"accepted-{at}-*.parquet")):
                rows = Parcel((path,), 0, once).rows().collect()  # what all rows say may be true of some of them only from now on
                put_down(_redacted(con, rows, columns, who), path)
            once_file(folder, at).unlink(missing_ok=True)
            aside = folder / f"quarantined-{at}.parquet"
            rows = pl.read_parquet(aside)
            rows = rows.with_columns(raw=pl.Series([who.row(raw) for raw in rows["raw"]], dtype=pl.String))
            _redacted(con, rows, columns, who).write_parquet(aside)
    result.write_text(json.dumps(who.tree(told)), "ascii")


def _redacted(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, columns: dict[str, str], who: Redaction) -> pl.DataFrame:
    """A frame with those of the columns it has replaced; a case for own rows needs the id beside the name."""
    held = {name: sql for name, sql in columns.items() if name in rows.columns}
    if not held or not rows.height or (IDS[who.kind] not in rows.columns and any("$id" in sql for sql in held.values())):
        return rows
    con.register("rows", rows)
    query = _select(held, "rows")
    made = con.sql(query, params=used(query, who)).pl()
    con.unregister("rows")
    return made.cast(dict(rows.schema))


def is_traced(path: Path, who: Redaction) -> bool:
    """Whether the bytes of a kept file may hold the id or a name, in any encoding we read, also inside a workbook."""
    written = {form for text in (who.id, *who.names) for form in (text, json.dumps(text)[1:-1])}  # our own JSON spells what is not ASCII
    needles = {text.encode(code, "ignore") for text in written for code in _ENCODINGS}
    return any(needle in content for content in _contents(path) for needle in needles if needle)


def _contents(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()
    try:
        with ZipFile(path) as archive:
            for name in archive.namelist():
                content = archive.read(name)
                yield content
                if name.endswith(".parquet"):
                    yield _cells(pl.read_parquet(content))
    except (BadZipFile, OSError, NotImplementedError, RuntimeError):
        return


def _cells(rows: pl.DataFrame) -> bytes:
    """The texts of a packed table, readable."""
    return "\n".join(str(v) for c in rows.columns if rows.schema[c] == pl.String for v in rows[c].drop_nulls().unique()).encode()


def present(frames: Iterable[tuple[str, pl.DataFrame]], kind: str, recognised: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Which (salt, digest) of forgotten members occur in frames of (source, rows): digest → id."""
    ids: set[str] = set()
    for source, rows in frames:
        columns = Redaction(kind, "", "", "").refers(SOURCES[source]) & set(rows.columns)
        for column in columns:
            ids |= set(rows[column].drop_nulls().unique())
    return {digest: one for salt, digest in recognised for one in ids if digest_of(salt, one) == digest}


def digest_of(salt: str, one: str) -> str:
    """How a forgotten id is recognised without being known."""
    return sha256((salt + "\0" + one).encode()).hexdigest()
