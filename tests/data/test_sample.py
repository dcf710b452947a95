"""The sample company tells the truths that docs/sample.md names. Figures are read back from the files, as a loader would."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import fastexcel
import pytest

from data import sample
from data.access import OWNER
from data.config import Settings
from data.loading.load import load
from data.sample import people, planted
from data.sample.workdays import FIRST_DAY, LAST_DAY, working_days
from data.warehouse import Warehouse
from kpi import funnel, prospects
from kpi.catalog import get
from kpi.period import parse
from kpi.report import evaluate
from tests.oracle import market, plain, portfolio
from tests.oracle.test_market_against_cards import check as check_market
from tests.oracle.test_service_against_sql import check as check_service

Row = dict[str, str]
DOCS = (Path(__file__).parents[2] / "docs" / "sample.md").read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample")
    sample.write(path)
    return path


class Files:
    """The exports as rows of text, once per test run."""

    def __init__(self, folder: Path) -> None:
        self.visits = list(_csv(folder / "拜访记录.csv", "gb18030"))
        self.orders = [row for year in (2024, 2025, 2026) for row in _csv(folder / f"orders_{year}.csv", "utf-8")]
        self.invoices = list(_csv(folder / "invoices.csv", "utf-8-sig"))
        self.receipts = list(_csv(folder / "收款单.csv", "gb18030"))
        self.products = list(_csv(folder / "产品目录.csv", "utf-8-sig"))
        self.customers = _xlsx(folder / "客户卡.xlsx")
        self.reps = _xlsx(folder / "人员名册.xlsx")
        self.targets = _xlsx(folder / "targets.xlsx")
        self.prospects = list(_csv(folder / "潜客.csv", "utf-8-sig"))
        self.quotes = list(_csv(folder / "报价单.csv", "gb18030"))
        self.cases = list(_csv(folder / "service.csv", "utf-8"))
        self.counts = list(_csv(folder / "封条盘点.csv", "utf-8-sig"))

    def shipped(self) -> Iterator[Row]:
        """Valid order lines with a readable amount."""
        return (o for o in self.orders if o["Order Status"] == "valid" and o["Untaxed Total"] != planted.TEXT_AMOUNT)

    def paid(self, until: dt.date = LAST_DAY) -> dict[str, Decimal]:
        """Invoice -> cash applied; bills count when they clear."""
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for r in self.receipts:
            if dt.date.fromisoformat(r["承兑到期日"] or r["收款日期"]) <= until:
                paid[r["对应发票"]] += Decimal(r["收款金额"])
        return paid

    def open_items(self) -> Iterator[tuple[Row, Decimal]]:
        """Invoices with an open amount on the last day, credit notes taken off."""
        paid = self.paid()
        for note in self.invoices:
            paid[note["Reversal of"]] -= Decimal(note["Total"])
        for invoice in self.invoices:
            left = Decimal(invoice["Total"]) - paid[invoice["Invoice Number"]]
            if invoice["Document Type"] == "invoice" and left > 0:
                yield invoice, left


@pytest.fixture(scope="module")
def files(folder: Path) -> Files:
    return Files(folder)


def _csv(path: Path, encoding: str) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.DictReader(file)


def _xlsx(path: Path) -> list[Row]:
    frame = fastexcel.read_excel(path).load_sheet(0, header_row=2, dtypes="string").to_polars()
    return [{name: value or "" for name, value in row.items()} for row in frame.to_dicts()]


def _region(rep_id: str, day: str) -> str:
    return people.posting_on(rep_id, dt.date.fromisoformat(day)).region if rep_id in people.HABITS else ""


def _told(*figures: object) -> None:
    """Each figure stands in docs/sample.md as given here."""
    for figure in figures:
        text = f"{figure:,.2f}" if isinstance(figure, Decimal) else str(figure)
        assert re.search(rf"(?<![\d,.]){re.escape(text)}(?!\d|[,.]\d)", DOCS), f"docs/sample.md does not tell {text}"


def _sum(rows: list[Row], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal())


def test_two_runs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    written = sample.write(tmp_path / "again", lambda done, of: steps.append((done, of)))
    assert sorted(p.name for p in written) == sorted(p.name for p in folder.iterdir())
    assert all(p.read_bytes() == (folder / p.name).read_bytes() for p in written)
    assert steps == [(n, sample.STEPS) for n in range(1, sample.STEPS + 1)]


def test_the_settings_are_valid_and_stand_still_on_the_last_day(folder: Path) -> None:
    settings = Settings.read(folder)
    assert (settings.currency, settings.time_zone, settings.calendar, settings.order_word) == ("CNY", "Asia/Shanghai", "cn", "票")
    assert settings.as_of == dt.date(2026, 10, 21) == LAST_DAY


@pytest.fixture(scope="module")
def loaded(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Warehouse]:
    """The sample in a warehouse, and what the load said of it."""
    home = tmp_path_factory.mktemp("home")
    shutil.copyfile(folder / "fieldbook.toml", home / "fieldbook.toml")
    report = load(home, [folder]).as_dict()
    return report, Warehouse.open(home)


def test_a_load_takes_everything_but_the_planted_rows(loaded: tuple[dict[str, Any], Warehouse]) -> None:
    report, warehouse = loaded
    assert report["status"] == "loaded"
    assert {f["file"]: f["quarantined"] for f in report["files"] if f["quarantined"]} == {"orders_2026.csv": 1, "拜访记录.csv": 3}
    assert {f["file"] for f in report["files"] if f["status"] == "ignored"} == {"README.txt", "fieldbook.toml"}
    found = [(row["rule"], row["value"]) for row in warehouse.findings(OWNER).to_dicts() if row["severity"] != "info"]
    impossible, word = ("not_a_date", planted.IMPOSSIBLE_DATE), ("not_a_number", planted.TEXT_AMOUNT)
    assert Counter(found) == Counter([*[impossible] * 3, word, ("unknown_member", "0999")])
    assert warehouse.as_of == LAST_DAY


@pytest.mark.parametrize("text", ["2026-Q3", "mtd", "2025"])
def test_prospects_and_service_equal_plain_sql_on_the_sample_too(loaded: tuple[dict[str, Any], Warehouse], text: str) -> None:
    warehouse = loaded[1]
    period, con = parse(text, warehouse.as_of), warehouse._file.con.cursor()
    for by in ((), ("rep_id",), ("region",), ("lead_source",)):
        expected = market.figures(con, period.start, period.to, period.as_of, by[0] if by else None)
        check_market(warehouse, period, by, (*prospects.KPIS, *funnel.KPIS), expected)
    for by in ((), ("rep_id",)):
        check_service(warehouse, period, by)
        values = (con, period.start, period.to, period.as_of, by[0] if by else None)
        for name, figures in {**portfolio.won_well(*values), **(portfolio.credit(*values) if text == "mtd" else {})}.items():
            rows = evaluate(warehouse, OWNER, [get(name)], [period], by)[name].iter_rows(named=True)
            for key, value in ((row[by[0]] if by else None, row["value"]) for row in rows):
                assert plain.same(value, figures.get(key)) or value == pytest.approx(figures[key]), (name, key, value)


def test_the_company_has_the_size_it_says(files: Files) -> None:
    assert len({r["工号"] for r in files.reps if r["角色"] in ("外勤", "大客户经理") and not r["离职日期"]}) == 12
    assert len({r["工号"] for r in files.reps if r["角色"] == "区域经理"}) == 3
    lists = (files.customers, files.visits, files.orders, files.invoices, files.receipts, files.prospects, files.quotes, files.cases)
    counts = [len(rows) for rows in lists]
    assert 850 <= counts[0] <= 950
    assert 45_000 <= counts[2] <= 60_000
    _told(*(f"{n:,}" for n in counts))


def test_business_is_done_on_working_days_up_to_the_last(files: Files) -> None:
    open_days = {day.isoformat() for day in working_days()}
    days = {o["Shipment Date"] for o in files.shipped()} | {i["Invoice Date"] for i in files.invoices}
    days |= {r["收款日期"] for r in files.receipts}
    assert days <= open_days
    assert FIRST_DAY.isoformat() <= min(days) <= "2024-09-03"
    assert max(days) == "2026-10-21"
    assert "2026-09-20" in days  # a Sunday worked for the National Day holiday
    assert not any("2026-10-01" <= day <= "2026-10-07" for day in days)


def test_february_dips_and_the_year_ends_high(files: Files) -> None:
    months: dict[str, Decimal] = defaultdict(Decimal)
    for o in files.shipped():
        months[o["Shipment Date"][:7]] += Decimal(o["Untaxed Total"])
    for year in ("2025", "2026"):
        assert months[f"{year}-02"] < min(v for m, v in months.items() if m[:4] == year and m not in (f"{year}-02", "2026-10"))
    assert months["2025-12"] == max(v for m, v in months.items() if m[:4] == "2025")


def test_a_fifth_of_the_buyers_brings_about_two_thirds(files: Files) -> None:
    sales: dict[str, Decimal] = defaultdict(Decimal)
    for o in files.shipped():
        if o["Shipment Date"] > "2025-10-21":
            sales[o["Customer"]] += Decimal(o["Untaxed Total"])
    buyers = sorted((v for v in sales.values() if v > 0), reverse=True)
    assert 0.60 < sum(buyers[: -(-len(buyers) // 5)]) / sum(buyers) < 0.70


def test_1_gao_xiang_sells_in_the_north_until_15_june_and_in_the_south_from_16_june(files: Files) -> None:
    spans = [(r["片区"], r["生效日期"][:10], r["失效日期"][:10]) for r in files.reps if r["工号"] == "0314"]
    assert spans == [("N02", "2018-04-02", "2026-06-15"), ("S03", "2026-06-16", "")]
    june = [o for o in files.shipped() if o["Salesperson"] == "0314" and o["Shipment Date"][:7] == "2026-06"]
    north = [o for o in june if o["Shipment Date"] <= "2026-06-15"]
    south = [o for o in june if o["Shipment Date"] > "2026-06-15"]
    amounts = {o["Shipment No"]: o["Untaxed Total"] for o in june}
    assert (amounts["HBT2606-90006"], amounts["HBT2606-90007"]) == ("50000.00", "70000.00")
    cards = {c["客户编码"]: c["所属地区"] for c in files.customers}
    assert {cards[o["Customer"]] for o in north} == {"N02"}
    assert {cards[o["Customer"]] for o in south} == {"S03"}
    _told(_sum(north, "Untaxed Total"), _sum(south, "Untaxed Total"))


def test_2_a_key_account_went_quiet_in_march_2026(files: Files) -> None:
    card = next(c for c in files.customers if c["客户编码"] == planted.LAPSED_KEY)
    assert (card["是否大客户"], card["客户级别"], card["专管业务员"]) == ("是", "A", "0311")
    days = sorted(o["Shipment Date"] for o in files.shipped() if o["Customer"] == planted.LAPSED_KEY)
    year = [o for o in files.shipped() if o["Customer"] == planted.LAPSED_KEY and o["Shipment Date"][:4] == "2025"]
    assert days[-1] == "2026-03-23"
    _told(days[-1], _sum(year, "Untaxed Total"))


def test_3_returns_carry_the_order_they_take_back(files: Files) -> None:
    returns = [o for o in files.shipped() if o["Document Type"] == "return"]
    assert all(Decimal(o["Untaxed Total"]) < 0 and o["Original Order"] for o in returns)
    planted_one = next(o for o in returns if o["Shipment No"] == "HBT2609-90005")
    assert (planted_one["Original Order"], planted_one["Untaxed Total"]) == ("HBT2608-90004", "-6000.00")
    _told(len(returns), -_sum(returns, "Untaxed Total"))


def test_4_a_part_payment_leaves_the_rest_open(files: Files) -> None:
    left = {i["Invoice Number"]: amount for i, amount in files.open_items()}
    assert left["FP2608-90001"] == Decimal("106000.00") - Decimal("40000.00") == Decimal("66000.00")
    _told(left["FP2608-90001"])


def test_5_only_one_invoice_is_overpaid(files: Files) -> None:
    total = {i["Invoice Number"]: Decimal(i["Total"]) for i in files.invoices}
    over = {number: paid - total[number] for number, paid in files.paid().items() if number and paid > total[number]}
    assert over == {"FP2608-90002": Decimal("1700.00")}
    _told(over["FP2608-90002"])


def test_6_a_credit_note_closes_its_invoice_with_the_cash(files: Files) -> None:
    note = next(i for i in files.invoices if i["Invoice Number"] == "FP2609-90005")
    assert (note["Document Type"], note["Reversal of"], note["Total"]) == ("credit_note", "FP2608-90003", "-4240.00")
    assert "FP2608-90003" not in {i["Invoice Number"] for i, _ in files.open_items()}


def _made(files: Files) -> list[Row]:
    counted = ("客户现场拜访", "来我司拜访")
    return [v for v in files.visits if v["状态"] == "已完成" and v["拜访方式"] in counted and v["拜访时间"] != planted.IMPOSSIBLE_DATE]


def test_7_zhang_min_makes_half_of_her_visits_without_a_plan(files: Files) -> None:
    quarter = [v for v in _made(files) if v["拜访时间"].startswith(("2026/7/", "2026/8/", "2026/9/"))]
    made = Counter(v["拜访人"] for v in quarter)
    unplanned = Counter(v["拜访人"] for v in quarter if not v["计划日期"])
    shares = {rep: unplanned[rep] / made[rep] for rep in made}
    assert shares.pop("0312") > 0.45
    assert max(shares.values()) < 0.25
    _told(f"{unplanned['0312']} of {made['0312']}")


def _third_quarter(files: Files) -> dict[str, Decimal]:
    """Revenue by region; an order without a rep counts for the owner of the customer."""
    owner = {c["客户编码"]: c["专管业务员"] for c in files.customers}
    sales: dict[str, Decimal] = defaultdict(Decimal)
    for o in files.shipped():
        if "2026-07-01" <= o["Shipment Date"] <= "2026-09-30":
            sales[_region(o["Salesperson"] or owner[o["Customer"]], o["Shipment Date"])] += Decimal(o["Untaxed Total"])
    return sales


def test_8_the_south_sells_most_and_has_most_overdue(files: Files) -> None:
    sales = _third_quarter(files)
    owner = {c["客户编码"]: c["专管业务员"] for c in files.customers}
    balance: dict[str, Decimal] = defaultdict(Decimal)
    overdue: dict[str, Decimal] = defaultdict(Decimal)
    for invoice, left in files.open_items():
        region = _region(owner[invoice["Customer"]], LAST_DAY.isoformat())
        balance[region] += left
        overdue[region] += left if invoice["Due Date"] < LAST_DAY.isoformat() else 0
    assert max(sales, key=sales.__getitem__) == max(overdue, key=overdue.__getitem__) == "华南"
    assert overdue["华南"] > 3 * (overdue["华东"] + overdue["华北"])
    assert overdue["华东"] / balance["华东"] < Decimal("0.2")
    _told(*(sales[r] for r in people.REGIONS), *(overdue[r] for r in people.REGIONS), *(balance[r] for r in people.REGIONS))


def test_8_the_south_has_the_worst_collection_rate(files: Files) -> None:
    before, after = files.paid(dt.date(2026, 8, 31)), files.paid(dt.date(2026, 9, 30))
    parts: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(), Decimal()])
    credit: dict[str, Decimal] = defaultdict(Decimal)
    for note in files.invoices:
        credit[note["Reversal of"]] += Decimal(note["Total"]) if note["Invoice Date"] <= "2026-09-30" else 0
    for i in files.invoices:
        number = i["Invoice Number"]
        collectible = Decimal(i["Total"]) + credit[number] - before[number]
        if i["Document Type"] == "invoice" and i["Due Date"] <= "2026-09-30" and collectible > 0:
            part = parts[_region(i["Salesperson"], i["Invoice Date"])]
            part[0] += min(after[number] - before[number], collectible)
            part[1] += collectible
    rates = {region: applied / collectible for region, (applied, collectible) in parts.items()}
    assert rates["华南"] < Decimal("0.5") < rates["华北"] < rates["华东"]
    _told(*(f"{100 * rates[region]:.1f} %" for region in people.REGIONS))


def test_9_a_handed_over_customer_brings_its_new_owner_overdue_money(files: Files) -> None:
    card = next(c for c in files.customers if c["客户编码"] == planted.HANDED_OVER)
    overdue = [(i, left) for i, left in files.open_items() if i["Customer"] == planted.HANDED_OVER and i["Due Date"] < "2026-10-21"]
    assert card["专管业务员"] == "0314"
    assert {i["Salesperson"] for i, _ in overdue} == {"0213", "0314"}
    _told(sum(left for _, left in overdue), sum(left for i, left in overdue if i["Salesperson"] == "0213"))


def test_10_rail_loses_money_since_the_subsidy_ended(files: Files) -> None:
    lanes = {p["物料编码"]: p["产品线"] for p in files.products}
    profit: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for o in files.shipped():
        if o["Cost"]:
            profit[o["Shipment Date"][:4], lanes[o["Product"]]] += Decimal(o["Untaxed Total"]) - Decimal(o["Cost"])
    assert [key for key, value in profit.items() if value < 0] == [("2026", "铁路")]
    _told(profit["2026", "铁路"], profit["2025", "铁路"])


def test_11_li_wanting_wins_sixteen_customers_in_one_quarter(files: Files) -> None:
    created = {c["客户编码"]: c["创建日期"][:10] for c in files.customers}
    first: dict[str, Row] = {}
    for o in sorted(files.shipped(), key=lambda o: o["Shipment Date"]):
        if Decimal(o["Untaxed Total"]) > 0:
            first.setdefault(o["Customer"], o)
    won = [o for o in first.values() if "2026-07-01" <= o["Shipment Date"] <= "2026-09-30" and created[o["Customer"]] >= "2024-09-01"]
    by_rep = Counter(o["Salesperson"] for o in won)
    assert by_rep.pop("0212") == 16
    assert max(by_rep.values()) <= 5
    _told(len(won))


def test_12_one_customer_was_visited_twice_on_one_day(files: Files) -> None:
    days = Counter((v["拜访人"], v["客户编码"], v["拜访时间"].split()[0]) for v in _made(files))
    assert [key for key, count in days.items() if count > 1] == [("0113", planted.TWICE, "2026/9/15")]


def test_13_one_visit_was_cancelled_by_the_customer_and_one_moved(files: Files) -> None:
    visits = {v["拜访编号"]: v for v in files.visits}
    assert (visits["BF-900003"]["状态"], visits["BF-900003"]["取消方"]) == ("已取消", "客户")
    assert (visits["BF-900004"]["状态"], visits["BF-900004"]["改期后编号"]) == ("已改期", "BF-900005")
    assert visits["BF-900005"]["计划日期"] == "2026/10/9"
    moved = [v for v in files.visits if v["状态"] == "已改期"]
    assert all(visits[v["改期后编号"]]["客户编码"] == v["客户编码"] for v in moved)


def test_14_four_rows_break_the_contract(files: Files) -> None:
    assert [v["拜访编号"] for v in files.visits if v["拜访时间"] == "2026/2/30 10:00"] == ["BF-900006", "BF-900007", "BF-900008"]
    assert [o["Shipment No"] for o in files.orders if not re.fullmatch(r"-?\d+\.\d\d", o["Untaxed Total"])] == ["HBT2609-90010"]


def test_15_one_order_has_an_unknown_rep_and_one_has_none(files: Files) -> None:
    known = {r["工号"] for r in files.reps}
    strays = {o["Shipment No"]: o["Salesperson"] for o in files.orders if o["Salesperson"] not in known}
    assert strays == {"HBT2609-90008": "0999", "HBT2609-90009": ""}


def test_16_the_leaver_still_owns_customers_with_open_invoices(files: Files) -> None:
    assert next(r["离职日期"][:10] for r in files.reps if r["工号"] == "0213") == "2026-06-15"
    owner = {c["客户编码"]: c["专管业务员"] for c in files.customers}
    left = [(i["Customer"], amount) for i, amount in files.open_items() if owner[i["Customer"]] == "0213"]
    assert {customer for customer, _ in left} == set(planted.LEAVERS)
    _told(sum(amount for _, amount in left), len(left))


def test_17_plans_and_targets_run_beyond_the_last_day(files: Files) -> None:
    assert {t["period"] for t in files.targets} >= {"2024-09", "2026-10", "2026-11", "2026-12"}
    assert any(v["状态"] == "待拜访" and v["计划日期"].startswith("2026/11/") for v in files.visits)
    assert max(i["Due Date"] for i in files.invoices) > "2026-12-31"


def test_the_regions_tell_the_story_of_the_third_quarter(files: Files) -> None:
    target: dict[str, Decimal] = defaultdict(Decimal)
    for t in files.targets:
        if t["metric"] == "revenue" and t["period"] in ("2026-07", "2026-08", "2026-09"):
            target[_region(t["scope_id"], "2026-09-01")] += Decimal(t["value"])
    sales = _third_quarter(files)
    reached = {region: sales[region] / target[region] for region in people.REGIONS}
    assert Decimal("0.98") < reached["华东"] < Decimal("1.03") < reached["华南"]
    assert reached["华北"] < Decimal("0.88")
    _told(*(f"{100 * reached[region]:.1f} %" for region in people.REGIONS))


def test_one_rep_is_clearly_ahead_and_one_clearly_behind(files: Files) -> None:
    quarter = ("2026-07", "2026-08", "2026-09")
    goal: dict[str, Decimal] = defaultdict(Decimal)
    done: dict[str, Decimal] = defaultdict(Decimal)
    for t in files.targets:
        if t["metric"] == "revenue" and t["period"] in quarter and people.posting_on(t["scope_id"], LAST_DAY).role != people.INSIDE:
            goal[t["scope_id"]] += Decimal(t["value"])
    for o in files.shipped():
        if o["Shipment Date"][:7] in quarter:
            done[o["Salesperson"]] += Decimal(o["Untaxed Total"])
    ranked = sorted(goal, key=lambda rep: done[rep] / goal[rep])
    assert (ranked[0], ranked[-1]) == ("0311", "0211")
    assert done[ranked[0]] / goal[ranked[0]] < Decimal("0.80") < done[ranked[1]] / goal[ranked[1]]
    _told(*(f"{100 * done[rep] / goal[rep]:.1f} %" for rep in (ranked[0], ranked[-1])))


def _in_2026(day: str) -> bool:
    return day[:4] == "2026"


def test_18_fairs_and_recommendations_win_and_the_telephone_does_not(files: Files) -> None:
    won = Counter(p["线索来源"] for p in files.prospects if _in_2026(p["签约日期"]))
    lost = Counter(p["线索来源"] for p in files.prospects if _in_2026(p["丢单日期"]))
    rates = {source: won[source] / (won[source] + lost[source]) for source in won}
    assert rates["电话"] < 0.35 < 0.55 < min(rates["展会"], rates["转介绍"])
    _told(*(f"{won[source]} of {won[source] + lost[source]}" for source in ("展会", "转介绍", "电话")))


def test_19_the_north_has_stopped_looking_for_customers(files: Files) -> None:
    still = Counter(_region(p["负责人编码"], "2026-10-21") for p in files.prospects if p["阶段"] not in ("签约", "丢单", "放弃"))
    assert still["华北"] < 0.15 * still.total()
    _told(*(f"{still[region]} of {still.total()}" for region in people.REGIONS))


def test_20_half_is_lost_on_price_and_one_rival_is_met_most(files: Files) -> None:
    lost = [p for p in files.prospects if _in_2026(p["丢单日期"])]
    reasons, rivals = Counter(p["丢单原因"] for p in lost), Counter(p["竞争对手"] for p in lost if p["竞争对手"])
    assert reasons.most_common(1)[0][0] == "价格"
    assert rivals.most_common(1)[0][0] == planted.RIVAL
    _told(f"{reasons['价格']} of {len(lost)}", f"{rivals[planted.RIVAL]} of {rivals.total()}")


def test_21_one_prospect_was_signed_before_it_was_created(files: Files) -> None:
    assert [p["线索编号"] for p in files.prospects if p["签约日期"] and p["签约日期"] < p["创建日期"]] == ["QK-900002"]
    won = [p for p in files.prospects if p["阶段"] == "签约" and p["线索编号"] < "QK-9"]
    cards = {c["客户编码"]: c["客户名称"] for c in files.customers}
    assert all(cards[p["转客户编码"]] == p["潜客名称"] for p in won)


def test_22_two_special_prices_wait_for_a_decision(files: Files) -> None:
    last = {q["报价单号"]: q for q in files.quotes}  # versions stand in order
    waiting = [q for q in last.values() if q["是否特批"] == "是" and q["报价状态"] == "报价中" and not q["审批日期"]]
    assert [q["报价单号"] for q in waiting] == ["BJ-900001", "BJ-900002"]
    _told(sum(Decimal(q["报价金额"]) for q in waiting))


def test_23_the_north_answers_slowly_and_hears_about_it(files: Files) -> None:
    territory = {c["客户编码"]: people.TERRITORY[c["所属地区"]].region for c in files.customers}
    waited: dict[str, list[float]] = defaultdict(list)
    complaints: Counter[str] = Counter()
    for case in files.cases:
        region, opened = territory[case["Account ID"]], _moment(case["Opened"])
        if case["Case Type"] == "投诉" and dt.date(2026, 7, 1) <= opened.date() <= dt.date(2026, 9, 30):
            complaints[region] += 1
        if case["Responded"] and case["Case Type"] != "满意度调查":
            waited[region].append((_moment(case["Responded"]) - opened) / dt.timedelta(hours=1))
    assert median(waited["华北"]) > 24 > median(waited["华南"]) > median(waited["华东"])
    assert complaints["华北"] == max(complaints.values())
    _told(*(f"{complaints[region]} complaints" for region in people.REGIONS))


def _moment(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y/%m/%d %H:%M")


def test_24_a_complaint_of_the_handed_over_customer_was_never_answered(files: Files) -> None:
    case = next(c for c in files.cases if c["Case Number"] == "FW-900001")
    assert (case["Account ID"], case["Case Status"], case["Responded"]) == (planted.HANDED_OVER, "new", "")
    _told(case["Case Number"], "2026-10-12")


def test_25_seals_for_one_customer_run_out_one_has_enough_and_one_must_count_again(files: Files) -> None:
    counts = defaultdict(list)
    for c in files.counts:
        counts[c["客户编码"]].append(int(c["盘点数量"]))
    given = [o for o in files.shipped() if o["Product"] == planted.SEAL]
    assert [(o["Customer"], o["Qty Ordered"], o["Untaxed Total"]) for o in given] == [(planted.PART_PAID, "30", "0.00")]
    assert counts == {planted.PART_PAID: [20, 14], planted.CREDITED: [40, 38], planted.RETURNED: [5, 9]}
    _told("48 seals")


def test_26_reps_call_most_of_their_northern_customers_switchers(files: Files) -> None:
    marks = Counter((people.TERRITORY[c["所属地区"]].region, c["忠诚度"]) for c in files.customers)
    assert marks["华北", "摇摆"] == max(n for (region, _), n in marks.items() if region == "华北")
    assert marks["华东", "忠诚"] > marks["华东", "摇摆"]
    _told(f"{sum(n for (_, mark), n in marks.items() if mark)} of {marks.total()} cards")
