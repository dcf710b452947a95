"""Customers side by side: who is in which list, and what the lists add up to."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from kpi.segments import by_class, cells, compared, concentration, customer_list, key_mismatches, quadrants, segments, served

DAY = date(2026, 6, 1)


def bought(customer, revenue, visits=0, abc="A", **more):
    """One row of the list."""
    usual = {"rep_id": "R1", "is_key": False, "is_active": True, "orders": 1, "last_order_on": DAY, "rfm_segment": "loyal"}
    scores = {"r": 3, "f": 3, "m": 3}
    amounts = {name: Decimal(revenue) for name in ("revenue", "costed_revenue")} | {"gross_profit": Decimal(revenue) / 10}
    return usual | scores | amounts | {"customer_id": customer, "visits": visits, "abc_class": abc} | more


def listed(*rows):
    money = dict.fromkeys(("revenue", "costed_revenue", "gross_profit"), pl.Decimal(38, 4))
    return pl.DataFrame(list(rows), schema_overrides=money | {"visits": pl.Int64})


def test_a_list_joins_what_is_known_and_leaves_out_who_never_bought() -> None:
    portfolio = pl.DataFrame({
        "customer_id": ["small", "large", "never"], "rep_id": ["R1", "R1", "R1"], "is_key": [False, True, False],
        "is_active": [True, True, False], "revenue": [1, 9, 0], "revenue_then": [0, 5, 0], "gross_profit": [0, 1, 0],
        "costed_revenue": [1, 9, 0], "orders_in_year": [1, 4, 0], "first_order_on": [DAY, DAY, None], "last_order_on": [DAY, DAY, None],
    })  # fmt: skip
    abc = pl.DataFrame({"customer_id": ["small", "large", "never"], "value": ["C", "A", "N"]})
    rfm = pl.DataFrame({"customer_id": ["large"], "value": ["5-4-3"], "score_r": [5.0], "score_f": [4.0], "score_m": [3.0]})
    rows = customer_list(portfolio, {"abc_class": abc, "rfm": rfm}, pl.DataFrame({"customer_id": ["large"], "value": [7]}))
    assert rows.select("customer_id", "abc_class", "rfm", "r", "visits").rows() == [
        ("large", "A", "5-4-3", 5, 7),
        ("small", "C", None, None, 0),
    ]
    assert customer_list(portfolio, {"abc_class": abc, "rfm": rfm}, None)["visits"].to_list() == [None, None]  # not known is not none


def test_every_customer_is_in_one_quadrant() -> None:
    rows = quadrants(listed(bought("a", 100, 10), bought("b", 1, 9), bought("c", 90, 1), bought("d", 2, 0)))
    assert dict(rows.select("customer_id", "quadrant").iter_rows()) == {
        "a": "much_much", "b": "much_little", "c": "little_much", "d": "little_little",
    }  # fmt: skip


def test_the_curve_of_the_few_rises_from_the_largest_to_all() -> None:
    rows = concentration(listed(bought("a", 10), bought("b", 80), bought("c", 10), bought("returned", -5)))
    assert rows["customer_share"].to_list() == pytest.approx([1 / 3, 2 / 3, 1])
    assert rows["revenue_share"].to_list() == pytest.approx([0.8, 0.9, 1])
    assert concentration(listed(*(bought(f"{n:03}", 1) for n in range(250)))).height <= 100


def test_classes_and_segments_add_up_to_the_list() -> None:
    rows = listed(bought("a", 80, 5), bought("b", 15, 2, "B"), bought("c", 5, 1, "C", rfm_segment="fading"), bought("n", 0, 4, "N"))
    classes = by_class(rows)
    assert classes["abc_class"].to_list() == ["A", "B", "C", "N"]
    assert classes["revenue_share"].to_list() == pytest.approx([0.8, 0.15, 0.05, 0])
    assert classes["visits"].sum() == 12
    assert segments(rows).select("rfm_segment", "customers", "revenue").rows() == [("loyal", 3, 95), ("fading", 1, 5)]


def test_every_scored_customer_is_in_one_cell() -> None:
    rows = listed(
        bought("a", 80, f=5, m=5), bought("b", 70, f=5, m=5), bought("c", 1, f=1, m=2), bought("dormant", 0, r=None, f=None, m=None)
    )
    assert cells(rows, "f", "m").select("row", "column", "customers", "gross_profit").rows() == [(1, 2, 1, Decimal("0.1")), (5, 5, 2, 15)]


def test_flag_and_size_may_disagree_both_ways() -> None:
    rows = listed(
        bought("right", 90, is_key=True), bought("unflagged", 80), bought("young", 70), 
        bought("small", 5, abc="C", is_key=True), bought("x", 1, abc="C"),
    )  # fmt: skip
    found = key_mismatches(rows, pl.DataFrame({"customer_id": ["right", "unflagged"]}))
    assert found.select("customer_id", "reason").rows() == [("unflagged", "suggest"), ("small", "doubt")]


def test_key_accounts_stand_beside_the_rest() -> None:
    rows = listed(bought("a", 60, 8, is_key=True, orders=6), bought("b", 30, 2, orders=2), bought("c", 10, 0, orders=1, is_active=False))
    key, rest = compared(rows).to_dicts()
    assert (key["is_key"], key["customers"], key["revenue_share"], key["visits_each"]) == (True, 1, 0.6, 8)
    assert (rest["customers"], rest["active"], rest["revenue_each"], rest["orders_each"]) == (2, 1, 20, 1.5)
    assert rest["margin"] == pytest.approx(0.1)


def test_groups_are_compared_by_re_dividing_and_not_by_a_mean_of_customers() -> None:
    customers = pl.DataFrame({"customer_id": ["K1", "K2", "C1"], "is_key": [True, True, False]})
    parts = pl.DataFrame({"customer_id": ["K1", "K2"], "numerator": [1, 1], "denominator": [10, 90]})
    found = served(customers, {"complaint_rate": parts}, {"complaint_rate": 100})
    assert found.to_dicts() == [{"is_key": True, "complaint_rate": 2.0}, {"is_key": False, "complaint_rate": None}]  # the mean would be 5.6
