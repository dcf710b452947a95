"""Reports as text for other programs."""

import json
from datetime import date
from decimal import Decimal

from kpi.output import as_json, report_csv, report_json


def test_money_is_a_json_number_with_its_exact_digits() -> None:
    row = {
        "value": Decimal("1234567890123456.7800"),
        "zero": Decimal("0.0000"),
        "minus": Decimal("-1700.0000"),
        "rate": 1 / 3,
        "none": None,
    }
    text = report_json({"as_of": date(2026, 6, 30), "loaded": ("a",)}, [row])
    assert '"value": 1234567890123456.78' in text
    read = json.loads(text, parse_float=Decimal)
    assert read["rows"] == [
        {"value": Decimal("1234567890123456.78"), "zero": 0, "minus": -1700, "rate": Decimal(repr(1 / 3)), "none": None}
    ]
    assert read["meta"] == {"as_of": "2026-06-30", "loaded": ["a"]}


def test_a_report_without_rows_is_still_json() -> None:
    assert json.loads(report_json({}, [])) == {"meta": {}, "rows": []}


def test_text_is_written_as_it_is() -> None:
    assert as_json('华东 "A"') == '"华东 \\"A\\""'


def test_csv_has_every_column_and_no_formula() -> None:
    text = report_csv([{"rep_id": "=1+1", "value": Decimal("-5.50")}, {"rep_id": "R,2", "p10": 0.5, "value": None}])
    assert text.splitlines() == ["rep_id,value,p10", "'=1+1,-5.5,", '"R,2",,0.5']
