"""The contract's names must not contradict each other: a header has one meaning, or it is asked for."""

from pathlib import Path

import pytest

from data.contracts import SOURCES, STORED
from data.reading.headers import names_of, plain


@pytest.mark.parametrize("source", SOURCES)
def test_a_header_is_the_alias_of_one_column_only(source):
    meant = {}
    for column in (*SOURCES[source].columns, *SOURCES[source].helpers):
        for name in {plain(name) for name in (column.name, *column.aliases)}:
            assert meant.setdefault(name, column.name) == column.name


@pytest.mark.parametrize("source", SOURCES)
def test_a_bare_header_is_nobodys_alias(source):
    names = names_of(source)
    assert not set(names.bare) & (set(names.canonical) | set(names.alias))


@pytest.mark.parametrize("source", SOURCES)
def test_keys_amounts_and_load_dates_are_columns_and_roles_are_stored(source):
    contract = SOURCES[source]
    names = {column.name for column in contract.columns}
    assert not contract.version or contract.version in names
    assert not names & {helper.name for helper in contract.helpers}
    assert {*contract.key, *contract.amounts, *contract.window_on, *(n for group in contract.one_of for n in group)} <= names
    assert {column.role for column in contract.columns} <= set(STORED)


@pytest.mark.parametrize("source", SOURCES)
def test_one_written_value_means_one_stored_value(source):
    for column in SOURCES[source].columns:
        meant = {}
        for value, as_written in column.values.items():
            for text in {plain(text) for text in (value, *as_written)}:
                assert meant.setdefault(text, value) == value
        assert column.role != "enum" or column.values


def test_defaults_are_allowed_values():
    for contract in SOURCES.values():
        for column in contract.columns:
            assert column.default is None or column.default in column.values


def test_the_document_for_people_names_every_column_and_header():
    text = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
    for contract in SOURCES.values():
        section = text.split(f"### {contract.name}: ")[1].split("\n### ")[0]
        for column in (*contract.columns, *contract.helpers):
            assert f"| {column.name} |" in section
            assert all(name in section for name in (*column.aliases, *column.bare, *column.values))
