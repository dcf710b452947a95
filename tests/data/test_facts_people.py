"""Who was where on which day: postings, managers, partners, owners, places and cards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb

from data import build

Built = Callable[..., duckdb.DuckDBPyConnection]
EVER, NEVER = date(1, 1, 1), date(9999, 12, 31)


def posting(con: duckdb.DuckDBPyConnection, rep: str, day: str, column: str) -> Any:
    """One column of the one posting a rep has on a day."""
    query = "select * from fact.postings where rep_id = $rep and $day::date between valid_from and valid_to"
    [row] = con.sql(query, params={"rep": rep, "day": day}).pl().to_dicts()
    return row[column]


def spans(con: duckdb.DuckDBPyConnection, rep: str) -> list[tuple[date, date]]:
    query = "select valid_from, valid_to from fact.postings where rep_id = $rep order by valid_from"
    return con.sql(query, params={"rep": rep}).fetchall()


MOVED = [
    {"rep_id": "R1", "territory_id": "T1", "region": "North", "valid_to": "2026-06-15"},
    {"rep_id": "R1", "territory_id": "T2", "region": "South", "valid_from": "2026-06-16"},
]


def test_a_rep_who_moved_on_16_june_has_two_postings(built: Built) -> None:
    con = built(reps=MOVED)
    assert spans(con, "R1") == [(EVER, date(2026, 6, 15)), (date(2026, 6, 16), NEVER)]
    assert posting(con, "R1", "2026-06-15", "region") == "North"
    assert posting(con, "R1", "2026-06-16", "region") == "South"


def test_an_open_end_may_be_written_as_2099(built: Built) -> None:
    con = built(reps=[{"rep_id": "R1", "valid_from": "2026-01-01", "valid_to": "2099-12-31"}])
    assert spans(con, "R1") == [(date(2026, 1, 1), NEVER)]


def test_the_region_comes_from_the_list_of_territories_where_there_is_one(built: Built) -> None:
    reps = [
        {"rep_id": "R1", "territory_id": "T1", "region": "typed"},
        {"rep_id": "R2", "region": "own"},
        {"rep_id": "R3", "territory_id": "T9", "region": "own"},
    ]
    con = built(reps=reps, territories=[{"territory_id": "T1", "name": "One", "region": "North"}])
    assert [posting(con, rep, "2026-06-01", "region") for rep in ("R1", "R2", "R3")] == ["North", "own", "own"]


def test_without_a_list_a_territory_lies_where_its_people_agree_it_lies(built: Built) -> None:
    con = built(reps=[*MOVED, {"rep_id": "R2", "territory_id": "T1", "region": "East"}])
    found = con.sql("select territory_id, region, is_listed from fact.territories order by territory_id").fetchall()
    assert found == [("T1", None, False), ("T2", "South", False)]


def test_several_roles_are_kept_apart_and_none_is_a_rep(built: Built) -> None:
    con = built(reps=[{"rep_id": "R1", "role": "kam; regional_manager"}, {"rep_id": "R2"}])
    assert con.sql("select roles, is_seller from fact.people order by rep_id").fetchall() == [
        (["kam", "regional_manager"], True),
        (["rep"], True),
    ]


def test_the_chain_of_managers_holds_who_has_that_role_on_that_day(built: Built) -> None:
    reps = [
        {"rep_id": "D1", "role": "director"},
        {"rep_id": "M1", "role": "rep", "manager_id": "D1", "valid_to": "2026-03-31"},
        {"rep_id": "M1", "role": "regional_manager", "manager_id": "D1", "valid_from": "2026-04-01"},
        {"rep_id": "L1", "role": "rep", "manager_id": "M1"},
        {"rep_id": "R1", "role": "rep", "manager_id": "L1", "valid_to": "2026-05-31"},
        {"rep_id": "R1", "role": "rep", "manager_id": "D1", "valid_from": "2026-06-01"},
    ]
    con = built(reps=reps)
    assert posting(con, "R1", "2026-03-31", "manager_ids") == ["D1"]
    assert posting(con, "R1", "2026-04-01", "manager_ids") == ["D1", "M1"]
    assert posting(con, "R1", "2026-06-01", "manager_ids") == ["D1"]
    assert posting(con, "D1", "2026-06-01", "manager_ids") == []


def test_a_gap_in_the_chain_ends_it_for_those_days(built: Built) -> None:
    reps = [
        {"rep_id": "D1", "role": "director"},
        {"rep_id": "M1", "role": "regional_manager", "manager_id": "D1", "valid_from": "2026-02-01", "valid_to": "2026-02-28"},
        {"rep_id": "R1", "manager_id": "M1"},
    ]
    con = built(reps=reps)
    assert [posting(con, "R1", day, "manager_ids") for day in ("2026-01-31", "2026-02-01", "2026-03-01")] == [[], ["D1", "M1"], []]


def test_managers_in_a_circle_do_not_stop_the_build(built: Built) -> None:
    reps = [
        {"rep_id": "M1", "role": "regional_manager", "manager_id": "M2"},
        {"rep_id": "M2", "role": "regional_manager", "manager_id": "M1"},
        {"rep_id": "R1", "manager_id": "M1"},
        {"rep_id": "R2", "role": "regional_manager", "manager_id": "R2"},
    ]
    con = built(reps=reps)
    assert posting(con, "R1", "2026-06-01", "manager_ids") == ["M1", "M2"]
    assert posting(con, "M1", "2026-06-01", "manager_ids") == ["M2"]
    assert posting(con, "R2", "2026-06-01", "manager_ids") == []


def test_an_inside_partner_counts_while_both_are_in_the_pair(built: Built) -> None:
    reps = [
        {"rep_id": "R1", "pair_id": "P1"},
        {"rep_id": "I1", "role": "inside", "pair_id": "P1", "valid_to": "2026-04-30"},
        {"rep_id": "I1", "role": "inside", "pair_id": "P2", "valid_from": "2026-05-01"},
        {"rep_id": "I2", "role": "inside", "pair_id": "P1", "valid_from": "2026-05-11"},
    ]
    con = built(reps=reps)
    days = ("2026-04-30", "2026-05-01", "2026-05-11")
    assert [posting(con, "R1", day, "partner_ids") for day in days] == [["I1"], [], ["I2"]]
    assert posting(con, "I1", "2026-04-30", "partner_ids") == []


def test_overlapping_assignments_of_one_person_fail_the_audit(built: Built) -> None:
    reps = [{"rep_id": "R1", "region": "North", "valid_to": "2026-06-16"}, {"rep_id": "R1", "region": "South", "valid_from": "2026-06-16"}]
    assert "postings_overlap" in build.audit(built(reps=reps))
    assert build.audit(built(reps=MOVED)) == []


def test_an_export_without_days_shows_a_move_by_its_versions(built: Built) -> None:
    reps = [
        {"rep_id": "R1", "region": "North", "_load_id": 1, "_replaced_by": 4},
        {"rep_id": "R1", "region": "South", "_load_id": 4, "_from": "2026-06-16"},
    ]
    con = built(reps=reps)
    assert spans(con, "R1") == [(EVER, date(2026, 6, 15)), (date(2026, 6, 16), NEVER)]
    assert posting(con, "R1", "2026-06-15", "region") == "North"


def test_days_given_later_take_the_place_of_versions(built: Built) -> None:
    reps = [
        {"rep_id": "R1", "region": "North", "_load_id": 1, "_replaced_by": 4},
        {"rep_id": "R1", "region": "North", "valid_to": "2026-05-31", "_load_id": 4, "_from": "2026-06-20"},
        {"rep_id": "R1", "region": "South", "valid_from": "2026-06-01", "_load_id": 4},
    ]
    assert spans(built(reps=reps), "R1") == [(EVER, date(2026, 5, 31)), (date(2026, 6, 1), NEVER)]


def test_a_person_is_placed_where_they_are_on_the_day_of_the_data(built: Built) -> None:
    def place(as_of: str) -> Any:
        [found] = built(reps=MOVED, as_of=as_of).sql("select territory_id, region from fact.people").fetchall()
        return found

    assert place("2026-06-15") == ("T1", "North")
    assert place("2026-06-16") == ("T2", "South")


def test_a_customer_handed_over_has_the_old_owner_until_the_day_before(built: Built) -> None:
    customers = [
        {"customer_id": "C1", "owner_id": "R1", "_load_id": 1, "_replaced_by": 2},
        {"customer_id": "C1", "owner_id": "R1", "_load_id": 2, "_from": "2026-05-01", "_replaced_by": 3},
        {"customer_id": "C1", "owner_id": "R2", "_load_id": 3, "_from": "2026-06-10"},
    ]
    con = built(customers=customers, reps=[{"rep_id": "R1"}])
    assert con.sql("select rep_id, valid_from, valid_to from fact.owners order by valid_from").fetchall() == [
        ("R1", EVER, date(2026, 4, 30)),
        ("R1", date(2026, 5, 1), date(2026, 6, 9)),
        ("unknown (R2)", date(2026, 6, 10), NEVER),
    ]


def test_two_owners_within_a_day_leave_the_later_one(built: Built) -> None:
    customers = [
        {"customer_id": "C1", "owner_id": "R1", "_load_id": 1, "_from": "2026-06-10", "_replaced_by": 2},
        {"customer_id": "C1", "owner_id": "R2", "_load_id": 2, "_from": "2026-06-10", "_replaced_by": 3},
        {"customer_id": "C1", "owner_id": "R3", "_load_id": 3, "_from": "2026-06-10"},
    ]
    con = built(customers=customers)
    assert con.sql("select rep_id, valid_from, valid_to from fact.owners order by valid_from").fetchall() == [
        ("R1", EVER, date(2026, 6, 9)),
        ("R3", date(2026, 6, 10), NEVER),
    ]


def test_a_customer_card_hides_contact_data_and_takes_the_owners_territory(built: Built) -> None:
    customers = [
        {"customer_id": "C1", "owner_id": "R1", "contact": "Ms Li", "phone": " ", "_load_id": 1, "_replaced_by": 2},
        {"customer_id": "C1", "owner_id": "R1", "contact": None, "phone": "021", "_load_id": 2},
        {"customer_id": "C2", "owner_id": "R1", "territory_id": "T9"},
    ]
    con = built(customers=customers, reps=MOVED[1:])
    assert con.sql("select customer_id, territory_id, region, has_contact, has_phone from fact.customers order by 1").fetchall() == [
        ("C1", "T2", "South", False, True),
        ("C2", "T9", None, False, False),
    ]


def test_a_price_card_holds_from_its_day_and_a_correction_replaces_it(built: Built) -> None:
    products = [
        {"product_id": "P1", "product_line": "sea", "unit_cost": 5, "valid_from": "2026-01-01", "_replaced_by": 2},
        {"product_id": "P1", "product_line": "sea", "unit_cost": 6, "valid_from": "2026-01-01", "_load_id": 2},
        {"product_id": "P1", "product_line": "sea", "unit_cost": 7, "valid_from": "2026-03-01"},
        {"product_id": "P2", "product_line": "air", "unit_cost": 1, "_replaced_by": 2},
        {"product_id": "P2", "product_line": "air", "unit_cost": 2, "_load_id": 2, "_from": "2026-02-01"},
    ]
    con = built(products=products)
    assert con.sql("select product_id, unit_cost::int, valid_from, valid_to from fact.products order by 1, 3").fetchall() == [
        ("P1", 6, date(2026, 1, 1), date(2026, 2, 28)),
        ("P1", 7, date(2026, 3, 1), NEVER),
        ("P2", 1, EVER, date(2026, 1, 31)),
        ("P2", 2, date(2026, 2, 1), NEVER),
    ]


SPANS = [
    {"customer_id": "C1", "rep_id": "R1", "valid_to": "2026-06-15"},
    {"customer_id": "C1", "rep_id": "R2", "valid_from": "2026-06-20"},
]


def test_a_list_of_assignments_says_whose_a_customer_was_whatever_the_card_says(built: Built) -> None:
    customers = [{"customer_id": "C1", "owner_id": "R9"}, {"customer_id": "C2", "owner_id": "R9"}]
    con = built(assignments=SPANS, customers=customers, reps=[{"rep_id": "R1"}, {"rep_id": "R9"}])
    assert con.sql("select customer_id, rep_id, valid_from, valid_to from fact.owners order by 1, 3").fetchall() == [
        ("C1", "R1", EVER, date(2026, 6, 15)),
        ("C1", "unknown (R2)", date(2026, 6, 20), NEVER),
        ("C2", "R9", EVER, NEVER),
    ]


def test_a_row_between_two_assignments_is_nobodys(built: Built) -> None:
    orders = [{"order_id": day, "customer_id": "C1", "order_date": f"2026-06-{day}", "net_amount": 5} for day in ("15", "16", "19", "20")]
    con = built(assignments=SPANS, orders=orders)
    assert con.sql("select order_id, rep_id from fact.orders order by 1").fetchall() == [
        ("15", "R1"),
        ("16", "unassigned"),
        ("19", "unassigned"),
        ("20", "R2"),
    ]


def test_two_owners_on_one_day_fail_the_audit(built: Built) -> None:
    assert build.audit(built(assignments=SPANS)) == []
    doubled = [SPANS[0], {"customer_id": "C1", "rep_id": "R2", "valid_from": "2026-06-15"}]
    assert build.audit(built(assignments=doubled)) == ["assignments_overlap"]
