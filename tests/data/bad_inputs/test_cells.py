"""Dates, numbers, ids, keys, signs, currencies and words: what one cell or row may say, and what it may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEAD = "order_id,line_no,customer_id,order_date,qty,net_amount\n"
ROW = "S1,1,C1,2026-06-01,1,5.00\n"
INV = "invoice_id,customer_id,invoice_date,amount"
CARD = "customer_id,customer_name,owner_id"


def amounts(*cells: str, delimiter: str = ";") -> str:
    """An order of one line per amount, separated so that commas may stand in numbers."""
    lines = ["order_id;line_no;customer_id;order_date;net_amount", *(f"S{n};1;C1;2026-06-01;{cell}" for n, cell in enumerate(cells, 1))]
    return "\n".join(lines).replace(";", delimiter)


def days(*cells: str) -> str:
    """An order per date."""
    return "\n".join(["order_id;line_no;customer_id;order_date;net_amount", *(f"S{n};1;C1;{cell};5" for n, cell in enumerate(cells, 1))])


CASES = [
    pytest.param(
        days(
            "2026-06-01",
            "2026/6/1",
            "2026.6.1",
            "2026年6月1日",
            "20260601",
            "1-Jun-2026",
            "June 1, 2026",
            "2026-06-01 24:00",
            "2026-06-01T20:00:00Z",
        ),
        "x.csv",
        {
            "status": "ready",
            "read": 9,
            "accepted": [2, 3, 4, 5, 6, 7, 8, 9, 10],
            "values": {
                "order_date": [
                    "2026-06-01",
                    "2026-06-01",
                    "2026-06-01",
                    "2026-06-01",
                    "2026-06-01",
                    "2026-06-01",
                    "2026-06-01",
                    "2026-06-02",
                    "2026-06-02",
                ]
            },
        },
        id="dates in many spellings",
    ),
    pytest.param(
        days("2026-02-30", "0000-00-00", "1900-01-00", "N/A", "2026-06-01 25:00", "soon", "2026-06-01"),
        "x.csv",
        {
            "status": "ready",
            "read": 7,
            "accepted": [8],
            "quarantined": {
                2: ["not_a_date"],
                3: ["not_a_date"],
                4: ["not_a_date"],
                5: ["not_a_date"],
                6: ["not_a_date"],
                7: ["not_a_date"],
            },
            "told": [
                ("not_a_date", 2, "order_date", "2026-02-30"),
                ("not_a_date", 3, "order_date", "0000-00-00"),
                ("not_a_date", 4, "order_date", "1900-01-00"),
                ("not_a_date", 5, "order_date", "N/A"),
                ("not_a_date", 6, "order_date", "2026-06-01 25:00"),
                ("not_a_date", 7, "order_date", "soon"),
            ],
        },
        id="days that do not exist",
    ),
    pytest.param(
        days("1999-12-31", "2027-10-23", "2027-10-22", "2000-01-01", "2026-10-21"),
        "x.csv",
        {
            "status": "ready",
            "read": 5,
            "accepted": [4, 5, 6],
            "quarantined": {2: ["implausible_date"], 3: ["implausible_date"]},
            "told": [
                ("date_ahead", 4, "order_date", "2027-10-22"),
                ("implausible_date", 2, "order_date", "1999-12-31"),
                ("implausible_date", 3, "order_date", "2027-10-23"),
            ],
        },
        id="days out of reach",
    ),
    pytest.param(
        days("03/04/2026", "05/06/2026"),
        "x.csv",
        {"status": "held", "told": [("date_order_unknown", 2, "order_date", "03/04/2026", {"count": "2"})]},
        id="dates that may be either",
    ),
    pytest.param(
        days("25/04/2026", "04/25/2026"),
        "x.csv",
        {"status": "rejected", "told": [("date_order_mixed", None, "order_date", None, {"day_first": "2", "month_first": "3"})]},
        id="dates that prove both orders",
    ),
    pytest.param(
        INV + ",due_date\nI1,C1,2026-06-01,5,2031-06-01\n",
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "values": {"due_date": ["2031-06-01"]}},
        id="planned and due dates far ahead",
    ),
    pytest.param(
        amounts("1,234.56", "¥1,234.56", "1234.56元", "１２３４．５６", "1 234.56", "1 234.56", "(500.00)", "500.00-", "−500.00", "+5.00"),
        "x.csv",
        {
            "status": "ready",
            "read": 10,
            "accepted": [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
            "told": [("negative_is_return", 8, "net_amount", "(500.00)")],
            "values": {
                "net_amount": [
                    "1234.5600",
                    "1234.5600",
                    "1234.5600",
                    "1234.5600",
                    "1234.5600",
                    "1234.5600",
                    "-500.0000",
                    "-500.0000",
                    "-500.0000",
                    "5.0000",
                ]
            },
        },
        id="amounts in many spellings",
    ),
    pytest.param(
        amounts("1.234,56", "0,5", "1.234.567,00"),
        "x.csv",
        {"status": "ready", "read": 3, "accepted": [2, 3, 4], "values": {"net_amount": ["1234.5600", "0.5000", "1234567.0000"]}},
        id="amounts with a decimal comma",
    ),
    pytest.param(
        amounts("1,50", "1.50"),
        "x.csv",
        {"status": "rejected", "told": [("decimal_mixed", None, "net_amount", None, {"other": "net_amount"})]},
        id="both decimal marks",
    ),
    pytest.param(
        amounts("1.234", "2.500"),
        "x.csv",
        {"status": "held", "told": [("decimal_unknown", 2, "net_amount", "1.234", {"count": "2"})]},
        id="a point that may be either mark",
    ),
    pytest.param(
        amounts("5%", "1.2.3", "#N/A", "five", "500 CR", "1,23,4.5", "5,00.1", "", "1.5"),
        "x.csv",
        {
            "status": "ready",
            "read": 9,
            "accepted": [10],
            "quarantined": {
                2: ["not_a_number"],
                3: ["not_a_number"],
                4: ["excel_error"],
                5: ["not_a_number"],
                6: ["not_a_number"],
                7: ["not_a_number"],
                8: ["not_a_number"],
                9: ["required_empty"],
            },
            "told": [
                ("not_a_number", 2, "net_amount", "5%"),
                ("not_a_number", 3, "net_amount", "1.2.3"),
                ("excel_error", 4, "net_amount", "#N/A"),
                ("not_a_number", 5, "net_amount", "five"),
                ("not_a_number", 6, "net_amount", "500 CR"),
                ("not_a_number", 7, "net_amount", "1,23,4.5"),
                ("not_a_number", 8, "net_amount", "5,00.1"),
                ("required_empty", 9, "net_amount", ""),
            ],
        },
        id="what is no amount",
    ),
    pytest.param(
        amounts("1.2万", "3.50"),
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [3],
            "quarantined": {2: ["not_a_number"]},
            "told": [("not_a_number", 2, "net_amount", "1.2万")],
        },
        id="amounts with 万 in the cell",
    ),
    pytest.param(
        amounts("0.00005", "2.00004", "-0.00005"),
        "x.csv",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2, 3, 4],
            "told": [("rounded", 2, "net_amount", "0.00005"), ("negative_is_return", 4, "net_amount", "-0.00005")],
            "values": {"net_amount": ["0.0001", "2.0000", "-0.0001"]},
        },
        id="more decimals than are kept",
    ),
    pytest.param(
        amounts("123456789012345", "12345678901234.5"),
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [3],
            "quarantined": {2: ["number_too_big"]},
            "told": [("number_too_big", 2, "net_amount", "123456789012345")],
        },
        id="an amount of 15 digits",
    ),
    pytest.param(
        HEAD + "S1,1,C1,2026-06-01,1E3,5\n",
        "x.csv",
        {"status": "ready", "read": 1, "quarantined": {2: ["not_a_number"]}, "told": [("not_a_number", 2, "qty", "1E3")]},
        id="a quantity of a scientific number",
    ),
    pytest.param(
        HEAD
        + "".join(
            f"{order},1,{customer},2026-06-01,1,5\n"
            for order, customer in (("0001", "1E5"), ("1", "Ｃ１"), ("12345678901234567890", " C1 "))
        ),
        "x.csv",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2, 3, 4],
            "values": {"order_id": ["0001", "1", "12345678901234567890"], "customer_id": ["1E5", "C1", "C1"]},
        },
        id="ids as text",
    ),
    pytest.param(
        HEAD + ROW.replace("C1", "1.23E+11") + ROW.replace("S1", "1.2E+3"),
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "quarantined": {2: ["id_display_form"], 3: ["id_display_form"]},
            "told": [("id_display_form", 2, "customer_id", "1.23E+11"), ("id_display_form", 3, "order_id", "1.2E+3")],
        },
        id="an id in the display form of a number",
    ),
    pytest.param(
        HEAD + ",1,C1,2026-06-01,1,5\nS2,,C1,2026-06-01,1,5\n  ,1,C1,2026-06-01,1,5\n" + ROW,
        "x.csv",
        {
            "status": "ready",
            "read": 4,
            "accepted": [5],
            "quarantined": {2: ["required_empty"], 3: ["required_empty"], 4: ["required_empty"]},
            "told": [("required_empty", 2, "order_id", ""), ("required_empty", 3, "line_no", ""), ("required_empty", 4, "order_id", "  ")],
        },
        id="keys that are empty",
    ),
    pytest.param(
        HEAD + ROW + ROW.replace("5.00", "5.0"),
        "x.csv",
        {"status": "ready", "read": 2, "accepted": [2], "skipped": 1, "told": [("equal_copies", 3, "order_id", "S1")]},
        id="a key twice, rows equal",
    ),
    pytest.param(
        HEAD + ROW + ROW.replace("5.00", "6") + ROW.replace("S1", "S2"),
        "x.csv",
        {
            "status": "ready",
            "read": 3,
            "accepted": [4],
            "quarantined": {2: ["duplicate_key"], 3: ["duplicate_key"]},
            "told": [("duplicate_key", 2, "order_id", "S1"), ("duplicate_key", 3, "order_id", "S1")],
        },
        id="a key twice, rows different",
    ),
    pytest.param(
        CARD + ",updated_on\nC1,New,R1,2026-06-02\nC1,Old,R1,2026-06-01\nC2,A,R1,2026-06-01\nC2,B,R1,2026-06-01\n",
        "x.csv",
        {
            "status": "ready",
            "read": 4,
            "accepted": [2],
            "quarantined": {4: ["duplicate_key"], 5: ["duplicate_key"]},
            "skipped": 1,
            "told": [
                ("older_version", 3, "customer_id", "C1"),
                ("duplicate_key", 4, "customer_id", "C2"),
                ("duplicate_key", 5, "customer_id", "C2"),
            ],
            "values": {"customer_name": ["New"]},
        },
        id="cards of one customer, the last changed counts",
    ),
    pytest.param(
        HEAD + "S1,1,C1,2026-06-01,-1,5\n",
        "x.csv",
        {"status": "ready", "read": 1, "quarantined": {2: ["sign_conflict"]}, "told": [("sign_conflict", 2, "qty", "-1")]},
        id="a negative quantity at a positive amount",
    ),
    pytest.param(
        HEAD + "S1,1,C1,2026-06-01,-1,-5\n",
        "x.csv",
        {
            "status": "ready",
            "read": 1,
            "accepted": [2],
            "told": [("negative_is_return", 2, "net_amount", "-5")],
            "values": {"doc_type": ["return"], "net_amount": ["-5.0000"]},
        },
        id="a negative quantity at a negative amount",
    ),
    pytest.param(
        HEAD.replace("\n", ",单价\n") + "S1,1,C1,2026-06-01,10,100,10\n"
        "S2,1,C1,2026-06-01,10,101,10\n"
        "S3,1,C1,2026-06-01,10,90,10\n"
        "S4,1,C1,2026-06-01,10,1000,10\n"
        "S5,1,C1,2026-06-01,10,1001,10\n"
        "S6,1,C1,2026-06-01,10,9.99,10\n"
        "S7,1,C1,2026-06-01,10,0,10\n"
        "S8,1,C1,2026-06-01,10,5,-\n"
        "S9,1,C1,2026-06-01,-10,-100,10\n",
        "x.csv",
        {
            "status": "ready",
            "read": 9,
            "accepted": [2, 3, 4, 5, 8, 9, 10],
            "quarantined": {6: ["amount_far"], 7: ["amount_far"]},
            "told": [
                ("amount_differs", 4, "net_amount", "90"),
                ("negative_is_return", 10, "net_amount", "-100"),
                ("amount_far", 6, "net_amount", "1001"),
                ("amount_far", 7, "net_amount", "9.99"),
            ],
            "values": {"order_id": ["S1", "S2", "S3", "S4", "S7", "S8", "S9"]},
        },
        id="amounts off quantity × price",
    ),
    pytest.param(
        "order_id,line_no,customer_id,order_date,qty,单价,net_amount,gross_amount\nS1,1,C1,2026-06-01,10,11.3,100,113\n",
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2]},
        id="a price with tax",
    ),
    pytest.param(
        HEAD.replace("\n", ",单价,Price\n") + "S1,1,C1,2026-06-01,10,1000,1,2\n",
        "x.csv",
        {"status": "ready", "read": 1, "accepted": [2], "told": [("extra_columns", 1, None, None)]},
        id="two price columns",
    ),
    pytest.param(
        INV + ",doc_type\nI1,C1,2026-06-01,5,红字发票\nI2,C1,2026-06-01,6,坏账核销\nI3,C1,2026-06-01,-7,\n",
        "x.csv",
        {
            "status": "ready",
            "read": 3,
            "accepted": [2, 3, 4],
            "told": [("negative_is_return", 4, "amount", "-7")],
            "values": {"doc_type": ["credit_note", "write_off", "credit_note"], "amount": ["-5.0000", "-6.0000", "-7.0000"]},
        },
        id="a credit note and a write-off in positive figures",
    ),
    pytest.param(
        INV + ",doc_type,status\nI1,C1,2026-06-01,5,proforma,valid\nI2,C1,2026-06-01,5,,pending\nI3,C1,2026-06-01,5,,\n",
        "x.csv",
        {
            "status": "ready",
            "read": 3,
            "accepted": [4],
            "quarantined": {2: ["unknown_value"], 3: ["unknown_value"]},
            "told": [("unknown_value", 2, "doc_type", "proforma"), ("unknown_value", 3, "status", "pending")],
        },
        id="unknown words",
    ),
    pytest.param(
        "order_id,line_no,customer_id,order_date,net_amount,cost_amount,currency,fx_rate,amount_base\n"
        "S1,1,C1,2026-06-01,10,5,USD,7,\n"
        "S2,1,C1,2026-06-30,10,5,USD,,\n"
        "S3,1,C1,2026-05-31,10,5,USD,,\n"
        "S4,1,C1,2026-06-01,10,5,,,\n"
        "S5,1,C1,2026-06-01,10,5,EUR,,99\n"
        "S6,1,C1,2026-06-01,10,5,XX,,\n"
        "S7,1,C1,2026-06-01,$10,5,人民币,,\n"
        "S8,1,C1,2026-06-01,0,5,EUR,,9\n",
        "x.csv",
        {
            "status": "ready",
            "read": 8,
            "accepted": [2, 3, 5, 6],
            "quarantined": {4: ["no_rate"], 7: ["unknown_currency", "no_rate"], 8: ["currency_sign"], 9: ["no_proportion"]},
            "told": [
                ("currency_blank", 5, "currency", ""),
                ("no_rate", 4, "currency", "USD"),
                ("unknown_currency", 7, "currency", "XX"),
                ("no_rate", 7, "currency", "XX"),
                ("currency_sign", 8, "net_amount", "$10"),
                ("no_proportion", 9, "cost_amount", "5"),
            ],
            "values": {
                "net_amount": ["70.0000", "72.0000", "10.0000", "99.0000"],
                "cost_amount": ["35.0000", "36.0000", "5.0000", "49.5000"],
                "amount_base": ["70.0000", "72.0000", "10.0000", "99.0000"],
            },
        },
        id="currencies",
    ),
    pytest.param(
        CARD + "\nC1,<script>alert(1)</script>,R1\nC2,[x](javascript:alert(1)),R1\nC3,$\\frac{a}{b}$,R1\nC4,‮abc‬,R1\nC5,😀 张,R1\n",
        "x.csv",
        {
            "status": "ready",
            "read": 5,
            "accepted": [2, 3, 4, 5, 6],
            "values": {
                "customer_name": ["<script>alert(1)</script>", "[x](javascript:alert(1))", "$\\frac{a}{b}$", "\u202eabc\u202c", "😀 张"]
            },
        },
        id="names that are code",
    ),
    pytest.param(
        CARD + "\nC1,=1+1,R1\nC2,+1,R1\nC3,-1,R1\nC4,@x,R1\nC5,＝1,R1\n",
        "x.csv",
        {"status": "ready", "read": 5, "accepted": [2, 3, 4, 5, 6], "values": {"customer_name": ["=1+1", "+1", "-1", "@x", "＝1"]}},
        id="cells that begin a formula",
    ),
    pytest.param(
        CARD + ",联系人,电话,身份证号\n"
        "C1,A,R1,李雷,13800138000,110101199003070012\n"
        "C2,,R1,李雷,13800138000,110101199003070012\n"
        "C3,C,R1,,,\n"
        "C4,D,R1,李雷,13800138000\n",
        "x.csv",
        {
            "status": "ready",
            "read": 4,
            "accepted": [2, 4],
            "quarantined": {3: ["required_empty"], 5: ["ragged_row"]},
            "told": [
                ("extra_columns", 1, None, None),
                ("required_empty", 3, "customer_name", ""),
                ("ragged_row", 5, None, "C4,D,R1,李雷,●"),
            ],
            "values": {"contact": ["●", None], "phone": ["●", None]},
        },
        id="phones in rows set aside",
    ),
    pytest.param(
        CARD + ",停用日期\nC1,A,R1,2026-06-01\nC2,B,R1,\nC3,C,R1,2026-12-31\nC4,D,R1,later\n",
        "x.csv",
        {
            "status": "ready",
            "read": 4,
            "accepted": [2, 3, 4],
            "quarantined": {5: ["not_a_date"]},
            "told": [("not_a_date", 5, "停用日期", "later")],
            "values": {"status": ["inactive", "active", "active"]},
        },
        id="a day of deactivation",
    ),
    pytest.param(
        "scope,scope_id,period,metric,value\n"
        "rep,R1,2026-06,revenue,5\n"
        "rep,R1,2026Q2,revenue,5\n"
        "rep,R1,2026年,revenue,5\n"
        "rep,R1,June,revenue,5\n"
        "rep,R1,2026-13,revenue,5\n"
        "rep,R1,H1 2026,revenue,5\n",
        "x.csv",
        {
            "status": "ready",
            "read": 6,
            "accepted": [2, 3, 4],
            "quarantined": {5: ["not_a_period"], 6: ["not_a_period"], 7: ["not_a_period"]},
            "told": [
                ("not_a_period", 5, "period", "June"),
                ("not_a_period", 6, "period", "2026-13"),
                ("not_a_period", 7, "period", "H1 2026"),
            ],
            "values": {"period": ["2026-06", "2026-Q2", "2026"]},
        },
        id="target periods",
    ),
    pytest.param(
        "业务员编码,指标,1月,2月,3月\nR1,销售额,1,2,3\n",
        "x.csv",
        {"status": "rejected", "told": [("year_unknown", 1, None, None)]},
        id="months without a year",
    ),
    pytest.param(
        "客户编码,业务员编码,接管日期,移交日期\n"
        "C1,R1,2026-01-01,2026-06-15\n"
        "C1,R2,2026-06-16,\n"
        "C2,R1,,2026-06-16\n"
        "C2,R2,2026-06-16,2099-12-31\n"
        "C3,R1,2026-06-01,2026-05-01\n",
        "x.csv",
        {
            "status": "ready",
            "read": 5,
            "accepted": [2, 3],
            "quarantined": {4: ["overlapping_assignment"], 5: ["overlapping_assignment"], 6: ["span_backwards"]},
            "told": [
                ("overlapping_assignment", 4, "接管日期", ""),
                ("overlapping_assignment", 5, "接管日期", "2026-06-16"),
                ("span_backwards", 6, "移交日期", "2026-05-01"),
            ],
            "values": {"valid_from": ["2026-01-01", "2026-06-16"], "valid_to": ["2026-06-15", None]},
        },
        id="assignments that overlap",
    ),
    pytest.param(
        "客户编码,产品编码,盘点日期,门店库存,箱规\nC1,P1,2026-06-01,-1,12\nC1,P2,2026-06-01,0,12\n",
        "x.csv",
        {
            "status": "ready",
            "read": 2,
            "accepted": [3],
            "quarantined": {2: ["negative_count"]},
            "told": [("negative_count", 2, "门店库存", "-1")],
        },
        id="stock below nothing",
    ),
    pytest.param(
        "投诉单号,客户编码,类型,投诉日期,满意度评分,满分\n"
        "K1,C1,调查,2026-06-01,5,5\n"
        "K2,C1,调查,2026-06-01,6,5\n"
        "K3,C1,调查,2026-06-01,0,5\n"
        "K4,C1,投诉,2026-06-01 09:30,,\n",
        "x.csv",
        {
            "status": "ready",
            "read": 4,
            "accepted": [2, 5],
            "quarantined": {3: ["score_outside"], 4: ["score_outside"]},
            "told": [("score_outside", 3, "满意度评分", "6"), ("score_outside", 4, "满意度评分", "0")],
            "values": {"opened_on": ["2026-06-01 00:00:00", "2026-06-01 09:30:00"], "status": ["open", "open"]},
        },
        id="scores outside their scale",
    ),
    pytest.param(
        "拜访编号,业务员编码,客户编码,计划日期,拜访时间,状态\n"
        "V1,R1,C1,2026-06-01,,已完成\n"
        "V2,R1,,2026-06-01,,待拜访\n"
        "V3,R1,C1,,,待拜访\n"
        "V4,R1,C1,2026-06-01,2026-06-01 24:00,已完成\n"
        "V5,R1,C1,,2026-06-01T20:00:00Z,\n",
        "x.csv",
        {
            "status": "ready",
            "read": 5,
            "accepted": [5, 6],
            "quarantined": {2: ["completed_without_date"], 3: ["one_of_empty"], 4: ["one_of_empty"]},
            "told": [
                ("completed_without_date", 2, "拜访时间", ""),
                ("one_of_empty", 3, "客户编码", ""),
                ("one_of_empty", 4, "计划日期", ""),
            ],
            "values": {"actual_date": ["2026-06-02 00:00:00", "2026-06-02 04:00:00"], "status": ["completed", "completed"]},
        },
        id="visits made but undated",
    ),
]


@pytest.mark.parametrize(("content", "label", "expected"), CASES)
def test_every_row_ends_where_it_must(judge: Callable[..., None], content: bytes | str, label: str, expected: dict[str, Any]) -> None:
    judge(content, label, expected)
