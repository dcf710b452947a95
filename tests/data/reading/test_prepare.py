import io
import re
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

import data
from data.contracts import SOURCES
from data.reading.mapping import Mapping
from data.reading.prepare import prepare
from i18n import LANGUAGES, translator

_NO_TABLE = 'MIT License\n\nPermission is hereby granted, "free of charge", to any person\n"Software"), to deal\n'

ORDERS = "order_id,line_no,customer_id,order_date,net_amount\nS1,1,C1,2026-06-01,5\n"


def file(content, label="x.csv", **options):
    content = content if isinstance(content, bytes) else content.encode()
    return prepare(content, label, time_zone="Asia/Shanghai", currency="CNY", received_on=date(2026, 10, 21), **options)


def remarks(found):
    return [(f.rule, dict(f.params)) for f in found.findings if f.severity != "info"]


def workbook(**sheets):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_a_known_export_is_ready_with_every_column_of_its_contract_typed():
    found = file(ORDERS)
    (part,) = found.parts
    assert (found.status, part.source, part.header_row, part.mode, part.window_on) == (
        "ready",
        "orders",
        1,
        "window",
        ("order_date", "ship_date"),
    )
    assert part.accepted.columns == ["_row", *(column.name for column in SOURCES["orders"].columns)]
    assert part.accepted.schema["net_amount"] == pl.Decimal(18, 4)
    assert part.accepted.schema["order_date"] == pl.Date
    assert found.fingerprint == sha256(ORDERS.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "label"), [(_NO_TABLE, "README.md"), (_NO_TABLE, "LICENSE"), (_NO_TABLE, "notes.txt"), ("a,b\n1,2\n", "data.csv")]
)
def test_what_is_no_export_is_ignored_without_a_word(text, label):
    found = file(text, label)
    assert (found.status, found.parts, found.findings) == ("ignored", (), ())


@pytest.mark.parametrize(("label", "status"), [("orders.csv", "rejected"), ("orders.xlsx", "rejected"), ("photo", "ignored")])
def test_a_file_named_as_data_that_cannot_be_read_is_rejected(label, status):
    found = file(b"\x89PNG\r\n\x1a\n....", label)
    assert found.status == status


def test_a_missing_column_rejects_the_file_with_what_was_seen_and_may_be_meant():
    found = file("订单号,客户编马,发货日期,不含税金额\nS1,C1,2026-06-01,5\n")
    assert found.status == "rejected"
    assert remarks(found) == [
        ("missing_column_suggest", {"seen": "订单号, 客户编马, 发货日期, 不含税金额", "suggestion": "客户编马", "wanted": "customer_id"})
    ]  # fmt: skip


def test_two_columns_for_one_field_and_open_questions_reject_the_file():
    assert remarks(file("订单号,运单号,客户编码,发货日期,不含税金额\nS1,Y1,C1,2026-06-01,5\n")) == [
        ("two_columns", {"field": "order_id", "headers": "订单号, 运单号"})
    ]
    assert remarks(file("订单号,客户编码,日期,不含税金额\nS1,C1,2026-06-01,5\n")) == [
        ("ambiguous_header", {"options": "order_date, ship_date"})
    ]
    assert remarks(file("单据编号,客户,日期,金额\nS1,C1,2026-06-01,5\n")) == [
        ("ambiguous_source", {"sources": "orders, invoices, receipts"})
    ]


def test_a_header_without_rows_is_held_and_an_empty_file_rejected():
    assert (file(ORDERS.split("\n")[0]).status, remarks(file(ORDERS.split("\n")[0]))) == ("held", [("no_rows", {})])
    assert (file("").status, remarks(file(""))) == ("rejected", [("empty_file", {})])


def test_a_workbook_may_hold_several_sources_below_titles_and_with_serial_dates():
    content = workbook(
        人员=[["人员名册"], [], ["工号", "姓名", "岗位", "生效日期"], ["0101", "张三", "外勤", 46023]],
        客户=[["客户编码", "客户名称", "负责人", ""], ["C1", "甲", "张三", ""]],
        说明=[["随便写写"]],
    )
    found = file(content, "x.xlsx")
    assert [(p.source, p.sheet, p.header_row, p.accepted["_row"].to_list()) for p in found.parts] == [
        ("reps", "人员", 3, [4]),
        ("customers", "客户", 1, [2]),
    ]
    assert found.parts[0].accepted.select("rep_id", "valid_from").row(0) == ("0101", date(2026, 1, 1))


def test_merged_order_numbers_are_filled_down_and_blank_ones_set_aside():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(
            [
                ["订单号", "客户编码", "发货日期", "不含税金额"],
                ["", "C1", "2026-06-01", 1],
                ["", "C1", "2026-06-01", 2],
                ["", "C1", "2026-06-01", 3],
            ]
        ):
            sheet.write_row(number, 0, row)
        sheet.merge_range("A2:A3", "SO1")
    (part,) = file(buffer.getvalue(), "x.xlsx").parts
    assert part.accepted.select("order_id", "line_no").rows() == [("SO1", "1"), ("SO1", "2")]
    assert part.quarantined["_row"].to_list() == [4]


def test_formulas_without_a_value_and_rounded_ids_are_set_aside():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["订单号", "客户编码", "发货日期", "不含税金额", "成本"])
        for row in (1, 2, 3):
            sheet.write_row(row, 0, [f"S{row}", "C1", "2026-06-01", 5.5])
        sheet.write_formula(1, 4, "=D2*2", value="")
        sheet.write_number(2, 1, 1234567890123456789)
        sheet.write_formula(3, 4, "=D4*2", value=11)
    (part,) = file(buffer.getvalue(), "x.xlsx").parts
    assert part.quarantined["reasons"].to_list() == [["formula_no_value"], ["id_lost_digits"]]
    assert part.accepted["cost_amount"].to_list() == [Decimal(11)]


def test_a_wide_target_sheet_is_one_row_a_month():
    text = "2026年销售目标,,,,\n业务员编码,指标,1月,2月,3月\nR1,销售额,100,200,\nR2,销售额,,x,300\n"
    (part,) = file(text, "t.csv").parts
    assert part.accepted.select("_row", "scope", "scope_id", "period", "metric", "value").rows() == [
        (3, "rep", "R1", "2026-01", "revenue", Decimal(100)), (3, "rep", "R1", "2026-02", "revenue", Decimal(200)), (4, "rep", "R2",
        "2026-03", "revenue", Decimal(300)),
    ]  # fmt: skip
    assert (part.read, part.quarantined["_row"].to_list()) == (4, [4])


def test_a_wide_target_sheet_needs_a_year_from_somewhere():
    text = "路区编码,指标,{}1月,2月,3月\nE01,销售额,{}1,2,3\n"
    assert remarks(file(text.format("", ""), "t.csv")) == [("year_unknown", {})]
    assert file(text.format("年度,", "2025,"), "t.csv").parts[0].accepted["period"].to_list() == ["2025-01", "2025-02", "2025-03"]
    assert file(text.format("", ""), "targets_2027.csv").parts[0].accepted["period"][0] == "2027-01"


SALES = 'No,When,Who,Seller,Total Sales\nS1,03-04-2026,C1,007,"$1,234.50"\nS1,03-04-2026,C1,007,$5\n'
PEOPLE = "id,key\n007,K7\n"
MAPPING = Mapping(
    "orders",
    ("Sales*.csv",),
    origin="erp.toml",
    text="block",
    columns={"order_id": "No", "order_date": "When", "customer_id": "Who", "rep_id": "Seller", "net_amount": "Total Sales"},
    constants={"currency": "USD", "fx_rate": "7"},
    date_order="dmy",
    currency_sign="$",
    mode="upsert",
    window_on="ship_date",
    exported_on=r"_(\d{8})",
)


def test_a_mapping_lets_a_foreign_export_in():
    found = file(SALES, "Sales_20261021.csv", mappings=[MAPPING])
    (part,) = found.parts
    assert (found.status, found.exported_on, part.mode, part.window_on) == ("ready", date(2026, 10, 21), "upsert", ("ship_date",))
    assert part.accepted.select("order_id", "line_no", "order_date", "rep_id", "net_amount", "amount_base").rows() == [
        ("S1", "1", date(2026, 4, 3), "007", Decimal("8641.5"), Decimal("8641.5")), ("S1", "2", date(2026, 4, 3), "007", Decimal(35),
        Decimal(35)),
    ]  # fmt: skip


def test_a_mapping_that_names_a_header_not_in_the_file_rejects_it():
    found = file("No,When\nS1,x\n", "Sales.csv", mappings=[MAPPING])
    assert found.status == "rejected"
    assert {rule for rule, _ in remarks(found)} == {"mapped_header_missing", "missing_column"}


def test_a_mapping_may_join_another_file_of_the_load_and_keeps_the_row_numbers():
    joined = Mapping(
        "orders",
        ("Sales.csv",),
        origin="erp.toml",
        text="block",
        columns=MAPPING.columns | {"rep_id": "key"},
        date_order="dmy",
        currency_sign="$",
        sql="select this._row, this.*, person.key from this left join person on this.Seller = person.id where this.\"Total Sales\" <> '$5'",
        tables={"person": "People.csv"},
    )
    found = file(SALES, "Sales.csv", mappings=[joined], others={"People.csv": PEOPLE.encode()})
    assert found.parts[0].accepted.select("_row", "rep_id", "net_amount").rows() == [(2, "K7", Decimal("1234.5"))]
    assert file(PEOPLE, "People.csv", mappings=[joined]).status == "ignored"
    assert [f.rule for f in file(PEOPLE, "People.csv", mappings=[joined]).findings] == ["joined_only"]
    assert remarks(file(SALES, "Sales.csv", mappings=[joined])) == [
        ("joined_file_missing", {"mapping": "erp.toml", "pattern": "People.csv"})
    ]
    other = file(SALES, "Sales.csv", mappings=[joined], others={"People.csv": b"id,key\n007,K8\n"})
    assert other.fingerprint != found.fingerprint


def test_one_file_may_feed_several_sources():
    text = "no,customer,on,due,settled,sum\n0001,C1,2026-06-01,2026-07-01,2026-06-20,5\n0002,C1,2026-06-01,2026-07-01,,6\n"
    invoices = Mapping(
        "invoices",
        ("ar.csv",),
        columns={"invoice_id": "no", "customer_id": "customer", "invoice_date": "on", "due_date": "due", "amount": "sum"},
    )
    receipts = Mapping(
        "receipts",
        ("ar.csv",),
        columns={"receipt_id": "no", "invoice_id": "no_1", "customer_id": "customer", "received_on": "settled", "amount": "sum"},
        sql="select *, no as no_1 from this where settled <> ''",
    )
    parts = file(text, "ar.csv", mappings=[invoices, receipts]).parts
    assert [(p.source, p.accepted.height) for p in parts] == [("invoices", 2), ("receipts", 1)]
    assert parts[1].accepted.select("_row", "receipt_id", "invoice_id").rows() == [(2, "0001", "0001")]


def test_blank_key_cells_repeat_the_cell_above_only_where_the_mapping_says_so():
    text = ORDERS + ",2,C1,2026-06-01,6\n"
    assert file(text).parts[0].quarantined["_row"].to_list() == [3]
    filled = Mapping("orders", ("x.csv",), fill_down=("order_id",))
    assert file(text, mappings=[filled]).parts[0].accepted["order_id"].to_list() == ["S1", "S1"]


def test_every_message_that_can_be_raised_has_its_text_in_both_languages():
    """The codes are collected from the code itself, so that a new one cannot be forgotten."""
    folder = Path(data.__file__).parent
    text = "\n".join(path.read_text("utf-8") for part in ("reading", "checking") for path in (folder / part).glob("*.py"))
    found = re.findall(r'(?:tell|FileRejected|Finding|lit|fail\([^"]*)\(?\s*"([a-z_]+_[a-z_]+)"', text)
    errors = re.findall(r'ConfigError\(\s*"([a-z_]+)"', text)
    found = set(found) - {column.name for contract in SOURCES.values() for column in contract.columns}
    assert len(found) > 50
    for language in LANGUAGES:
        known = translator(language)
        assert [code for code in sorted(found) if f"finding.{code}" not in known] == []
        assert [code for code in errors if f"error.{code}" not in known] == []


def test_a_message_fills_in_its_place_and_value():
    finding = file(ORDERS.replace(",5", ",x")).parts[0].findings[0]
    filled = translator("en")(f"finding.{finding.rule}", value=finding.value, **dict(finding.params))
    assert filled == "“x” is not a number. Fix the cell and load the file again."
