"""Loading end to end: files in, one snapshot out or none, and an account for every file."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data import build, sample
from data.errors import ConfigError
from data.keeping import recovery, store
from data.loading import load as loading
from data.loading.report import Report

NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)  # 10 o'clock on 1 July in Shanghai
ORDERS = "order_id,line_no,customer_id,rep_id,order_date,net_amount,cost_amount\n"
REPS = "rep_id,rep_name,role,region,valid_from,valid_to\n"
CUSTOMERS = "customer_id,customer_name,owner_id,updated_on\n"


class Company:
    """A home and a folder of exports; `load` writes the given files and loads the folder."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.exports = folder / "exports"
        self.exports.mkdir()

    def write(self, **files: str) -> list[Path]:
        paths = []
        for name, text in files.items():
            paths.append(self.exports / f"{name}.csv")
            paths[-1].write_text(text, "utf-8")
        return paths

    def load(self, now: datetime = NOW, **files: str) -> Report:
        self.write(**files)
        return loading.load(self.home, [self.exports], now=now)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        snapshot = store.current(self.home)
        assert snapshot
        with duckdb.connect(str(snapshot), read_only=True) as con:
            return con.execute(query).fetchall()

    @property
    def served(self) -> str:
        return store.pointer(self.home)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def lines(*rows: str) -> str:
    return ORDERS + "".join(f"{row}\n" for row in rows)


def rules(report: Report) -> dict[str, list[str]]:
    return {file.file: [f.rule for f in file.findings] for file in report.files}


TWO = lines("A,1,C1,R1,2026-06-01,100.10,60.05", "B,1,C2,R1,2026-06-02,200.20,")


def test_a_file_becomes_a_published_snapshot_with_its_account(company: Company) -> None:
    report = company.load(orders=TWO)
    assert (report.status, report.published, report.as_of) == ("loaded", True, date(2026, 6, 2))
    [file] = report.files
    assert (file.rows["read"], file.rows["loaded"]) == (2, 2)
    assert file.sums["net_amount"]["read"] == file.sums["net_amount"]["loaded"] == Decimal("300.30")
    assert company.served == "wh-000001.duckdb"
    assert company.ask("select sum(revenue) from measure.sales") == [(Decimal("300.30"),)]
    assert company.ask("select load_id, file, sha256, source, read, loaded, first_date, last_date from files") == [
        (1, "orders.csv", store.keep_raw(company.home, TWO.encode()), "orders", 2, 2, date(2026, 6, 1), date(2026, 6, 2))
    ]
    assert company.ask("select column_name, read, loaded from amounts order by all") == [
        ("cost_amount", Decimal("60.05"), Decimal("60.05")),
        ("net_amount", Decimal("300.30"), Decimal("300.30")),
    ]


def test_every_stored_row_knows_load_file_and_line(company: Company) -> None:
    company.load(orders=TWO)
    query = (
        "select o.order_id, o._load_id, f.file, f.sheet, o._row from src.orders as o join files as f on f.file_id = o._file_id order by 1"
    )
    assert company.ask(query) == [("A", 1, "orders.csv", None, 2), ("B", 1, "orders.csv", None, 3)]


def test_the_same_files_again_make_no_new_snapshot(company: Company) -> None:
    company.load(orders=TWO)
    again = company.load()
    assert (again.load_id, again.status, again.published) == (2, "loaded", False)
    assert again.files[0].rows["unchanged"] == 2
    assert company.served == "wh-000001.duckdb"
    assert json.loads((company.home / "loads" / "000002.json").read_text())["published"] is False


def test_the_same_file_under_another_name_changes_nothing(company: Company) -> None:
    company.load(orders=TWO)
    (company.exports / "orders.csv").rename(company.exports / "copy.csv")
    assert not company.load().published


def test_an_old_file_loaded_again_does_not_undo_a_newer_export(company: Company) -> None:
    company.load(orders=TWO)
    company.load(datetime(2026, 7, 2, tzinfo=UTC), orders=TWO.replace("100.10", "111.11"))
    again = company.load(datetime(2026, 7, 3, tzinfo=UTC), orders=TWO)
    assert (again.published, again.files[0].rows["superseded"], again.files[0].rows["unchanged"]) == (False, 1, 1)
    assert company.ask("select net_amount from src.orders where order_id = 'A' and _replaced_by is null") == [(Decimal("111.11"),)]


def test_a_stated_export_time_decides_who_is_newer(company: Company) -> None:
    company.load(orders=TWO)
    [path] = company.write(orders=TWO.replace("100.10", "111.11"))
    report = loading.load(company.home, [path], exported_at=datetime(2026, 6, 30, 8), now=NOW)
    assert report.files[0].rows["superseded"] == 1
    assert company.ask("select exported_at from loads order by load_id desc limit 1") == [
        (datetime(2026, 6, 30, 0),)
    ]  # 8 o'clock here, in UTC


def test_a_changed_setting_that_shapes_measures_is_published_with_the_same_files(company: Company) -> None:
    company.load(orders=TWO)
    (company.home / "fieldbook.toml").write_text("visit_tolerance_days = 3\n")
    assert company.load().published
    assert company.ask("select value from meta where key = 'visit_tolerance_days'") == [("3",)]


def test_an_explicit_date_of_the_data_wins(company: Company) -> None:
    company.write(orders=TWO)
    assert loading.load(company.home, [company.exports], as_of=date(2026, 6, 1), now=NOW).as_of == date(2026, 6, 1)


def test_what_lies_after_the_day_of_receipt_moves_no_clock(company: Company) -> None:
    assert company.load(orders=TWO + "C,1,C1,R1,2026-08-01,5,\n").as_of == date(2026, 6, 2)


def test_files_of_a_folder_that_are_no_exports_are_ignored_and_listed(company: Company) -> None:
    (company.exports / "README.md").write_text("# read me")
    (company.exports / "LICENSE").write_text("free")
    (company.exports / "~$orders.xlsx").write_bytes(b"\0\1")
    report = company.load(orders=TWO)
    assert {f.file: f.status for f in report.files} == {
        "README.md": "ignored", "LICENSE": "ignored", "~$orders.xlsx": "ignored", "orders.csv": "loaded",
    }  # fmt: skip
    assert report.status == "loaded"


def test_an_unrecognised_file_that_was_named_rejects_the_load(company: Company) -> None:
    (company.exports / "README.md").write_text("# read me")
    [orders] = company.write(orders=TWO)
    report = loading.load(company.home, [orders, company.exports / "README.md"], now=NOW)
    assert [(f.file, f.status) for f in report.files] == [("orders.csv", "held"), ("README.md", "rejected")]
    assert rules(report) == {"orders.csv": ["waits_for"], "README.md": ["unrecognised"]}
    assert store.current(company.home) is None


def test_a_folder_without_any_export_is_rejected(company: Company) -> None:
    (company.exports / "README.md").write_text("# read me")
    assert company.load().status == "rejected"


def test_one_bad_file_keeps_all_others_out(company: Company) -> None:
    company.load(orders=TWO)
    before = company.ask("select count(*) from src.orders")
    report = company.load(orders=TWO + "C,1,C1,R1,2026-06-03,5,\n", invoices="invoice_id,customer_id,amount\nI1,C1,5\n")
    assert report.status == "rejected"
    assert {f.file: f.status for f in report.files} == {"invoices.csv": "rejected", "orders.csv": "held"}
    assert (company.served, company.ask("select count(*) from src.orders")) == ("wh-000001.duckdb", before)
    assert json.loads((company.home / "loads" / "000002.json").read_text())["status"] == "rejected"
    assert not list((company.home / "snapshots").glob("building-*"))


def test_a_window_that_would_lose_many_rows_is_held_until_accepted(company: Company) -> None:
    many = [f"A{n:03},1,C1,R1,2026-06-{1 + n % 28:02},1.00,1" for n in range(100)]
    company.load(orders=lines(*many))
    [path] = company.write(orders=lines(*many[:60]))
    held = loading.load(company.home, [path], now=NOW)
    assert (held.status, rules(held), company.served) == ("held", {"orders.csv": ["window_deletes"]}, "wh-000001.duckdb")
    accepted = loading.load(company.home, [path], accept=True, now=NOW)
    assert (accepted.status, accepted.files[0].deleted) == ("loaded", 40)
    assert company.ask("select sum(revenue) from measure.sales") == [(Decimal("60.00"),)]


def test_a_stated_window_is_done_again_when_the_held_load_is_accepted_and_in_a_rebuild(company: Company) -> None:
    company.load(orders=lines("A,1,C1,R1,2026-06-03,1.00,1", "B,1,C1,R1,2026-06-10,2.00,1", "Z,1,C1,R1,2026-06-20,4.00,1"))
    [path] = company.write(orders=lines("A,1,C1,R1,2026-06-03,1.00,1", "Y,1,C1,R1,2026-06-16,8.00,1"))
    june = (date(2026, 6, 1), date(2026, 6, 15))
    held = loading.load(company.home, [path], window=june, now=NOW)
    assert (held.status, rules(held)) == ("held", {"orders.csv": ["window_exceeded", "rows_gone"]})
    accepted = recovery.accept(company.home, held.load_id)
    assert (accepted.status, accepted.files[0].deleted) == ("loaded", 1)
    assert company.ask("select sum(revenue) from measure.sales") == [(Decimal("13.00"),)]
    assert recovery.rebuild(company.home)["status"] == "equal"
    assert company.ask("select window_from, window_to from exports where load_id = 2") == [june]


def test_a_file_whose_rows_are_mostly_unusable_is_held(company: Company) -> None:
    report = company.load(orders=TWO + "C,1,C1,R1,2026-06-03,n/a,\nD,1,C1,R1,2026-02-30,5,\nE,1,,R1,2026-06-03,5,\n")
    assert report.status == "held"
    assert "many_quarantined" in rules(report)["orders.csv"]


def test_a_header_without_rows_is_held_and_deletes_nothing(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,\n")
    report = company.load(customers=CUSTOMERS)
    assert report.status == "held"
    assert company.ask("select count(*) from src.customers where _replaced_by is null") == [(1,)]


def test_a_row_set_aside_is_kept_whole_with_its_reason(company: Company) -> None:
    report = company.load(orders=TWO + "C,1,C1,R1,2026-06-03,five,\n")
    assert (report.status, report.files[0].rows["quarantined"]) == ("loaded", 1)
    [(file, row, reasons, raw)] = company.ask("select file, row, reasons, raw from quarantine")
    assert (file, row) == ("orders.csv", 4)
    assert reasons
    assert "five" in raw


def test_people_given_by_name_become_their_id(company: Company) -> None:
    reps = REPS + "R1,Wang,rep,East,,\nR2,Li,rep,East,,2026-05-31\nR3,Li,rep,West,2026-06-01,\n"
    report = company.load(reps=reps, orders=lines("A,1,C1,Wang,2026-06-01,1,", "B,1,C1,Li,2026-05-31,1,", "C,1,C1,Li,2026-06-01,1,"))
    assert company.ask("select order_id, rep_id from src.orders order by 1") == [("A", "R1"), ("B", "R2"), ("C", "R3")]
    assert rules(report)["orders.csv"] == []


def test_a_name_that_fits_several_people_sets_the_row_aside(company: Company) -> None:
    reps = REPS + "R2,Li,rep,East,,\nR3,Li,rep,West,,\n"
    report = company.load(reps=reps, orders=TWO.replace("R1", "R2") + "C,1,C1,Li,2026-06-01,1.5,\n")
    [remark] = next(f for f in report.files if f.source == "orders").findings
    assert (remark.rule, remark.row, dict(remark.params)) == ("person_ambiguous", 4, {"candidates": "R2, R3"})
    [(row, reasons, raw)] = company.ask("select row, reasons, raw from quarantine")
    assert (row, reasons, json.loads(raw)["order_id"]) == (4, "person_ambiguous", "C")


def test_unknown_members_are_kept_and_listed_with_the_zeros_they_may_have_lost(company: Company) -> None:
    report = company.load(
        customers=CUSTOMERS + "0011501,One,R1,\n",
        orders=lines("A,1,11501,R1,2026-06-01,1,", "B,1,11501,R1,2026-06-01,1,", "C,1,999,R1,2026-06-01,1,"),
    )
    remarks = next(f for f in report.files if f.source == "orders").findings
    assert [(f.rule, f.value, f.row, dict(f.params)["count"], dict(f.params)["suggestion"]) for f in remarks] == [
        ("id_lost_zeros", "11501", 2, "2", "0011501"),
        ("unknown_member", "999", 4, "1", ""),
    ]
    assert company.ask("select count(*) from src.orders") == [(3,)]


def test_a_remark_on_a_member_names_the_header_as_the_file_writes_it(company: Company) -> None:
    report = company.load(customers=CUSTOMERS + "C1,One,R1,\n", orders="订单号,客户编码,订单日期,不含税金额\nA,C9,2026-06-01,5\n")
    [remark] = next(f for f in report.files if f.source == "orders").findings
    assert (remark.rule, remark.row, remark.column, remark.value) == ("unknown_member", 2, "客户编码", "C9")


def test_without_the_member_list_nobody_is_unknown(company: Company) -> None:
    assert rules(company.load(orders=TWO)) == {"orders.csv": []}


def test_a_card_that_changed_hands_is_dated_by_the_facts_of_the_same_load(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,\n", orders=TWO)
    company.load(datetime(2026, 7, 2, tzinfo=UTC), customers=CUSTOMERS + "C1,One,R2,\n", orders=TWO + "C,1,C1,,2026-06-20,5,\n")
    assert company.ask("select owner_id, _from from src.customers where _replaced_by is null") == [("R2", date(2026, 6, 20))]


def test_one_file_may_feed_several_sources(company: Company) -> None:
    (company.home / "mappings").mkdir(parents=True)
    (company.home / "mappings" / "ledger.toml").write_text(
        '[[source]]\nsource = "invoices"\nfiles = ["ledger.csv"]\n'
        'columns = {invoice_id = "No", customer_id = "Who", invoice_date = "Issued", amount = "Sum"}\n'
        '[[source]]\nsource = "receipts"\nfiles = ["ledger.csv"]\n'
        'columns = {receipt_id = "No", invoice_id = "No", customer_id = "Who", received_on = "Paid", amount = "Sum"}\n'
    )
    report = company.load(ledger="No,Who,Issued,Paid,Sum\n001,C1,2026-05-01,2026-06-01,10.00\n")
    assert [(f.file, f.source, f.rows["loaded"]) for f in report.files] == [("ledger.csv", "invoices", 1), ("ledger.csv", "receipts", 1)]


def test_a_broken_setting_or_mapping_stops_before_anything_is_touched(company: Company) -> None:
    company.load(orders=TWO)
    (company.home / "fieldbook.toml").write_text("currency = 5\n")
    with pytest.raises(ConfigError, match="config_value"):
        company.load()
    (company.home / "fieldbook.toml").unlink()
    (company.home / "mappings" / "a.toml").write_text("[[source]]\n")
    with pytest.raises(ConfigError):
        company.load()
    assert company.served == "wh-000001.duckdb"


def test_a_failing_build_leaves_what_is_served(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.load(orders=TWO)
    monkeypatch.setattr(build, "audit", lambda con: ["receivables_identity"])
    report = company.load(orders=TWO.replace("100.10", "1"))
    assert (report.status, rules(report)) == ("rejected", {"orders.csv": ["audit_failed"]})
    assert company.served == "wh-000001.duckdb"
    assert not list((company.home / "snapshots").glob("building-*"))


def test_the_machines_time_zone_does_not_matter(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    report = company.load(datetime(2026, 6, 1, 17, tzinfo=UTC), orders=TWO)  # already 2 June in Shanghai
    assert report.as_of == date(2026, 6, 2)


def test_a_file_named_twice_is_loaded_once(company: Company) -> None:
    [path] = company.write(orders=TWO)
    report = loading.load(company.home, [path, company.exports, path], now=NOW)
    assert len(report.files) == 1


def test_files_of_the_same_name_stay_apart(company: Company, tmp_path: Path) -> None:
    for folder, number in (("north", "A"), ("south", "B")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "orders.csv").write_text(lines(f"{number},1,C1,R1,2026-06-01,1,"))
    report = loading.load(company.home, [tmp_path / "north", tmp_path / "south"], now=NOW)
    assert [f.file for f in report.files] == ["orders.csv", "south/orders.csv"]
    assert company.ask("select count(*) from src.orders") == [(2,)]


def test_progress_rises_to_the_end(company: Company) -> None:
    seen: list[float] = []
    company.write(orders=TWO)
    loading.load(company.home, [company.exports], progress=lambda share, step: seen.append(share), now=NOW)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def small_sample(folder: Path, progress: Any = None) -> list[Path]:
    folder.mkdir(parents=True)
    (folder / "orders.csv").write_text(TWO)
    (folder / "fieldbook.toml").write_text('company = "Sample"\n')
    return [folder / "orders.csv"]


def test_a_first_run_builds_the_sample_once(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "write", small_sample)
    seen: list[float] = []
    loading.first_run(company.home, lambda share, step: seen.append(share))
    assert (company.served, seen[-1]) == ("wh-000001.duckdb", 1.0)
    assert company.ask("select value from meta where key = 'company'") == [("Sample",)]
    loading.first_run(company.home)  # the second session finds it done
    assert company.served == "wh-000001.duckdb"


def test_two_sessions_that_start_at_once_build_one_sample(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Path] = []

    def slow(folder: Path, progress: Any = None) -> list[Path]:
        calls.append(folder)
        time.sleep(0.3)
        return small_sample(folder)

    monkeypatch.setattr(sample, "write", slow)
    sessions = [threading.Thread(target=loading.first_run, args=(company.home,)) for _ in range(2)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    assert len(calls) == 1
    assert company.served == "wh-000001.duckdb"


def test_a_first_run_never_touches_own_settings_or_data(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.load(orders=TWO)
    monkeypatch.setattr(sample, "write", lambda *args: pytest.fail("there is data already"))
    loading.first_run(company.home)


def test_a_crashed_load_leaves_nothing_behind_the_next_one(company: Company) -> None:
    company.load(orders=TWO)
    (company.home / "snapshots" / "building-000002.duckdb").write_bytes(os.urandom(100))
    assert company.load(orders=TWO.replace("100.10", "1")).published
    assert not list((company.home / "snapshots").glob("building-*"))
