"""The bytes of a text file: encoding, delimiter, line ends, quotes, and files that are none."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.reading.mapping import read_mapping

HEAD = "order_id,line_no,customer_id,order_date,qty,net_amount\n"
ROW = "S1,1,C1,2026-06-01,1,5.00\n"
ZH = "订单号,行号,客户编码,订单日期,数量,不含税金额\nS1,1,C1,2026-06-01,1,5.00\n"

WESTERN = "customer_id,customer_name,owner_id\nC1,Müller GmbH,R1\nC2,Bäckerei Höß,R1\n"

CASES = [
    pytest.param(
        codecs.BOM_UTF8 + ZH.encode(),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="utf-8 with a byte-order mark",
    ),
    pytest.param(
        codecs.BOM_UTF16_LE + ZH.encode("utf-16-le"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="utf-16 little end first",
    ),
    pytest.param(
        codecs.BOM_UTF16_BE + ZH.encode("utf-16-be"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="utf-16 big end first",
    ),
    pytest.param(
        ZH.replace("C1", "客户甲").encode("gb18030"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"customer_id": ["客户甲"]}},
        id="gb18030",
    ),
    pytest.param(
        (HEAD + ROW).encode() + "S2,1,客户,2026-06-01,1,5\n".encode() + "S3,1,客户".encode("gb18030") + b",2026-06-01,1,\xff\n",
        "x.csv",
        {"status": "rejected", "told": [("undecodable", 4, None, None, {"encoding": "utf-8", "offset": "113"})]},
        id="mixed encodings",
    ),
    pytest.param(
        WESTERN.encode("windows-1252"),
        "x.csv",
        {"status": "rejected", "told": [("encoding_unsure", 2, None, None, {"word": "M黮ler"})]},
        id="a western encoding that reads as rare Chinese signs",
    ),
    pytest.param(
        codecs.BOM_UTF16_LE + (HEAD + ROW).encode("utf-16-le") + b"\x00\xd8S\x00",
        "x.csv",
        {"status": "rejected", "told": [("undecodable", 3, None, None, {"encoding": "utf-16-le", "offset": "162"})]},
        id="a broken utf-16 pair",
    ),
    pytest.param(
        ZH.encode("utf-16-le"),
        "x.csv",
        {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "binary"})]},
        id="utf-16 without a byte-order mark",
    ),
    pytest.param(
        HEAD + "S1,1,C\ufffd,2026-06-01,1,5\n" + ROW.replace("S1", "S2"),
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [3],
            "quarantined": {2: ["control_character"]},
            "told": [("control_character", 2, "customer_id", "C�")],
        },
        id="a replacement character that somebody saved",
    ),
    pytest.param(
        (HEAD + ROW).replace(",", ";"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="semicolons",
    ),
    pytest.param(
        (HEAD + ROW).replace(",", "\t"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="tabs",
    ),
    pytest.param(
        (HEAD + ROW).replace(",", "|"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="bars",
    ),
    pytest.param(
        HEAD + 'S1,1,"C,1",2026-06-01,1,"1,234.50"\n',
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"customer_id": ["C,1"], "net_amount": ["1234.5000"]}},
        id="a comma in quotes",
    ),
    pytest.param(
        HEAD + 'S1,1,"C\n1",2026-06-01,1,5\n' + ROW.replace("S1", "S2"),
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [4],
            "quarantined": {2: ["control_character"]},
            "told": [("control_character", 2, "customer_id", "C\\x0a1")],
        },
        id="a line break in quotes",
    ),
    pytest.param(
        (HEAD + ROW).replace("\n", "\r"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="line ends of an old Mac",
    ),
    pytest.param(
        (HEAD + ROW).replace("\n", "\r\n"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="line ends of Windows",
    ),
    pytest.param(
        (HEAD + ROW).rstrip("\n"),
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}},
        id="no line end at the end",
    ),
    pytest.param(
        HEAD + ROW + "S2,1,C1,2026-06-01,5\n",
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [2],
            "quarantined": {3: ["ragged_row"]},
            "told": [("ragged_row", 3, None, "S2,1,C1,2026-06-01,5")],
        },
        id="a row too short",
    ),
    pytest.param(
        HEAD + ROW + "S2,1,C1,2026-06-01,1,5,6\n",
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [2],
            "quarantined": {3: ["ragged_row"]},
            "told": [("ragged_row", 3, None, "S2,1,C1,2026-06-01,1,5,6")],
        },
        id="a row too long",
    ),
    pytest.param(
        HEAD + ROW + 'S2,1,"C1,2026-06-01,1,5\nS3,1,C1,2026-06-01,1,5\n',
        "x.csv",
        {"status": "rejected", "told": [("open_quote", 3, None, None)]},
        id="a quote never closed",
    ),
    pytest.param(
        HEAD + 'S2,1,"C1"x,2026-06-01,1,5\n',
        "x.csv",
        {"status": "rejected", "told": [("bad_quote", 2, None, None)]},
        id="text behind a closing quote",
    ),
    pytest.param(
        HEAD + ROW + "S2,1,C\x001,2026-06-01,1,5\n",
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [2],
            "quarantined": {3: ["control_character"]},
            "told": [("control_character", 3, "customer_id", "C\\x001")],
        },
        id="a NUL in a cell",
    ),
    pytest.param(
        HEAD + ROW + "S2,1,C\x071,2026-06-01,1,5\n",
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [2],
            "quarantined": {3: ["control_character"]},
            "told": [("control_character", 3, "customer_id", "C\\x071")],
        },
        id="a bell in a cell",
    ),
    pytest.param(
        HEAD + ROW + f"S2,1,{'C' * 32_768},2026-06-01,1,5\n",
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [2],
            "quarantined": {3: ["cell_too_long"]},
            "told": [
                ("cell_too_long", 3, "customer_id", "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC…")
            ],
        },
        id="a huge cell",
    ),
    pytest.param("", "x.csv", {"status": "rejected", "told": [("empty_file", None, None, None)]}, id="an empty file"),
    pytest.param(
        codecs.BOM_UTF8, "x.csv", {"status": "rejected", "told": [("empty_file", None, None, None)]}, id="nothing but a byte-order mark"
    ),
    pytest.param("\n\n  \n", "x.csv", {"status": "rejected", "told": [("empty_file", None, None, None)]}, id="nothing but blank lines"),
    pytest.param(HEAD, "x.csv", {"status": "held", "told": [("no_rows", 1, None, None)]}, id="a header without rows"),
    pytest.param(
        b"%PDF-1.7 ...", "x.csv", {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "PDF"})]}, id="a PDF"
    ),
    pytest.param(
        b"<html><body><table><tr><td>order_id</td></tr></table></body></html>",
        "x.xls",
        {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "HTML/XML"})]},
        id="HTML named .xls",
    ),
    pytest.param(
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "x.xls",
        {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "HTML/XML"})]},
        id="XML named .xls",
    ),
    pytest.param(
        b"\x1f\x8b\x08\x00data",
        "x.csv",
        {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "gzip"})]},
        id="an archive",
    ),
    pytest.param(
        b"\x89PNG\r\n\x1a\n....",
        "x.csv",
        {"status": "rejected", "told": [("wrong_format", None, None, None, {"format": "PNG"})]},
        id="a picture",
    ),
    pytest.param(
        bytes(range(256)) * 4,
        "x.csv",
        {"status": "rejected", "told": [("undecodable", 2, None, None, {"encoding": "utf-8", "offset": "128"})]},
        id="bytes without meaning",
    ),
    pytest.param(
        HEAD + ROW, "x.xlsx", {"status": "ready", "read": 1, "accepted": [2], "values": {"net_amount": ["5.0000"]}}, id="a CSV named .xlsx"
    ),
    pytest.param("dear all,\nplease find the export attached\n", "x.csv", {"status": "ignored"}, id="neither one nor the other"),
]


@pytest.mark.parametrize(("content", "label", "expected"), CASES)
def test_every_row_ends_where_it_must(judge: Callable[..., None], content: bytes | str, label: str, expected: dict[str, Any]) -> None:
    judge(content, label, expected)


SAYS = '[[source]]\nsource = "customers"\nfiles = ["*.csv"]\n'


@pytest.mark.parametrize(
    ("line", "content", "names"),
    [
        ('encoding = "windows-1252"', WESTERN.encode("windows-1252"), ["Müller GmbH", "Bäckerei Höß"]),
        (
            'encoding = "gb18030"',
            WESTERN.replace("Müller", "镕").replace("ä", "a").replace("öß", "o").encode("gb18030"),
            ["镕 GmbH", "Backerei Ho"],
        ),
        ('delimiter = "|"', b"customer_id|customer_name,owner_id|owner_id\nC1|A,B|R1\n".replace(b"name,owner_id", b"name"), ["A,B"]),
    ],
)
def test_a_mapping_says_what_the_file_cannot(
    judge: Callable[..., None], tmp_path: Path, line: str, content: bytes, names: list[str]
) -> None:
    (tmp_path / "m.toml").write_text(SAYS + line + "\n", "utf-8")
    rows = list(range(2, 2 + len(names)))
    expected = {"status": "ready", "read": len(rows), "accepted": rows, "values": {"customer_name": names}}
    judge(content, "x.csv", expected, mappings=read_mapping(tmp_path / "m.toml"))
