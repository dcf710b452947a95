"""The planted truths: customers and documents typed by hand, so that tests and docs/sample.md can name exact figures.

Everything else in the sample is drawn; what is listed here is the same in every version. Their ids begin at 9.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from data.sample.rows import Case, Count, Invoice, OrderLine, Prospect, Quote, Receipt, Visit


@dataclass(frozen=True)
class Named:
    """A customer whose card and size are given; `scripted`: all its documents are given too."""

    customer_id: str
    name: str
    rep_id: str
    industry: str
    lane: str
    rate: float = 1.0
    ticket: int = 1_500_000
    terms_days: int = 30
    end: date | None = None
    is_key: bool = False
    scripted: bool = False


LAPSED_KEY = "000017"
HANDED_OVER = "000042"
LEAVERS = ("000051", "000052", "000053", "000054", "000055")
PART_PAID, OVERPAID, CREDITED, RETURNED, TWICE, MOVED_NORTH, MOVED_SOUTH, STRAY = (f"{n:06d}" for n in range(61, 69))
STOPPED = date(2026, 6, 5)  # the last booking of the customers nobody took over; shipped before He Wei left

NAMED = (
    Named(LAPSED_KEY, "天津恒翼重工有限公司", "0311", "机械", "海运", 6.0, 4_200_000, 45, date(2026, 3, 20), True),
    Named(HANDED_OVER, "厦门远澜家居用品有限公司", "0213", "家居", "海运", 5.0, 3_600_000, 90),
    Named(LEAVERS[0], "泉州锦宇服饰有限公司", "0213", "纺织", "海运", 2.0, 2_000_000, 90, STOPPED),
    Named(LEAVERS[1], "福州瑞航食品有限公司", "0213", "食品", "海运", 1.6, 1_800_000, 75, STOPPED),
    Named(LEAVERS[2], "厦门嘉岳玩具有限公司", "0213", "玩具", "海运", 1.4, 1_600_000, 60, STOPPED),
    Named(LEAVERS[3], "泉州鼎峰针织有限公司", "0213", "纺织", "海运", 1.8, 1_700_000, 90, STOPPED),
    Named(LEAVERS[4], "福州博通光电科技有限公司", "0213", "电子", "空运", 1.5, 2_200_000, 60, STOPPED),
    Named(PART_PAID, "上海润川精密机械有限公司", "0111", "机械", "海运", scripted=True),
    Named(OVERPAID, "苏州启联电子科技有限公司", "0113", "电子", "空运", scripted=True),
    Named(CREDITED, "宁波盛航家具有限公司", "0114", "家居", "海运", scripted=True),
    Named(RETURNED, "上海德腾新材料有限公司", "0112", "化工", "陆运", scripted=True),
    Named(TWICE, "无锡信达汽车零部件有限公司", "0113", "汽配", "海运", scripted=True),
    Named(MOVED_NORTH, "青岛泰源农产品有限公司", "0314", "食品", "海运", scripted=True),
    Named(MOVED_SOUTH, "厦门景宇光电科技有限公司", "0213", "电子", "空运", scripted=True),
    Named(STRAY, "天津裕森化工有限公司", "0313", "化工", "海运", scripted=True),
)

UNKNOWN_REP = "0999"
TEXT_AMOUNT = "面议"
IMPOSSIBLE_DATE = "2026/2/30 10:00"


SEA, AIR, ROAD = ("SEA-FCL", "TEU"), ("AIR-EXP", "KG"), ("ROAD-FTL", "车次")


def _order(number: str, customer_id: str, rep_id: str, day: date, net: int, cost: int, service: tuple[str, str] = SEA) -> OrderLine:
    list_amount = round(net / 0.92)
    return OrderLine(f"HBT{day:%y%m}-{number}", 1, customer_id, rep_id, day, day, service[0], 10, service[1], list_amount, net, cost)


PART_ORDER = _order("90001", PART_PAID, "0111", date(2026, 8, 12), 10_000_000, 8_500_000)
OVER_ORDER = _order("90002", OVERPAID, "0113", date(2026, 8, 13), 5_500_000, 4_700_000, AIR)
CREDIT_ORDER = _order("90003", CREDITED, "0114", date(2026, 8, 14), 8_000_000, 6_800_000)
SOLD_ORDER = _order("90004", RETURNED, "0112", date(2026, 8, 11), 3_000_000, 2_650_000, ROAD)
BEFORE_MOVE = _order("90006", MOVED_NORTH, "0314", date(2026, 6, 15), 5_000_000, 4_400_000)
AFTER_MOVE = _order("90007", MOVED_SOUTH, "0314", date(2026, 6, 16), 7_000_000, 6_100_000, AIR)
UNKNOWN_REP_ORDER = _order("90008", STRAY, UNKNOWN_REP, date(2026, 9, 8), 1_200_000, 1_050_000)
NO_REP_ORDER = _order("90009", STRAY, "", date(2026, 9, 9), 800_000, 690_000)
RETURN_LINE = replace(
    SOLD_ORDER, order_id="HBT2609-90005", order_date=date(2026, 9, 3), ship_date=date(2026, 9, 3), qty=-2,
    list_amount=-652_174, net_amount=-600_000, cost_amount=-530_000, doc_type="return", orig_order_id=SOLD_ORDER.order_id,
)  # fmt: skip
# Container seals go to customers free of charge; who runs out of them ships with somebody else.
SEAL = "SEAL"
SEALS = OrderLine("HBT2609-90011", 1, PART_PAID, "0111", date(2026, 9, 10), date(2026, 9, 10), SEAL, 30, "个", 0, 0, 0, "sample")
TEXT_AMOUNT_ORDER = _order("90010", STRAY, "0313", date(2026, 9, 10), 0, 0)  # files.py writes 面议 in place of the amount

ORDERS = (
    PART_ORDER, OVER_ORDER, CREDIT_ORDER, SOLD_ORDER, BEFORE_MOVE, AFTER_MOVE, UNKNOWN_REP_ORDER, NO_REP_ORDER, RETURN_LINE,
    SEALS, TEXT_AMOUNT_ORDER,
)  # fmt: skip


def _invoice(number: str, order: OrderLine, day: date, due: date, amount: int) -> Invoice:
    return Invoice(f"FP{day:%y%m}-{number}", order.customer_id, order.rep_id, order.order_id, day, due, amount)


PART_INVOICE = _invoice("90001", PART_ORDER, date(2026, 8, 17), date(2026, 9, 16), 10_600_000)
OVER_INVOICE = _invoice("90002", OVER_ORDER, date(2026, 8, 18), date(2026, 9, 17), 5_830_000)
CREDIT_INVOICE = _invoice("90003", CREDIT_ORDER, date(2026, 8, 19), date(2026, 9, 18), 8_480_000)
SOLD_INVOICE = _invoice("90004", SOLD_ORDER, date(2026, 8, 20), date(2026, 9, 19), 3_180_000)
CREDIT_NOTE = Invoice(
    "FP2609-90005", CREDITED, "0114", "", date(2026, 9, 2), date(2026, 9, 2), -424_000, "credit_note", CREDIT_INVOICE.invoice_id,
)  # fmt: skip
RETURN_NOTE = Invoice(
    "FP2609-90006", RETURNED, "0112", RETURN_LINE.order_id, date(2026, 9, 4), date(2026, 9, 4), -636_000, "credit_note",
    SOLD_INVOICE.invoice_id,
)  # fmt: skip
INVOICES = (PART_INVOICE, OVER_INVOICE, CREDIT_INVOICE, SOLD_INVOICE, CREDIT_NOTE, RETURN_NOTE)

PART_RECEIPT = Receipt("SK2609-90001", PART_PAID, PART_INVOICE.invoice_id, date(2026, 9, 15), 4_000_000)
OVER_RECEIPT = Receipt("SK2609-90002", OVERPAID, OVER_INVOICE.invoice_id, date(2026, 9, 16), 6_000_000)
CREDIT_RECEIPT = Receipt("SK2609-90003", CREDITED, CREDIT_INVOICE.invoice_id, date(2026, 9, 17), 8_056_000)
SOLD_RECEIPT = Receipt("SK2609-90004", RETURNED, SOLD_INVOICE.invoice_id, date(2026, 9, 18), 2_544_000)
RECEIPTS = (PART_RECEIPT, OVER_RECEIPT, CREDIT_RECEIPT, SOLD_RECEIPT)


def _made(number: str, rep_id: str, customer_id: str, planned: date, at: datetime, purpose: str) -> Visit:
    visit = Visit(f"BF-{number}", rep_id, customer_id, planned, at, "已完成", purpose=purpose, outcome="已沟通，继续跟进")
    return replace(visit, logged_at=at.replace(hour=19))


TWICE_DAY = date(2026, 9, 15)
TWICE_VISITS = (
    _made("900001", "0113", TWICE, TWICE_DAY, datetime(2026, 9, 15, 9, 30), "异常处理"),
    _made("900002", "0113", TWICE, TWICE_DAY, datetime(2026, 9, 15, 16, 0), "异常处理"),
)
CANCELLED_VISIT = Visit("BF-900003", "0111", PART_PAID, date(2026, 9, 22), None, "已取消", cancelled_by="客户", purpose="回款对账")
MOVED_VISIT = Visit("BF-900004", "0111", PART_PAID, date(2026, 9, 23), None, "已改期", purpose="回款对账", new_visit_id="BF-900005")
NEW_VISIT = _made("900005", "0111", PART_PAID, date(2026, 10, 9), datetime(2026, 10, 9, 14, 0), "回款对账")
BROKEN_VISITS = tuple(  # files.py writes 2026/2/30 in place of the time
    Visit(f"BF-90000{n}", "0312", STRAY, None, datetime(2026, 2, 27, 10), "已完成", purpose="例行拜访") for n in (6, 7, 8)
)
VISITS = (*TWICE_VISITS, CANCELLED_VISIT, MOVED_VISIT, NEW_VISIT, *BROKEN_VISITS)

COUNTS = (
    Count(PART_PAID, SEAL, date(2026, 9, 1), 20),
    Count(PART_PAID, SEAL, date(2026, 10, 12), 14, pack_size=12),  # sold 36: 54 − 14 = 40, four packs
    Count(CREDITED, SEAL, date(2026, 9, 2), 40),
    Count(CREDITED, SEAL, date(2026, 10, 13), 38, pack_size=12),  # enough
    Count(RETURNED, SEAL, date(2026, 9, 3), 5),
    Count(RETURNED, SEAL, date(2026, 10, 14), 9),  # more than there can be
)

RIVAL = "远帆物流"
PROSPECTS = (
    Prospect(
        "宁波乐途户外用品有限公司", "0114", date(2026, 8, 3), "已报价", "展会", date(2026, 8, 10), date(2026, 8, 24), date(2026, 9, 14),
        prospect_id="QK-900001", prospect_class="A", class_date=date(2026, 9, 14), need_state="必须", est_value=600_000,
        last_reviewed_on=date(2026, 10, 21),
    ),
    # signed before it was created: a slip that no cycle time may swallow
    Prospect(
        "天津广信仓储设备有限公司", "0313", date(2026, 9, 21), "签约", "电话", contracted_on=date(2026, 9, 11), prospect_id="QK-900002",
        need_state="必须", est_value=80_000,
    ),
    Prospect(
        "深圳嘉盛智能家电有限公司", "0211", date(2026, 6, 1), "丢单", "网站", date(2026, 6, 8), date(2026, 6, 22), date(2026, 7, 6),
        lost_on=date(2026, 8, 17), prospect_id="QK-900003", competitor=RIVAL, need_state="可选", est_value=900_000,
    ),
)  # fmt: skip
QUOTES = (
    Quote("BJ-900001", 1, "QK-900001", "", "0114", date(2026, 9, 14), 60_000_000, "报价中", True),
    Quote("BJ-900002", 1, "", HANDED_OVER, "0314", date(2026, 10, 15), 25_000_000, "报价中", True),
)
CASES = (Case("FW-900001", HANDED_OVER, "投诉", datetime(2026, 10, 12, 9, 30), category="费用异议"),)
