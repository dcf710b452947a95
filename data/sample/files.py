"""The export files, each as its system would write it: Chinese CSV in GB18030, Excel with real dates, English CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random

import xlsxwriter

from data.sample import planted
from data.sample.customers import Customer, card_changed_on
from data.sample.lanes import MARGIN_FLOOR, RAIL, SERVICES, SUBSIDY_ENDED, unit_cost
from data.sample.people import COMPANY, DOMAIN, NORTH, POSTINGS, TERRITORIES
from data.sample.rows import Case, Count, Invoice, OrderLine, Prospect, Quote, Receipt, Visit, yuan
from data.sample.targets import Target
from data.sample.workdays import FIRST_DAY, LAST_DAY

Row = Sequence[object]

SETTINGS = f"""# {COMPANY}: the sample company of Fieldbook
company = "{COMPANY}"
currency = "CNY"
time_zone = "Asia/Shanghai"
calendar = "cn"
order_word = "票"
as_of = {LAST_DAY}  # the sample stands still on this day; for real exports leave it out

[access]
admins = ["shen.jing@{DOMAIN}"]
directors = ["zhou.haiping@{DOMAIN}"]
"""
README = f"""{COMPANY}
Invented exports of an invented logistics company, {FIRST_DAY} to {LAST_DAY}. This file is no export; a load ignores it.
样例公司的导出文件，数据均为虚构。本说明不是导出文件，加载时会被忽略。
"""


def _csv(path: Path, header: Row, rows: Iterable[Row], encoding: str) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def _xlsx(path: Path, sheet: str, title: str, header: Row, rows: Iterable[Row]) -> Path:
    """One sheet with a title line above the header; dates are real date cells, everything else text or number as given."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day)})  # the same bytes every time
        page = book.add_worksheet(sheet)
        page.set_column(0, len(header) - 1, 16)
        page.write_string(0, 0, title)
        page.write_row(2, 0, header, book.add_format({"bold": True}))
        for number, row in enumerate(rows, 3):
            for column, value in enumerate(row):
                _cell(page, number, column, value)
    return path


def _cell(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object) -> None:
    if isinstance(value, date):
        page.write_datetime(row, column, value)
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    elif value:
        page.write_string(row, column, str(value))


def _slashed(day: date | None) -> str:
    """2026/6/1, as the visit log writes it."""
    return "" if day is None else f"{day.year}/{day.month}/{day.day}"


def _stamped(at: datetime | None) -> str:
    return "" if at is None else f"{_slashed(at)} {at:%H:%M}"


def reps(folder: Path) -> Path:
    """人员名册.xlsx: one row per person and assignment."""
    header = ("工号", "姓名", "角色", "片区", "大区", "上级", "搭档", "邮箱", "生效日期", "失效日期", "离职日期")
    rows = (
        (p.rep_id, p.name, p.role, p.territory_id, p.region, p.manager_id, p.pair_id, f"{p.login}@{DOMAIN}", p.since, p.until, p.left_on)
        for p in POSTINGS
    )
    return _xlsx(folder / "人员名册.xlsx", "人员", f"{COMPANY} 人员名册", header, rows)


def territories(folder: Path) -> Path:
    """territories.csv, UTF-8."""
    header = ("territory_id", "name", "region", "annual_potential", "hours_per_visit")
    rows = ((t.territory_id, t.name, t.region, f"{t.potential}.00", t.hours_per_visit) for t in TERRITORIES)
    return _csv(folder / "territories.csv", header, rows, "utf-8")


def products(folder: Path) -> Path:
    """产品目录.csv, UTF-8 with BOM: the price list, with new costs for rail from the day the subsidy ended."""
    header = ("物料编码", "存货名称", "产品线", "标准成本", "目录价", "最低毛利率", "单位", "生效日期")
    versions = [(s, FIRST_DAY) for s in SERVICES] + [(s, SUBSIDY_ENDED) for s in SERVICES if s.lane == RAIL]
    rows = (
        (s.product_id, s.name, s.lane, yuan(unit_cost(s, day)), yuan(s.list_price), MARGIN_FLOOR[s.lane], s.uom, day) for s, day in versions
    )
    seal = (planted.SEAL, "集装箱封条", "耗材", "", "", "", "个", FIRST_DAY)
    return _csv(folder / "产品目录.csv", header, [*rows, seal], "utf-8-sig")


def customers(folder: Path, rows: list[Customer]) -> Path:
    """客户卡.xlsx: the customer cards as they stand on the last day."""
    rng = Random("harbourline cards")
    header = (
        "客户编码", "客户名称", "专管业务员", "所属地区", "客户状态", "客户级别", "是否大客户", "创建日期", "首单日期",
        "信用等级", "信用额度", "账期", "年采购潜力", "行业", "省", "市", "联系人", "电话", "修改日期", "忠诚度",
    )  # fmt: skip
    marks = Random("harbourline loyalty")
    cards = (
        (
            c.customer_id, c.name, c.owner_id, c.territory_id, _status(c), c.manual_class, "是" if c.is_key else "否", c.created_on,
            c.first_order_on, c.card["credit_rating"], _number(c.card["credit_limit"]), c.terms_days, _number(c.card["annual_potential"]),
            c.industry, c.province, c.city, c.card["contact"], c.card["phone"], card_changed_on(c, rng),
            _loyalty(c, marks),
        )
        for c in rows if c.created_on <= LAST_DAY
    )  # fmt: skip
    return _xlsx(folder / "客户卡.xlsx", "客户卡", f"{COMPANY} 客户卡", header, cards)


def _number(text: str) -> int | None:
    return int(text) if text else None


def _loyalty(customer: Customer, rng: Random) -> str:
    """What the rep thinks of the customer; not filled in on one card in seven."""
    weights = (1, 4, 3) if customer.region == NORTH else (4, 3, 2)
    return rng.choices(("忠诚", "摇摆", "无所谓", ""), (*weights, sum(weights) / 6))[0]


def _status(customer: Customer) -> str:
    gone = customer.end is not None and (LAST_DAY - customer.end).days > 270
    return "inactive" if gone else "active"


def visits(folder: Path, rows: list[Visit]) -> Path:
    """拜访记录.csv, GB18030: the visit log, with three times that no calendar knows."""
    header = (
        "拜访编号", "拜访人", "客户编码", "计划日期", "拜访时间", "状态", "拜访方式", "预约人", "取消方", "拜访目的",
        "拜访结果", "填写时间", "改期后编号",
    )  # fmt: skip
    broken = {v.visit_id for v in planted.BROKEN_VISITS}
    lines = (
        (
            v.visit_id, v.rep_id, v.customer_id, _slashed(v.planned_date),
            planted.IMPOSSIBLE_DATE if v.visit_id in broken else _stamped(v.actual_at),
            v.status, v.visit_type, v.booked_by, v.cancelled_by, v.purpose, v.outcome, _stamped(v.logged_at), v.new_visit_id,
        )
        for v in rows
    )  # fmt: skip
    return _csv(folder / "拜访记录.csv", header, lines, "gb18030")


def orders(folder: Path, rows: list[OrderLine]) -> list[Path]:
    """orders_2024.csv, … UTF-8, one file per year of booking; one amount is a word."""
    header = (
        "Shipment No", "Line No", "Customer", "Salesperson", "Order Date", "Shipment Date", "Document Type", "Order Status", "Product",
        "Qty Ordered", "Unit", "List Amount", "Untaxed Total", "Cost", "Original Order",
    )  # fmt: skip
    by_year: dict[int, list[Row]] = {}
    for line in rows:
        by_year.setdefault(line.order_date.year, []).append(_order(line))
    return [_csv(folder / f"orders_{year}.csv", header, lines, "utf-8") for year, lines in sorted(by_year.items())]


def _order(o: OrderLine) -> Row:
    net = planted.TEXT_AMOUNT if o.order_id == planted.TEXT_AMOUNT_ORDER.order_id else yuan(o.net_amount)
    cost = "" if o.cost_amount is None else yuan(o.cost_amount)
    return (
        o.order_id, o.line_no, o.customer_id, o.rep_id, o.order_date, o.ship_date or "", o.doc_type, o.status, o.product_id, o.qty, o.uom,
        yuan(o.list_amount), net, cost, o.orig_order_id,
    )  # fmt: skip


def invoices(folder: Path, rows: list[Invoice]) -> Path:
    """invoices.csv, UTF-8 with BOM."""
    header = ("Invoice Number", "Customer", "Salesperson", "Order No", "Invoice Date", "Due Date", "Total", "Document Type", "Reversal of")
    lines = (
        (i.invoice_id, i.customer_id, i.rep_id, i.order_id, i.invoice_date, i.due_date, yuan(i.amount), i.doc_type, i.credit_of)
        for i in rows
    )
    return _csv(folder / "invoices.csv", header, lines, "utf-8-sig")


def receipts(folder: Path, rows: list[Receipt]) -> Path:
    """收款单.csv, GB18030."""
    header = ("收款单号", "付款单位", "对应发票", "收款日期", "承兑到期日", "收款金额", "结算方式")
    lines = ((r.receipt_id, r.customer_id, r.invoice_id, r.received_on, r.cleared_on or "", yuan(r.amount), r.method) for r in rows)
    return _csv(folder / "收款单.csv", header, lines, "gb18030")


def targets(folder: Path, rows: list[Target]) -> Path:
    """targets.xlsx: one row per rep, month and metric."""
    header = ("scope", "scope_id", "period", "metric", "value")
    lines = (("rep", t.rep_id, f"{t.month:%Y-%m}", t.metric, t.value) for t in rows)
    return _xlsx(folder / "targets.xlsx", "targets", f"{COMPANY} targets", header, lines)


def prospects(folder: Path, rows: list[Prospect]) -> Path:
    """潜客.csv, UTF-8 with BOM: every prospect with the day it reached each stage."""
    header = (
        "线索编号", "潜客名称", "负责人编码", "内勤编码", "线索来源", "意向级别", "定级日期", "创建日期", "认定日期", "首次拜访日期",
        "报价日期", "签约日期", "丢单日期", "放弃日期", "阶段", "转客户编码", "丢单原因", "竞争对手", "需求状态", "预计金额", "查阅日期",
    )  # fmt: skip
    lines = (
        (
            p.prospect_id, p.name, p.owner_id, p.inside_id, p.source, p.prospect_class, p.class_date, p.created_on, p.qualified_on,
            p.visited_on, p.quoted_on, p.contracted_on, p.lost_on, p.abandoned_on, p.stage, p.customer_id, p.lost_reason, p.competitor,
            p.need_state, "" if p.est_value is None else f"{p.est_value}.00", p.last_reviewed_on,
        )
        for p in rows
    )  # fmt: skip
    return _csv(folder / "潜客.csv", header, lines, "utf-8-sig")


def quotes(folder: Path, rows: list[Quote]) -> Path:
    """报价单.csv, GB18030: every version of every quote."""
    header = ("报价单号", "版本", "线索编号", "客户编码", "业务员编码", "报价日期", "报价金额", "报价状态", "是否特批", "审批日期")
    lines = (
        (
            q.quote_id, q.version, q.prospect_id, q.customer_id, q.rep_id, q.quote_date, yuan(q.amount), q.status,
            "是" if q.is_special else "否", q.approved_on,
        )
        for q in rows
    )  # fmt: skip
    return _csv(folder / "报价单.csv", header, lines, "gb18030")


def service(folder: Path, rows: list[Case]) -> Path:
    """service.csv, UTF-8: complaints, exceptions and answers of 1 to 5."""
    header = (
        "Case Number",
        "Account ID",
        "Case Type",
        "Opened",
        "Responded",
        "Closed",
        "Case Status",
        "Case Reason",
        "Score",
        "Scale To",
        "Order No",
    )
    lines = (
        (
            c.case_id, c.customer_id, c.kind, _stamped(c.opened_at), _stamped(c.responded_at), _stamped(c.closed_at),
            "closed" if c.closed_at else "new", c.category, "" if c.score is None else c.score, "" if c.score is None else 5, c.order_id,
        )
        for c in rows
    )  # fmt: skip
    return _csv(folder / "service.csv", header, lines, "utf-8")


def stock_counts(folder: Path, rows: Iterable[Count]) -> Path:
    """封条盘点.csv, UTF-8 with BOM: the seals customers have in store."""
    header = ("客户编码", "物料编码", "盘点日期", "盘点数量", "在途数量", "箱规")
    lines = ((c.customer_id, c.product_id, c.counted_on, c.qty, c.on_order, c.pack_size) for c in rows)
    return _csv(folder / "封条盘点.csv", header, lines, "utf-8-sig")


def texts(folder: Path) -> list[Path]:
    """The settings of the company, and a note that is no export."""
    settings, readme = folder / "fieldbook.toml", folder / "README.txt"
    settings.write_text(SETTINGS, "utf-8")
    readme.write_text(README, "utf-8")
    return [settings, readme]
