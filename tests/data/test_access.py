"""Who sees which rows: everybody starts with nothing, and each right is added by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest

from data.access import OWNER, PREDICATE, Scope, parameters, scope_for
from data.config import Settings
from data.errors import NotAllowed

TODAY = date(2026, 7, 1)
Built = Callable[..., duckdb.DuckDBPyConnection]

REPS = [
    {"rep_id": "D1", "role": "director", "login": "boss@x.cn", "region": "HQ"},
    {"rep_id": "M1", "role": "regional_manager", "login": "north@x.cn", "region": "North", "manager_id": "D1"},
    {"rep_id": "M2", "role": "regional_manager", "login": "south@x.cn", "region": "South"},
    {"rep_id": "R1", "role": "rep", "login": "R1@X.cn ", "region": "North", "manager_id": "M1", "pair_id": "P1"},
    {"rep_id": "R2", "role": "rep", "region": "South", "manager_id": "M1"},
    {"rep_id": "I1", "role": "inside", "login": "in@x.cn", "region": "North", "pair_id": "P1"},
    {"rep_id": "A1", "role": "admin", "login": "it@x.cn"},
]
ORDERS = [
    {"order_id": f"O-{rep}", "customer_id": "C1", "rep_id": rep, "ship_date": "2026-06-05", "net_amount": "100"}
    for rep in ("M1", "R1", "R2", "I1", "X9")
] + [{"order_id": "O-none", "customer_id": "C1", "ship_date": "2026-06-05", "net_amount": "100"}]


def scope_of(con: duckdb.DuckDBPyConnection, login: str, today: date = TODAY, **settings: Any) -> Scope:
    return scope_for(con.sql("from fact.people").pl(), con.sql("from fact.postings").pl(), Settings(**settings), login, today)


def seen(con: duckdb.DuckDBPyConnection, scope: Scope) -> set[str]:
    """The orders a scope opens."""
    rows = con.sql(f"select order_id from fact.orders where {PREDICATE}", params=parameters(scope)).fetchall()
    return {order_id for (order_id,) in rows}


@pytest.fixture
def con(built: Built) -> duckdb.DuckDBPyConnection:
    return built(reps=REPS, orders=ORDERS, customers=[{"customer_id": "C1"}])


@pytest.mark.parametrize("login", ["", "  ", "nobody@x.cn", "R1", "R9"])
def test_a_login_nobody_has_opens_nothing(con: duckdb.DuckDBPyConnection, login: str) -> None:
    with pytest.raises(NotAllowed):
        scope_of(con, login)


def test_a_scope_with_empty_lists_sees_no_row(con: duckdb.DuckDBPyConnection) -> None:
    assert seen(con, Scope("x", frozenset({"rep"}), (), ())) == set()


@pytest.mark.parametrize(
    ("login", "rep", "orders"),
    [
        ("boss@x.cn", "R1", {"O-R1"}),
        ("boss@x.cn", "I1", {"O-I1", "O-R1"}),  # an inside rep sees the partner's too
        ("north@x.cn", "R2", {"O-R2"}),  # who reports to the manager from another region
        ("south@x.cn", "R1", set()),
        ("north@x.cn", "R9", set()),
    ],
)
def test_looking_through_the_eyes_of_a_rep_shows_what_both_may_see(
    con: duckdb.DuckDBPyConnection, login: str, rep: str, orders: set[str]
) -> None:
    assert seen(con, scope_of(con, login).through(rep)) == orders


def test_a_login_is_trimmed_and_its_case_ignored(con: duckdb.DuckDBPyConnection) -> None:
    assert scope_of(con, " r1@x.CN").reps == ("R1",)


def test_a_rep_sees_own_rows_only(con: duckdb.DuckDBPyConnection) -> None:
    assert seen(con, scope_of(con, "r1@x.cn")) == {"O-R1"}


def test_a_person_without_login_is_addressed_by_rep_id(con: duckdb.DuckDBPyConnection) -> None:
    assert seen(con, scope_of(con, "R2")) == {"O-R2"}


def test_a_rep_id_is_no_login_for_who_signs_in(con: duckdb.DuckDBPyConnection) -> None:
    """Where a provider lets people choose their name, somebody could call himself R2."""
    people, postings = con.sql("from fact.people").pl(), con.sql("from fact.postings").pl()
    with pytest.raises(NotAllowed):
        scope_for(people, postings, Settings(), "R2", TODAY, by_id=False)
    assert scope_for(people, postings, Settings(), "r1@x.cn", TODAY, by_id=False).reps == ("R1",)


def test_an_inside_rep_also_sees_the_partner(con: duckdb.DuckDBPyConnection) -> None:
    assert seen(con, scope_of(con, "in@x.cn")) == {"O-I1", "O-R1"}


def test_a_manager_sees_the_region_and_everyone_below(con: duckdb.DuckDBPyConnection) -> None:
    # R2 works in the South but reports to the northern manager; both managers see the rows
    assert seen(con, scope_of(con, "north@x.cn")) == {"O-M1", "O-R1", "O-I1", "O-R2"}
    assert seen(con, scope_of(con, "south@x.cn")) == {"O-R2"}


def test_rows_of_nobody_and_of_unknown_reps_are_for_directors(con: duckdb.DuckDBPyConnection) -> None:
    everything = {f"O-{rep}" for rep in ("M1", "R1", "R2", "I1", "X9", "none")}
    assert seen(con, scope_of(con, "boss@x.cn")) == everything
    assert seen(con, OWNER) == everything


def test_unknown_reps_rows_stay_closed_to_the_manager_of_their_region(built: Built) -> None:
    territories = [{"territory_id": "T1", "name": "T1", "region": "North"}]
    orders = [{"order_id": "O1", "customer_id": "C1", "rep_id": "X9", "territory_id": "T1", "ship_date": "2026-06-05", "net_amount": 1}]
    con = built(reps=REPS, territories=territories, orders=orders)
    assert con.sql("select rep_id, region from fact.orders").fetchall() == [("unknown (X9)", "North")]
    assert seen(con, scope_of(con, "north@x.cn")) == set()


def test_an_administrator_sees_no_business_rows(con: duckdb.DuckDBPyConnection) -> None:
    scope = scope_of(con, "it@x.cn")
    assert scope.roles == {"admin"}
    assert seen(con, scope) == set()


def test_settings_name_administrators_and_directors(con: duckdb.DuckDBPyConnection) -> None:
    assert seen(con, scope_of(con, "CFO@x.cn", directors=("cfo@x.cn",))) == seen(con, OWNER)
    assert scope_of(con, "ops@x.cn", admins=("ops@x.cn",)) == Scope("ops@x.cn", frozenset({"admin"}), (), ())
    assert scope_of(con, "r1@x.cn", admins=("r1@x.cn",)).roles == {"rep", "admin"}


def test_a_blocked_login_is_out_whatever_else_it_is(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotAllowed):
        scope_of(con, "Boss@x.cn", blocked=("boss@X.cn",), directors=("boss@x.cn",))


def test_a_leaver_is_out_from_the_day_after_the_last_day(built: Built) -> None:
    con = built(reps=[{"rep_id": "R1", "login": "r1", "left_on": "2026-06-30"}])
    assert scope_of(con, "r1", date(2026, 6, 30)).reps == ("R1",)
    with pytest.raises(NotAllowed):
        scope_of(con, "r1", date(2026, 7, 1))
    with pytest.raises(NotAllowed):
        scope_of(con, "r1", date(2026, 7, 1), directors=("r1",))


def test_an_assignment_gives_rights_on_its_days_only(built: Built) -> None:
    con = built(reps=[{"rep_id": "M1", "role": "regional_manager", "region": "North", "login": "m", "valid_from": "2026-06-16"}])
    with pytest.raises(NotAllowed):
        scope_of(con, "m", date(2026, 6, 15))
    assert scope_of(con, "m", date(2026, 6, 16)).regions == ("North",)


def test_a_manager_who_moved_keeps_no_rights_in_the_old_region(built: Built) -> None:
    moved = [
        {"rep_id": "M1", "role": "regional_manager", "region": "North", "login": "m", "valid_to": "2026-06-15"},
        {"rep_id": "M1", "role": "regional_manager", "region": "South", "login": "m", "valid_from": "2026-06-16"},
    ]
    assert scope_of(built(reps=moved), "m").regions == ("South",)


def test_a_manager_without_region_sees_only_who_reports_to_them(built: Built) -> None:
    reps = [{"rep_id": "M1", "role": "regional_manager", "login": "m"}, {"rep_id": "R1", "manager_id": "M1"}, {"rep_id": "R2"}]
    con = built(reps=reps, orders=ORDERS, customers=[{"customer_id": "C1"}])
    assert scope_of(con, "m").regions == ()
    assert seen(con, scope_of(con, "m")) == {"O-M1", "O-R1"}


def test_one_login_on_two_people_is_the_union_with_each_role_in_its_place(built: Built) -> None:
    reps = [
        {"rep_id": "I1", "role": "inside", "login": "both", "pair_id": "P1"},
        {"rep_id": "M1", "role": "regional_manager", "login": "BOTH ", "region": "North"},
        {"rep_id": "R1", "pair_id": "P1", "region": "South"},
    ]
    scope = scope_of(built(reps=reps), "both")
    assert scope.roles == {"inside", "regional_manager"}
    assert scope.reps == ("I1", "M1")
    assert (scope.inside, scope.managers, scope.regions) == (("I1",), ("M1",), ("North",))


def test_a_login_that_looks_like_somebody_elses_rep_id_is_the_login(built: Built) -> None:
    con = built(reps=[{"rep_id": "R1", "login": "R2"}, {"rep_id": "R2"}])
    assert scope_of(con, "R2").reps == ("R1",)


def test_a_person_no_longer_in_the_list_is_out_and_keeps_the_rows(built: Built) -> None:
    con = built(reps=[{"rep_id": "R1", "login": "r1", "_replaced_by": 2}, {"rep_id": "R2"}], orders=ORDERS)
    assert con.sql("select rep_id from fact.orders where order_id = 'O-R1'").fetchall() == [("R1",)]
    for name in ("r1", "R1"):
        with pytest.raises(NotAllowed):
            scope_of(con, name)


def test_rights_to_a_row_go_by_the_rows_own_date(built: Built) -> None:
    # R1 moved from North (under M1) to South (under M2) on 16 June
    reps = [
        {"rep_id": "M1", "role": "regional_manager", "region": "North", "login": "north"},
        {"rep_id": "M2", "role": "regional_manager", "region": "South", "login": "south"},
        {"rep_id": "R1", "region": "North", "manager_id": "M1", "valid_to": "2026-06-15"},
        {"rep_id": "R1", "region": "South", "manager_id": "M2", "valid_from": "2026-06-16"},
    ]
    orders = [
        {"order_id": "old", "customer_id": "C1", "rep_id": "R1", "ship_date": "2026-06-15", "net_amount": 1},
        {"order_id": "new", "customer_id": "C1", "rep_id": "R1", "ship_date": "2026-06-16", "net_amount": 1},
    ]
    con = built(reps=reps, orders=orders)
    assert seen(con, scope_of(con, "north")) == {"old"}
    assert seen(con, scope_of(con, "south")) == {"new"}
    assert seen(con, scope_of(con, "R1")) == {"old", "new"}


def test_the_refusal_shows_the_login_escaped(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotAllowed) as refused:
        scope_of(con, "x\ny")
    assert (refused.value.code, refused.value.params) == ("not_allowed", {"login": "x\\x0ay"})
