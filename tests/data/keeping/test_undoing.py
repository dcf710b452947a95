"""Going back: accept, undo, rollback."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from data.keeping import recovery, store
from data.keeping.recovery import Refused
from data.loading import records
from data.loading.records import NoSuchLoad
from tests.data.keeping.company import CUSTOMERS, JUNE, MAY, Company, many

# accept


def test_a_held_load_is_accepted_later_without_the_users_files(held: Company) -> None:
    report = recovery.accept(held.home, 2)
    assert (report.load_id, report.status, report.published, report.files[0].deleted) == (2, "loaded", True, 40)
    assert held.served == "wh-000002.duckdb"
    assert held.ask("select count(*) from src.orders where _replaced_by = 2") == [(40,)]
    assert records.record(held.home, 2)["status"] == "loaded"
    assert held.rebuilt() == ("equal", [])


def test_a_load_accepted_behind_another_keeps_its_number(held: Company) -> None:
    held.load(customers=CUSTOMERS + "C1,One,R1,,\n")
    assert recovery.accept(held.home, 2).published
    assert held.served == "wh-000004.duckdb"
    assert held.ask("select distinct _replaced_by from src.orders where _replaced_by is not null") == [(2,)]
    assert held.rebuilt() == ("equal", [])
    assert recovery.undo(held.home, 2)["undone"] == 2
    assert len(held.orders()) == 100


def test_a_held_load_that_was_overtaken_is_refused(held: Company) -> None:
    held.load(orders=many(99))
    with pytest.raises(Refused, match="accept_overtaken") as caught:
        recovery.accept(held.home, 2)
    assert caught.value.params["later"] == "3"
    assert (held.served, records.record(held.home, 2)["status"]) == ("wh-000003.duckdb", "held")


def test_only_what_is_held_can_be_accepted(with_may: Company) -> None:
    with pytest.raises(Refused, match="accept_not_held"):
        recovery.accept(with_may.home, 1)
    with pytest.raises(NoSuchLoad):
        recovery.accept(with_may.home, 9)


def test_a_load_held_before_a_rollback_was_compared_with_other_data(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,,\n")
    company.load(orders=many(100))
    company.load(orders=many(60))
    recovery.rollback(company.home)
    with pytest.raises(Refused, match="accept_rolled_back"):
        recovery.accept(company.home, 3)


# undo


def test_undoing_a_window_load_removes_its_rows_and_restores_those_it_replaced(with_may: Company) -> None:
    before = with_may.ask("select * from src.orders order by all")
    with_may.load(orders=MAY.replace("100.00", "111.00").replace("B,1", "E,1"))
    assert with_may.orders() == {"A": Decimal(111), "E": Decimal(200)}
    record = recovery.undo(with_may.home, 2)
    assert (record["load_id"], record["kind"], record["undone"], record["base"]) == (3, "undo", 2, 2)
    assert with_may.ask("select * from src.orders order by all") == before
    assert with_may.ask("select load_id, status from loads order by 1") == [(1, "loaded"), (2, "undone"), (3, "undo")]
    assert with_may.ask("select sum(revenue) from measure.sales") == [(Decimal(300),)]
    assert with_may.rebuilt() == ("equal", [])
    assert recovery.verify(with_may.home) == []


def test_an_undone_load_can_be_loaded_again(with_may: Company) -> None:
    changed = MAY.replace("100.00", "111.00")
    with_may.load(orders=changed)
    recovery.undo(with_may.home, 2)
    assert with_may.load(orders=changed).published
    assert with_may.orders()["A"] == Decimal(111)


def test_the_only_load_can_be_undone(with_may: Company) -> None:
    recovery.undo(with_may.home, 1)
    assert with_may.orders() == {}
    assert with_may.load(orders=MAY).published


def test_a_load_whose_rows_a_later_one_replaced_is_not_undone(with_june: Company) -> None:
    with_june.load(orders=JUNE.replace("10.00", "11.00"))
    with pytest.raises(Refused, match="undo_refused") as caught:
        recovery.undo(with_june.home, 2)
    assert caught.value.params["later"] == "3"
    recovery.undo(with_june.home, 1)  # nobody has spoken of May since
    assert with_june.orders() == {"C": Decimal(11), "D": Decimal(20)}


def test_a_list_that_came_again_stands_on_the_one_before(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,,\nC2,Two,R1,,\n")
    company.load(customers=CUSTOMERS + "C1,One,R1,,\nC2,Two,R1,,\nC3,Three,R1,,\n")
    with pytest.raises(Refused, match="undo_refused"):
        recovery.undo(company.home, 1)  # load 2 says that C1 and C2 are customers
    recovery.undo(company.home, 2)
    assert company.ask("select customer_id from src.customers where _replaced_by is null order by 1") == [("C1",), ("C2",)]


def test_a_window_that_was_silent_about_a_row_has_spoken_of_it(with_may: Company) -> None:
    with_may.load(orders=MAY.replace("A,1", "E,1"))  # A is gone
    with_may.load(orders=MAY.replace("A,1", "F,1"))  # and still is
    with pytest.raises(Refused, match="undo_refused"):
        recovery.undo(with_may.home, 2)


def test_an_undone_export_of_changes_gives_back_the_rows_it_repeated(with_may: Company) -> None:
    (with_may.home / "mappings" / "changes.toml").write_text('[[source]]\nsource = "orders"\nfiles = ["changes.csv"]\nmode = "upsert"\n')
    before = with_may.ask("select order_id, _load_id, _file_id, _row from src.orders order by all")
    with_may.load(changes=MAY.replace("B,1,C2", "E,1,C2"))  # A comes as it was
    assert with_may.ask("select _load_id from src.orders where order_id = 'A'") == [(2,)]
    with pytest.raises(Refused, match="undo_refused"):
        recovery.undo(with_may.home, 1)
    recovery.undo(with_may.home, 2)
    assert with_may.ask("select order_id, _load_id, _file_id, _row from src.orders order by all") == before
    assert recovery.verify(with_may.home) == []


def test_what_is_no_load_is_not_undone(with_june: Company) -> None:
    recovery.undo(with_june.home, 2)
    for number in (2, 3):
        with pytest.raises(Refused, match="undo_not_served"):
            recovery.undo(with_june.home, number)
    with pytest.raises(NoSuchLoad):
        recovery.undo(with_june.home, 8)


# rollback


def test_a_load_after_a_rollback_continues_from_it_and_loses_no_number(with_may: Company) -> None:
    with_may.load(orders=MAY.replace("100.00", "999.00"))
    record = recovery.rollback(with_may.home)
    assert (record["load_id"], record["kind"], record["from"], record["snapshot"]) == (3, "rollback", 2, 1)
    assert with_may.orders()["A"] == Decimal(100)
    assert with_may.load(orders=JUNE).load_id == 4
    assert (with_may.served, with_may.orders()["A"]) == ("wh-000004.duckdb", Decimal(100))
    assert with_may.rebuilt() == ("equal", [])
    with pytest.raises(Refused, match="undo_not_served"):
        recovery.undo(with_may.home, 2)


def test_a_damaged_snapshot_falls_back_along_its_own_line(with_may: Company) -> None:
    with_may.load(orders=MAY.replace("100.00", "999.00"))
    recovery.rollback(with_may.home, 1)
    with_may.load(orders=JUNE)
    (with_may.home / "snapshots" / with_may.served).write_bytes(b"gone")
    assert with_may.orders() == {"A": Decimal(100), "B": Decimal(200)}  # not the 999 that was turned away from


def test_a_rollback_leads_to_a_kept_good_snapshot_only(with_may: Company) -> None:
    for target in (None, 7):
        with pytest.raises(Refused, match="rollback_unknown"):
            recovery.rollback(with_may.home, target)
    assert with_may.served == "wh-000001.duckdb"


def test_a_rollback_that_died_before_the_pointer_moved_is_forgotten(with_june: Company) -> None:
    (with_june.home / "loads" / "000003.pending").write_text(json.dumps({"kind": "rollback", "snapshot": 1}))
    store.clean(with_june.home)
    assert (with_june.home / "snapshots" / "wh-000001.duckdb").exists()
    assert with_june.served == "wh-000002.duckdb"
    assert not list((with_june.home / "loads").glob("*.pending"))
