import io
import zipfile
from datetime import datetime

import pytest
import xlsxwriter

from data.errors import FileRejected
from data.reading.read import read_file


def workbook(fill, **options):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, options) as book:
        fill(book)
    return buffer.getvalue()


def rejected(data):
    with pytest.raises(FileRejected) as caught:
        read_file(data, "export.xlsx")
    return caught.value.code, caught.value.params.get("why") or caught.value.params.get("format")


def rewritten(data, member, change):
    """The workbook with one member's text changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name).decode()) if name == member else old.read(name))
    return buffer.getvalue()


def simple(book):
    book.add_worksheet("数据").write_row(0, 0, ["a", "b"])


def test_rows_and_columns_are_counted_as_in_excel_with_every_cell_as_text():
    def fill(book):
        sheet = book.add_worksheet("数据")
        sheet.write_row(2, 1, ["编号", "金额", "日期"])
        sheet.write_string(4, 1, "0001")
        sheet.write_number(4, 2, 1200.5)
        sheet.write_datetime(4, 3, datetime(2026, 2, 1, 8, 30), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    (sheet,) = read_file(workbook(fill), "x.xlsx")
    assert sheet.rows.columns == ["_row", "c1", "c2", "c3"]
    assert sheet.rows.rows() == [(3, "编号", "金额", "日期"), (5, "0001", "1200.5", "2026-02-01 08:30:00")]


def test_a_number_shown_with_leading_zeros_keeps_them():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "n"])
        sheet.write_number(1, 0, 1501, book.add_format({"num_format": "000000"}))
        sheet.write_number(1, 1, 1501)

    (sheet,) = read_file(workbook(fill), "x.xlsx")
    assert sheet.rows.row(1) == (2, "001501", "1501")


def test_error_values_formulas_without_value_and_rounded_numbers_are_seen():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_formula(1, 0, "=1/0", value="#DIV/0!")
        sheet.write_formula(1, 1, "=1+1", value="")
        sheet.write_number(1, 2, 1234567890123456789)

    (sheet,) = read_file(workbook(fill), "x.xlsx")
    assert sheet.rows.row(1)[:3] == (2, "#DIV/0!", "")
    assert sheet.uncached == ((2, 1),)
    assert sheet.lost == ((2, 2),)


def test_hidden_sheets_are_named_but_not_read():
    def fill(book):
        simple(book)
        book.add_worksheet("秘密").write(0, 0, "x")
        book.get_worksheet_by_name("秘密").hide()

    sheets = read_file(workbook(fill), "x.xlsx")
    assert [(s.name, s.hidden, s.rows.height) for s in sheets] == [("数据", False, 1), ("秘密", True, 0)]


def test_cells_merged_downwards_are_told():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.merge_range("A2:A4", "SO1")
        sheet.write_column(1, 1, [1, 2, 3])

    (sheet,) = read_file(workbook(fill), "x.xlsx")
    assert sheet.merged == ((0, 2, 4),)


def test_the_1904_calendar_is_told():
    (sheet,) = read_file(workbook(simple, date_1904=True), "x.xlsx")
    assert sheet.is_1904


def test_a_cut_workbook_is_damaged():
    data = workbook(simple)
    assert rejected(data[: len(data) // 2]) == ("damaged_workbook", None)


def test_a_zip_without_a_workbook_is_rejected_by_what_it_is():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    assert rejected(buffer.getvalue()) == ("wrong_format", "ZIP")


def test_a_protected_workbook_is_told_as_such():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert rejected(data) == ("protected_workbook", None)


def test_a_far_away_cell_is_refused_before_it_is_laid_out():
    data = rewritten(
        workbook(simple),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
    )
    assert rejected(data) == ("dangerous_workbook", "far")


def test_a_bomb_an_outside_path_and_an_entity_are_refused():
    bomb = rewritten(workbook(simple), "xl/worksheets/sheet1.xml", lambda xml: xml + " " * 30_000_000)
    assert rejected(bomb) == ("dangerous_workbook", "size")
    entity = rewritten(workbook(simple), "xl/worksheets/sheet1.xml", lambda xml: xml.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>', 1))
    assert rejected(entity) == ("dangerous_workbook", "entity")
    buffer = io.BytesIO(workbook(simple))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("../evil.txt", "x")
    assert rejected(buffer.getvalue()) == ("dangerous_workbook", "path")
