"""The rules that hold for every source, each on a few typed rows: where does each row end, and does the account balance?"""

from datetime import date
from decimal import Decimal

import pytest

from data.reading.prepare import prepare

HEAD = "order_id,line_no,customer_id,order_date,qty,net_amount\n"


def part(text, label="orders.csv"):
    """The one part of a file that could be read, on receipt on 2026-10-21."""
    file = prepare(text.encode(), label, time_zone="Asia/Shanghai", currency="CNY", received_on=date(2026, 10, 21))
    assert len(file.parts) == 1, file
    return file.parts[0]


def reasons(text):
    return dict(part(text).quarantined.select("_row", "reasons").iter_rows())


def places(found, severity="error"):
    return [(f.rule, f.row, f.column, f.value) for f in found.findings if f.severity == severity]


def test_every_row_and_every_amount_ends_in_exactly_one_place():
    found = part(
        HEAD
        + "S1,1,C1,2026-06-01,1,100.00\n"  # accepted
        + "S1,1,C1,2026-06-01,1,100.00\n"  # an equal copy
        + "S2,1,,2026-06-01,1,7.50\n"  # no customer
        + "S3,1,C1,2026-06-01,1,abc\n"  # no amount
        + "\n"
        + "S4,1\n"  # ragged
        + "S5,1,C1,2026-06-01,1,0.25\n"
        + "合计,,,,,107.75\n"
        + "制表人: 张三,,,,,\n"
    )
    assert (found.read, found.accepted.height, found.quarantined.height, found.skipped) == (8, 2, 3, 3)
    assert found.accepted["_row"].to_list() == [2, 8]
    assert found.amounts["net_amount"] == {"read": Decimal("315.50"), "quarantined": Decimal("7.50"), "skipped": Decimal("207.75")}
    assert found.quarantined["_row"].to_list() == [4, 5, 7]


def test_a_finding_names_row_header_value_and_rule():
    found = part("订单号,客户编码,发货日期,不含税金额\nS1,C1,2026/2/30,5\nS2,,2026-06-01,x\n")
    assert places(found) == [
        ("not_a_date", 2, "发货日期", "2026/2/30"), ("not_a_number", 3, "不含税金额", "x"), ("required_empty", 3, "客户编码", ""),
    ]  # fmt: skip
    assert found.quarantined["raw"][1] == '{"订单号": "S2", "客户编码": "", "发货日期": "2026-06-01", "不含税金额": "x"}'


def test_an_unreadable_cell_is_not_called_empty_as_well():
    assert reasons(HEAD + "S1,1,C1,soon,1,5\nS2,1,C1,2026-06-01,1,n/a\n") == {2: ["not_a_date"], 3: ["not_a_number"]}


def test_one_of_a_group_must_be_filled():
    text = "visit_id,rep_id,customer_id,prospect_id,actual_date\nV1,R1,C1,,2026-06-01\nV2,R1,,P1,2026-06-01\nV3,R1,,,2026-06-01\n"
    assert reasons(text) == {4: ["one_of_empty"]}


@pytest.mark.parametrize(
    ("day", "rule"), [("1999-12-31", "implausible_date"), ("2027-10-23", "implausible_date"), ("2027-10-22", None), ("2000-01-01", None)]
)
def test_event_dates_stay_within_2000_and_366_days_after_receipt(day, rule):
    assert reasons(HEAD + f"S1,1,C1,{day},1,5\n") == ({2: [rule]} if rule else {})


def test_a_date_ahead_is_loaded_and_told():
    found = part(HEAD + "S1,1,C1,2026-12-24,1,5\nS2,1,C1,2026-10-21,1,5\n")
    assert found.accepted.height == 2
    assert places(found, "warning") == [("date_ahead", 2, "order_date", "2026-12-24")]


def test_planned_and_due_dates_may_lie_far_ahead():
    assert reasons("invoice_id,customer_id,invoice_date,due_date,amount\nI1,C1,2026-06-01,2031-06-01,5\n") == {}


def test_equal_copies_count_once_and_clashing_rows_are_all_set_aside_naming_each_other():
    found = part(
        HEAD + "S1,1,C1,2026-06-01,1,5\nS1,1,C1,2026-06-01,1,5.00\nS2,1,C1,2026-06-01,1,5\nS2,1,C1,2026-06-01,1,6\nS3,1,C1,2026-06-01,1,7\n"
    )
    assert found.accepted["_row"].to_list() == [2, 6]
    assert found.skipped == 1
    assert [(f.row, dict(f.params)) for f in found.findings if f.rule == "duplicate_key"] == [
        (4, {"detail": "4, 5"}),
        (5, {"detail": "4, 5"}),
    ]


def test_a_printed_total_that_differs_holds_the_file():
    def status(total):
        text = HEAD + f"S1,1,C1,2026-06-01,1,5\nS2,1,C1,2026-06-01,1,6.50\nTotal,,,,,{total}\n"
        return prepare(text.encode(), "orders.csv", time_zone="UTC", currency="CNY", received_on=date(2026, 10, 21)).status

    assert [status("11.50"), status("11.51"), status("")] == ["ready", "held", "ready"]


def test_subtotals_and_a_customer_called_total_are_told_apart():
    found = part(HEAD + "S1,1,Total,2026-06-01,1,5\n小计,,,,,5\n,,,,小计：,5\nS2,1,C2,2026-06-01,1,6\n总计,,,,,11\n")
    assert (found.accepted.height, found.skipped, found.quarantined.height) == (2, 3, 0)
    assert found.printed_totals == {"net_amount": Decimal(11)}


def test_control_characters_and_huge_cells_set_the_row_aside():
    text = HEAD + f"S1,1,C\x001,2026-06-01,1,5\nS2,1,{'C' * 32768},2026-06-01,1,5\nS3,1,C3,2026-06-01,1,5\n"
    found = part(text)
    assert dict(found.quarantined.select("_row", "reasons").iter_rows()) == {2: ["control_character"], 3: ["cell_too_long"]}
    assert places(found)[0] == ("control_character", 2, "customer_id", "C\\x001")


def test_the_decimal_mark_is_decided_over_all_rows_of_the_file():
    text = "order_id;line_no;customer_id;order_date;qty;net_amount\nS1;1;C1;2026-06-01;1;1.234\nS2;1;C1;2026-06-01;1;0,50\n"
    assert part(text).accepted["net_amount"].to_list() == [Decimal(1234), Decimal("0.5")]


def test_the_day_month_order_is_decided_over_all_rows_of_the_column():
    text = HEAD + "S1,1,C1,03/04/2026,1,5\nS2,1,C1,25/04/2026,1,5\n"
    assert part(text).accepted["order_date"].to_list() == [date(2026, 4, 3), date(2026, 4, 25)]


def outcome(text):
    file = prepare(text.encode(), "orders.csv", time_zone="UTC", currency="CNY", received_on=date(2026, 10, 21))
    return file.status, [(f.rule, f.column, dict(f.params)) for f in file.findings if f.severity in ("hold", "reject")]


def test_dates_that_could_be_either_hold_the_file():
    assert outcome(HEAD + "S1,1,C1,03/04/2026,1,5\n") == ("held", [("date_order_unknown", "order_date", {"count": "1"})])
    assert outcome(HEAD + "S1,1,C1,03/03/2026,1,5\n")[0] == "ready"


def test_another_column_of_the_file_may_prove_the_order():
    text = "order_id,customer_id,order_date,ship_date,net_amount\nS1,C1,03/04/2026,04/25/2026,5\n"
    assert part(text).accepted["order_date"].to_list() == [date(2026, 3, 4)]


def test_both_orders_in_one_column_reject_the_file_naming_a_row_of_each():
    assert outcome(HEAD + "S1,1,C1,25/04/2026,1,5\n\nS2,1,C1,04/25/2026,1,5\n") == (
        "rejected", [("date_order_mixed", "order_date", {"day_first": "2", "month_first": "4"})],
    )  # fmt: skip


def test_both_decimal_marks_reject_and_a_lone_point_before_three_digits_holds():
    assert outcome(HEAD + 'S1,1,C1,2026-06-01,1,"1,50"\nS2,1,C1,2026-06-01,1,1.50\n')[0] == "rejected"
    assert outcome(HEAD + "S1,1,C1,2026-06-01,1,1.234\n") == ("held", [("decimal_unknown", "net_amount", {"count": "1"})])


def test_a_rule_broken_very_often_is_cut_short_with_a_count_but_every_row_is_kept():
    found = part(HEAD + "".join(f"S{i},1,C1,2026-06-01,1,x\n" for i in range(300)) + "T,1,C1,2026-06-01,1,1\n")
    assert found.quarantined.height == 300
    assert len(places(found)) == 201
    assert [dict(f.params) for f in found.findings if f.rule == "more_like_this"] == [{"count": "100", "rule": "not_a_number"}]
