"""The 1.5 × rule: what a customer should order, by two counts of its store."""

from __future__ import annotations

from kpi.stock import suggested_order
from tests.kpi.asked import PEOPLE, ask, card, counted, order, visit, whole

END = "2026-06-30"


def delivery(day: str, qty: float | None, product: str = "X", customer: str = "C1", amount: float = 10):
    return order(day, customer, product_id=product, qty=qty, amount=amount)


def stocked(company, counts, deliveries, **settings):
    rows = {"reps": PEOPLE, "customers": [card("C1"), card("C2", "R2")], "stock_counts": counts, "orders": deliveries}
    return company(**rows, settings=settings, as_of=END)


TWO = [counted("01", 20), counted("15", 14)]


def test_thirty_six_sold_ask_for_forty_and_a_pack_of_twelve_for_forty_eight(company) -> None:
    # 20 + 30 − 14 = 36; 54 − 14 = 40
    row = whole(stocked(company, TWO, [delivery("10", 30)]), suggested_order)
    assert (row["value"], row["sold"], row["on_hand"], row["status"]) == (40, 36, 14, "ok")
    packs = [counted("01", 20), counted("15", 14, pack_size=12)]
    assert whole(stocked(company, packs, [delivery("10", 30)]), suggested_order)["value"] == 48
    coming = [counted("01", 20), counted("15", 14, on_order=5)]
    assert whole(stocked(company, coming, [delivery("10", 30)]), suggested_order)["value"] == 35


def test_what_came_on_the_day_of_a_count_was_counted_and_returns_went_back(company) -> None:
    moves = [
        delivery("01", 99),
        delivery("15", 10),
        delivery("16", 99),
        delivery("12", -4, amount=-1),
        delivery("12", 7, "Y"),
        delivery("12", 7, customer="C2"),
    ]
    assert whole(stocked(company, TWO, moves), suggested_order)["sold"] == 12


def test_enough_in_store_asks_for_nothing(company) -> None:
    assert whole(stocked(company, [counted("01", 20), counted("15", 19)], []), suggested_order)["value"] == 0


def test_more_than_can_be_there_asks_for_another_count(company) -> None:
    row = whole(stocked(company, [counted("01", 20), counted("15", 21)], []), suggested_order)
    assert (row["value"], row["status"], row["note"], row["n_excluded"]) == (None, "partial", "recount", 1)
    once = whole(stocked(company, [counted("15", 14)], []), suggested_order)
    assert (once["value"], once["n_excluded"]) == (None, 1)
    unknown = whole(stocked(company, TWO, [delivery("10", None)]), suggested_order)
    assert (unknown["value"], unknown["n_excluded"]) == (None, 1)


def test_unequal_cycles_are_taken_for_their_days(company) -> None:
    # 36 in 14 days are 18 in 7: 27 − 14
    assert whole(stocked(company, TWO, [delivery("10", 30)], order_cycle_days=7), suggested_order)["value"] == 13


def test_a_factor_that_is_no_binary_number_costs_no_extra_piece(company) -> None:
    # 1.1 × 30 is 33.000000000000004 in binary
    assert whole(stocked(company, [counted("01", 30), counted("15", 0)], [], stock_factor=1.1), suggested_order)["value"] == 33


def test_the_last_two_counts_up_to_the_day_decide_and_products_add_up(company) -> None:
    counts = [
        *TWO,
        counted("28", 10),
        counted("01", 5, "Y"),
        counted("15", 1, "Y"),
        counted("02", 8, "X", "C2"),
        counted("20", 2, "X", "C2"),
    ]
    warehouse = stocked(company, counts, [delivery("10", 30)])
    by_product = ask(warehouse, suggested_order, by=("product_id",))
    assert {key: row["value"] for key, row in by_product.items()} == {"X": 0 + 7, "Y": 5}
    by_rep = ask(warehouse, suggested_order, by=("rep_id",))
    assert (by_rep["R1"]["value"], by_rep["R2"]["value"], whole(warehouse, suggested_order)["value"]) == (5, 7, 12)
    assert whole(warehouse, suggested_order, as_of="2026-06-15")["value"] == 45
    assert ask(warehouse, suggested_order, by=("customer_id",))["C2"]["value"] == 7


def test_nothing_counted_is_no_order_of_nothing(company) -> None:
    row = whole(stocked(company, TWO, [delivery("10", 30)]), suggested_order, "2026-05")
    assert (row["value"], row["status"]) == (None, "not_loaded")  # before the first count
    assert whole(company(reps=PEOPLE, orders=[order("05")], visits=[visit("03")], as_of=END), suggested_order)["status"] == "not_loaded"
    assert ask(stocked(company, TWO, []), suggested_order, by=("rep_id",))["R2"]["note"] == "nothing_counted"
