"""Sales and margin, by the worked figures of the definitions."""

from datetime import date
from decimal import Decimal

import pytest

from kpi.config import Config
from kpi.period import parse
from kpi.sales import (
    gross_margin_pct,
    gross_profit,
    low_orders,
    margin_per_order,
    order_count,
    order_margin_pct,
    product_mix,
    returns_rate,
    revenue,
)

JUNE = parse("2026-06", date(2026, 6, 30))


@pytest.fixture
def three(measure):
    """Three orders of 1000, 200 and 500 that cost 700, 190 and 550."""
    rows = [{"revenue": r, "costed_revenue": r, "gross_profit": r - c} for r, c in ((1000.0, 700), (200.0, 190), (500.0, 550))]
    return measure(rows, date="2026-06-03", order_count=1, costed_order_count=1)


def test_the_three_orders(three, only) -> None:
    values = {k.name: only(k(three, JUNE))["value"] for k in (revenue, order_count, gross_profit, gross_margin_pct, margin_per_order)}
    assert (values["revenue"], values["order_count"], values["gross_profit"]) == (Decimal(1700), 3, Decimal(260))
    assert round(values["gross_margin_pct"], 4) == 0.1529
    assert round(values["margin_per_order"], 2) == 86.67


def test_the_median_order_its_spread_and_the_share_at_a_loss(three, only) -> None:
    row = only(order_margin_pct(three, JUNE))
    assert row["value"] == pytest.approx(0.05)
    assert row["p10"] == pytest.approx(-0.07)
    assert row["p90"] == pytest.approx(0.25)
    assert row["loss_share"] == pytest.approx(1 / 3)
    assert (row["numerator"], row["denominator"], row["n_rows"]) == (None, None, 3)


def test_quantiles_interpolate_between_neighbours_and_ties_repeat(measure, only) -> None:
    rows = [{"revenue": 100.0, "costed_revenue": 100.0, "gross_profit": float(p)} for p in (10, 10, 10, 20)]
    row = only(order_margin_pct(measure(rows, date="2026-06-03"), JUNE))
    assert (row["value"], row["p10"], row["p90"]) == (pytest.approx(0.10), pytest.approx(0.10), pytest.approx(0.17))


def test_orders_without_cost_are_left_out_of_the_median(measure, only) -> None:
    rows = [
        {"revenue": 100.0, "costed_revenue": 100.0, "gross_profit": 5.0, "n_rows": 2},
        {"revenue": 100.0, "costed_revenue": 0.0, "gross_profit": None, "n_rows": 3},
    ]
    row = only(order_margin_pct(measure(rows, date="2026-06-03"), JUNE))
    assert (row["value"], row["n_rows"], row["n_excluded"]) == (pytest.approx(0.05), 2, 3)


def test_no_order_with_a_cost_has_no_median(measure, only) -> None:
    row = only(order_margin_pct(measure([{"revenue": 1.0, "costed_revenue": 0.0, "gross_profit": None}], date="2026-06-03"), JUNE))
    assert (row["value"], row["loss_share"], row["status"], row["note"]) == (None, None, "no_denominator", "no_costed_orders")


@pytest.mark.parametrize(("uncosted", "status"), [(49.0, "ok"), (50.0, "ok"), (51.0, "partial")])
def test_profit_is_partial_when_too_little_revenue_has_a_cost(measure, only, uncosted, status) -> None:
    rows = [
        {"revenue": 1000.0 - uncosted, "costed_revenue": 1000.0 - uncosted, "gross_profit": 95.0, "costed_order_count": 1},
        {"revenue": uncosted, "costed_revenue": 0.0, "gross_profit": 0.0, "n_excluded": 1, "costed_order_count": 0},
    ]
    frame = measure(rows, date="2026-06-03")
    for kpi in (gross_profit, gross_margin_pct, margin_per_order):
        row = only(kpi(frame, JUNE))
        assert (row["status"], row["n_rows"], row["n_excluded"]) == (status, 1, 1)
    assert only(gross_profit(frame, JUNE, config=Config(cost_coverage_min=0.9)))["status"] == "ok"


def test_without_any_cost_there_is_no_profit_rather_than_none(measure, only) -> None:
    frame = measure(
        [{"date": "2026-06-03", "revenue": 9.0, "costed_revenue": 0.0, "gross_profit": 0.0, "n_excluded": 1, "costed_order_count": 0}]
    )
    row = only(gross_profit(frame, JUNE))
    assert (row["value"], row["status"], row["note"]) == (None, "partial", "cost_coverage")
    assert only(gross_margin_pct(frame, JUNE))["status"] == "no_denominator"


def test_returns_lower_revenue_on_their_own_date_and_are_a_share_of_what_was_sold(measure, only) -> None:
    rows = [
        {"revenue": 2400.0, "returns_amount": 0.0, "sales_before_returns": 2400.0},
        {"revenue": -120.0, "returns_amount": 120.0, "sales_before_returns": 0.0},
    ]
    frame = measure(rows, date="2026-06-03")
    assert only(revenue(frame, JUNE))["value"] == 2280
    assert only(returns_rate(frame, JUNE))["value"] == pytest.approx(0.05)
    assert only(returns_rate(frame, parse("2026-05", date(2026, 6, 30))))["note"] == "no_sales"


def head(order, revenue, profit, floored=None, floor=None, costed=None):
    """An order as the measure has it: costed whole unless said otherwise."""
    amounts = {"revenue": revenue, "costed_revenue": revenue if costed is None else costed, "gross_profit": profit}
    return {"order_id": order, "is_counted": True, "date": "2026-06-03"} | amounts | {"floored_profit": floored, "floor_amount": floor}


def test_orders_at_a_loss_or_below_their_floor_are_listed_by_what_is_missing(measure) -> None:
    rows = [
        head("good", 100.0, 30.0, 30.0, 8.0),
        head("at the floor", 100.0, 8.0, 8.0, 8.0),
        head("low", 1000.0, 50.0, 50.0, 80.0),
        head("loss", 100.0, -10.0),
        head("both", 100.0, -5.0, -5.0, 8.0),
        head("no cost", 100.0, None, costed=0.0),
    ]
    listed = low_orders(measure(rows, "customer_id", "approved_by")).collect()
    assert listed.select("order_id", "missing", "is_loss", "is_low").rows() == [
        ("low", 30, False, True), ("both", 13, True, True), ("loss", 10, True, False),
    ]  # fmt: skip
    assert listed["margin"].to_list() == pytest.approx([0.05, -0.05, -0.10])


def test_product_lines_share_what_was_bought(measure) -> None:
    rows = [("sea", 60.0, 50.0, 40.0), ("air", 40.0, 40.0, 30.0), ("sea", 15.0, 0.0, 0.0), (None, -15.0, 0.0, 0.0)]
    lines = [{"period": "p", "product_line": n, "revenue": r, "costed_revenue": c, "cost": k} for n, r, c, k in rows]
    mix = product_mix(measure(lines)).collect()
    assert mix.select("product_line", "revenue", "gross_profit").rows() == [("sea", 75, 10), ("air", 40, 10), (None, -15, 0)]
    assert mix["share"].to_list() == pytest.approx([0.75, 0.40, -0.15])
