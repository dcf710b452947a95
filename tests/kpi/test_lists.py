"""Who answers for the customers at risk."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from kpi.lists import digest

RISKS = pl.DataFrame(
    [("C1", "East", "R1", 500), ("C2", "East", "R2", 300), ("C3", "North", "R3", 900), ("C4", "East", "R1", 200), ("C5", None, "X", 10)],
    schema=["customer_id", "region", "rep_id", "revenue"], orient="row",
).with_columns(pl.col("revenue").cast(pl.Decimal(38, 4)))  # fmt: skip


def test_each_manager_answers_for_the_customers_of_the_region_and_the_most_at_stake_leads() -> None:
    # of the 1,000 in the East the largest alone holds half
    assert digest(RISKS, "region").rows() == [("East", 3, Decimal(1000), 1), ("North", 1, Decimal(900), 1), (None, 1, Decimal(10), 1)]


def test_what_the_people_answer_for_adds_up_to_the_same() -> None:
    people = digest(RISKS, "rep_id")
    assert people["rep_id"].to_list() == ["R3", "R1", "R2", "X"]
    assert (people["customers"].sum(), people["revenue"].sum()) == (5, Decimal(1910))


def test_nobody_at_risk_is_an_empty_digest() -> None:
    assert digest(pl.DataFrame(), "region").is_empty()
