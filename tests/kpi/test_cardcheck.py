"""The weekly card check, by cards typed in one by one: today is Wednesday 21 October 2026, a card is stale after 90 days."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from i18n import translator
from kpi.cardcheck import by_rep, check, gaps, reasons
from kpi.config import Config

TODAY = date(2026, 10, 21)
FIELDS = ("contact", "city")
CONFIG = Config(card_fields=FIELDS, card_fresh_days=90)
_DATES = {"created_on": pl.Date, "first_order_on": pl.Date, "updated_on": pl.Datetime}


def card(customer: str, **more: Any) -> dict[str, Any]:
    """A full card of Ann's, touched yesterday a month ago, of a customer that buys."""
    known = {"customer_id": customer, "rep_id": "R1", "is_active": True, "is_inactive": False, "is_update_unknown": False}
    filled = {"has_contact": True, "has_city": True, "manual_class": "B", "to_on": TODAY}
    return known | filled | {"created_on": date(2025, 1, 1), "updated_on": datetime(2026, 9, 20, 9)} | more


def checked(*cards: dict[str, Any], bought: dict[str, Any] | None = None, late: list[tuple[str, int, str]] | None = None) -> pl.DataFrame:
    """The check; bought: customer → (revenue, first order, class now, class a week ago); late: customer, days late, amount."""
    given = {one["customer_id"]: ("100", date(2025, 2, 1), "B", "B") for one in cards} | (bought or {})
    rows = [
        {"customer_id": c, "revenue": Decimal(r), "first_order_on": d, "class_now": n, "class_then": t} for c, (r, d, n, t) in given.items()
    ]
    sold = pl.DataFrame(rows, schema_overrides={"first_order_on": pl.Date, "revenue": pl.Decimal(38, 4)})
    open_ = [{"customer_id": c, "days_late": d, "open_amount": Decimal(a)} for c, d, a in late or ()]
    types = {"customer_id": pl.String, "days_late": pl.Int64, "open_amount": pl.Decimal(38, 4)}
    invoices = None if late is None else pl.DataFrame(open_, schema=types)
    frame = pl.DataFrame(list(cards), schema_overrides=_DATES | {"manual_class": pl.String})
    return check(
        frame, sold.select("customer_id", "revenue", "first_order_on"), sold.select("customer_id", "class_now", "class_then"), invoices,
        CONFIG, left={"GONE"},
    )  # fmt: skip


def flags(rows: pl.DataFrame, customer: str) -> list[str]:
    return rows.filter(pl.col("customer_id") == customer)["reasons"][0].to_list()


@pytest.mark.parametrize(
    ("touched", "stale", "turned"),
    [
        (datetime(2026, 7, 24, 9), [], False),  # 89 days ago
        (datetime(2026, 7, 23, 9), ["is_stale"], True),  # 90 days ago, today it went stale
        (datetime(2026, 7, 17, 9), ["is_stale"], True),  # 96 days ago: within the week
        (datetime(2026, 7, 16, 9), ["is_stale"], False),  # stale a week ago already
        (None, ["is_stale"], False),
    ],
)
def test_a_card_is_stale_after_ninety_days_and_news_in_the_week_it_turns(touched: datetime | None, stale: list[str], turned: bool) -> None:
    rows = checked(card("C1", updated_on=touched))
    assert flags(rows, "C1") == stale
    assert rows["is_changed"].to_list() == [turned]


def test_a_card_touched_only_after_the_day_is_not_called_stale() -> None:
    assert flags(checked(card("C1", updated_on=None, is_update_unknown=True)), "C1") == []


def test_who_came_within_seven_days_is_new_by_card_or_by_first_order() -> None:
    rows = checked(
        card("C1", created_on=date(2026, 10, 15)), card("C2", created_on=date(2026, 10, 14)), card("C3"),
        bought={"C3": ("5", date(2026, 10, 20), "N", None)},
    )  # fmt: skip
    assert [flags(rows, one) for one in ("C1", "C2", "C3")] == [["is_new"], [], ["is_new"]]


def test_a_class_that_fell_since_a_week_ago_is_said_and_one_that_rose_is_not() -> None:
    rows = checked(card("C1"), card("C2"), bought={"C1": ("9", None, "B", "A"), "C2": ("9", None, "B", "C")})
    assert (flags(rows, "C1"), flags(rows, "C2")) == (["is_fallen"], [])


def test_what_fell_overdue_in_the_week_is_summed_and_older_or_later_money_is_not() -> None:
    rows = checked(card("C1"), late=[("C1", 1, "10"), ("C1", 7, "20"), ("C1", 8, "400"), ("C1", 0, "800"), ("C1", 3, "-5")])
    assert flags(rows, "C1") == ["is_late"]
    assert rows["late_amount"].to_list() == [30]


def test_cards_that_contradict_what_is_known_are_found() -> None:
    rows = checked(
        card("C1", manual_class="A"), card("C2", manual_class="A"), card("C3", rep_id="GONE"), card("C4", rep_id="unassigned"),
        card("C5", is_inactive=True), card("C6", manual_class=None),
        bought={"C1": ("1", date(2026, 7, 23), "C", "C"), "C2": ("1", date(2026, 7, 23), "B", "B")},
    )  # fmt: skip
    assert [flags(rows, f"C{n}") for n in range(1, 7)] == [["is_misfit"], [], ["is_orphaned"], ["is_orphaned"], ["is_off"], []]
    assert not rows["is_changed"].any()
    young = checked(card("C1", manual_class="A"), bought={"C1": ("1", date(2026, 7, 24), "C", "C")})
    assert flags(young, "C1") == []  # 89 days of buying say nothing yet


def test_who_does_not_buy_and_is_not_new_is_left_out_and_the_largest_lead() -> None:
    rows = checked(card("C1", is_active=False), card("C2"), card("C3"), bought={"C3": ("900", None, "A", "A")})
    assert rows["customer_id"].to_list() == ["C3", "C2"]


def test_the_fields_nobody_fills_in_are_counted_by_person_among_those_that_buy() -> None:
    cards = pl.DataFrame([card("C1", has_city=False), card("C2"), card("C3", is_active=False, has_contact=False), card("C4", rep_id="R2")])
    found = {(row["rep_id"], row["field"]): (row["empty"], row["cards"], row["share"]) for row in gaps(cards, CONFIG).to_dicts()}
    assert found[("R1", "city")] == (1, 2, 0.5)
    assert found[("R1", "contact")] == (0, 2, 0.0)
    assert found[("R2", "city")] == (0, 1, 0.0)


def test_each_person_has_one_line_that_adds_up() -> None:
    rows = checked(card("C1", updated_on=None), card("C2", is_inactive=True), card("C3", rep_id="R2"), late=[("C1", 2, "7")])
    [ann, bob] = by_rep(rows).to_dicts()
    assert (ann["cards"], ann["is_stale"], ann["is_late"], ann["late_amount"], ann["conflicts"]) == (2, 1, 1, 7, 1)
    assert (bob["cards"], bob["is_stale"], bob["conflicts"]) == (1, 0, 0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_has_words_with_its_figures(lang: str) -> None:
    cards = (
        card("C1", manual_class="A", is_inactive=True, rep_id="GONE", updated_on=datetime(2026, 7, 1), created_on=TODAY),
        card("C2", updated_on=None),
    )
    rows = checked(*cards, bought={"C1": ("1", date(2026, 1, 1), "C", "B")}, late=[("C1", 2, "7")])
    said = [translator(lang)(key, **values) for row in rows.to_dicts() for key, values in reasons(row)]
    assert len(said) == 8
    assert any("112" in one for one in said)  # days since the first of July
