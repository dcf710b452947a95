"""From stored rows to facts and measures: every table is one SQL file, named like the table, and nothing is written into its text.

create   the empty schemas and tables a new warehouse begins with
extend   what a warehouse made by an older version lacks of them, or has beyond them
build    the frame, meta, fact.* and measure.*, made anew each time; the measures on a cluster if the settings name one (data/cluster)
audit    the accounting identities; whoever publishes stops on any code

SQL reads settings as variables (`getvariable('revenue_date')`, set in sql/frame.sql) and the history of a source from the table `span`.
A file runs after the tables of its own schema that it names, so a new file needs no entry anywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cache, partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from data.config import Settings
from data.contracts import PROVENANCE, SOURCES, STORED, Contract
from data.errors import ClusterFailed

SQL = Path(__file__).parent / "sql"
_RETIRED = "_hash"  # every stored row bore the hash of its cells once; now they are compared when they meet
LAYERS = {"fact": SQL / "facts", "measure": SQL / "measures"}
Progress = Callable[[str, int, int], None]  # table just made, how many are made, how many there are


def create(con: duckdb.DuckDBPyConnection) -> None:
    """The ledger (loads, files, findings, …) and one empty src table per contract, in a new database."""
    con.execute((SQL / "system.sql").read_text("utf-8"))
    for contract in SOURCES.values():
        con.execute(definition(contract))


def extend(con: duckdb.DuckDBPyConnection) -> None:
    """An older warehouse made ready: with empty tables for sources it does not know yet, and without a column we do not keep any more."""
    stored = con.sql("select table_name, column_name from duckdb_columns() where schema_name = 'src'").fetchall()
    known = {table for table, _ in stored}
    for contract in SOURCES.values():
        if contract.name not in known:
            con.execute(definition(contract))
    for contract in SOURCES.values():
        if (contract.name, _RETIRED) in stored:
            con.execute(_retirement(contract))


def build(con: duckdb.DuckDBPyConnection, settings: Settings, *, today: date, progress: Progress | None = None) -> None:
    """Make fact.*, measure.* and meta from src.*; what an earlier build left is dropped first.

    today    the date of the data while nothing dated is loaded and the settings name none

    Raises ClusterFailed if a cluster should make the measures and cannot.
    """
    _frame(con, settings, today)
    _write_meta(con, settings)
    files = [(schema, path) for schema, folder in LAYERS.items() for path in in_order(folder, schema)]
    con.execute("drop schema if exists measure cascade; drop schema if exists fact cascade; create schema fact; create schema measure")
    with _maker(con, settings) as make_measure:
        for done, (schema, path) in enumerate(files, 1):
            if schema == "measure":
                make_measure(path)
            else:
                _make(con, schema, path)
            if progress:
                progress(f"{schema}.{path.stem}", done, len(files))


def _make(con: duckdb.DuckDBPyConnection, schema: str, path: Path) -> None:
    con.execute(_making(schema, path))


@contextmanager
def _maker(con: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[Callable[[Path], None]]:
    """How the measure of a SQL file is made: in this process, or on the cluster that is set, which must answer before anything is made."""
    if not settings.spark:
        yield partial(_make, con, "measure")
        return
    try:
        from data.cluster import spark  # takes packages that only who has a cluster needs
    except ImportError as error:
        raise ClusterFailed("cluster_not_installed", package=error.name) from error
    with spark.opened(con, **settings.spark) as make:
        yield make


def _making(schema: str, path: Path) -> str:
    """One statement: a relation that is created is planned twice, and most tables of a small company take longer to plan than to fill."""
    return f"create table {schema}.{path.stem} as {path.read_text('utf-8')}"


@cache
def schema() -> str:
    """A name for the facts and measures this version builds: any change of their SQL gives another."""
    files = [path for folder in LAYERS.values() for path in sorted(folder.glob("*.sql"))]
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()[:16]


def columns(con: duckdb.DuckDBPyConnection) -> frozenset[tuple[str, str, str]]:
    """Schema, table and column of all that is kept in a warehouse."""
    query = "select schema_name, table_name, column_name from duckdb_columns() where schema_name in ('src', 'fact', 'measure')"
    return frozenset(con.sql(query).fetchall())


@cache
def expected() -> frozenset[tuple[str, str, str]]:
    """The columns of a warehouse this version builds; found by building an empty one, which takes a moment."""
    with duckdb.connect() as con:
        create(con)
        build(con, Settings(), today=date(2000, 1, 1))
        return columns(con)


def audit(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Codes of the audits that fail, in order of name: each file of sql/audits selects what must not exist."""
    return [path.stem for path in sorted((SQL / "audits").glob("*.sql")) if con.execute(path.read_text("utf-8")).fetchall()]


def in_order(folder: Path, schema: str) -> list[Path]:
    """The SQL files of a folder, each after the tables of its schema that it reads; otherwise by name.

    Raises graphlib.CycleError if two tables need each other.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.sql"))}
    reads = {name: set(re.findall(rf"\b{schema}\.(\w+)", path.read_text("utf-8"))) & set(files) for name, path in files.items()}
    return [files[name] for name in TopologicalSorter(reads).static_order()]


def definition(contract: Contract, once: Mapping[str, str] | None = None) -> str:
    """The statement that makes the empty src table of a contract; its names come from the code, never from a file.

    once   SQL of what a column says in every row the table is made for: told here, and not stored row by row
    """
    told = once or {}
    columns = {column.name: STORED[column.role] for column in contract.columns} | PROVENANCE
    body = ", ".join(f'"{name}" {_told(kind, told[name]) if name in told else kind}' for name, kind in columns.items())
    return f"create or replace table src.{contract.name} ({body})"


def _told(kind: str, value: str) -> str:
    plain = kind.partition(" ")[0]
    return f"{plain} generated always as ({value}::{plain}) virtual"


def make_plain(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Store row by row what a src table tells once: its rows are about to differ in that, or to be joined by others."""
    generated = "select 1 from duckdb_columns() where schema_name = 'src' and table_name = ? and is_generated limit 1"
    if con.execute(generated, [contract.name]).fetchall():
        con.execute(_plainly(contract))


def _plainly(contract: Contract) -> str:
    return f"create or replace table src.{contract.name} as select * from src.{contract.name}"


def _retirement(contract: Contract) -> str:
    return f"alter table src.{contract.name} drop column {_RETIRED}"


def _frame(con: duckdb.DuckDBPyConnection, settings: Settings, today: date) -> None:
    """Settings as SQL variables, and the table `span`; each statement of the file takes the values it names."""
    values: dict[str, Any] = asdict(settings) | {
        "today": today,
        "counted_visit_types": list(settings.counted_visit_types),
        "start_sources": list(settings.data_start),
        "start_dates": list(settings.data_start.values()),
    }
    for statement in con.extract_statements((SQL / "frame.sql").read_text("utf-8")):
        con.execute(statement, {name: values[name] for name in statement.named_parameters})


def _write_meta(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What a reader must know of a snapshot, as text: its date, history starts, latest dates, and the settings it was built with."""
    rows = {"built_at": datetime.now(UTC).isoformat(timespec="seconds"), "schema": schema(), **settings.shaping()}
    [(rows["as_of"],)] = con.sql("select getvariable('as_of')::varchar").fetchall()
    for source, start, latest in con.sql("select source, data_start::varchar, latest::varchar from span order by source").fetchall():
        rows |= {f"data_start_{source}": start, f"latest_{source}": latest}
    con.execute(
        "delete from meta where list_contains($keys, key) or starts_with(key, 'data_start_') or starts_with(key, 'latest_')",
        {"keys": list(rows)},
    )
    con.executemany("insert into meta values (?, ?)", [[key, value] for key, value in rows.items() if value is not None])
