"""Making good: rebuild, verify, prune; and rows that are there but cannot be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data import build
from data.config import Settings
from data.keeping import recovery, store
from data.loading.recipe import RawMissing
from tests.data.keeping.company import CUSTOMERS, DAY, JUNE, MAY, REPS, Company

# rebuild and verify


def test_a_rebuild_from_the_kept_copies_equals_what_is_published(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,,\n", reps=REPS + "R1,Wang,rep,East,\n")
    company.load(orders=MAY.replace("R1", "Wang"))
    (company.home / "fieldbook.toml").write_text('revenue_date = "order_date"\n')
    company.load(orders=JUNE)
    record = recovery.rebuild(company.home)
    assert (record["status"], record["differs"], record["steps"], record["snapshot"]) == ("equal", [], 3, 4)
    assert company.served == "wh-000004.duckdb"
    assert company.ask("select load_id, file, finished_at is not null from files join loads using (load_id) where source = 'orders'") == [
        (2, "orders.csv", True), (3, "orders.csv", True),
    ]  # fmt: skip


def test_a_rebuild_names_the_tables_that_differ_and_publishes_nothing(with_may: Company) -> None:
    raw = with_may.home / "raw" / store.keep_raw(with_may.home, MAY.encode())
    raw.write_bytes(MAY.replace("100.00", "100.01").encode())
    status, differs = with_may.rebuilt()
    assert status == "differs"
    assert {"src.orders", "fact.orders", "measure.sales"} <= set(differs)
    assert with_may.served == "wh-000001.duckdb"
    [problem] = recovery.verify(with_may.home)
    assert problem.code == "raw_damaged"
    assert recovery.rebuild(with_may.home, publish=True)["snapshot"] == 3
    assert with_may.orders()["A"] == Decimal("100.01")


def test_a_rebuild_makes_the_measures_where_they_are_made_today(with_may: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen, build_here = [], build.build

    def note(con: Any, settings: Settings, **how: Any) -> None:
        chosen.append(settings.spark)
        build_here(con, replace(settings, spark={}), **how)

    monkeypatch.setattr(build, "build", note)
    (with_may.home / "fieldbook.toml").write_text('[spark]\nremote = "sc://cluster"\nfolder = "/mnt/shared"\n')
    assert recovery.rebuild(with_may.home)["status"] == "equal"
    assert chosen == [{"remote": "sc://cluster", "folder": "/mnt/shared"}]


def test_a_rebuild_without_a_kept_copy_says_which(with_may: Company) -> None:
    (with_may.home / "raw" / store.keep_raw(with_may.home, MAY.encode())).unlink()
    with pytest.raises(RawMissing) as caught:
        recovery.rebuild(with_may.home)
    assert caught.value.params["file"] == "orders.csv"
    assert [p.code for p in recovery.verify(with_may.home)] == ["raw_missing"]


def test_with_no_snapshot_left_the_records_are_enough(with_june: Company) -> None:
    recovery.rebuild(with_june.home)
    with_june.load(orders=JUNE.replace("10.00", "11.00"))
    recovery.undo(with_june.home, 4)
    orders = with_june.ask("select * from src.orders order by all")
    for path in (with_june.home / "snapshots").iterdir():
        path.unlink()
    assert recovery.verify(with_june.home)[0].code == "nothing_served"
    assert recovery.rebuild(with_june.home)["compared"] is False
    assert with_june.ask("select * from src.orders order by all") == orders


def test_mappings_are_those_of_the_day_of_the_load(company: Company) -> None:
    (company.home / "mappings").mkdir(parents=True)
    mapping = company.home / "mappings" / "sales.toml"
    mapping.write_text('[[source]]\nsource = "orders"\nfiles = ["sales.csv"]\ncolumns = {order_id = "No", net_amount = "Sum"}\n')
    company.load(sales="No,customer_id,order_date,Sum\nA,C1,2026-06-01,5.00\n")
    mapping.unlink()
    assert company.rebuilt() == ("equal", [])


def test_verify_finds_a_flipped_bit_and_a_pointer_that_leads_nowhere(with_june: Company) -> None:
    assert recovery.verify(with_june.home) == []
    path = with_june.home / "snapshots" / "wh-000001.duckdb"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert [(p.code, p.params) for p in recovery.verify(with_june.home)] == [("snapshot_damaged", {"file": "wh-000001.duckdb"})]
    (with_june.home / "CURRENT").write_text("wh-000007.duckdb")
    assert "pointer_damaged" in [p.code for p in recovery.verify(with_june.home)]


def test_a_backup_of_one_snapshot_and_the_raw_copies_serves_and_rebuilds(with_june: Company, tmp_path: Path) -> None:
    """P3: the closed snapshot named by CURRENT, and the folder raw."""
    back = tmp_path / "back"
    for name in (f"snapshots/{with_june.served}", "CURRENT", *(f"raw/{p.name}" for p in (with_june.home / "raw").iterdir())):
        (back / name).parent.mkdir(parents=True, exist_ok=True)
        (back / name).write_bytes((with_june.home / name).read_bytes())
    assert recovery.rebuild(back)["status"] == "equal"


# prune


def test_pruning_keeps_what_a_rebuild_needs(company: Company) -> None:
    company.load(orders=MAY + "X,1,C1,R1,2026-05-02,five,\n")
    later = DAY + timedelta(days=800)
    company.day = later
    company.load(orders=JUNE)
    record = recovery.prune(company.home, now=later.replace(tzinfo=None))
    assert (record["raw"], record["load_id"]) == (1, 3)
    assert company.ask("select count(*) from quarantine") == [(0,)]
    assert company.ask("select value from findings where severity = 'error'") == [(None,)]
    assert "five" not in (company.home / "loads" / "000001.json").read_text()
    assert company.rebuilt() == ("equal", [])
    assert recovery.verify(company.home) == []
    company.load(orders=JUNE.replace("10.00", "11.00"))
    assert company.rebuilt() == ("equal", [])


def test_pruning_what_is_young_changes_nothing(with_may: Company) -> None:
    record = recovery.prune(with_may.home, keep=1, now=(DAY + timedelta(days=30)).replace(tzinfo=None))
    assert (record["raw"], record["load_id"], record["generations"]) == (0, None, [])
    assert with_may.served == "wh-000001.duckdb"


def test_at_least_three_generations_stay(company: Company) -> None:
    for amount in range(1, 6):
        company.load(orders=MAY.replace("100.00", f"{amount}.00"))
    recovery.prune(company.home, keep=0, months=0)
    assert len(store.generations(company.home)) >= 3


# a row that is there but cannot be used


def test_a_row_set_aside_is_no_absence(with_may: Company) -> None:
    report = with_may.load(orders=MAY.replace("100.00", "one hundred"))
    [file] = report.files
    assert (file.rows["quarantined"], file.rows["unchanged"], file.deleted) == (1, 1, 0)
    assert with_may.orders() == {"A": Decimal(100), "B": Decimal(200)}
    assert "kept_stored" in [f.rule for f in file.findings]


def test_a_customer_whose_row_is_set_aside_stays_on_the_list(company: Company) -> None:
    cards = "customer_id,customer_name,owner_id,terms_days\nC1,One,R1,30\nC2,Two,R1,30\n"
    company.load(customers=cards)
    company.load(customers=cards.replace("Two,R1,30", "Two,R1,soon"))
    assert company.ask("select customer_id from src.customers where _replaced_by is null order by 1") == [("C1",), ("C2",)]


def test_a_frame_without_keys_still_merges(with_may: Company) -> None:
    report = with_may.load(orders=MAY + "too,few\n")
    assert report.files[0].rows["quarantined"] == 1
