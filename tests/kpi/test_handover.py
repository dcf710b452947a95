"""What people who have left still hold: customers, open money, prospects."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from kpi.handover import open_work

CUSTOMERS = pl.DataFrame(
    [("C1", "gone", None), ("C2", "here", None), ("C3", "gone", "inactive"), ("C4", "unassigned", None), ("C5", None, None)],
    schema=["customer_id", "owner_id", "status"],
    orient="row",
)
INVOICES = pl.DataFrame(
    [("C1", "gone", 100, 5), ("C1", "gone", 50, 0), ("C2", "gone", 30, 9), ("C2", "here", 999, 9)],
    schema={"customer_id": pl.String, "rep_id": pl.String, "open_amount": pl.Decimal(38, 4), "days_late": pl.Int64},
    orient="row",
)
PROSPECTS = pl.DataFrame(
    [("P1", "gone", 700), ("P2", "here", 800)],
    schema={"prospect_id": pl.String, "rep_id": pl.String, "est_value": pl.Decimal(38, 4)},
    orient="row",
)


def work(*sources: pl.DataFrame | None) -> list[tuple]:
    found = open_work(*sources, left=["gone"])
    return found.select("kind", "rep_id", "customer_id", "prospect_id", "open_amount", "overdue_amount").rows()


def test_customers_money_and_prospects_of_who_left_are_listed_the_most_money_first() -> None:
    assert work(CUSTOMERS, INVOICES, PROSPECTS) == [
        ("customer", "gone", "C1", None, Decimal(150), Decimal(100)),
        ("money", "gone", "C2", None, Decimal(30), Decimal(30)),  # the customer has a new owner, the money has not
        ("prospect", "gone", None, "P1", None, None),
        ("customer", "unassigned", "C4", None, None, None),
    ]


def test_what_was_never_loaded_is_left_out() -> None:
    assert work(None, INVOICES, None) == [
        ("money", "gone", "C1", None, Decimal(150), Decimal(100)),
        ("money", "gone", "C2", None, Decimal(30), Decimal(30)),
    ]
    assert [row[2] for row in work(CUSTOMERS, None, None)] == ["C1", "C4"]
    assert work(None, None, None) == []
