"""The build: dates and history it finds, the same result every time, and audits that notice what was broken."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from graphlib import CycleError
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import build
from data.config import Settings
from data.contracts import PROVENANCE, SOURCES
from data.errors import ClusterFailed

Built = Callable[..., duckdb.DuckDBPyConnection]
TODAY = date(2026, 7, 1)
ORDER = {"order_id": "A", "customer_id": "C1", "rep_id": "R1", "ship_date": "2026-06-02", "net_amount": 100, "cost_amount": 80}
VISIT = {"rep_id": "R1", "customer_id": "C1", "actual_date": "2026-06-09 10:00:00"}
INVOICE = {"invoice_id": "I1", "customer_id": "C1", "rep_id": "R1", "invoice_date": "2026-06-03", "due_date": "2026-07-03", "amount": 113}
RECEIPT = {"receipt_id": "P1", "customer_id": "C1", "invoice_id": "I1", "received_on": "2026-06-05", "amount": 120}
COMPANY = {
    "reps": [{"rep_id": "R1", "region": "North"}],
    "orders": [ORDER],
    "visits": [VISIT],
    "invoices": [INVOICE],
    "receipts": [RECEIPT],
}


def meta(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(con.sql("select key, value from meta").fetchall())


def contents(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    tables = con.sql("select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('fact', 'measure')").fetchall()
    return {name: sorted(con.table(name).fetchall(), key=str) for (name,) in tables}


def test_a_new_database_has_a_table_for_every_contract_with_provenance() -> None:
    con = duckdb.connect()
    build.create(con)
    for name, contract in SOURCES.items():
        assert con.table(f"src.{name}").columns == [column.name for column in contract.columns] + list(PROVENANCE)


def test_a_company_with_nothing_loaded_is_built_as_of_the_day_of_the_build() -> None:
    con = duckdb.connect()
    build.create(con)
    build.build(con, Settings(), today=TODAY)
    assert meta(con)["as_of"] == "2026-07-01"
    assert build.audit(con) == []
    assert all(rows == [] for rows in contents(con).values())


def test_the_date_of_the_data_is_the_latest_thing_that_happened(built: Built) -> None:
    planned = {"rep_id": "R1", "customer_id": "C1", "planned_date": "2026-08-01"}
    found = meta(built(**COMPANY | {"visits": [VISIT, planned]}))
    assert found["as_of"] == "2026-06-09"
    assert (found["latest_orders"], found["latest_visits"], found["latest_receipts"]) == ("2026-06-02", "2026-06-09", "2026-06-05")
    assert (found["data_start_orders"], found["data_start_invoices"]) == ("2026-06-02", "2026-06-03")


def test_a_date_that_is_set_wins(built: Built) -> None:
    assert meta(built(**COMPANY, as_of="2026-05-31"))["as_of"] == "2026-05-31"


def test_a_row_dated_after_its_file_came_moves_no_clock() -> None:
    con = duckdb.connect()
    build.create(con)
    # 17:00 UTC on 5 June is 6 June in Shanghai
    con.execute("insert into loads (load_id, started_at) values (1, $at)", {"at": datetime(2026, 6, 5, 17)})
    con.execute(
        "insert into src.orders (order_id, ship_date, net_amount, _load_id) values ('a', '2026-06-06', 1, 1), ('b', '2026-06-07', 1, 1)"
    )
    build.build(con, Settings(), today=TODAY)
    assert meta(con)["as_of"] == "2026-06-06"
    build.build(con, replace(Settings(), time_zone="UTC"), today=TODAY)
    assert meta(con)["as_of"] == "2026-07-01"


def test_without_receipts_a_payment_stated_on_an_invoice_moves_the_clock(built: Built) -> None:
    paid = INVOICE | {"paid_amount": 113, "paid_on": "2026-06-20"}
    assert meta(built(invoices=[paid]))["as_of"] == "2026-06-20"
    assert meta(built(invoices=[paid], receipts=[RECEIPT]))["as_of"] == "2026-06-05"
    assert meta(built(invoices=[paid]))["data_start_invoices"] == "2026-06-03"


def test_cancelled_and_replaced_rows_are_no_history(built: Built) -> None:
    lines = [ORDER, ORDER | {"ship_date": "2025-01-01", "status": "cancelled"}, ORDER | {"ship_date": "2027-01-01", "_replaced_by": 2}]
    found = meta(built(orders=lines))
    assert (found["data_start_orders"], found["latest_orders"]) == ("2026-06-02", "2026-06-02")


def test_a_later_start_of_history_may_be_set_but_no_earlier_one(built: Built) -> None:
    def start(day: date) -> str:
        return meta(built(orders=[ORDER], settings={"data_start": {"orders": day}}))["data_start_orders"]

    assert start(date(2026, 6, 10)) == "2026-06-10"
    assert start(date(2020, 1, 1)) == "2026-06-02"


def test_meta_holds_the_settings_that_shaped_the_measures(built: Built) -> None:
    found = meta(built(orders=[ORDER], settings={"visit_tolerance_days": 3}))
    assert (found["visit_tolerance_days"], found["revenue_date"]) == ("3", "ship_date")


def test_building_again_changes_nothing(built: Built) -> None:
    con = built(**COMPANY)
    before, known = contents(con), meta(con)
    build.build(con, Settings(), today=date(2031, 1, 1))
    assert contents(con) == before
    assert meta(con) | {"built_at": ""} == known | {"built_at": ""}


def test_what_is_no_longer_there_leaves_no_trace_in_meta(built: Built) -> None:
    con = built(**COMPANY)
    con.execute("update src.receipts set _replaced_by = 2")
    build.build(con, Settings(), today=TODAY)
    assert "latest_receipts" not in meta(con)


def test_progress_names_every_table_once() -> None:
    con = duckdb.connect()
    told: list[tuple[str, int, int]] = []
    build.create(con)
    build.build(con, Settings(), today=TODAY, progress=lambda name, done, total: told.append((name, done, total)))
    assert [done for _, done, _ in told] == list(range(1, told[0][2] + 1))
    assert {name for name, _, _ in told} == set(contents(con))


def test_a_sql_file_runs_after_the_tables_it_reads(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("select * from fact.b join fact.c using (x) join measure.a using (x)")
    (tmp_path / "b.sql").write_text("select * from fact.c")
    (tmp_path / "c.sql").write_text("select 1 as x")
    assert [path.stem for path in build.in_order(tmp_path, "fact")] == ["c", "b", "a"]
    (tmp_path / "c.sql").write_text("select * from fact.a")
    with pytest.raises(CycleError):
        build.in_order(tmp_path, "fact")


def test_every_sql_file_begins_with_its_grain() -> None:
    for folder in build.LAYERS.values():
        for path in folder.glob("*.sql"):
            assert path.read_text("utf-8").startswith("-- one row per "), path.name


@pytest.mark.parametrize(
    ("damage", "codes"),
    [
        ("update fact.orders set rep_id = null", ["uncredited_rows"]),
        ("update measure.sales set revenue = revenue + 0.01", ["sales_sums"]),
        ("update src.orders set net_amount = 99.99", ["sales_sums"]),
        ("insert into fact.orders select * from fact.orders", ["order_counts", "sales_sums"]),
        ("update measure.sales set order_count = 2 where order_count = 1", ["order_counts"]),
        ("delete from fact.visits", ["visit_counts"]),
        ("update measure.visits set completed_visits = 2", ["visit_counts"]),
        ("update fact.invoices set amount = 112", ["document_sums", "receivables_identity"]),
        ("delete from fact.receipts", ["document_sums", "receivables_identity"]),
        ("update fact.receivable_moves set unapplied_change = 0", ["receivables_identity"]),
        ("update measure.receivables set open_change = 0 where kind = 'cash'", ["receivables_identity"]),
        ("update fact.receivable_moves set open_change = -120, unapplied_change = 0 where kind = 'cash'", ["open_below_zero"]),
        ("insert into fact.postings select * from fact.postings", ["postings_overlap"]),
    ],
)
def test_an_audit_notices_what_was_broken(built: Built, damage: str, codes: list[str]) -> None:
    con = built(**COMPANY)
    assert build.audit(con) == []
    con.execute(damage)
    assert build.audit(con) == codes


def test_the_fixture_opens_a_published_warehouse(company: Callable[..., Any]) -> None:
    warehouse = company(**COMPANY, settings={"dso_days": 30, "directors": ("boss@x.cn",)}, as_of="2026-06-30")
    assert warehouse.as_of == date(2026, 6, 30)
    assert warehouse.settings.dso_days == 30
    assert warehouse.scope("boss@x.cn", TODAY).sees_all


def test_a_warehouse_of_an_older_version_gets_the_tables_it_lacks() -> None:
    con = duckdb.connect()
    build.create(con)
    con.execute("drop table src.service; insert into src.reps (rep_id) values ('R1'); alter table src.reps add column _hash ubigint")
    build.extend(con)
    assert con.sql("select (select count(*) from src.service), (select count(*) from src.reps)").fetchall() == [(0, 1)]
    assert con.table("src.reps").columns[-1] == "_replaced_by"


def test_a_cluster_without_its_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data.cluster.spark", "data.cluster.translation"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr(sys.modules.get("data.cluster", build), "spark", raising=False)
    for name in ("grpc", "sqlglot"):
        monkeypatch.setitem(sys.modules, name, None)
    con = duckdb.connect()
    build.create(con)
    with pytest.raises(ClusterFailed) as caught:
        build.build(con, Settings(spark={"remote": "sc://nowhere", "folder": "/"}), today=TODAY)
    assert caught.value.code == "cluster_not_installed"
    assert caught.value.params["package"] in ("grpc", "sqlglot")
