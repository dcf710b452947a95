"""Titles, totals, blank rows, and headers that are missing, doubled or could mean two things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEAD = "order_id,line_no,customer_id,order_date,qty,net_amount\n"
ROW = "S1,1,C1,2026-06-01,1,5.00\n"
ZH = "订单号,行号,客户编码,订单日期,数量,不含税金额\nS1,1,C1,2026-06-01,1,5.00\n"

CASES = [
    pytest.param(
        "销售明细,,,,,\n2026年6月,,,,,\n\n" + ZH,
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [5], "values": {"net_amount": ["5.0000"]}},
        id="titles and a blank row above the header",
    ),
    pytest.param(
        "客户,,拜访人,计划,\n编码,备注,,日期,状态\nC1,x,R1,2026-06-01,待拜访\n",
        "x.csv",
        {
            "status": "ready",
            "read": 1,
            "accepted": [3],
            "told": [("extra_columns", 1, None, None)],
            "values": {"customer_id": ["C1"], "planned_date": ["2026-06-01"]},
        },
        id="two header rows",
    ),
    pytest.param("x\n" * 20 + HEAD + ROW, "x.csv", {"status": "ignored"}, id="a header below row 20"),
    pytest.param(
        "order_id,line_no,customer_id,order_date,,net_amount\n,,,,,\nS1,1,C1,2026-06-01,,5.00\n\n,,,,,\n",
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [3], "values": {"net_amount": ["5.0000"]}},
        id="blank rows and a nameless blank column",
    ),
    pytest.param(
        HEAD + ROW + "小计,,,,,5.00\n" + ROW.replace("S1", "S2") + "小计,,,,,5.00\n"
        "合计,,,,2,10.00\n"
        "制表人：张三,,,,,\n"
        "导出时间: 2026-07-01 08:00,,,,,\n",
        "x.csv",
        {
            "status": "ready",
            "read": 7,
            "accepted": [2, 4],
            "skipped": 5,
            "told": [("skipped_total", 6, None, None), ("skipped_subtotal", 3, None, None), ("skipped_note", 7, None, None)],
        },
        id="subtotal, total and who made the list",
    ),
    pytest.param(
        HEAD + ROW + "Total,,,,,5.01\n",
        "x.csv",
        {
            "status": "held",
            "read": 2,
            "accepted": [2],
            "skipped": 1,
            "told": [("total_differs", None, "net_amount", None, {"printed": "5.01", "summed": "5"}), ("skipped_total", 3, None, None)],
        },
        id="a printed total that differs",
    ),
    pytest.param(
        HEAD + ROW + ",,C1 小计,,,5\n" + ROW.replace("S1", "S2") + "S2 汇总,,,,,5\n,,East Total,,,5\n,,总计：,,,10\n共 2 条记录,,,,,\n",
        "x.csv",
        {
            "status": "ready",
            "read": 7,
            "accepted": [2, 4],
            "skipped": 5,
            "told": [("skipped_total", 7, None, None), ("skipped_subtotal", 3, None, None), ("skipped_note", 8, None, None)],
        },
        id="subtotals of groups, in whichever column, and the number of records",
    ),
    pytest.param(
        HEAD + ROW.replace("C1", "北京合计") + ROW.replace("S1", "S2").replace("C1", "Sub Total Ltd"),
        "x.csv",
        {"status": "ready", "read": 2, "accepted": [2, 3], "values": {"customer_id": ["北京合计", "Sub Total Ltd"]}},
        id="customers whose name sounds like a total",
    ),
    pytest.param(
        HEAD + ROW + "制表人: 张三\n",
        "x.csv",
        {"status": "ready", "read": 2, "accepted": [2], "skipped": 1, "told": [("skipped_note", 3, None, None)]},
        id="a note of one cell below the rows",
    ),
    pytest.param(
        "Net Amount(元),备注,ＯＲＤＥＲ＿ＩＤ,Line No.,customer id,ORDER DATE\n5,x,S1,1,C1,2026-06-01\n",
        "x.csv",
        {
            "status": "ready",
            "read": 1,
            "accepted": [2],
            "told": [("extra_columns", 1, None, None)],
            "values": {"order_id": ["S1"], "net_amount": ["5.0000"]},
        },
        id="extra columns in another order, case and width",
    ),
    pytest.param(
        "order_id,line_no,order_date,net_amount\nS1,1,2026-06-01,5\n",
        "x.csv",
        {
            "status": "rejected",
            "told": [
                (
                    "missing_column",
                    1,
                    None,
                    None,
                    {"seen": "order_id, line_no, order_date, net_amount", "suggestion": "", "wanted": "customer_id"},
                )
            ],
        },
        id="a required column missing",
    ),
    pytest.param(
        "订单号,客户编马,发货日期,不含税金额\nS1,C1,2026-06-01,5\n",
        "x.csv",
        {
            "status": "rejected",
            "told": [
                (
                    "missing_column_suggest",
                    1,
                    None,
                    None,
                    {"seen": "订单号, 客户编马, 发货日期, 不含税金额", "suggestion": "客户编马", "wanted": "customer_id"},
                )
            ],
        },
        id="a required column renamed",
    ),
    pytest.param(
        "订单号,运单号,客户编码,发货日期,不含税金额\nS1,Y1,C1,2026-06-01,5\n",
        "x.csv",
        {"status": "rejected", "told": [("two_columns", 1, None, None, {"field": "order_id", "headers": "订单号, 运单号"})]},
        id="two columns for one field",
    ),
    pytest.param(
        "订单号,客户编码,日期,不含税金额\nS1,C1,2026-06-01,5\n",
        "x.csv",
        {"status": "rejected", "told": [("ambiguous_header", 1, "日期", None, {"options": "order_date, ship_date"})]},
        id="a bare date that may be two",
    ),
    pytest.param(
        "单据编号,客户,日期,金额\nS1,C1,2026-06-01,5\n",
        "x.csv",
        {"status": "rejected", "told": [("ambiguous_source", 1, None, None, {"sources": "orders, invoices, receipts"})]},
        id="headers of three sources",
    ),
    pytest.param(
        "订单号,客户编码,发货日期,不含税金额(万元)\nS1,C1,2026-06-01,1.23456\n",
        "x.csv",
        {"status": "rejected", "told": [("scale_unconfirmed", 1, "不含税金额(万元)", None, {"factor": "10000", "field": "net_amount"})]},
        id="amounts in 万 by their header",
    ),
    pytest.param(
        "单位：万元,,,\n订单号,客户编码,发货日期,不含税金额\nS1,C1,2026-06-01,5\n",
        "x.csv",
        {"status": "rejected", "told": [("scale_unconfirmed", 2, "不含税金额", None, {"factor": "10000", "field": "net_amount"})]},
        id="amounts in 万 by the title",
    ),
    pytest.param(
        HEAD + ROW + HEAD + ROW.replace("S1", "S2"),
        "x.csv",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2, 4],
            "quarantined": {3: ["not_a_date", "not_a_number"]},
            "told": [
                ("not_a_date", 3, "order_date", "order_date"),
                ("not_a_number", 3, "qty", "qty"),
                ("not_a_number", 3, "net_amount", "net_amount"),
            ],
        },
        id="the header again on the second page",
    ),
]


@pytest.mark.parametrize(("content", "label", "expected"), CASES)
def test_every_row_ends_where_it_must(judge: Callable[..., None], content: bytes | str, label: str, expected: dict[str, Any]) -> None:
    judge(content, label, expected)
