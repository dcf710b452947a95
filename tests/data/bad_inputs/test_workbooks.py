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


def old_marks() -> bytes:
    """What the reader does not tell: formats, merges, errors, the 1904 calendar, a hidden sheet, blank columns before the first."""
    workbook, buffer = xlwt.Workbook(), io.BytesIO()
    workbook.dates_1904 = True
    sheet, drafts = workbook.add_sheet("orders"), workbook.add_sheet("drafts")
    drafts.visibility = 1
    six, day = (xlwt.easyxf(num_format_str=code) for code in ("000000", "yyyy-mm-dd"))
    for page in (sheet, drafts):
        for at, header in enumerate(ORDERS[0]):
            page.write(2, at + 1, header)
    sheet.write(3, 1, 1501, six)
    sheet.write_merge(4, 5, 1, 1, "S2")
    sheet.write(6, 1, 1234567890123456789)
    sheet.write(7, 1, "S4")
    sheet.write(8, 1, "S5")
    for row in range(3, 9):
        sheet.write(row, 2, str(row))
        sheet.write(row, 3, "C1")
        sheet.write(row, 4, 44712, *([day] if row == 3 else []))
    for row in range(3, 7):
        sheet.write(row, 5, row / 8)
    sheet.write(7, 5, xlwt.Formula("1+1"))  # stored without its value
    sheet.row(8).set_cell_error(5, "#DIV/0!")
    workbook.save(buffer)
    return buffer.getvalue()


def styled(*cells: tuple[float, str], column: int = 0, headers: list[str] = ORDERS[0]) -> bytes:
    """An order per cell: a number in one column, shown as a number format says."""

    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("orders")
        sheet.write_row(0, 0, headers)
        for row, (number, code) in enumerate(cells, 1):
            sheet.write_row(row, 0, [f"S{row}", str(row), "C1", "2026-06-01", 113])
            sheet.write_number(row, column, number, workbook.add_format({"num_format": code}))

    return written(fill)


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
        sheet.write(0, 5, "product_line")
        sheet.write_formula(1, 5, '=IF(B2=1,"","x")', value="MADE BLANK")

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
        old_marks(),
        "x.xls",
        {
            "status": "ready",
            "read": 6,
            "accepted": [4, 5, 6],
            "quarantined": {7: ["id_lost_digits"], 8: ["formula_no_value"], 9: ["excel_error"]},
            "told": [
                ("hidden_sheet", None, None, None, "drafts"),
                ("id_lost_digits", 7, "order_id", "1234567890123456768", "orders"),
                ("formula_no_value", 8, "net_amount", "", "orders"),
                ("excel_error", 9, "net_amount", "#DIV/0!", "orders"),
            ],
            "values": {
                "order_id": ["001501", "S2", "S2"],
                "order_date": ["2026-06-01", "2026-06-01", "2026-06-01"],
                "net_amount": ["0.3750", "0.5000", "0.6250"],
            },
        },
        id="an old workbook with formats, merges, errors and the 1904 calendar",
    ),
    pytest.param(
        old(orders=ORDERS)[:4000],
        "x.xls",
        {"status": "rejected", "told": [("damaged_workbook", None, None, None)]},
        id="half an old workbook",
    ),
    pytest.param(
        old(orders=ORDERS).replace(b"\x42\x00\x02\x00", b"\x2f\x00\x02\x00", 1),
        "x.xls",
        {"status": "rejected", "told": [("protected_workbook", None, None, None)]},
        id="an old workbook behind a password",
    ),
    pytest.param(
        archive("xl/workbook.bin", "x"),
        "x.xlsb",
        {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "XLSB"})]},
        id="a binary workbook, of which formats and errors cannot be seen",
    ),
    pytest.param(
        styled(
            (1501, "000000"), (1501, '"C"00000'), (1501, "00-0000"), (1234567, "000000_ "), (1501, "[Red]000000;-0"), (7, "0"), (7, "#,##0")
        ),
        "x.xlsx",
        {
            "status": "ready",
            "read": 7,
            "accepted": [2, 3, 4, 5, 6, 7, 8],
            "values": {"order_id": ["001501", "C01501", "00-1501", "1234567", "001501", "7", "7"]},
        },
        id="ids shown by many number formats",
    ),
    pytest.param(
        styled((46174, "m/d"), (46174, "yyyy-mm-dd"), (46174, "0")),
        "x.xlsx",
        {
            "status": "ready",
            "read": 3,
            "accepted": [4],
            "quarantined": {2: ["id_is_date"], 3: ["id_is_date"]},
            "told": [
                ("id_is_date", 2, "order_id", "2026-06-01 00:00:00", "orders"),
                ("id_is_date", 3, "order_id", "2026-06-01 00:00:00", "orders"),
            ],
            "values": {"order_id": ["46174"]},
        },
        id="ids that Excel took for dates",
    ),
    pytest.param(
        styled((0.05, "0%"), (5, "0.00"), (0.125, "0.0%"), column=4),
        "x.xlsx",
        {
            "status": "ready",
            "read": 3,
            "accepted": [3],
            "quarantined": {2: ["not_a_number"], 4: ["not_a_number"]},
            "told": [("not_a_number", 2, "net_amount", "5%", "orders"), ("not_a_number", 4, "net_amount", "12.5%", "orders")],
        },
        id="amounts shown in percent",
    ),
    pytest.param(
        styled((0.13, "0%"), (13, "0"), (0.06, "0.00%"), column=5, headers=[*ORDERS[0][:4], "价税合计", "税率(%)"]),
        "x.xlsx",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2, 3, 4],
            "values": {"tax_rate": ["0.130000", "0.130000", "0.060000"], "net_amount": ["100.0000", "100.0000", "106.6038"]},
        },
        id="tax rates shown in percent, under a header that says percent too",
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
        changed(formulas(), SHEET, lambda xml: xml.replace("MADE BLANK", "")),  # as Excel keeps a formula whose result is no text
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
