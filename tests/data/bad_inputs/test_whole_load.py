"""Bad inputs through the whole load: who is published, what is stored, and what stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.keeping import store
from data.loading import load as loading
from data.loading.report import Report

NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)
ORDERS = "order_id,line_no,customer_id,rep_id,order_date,net_amount\n"
VISITS = "visit_id,rep_id,customer_id,planned_date,actual_date\n"
INVOICES = "invoice_id,customer_id,invoice_date,amount,open_amount\n"
REPS = "rep_id,rep_name,role,region\nR1,Zhang,rep,North\nR2,Li,rep,South\n"
CARDS = "customer_id,customer_name,owner_id\nC1,One,R1\n"


class Company:
    """A home; `load` writes files, loads exactly those, and answers with the report."""

    def __init__(self, folder: Path) -> None:
        self.home, self.exports, self.loads = folder / "home", folder / "exports", 0
        self.exports.mkdir()
        self.home.mkdir()

    def load(self, mapping: str = "", **files: str | bytes) -> Report:
        paths = []
        for name, content in files.items():
            paths.append(self.exports / f"{name}.csv")
            paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        if mapping:
            (self.home / "mappings").mkdir(exist_ok=True)
            (self.home / "mappings" / "test.toml").write_text(mapping, "utf-8")
        self.loads += 1
        return loading.load(self.home, paths, now=NOW + timedelta(days=self.loads))

    def ask(self, query: str) -> Sequence[tuple[Any, ...]]:
        with duckdb.connect(str(store.current(self.home)), read_only=True) as con:
            return con.execute(query).fetchall()


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company with one order published, for loads that must not change it."""
    made = Company(tmp_path_factory.mktemp("served"))
    assert made.load(orders=ORDERS + "A,1,C1,R1,2026-06-01,100\n").status == "loaded"
    return made


REJECTED = [
    pytest.param(b"", "empty_file", id="empty"),
    pytest.param(b"%PDF-1.7", "wrong_format", id="another format"),
    pytest.param((ORDERS + 'B,1,"C1,R1,2026-06-01,5\n').encode(), "open_quote", id="open quote"),
    pytest.param((ORDERS + "B,1,客户,R1,2026-06-01,5\n").encode() + b"\xff\xfe\n", "undecodable", id="undecodable"),
    pytest.param(ORDERS.replace("customer_id", "buyer").encode() + b"B,1,C1,R1,2026-06-01,5\n", "missing_column", id="missing column"),
    pytest.param((ORDERS + "B,1,C1,R1,25/06/2026,5\nC,1,C1,R1,06/25/2026,5\n").encode(), "date_order_mixed", id="two date orders"),
    pytest.param(ORDERS.replace("net_amount", "净额(万元)").encode() + b"B,1,C1,R1,2026-06-01,5\n", "missing_column", id="no amount"),
    pytest.param(
        ORDERS.replace("net_amount", "不含税金额(万元)").encode() + b"B,1,C1,R1,2026-06-01,5\n", "scale_unconfirmed", id="ten thousands"
    ),
]
HELD = [
    pytest.param(ORDERS, "no_rows", id="only a header"),
    pytest.param(ORDERS + "B,1,C1,R1,2026-06-02,5\n合计,,,,,6\n", "total_differs", id="printed total differs"),
    pytest.param(
        ORDERS + "B,1,C1,R1,2026-06-02,x\nC,1,C1,R1,2026-06-02,x\nD,1,C1,R1,2026-06-02,5\n", "many_quarantined", id="mostly unusable"
    ),
    pytest.param(ORDERS + "B,1,C1,R1,03/06/2026,5\n", "date_order_unknown", id="either date order"),
]


@pytest.mark.parametrize(("content", "rule"), REJECTED)
def test_a_file_that_cannot_be_read_changes_nothing(served: Company, content: bytes, rule: str) -> None:
    before = store.pointer(served.home)
    report = served.load(orders=content)
    assert (report.status, report.published, [f.rule for f in report.files[0].findings][:1]) == ("rejected", False, [rule])
    assert store.pointer(served.home) == before


@pytest.mark.parametrize(("content", "rule"), HELD)
def test_a_file_with_a_question_waits_and_deletes_nothing(served: Company, content: str, rule: str) -> None:
    before = store.pointer(served.home)
    report = served.load(orders=content)
    assert (report.status, report.published) == ("held", False)
    assert rule in [f.rule for f in report.files[0].findings]
    assert store.pointer(served.home) == before


def test_rows_set_aside_are_kept_whole_but_for_phones(company: Company) -> None:
    cards = "客户编码,客户名称,负责人编码,联系人,电话,手机2,备注\n" + "".join(
        f"C{n},N,R1,李雷,13800138000,13900139000,x\n" for n in range(1, 9)
    )
    report = company.load(customers=cards + "C9,,R1,韩梅,13700137000,13900139000,call\n")
    assert (report.status, report.files[0].rows["quarantined"]) == ("loaded", 1)
    assert company.ask("select row, reasons, raw from quarantine") == [
        (
            10,
            "required_empty",
            '{"客户编码": "C9", "客户名称": "", "负责人编码": "R1", "联系人": "●", "电话": "●", "手机2": "●", "备注": "call"}',
        )
    ]
    assert company.ask("select distinct contact, phone from src.customers") == [("●", "●")]
    assert company.ask("select count(*) from fact.customers where has_contact and has_phone") == [(8,)]
    stored = store.current(company.home)
    assert stored
    assert b"13700137000" not in stored.read_bytes()


def test_personal_data_is_kept_where_the_company_says_so(company: Company) -> None:
    (company.home / "fieldbook.toml").write_text("keep_personal_data = true\n")
    company.load(customers="客户编码,客户名称,负责人编码,联系人,电话\nC1,One,R1,李雷,13800138000\n")
    assert company.ask("select contact, phone from src.customers") == [("李雷", "13800138000")]


def test_unknown_people_and_customers_keep_their_money_under_a_flagged_name(company: Company) -> None:
    rows = "A,1,C1,R1,2026-06-01,100\nB,1,C9,R1,2026-06-02,7\nC,1,C1,R9,2026-06-02,8\n"
    report = company.load(orders=ORDERS + rows, reps=REPS, customers=CARDS)
    assert report.files[0].source == "orders"
    assert [(f.rule, f.value) for f in report.files[0].findings if f.severity == "warning"] == [
        ("unknown_member", "C9"),
        ("unknown_member", "R9"),
    ]
    assert company.ask("select order_id, customer_id, rep_id, net_amount::int from fact.orders order by 1") == [
        ("A", "C1", "R1", 100),
        ("B", "unknown (C9)", "R1", 7),
        ("C", "C1", "unknown (R9)", 8),
    ]


def test_foreign_rows_are_added_in_company_currency(company: Company) -> None:
    (company.home / "rates.csv").write_text("currency,date,rate\nUSD,2026-06-01,7.2\n")
    head = ORDERS.replace("\n", ",cost_amount,currency\n")
    company.load(orders=head + "A,1,C1,R1,2026-06-01,100,50,CNY\nB,1,C1,R1,2026-06-01,100,50,USD\n")
    assert company.ask("select sum(revenue)::int, sum(gross_profit)::int from measure.sales") == [(820, 410)]


def test_an_export_filtered_by_the_day_of_the_visit_does_not_delete_visits_planned_earlier(company: Company) -> None:
    stored = "V1,R1,C1,2026-05-28,2026-05-28\nV2,R1,C1,2026-05-30,\nV3,R1,C1,2026-05-28,2026-06-02\n"
    company.load(visits=VISITS + stored)
    june = VISITS + "V3,R1,C1,2026-05-28,2026-06-03\nV4,R1,C1,,2026-06-04\n"
    by_visit = '[[source]]\nsource = "visits"\nfiles = ["visits.csv"]\nwindow_on = "actual_date"\n'
    company.load(by_visit, visits=june)
    query = "select visit_id, actual_date::date::text from src.visits where _replaced_by is null order by 1"
    assert company.ask(query) == [("V1", "2026-05-28"), ("V2", None), ("V3", "2026-06-03"), ("V4", "2026-06-04")]


def test_an_export_of_open_items_settles_what_it_no_longer_names(company: Company) -> None:
    mapping = '[[source]]\nsource = "invoices"\nfiles = ["*invoices.csv"]\nmode = "open_items"\n'
    company.load(mapping, invoices=INVOICES + "I1,C1,2026-05-01,100,100\nI2,C1,2026-05-02,200,50\n")
    report = company.load(invoices=INVOICES + "I2,C1,2026-05-02,200,30\nI3,C1,2026-06-01,10,10\n")
    assert ("settled", "info") in [(f.rule, f.severity) for f in report.files[0].findings]
    query = "select invoice_id, amount::int, open_amount::int from src.invoices where _replaced_by is null order by 1"
    assert company.ask(query) == [("I1", 100, 0), ("I2", 200, 30), ("I3", 10, 10)]


def test_ten_thousands_confirmed_by_a_mapping_are_exact(company: Company) -> None:
    mapping = '[[source]]\nsource = "orders"\nfiles = ["wan.csv"]\nmode = "upsert"\n[source.factors]\nnet_amount = 10000\n'
    company.load(mapping, wan="订单号,行号,客户编码,订单日期,不含税金额(万元)\nB,1,C1,2026-06-02,1.234567\n")
    assert company.ask("select net_amount::text from src.orders where order_id = 'B'") == [("12345.6700",)]


def test_names_that_are_code_are_stored_as_they_are(company: Company) -> None:
    names = ["<script>alert(1)</script>", "[x](javascript:alert(1))", "=1+1", "\u202eabc", "😀", "'; drop table src.customers; --"]
    company.load(customers="customer_id,customer_name,owner_id\n" + "".join(f"C{n},{name},R1\n" for n, name in enumerate(names)))
    assert [name for (name,) in company.ask("select customer_name from src.customers order by customer_id")] == names


def test_all_other_sources_load_and_their_rows_are_credited(company: Company) -> None:
    report = company.load(
        reps=REPS,
        customers=CARDS,
        owners="客户编码,业务员编码,接管日期,移交日期\nC1,R1,,2026-06-15\nC1,R2,2026-06-16,\n",
        leads="线索编号,线索名称,负责人编码,创建日期,阶段\nP1,New,R1,2026-06-01,目标客户\n",
        quotes="报价单号,客户编码,业务员编码,报价日期,报价金额,报价状态\nQ1,C1,R1,2026-06-10,500,赢单\n",
        cases="投诉单号,客户编码,类型,投诉日期\nK1,C1,投诉,2026-06-20 09:00\n",
        stock="客户编码,产品编码,盘点日期,门店库存\nC1,X1,2026-06-10,14\n",
    )
    assert report.status == "loaded", [(f.file, f.status, f.findings) for f in report.files]
    query = """
        select 'prospects' as fact, prospect_id as id, rep_id, region from fact.prospects
        union all select 'quotes', quote_id, rep_id, region from fact.quotes
        union all select 'service', case_id, rep_id, region from fact.service
        union all select 'stock_counts', product_id, rep_id, region from fact.stock_counts
        order by all
    """
    assert company.ask(query) == [
        ("prospects", "P1", "R1", "North"),
        ("quotes", "Q1", "R1", "North"),
        ("service", "K1", "R2", "South"),
        ("stock_counts", "X1", "R1", "North"),
    ]


def test_two_files_that_give_a_customer_two_owners_on_one_day_are_rejected(company: Company) -> None:
    head = "客户编码,业务员编码,接管日期,移交日期\n"
    orders = ORDERS + "A,1,C1,,2026-06-15,100\n"
    report = company.load(orders=orders, north=head + "C1,R1,2026-01-01,2026-06-30\n", south=head + "C1,R2,2026-06-01,\n")
    assert (report.status, report.published) == ("rejected", False)
    told = [dict(f.params)["audits"] for file in report.files for f in file.findings if f.rule == "audit_failed"]
    assert ["assignments_overlap" in audits for audits in told] == [True, True, True]
