"""The focus list: large customers, key accounts and prospects near a contract, typed in one by one, each with what comes next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from i18n import translator
from kpi import focus

DAY = date(2026, 10, 20)
CUSTOMERS = pl.DataFrame(
    [("BIG", "R1", False, Decimal(900), "A"), ("KEY", "R1", True, Decimal(50), "C"), ("BOTH", "R2", True, Decimal(800), "A"),
     ("SMALL", "R2", False, Decimal(70), "B"), ("MUTE", "R2", False, Decimal(60), None)],
    schema=["customer_id", "rep_id", "is_key", "revenue", "customer_class"], orient="row",
)  # fmt: skip
PROSPECTS = pl.DataFrame(
    [("P1", "BIG", "R1", "A", Decimal(300), date(2026, 10, 18), "follow"), ("P2", None, "R2", "A", None, DAY, "abandon"),
     ("P3", None, "R2", "B", Decimal(999), DAY, "follow")],
    schema=["prospect_id", "customer_id", "rep_id", "prospect_class", "est_value", "next_visit_on", "followup"], orient="row",
)  # fmt: skip
PLANS = pl.DataFrame(
    [("BIG", None, date(2026, 10, 28)), ("BIG", None, date(2026, 10, 24))],
    schema={"customer_id": pl.String, "prospect_id": pl.String, "planned_date": pl.Date}, orient="row",
)  # fmt: skip
OWED = pl.DataFrame({"customer_id": ["BOTH", "BIG"], "unplanned": [2, 0], "end_on": [date(2026, 10, 31)] * 2})


def listed(*parts: pl.DataFrame | None) -> list[tuple[Any, ...]]:
    """Who, why, what next and when, in order."""
    rows = focus.focus(*parts).select(pl.coalesce("prospect_id", "customer_id"), "reasons", "next", "next_on")
    return list(rows.iter_rows())


def test_large_customers_key_accounts_and_near_prospects_are_one_list_and_who_has_nothing_agreed_leads() -> None:
    assert listed(CUSTOMERS, PROSPECTS, PLANS, OWED) == [
        ("BOTH", ["is_large", "is_key"], "owed", date(2026, 10, 31)),
        ("KEY", ["is_key"], "nothing", None),
        ("P2", ["is_hot"], "nothing", None),  # given up: the day on its card binds nobody; worth nobody knows what, it comes last
        ("BIG", ["is_large"], "planned", date(2026, 10, 24)),
        ("P1", ["is_hot"], "promised", date(2026, 10, 18)),  # a need of a large customer is a party of its own
    ]


def test_without_visits_nobody_says_that_nothing_is_agreed() -> None:
    assert [(who, step) for who, _, step, _ in listed(CUSTOMERS, PROSPECTS, None, None)] == [
        ("BIG", "unknown"),
        ("BOTH", "unknown"),
        ("P1", "promised"),
        ("KEY", "unknown"),
        ("P2", "unknown"),
    ]


def test_one_of_the_two_files_is_enough() -> None:
    assert [who for who, *_ in listed(CUSTOMERS, None, PLANS, OWED)] == ["BOTH", "KEY", "BIG"]
    assert [who for who, *_ in listed(None, PROSPECTS, PLANS, None)] == ["P2", "P1"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_and_step_has_words(lang: str) -> None:
    say = translator(lang)
    assert all(say(key, **values) != key for key, values in focus.reasons({"reasons": focus.FLAGS}))
    assert all(f"pages_visits.next_{step}" in say for step in focus.NEXT)
