"""What DuckDB writes and Spark would understand otherwise, each in one statement; that the results are equal is shown in test_spark.py."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from data import build
from data.config import Settings

translation = pytest.importorskip("data.cluster.translation", reason="sqlglot is not installed", exc_type=ImportError)


@pytest.fixture(scope="module")
def known() -> Any:
    columns = {
        "day": "DATE",
        "until": "DATE",
        "at": "TIMESTAMP",
        "ended_at": "TIMESTAMP",
        "name": "VARCHAR",
        "roles": "VARCHAR[]",
        "amount": "DECIMAL(18,4)",
    }
    macros = {"member": (["id", "source"], "case when list_contains(getvariable('loaded'), source) then 'unknown ' || id else id end")}
    tables = {"fact": {"a": columns, "b": columns}, "main": {"span": {"source": "VARCHAR"}}}
    return translation.Known(tables, macros, {"loaded": "VARCHAR[]", "as_of": "DATE", "days": "INTEGER"})


@pytest.fixture
def spark(known: Any) -> Any:
    """What Spark is given for a column, from the table `a`."""

    def told(column: str, rest: str = "") -> str:
        statement = translation.translate(f"select {column} as it from fact.a as a {rest} order by it", known)
        return str(statement.sql).replace("`", "").removeprefix("SELECT ").replace("a.", "")

    return told


@pytest.mark.parametrize(
    ("duckdb_says", "spark_is_told"),
    [
        ("until - day", "DATEDIFF(until, day)"),
        ("day - 1", "day - 1"),
        ("amount - amount", "amount - amount"),
        ("day + to_months(3)", "ADD_MONTHS(day, 3)"),
        ("date_trunc('month', day)", "TRUNC(day, 'MONTH')"),
        ("epoch(ended_at - at)", "TIMESTAMPDIFF(MICROSECOND, at, ended_at) / CAST(1000000 AS DOUBLE)"),
        ("list_has_any(roles, ['rep'])", "ARRAYS_OVERLAP(roles, ARRAY('rep'))"),
        ("lower(trim(name))", r"LOWER(REGEXP_REPLACE(name, '^\\p{Zs}+|\\p{Zs}+$', ''))"),
        ("regexp_matches(name, '^\\d$')", r"name RLIKE '^\\d\\z'"),
        ("row_number() over (order by day, name desc)", "ROW_NUMBER() OVER (ORDER BY day NULLS LAST, name DESC)"),
        ("list(distinct day order by day)", "ARRAY_SORT(COLLECT_SET(day))"),
    ],
)
def test_an_expression_is_said_as_spark_understands_it(spark: Any, duckdb_says: str, spark_is_told: str) -> None:
    assert spark(duckdb_says) == f"{spark_is_told} AS it FROM fact_a AS a"


def test_a_series_of_months_leaves_out_its_end_and_never_goes_back(spark: Any) -> None:
    steps = "IF(day < until, FILTER(SEQUENCE(day, until, INTERVAL '1' MONTH), _one -> _one < until), ARRAY())"
    assert spark("cast(unnest(range(day, until, interval 1 month)) as date)").startswith(f"EXPLODE(CAST({steps} AS ARRAY<DATE>)) AS it")


def test_a_variable_is_a_parameter_with_its_type_and_never_its_value(known: Any) -> None:
    statement = translation.translate(
        "select day + getvariable('days') as it, member(name, 'reps') as who from fact.a order by it, who", known
    )
    assert statement.variables == ("days", "loaded")
    assert "CAST(:days AS INT)" in statement.sql
    assert "ARRAY_CONTAINS(CAST(:loaded AS ARRAY<STRING>), 'reps')" in statement.sql


def test_a_union_by_name_puts_columns_where_their_name_is(known: Any) -> None:
    union = "select day, name from fact.a union all by name select amount, day from fact.b union all by name select name, until from fact.b"
    statement = translation.translate(f"with u as ({union}) select * from u order by day", known)
    branches = statement.sql.replace("`", "").split("(", 1)[1].split(")")[0].split(" UNION ALL ")
    named = [
        [part.rpartition(" AS ")[2] for part in branch.removeprefix("SELECT ").partition(" FROM ")[0].split(", ")] for branch in branches
    ]
    assert named == [["day", "name", "amount", "until"]] * 3
    assert [branch.count("NULL AS") for branch in branches] == [2, 2, 2]


def test_an_asof_join_takes_the_last_row_until_then(known: Any) -> None:
    join = "fact.a as o asof join fact.b as v on v.name = o.name and v.day <= o.day"
    told = translation.translate(f"select o.day as it from {join} order by it", known).sql.replace("`", "")
    assert "ASOF" not in told
    assert "LEAD(v.day) OVER (PARTITION BY v.name ORDER BY v.day) AS _following" in told
    assert "(v._following IS NULL OR o.day < v._following)" in told


def test_tables_are_views_and_the_order_is_left_to_duckdb(known: Any) -> None:
    statement = translation.translate("with c as (select * from span) select source from c cross join fact.a order by source desc", known)
    assert statement.reads == ("fact.a", "main.span")
    assert (statement.order, "ORDER BY" in statement.sql) == ("source DESC", False)
    assert "FROM `main_span`" in statement.sql


def test_every_measure_can_be_said(known: Any) -> None:
    con = duckdb.connect()
    build.create(con)
    build.build(con, Settings(), today=date(2026, 1, 1))
    columns: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, kind in con.sql("select schema_name, table_name, column_name, data_type from duckdb_columns()").fetchall():
        columns.setdefault(schema, {}).setdefault(table, {})[column] = kind
    variables = dict(con.sql("select name, type from duckdb_variables()").fetchall())
    everything = translation.Known(columns, {"member": (["id", "found", "source"], "id")}, variables)
    for path in build.in_order(build.LAYERS["measure"], "measure"):
        statement = translation.translate(path.read_text("utf-8"), everything)
        assert not {"ASOF", "BY NAME", "QUALIFY", "GETVARIABLE"} & {
            word for word in ("ASOF", "BY NAME", "QUALIFY", "GETVARIABLE") if word in statement.sql
        }
