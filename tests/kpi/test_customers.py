"""New and active customers."""

from datetime import date

import pytest

from kpi.customers import active_customers, new_customers
from kpi.period import parse

AS_OF = date(2026, 6, 30)


@pytest.fixture
def firsts(measure):
    rows = [
        {"date": "2025-03-10", "customer_id": "since 2019", "new_customers": 0, "unknown_customers": 1},
        {"date": "2025-04-02", "customer_id": "unknown too", "new_customers": 0, "unknown_customers": 1},
        {"date": "2025-03-10", "customer_id": "created in March", "new_customers": 1, "unknown_customers": 0},
    ]
    return measure(rows)


def test_an_unknown_customer_is_left_out_and_makes_the_count_partial(firsts, only) -> None:
    row = only(new_customers(firsts, parse("2025-03", AS_OF)))
    assert (row["value"], row["n_rows"], row["n_excluded"], row["status"], row["note"]) == (1, 1, 1, "partial", "unknown_customers")


def test_only_unknown_customers_give_no_count_rather_than_zero(firsts, only) -> None:
    row = only(new_customers(firsts, parse("2025-04", AS_OF)))
    assert (row["value"], row["n_excluded"], row["status"]) == (None, 1, "partial")


def test_a_month_without_first_orders_is_zero(firsts, only) -> None:
    row = only(new_customers(firsts, parse("2025-05", AS_OF)))
    assert (row["value"], row["status"]) == (0, "ok")


def test_a_customer_of_two_reps_is_active_once(measure, only) -> None:
    frame = measure([{"period": "2026-06", "customer_id": "C1", "rep_id": r} for r in ("R1", "R2")])
    assert only(active_customers(frame, parse("2026-06", AS_OF)))["value"] == 1
    assert active_customers(frame, parse("2026-06", AS_OF), "rep_id")["value"].to_list() == [1, 1]
