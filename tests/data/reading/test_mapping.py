from datetime import date

import polars as pl
import pytest

from data.errors import ConfigError, FileRejected
from data.reading.mapping import read_mapping, read_mappings, shape

BLOCK = '[[source]]\nsource = "orders"\nfiles = ["Sales*.csv"]\n'


def mapping(tmp_path, text=BLOCK):
    path = tmp_path / "erp.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def problem(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        mapping(tmp_path, text)
    return caught.value.code, caught.value.params.get("key")


def table(**columns):
    return pl.DataFrame({"_row": list(range(2, 2 + len(next(iter(columns.values()))))), **columns})


def test_a_folder_without_mappings_has_none(tmp_path):
    assert read_mappings(tmp_path / "mappings") == []


def test_one_file_may_hold_several_blocks_and_files_are_read_in_order_of_name(tmp_path):
    (tmp_path / "b.toml").write_text(BLOCK + BLOCK.replace("orders", "receipts"), encoding="utf-8")
    (tmp_path / "a.toml").write_text(BLOCK.replace("orders", "reps"), encoding="utf-8")
    assert [(m.origin, m.source) for m in read_mappings(tmp_path)] == [("a.toml", "reps"), ("b.toml", "orders"), ("b.toml", "receipts")]


def test_file_names_match_by_pattern_whatever_the_case_or_folder(tmp_path):
    (block,) = mapping(tmp_path)
    assert [block.reads(label) for label in ("Sales.csv", "export/SALES_2026.CSV", "Resales.csv", "Sales.xlsx")] == [
        True,
        True,
        False,
        False,
    ]


def test_the_date_of_the_export_is_read_from_the_file_name(tmp_path):
    (block,) = mapping(tmp_path, BLOCK + 'exported_on = "_(\\\\d{4}-?\\\\d\\\\d-?\\\\d\\\\d)"\n')
    assert block.export_date("Sales_20261021.csv") == date(2026, 10, 21)
    assert block.export_date("Sales_2026-10-21.csv") == date(2026, 10, 21)
    assert block.export_date("Sales_20261341.csv") is None
    assert block.export_date("Sales.csv") is None


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('encoding = "klingon"', "encoding"), ('delimiter = "#"', "delimiter"),
        ('date_format = "x"', "date_format"), ('date_order = "ymd"', "date_order"), ('decimal = ";"', "decimal"), ('mode = "append"',
        "mode"),
        ('time_zone = "Moon/Base"', "time_zone"), ('exported_on = "no group"', "exported_on"), ('exported_on = "("', "exported_on"),
        ('header_row = "2"', "header_row"),
        ('window_on = "net_amount"', "window_on"), ('fill_down = ["order"]', "fill_down"), ('columns = { order_no = "X" }',
        "columns.order_no"),
        ('columns = { uom = "X" }\nconstants = { uom = "t" }', "constants.uom"), ('values = { kind = { a = "b" } }', "values.kind"),
        ('tables = { a = "b.csv" }', "tables"),
    ],
)  # fmt: skip
def test_a_wrong_key_or_value_is_named(tmp_path, line, key):
    assert problem(tmp_path, BLOCK + line) == ("mapping_value", key)


def test_a_block_needs_a_known_source_and_files(tmp_path):
    assert problem(tmp_path, '[[source]]\nsource = "sales"\nfiles = ["x"]') == ("mapping_value", "source")
    assert problem(tmp_path, '[[source]]\nsource = "orders"') == ("mapping_value", "files")
    assert problem(tmp_path, "x = 1") == ("mapping_blocks", None)
    assert problem(tmp_path, "x = ") == ("mapping_syntax", None)


def test_a_query_joins_files_as_text_and_keeps_the_row_numbers():
    sql = "select this._row, p.key as scope_id, this.target as value from this left join person p using (id)"
    made = shape(
        sql,
        {"this": table(id=["07", "8"], target=["$1,000", "$2"]), "person": table(id=["8", "07"], key=["B", "A"])},
        "Targets.csv",
        "erp.toml",
    )
    assert made.to_dicts() == [{"_row": 2, "scope_id": "A", "value": "$1,000"}, {"_row": 3, "scope_id": "B", "value": "$2"}]


def test_a_query_without_row_numbers_gets_its_own():
    assert shape("select id from this order by id", {"this": table(id=["b", "a"])}, "f", "m").to_dicts() == [
        {"_row": 1, "id": "a"},
        {"_row": 2, "id": "b"},
    ]


def test_what_a_query_computes_comes_back_as_text_and_null_as_blank():
    made = shape(
        "select _row, 1.50::decimal(9,2) as a, date '2026-06-01' as b, null as c, true as d from this", {"this": table(id=["x"])}, "f", "m"
    )
    assert made.to_dicts() == [{"_row": 2, "a": "1.5", "b": "2026-06-01", "c": "", "d": "true"}]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')", "select * from '/etc/passwd'", "copy this to 'x.csv'", "attach 'x.db'", "install httpfs",
        "drop table this",
        "select 1; select 2", "set enable_external_access = true", "select no_such from this", "not sql", "", "pragma database_list",
    ],
)  # fmt: skip
def test_a_query_can_do_nothing_but_select_from_its_tables(sql):
    with pytest.raises(FileRejected) as caught:
        shape(sql, {"this": table(id=["x"])}, "f.csv", "erp.toml")
    assert (caught.value.code, caught.value.params["mapping"]) == ("mapping_sql", "erp.toml")


def test_a_factor_confirms_one_of_the_units_people_count_in(tmp_path):
    (block,) = mapping(tmp_path, BLOCK + "[source.factors]\nnet_amount = 10000\n")
    assert block.factors == {"net_amount": 10_000}
    assert problem(tmp_path, BLOCK + "[source.factors]\nnet_amount = 12\n") == ("mapping_value", "factors.net_amount")
    assert problem(tmp_path, BLOCK + "[source.factors]\nfoo = 10000\n") == ("mapping_value", "factors.foo")
