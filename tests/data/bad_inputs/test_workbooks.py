"""Workbooks: what they are, what is in them that nobody sees, and what must not be opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
import xlwt

ORDERS: list[list[Any]] = [["order_id", "line_no", "customer_id", "order_date", "net_amount"], ["S1", "1", "C1", "2026-06-01", 5.5]]
SHEET = "xl/worksheets/sheet1.xml"
PROTECTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")


def written(fill: Callable[[Any], None], options: dict[str, Any] | None = None) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, options or {}) as workbook:
        fill(workbook)
    return buffer.getvalue()


def book(options: dict[str, Any] | None = None, **sheets: list[list[Any]]) -> bytes:
    def fill(workbook: Any) -> None:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)

    return written(fill, options)


def old(**sheets: list[list[Any]]) -> bytes:
    """The same as a workbook of Excel 97."""
    workbook, buffer = xlwt.Workbook(), io.BytesIO()
    for name, rows in sheets.items():
        sheet = workbook.add_sheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell)
    workbook.save(buffer)
    return buffer.getvalue()


def changed(data: bytes, member: str, change: Callable[[str], str]) -> bytes:
    """The workbook with one member's text changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, change(before.read(name).decode()) if name == member else before.read(name))
    return buffer.getvalue()


def flipped(data: bytes) -> bytes:
    """The workbook with one byte of its packed sheet turned over."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        found = packed.getinfo(SHEET)
    at = found.header_offset + 30 + len(SHEET) + found.compress_size // 2
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def archive(member: str, text: str, data: bytes = b"") -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as packed:
        packed.writestr(member, text)
    return buffer.getvalue()


def merged() -> bytes:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("orders")
        for number, row in enumerate([ORDERS[0], *(["", str(n), "C1", "2026-06-01", n] for n in (1, 2, 3))]):
            sheet.write_row(number, 0, row)
        sheet.merge_range("A2:A3", "SO1")

    return written(fill)


def hidden() -> bytes:
    def fill(workbook: Any) -> None:
        for name in ("orders", "drafts"):
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate([*ORDERS, ["S2", *ORDERS[1][1:]]]):
                sheet.write_row(number, 0, row)
            sheet.set_row(2, None, None, {"hidden": True})
        sheet.hide()

    return written(fill)


def formulas() -> bytes:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("orders")
        for number, row in enumerate([ORDERS[0], *([f"S{n}", *ORDERS[1][1:4]] for n in (1, 2, 3))]):
            sheet.write_row(number, 0, row)
        for row, value in enumerate((11, "", "#DIV/0!"), 1):
            sheet.write_formula(row, 4, "=B2*2", value=value)

    return written(fill)


def numbered_ids() -> bytes:
    def fill(workbook: Any) -> None:
        sheet, six = workbook.add_worksheet("orders"), workbook.add_format({"num_format": "000000"})
        rows = [(1501, six, "C1"), (1502, None, "C1"), (1234567890123456789, None, "C1"), (1503, None, "1.23E+11"), (1504, None, "1E5")]
        sheet.write_row(0, 0, ORDERS[0])
        for at, (number, style, customer) in enumerate(rows, 1):
            sheet.write_number(at, 0, number, style)
            sheet.write_row(at, 1, ["1", customer, "2026-06-01", 5])

    return written(fill)


CASES = [
    pytest.param(
        book(
            人员=[["人员名册"], [], ["工号", "姓名", "岗位", "生效日期"], ["0101", "张三", "外勤", 46023]],
            客户=[["客户编码", "客户名称", "负责人", ""], ["C1", "甲", "张三", ""]],
            说明=[["随便写写"]],
        ),
        "x.xlsx",
        {"status": "ready", "read": 2, "accepted": [4, 2], "values": {"_row": ["4", "2"]}},
        id="a workbook, several sheets of two sources",
    ),
    pytest.param(
        book(orders=ORDERS),
        "x.xls",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.5000"]}},
        id="a workbook named .xls",
    ),
    pytest.param(
        book(orders=ORDERS),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.5000"]}},
        id="a workbook named .csv",
    ),
    pytest.param(
        old(orders=ORDERS),
        "x.xls",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"order_date": ["2026-06-01"], "net_amount": ["5.5000"]}},
        id="an old workbook",
    ),
    pytest.param(
        old(orders=ORDERS),
        "x.xlsx",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"order_date": ["2026-06-01"], "net_amount": ["5.5000"]}},
        id="an old workbook named .xlsx",
    ),
    pytest.param(
        PROTECTED, "x.xlsx", {"status": "rejected", "told": [("protected_workbook", None, None, None)]}, id="a workbook behind a password"
    ),
    pytest.param(
        book(orders=ORDERS)[:3000], "x.xlsx", {"status": "rejected", "told": [("damaged_workbook", None, None, None)]}, id="half a workbook"
    ),
    pytest.param(
        changed(book(orders=ORDERS), SHEET, lambda xml: xml[: len(xml) // 2]),
        "x.xlsx",
        {"status": "rejected", "told": [("damaged_workbook", None, None, None)]},
        id="a workbook with a torn sheet",
    ),
    pytest.param(
        flipped(book(orders=[ORDERS[0], *([f"S{n}", *ORDERS[1][1:]] for n in range(500))])),
        "x.xlsx",
        {"status": "rejected", "told": [("damaged_workbook", None, None, None)]},
        id="a workbook with a flipped byte",
    ),
    pytest.param(
        archive("a.txt", "x"),
        "x.xlsx",
        {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "ZIP"})]},
        id="another kind of archive",
    ),
    pytest.param(
        changed(book(orders=ORDERS), SHEET, lambda xml: xml + " " * 30_000_000),
        "x.xlsx",
        {"status": "rejected", "told": [("dangerous_workbook", None, None, None, {"why": "size"})]},
        id="a sheet that unpacks to a hundred times its size",
    ),
    pytest.param(
        changed(
            book(orders=ORDERS),
            SHEET,
            lambda xml: xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
        ),
        "x.xlsx",
        {"status": "rejected", "told": [("dangerous_workbook", None, None, None, {"why": "far"})]},
        id="a cell far away",
    ),
    pytest.param(
        archive("../evil.txt", "x", book(orders=ORDERS)),
        "x.xlsx",
        {"status": "rejected", "told": [("dangerous_workbook", None, None, None, {"why": "path"})]},
        id="an outside member",
    ),
    pytest.param(
        changed(book(orders=ORDERS), SHEET, lambda xml: xml.replace("?>", '?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>', 1)),
        "x.xlsx",
        {"status": "rejected", "told": [("dangerous_workbook", None, None, None, {"why": "entity"})]},
        id="an entity",
    ),
    pytest.param(
        changed(
            book(orders=ORDERS),
            "xl/sharedStrings.xml",
            lambda xml: xml.replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', 1),
        ),
        "x.xlsx",
        {"status": "rejected", "told": [("dangerous_workbook", None, None, None, {"why": "entity"})]},
        id="an entity bomb in the texts",
    ),
    pytest.param(
        merged(),
        "x.xlsx",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2, 3],
            "quarantined": {4: ["required_empty"]},
            "told": [("required_empty", 4, "order_id", "", "orders")],
            "values": {"order_id": ["SO1", "SO1"], "line_no": ["1", "2"]},
        },
        id="order numbers merged down the rows",
    ),
    pytest.param(
        hidden(),
        "x.xlsx",
        {
            "status": "ready",
            "read": 2,
            "accepted": [2, 3],
            "told": [("hidden_sheet", None, None, None, "drafts")],
            "values": {"order_id": ["S1", "S2"]},
        },
        id="a hidden sheet and a hidden row",
    ),
    pytest.param(
        formulas(),
        "x.xlsx",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2],
            "quarantined": {3: ["formula_no_value"], 4: ["excel_error"]},
            "told": [("formula_no_value", 3, "net_amount", "", "orders"), ("excel_error", 4, "net_amount", "#DIV/0!", "orders")],
            "values": {"net_amount": ["11.0000"]},
        },
        id="formulas with a value, without, and in error",
    ),
    pytest.param(
        numbered_ids(),
        "x.xlsx",
        {
            "status": "ready",
            "read": 5,
            "accepted": [2, 3, 6],
            "quarantined": {4: ["id_lost_digits"], 5: ["id_display_form"]},
            "told": [
                ("id_lost_digits", 4, "order_id", "1234567890123457024", "orders"),
                ("id_display_form", 5, "customer_id", "1.23E+11", "orders"),
            ],
            "values": {"order_id": ["001501", "1502", "1504"], "customer_id": ["C1", "C1", "1E5"]},
        },
        id="ids that are numbers",
    ),
    pytest.param(
        book({"date_1904": True}, orders=[ORDERS[0], ["S1", "1", "C1", 44712, 5]]),
        "x.xlsx",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"order_date": ["2026-06-01"]}},
        id="days of a 1904 workbook",
    ),
    pytest.param(
        book(
            orders=[
                ORDERS[0],
                ["S1", "1", "C1", 46174, 5],
                ["S2", "1", "C1", 0, 5],
                ["S3", "1", "C1", 46174.9999999, 5],
                ["S4", "1", "C1", 123, 5],
            ]
        ),
        "x.xlsx",
        {
            "status": "ready",
            "read": 4,
            "accepted": [2, 4],
            "quarantined": {3: ["not_a_date"], 5: ["not_a_date"]},
            "told": [("not_a_date", 3, "order_date", "0", "orders"), ("not_a_date", 5, "order_date", "123", "orders")],
            "values": {"order_date": ["2026-06-01", "2026-06-02"]},
        },
        id="day numbers that are no days",
    ),
    pytest.param(
        book(
            orders=[
                ORDERS[0],
                ["S1", "1", "C1", 46174, 0.1 + 0.2],
                ["S2", "1", "C1", 46174, 1e-7],
                ["S3", "1", "C1", 46174, 1234567890.125],
            ]
        ),
        "x.xlsx",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2, 3, 4],
            "told": [("rounded", 3, "net_amount", "0.0000001", "orders")],
            "values": {"net_amount": ["0.3000", "0.0000", "1234567890.1250"]},
        },
        id="numbers with the noise of a computer",
    ),
    pytest.param(
        book(orders=[ORDERS[0], ["S1", "1", "C1", "2026/6/1", "1,234.50"], ["S2", "1", "C1", "2026/6/1", "1.234.50"]]),
        "x.xlsx",
        {
            "status": "ready",
            "read": 2,
            "accepted": [2],
            "quarantined": {3: ["not_a_number"]},
            "told": [("not_a_number", 3, "net_amount", "1.234.50", "orders")],
            "values": {"net_amount": ["1234.5000"]},
        },
        id="amounts kept as text",
    ),
    pytest.param(
        book(orders=[["拜访人", "计划", "", "客户"], ["", "日期", "备注", "编码"], ["R1", 46174, "", "C1"], ["合计", "", "", ""]]),
        "x.xlsx",
        {
            "status": "ready",
            "read": 2,
            "accepted": [3],
            "skipped": 1,
            "told": [("extra_columns", 1, None, None, "orders"), ("skipped_total", 4, None, None, "orders")],
            "values": {"planned_date": ["2026-06-01"]},
        },
        id="two header rows and a total",
    ),
    pytest.param(
        book(orders=[ORDERS[0]]), "x.xlsx", {"status": "held", "told": [("no_rows", 1, None, None, "orders")]}, id="only a header"
    ),
    pytest.param(book(orders=[]), "x.xlsx", {"status": "ignored"}, id="an empty sheet"),
]


@pytest.mark.parametrize(("content", "label", "expected"), CASES)
def test_every_row_ends_where_it_must(judge: Callable[..., None], content: bytes | str, label: str, expected: dict[str, Any]) -> None:
    judge(content, label, expected)
