"""L10: what a file may ask of us, and that it is refused before it is laid out."""

import io
import time
import zipfile
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
import xlsxwriter

from data.config import RATES
from data.reading.handover import Terms, read_apart
from data.reading.limits import COMMAND, PAGE

TEXT = b"order_id,line_no,customer_id,order_date,net_amount\nS1,1,C1,2026-06-01,5\nS2,1,C1,2026-06-01,6\n"
TERMS = Terms("Asia/Shanghai", "CNY", date(2026, 10, 21), pl.DataFrame(schema=RATES), ())


def read(tmp_path, data, limits=PAGE, label="x.csv"):
    """What a child makes of the file: status, first rule and its parameters."""
    file = tmp_path / "file.raw"
    file.write_bytes(data)
    found = read_apart(file, label, TERMS, {}, tmp_path / f"out-{time.monotonic_ns()}", limits)
    remarks = [(f.rule, dict(f.params)) for f in found.findings if f.severity == "reject"]
    return found.status, remarks[0] if remarks else None


def workbook(sheets=1, change=None):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for _ in range(sheets):
            book.add_worksheet().write_row(0, 0, ["order_id", "net_amount"])
    if change is None:
        return buffer.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(name, change(text) if name == "xl/worksheets/sheet1.xml" else text)
    return changed.getvalue()


def test_a_file_within_the_limits_is_read_in_a_child(tmp_path):
    assert read(tmp_path, TEXT) == ("ready", None)


@pytest.mark.parametrize(
    ("data", "limits", "remark"),
    [
        (TEXT, {"file": 0}, ("file_too_big", {"limit": "0 MB"})),
        (TEXT, {"rows": 2}, ("too_many_rows", {"limit": "2", "found": "3"})),
        (TEXT, {"columns": 4}, ("too_many_columns", {"limit": "4", "found": "5"})),
        (workbook(3), {"sheets": 2}, ("too_many_sheets", {"limit": "2", "found": "3"})),
        (workbook(), {"unpacked": 1000}, ("dangerous_workbook", {"why": "size"})),
    ],
)
def test_what_is_over_a_limit_is_refused_naming_it(tmp_path, data, limits, remark):
    label = "x.xlsx" if data[:2] == b"PK" else "x.csv"
    assert read(tmp_path, data, replace(PAGE, **limits), label) == ("rejected", remark)


def test_the_command_line_has_no_limit_of_size_but_the_same_structure_checks(tmp_path):
    assert (COMMAND.file, COMMAND.rows, COMMAND.sheets) == (None, None, None)
    bomb = workbook(change=lambda xml: xml + " " * 30_000_000)
    assert read(tmp_path, bomb, COMMAND, "x.xlsx") == ("rejected", ("dangerous_workbook", {"why": "size"}))


def outside():
    buffer = io.BytesIO(workbook())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("../evil.txt", "x")
    return buffer.getvalue()


BOMBS = {
    "size": workbook(change=lambda xml: xml + " " * 60_000_000),
    "far": workbook(change=lambda xml: xml.replace("</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')),
    "entity": workbook(change=lambda xml: xml.replace("?>", '?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1)),
    "path": outside(),
}


@pytest.mark.parametrize("why", BOMBS)
def test_a_bomb_is_refused_within_two_seconds_and_nothing_is_written_outside(tmp_path, why):
    read(tmp_path, TEXT)  # the nursery is warm
    began = time.monotonic()
    assert read(tmp_path, BOMBS[why], PAGE, "x.xlsx") == ("rejected", ("dangerous_workbook", {"why": why}))
    assert time.monotonic() - began < 2
    assert not list(tmp_path.parent.rglob("evil.txt"))


def test_a_reader_that_runs_out_of_memory_or_time_rejects_the_file_and_the_next_one_is_read(tmp_path):
    many = b"order_id,line_no,customer_id,order_date,net_amount\n" + b"".join(b"S%d,1,C1,2026-06-01,5\n" % n for n in range(300_000))
    assert read(tmp_path, many, replace(PAGE, memory=40 * 2**20)) == ("rejected", ("reader_memory", {"limit": "40 MB"}))
    assert read(tmp_path, TEXT) == ("ready", None)
