"""Any mess an export program can make of known rows: the rows come back exactly, or the file is refused by name."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.contracts import SOURCES
from data.reading.prepare import PreparedFile, prepare

COLUMNS = ("order_id", "line_no", "customer_id", "order_date", "qty", "net_amount", "cost_amount")
HEADERS = {
    "zh": ("订单号", "行号", "客户编码", "订单日期", "数量", "不含税金额", "成本金额"),
    "en": ("Order No", "Line", "Customer Code", "Document Date", "Qty Ordered", "Net value", "Cost"),
    "ours": COLUMNS,
    "wide": ("订 单 号", "行号", "客户 编码", "订单日期", "数量（件）", "不含税金额（元）", "成本金额(元)"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DATES = {
    "iso": "{0:%Y-%m-%d}", "slash": "{0.year}/{0.month}/{0.day}", "dot": "{0:%Y.%m.%d}", "zh": "{0.year}年{0.month}月{0.day}日",
    "compact": "{0:%Y%m%d}", "named": "{0.day}-{1}-{0.year}", "stamp": "{0:%Y-%m-%d} 00:00:00", "dmy": "{0:%d/%m/%Y}",
    "mdy": "{0:%m/%d/%Y}",
}  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
QUESTIONS = {"date_order_unknown", "decimal_unknown"}  # what a person must answer before anything can be read


@dataclass(frozen=True)
class Mess:
    """How an export program writes rows down, and what else it writes."""

    encoding: str
    delimiter: str
    line_end: str
    quote_all: bool
    headers: str
    order: tuple[int, ...]  # of the columns; 7 is one that nobody needs
    dates: str
    numbers: str
    negative: str
    whole_without_decimals: bool
    titles: tuple[str, ...]
    blank_every: int
    odd: tuple[int, ...]  # cells of lines that have too few or too many
    copies: int
    total: str  # "" none · right · wrong
    note: str


def number(value: Decimal | None, mess: Mess) -> str:
    """A number as the mess writes it."""
    if value is None:
        return ""
    digits = f"{abs(value):,.2f}"
    if mess.whole_without_decimals and value == value.to_integral_value():
        digits = digits[:-3]
    if mess.numbers == "comma":
        digits = digits.translate(str.maketrans(".,", ",."))
    elif mess.numbers == "spaces":
        digits = digits.replace(",", " ")
    elif mess.numbers != "grouped":
        digits = digits.replace(",", "")
    if mess.numbers == "yuan":
        digits = "¥" + digits
    if value < 0:
        digits = {"front": f"-{digits}", "behind": f"{digits}-", "brackets": f"({digits})", "sign": f"\u2212{digits}"}[mess.negative]
    return digits.translate(FULL_WIDTH) if mess.numbers == "wide" else digits


def cells(row: dict[str, Any], mess: Mess) -> list[str]:
    """One row as text, its columns in the mess's order."""
    day = DATES[mess.dates].format(row["order_date"], MONTHS[row["order_date"].month - 1])
    numbers = [number(row[name], mess) for name in ("qty", "net_amount", "cost_amount")]
    ours = [row["order_id"], row["line_no"], row["customer_id"], day, *numbers, row["remark"]]
    return [ours[at] for at in mess.order]


def export(rows: list[dict[str, Any]], mess: Mess) -> bytes:
    """The file."""
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if mess.quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=mess.delimiter, lineterminator="\n", quoting=quoting)
    for title in mess.titles:
        text.write(title + "\n")
    names = [*HEADERS[mess.headers], "备注"]
    writer.writerow([names[at] for at in mess.order])
    for at, row in enumerate(rows + rows[: mess.copies], 1):
        writer.writerow(cells(row, mess))
        if mess.blank_every and at % mess.blank_every == 0:
            text.write(mess.delimiter * (len(mess.order) - 1) + "\n\n")
    for count in mess.odd:
        text.write(mess.delimiter.join(["odd"] * count) + "\n")
    if mess.total:
        summed = sum((row["net_amount"] for row in rows + rows[: mess.copies]), Decimal(0)) + (Decimal(1) if mess.total == "wrong" else 0)
        ours = ["合计", "", "", "", "", number(summed, mess), "", ""]
        writer.writerow([ours[at] for at in mess.order])
    if mess.note:
        text.write(mess.note + "\n")
    return text.getvalue().replace("\n", mess.line_end).encode(mess.encoding)


ANY_DAY = st.dates(date(2000, 1, 1), date(2026, 10, 21))
EARLY_DAYS = st.builds(date, st.just(2026), st.integers(1, 10), st.integers(1, 12))  # 03/04/2026 alone proves no order
ids = st.text("AB01客户编号甲乙丙-", min_size=1, max_size=6).filter(lambda text: text.strip("-"))
amounts = st.decimals(Decimal("-9999999.99"), Decimal("9999999.99"), places=2).filter(bool)
remarks = st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z")) | st.sampled_from(' ,;|\t"\n'), max_size=12)


@st.composite
def truths(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of orders with different keys; returns have negative quantity and cost."""
    rows, days = [], draw(st.sampled_from([ANY_DAY, EARLY_DAYS]))
    for key in draw(st.lists(ids, min_size=1, max_size=9, unique=True)):
        net = draw(amounts)
        sign = -1 if net < 0 else 1
        rows.append({
            "order_id": key, "line_no": str(draw(st.integers(1, 9))), "customer_id": draw(ids),
            "order_date": draw(days),
            "qty": draw(st.none() | st.integers(1, 5000).map(lambda n, sign=sign: Decimal(n * sign))), "net_amount": net,
            "cost_amount": draw(st.none() | amounts.map(lambda c, sign=sign: abs(c) * sign)), "remark": draw(remarks),
        })  # fmt: skip
    return rows


messes = st.builds(
    Mess,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quote_all=st.booleans(),
    headers=st.sampled_from(sorted(HEADERS)),
    order=st.permutations(range(8)).map(tuple),
    dates=st.sampled_from(sorted(DATES)),
    numbers=st.sampled_from(["plain", "grouped", "comma", "spaces", "yuan", "wide"]),
    negative=st.sampled_from(["front", "behind", "brackets", "sign"]),
    whole_without_decimals=st.booleans(),
    titles=st.lists(st.sampled_from(["销售明细", "2026年6月", "单位：元", ""]), max_size=3).map(tuple),
    blank_every=st.integers(0, 4),
    odd=st.lists(st.sampled_from([2, 3, 9, 12]), max_size=2).map(tuple),
    copies=st.integers(0, 2),
    total=st.sampled_from(["", "right", "wrong"]),
    note=st.sampled_from(["", "制表人：张三"]),
)


def read(content: bytes) -> PreparedFile:
    return prepare(content, "export.csv", time_zone="Asia/Shanghai", currency="CNY", received_on=date(2026, 10, 21))


def is_ours(row: dict[str, Any], truth: dict[str, Any]) -> bool:
    return all(row[name] == truth[name] for name in COLUMNS)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(truths(), messes)
def test_the_truth_comes_back_or_the_file_is_refused_by_name(rows: list[dict[str, Any]], mess: Mess) -> None:
    if mess.line_end == "\r" or mess.headers == "en":  # inside a cell a line end of the file's own kind is what it says
        rows = [row | {"remark": row["remark"].replace("\n", " ")} for row in rows]
    if mess.encoding == "gb18030" and mess.headers in ("en", "ours"):
        mess = replace(mess, headers="zh")  # two bytes of GB18030 alone can be a letter of UTF-8: nobody could tell
    file = read(export(rows, mess))
    rules = {f.rule for f in (*file.findings, *(f for part in file.parts for f in part.findings)) if f.severity in ("hold", "reject")}
    if rules == {"encoding_unsure"} and mess.encoding == "gb18030":  # mostly signs that hardly anybody writes
        return
    if not file.parts:
        if rules == {"encoding_unsure"}:  # remarks of signs so rare that it may as well be western text
            assert (file.status, mess.encoding) == ("rejected", "gb18030")
            return
        assert file.status == "held"
        assert rules
        assert rules <= QUESTIONS
        return
    [part] = file.parts
    assert (file.status, rules) == (("held", {"total_differs"}) if mess.total == "wrong" else ("ready", set()))
    truth = {row["order_id"]: row for row in rows}
    assert all(is_ours(row, truth[row["order_id"]]) for row in part.accepted.to_dicts())
    assert sorted(part.accepted["order_id"]) == sorted(truth)
    assert part.quarantined["reasons"].to_list() == [["ragged_row"]] * len(mess.odd)
    assert part.skipped == min(mess.copies, len(rows)) + bool(mess.total) + bool(mess.note)
    assert part.read == part.accepted.height + part.quarantined.height + part.skipped
    for name in SOURCES["orders"].amounts:
        sums = part.amounts[name]
        assert sums["read"] == (part.accepted[name].sum() or 0) + sums["quarantined"] + sums["skipped"]
