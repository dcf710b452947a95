"""Collections, by the worked June (T2) of the definitions, in thousands."""

from datetime import date
from decimal import Decimal

import pytest

from kpi.collections import (
    BUCKETS,
    ar_aging,
    ar_balance,
    cash_to_sales_ratio,
    collected,
    collection_rate,
    collection_rate_balance,
    dso,
    due_amount,
    invoiced,
    overdue_amount,
    overdue_rate,
)
from kpi.config import Config
from kpi.period import parse

JUNE = parse("2026-06", date(2026, 6, 30))


@pytest.fixture
def billing(measure):
    """INV4 of 30 issued; INV2 of 50 due (INV1 was due in May); 140 received."""
    rows = [
        {"date": "2026-06-05", "invoiced": 30.0, "invoiced_rows": 1},
        {"date": "2026-06-25", "known_on": "2026-06-05", "due": 30.0, "due_rows": 1},
        {"date": "2026-06-10", "known_on": "2026-05-01", "due": 50.0, "due_rows": 1},
        {"date": "2026-06-09", "collected": 140.0, "collected_rows": 4},
    ]
    zero = {"invoiced": 0.0, "due": 0.0, "collected": 0.0, "invoiced_rows": 0, "due_rows": 0, "collected_rows": 0, "undated_rows": 0}
    return measure(rows, estimated_rows=0, **zero)


@pytest.fixture
def positions(measure):
    def make(**parts):
        zero = dict.fromkeys(("ar_balance", "unapplied", "overdue_amount", "invoiced_trailing", *BUCKETS), 0.0)
        return measure([{"period": "2026-06", "estimated_rows": 0, **zero, **parts}])

    return make


def test_invoiced_due_and_collected_in_june(billing, only) -> None:
    rows = {k.name: only(k(billing, JUNE)) for k in (invoiced, due_amount, collected)}
    assert {name: (row["value"], row["n_rows"]) for name, row in rows.items()} == {
        "invoiced": (Decimal(30), 1),
        "due_amount": (Decimal(80), 2),
        "collected": (Decimal(140), 4),
    }


def test_cash_for_later_due_dates_is_not_in_the_primary_rate_but_in_the_variants(measure, billing, only) -> None:
    part = measure(
        [
            {
                "period": "2026-06",
                "opening": 170.0,
                "invoiced": 30.0,
                "collected": 140.0,
                "collectible": 120.0,
                "applied_to_collectible": 80.0,
                "estimated_rows": 0,
            }
        ]
    )
    assert only(collection_rate(part, JUNE))["value"] == pytest.approx(0.6667, abs=5e-5)
    assert only(collection_rate_balance(part, JUNE))["value"] == pytest.approx(0.70)
    assert only(cash_to_sales_ratio(billing, JUNE))["value"] == pytest.approx(4.667, abs=5e-4)


def test_cash_from_paid_amounts_makes_the_figure_partial(measure, only) -> None:
    frame = measure(
        [{"date": "2026-06-09", "collected": 1.0, "invoiced": 2.0, "collected_rows": 1, "invoiced_rows": 1, "estimated_rows": 1}]
    )
    assert only(collected(frame, JUNE))["status"] == "partial"
    assert only(cash_to_sales_ratio(frame, JUNE))["status"] == "partial"


def test_balance_and_overdue_on_30_june(positions, only) -> None:
    frame = positions(ar_balance=60.0, overdue_amount=40.0, unapplied=5.0)
    balance = only(ar_balance(frame, JUNE))
    assert (balance["value"], balance["unapplied"]) == (60, 5)  # beside it, not netted
    assert only(overdue_amount(frame, JUNE))["value"] == 40
    assert only(overdue_rate(frame, JUNE))["value"] == pytest.approx(0.667, abs=5e-4)
    assert only(overdue_rate(positions(), JUNE))["note"] == "nothing_open"


def test_aging_buckets_sum_to_the_balance_and_with_unapplied_to_the_net_balance(positions, only) -> None:
    row = only(ar_aging(positions(ar_balance=60.0, not_due=20.0, d1_30=30.0, d180_plus=10.0, unapplied=7.0), JUNE))
    assert sum(row[b] for b in BUCKETS) == row["value"] == 60
    assert (row["unapplied"], sum(row[c] for c in (*BUCKETS, "unapplied"))) == (-7, 53)


def test_a_rep_without_open_items_has_a_row_of_zeros_in_the_aging(measure, positions) -> None:
    from kpi.base import summarise

    members = measure([{"period": "2026-06", "rep_id": "R2", "is_seller": True}])
    rows = summarise([ar_aging], lambda _: positions(ar_balance=60.0, not_due=60.0), [JUNE], ["rep_id"], members=members)["ar_aging"]
    assert rows.select("rep_id", "value", "not_due", "unapplied").rows() == [("R1", 60, 60, 0), ("R2", 0, 0, 0)]


def test_dso_uses_the_net_balance_over_the_trailing_days(positions, only) -> None:
    row = only(dso(positions(ar_balance=520.0, unapplied=20.0, invoiced_trailing=660.0), JUNE))
    assert round(row["value"], 1) == 68.9
    assert (row["numerator"], row["denominator"]) == (500, 660)


@pytest.mark.parametrize("trailing", [0.0, -10.0])
def test_dso_needs_invoices(positions, only, trailing) -> None:
    row = only(dso(positions(ar_balance=500.0, invoiced_trailing=trailing), JUNE))
    assert (row["value"], row["status"], row["note"]) == (None, "no_denominator", "nothing_invoiced")


def test_dso_needs_its_days_on_file(positions, only) -> None:
    frame = positions(ar_balance=500.0, invoiced_trailing=660.0)
    assert only(dso(frame, JUNE, config=Config(dso_days=91, data_start={"invoices": date(2026, 4, 2)})))["status"] == "immature"
    assert only(dso(frame, JUNE, config=Config(dso_days=91, data_start={"invoices": date(2026, 4, 1)})))["status"] == "ok"


def test_without_invoices_there_is_no_aging_rather_than_zeros(only) -> None:
    row = only(ar_aging(None, JUNE))
    assert (row["value"], row["d1_30"], row["status"]) == (None, None, "not_loaded")
