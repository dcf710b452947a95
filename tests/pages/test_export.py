import io
import zipfile
from datetime import date
from decimal import Decimal

import fastexcel
import polars as pl
import pytest

from pages.ui.export import Chart, Sheet, csv_files, file_name, safe, workbook


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "\u3000＝1", "＋x", "－x", "＠x", "\nx", "\0x"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Acme", "a=b", "1-2", "中远"])
def test_other_text_is_left_alone(text: str) -> None:
    assert safe(text) == text


def read(data: bytes, sheet: str) -> pl.DataFrame:
    return fastexcel.read_excel(io.BytesIO(data).getvalue()).load_sheet(sheet).to_polars()


def test_a_workbook_has_a_sheet_per_table_and_numbers_stay_numbers() -> None:
    frame = pl.DataFrame({"name": ["=cmd()", "B"], "value": [Decimal("1.50"), None], "rate": [0.5, 0.25], "day": [date(2026, 1, 2), None]})
    headers = {"name": "Name", "value": "Amount", "rate": "Rate", "day": "Day"}
    data = workbook([Sheet("A/B", frame, headers, {"value": "money", "rate": "rate"}), Sheet("A/B", frame, headers, {})])
    assert fastexcel.read_excel(data).sheet_names == ["A-B", "A-B1"]
    rows = read(data, "A-B")
    assert rows.columns == list(headers.values())
    assert rows["Name"].to_list() == ["'=cmd()", "B"]
    assert rows["Amount"].to_list() == [1.5, None]


def test_two_downloads_never_share_a_name() -> None:
    names = {file_name("overview", date(2026, 10, 21)) for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("fieldbook-overview-20261021-") for name in names)


def test_a_sheet_with_a_picture_has_a_chart_of_the_spreadsheets_own() -> None:
    frame = pl.DataFrame({"name": ["North", "East", "Total"], "value": [Decimal("1.50"), Decimal("2"), Decimal("3.50")]})
    headers, units = {"name": "Name", "value": "Amount"}, {"value": "money"}
    with zipfile.ZipFile(io.BytesIO(workbook([Sheet("Regions", frame, headers, units, Chart("bar", "name", ("value",), 2))]))) as book:
        drawn = book.read("xl/charts/chart1.xml").decode()
    assert "Regions!$B$2:$B$3" in drawn  # the total is no bar
    assert not [
        name for name in zipfile.ZipFile(io.BytesIO(workbook([Sheet("Regions", frame, headers, units)]))).namelist() if "chart" in name
    ]


def test_every_table_is_a_csv_that_a_spreadsheet_reads_and_does_not_run() -> None:
    frame = pl.DataFrame({"name": ["=cmd()", "华东"], "value": [Decimal("-1.50"), None]})
    sheet = Sheet("A/B", frame, {"name": "Name", "value": "Amount"}, {"value": "money"})
    with zipfile.ZipFile(io.BytesIO(csv_files([sheet, sheet]))) as pack:
        assert pack.namelist() == ["A-B.csv", "A-B1.csv"]
        assert pack.read("A-B.csv").decode("utf-8") == "\ufeffName,Amount\r\n'=cmd(),-1.50\r\n华东,\r\n"
