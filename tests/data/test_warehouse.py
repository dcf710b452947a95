"""The warehouse: everybody gets their own rows and nothing else, from the snapshot being served."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pytest

from data.access import OWNER, Scope
from data.errors import NotAllowed, NoWarehouse
from data.warehouse import FACTS, READS, Warehouse

Row = dict[str, Any]
TODAY = date(2026, 6, 30)
NOBODY = Scope(user="nobody", roles=frozenset(), reps=(), regions=())


class Span(NamedTuple):
    """A period as the warehouse sees one."""

    label: str
    start: date
    end: date
    to: date


JUNE = Span("2026-06", date(2026, 6, 1), TODAY, TODAY)


def person(rep: str, role: str, region: str | None, **more: Any) -> Row:
    return {"rep_id": rep, "rep_name": f"Name {rep}", "role": role, "region": region, "login": rep.lower(), **more}


# North: M1 leads R1 (with inside partner I1) and R2; South: M2 leads R3, who moved there from the North on 16 June.
PEOPLE = [
    person("D1", "director", None),
    person("A1", "admin", None),
    person("M1", "regional_manager", "North", manager_id="D1"),
    person("M2", "regional_manager", "South", manager_id="D1"),
    person("R1", "rep", "North", manager_id="M1", pair_id="pair", territory_id="T1"),
    person("I1", "inside", "North", manager_id="M1", pair_id="pair"),
    person("R2", "kam", "North", manager_id="M1"),
    person("R3", "rep", "North", manager_id="M1", valid_to="2026-06-15"),
    person("R3", "rep", "South", manager_id="M2", valid_from="2026-06-16", territory_id="T9"),
]
SELLERS = {"R1": 1, "I1": 10, "R2": 100, "R3": 1000}  # each with an amount of their own, so a sum says whose rows are in it
EVERYTHING = {
    "reps": PEOPLE,
    "territories": [
        {"territory_id": "T1", "name": "Harbour", "region": "North"},
        {"territory_id": "T9", "name": "Delta", "region": "South"},
    ],
    "customers": [{"customer_id": f"C-{rep}", "customer_name": f"Customer of {rep}", "owner_id": rep} for rep in SELLERS],
    "orders": [
        {
            "order_id": f"O-{rep}",
            "customer_id": f"C-{rep}",
            "rep_id": rep,
            "order_date": "2026-06-20",
            "net_amount": amount,
            "cost_amount": 0,
        }
        for rep, amount in SELLERS.items()
    ],
    "visits": [
        {"customer_id": f"C-{rep}", "rep_id": rep, "actual_date": "2026-06-20", "planned_date": "2026-06-20"}
        for rep, amount in SELLERS.items()
        for _ in range(len(str(amount)))
    ],
    "invoices": [
        {
            "invoice_id": f"I-{rep}",
            "customer_id": f"C-{rep}",
            "rep_id": rep,
            "invoice_date": "2026-06-20",
            "due_date": "2026-06-25",
            "amount": amount,
        }
        for rep, amount in SELLERS.items()
    ],
    "receipts": [
        {"receipt_id": f"P-{rep}", "customer_id": f"C-{rep}", "invoice_id": f"I-{rep}", "received_on": "2026-06-21", "amount": 1}
        for rep in SELLERS
    ],
    "targets": [{"scope": "rep", "scope_id": rep, "period": "2026-06", "metric": "revenue", "value": v} for rep, v in SELLERS.items()],
}
SEES = {  # who signs in -> whose rows they get
    "D1": ("R1", "I1", "R2", "R3"),
    "M1": ("R1", "I1", "R2"),
    "M2": ("R3",),
    "R1": ("R1",),
    "I1": ("I1", "R1"),
    "R2": ("R2",),
    "R3": ("R3",),
    "A1": (),
}
NAMES = tuple(READS)


@pytest.fixture
def warehouse(company: Callable[..., Any]) -> Warehouse:
    return company(**EVERYTHING)


def reps_in(frame: pl.LazyFrame | None) -> set[str]:
    assert frame is not None
    return set(frame.collect()["rep_id"].drop_nulls())


def test_everybody_reads_own_rows_only(warehouse: Warehouse) -> None:
    for login, seen in SEES.items():
        scope = warehouse.scope(login, TODAY)
        for name in NAMES:
            assert reps_in(warehouse.read(name, scope, [JUNE])) == set(seen), (login, name)


def test_sums_under_a_scope_are_sums_over_its_rows(warehouse: Warehouse) -> None:
    sums = {"sales": "revenue", "billing": "invoiced", "collections": "collectible", "customer_sales": "revenue", "targets": "value"}
    for login, seen in SEES.items():
        for name, column in sums.items():
            frame = warehouse.read(name, warehouse.scope(login, TODAY), [JUNE])
            assert frame is not None
            assert frame.select(pl.sum(column)).collect().item() == sum(SELLERS[rep] for rep in seen), (login, name)


def test_nobody_sees_nothing(warehouse: Warehouse) -> None:
    assert all(warehouse.read(name, NOBODY, [JUNE]).collect().is_empty() for name in NAMES)
    assert all(warehouse.peers(name, NOBODY, [JUNE]).collect().is_empty() for name in NAMES)
    assert all(warehouse.rows(fact, NOBODY, JUNE).is_empty() for fact in FACTS)
    assert warehouse.people(NOBODY).is_empty()
    assert warehouse.territories(NOBODY).is_empty()
    assert warehouse.members(NOBODY, [JUNE]).collect().is_empty()


def test_a_stranger_is_told_so(warehouse: Warehouse) -> None:
    with pytest.raises(NotAllowed):
        warehouse.scope("stranger", TODAY)


def test_a_row_without_a_rep_belongs_to_the_director(company: Callable[..., Any]) -> None:
    lost = {"order_id": "X", "customer_id": "C-none", "order_date": "2026-06-20", "net_amount": 7, "territory_id": "T1"}
    warehouse = company(**EVERYTHING | {"orders": [lost]})
    seen = {login: reps_in(warehouse.read("sales", warehouse.scope(login, TODAY), [JUNE])) for login in ("D1", "M1", "R1")}
    assert seen == {"D1": {"unassigned"}, "M1": set(), "R1": set()}


def test_a_manager_keeps_the_days_a_rep_worked_for_him(company: Callable[..., Any]) -> None:
    orders = [
        {"order_id": day, "customer_id": "C-R3", "rep_id": "R3", "order_date": f"2026-06-{day}", "net_amount": 1} for day in ("15", "16")
    ]
    warehouse = company(**EVERYTHING | {"orders": orders})
    days = {who: warehouse.read("sales", warehouse.scope(who, TODAY), [JUNE]).collect()["date"].to_list() for who in ("M1", "M2")}
    assert days == {"M1": [date(2026, 6, 15)], "M2": [date(2026, 6, 16)]}


@pytest.mark.parametrize("source", ["orders", "visits", "invoices", "receipts", "targets"])
def test_what_was_never_loaded_is_none_and_the_rest_works(company: Callable[..., Any], source: str) -> None:
    warehouse = company(**{name: rows for name, rows in EVERYTHING.items() if name != source})
    missing = {name for name in NAMES if warehouse.read(name, OWNER, [JUNE]) is None}
    # without receipts and without paid amounts nobody knows what came in
    cash = {"cash", "receivables", "collections", "receivable_positions"}
    wanted = {name for name, read in READS.items() if source in read.needs} | (cash if source == "receipts" else set())
    assert missing == wanted
    assert {name for name in NAMES if warehouse.peers(name, OWNER, [JUNE]) is None} == wanted


def test_a_loaded_file_without_rows_is_empty_not_missing(company: Callable[..., Any]) -> None:
    assert company(orders=[]).read("sales", OWNER, [JUNE]).collect().is_empty()


def test_paid_amounts_of_invoices_are_cash_too(company: Callable[..., Any]) -> None:
    paid = {"invoice_id": "1", "customer_id": "C", "invoice_date": "2026-06-01", "due_date": "2026-06-10", "amount": 9, "paid_amount": 4}
    assert company(invoices=[paid | {"paid_on": "2026-06-05"}]).read("cash", OWNER, [JUNE]).collect()["collected"].sum() == 4


def test_by_customer_keeps_customers_apart_or_says_it_cannot(warehouse: Warehouse) -> None:
    customers = warehouse.read("sales", OWNER, [JUNE], by=["customer_id"]).collect()
    assert set(customers["customer_id"]) == {f"C-{rep}" for rep in SELLERS}
    with pytest.raises(KeyError):
        warehouse.read("billing", OWNER, [JUNE], by=["customer_id"])


def test_views_need_periods(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="windows"):
        warehouse.read("collections", OWNER)


def test_a_measure_is_cut_to_the_periods_asked_for(warehouse: Warehouse) -> None:
    may = Span("2026-05", date(2026, 5, 1), date(2026, 5, 31), date(2026, 5, 31))
    assert warehouse.read("sales", OWNER, [may]).collect().is_empty()
    assert warehouse.read("targets", OWNER, [may]).collect().is_empty()
    assert warehouse.read("sales", OWNER).collect().height == len(SELLERS)


def test_peers_are_the_whole_company_without_names(warehouse: Warehouse) -> None:
    scope = warehouse.scope("R1", TODAY)
    for name in NAMES:
        peers = warehouse.peers(name, scope, [JUNE]).collect()
        assert peers.filter("is_own")["rep_id"].unique().to_list() == ["R1"], name
        assert peers.filter(~pl.col("is_own"))["rep_id"].n_unique() == len(SELLERS) - 1, name
        foreign = peers.filter(~pl.col("is_own")).drop("is_own").rows()
        said = " ".join(str(cell) for row in foreign for cell in row)
        assert not [word for word in ("R2", "R3", "I1", "M1", "M2", "North", "South", "T9") if word in said], name


def test_peers_carry_the_figures_for_a_rank(warehouse: Warehouse) -> None:
    peers = warehouse.peers("sales", warehouse.scope("R1", TODAY), [JUNE]).collect()
    assert sorted(peers["revenue"]) == sorted(SELLERS.values())
    assert peers["is_seller"].all()


def test_tokens_hold_within_a_call_and_say_nothing_across_calls(warehouse: Warehouse) -> None:
    scope = warehouse.scope("R1", TODAY)
    seen = {tuple(warehouse.peers("sales", scope, [JUNE]).collect().sort("revenue")["rep_id"]) for _ in range(40)}
    assert len(seen) > 1
    assert all(names[0] == "R1" and sorted(names[1:]) == ["peer 1", "peer 2", "peer 3"] for names in seen)


def test_rows_behind_a_figure_say_where_they_come_from(warehouse: Warehouse) -> None:
    rows = warehouse.rows("orders", warehouse.scope("R1", TODAY), JUNE)
    assert rows.select("order_id", "net_amount", "file", "row").rows() == [("O-R1", 1, "orders.csv", 2)]


def test_rows_can_be_narrowed_but_never_widened(warehouse: Warehouse) -> None:
    scope = warehouse.scope("M1", TODAY)
    assert set(warehouse.rows("orders", scope, JUNE)["rep_id"]) == {"R1", "I1", "R2"}
    assert warehouse.rows("orders", scope, JUNE, where={"rep_id": "R2"})["order_id"].to_list() == ["O-R2"]
    assert warehouse.rows("orders", scope, JUNE, where={"rep_id": "R3"}).is_empty()
    assert warehouse.rows("orders", scope, JUNE, where={"rep_id": "' or true --"}).is_empty()
    with pytest.raises(KeyError):
        warehouse.rows("orders", scope, JUNE, where={"1=1 or rep_id": "R2"})
    assert warehouse.rows("orders", scope, JUNE, limit=2).height == 2


def test_the_rows_behind_visits_are_those_that_were_counted(company: Callable[..., Any]) -> None:
    party = {"customer_id": "C", "rep_id": "R1"}
    records = [
        party | {"visit_id": "made", "actual_date": "2026-06-03 09:00", "planned_date": "2026-06-03"},
        party | {"visit_id": "called", "actual_date": "2026-06-03 10:00", "visit_type": "phone"},
        party | {"visit_id": "moved", "planned_date": "2026-06-04", "status": "rescheduled"},
        party | {"visit_id": "planned", "planned_date": "2026-06-05"},
    ]
    warehouse = company(visits=records)
    ids = {fact: warehouse.rows(fact, OWNER, JUNE)["visit_id"].to_list() for fact in ("visit_records", "visit_plans", "visits")}
    assert ids == {"visit_records": ["made"], "visit_plans": ["made", "planned"], "visits": ["made", "called"]}


def test_every_fact_can_be_looked_into(warehouse: Warehouse) -> None:
    for name, fact in FACTS.items():
        assert not warehouse.rows(name, OWNER, JUNE).is_empty(), name
        for column in fact.narrow:
            assert warehouse.rows(name, OWNER, JUNE, where={column: "none of these"}).is_empty(), (name, column)


def test_the_people_and_places_on_offer_are_those_in_scope(warehouse: Warehouse) -> None:
    manager, rep = warehouse.scope("M2", TODAY), warehouse.scope("R1", TODAY)
    assert warehouse.people(manager).select("rep_id", "region").rows() == [("M2", "South"), ("R3", "South")]
    assert warehouse.people(rep)["rep_id"].to_list() == ["R1"]
    assert warehouse.territories(manager).rows() == [("T9", "Delta", "South")]
    assert warehouse.territories(rep).rows() == [("T1", "Harbour", "North")]
    assert warehouse.territories(OWNER)["territory_id"].to_list() == ["T1", "T9"]


def test_somebody_who_moved_on_is_shown_where_the_manager_last_had_them(warehouse: Warehouse) -> None:
    north = warehouse.people(warehouse.scope("M1", TODAY))
    assert north.filter(pl.col("rep_id") == "R3").select("territory_id", "region").rows() == [(None, "North")]


def test_members_are_all_who_were_assigned_in_the_period(warehouse: Warehouse) -> None:
    late = Span("late", date(2026, 6, 16), TODAY, TODAY)
    members = warehouse.members(OWNER, [JUNE, late]).collect()
    moved = members.filter(pl.col("rep_id") == "R3").sort("period", "region")
    assert moved.select("period", "region", "territory_name").rows() == [
        ("2026-06", "North", None),
        ("2026-06", "South", "Delta"),
        ("late", "South", "Delta"),
    ]
    assert set(members.filter("is_seller")["rep_id"]) == set(SELLERS)


def test_freshness_lists_every_source_loaded_or_not(company: Callable[..., Any]) -> None:
    fresh = {row["source"]: row for row in company(orders=EVERYTHING["orders"]).freshness().to_dicts()}
    assert len(fresh) == 9
    assert (fresh["orders"]["is_loaded"], fresh["orders"]["rows"], fresh["orders"]["file"]) == (True, 4, "orders.csv")
    assert fresh["orders"]["latest_date"] == date(2026, 6, 20)
    assert (fresh["visits"]["is_loaded"], fresh["visits"]["loaded_at"], fresh["visits"]["rows"]) == (False, None, None)


def test_the_ledger_is_for_those_who_look_after_the_data(warehouse: Warehouse) -> None:
    for read in (warehouse.loads, warehouse.quarantine, warehouse.findings):
        for login in ("D1", "A1"):
            assert read(warehouse.scope(login, TODAY)).columns
        for login in ("M1", "R1"):
            with pytest.raises(NotAllowed):
                read(warehouse.scope(login, TODAY))


def test_a_home_without_a_snapshot_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoWarehouse):
        Warehouse.open(tmp_path)


def test_settings_that_shaped_the_measures_are_those_of_the_publish(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "fieldbook.toml").write_text('currency = "USD"\nvisit_tolerance_days = 3\nactive_days = 30\nas_of = 2026-05-31\n', "utf-8")
    again = Warehouse.open(tmp_path)
    assert (again.currency, again.settings.visit_tolerance_days, again.settings.counted_visit_types) == (
        "CNY",
        7,
        ("on_site", "customer_visits_us"),
    )
    assert (again.settings.active_days, again.as_of) == (30, date(2026, 5, 31))


def test_the_reader_cannot_write_or_reach_out(warehouse: Warehouse) -> None:
    for query in (
        "create table main.t (a int)",
        "select * from read_csv('/etc/passwd')",
        "set memory_limit = '1GB'",
        "attach ':memory:' as m",
    ):
        with pytest.raises(duckdb.Error):
            warehouse._frame(query, {})


def test_two_people_reading_at_once_get_their_own(warehouse: Warehouse) -> None:
    scopes = {login: warehouse.scope(login, TODAY) for login in SEES}

    def read(login: str) -> tuple[str, set[str]]:
        return login, reps_in(warehouse.read("sales", scopes[login], [JUNE]))

    with ThreadPoolExecutor(8) as pool:
        for login, seen in pool.map(read, [*SEES] * 10):
            assert seen == set(SEES[login])


def test_one_connection_serves_all_readers_of_a_snapshot(warehouse: Warehouse, tmp_path: Path) -> None:
    assert Warehouse.open(tmp_path)._file is warehouse._file


def test_a_reader_keeps_its_snapshot_when_another_is_published(warehouse: Warehouse, tmp_path: Path) -> None:
    old = tmp_path / "snapshots" / "wh-000001.duckdb"
    for path in old.parent.glob("wh-000001*"):
        shutil.copy(path, path.with_name(path.name.replace("000001", "000002")))
    (tmp_path / "CURRENT").write_text("wh-000002.duckdb", "utf-8")
    again = Warehouse.open(tmp_path)
    assert (warehouse.snapshot, again.snapshot) == ("000001", "000002")
    assert reps_in(warehouse.read("sales", OWNER, [JUNE])) == reps_in(again.read("sales", OWNER, [JUNE])) == set(SELLERS)
