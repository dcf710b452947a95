import polars as pl
import pytest

from data.reading.headers import (
    find_header,
    is_personal,
    known,
    match,
    month_of,
    named,
    plain,
    recognise,
    scale,
    suggest,
    title_scale,
    year_said,
)  # fmt: skip
from data.reading.mapping import Mapping
from data.reading.sheet import Sheet, text_frame


def names(*headers):
    return {f"c{i}": header for i, header in enumerate(headers)}


def sheet(*rows):
    return Sheet(None, text_frame([r[0] for r in rows], zip(*(r[1:] for r in rows), strict=True)))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("客户 编码", "客户编码"),
        ("金额(元)", "金额"),
        ("Order\nNumber", "order number"),
        ("ＯＲＤＥＲ＿ＩＤ", "order_id"),
        ("税率（%）", "税率"),
        ("Customer No.", "customer no"),
    ],
)
def test_case_width_spaces_line_breaks_and_units_do_not_count(a, b):
    assert plain(a) == plain(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("含税金额", "不含税金额"),
        ("金额(含税)", "金额(不含税)"),
        ("原币金额", "本币金额"),
        ("计划日期", "实际日期"),
        ("金额(万元)", "金额(元)"),
    ],
)
def test_what_changes_the_meaning_is_never_ignored(a, b):
    assert plain(a) != plain(b)


def test_the_header_row_is_found_below_titles_and_blank_rows():
    found = find_header(sheet((1, "出库明细", "", ""), (3, "订单号", "客户编码", "发货日期"), (4, "SO1", "C1", "2026-06-01")))
    assert (found.row, found.body_from, found.titles) == (3, 4, ("出库明细",))


def test_two_header_rows_read_as_one():
    found = find_header(sheet((1, "拜访人", "计划", "", "客户"), (2, "", "日期", "备注", "编码"), (3, "R1", "2026-06-01", "", "C1")))
    assert (found.row, found.body_from) == (1, 3)
    assert found.names == {"c0": "拜访人", "c1": "计划日期", "c2": "备注", "c3": "客户编码"}


def test_without_two_known_names_there_is_no_header():
    assert find_header(sheet((1, "x", "y"), (2, "订单号", "z"))) is None
    assert known(["订单号", "客户编码", "zzz", ""]) == 2


def test_a_mapping_states_the_header_row_or_lends_its_names():
    rows = sheet((1, "x", "y"), (2, "Foo", "Bar"), (3, "1", "2"))
    assert find_header(rows, row=2).names == {"c0": "Foo", "c1": "Bar"}
    assert find_header(rows, extra={"foo", "bar"}).row == 2


def test_english_and_chinese_headers_mean_the_same_columns():
    english = match(names("Sales Document", "Sold-to party", "Actual GI date", "Net value"), "orders")
    chinese = match(names("出库单号", "客户编码", "发货日期", "不含税金额"), "orders")
    assert english.columns == chinese.columns == {"order_id": "c0", "customer_id": "c1", "ship_date": "c2", "net_amount": "c3"}
    assert english.is_covered


def test_a_code_column_wins_over_the_name_column_beside_it():
    found = match(names("订单号", "客户编码", "客户", "业务员编码", "业务员", "发货日期", "不含税金额"), "orders")
    assert (found.columns["customer_id"], found.columns["rep_id"]) == ("c1", "c3")
    assert found.extra == ("客户", "业务员")
    assert match(names("订单号", "客户", "业务员", "发货日期", "不含税金额"), "orders").columns["customer_id"] == "c1"


def test_two_columns_for_one_field_are_both_named():
    found = match(names("订单号", "运单号", "客户编码", "发货日期", "不含税金额"), "orders")
    assert found.doubles == {"order_id": ["订单号", "运单号"]}
    assert match(names("订单号", "客户", "客户名称", "发货日期", "不含税金额"), "orders").doubles == {"customer_id": ["客户", "客户名称"]}


def test_a_bare_header_is_asked_for_where_the_file_leaves_a_choice():
    found = match(names("订单号", "客户编码", "日期", "金额"), "orders")
    assert found.questions == {"日期": ("order_date", "ship_date"), "金额": ("net_amount", "gross_amount")}
    assert found.is_covered


def test_a_bare_header_is_taken_where_the_file_leaves_no_choice():
    found = match(names("订单号", "客户编码", "日期", "发货日期", "金额", "价税合计"), "orders")
    assert (found.questions, found.columns["order_date"], found.columns["net_amount"]) == ({}, "c2", "c4")


def test_a_mapping_answers_the_question_and_can_switch_a_column_off():
    mapping = Mapping(
        "orders", ("*",), columns={"ship_date": "日期", "net_amount": "金额", "order_date": "", "gross_amount": "", "uom": ""}
    )
    found = match(names("订单号", "客户编码", "日期", "金额", "单位"), "orders", mapping)
    assert found.questions == {}
    assert found.columns == {"order_id": "c0", "customer_id": "c1", "ship_date": "c2", "net_amount": "c3"}
    assert found.extra == ("单位",)


def test_a_mapped_header_that_is_not_there_is_named():
    assert match(names("a"), "orders", Mapping("orders", ("*",), columns={"order_id": "No such"})).absent == ("No such",)


@pytest.mark.parametrize(
    ("headers", "source"),
    [
        (("rep_id", "rep_name", "role"), "reps"),
        (("路区编码", "路区名称", "大区"), "territories"),
        (("客户编码", "客户名称", "负责人", "信用额度"), "customers"),
        (("拜访编号", "拜访人", "客户名称", "计划拜访时间", "签到时间", "状态"), "visits"),
        (("出库单号", "客户", "发货日期", "价税合计", "税率"), "orders"),
        (("Invoice Number", "Partner", "Invoice Date", "Due Date", "Total", "Amount Due"), "invoices"),
        (("收款单号", "付款单位", "收款日期", "本次核销金额", "核销单据"), "receipts"),
        (("业务员编码", "期间", "指标", "目标"), "targets"),
        (("物料编码", "存货名称", "产品线", "标准成本"), "products"),
    ],
)  # fmt: skip
def test_a_source_is_recognised_by_its_headers(headers, source):
    found, near = recognise(names(*headers))
    assert ([m.source for m in found], near) == ([source], None)


def test_headers_that_suit_several_sources_are_not_guessed():
    found, _ = recognise(names("单据编号", "客户", "日期", "金额"))
    assert [m.source for m in found] == ["orders", "invoices", "receipts"]


def test_a_nearly_matching_sheet_is_told_with_a_suggestion_and_a_strange_one_is_nobodys():
    found, near = recognise(names("订单号", "客户编马", "发货日期", "不含税金额"))
    assert (found, near.source, near.missing) == ([], "orders", ("customer_id",))
    assert suggest("customer_id", near.extra, "orders") == "客户编马"
    assert recognise(names("x", "y", "z")) == ([], None)


def test_the_id_column_of_a_target_sheet_says_whose_targets_they_are():
    found = match(names("路区编码", "期间", "指标", "目标"), "targets")
    assert (found.constants, found.columns["scope_id"]) == ({"scope": "territory"}, "c0")


@pytest.mark.parametrize(
    ("header", "month"),
    [("1月", (None, 1)), ("12月份", (None, 12)), ("2026-03", (2026, 3)), ("2026年3月", (2026, 3)), ("Jan", (None, 1)), ("March 2026",
    (2026, 3)),
     ("2026-03-01 00:00:00", (2026, 3)), ("3", None), ("13月", None), ("market", None), ("合计", None)],
)  # fmt: skip
def test_headers_that_name_months(header, month):
    assert month_of(header) == month


def test_a_year_counts_when_it_is_the_only_one_said():
    assert (year_said("2026年销售目标", "targets_2026.xlsx"), year_said("2025-2026"), year_said("none")) == (2026, None, None)


def test_an_empty_sheet_has_no_header():
    assert find_header(Sheet(None, pl.DataFrame({"_row": []}, schema={"_row": pl.Int64}))) is None


@pytest.mark.parametrize(
    ("header", "zeros", "name"),
    [
        ("金额(万元)", 4, "金额"), ("销售额（单位：万元）", 4, "销售额"), ("目标万元", 4, "目标"), ("Sales (in thousands)", 3, "sales"),
        ("Amount (k€)", 3, "amount"), ("金额（亿）", 8, "金额"), ("数量(千克)", 0, "数量(千克)"), ("Stock", 0, "stock"),
        ("金额(元)", 0, "金额"),
    ],
)  # fmt: skip
def test_a_unit_that_changes_the_numbers_is_noticed(header, zeros, name):
    assert (scale(header), named(header)) == (zeros, name)


def test_a_title_may_state_the_unit_of_all_amounts():
    titles = ("单位：万元", "（单位: 人民币万元）", "Sales in thousands", "单位：元", "万科集团")
    assert [title_scale([text]) for text in titles] == [4, 4, 3, 0, 0]


@pytest.mark.parametrize(
    ("header", "is_so"),
    [("手机号码", True), ("身份证号", True), ("E-mail", True), ("Tel", True), ("备注", False), ("Hotel", False)],
)
def test_columns_that_look_personal_are_known_by_their_header(header, is_so):
    assert is_personal(header) is is_so


def test_two_columns_that_only_help_contradict_nobody():
    found = match(names("订单号", "客户编码", "发货日期", "不含税金额", "数量", "单价", "销售单价"), "orders")
    assert (found.doubles, "unit_price" in found.columns, found.extra) == ({}, False, ("单价", "销售单价"))
    assert match(names("订单号", "客户编码", "发货日期", "不含税金额", "单价"), "orders").columns["unit_price"] == "c4"


def test_a_column_that_must_be_there_may_be_blank():
    assert match(names("客户编码", "业务员编码", "接管日期"), "assignments").missing == ("valid_to",)
    assert recognise(names("客户编码", "业务员编码", "接管日期", "移交日期"))[0][0].source == "assignments"


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        ("assignments", "客户编码,客户名称,负责人,接管日期,移交日期"),
        ("prospects", "线索编号,线索名称,负责人,线索来源,意向级别,创建时间,跟进状态,丢单原因"),
        ("prospects", "Lead ID,Company,Lead Owner,Lead Source,Rating,Created Date,Status"),
        ("quotes", "报价单号,版本,客户编码,业务员,报价日期,报价金额,报价状态,特批,审批日期"),
        ("quotes", "Quote Number,Customer,Salesperson,Quotation Date,Total,Status"),
        ("service", "投诉单号,客户,类型,投诉日期,响应时间,关闭时间,状态,投诉类别"),
        ("service", "Case Number,Account Name,Type,Date/Time Opened,Date/Time Closed,Status,CSAT"),
        ("stock_counts", "客户编码,物料编码,盘点日期,门店库存,在途,箱规"),
        ("stock_counts", "Customer ID,Product ID,Count Date,On-hand"),
        ("visits", "拜访编号,业务员,线索编号,客户名称,计划日期,拜访时间,状态,填写时间"),
        ("orders", "订单号,客户,业务员,订单日期,物料编码,数量,单价,不含税金额"),
    ],
)
def test_headers_of_a_usual_export_name_their_source(source, headers):
    found, near = recognise(names(*headers.split(",")))
    assert [m.source for m in found] == [source]
    assert (near, found[0].doubles, found[0].questions) == (None, {}, {})
