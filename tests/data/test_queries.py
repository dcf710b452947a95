"""Queries: the scope is in every one of them, and an id never becomes part of the text."""

from __future__ import annotations

import re

import pytest

from data import queries
from data.access import PREDICATE
from data.reads import FACTS, READS

LEDGER = {"freshness", "loads", "rejects"}  # no business rows
VIEWS = sorted(path.stem for path in queries.VIEWS.glob("*.sql"))


@pytest.mark.parametrize("name", [name for name in VIEWS if name not in LEDGER])
def test_every_view_is_limited_to_the_scope(name: str) -> None:
    assert PREDICATE in queries.view(name)
    assert "in_scope" not in queries.named(queries.view(name))


@pytest.mark.parametrize("name", [name for name in VIEWS if name not in LEDGER])
def test_every_branch_of_a_view_that_reads_rows_is_limited(name: str) -> None:
    text = (queries.VIEWS / f"{name}.sql").read_text("utf-8")
    rows = re.findall(r"from (?:measure\.\w+|fact\.(?:visits|orders|order_heads))\b", text)
    assert text.count("$in_scope") >= len(rows)


@pytest.mark.parametrize("name", [name for name, read in READS.items() if not read.is_view])
def test_every_measure_is_limited_to_the_scope(name: str) -> None:
    assert PREDICATE in queries.measure(READS[name].table or name)


@pytest.mark.parametrize("name", READS)
def test_narrowing_stands_beside_the_scope_and_takes_parameters(name: str) -> None:
    read, narrowed = READS[name], ("region", "rep_id")
    text = read.table or name
    query = queries.view(text, narrowed) if read.is_view else queries.measure(text, read.has_span, narrowed)
    alone = (queries.VIEWS / f"{text}.sql").read_text("utf-8").count("$may_see") if read.is_view else 0
    beside = f"({PREDICATE} and region in (select unnest($only_region)) and rep_id in (select unnest($only_rep_id)))"
    assert query.count(PREDICATE) - alone == query.count(beside) > 0


def test_columns_left_out_are_named_in_the_query() -> None:
    assert "exclude (manager_ids, partner_ids, revenue)" in queries.measure("sales", without=("revenue",))


@pytest.mark.parametrize("name", FACTS)
def test_rows_behind_a_figure_are_limited_to_the_scope(name: str) -> None:
    query = queries.behind(FACTS[name].table, FACTS[name].date, FACTS[name].only, FACTS[name].narrow)
    assert PREDICATE in query
    assert {f"only_{column}" for column in FACTS[name].narrow} <= queries.named(query)


def test_the_parameters_of_a_query_are_found() -> None:
    assert queries.named("select $starts, $start from t where a = $b") == {"starts", "start", "b"}
