"""Who works at Harbourline: the territories, the people with their assignments, and how each of them works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

COMPANY = "Harbourline 海岸通国际物流"
DOMAIN = "harbourline.example"
REORGANISED = date(2026, 6, 16)  # Gao Xiang moves from 华北 to 华南 in the middle of a month
LEFT = date(2026, 6, 15)  # He Wei's last day

EAST, SOUTH, NORTH = "华东", "华南", "华北"
REGIONS = (EAST, SOUTH, NORTH)


@dataclass(frozen=True)
class Territory:
    """A sales territory; potential in yuan a year, cities as (province, city)."""

    territory_id: str
    name: str
    region: str
    potential: int
    hours_per_visit: str
    cities: tuple[tuple[str, str], ...]


TERRITORIES = (
    Territory("E01", "上海", EAST, 320_000_000, "1.2", (("上海", "上海"),)),
    Territory("E02", "江苏", EAST, 260_000_000, "1.6", (("江苏", "苏州"), ("江苏", "无锡"), ("江苏", "南京"), ("江苏", "常州"))),
    Territory("E03", "浙江", EAST, 240_000_000, "1.6", (("浙江", "宁波"), ("浙江", "杭州"), ("浙江", "嘉兴"), ("浙江", "绍兴"))),
    Territory("S01", "深莞惠", SOUTH, 340_000_000, "1.3", (("广东", "深圳"), ("广东", "东莞"), ("广东", "惠州"))),
    Territory("S02", "广佛", SOUTH, 230_000_000, "1.4", (("广东", "广州"), ("广东", "佛山"), ("广东", "中山"))),
    Territory("S03", "福建", SOUTH, 150_000_000, "1.7", (("福建", "厦门"), ("福建", "泉州"), ("福建", "福州"))),
    Territory("N01", "京津", NORTH, 190_000_000, "1.5", (("天津", "天津"), ("北京", "北京"), ("河北", "廊坊"))),
    Territory("N02", "山东", NORTH, 170_000_000, "1.8", (("山东", "青岛"), ("山东", "济南"), ("山东", "烟台"), ("山东", "潍坊"))),
)
TERRITORY = {t.territory_id: t for t in TERRITORIES}


@dataclass(frozen=True)
class Posting:
    """One row of the staff list: one person in one assignment, from and to inclusive."""

    rep_id: str
    name: str
    role: str
    login: str
    place: str  # a territory, a region, or nothing for the whole company
    manager_id: str
    since: date
    until: date | None = None
    pair_id: str = ""
    left_on: date | None = None

    @property
    def territory_id(self) -> str:
        """The territory, where the assignment has one."""
        return self.place if self.place in TERRITORY else ""

    @property
    def region(self) -> str:
        """The region of the assignment; nothing for the whole company."""
        return TERRITORY[self.place].region if self.place in TERRITORY else self.place


REP, INSIDE, KAM, MANAGER, DIRECTOR, ADMIN = "外勤", "内勤", "大客户经理", "区域经理", "销售总监", "系统管理员"

POSTINGS = (
    Posting("0001", "周海平", DIRECTOR, "zhou.haiping", "", "", date(2012, 5, 2)),
    Posting("0002", "沈静", ADMIN, "shen.jing", "", "0001", date(2016, 3, 1)),
    Posting("0101", "顾建华", MANAGER, "gu.jianhua", EAST, "0001", date(2014, 2, 10)),
    Posting("0111", "王磊", REP, "wang.lei", "E01", "0101", date(2017, 7, 3), pair_id="P01"),
    Posting("0112", "陈晓燕", REP, "chen.xiaoyan", "E01", "0101", date(2019, 4, 1)),
    Posting("0113", "徐文博", REP, "xu.wenbo", "E02", "0101", date(2018, 9, 3), pair_id="P02"),
    Posting("0114", "钱丽", REP, "qian.li", "E03", "0101", date(2020, 6, 1)),
    Posting("0115", "沈佳宁", KAM, "shen.jianing", "E01", "0101", date(2015, 3, 2)),
    Posting("0121", "方敏", INSIDE, "fang.min", "E01", "0101", date(2021, 3, 1), pair_id="P01"),
    Posting("0122", "吴倩", INSIDE, "wu.qian", "E02", "0101", date(2022, 2, 14), pair_id="P02"),
    Posting("0201", "林志强", MANAGER, "lin.zhiqiang", SOUTH, "0001", date(2016, 8, 1)),
    Posting("0211", "黄俊杰", REP, "huang.junjie", "S01", "0201", date(2018, 3, 5), pair_id="P03"),
    Posting("0212", "李婉婷", REP, "li.wanting", "S02", "0201", date(2019, 10, 8), pair_id="P04"),
    Posting("0213", "何伟", REP, "he.wei", "S03", "0201", date(2018, 5, 7), left_on=LEFT),
    Posting("0214", "吴嘉豪", REP, "wu.jiahao", "S01", "0201", date(2021, 11, 1)),
    Posting("0221", "梁雪", INSIDE, "liang.xue", "S01", "0201", date(2021, 9, 1), pair_id="P03"),
    Posting("0222", "罗颖", INSIDE, "luo.ying", "S02", "0201", date(2022, 7, 4), pair_id="P04"),
    Posting("0301", "赵国栋", MANAGER, "zhao.guodong", NORTH, "0001", date(2013, 9, 2)),
    Posting("0311", "刘强", REP, "liu.qiang", "N01", "0301", date(2017, 11, 6), pair_id="P05"),
    Posting("0312", "张敏", REP, "zhang.min", "N02", "0301", date(2019, 3, 4), pair_id="P06"),
    Posting("0313", "孙鹏", REP, "sun.peng", "N01", "0301", date(2020, 8, 3)),
    Posting("0314", "高翔", REP, "gao.xiang", "N02", "0301", date(2018, 4, 2), until=date(2026, 6, 15)),
    Posting("0314", "高翔", REP, "gao.xiang", "S03", "0201", REORGANISED),
    Posting("0321", "丁洁", INSIDE, "ding.jie", "N01", "0301", date(2020, 5, 6), pair_id="P05"),
    Posting("0322", "姜楠", INSIDE, "jiang.nan", "N02", "0301", date(2023, 2, 6), pair_id="P06"),
)


@dataclass(frozen=True)
class Habit:
    """How a seller works: what the sample is tuned with.

    customers, scale   how many customers at the start, and how large they are (1 = average)
    won_a_month        new customers won a month, by year 2024–2026
    attainment         share of the revenue target reached, by year 2024–2026
    visits_a_day       counted visits a working day, by year
    visit_goal         the visit target, per working day
    kept, unplanned    share of planned visits made; share of visits made without a plan
    """

    customers: int
    scale: float
    won_a_month: tuple[float, float, float]
    attainment: tuple[float, float, float]
    visits_a_day: tuple[float, float, float] = (0, 0, 0)
    visit_goal: float = 0
    kept: float = 0.90
    unplanned: float = 0.10


HABITS = {
    "0111": Habit(47, 1.19, (0.9, 1.0, 1.0), (1.00, 1.01, 1.03), (3.0, 3.0, 3.1), 3.0, 0.92),
    "0112": Habit(49, 1.03, (1.0, 1.0, 0.9), (0.98, 1.02, 0.99), (2.9, 3.0, 2.9), 3.0, 0.90),
    "0113": Habit(51, 1.08, (0.8, 1.0, 1.0), (1.02, 0.99, 1.02), (3.1, 3.1, 3.1), 3.0, 0.93),
    "0114": Habit(45, 0.99, (0.9, 0.9, 0.9), (0.97, 1.00, 0.98), (2.8, 2.9, 3.0), 3.0, 0.91),
    "0115": Habit(16, 4.54, (0.1, 0.1, 0.1), (1.01, 1.03, 1.02), (2.0, 2.0, 2.0), 2.0, 0.95),
    "0211": Habit(43, 1.30, (1.0, 1.4, 1.6), (1.02, 1.08, 1.14), (3.2, 3.3, 3.5), 3.2, 0.89),
    "0212": Habit(45, 1.05, (0.9, 1.0, 1.0), (0.99, 1.02, 1.06), (3.0, 3.0, 3.2), 3.0, 0.87),
    "0213": Habit(41, 1.05, (0.7, 0.7, 0.4), (0.98, 0.98, 0.98), (2.7, 2.7, 2.3), 3.0, 0.80, 0.14),
    "0214": Habit(37, 1.10, (1.0, 1.2, 1.2), (1.00, 1.04, 1.05), (3.0, 3.1, 3.3), 3.0, 0.88),
    "0311": Habit(39, 1.00, (0.6, 0.4, 0.2), (0.97, 0.95, 0.96), (2.6, 2.2, 1.8), 3.0, 0.52, 0.16),
    "0312": Habit(39, 0.95, (0.7, 0.6, 0.5), (0.99, 0.95, 0.88), (2.7, 2.6, 2.6), 3.0, 0.68, 0.48),
    "0313": Habit(35, 0.90, (0.6, 0.5, 0.5), (0.98, 0.95, 0.87), (2.6, 2.5, 2.3), 3.0, 0.62, 0.15),
    "0314": Habit(37, 0.95, (0.7, 0.6, 0.7), (0.99, 0.97, 1.00), (2.7, 2.7, 2.8), 3.0, 0.80, 0.12),
    "0121": Habit(16, 0.28, (0, 0, 0), (1.00, 1.00, 1.01)),
    "0122": Habit(16, 0.28, (0, 0, 0), (1.00, 1.01, 0.99)),
    "0221": Habit(16, 0.30, (0, 0, 0), (1.00, 1.02, 1.05)),
    "0222": Habit(16, 0.30, (0, 0, 0), (1.00, 1.01, 1.03)),
    "0321": Habit(14, 0.30, (0, 0, 0), (0.99, 0.96, 0.93)),
    "0322": Habit(14, 0.30, (0, 0, 0), (0.99, 0.96, 0.95)),
}


def posting_on(rep_id: str, day: date) -> Posting:
    """The assignment of a person on a day; the last one before it, or the first, where none covers the day."""
    own = [p for p in POSTINGS if p.rep_id == rep_id]
    return next((p for p in reversed(own) if p.since <= day), own[0])


def partner_of(rep_id: str) -> str | None:
    """The inside partner of an outside rep, if the rep has one."""
    pairs = {p.pair_id: p.rep_id for p in POSTINGS if p.role == INSIDE}
    return next((pairs[p.pair_id] for p in POSTINGS if p.rep_id == rep_id and p.role != INSIDE and p.pair_id), None)
