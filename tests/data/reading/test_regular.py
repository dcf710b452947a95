from dataclasses import replace
from datetime import date
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.reading import headers, read, regular
from data.reading.parcel import Parcel
from data.reading.prepare import prepare

HEADER = ["order_id", "line_no", "customer_id", "order_date", "qty", "net_amount"]
CLEAN = {
    "order_id": st.integers(1, 40).map(lambda n: f"S{n}"),
    "line_no": st.integers(1, 9).map(str),
    "customer_id": st.sampled_from(["C1", "C2", "客户3"]),
    "order_date": st.dates(date(2026, 1, 1), date(2026, 9, 1)).map(str),
    "qty": st.integers(-5, 50).map(str),
    "net_amount": st.decimals(-1000, 100_000, places=2).map(str),
}
ODD = st.sampled_from(
    [
        "",
        " ",
        "x",
        "合计",
        "Total",
        "1,5",
        "1.234",
        "3/4/2026",
        "25/4/2026",
        "4/25/2026",
        "2026-02-30",
        "1e5",
        "S1 ",
        "\x01",
        "#N/A",
        '"q"',
        '"a\nb"',
        "\u00a0S1",
        "￥5.00",
        "(5.00)",
        "1.23456",
        "NULL",
        "-",
        "2031-01-01",
        "制表人：王",
        "\x00",
        "\ufffd",
        "a\rb",
        "9" * 20,
    ]
)


@st.composite
def tables(draw, odd_share=0.1, blank_share=0.02):
    """Lines of an orders export, most of them clean, with anything odd put in somewhere."""
    lines = [[draw(CLEAN[name]) for name in HEADER] for _ in range(draw(st.integers(1, 30)))]
    if draw(st.booleans()):  # keys of their own, else some come twice
        lines = [[f"S{number}", *line[1:]] for number, line in enumerate(lines)]
    for line in lines:
        if draw(st.floats(0, 1)) < odd_share:
            line[draw(st.integers(0, len(line) - 1))] = draw(ODD)
        if draw(st.floats(0, 1)) < odd_share / 3:
            line[:] = draw(st.sampled_from([[], line[1:], [*line, ""], ["合计", "", "", "", "", "12.50"]]))
        elif draw(st.floats(0, 1)) < blank_share:
            line[:] = [""] * len(line)
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join(delimiter.join(line) for line in [HEADER, *lines]) + draw(st.sampled_from(["", end, end + end]))


def sheet_of(text):
    """The sheet, or the refusal."""
    try:
        sheet = read.read_delimited(text, "x.csv", headers.known)
    except read.FileRejected as error:
        return error.code, error.params
    return sheet.rows.to_dict(as_series=False), sheet.ragged.to_dict(as_series=False), sheet.delimiter


@settings(max_examples=300, deadline=None)
@given(tables())
def test_the_short_way_reads_what_the_general_way_reads(text):
    with mock.patch.object(read, "read_regular", return_value=None):
        general = sheet_of(text)
    assert sheet_of(text) == general


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_short_line_is_not_made_up_for_by_a_long_last_one(end):
    text = "order_id,line_no,customer_id\nS1,1,C1\nS2,1\nS3,1,C3," + end
    sheet = read.read_delimited(text, "x.csv", headers.known)
    assert sheet.ragged.rows() == [(3, "S2,1"), (4, "S3,1,C3,")]


def prepared(data, folder):
    found = prepare(data, "orders.csv", time_zone="Asia/Shanghai", currency="CNY", received_on=date(2026, 10, 21), folder=folder)
    parts = []
    for part in found.parts:
        accepted = part.accepted.rows().collect() if isinstance(part.accepted, Parcel) else part.accepted
        assert accepted.height == part.accepted.height
        told = sorted(part.findings, key=repr)
        parts.append(
            (
                replace(part, accepted=None, quarantined=None, findings=()),
                accepted.select(sorted(accepted.columns)).rows(),
                part.quarantined.rows(),
                told,
            )
        )
    return found.status, found.findings, parts, found.fingerprint


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(odd_share=0.03), st.integers(60, 400))
def test_a_table_judged_in_pieces_is_judged_as_at_once(tmp_path, text, piece):
    with mock.patch.object(read, "read_regular", return_value=None):  # line by line
        at_once = prepared(text.encode(), None)
    with mock.patch.object(regular, "PIECE", piece):
        assert prepared(text.encode(), tmp_path) == at_once


def long_text(count=60, **odd):
    """Many clean orders; `odd` replaces the line of that number (l7="…")."""
    lines = [f"S{n},1,C1,2026-01-{n % 28 + 1:02d},2,{n}.50" for n in range(count)]
    for name, line in odd.items():
        lines[int(name[1:])] = line
    return "\n".join([",".join(HEADER), *lines, ""]).encode()


@pytest.mark.parametrize(
    ("odd", "apart"),
    [
        ({}, True),
        ({"l50": "S50,1,C1,2026-02-30,2,5"}, True),  # set aside
        ({"l59": "合计,,,,,1800.50"}, True),  # compared with the sum of all pieces
        ({"l59": "合计,,,,,7"}, True),
        ({"l50": ",,,,,"}, True),  # a blank row
        ({"l50": "S2,1,C1,2026-01-03,2,2.50"}, False),  # perhaps a key of another piece
        ({"l50": 'S50,1,C1,2026-01-03,2,"2.50"'}, False),  # quotes
        ({"l50": "S50,1,C1,25/01/2026,2,2.50"}, False),  # another order of dates
        ({"l50": "S50,1,C1,2026-01-03,2"}, False),  # ragged
        ({"l50": ""}, False),
    ],
)
def test_only_what_a_piece_can_know_is_judged_in_pieces(tmp_path, odd, apart):
    data = long_text(**odd)
    at_once = prepared(data, None)
    with mock.patch.object(regular, "PIECE", 300):
        assert prepared(data, tmp_path) == at_once
        found = prepare(data, "orders.csv", time_zone="UTC", currency="CNY", received_on=date(2026, 10, 21), folder=tmp_path)
    assert [isinstance(part.accepted, Parcel) for part in found.parts] == ([apart] if found.parts else [])


def test_remarks_of_all_pieces_count_together_and_lists_are_cut_short_as_in_one(tmp_path):
    odd = {f"l{n}": f"S{n},1,C1,2026-02-30,2,1.123456" for n in range(300, 900, 2)}
    data = long_text(1000, **odd, l950="S950,1,C1,2026-01-01,2,1.123456", l5="S5,1,C1,2026-01-01,2,1.123456")
    at_once = prepared(data, None)
    with mock.patch.object(regular, "PIECE", 3000):
        assert prepared(data, tmp_path) == at_once
    rules = [f.rule for f in at_once[2][0][3]]
    assert rules.count("not_a_date") == 200
    assert rules.count("more_like_this") == 1
    assert rules.count("rounded") == 1
