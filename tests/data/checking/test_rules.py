from datetime import date

from data.reading.prepare import prepare


def part(text):
    file = prepare(text.encode(), "x.csv", time_zone="Asia/Shanghai", currency="CNY", received_on=date(2026, 10, 21))
    assert len(file.parts) == 1, file
    return file.parts[0]


def reasons(found):
    return dict(found.quarantined.select("_row", "reasons").iter_rows())


def test_lines_without_a_number_are_numbered_within_their_order_and_equal_lines_both_count():
    found = part("order_id,customer_id,ship_date,net_amount\nS1,C1,2026-06-01,5\nS2,C1,2026-06-01,5\nS1,C1,2026-06-01,5\n")
    assert found.accepted.select("order_id", "line_no").rows() == [("S1", "1"), ("S2", "1"), ("S1", "2")]
    assert found.whole == ("order_id",)


def test_with_a_line_column_the_number_is_required():
    found = part("order_id,line_no,customer_id,ship_date,net_amount\nS1,,C1,2026-06-01,5\nS1,2,C1,2026-06-01,5\n")
    assert (reasons(found), found.whole) == ({2: ["required_empty"]}, ())


def test_a_visit_without_an_id_is_who_met_whom_and_when():
    found = part("rep_id,客户编码,拜访时间\nR1,C1,2026-06-01 09:30\nR1,C1,2026-06-01 14:00\nR1,C1,2026-06-01 09:30\n")
    assert found.accepted["visit_id"].to_list() == ["R1|C1|2026-06-01|09:30", "R1|C1|2026-06-01|14:00"]
    assert found.skipped == 1


def test_without_a_status_a_visit_that_happened_is_completed():
    found = part("visit_id,rep_id,客户编码,计划日期,拜访时间\nV1,R1,C1,2026-06-01,2026-06-02 09:00\nV2,R1,C1,2026-06-01,\n")
    assert found.accepted.select("status", "visit_type").rows() == [("completed", "on_site"), ("planned", "on_site")]


def test_a_completed_visit_needs_its_day():
    found = part("visit_id,rep_id,客户编码,计划日期,拜访时间,状态\nV1,R1,C1,2026-06-01,,已完成\nV2,R1,C1,2026-06-01,soon,已完成\n")
    assert reasons(found) == {2: ["completed_without_date"], 3: ["not_a_date"]}


def test_a_person_without_a_role_has_the_least_rights_and_open_ends_are_open():
    found = part(
        "工号,姓名,职务,邮箱,失效日期\n01,张三,, Zhang.San@X.CN ,2099-12-31\n02,李四,外勤;内勤,,9999-12-31\n03,王五,老板,,2026-06-30\n"
    )
    assert found.accepted.select("role", "login", "valid_to").rows() == [("rep", "zhang.san@x.cn", None), ("rep;inside", None, None)]
    assert reasons(found) == {4: ["unknown_value"]}
    assert [(f.rule, f.row) for f in found.findings if f.severity == "warning"] == [("role_blank", 2)]


def test_overlapping_assignments_of_a_person_are_both_set_aside():
    found = part(
        "rep_id,rep_name,role,valid_from,valid_to\n"
        "R1,A,rep,2026-01-01,2026-06-15\nR1,A,rep,2026-06-16,\nR2,B,rep,2026-01-01,2026-06-16\nR2,B,rep,2026-06-16,\nR3,C,rep,,\n"
    )
    assert found.accepted["rep_id"].to_list() == ["R1", "R1", "R3"]
    assert reasons(found) == {4: ["overlapping_assignment"], 5: ["overlapping_assignment"]}


def test_a_company_target_needs_no_id():
    found = part("scope,scope_id,period,metric,value\ncompany,,2026,销售额,100\nrep,,2026,revenue,5\n")
    assert found.accepted.select("scope_id", "metric").rows() == [("company", "revenue")]
    assert reasons(found) == {3: ["required_empty"]}


def test_defaults_of_the_contract_fill_blank_cells():
    found = part("customer_id,customer_name,owner_id,status\nC1,甲,R1,\nC2,乙,R1,停用\n")
    assert found.accepted["status"].to_list() == ["active", "inactive"]


def test_a_quote_without_a_version_is_the_first():
    found = part("报价单号,版本,客户编码,业务员编码,报价日期,报价金额\nQ1,,C1,R1,2026-06-01,5\nQ1,2,C1,R1,2026-06-02,6\n")
    assert found.accepted.select("version", "status").rows() == [("1", "open"), ("2", "open")]


def test_a_case_is_closed_by_its_time_of_closing_and_a_score_needs_a_place_on_its_scale():
    found = part(
        "投诉单号,客户编码,类型,投诉日期,关闭时间,满意度评分,满分\n"
        "K1,C1,投诉,2026-06-01,2026-06-02,,\nK2,C1,异常,2026-06-01,,,\nK3,C1,调查,2026-06-01,,0,10\nK4,C1,调查,2026-06-01,,10,\n"
    )
    assert found.accepted.select("status", "scale_min").rows() == [("closed", None), ("open", None), ("open", 1)]
    assert reasons(found) == {4: ["score_outside"]}


def test_free_goods_are_told_and_samples_not_even_that():
    head = "order_id,line_no,customer_id,order_date,doc_type,qty,unit_price,net_amount\n"
    found = part(head + "S1,1,C1,2026-06-01,样品,10,9,1\nS2,1,C1,2026-06-01,,10,9,0\n")
    assert found.accepted.height == 2
    assert [(f.rule, f.row) for f in found.findings] == [("amount_differs", 3)]


def test_the_price_is_compared_with_the_nearest_amount():
    head = "order_id,line_no,customer_id,order_date,qty,unit_price,net_amount,list_amount\n"
    assert part(head + "S1,1,C1,2026-06-01,10,10,80,100\n").findings == ()
    assert [f.rule for f in part(head + "S1,1,C1,2026-06-01,10,10,80,90\n").findings] == ["amount_differs"]
