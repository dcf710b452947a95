"""New customers to follow, and product lines a customer does not buy yet: by customers typed in one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from i18n import translator
from kpi import crosssell, newcomers

TODAY = date(2026, 10, 21)
_MONEY = pl.Decimal(38, 4)


def customer(name: str, first: date, orders: int, last: date | None = None) -> dict[str, Any]:
    return {"customer_id": name, "first_order_on": first, "last_order_on": last or first, "orders": orders, "to_on": TODAY}


def returned(**amounts: int) -> pl.DataFrame:
    """What customers sent back."""
    rows = [(who, Decimal(amount)) for who, amount in amounts.items()]
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "returns_amount": _MONEY}, orient="row")


def watched(
    *customers: dict[str, Any], touched: tuple[str, ...] = (), cases: dict[str, int] | None = None, back: dict[str, int] | None = None
) -> dict[str, list[str]]:
    """Customer → reasons; all but those called OLD… are counted as new."""
    rows = [(c["customer_id"], int(not c["customer_id"].startswith("OLD")), int(c["customer_id"] in touched)) for c in customers]
    started = pl.DataFrame(rows, schema=["customer_id", "started_customers", "touched_customers"], orient="row")
    trouble = None
    if cases is not None:
        trouble = pl.DataFrame([(c, n, 0) for c, n in cases.items()], schema=["customer_id", "complaints", "exceptions"], orient="row")
    found = newcomers.watch(pl.DataFrame(list(customers)), started, trouble, None, returned(**(back or {})))
    return dict(found.select("customer_id", "reasons").iter_rows())


def test_the_first_three_shipments_of_a_new_customer_are_followed_and_the_fourth_is_not() -> None:
    day = date(2026, 10, 1)
    found = watched(customer("C3", day, 3), customer("C4", day, 4), touched=("C3", "C4"))
    assert found == {"C3": ["is_early"]}


def test_trouble_keeps_a_new_customer_on_the_list() -> None:
    assert watched(customer("C4", date(2026, 10, 1), 4), touched=("C4",), cases={"C4": 2}) == {"C4": ["is_troubled"]}


def test_who_sends_the_first_order_back_stays_on_the_list_and_is_said_to() -> None:
    found = watched(customer("C4", date(2026, 10, 1), 4), touched=("C4",), back={"C4": 70, "C5": 1})
    assert found == {"C4": ["is_returned"]}


def test_of_all_new_customers_those_who_sent_goods_back_are_flagged_with_how_much() -> None:
    rows = newcomers.with_returned(pl.DataFrame({"customer_id": ["C1", "C2"]}), returned(C2=70))
    assert rows.select("customer_id", "returned", "reasons").rows() == [("C1", 0, []), ("C2", 70, ["is_returned"])]


@pytest.mark.parametrize(("first", "listed"), [(date(2026, 7, 24), True), (date(2026, 7, 23), False)])  # 89 and 90 days ago
def test_after_ninety_days_nobody_is_new(first: date, listed: bool) -> None:
    assert bool(watched(customer("C1", first, 2), touched=("C1",))) is listed


def test_whom_nobody_was_in_touch_with_and_who_ordered_once_a_month_ago_is_said_so() -> None:
    found = watched(customer("C1", date(2026, 9, 20), 1), customer("C2", date(2026, 9, 21), 1), touched=("C2",))
    assert found == {"C2": ["is_early"], "C1": ["is_untouched", "is_alone", "is_early"]}  # 30 days are not yet too long, 31 are


def test_who_is_not_counted_as_new_is_not_followed() -> None:
    assert watched(customer("OLD1", date(2026, 10, 1), 1)) == {}


def sold(**spent: dict[str, int]) -> pl.DataFrame:
    rows = [(who, line, Decimal(amount)) for who, lines in spent.items() for line, amount in lines.items()]
    return pl.DataFrame(rows, schema={"customer_id": pl.String, "product_line": pl.String, "revenue": _MONEY}, orient="row")


def classed(**labels: str) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": list(labels), "abc_class": list(labels.values()), "is_active": [True] * len(labels)})


def test_a_line_half_of_the_class_buys_is_missing_with_who_does_not_and_worth_what_the_middle_buyer_spends() -> None:
    volumes = sold(
        C1={"sea": 100, "air": 40}, C2={"sea": 200, "air": 60}, C3={"sea": 300, "air": 500}, C4={"sea": 400}, C5={"air": 10, "road": 5},
    )  # fmt: skip
    found = crosssell.gaps(volumes, classed(C1="A", C2="A", C3="A", C4="A", C5="A"))
    # sea: four of five, the middle of 100, 200, 300, 400 is 250; air: four of five, of 10, 40, 60, 500 it is 50; road: one of five
    assert {row["customer_id"]: [(g["product_line"], g["share"], g["worth"]) for g in row["lines"]] for row in found.to_dicts()} == {
        "C5": [("sea", 0.8, 250.0)],
        "C4": [("air", 0.8, 50.0)],
    }
    assert found["worth"].to_list() == [250.0, 50.0]


def test_a_class_of_four_says_nothing_and_returns_are_no_buying() -> None:
    assert crosssell.gaps(
        sold(C1={"sea": 1}, C2={"sea": 1}, C3={"sea": 1}, C4={"air": 1}), classed(C1="A", C2="A", C3="A", C4="A")
    ).is_empty()
    five = sold(C1={"sea": 1}, C2={"sea": 1}, C3={"sea": 1}, C4={"air": 1}, C5={"sea": -1, "air": 2})
    assert crosssell.gaps(five, classed(**dict.fromkeys(("C1", "C2", "C3", "C4", "C5"), "A")))["customer_id"].to_list() == ["C4", "C5"]


def test_who_no_longer_buys_is_neither_asked_nor_a_peer() -> None:
    volumes = sold(**{f"C{n}": {"sea": n} for n in range(1, 6)}, C6={"air": 1})
    everyone = classed(**{f"C{n}": "B" for n in range(1, 7)}).with_columns(is_active=pl.col("customer_id") != "C6")
    assert crosssell.gaps(volumes, everyone).is_empty()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_has_words(lang: str) -> None:
    say = translator(lang)
    row = {"lines": [{"product_line": "sea", "share": 0.799, "worth": 250.0}]}
    [(key, values)] = crosssell.reasons(row)
    assert "80" in say(key, **values)
    everything = {
        "reasons": newcomers.FLAGS,
        "returned": Decimal(70),
        "first_order_on": TODAY,
        "cases": 2,
        "open_cases": 1,
        "days_since": 31,
        "orders": 2,
    }
    assert len([say(key, **values) for key, values in newcomers.reasons(everything)]) == 5
