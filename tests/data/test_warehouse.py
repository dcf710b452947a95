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
from data.contracts import SOURCES
from data.errors import NotAllowed, NoWarehouse
from data.reads import FACTS, READS
from data.warehouse import Warehouse
from kpi.catalog import CATALOG, get
from kpi.period import parse
from kpi.report import evaluate

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
        {
            "customer_id": f"C-{rep}",
            "rep_id": rep,
            "actual_date": "2026-06-20",
            "planned_date": "2026-06-20",
            "logged_at": "2026-06-20",
            "booked_by": rep,
        }
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
    "prospects": [
        {
            "prospect_id": f"L-{rep}",
            "name": f"Lead of {rep}",
            "owner_id": rep,
            "created_on": "2026-06-20",
            "stage": "qualified",
            "qualified_on": "2026-06-21",
            "last_reviewed_on": "2026-06-21",
        }
        | more
        for rep in SELLERS
        for more in ({}, {"prospect_id": f"G-{rep}", "stage": "lost", "lost_on": "2026-06-22"})
    ],
    "quotes": [
        {"quote_id": f"Q-{rep}", "version": "1", "customer_id": f"C-{rep}", "rep_id": rep, "quote_date": "2026-06-20", "amount": 1}
        | {"is_special": True}
        for rep in SELLERS
    ],
    "service": [
        {"case_id": f"K-{rep}", "customer_id": f"C-{rep}", "kind": "complaint", "opened_on": "2026-06-20", "responded_at": "2026-06-21"}
        for rep in SELLERS
    ],
    "stock_counts": [{"customer_id": f"C-{rep}", "product_id": "X", "counted_on": "2026-06-20", "qty": 1} for rep in SELLERS],
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
# These speak of days at work, or of who owned at the start of a period: then R3 was with M1, and may be in M1's rows.
_EARLIER = {("M1", "field_work"): {"R3"}, ("M1", "retention"): {"R3"}, ("M2", "retention"): {"R3"}}


@pytest.fixture
def warehouse(company: Callable[..., Any]) -> Warehouse:
    return company(**EVERYTHING)


def reps_in(frame: pl.LazyFrame | None) -> set[str]:
    assert frame is not None
    return set(frame.collect()["rep_id"].drop_nulls())


@pytest.fixture
def filled(warehouse: Warehouse) -> dict[str, set[str]]:
    """What can be read of this company, and the sellers it has rows of: most reads of all of them."""
    frames = {name: warehouse.read(name, OWNER, [JUNE]) for name in NAMES}
    found = {name: set(SELLERS) & reps_in(frame) for name, frame in frames.items() if frame is not None}
    assert sum(reps == set(SELLERS) for reps in found.values()) >= 20
    return found


def test_everybody_reads_own_rows_only(warehouse: Warehouse, filled: dict[str, set[str]]) -> None:
    for login, seen in SEES.items():
        scope = warehouse.scope(login, TODAY)
        for name, sellers in filled.items():
            # a view may also have a row for somebody who sells nothing, such as the manager
            aside = {"M1", "M2", "D1"} | _EARLIER.get((login, name), set())
            assert reps_in(warehouse.read(name, scope, [JUNE])) - aside == (set(seen) & sellers) - aside, (login, name)


def test_sums_under_a_scope_are_sums_over_its_rows(warehouse: Warehouse) -> None:
    sums = {"sales": "revenue", "billing": "invoiced", "collections": "collectible", "customer_sales": "revenue", "targets": "value"}
    for login, seen in SEES.items():
        for name, column in sums.items():
            frame = warehouse.read(name, warehouse.scope(login, TODAY), [JUNE])
            assert frame is not None
            assert frame.select(pl.sum(column)).collect().item() == sum(SELLERS[rep] for rep in seen), (login, name)


def test_nobody_sees_nothing(warehouse: Warehouse) -> None:
    for name in NAMES:
        for rows in (warehouse.read(name, NOBODY, [JUNE]), warehouse.peers(name, NOBODY, [JUNE])):
            assert rows is None or rows.collect().is_empty(), name
    assert all(warehouse.rows(fact, NOBODY, JUNE).is_empty() for fact in FACTS)
    assert warehouse.people(NOBODY).is_empty()
    assert warehouse.territories(NOBODY).is_empty()
    assert warehouse.members(NOBODY, [JUNE]).collect().is_empty()
    assert warehouse.seats(NOBODY, [JUNE]).collect().is_empty()
    assert warehouse.customers(NOBODY).is_empty()
    assert warehouse.company(NOBODY).members(NOBODY, [JUNE]).collect().is_empty()


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
    by = ("pair_id",)  # day by day
    days = {who: warehouse.read("sales", warehouse.scope(who, TODAY), [JUNE], by=by).collect()["date"].to_list() for who in ("M1", "M2")}
    assert days == {"M1": [date(2026, 6, 15)], "M2": [date(2026, 6, 16)]}


@pytest.mark.parametrize("source", ["orders", "visits", "invoices", "receipts", "targets", "prospects", "quotes", "service"])
def test_what_was_never_loaded_is_none_and_the_rest_works(company: Callable[..., Any], source: str) -> None:
    warehouse = company(**{name: rows for name, rows in EVERYTHING.items() if name != source})
    missing = {name for name in NAMES if warehouse.read(name, OWNER, [JUNE]) is None}
    # without receipts and without paid amounts nobody knows what came in; logs and bookings are columns of visits
    brings = {"cash": "receipts", "logs": "visits", "bookings": "visits", "reviews": "prospects"}
    there = (set(EVERYTHING) - {source}) | {what for what, of in brings.items() if of != source}
    wanted = {name for name, read in READS.items() if not there.issuperset(read.needs)}
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


def test_a_read_is_narrowed_before_anything_is_summed(warehouse: Warehouse, filled: dict[str, set[str]]) -> None:
    manager = warehouse.scope("M1", TODAY)
    for name, sellers in filled.items():
        found = reps_in(warehouse.read(name, manager, [JUNE], where={"rep_id": ["R2", "R3"]}))
        assert found - _EARLIER.get(("M1", name), set()) == {"R2"} & sellers, name  # R3's rows are not his: narrowing opens nothing
        south = reps_in(warehouse.read(name, OWNER, [JUNE], where={"region": ["South"]})) - {"M2"}
        assert south == {"R3"} & sellers or (("M1", name) in _EARLIER and not south), name
        assert reps_in(warehouse.read(name, OWNER, [JUNE], where={"rep_id": []})) == set(), name
        assert reps_in(warehouse.read(name, OWNER, [JUNE], where={"rep_id": ["' or true --"]})) == set(), name
    positions = warehouse.read("receivable_positions", OWNER, [JUNE], where={"territory_id": ["T1"], "customer_id": ["C-R1", "C-R2"]})
    assert positions.select("customer_id", "ar_balance").collect().rows() == [("C-R1", 0)]
    with pytest.raises(KeyError):
        warehouse.read("sales", OWNER, [JUNE], where={"true or rep_id": ["R1"]})
    with pytest.raises(KeyError):  # not kept by customer
        warehouse.read("billing", OWNER, [JUNE], where={"customer_id": ["C-R1"]})


def test_only_the_numbers_wanted_are_read(warehouse: Warehouse) -> None:
    whole, part = (warehouse.read("sales", OWNER, [JUNE], columns=columns).collect() for columns in (None, {"revenue", "n_rows", "other"}))
    numbers = {name for name, kind in part.schema.items() if kind.is_numeric()}
    assert numbers == {"revenue", "n_rows"}
    assert part.sort("rep_id").equals(whole.select(part.columns).sort("rep_id"))
    view = warehouse.read("customer_sales", OWNER, [JUNE], columns={"revenue"}).collect()
    assert {"period", "customer_id", "rep_id", "revenue"} <= set(view.columns)
    assert "gross_profit" not in view.columns


def test_history_starts_where_the_data_does_or_a_setting_says_later(company: Callable[..., Any], tmp_path: Path) -> None:
    warehouse = company(**{name: rows for name, rows in EVERYTHING.items() if name != "quotes"})
    assert warehouse.data_start["orders"] == warehouse.data_start["invoices"] == date(2026, 6, 20)
    (tmp_path / "fieldbook.toml").write_text("[data_start]\norders = 2026-06-25\ninvoices = 2026-01-01\nquotes = 2026-01-01\n", "utf-8")
    again = Warehouse.open(tmp_path)
    assert (again.data_start["orders"], again.data_start["invoices"]) == (date(2026, 6, 25), date(2026, 6, 20))
    assert "quotes" not in again.data_start
    assert again.config_values["data_start"] == again.data_start
    assert again.config_values["active_days"] == again.settings.active_days


def test_the_company_is_everybody_without_names_or_places(warehouse: Warehouse, filled: dict[str, set[str]]) -> None:
    company = warehouse.company(scope := warehouse.scope("R1", TODAY))
    for name, sellers in filled.items():
        rows = company.read(name, scope, [JUNE]).collect()
        assert set(rows.filter("is_own")["rep_id"]) == {"R1"} & sellers, name
        assert rows.filter(~pl.col("is_own") & pl.col("is_seller"))["rep_id"].n_unique() == len(sellers - {"R1"}), name
        said = " ".join(str(cell) for row in rows.filter(~pl.col("is_own")).rows() for cell in row)
        assert not [word for word in ("R2", "R3", "I1", "M1", "M2", "North", "South", "T9") if word in said], name


def test_a_person_is_one_person_whoever_looks(warehouse: Warehouse) -> None:
    for login in ("R1", "M1", "M2", "D1"):
        scope = warehouse.scope(login, TODAY)
        rows = warehouse.company(scope).read("sales", scope, [JUNE]).collect()
        totals = rows.group_by("rep_id").agg(pl.sum("revenue"))["revenue"]
        assert sorted(totals) == sorted(SELLERS.values()), login
        assert dict(rows.group_by("role").agg(pl.col("rep_id").n_unique()).iter_rows()) == {"rep": 2, "inside": 1, "kam": 1}


def test_somebody_who_moved_is_whole_and_belongs_to_the_manager_of_today(company: Callable[..., Any]) -> None:
    orders = [
        {"order_id": day, "customer_id": "C-R3", "rep_id": "R3", "order_date": f"2026-06-{day}", "net_amount": amount}
        for day, amount in (("15", 7), ("20", 9))
    ]
    warehouse = company(**EVERYTHING | {"orders": orders})
    for login, named in (("M1", False), ("M2", True), ("R3", True), ("R1", False)):
        scope = warehouse.scope(login, TODAY)
        rows = warehouse.company(scope).read("sales", scope, [JUNE]).collect()
        assert (rows["rep_id"].n_unique(), rows["revenue"].sum()) == (1, 16)
        assert (rows["rep_id"][0] == "R3", rows["is_own"].all()) == (named, named), login
        assert rows["region"].null_count() == rows.height


def test_a_customer_of_two_reps_is_one_customer(company: Callable[..., Any]) -> None:
    shared = [
        {"order_id": rep, "customer_id": "C-R1", "rep_id": rep, "order_date": "2026-06-20", "net_amount": 1} for rep in ("R1", "R2", "R3")
    ]
    warehouse = company(**EVERYTHING | {"orders": [*shared, shared[2] | {"order_id": "Z", "customer_id": "C-R3"}]})
    scope = warehouse.scope("R1", TODAY)
    rows = warehouse.company(scope).read("customer_sales", scope, [JUNE], by=["customer_id"]).collect()
    assert rows.filter(pl.col("customer_id") == "C-R1").height == 3
    assert rows["customer_id"].n_unique() == 2
    assert "C-R3" not in set(rows["customer_id"])


def test_tokens_hold_within_a_company_and_say_nothing_across(warehouse: Warehouse) -> None:
    scope = warehouse.scope("R1", TODAY)
    company = warehouse.company(scope)
    seen = [dict(company.read(name, scope, [JUNE]).select("rep_id", "is_own").collect().iter_rows()) for name in ("sales", "visits")]
    assert seen[0] == seen[1]
    assert set(seen[0]) == set(company.members(scope, [JUNE]).collect()["rep_id"])
    again = set(warehouse.company(scope).read("sales", scope, [JUNE]).collect()["rep_id"])
    assert again & set(seen[0]) == {"R1"}


def test_nobody_else_can_use_a_company_and_it_cannot_be_narrowed(warehouse: Warehouse) -> None:
    company = warehouse.company(warehouse.scope("R1", TODAY))
    for other in (OWNER, NOBODY, warehouse.scope("R2", TODAY)):
        with pytest.raises(ValueError, match="somebody else"):
            company.read("sales", other, [JUNE])
        with pytest.raises(ValueError, match="somebody else"):
            company.members(other, [JUNE])
    with pytest.raises(ValueError, match="as a whole"):
        company.read("sales", company.scope, [JUNE], where={"rep_id": ["R1"]})


def test_seats_say_who_worked_when_and_as_what(company: Callable[..., Any]) -> None:
    people = [*EVERYTHING["reps"], person("L", "rep", "North", left_on="2026-06-10"), person("G", "rep", "North", left_on="2026-05-10")]
    warehouse = company(**EVERYTHING | {"reps": people})
    seats = warehouse.seats(OWNER, [JUNE]).collect()
    spans = {
        rep: [row[1:] for row in rows.select("active_from", "active_to", "has_left").iter_rows()]
        for (rep, *_), rows in seats.partition_by("rep_id", as_dict=True).items()
    }
    assert [row[1] for row in seats.filter(pl.col("rep_id") == "R3").select("role", "active_from").iter_rows()] == [
        date(2026, 6, 1),
        date(2026, 6, 16),
    ]
    assert spans["L"] == [(date(2026, 6, 10), True)]
    assert "G" not in spans
    assert warehouse.seats(warehouse.scope("R1", TODAY), [JUNE]).collect()["rep_id"].unique().to_list() == ["R1"]


def test_leavers_are_listed_while_they_were_there(company: Callable[..., Any]) -> None:
    people = [person("R1", "rep", "North"), person("L", "rep", "North", left_on="2026-06-10")]
    warehouse = company(reps=people, orders=EVERYTHING["orders"])
    july = Span("2026-07", date(2026, 7, 1), date(2026, 7, 31), date(2026, 7, 31))
    members = warehouse.members(OWNER, [JUNE, july]).collect().select("period", "rep_id", "left_on").rows()
    assert members == [("2026-06", "L", date(2026, 6, 10)), ("2026-06", "R1", None), ("2026-07", "R1", None)]
    assert warehouse.people(OWNER)["rep_id"].to_list() == ["L", "R1"]  # names for what they did
    assert warehouse.people(OWNER, since=date(2026, 6, 11))["rep_id"].to_list() == ["R1"]
    assert warehouse.members(OWNER, [JUNE], where={"rep_id": ["L"]}).collect()["rep_id"].to_list() == ["L"]


def test_customers_have_names_for_those_who_own_or_served_them(company: Callable[..., Any]) -> None:
    served = {"order_id": "X", "customer_id": "C-R2", "rep_id": "R1", "order_date": "2026-06-20", "net_amount": 1}
    cards = [card | {"contact": "Mr Secret", "phone": "555", "is_key": True, "manual_class": "A"} for card in EVERYTHING["customers"]]
    warehouse = company(**EVERYTHING | {"orders": [*EVERYTHING["orders"], served], "customers": cards})
    rep = warehouse.customers(warehouse.scope("R1", TODAY))
    assert rep.select("customer_id", "customer_name", "owner_id", "region").rows() == [
        ("C-R1", "Customer of R1", "R1", "North"),
        ("C-R2", "Customer of R2", None, None),  # whose it is now is not said
    ]
    assert rep.columns == ["customer_id", "customer_name", "owner_id", "territory_id", "region", "is_key", "manual_class", "status"]
    assert "Secret" not in str(rep.rows())
    for login, seen in SEES.items():
        expected = {f"C-{one}" for one in seen} | ({"C-R2"} if "R1" in seen else set())
        assert set(warehouse.customers(warehouse.scope(login, TODAY))["customer_id"]) == expected, login


def test_rows_behind_a_figure_say_where_they_come_from(warehouse: Warehouse) -> None:
    rows = warehouse.rows("orders", warehouse.scope("R1", TODAY), JUNE)
    assert rows.select("order_id", "net_amount", "file", "row").rows() == [("O-R1", 1, "orders.csv", 2)]


def test_rows_can_be_narrowed_but_never_widened(warehouse: Warehouse) -> None:
    scope = warehouse.scope("M1", TODAY)
    assert set(warehouse.rows("orders", scope, JUNE)["rep_id"]) == {"R1", "I1", "R2"}
    assert warehouse.rows("orders", scope, JUNE, where={"rep_id": ("R2",)})["order_id"].to_list() == ["O-R2"]
    assert warehouse.rows("orders", scope, JUNE, where={"rep_id": ("R3",)}).is_empty()
    assert warehouse.rows("orders", scope, JUNE, where={"rep_id": ("' or true --",)}).is_empty()
    with pytest.raises(KeyError):
        warehouse.rows("orders", scope, JUNE, where={"1=1 or rep_id": ("R2",)})
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
            assert warehouse.rows(name, OWNER, JUNE, where={column: ("none of these",)}).is_empty(), (name, column)


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
    fresh = {row["source"]: row for row in company(orders=EVERYTHING["orders"]).freshness(OWNER).to_dicts()}
    assert set(fresh) == set(SOURCES)
    assert (fresh["orders"]["is_loaded"], fresh["orders"]["rows"], fresh["orders"]["file"]) == (True, 4, "orders.csv")
    assert fresh["orders"]["latest_date"] == date(2026, 6, 20)
    assert (fresh["visits"]["is_loaded"], fresh["visits"]["loaded_at"], fresh["visits"]["rows"]) == (False, None, None)


def test_the_ledger_is_for_those_who_look_after_the_data(warehouse: Warehouse) -> None:
    ledgers = {warehouse.loads: ("A1", "D1"), warehouse.quarantine: ("A1",), warehouse.findings: ("A1",)}
    for read, allowed in ledgers.items():
        for login in ("A1", "D1", "M1", "R1"):
            if login in allowed:
                assert read(warehouse.scope(login, TODAY)).columns
            else:
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


def spans(*days: tuple[int, int, int, int]) -> list[Span]:
    """Spans by year, month, first and last day, seen on 15 June 2026."""
    found = [(date(year, month, first), date(year, month, last)) for year, month, first, last in days]
    return [Span(f"{first}", first, last, min(last, date(2026, 6, 15))) for first, last in found]


def test_what_a_measure_sums_over_a_window_is_what_its_days_sum_to(company) -> None:
    rows = [
        {"order_id": f"O{n}", "customer_id": "C", "rep_id": "R1", "order_date": date(2026, 6, n), "net_amount": n, "cost_amount": 1}
        for n in range(1, 16)
    ]
    warehouse = company(reps=[{"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "East"}], orders=rows)
    asked = spans((2026, 6, 1, 30), (2026, 6, 10, 12))
    summed, by_day = (warehouse.read("sales", OWNER, asked, by=by).collect() for by in ((), ("pair_id",)))
    assert (summed.height, by_day.height) == (3, 15)
    assert summed.schema == by_day.select(summed.columns).schema
    for column in ("revenue", "gross_profit", "order_count", "n_rows"):
        assert summed[column].sum() == by_day[column].sum()
    assert summed.filter(pl.col("date") == date(2026, 6, 10))["revenue"].item() == 10 + 11 + 12


def test_what_falls_due_does_not_bring_later_invoices_into_what_was_invoiced(company: Callable[..., Any]) -> None:
    bill = {"customer_id": "C", "rep_id": "R1", "due_date": "2026-06-25"}
    invoices = [bill | {"invoice_id": day, "invoice_date": f"2026-06-{day}", "amount": int(day)} for day in ("10", "20")]
    warehouse = company(reps=[person("R1", "rep", "East")], invoices=invoices, as_of=TODAY)
    asked = parse("2026-06", date(2026, 6, 15))  # the second is not written yet
    found = evaluate(warehouse, OWNER, [get("due_amount"), get("invoiced")], [asked])
    assert {name: frame["value"].item() for name, frame in found.items()} == {"due_amount": 10, "invoiced": 10}


def test_no_kpi_looks_ahead_in_rows_that_come_summed() -> None:
    assert not [name for name, kpi in CATALOG.items() if getattr(kpi, "ahead", False) and READS[kpi.reads].is_summed]
    assert [name for name, read in READS.items() if read.is_summed] == ["sales", "visits", "visit_plans", "cash"]
