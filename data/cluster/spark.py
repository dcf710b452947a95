"""Facts go to the cluster as Parquet in a folder both sides see, measures come back the same way, row by row what DuckDB would have made.

The cluster is spoken to through Spark Connect: this process needs neither Java nor Spark's jars. What lies in the folder is one build's
own, and goes with it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import grpc
from pyspark.errors import PySparkException
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.functions import count, lit
from pyspark.sql.connect.observation import Observation
from pyspark.sql.connect.session import SparkSession

from data.cluster import translation
from data.errors import ClusterFailed, shown

WAIT = 20.0  # seconds until a cluster that does not answer is given up
CONF = {
    "spark.sql.ansi.enabled": "true",  # a sum that overflows, a text that is no number: an error, as in DuckDB
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",  # a day is a day, before 1582 too
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
_YEAR = "_year"  # the folder a fact's rows lie in; no column of ours
_TABLES = """select schema_name, table_name, column_name, data_type from duckdb_columns()
             where database_name = current_database() and not internal order by schema_name, table_name, column_index"""
_MACROS = "select function_name, parameters, macro_definition from duckdb_functions() where function_type = 'macro' and not internal"
_VARIABLES = "select name, type from duckdb_variables()"
Make = Callable[[Path], None]


@contextmanager
def opened(con: duckdb.DuckDBPyConnection, remote: str, folder: str) -> Iterator[Make]:
    """What makes the measure of a SQL file on the cluster: called with its path, after the facts and the measures it reads are there.

    remote   address of the Spark Connect server, `sc://host:port`
    folder   a folder that this machine and every worker see under the same path

    Raises ClusterFailed if the cluster does not answer, does not see the folder, or cannot make a measure.
    """
    _answers(remote)
    session = SparkSession.builder.remote(remote).config(map=dict(CONF)).create()
    try:
        with _room(Path(folder)) as room:
            yield _Work(con, session, room).make
    finally:
        session.stop()


@dataclass
class _Work:
    """One build: its warehouse, its session, its part of the folder, and what the cluster has seen of the warehouse so far."""

    con: duckdb.DuckDBPyConnection
    session: SparkSession
    room: Path
    shared: set[str] = field(default_factory=set)

    def make(self, path: Path) -> None:
        """The measure a file describes, in the warehouse, with the types and in the order that DuckDB gives it."""
        text, table = path.read_text("utf-8"), f"measure.{path.stem}"
        statement = translation.translate(text, _known(self.con))
        try:
            for name in statement.reads:
                self._share(name)
            rows = self._run(statement, self.room / table)
        except (PySparkException, grpc.RpcError) as error:
            raise _failure(table, self.room, error) from error
        self._take_back(text, table, statement.order, rows)

    def _share(self, table: str) -> None:
        """A table of the warehouse as a view of the cluster; what the cluster itself has made lies there already."""
        if table in self.shared:
            return
        folder, told = self.room / table, self.con.table(table)
        if not folder.exists():
            _write(told, folder)
        fields = ", ".join(f"`{name}` {translation.kind_of(str(kind))}" for name, kind in zip(told.columns, told.types, strict=True))
        rows = self.session.read.schema(fields).parquet(_place(folder)).select(*told.columns)
        rows.createOrReplaceTempView(translation.view_of(table))
        self.shared.add(table)

    def _run(self, statement: translation.Statement, folder: Path) -> int:
        """Write the rows of a statement as Parquet; how many the workers wrote."""
        values = {name: self.con.execute("select getvariable($name)", {"name": name}).fetchall()[0][0] for name in statement.variables}
        counted = Observation("counted")
        rows = self.session.sql(statement.sql, args=values).observe(counted, count(lit(1)).alias("rows"))
        rows.write.parquet(_place(folder))
        return int(counted.get["rows"])

    def _take_back(self, text: str, table: str, order: str, rows: int) -> None:
        """The table from what the workers wrote. Raises ClusterFailed if less is here than they say."""
        wanted = self.con.sql(text)  # asked for its columns only
        files = [str(file) for file in sorted((self.room / table).glob("*.parquet"))]
        if not files:
            raise ClusterFailed("cluster_folder", folder=str(self.room.parent))
        columns = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in zip(wanted.columns, wanted.types, strict=True))
        self.con.read_parquet(files).project(columns).order(order).create(table)
        if self.con.table(table).shape[0] != rows:
            raise ClusterFailed("cluster_folder", folder=str(self.room.parent))


def _answers(remote: str) -> None:
    """Raises ClusterFailed unless somebody answers at the address: the client itself would try for ten minutes."""
    builder = DefaultChannelBuilder(remote)
    channel = builder.toChannel()
    try:
        grpc.channel_ready_future(channel).result(timeout=WAIT)
    except grpc.FutureTimeoutError as error:
        raise ClusterFailed("cluster_unreachable", address=builder.endpoint) from error
    finally:
        channel.close()


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """An empty folder of this build's own, open to whom the shared folder is open; gone afterwards."""
    room = folder / f"build-{uuid4().hex}"
    try:
        room.mkdir()
        room.chmod(folder.stat().st_mode)
    except OSError as error:
        raise ClusterFailed("cluster_folder", folder=str(folder)) from error
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _write(table: duckdb.DuckDBPyRelation, folder: Path) -> None:
    """A table as Parquet: what has a date in a folder per year, so that workers share it; of nothing no file."""
    folder.mkdir()
    if "date" in table.columns:
        table.project(f'*, coalesce(year("date"), 0) as {_YEAR}').write_parquet(str(folder), partition_by=[_YEAR], append=True)
    else:
        table.write_parquet(str(folder / "all.parquet"))


def _place(folder: Path) -> str:
    """A folder as Spark wants it named: not a URI, since it takes every % for a letter."""
    return f"file:{folder}"


def _known(con: duckdb.DuckDBPyConnection) -> translation.Known:
    """What the engine knows of the warehouse beyond the text of a statement."""
    columns: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, kind in con.sql(_TABLES).fetchall():
        columns.setdefault(schema, {}).setdefault(table, {})[column] = kind
    macros: Mapping[str, Any] = {name: (names, body) for name, names, body in con.sql(_MACROS).fetchall()}
    return translation.Known(columns, macros, dict(con.sql(_VARIABLES).fetchall()))


def _failure(table: str, room: Path, error: Exception) -> ClusterFailed:
    """What stopped a measure, with the first line of what the cluster says."""
    reason = str(error).strip().partition("\n")[0]
    if "PATH_NOT_FOUND" in reason:
        return ClusterFailed("cluster_folder", folder=str(room.parent))
    return ClusterFailed("cluster_failed", table=table, reason=shown(reason))
