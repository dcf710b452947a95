"""The shape of a result (R2), null against zero (R3), ratios (R4), distinct counts (R5)."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from kpi.base import DimensionError, summarise
from kpi.collections import ar_balance, collection_rate, due_amount
from kpi.config import Config
from kpi.customers import active_customers
from kpi.period import parse, pieces
from kpi.sales import gross_margin_pct, order_count, revenue
from kpi.visits import completed_visits, distinct_customers_visited, visit_attainment

AS_OF = date(2026, 6, 30)
JUNE = parse("2026-06", AS_OF)
R2 = ["value", "numerator", "denominator", "n_rows", "n_excluded", "status", "note"]
SALES = ("revenue", "costed_revenue", "gross_profit", "order_count")


def sales(measure, rows):
    return measure(rows, *SALES, "date", costed_revenue=0.0, gross_profit=0.0, order_count=1)


def test_a_result_has_the_by_columns_and_those_of_r2(measure) -> None:
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 10.0}])
    assert revenue(frame, JUNE, "rep_id").columns == ["rep_id", *R2]
    assert revenue(frame, JUNE, ("rep_id", "month")).columns == ["month", "rep_id", *R2]
    assert summarise([revenue], lambda _: frame, [JUNE])["revenue"].columns == ["period", *R2]


def test_an_empty_file_is_zero_and_a_missing_one_is_null(measure, only) -> None:
    empty = only(revenue(measure([], "date", revenue=0.0), JUNE))
    assert (empty["value"], empty["status"], empty["n_rows"]) == (Decimal(0), "ok", 0)
    missing = only(revenue(None, JUNE))
    assert (missing["value"], missing["numerator"], missing["status"]) == (None, None, "not_loaded")


def test_a_missing_file_leaves_the_other_kpis_working(measure) -> None:
    frames = {"sales": sales(measure, [{"date": "2026-06-03", "revenue": 10.0}])}
    found = summarise([revenue, completed_visits, distinct_customers_visited], frames.get, [JUNE], ["rep_id"])
    assert found["revenue"]["value"].to_list() == [Decimal(10)]
    for name in ("completed_visits", "distinct_customers_visited"):
        assert found[name].select("rep_id", "value", "status").rows() == [("R1", None, "not_loaded")]


def test_a_rate_over_nothing_is_null_and_zero_of_something_is_zero(measure) -> None:
    plans = measure(
        [
            {"date": "2026-06-03", "planned_visits": 0, "kept_visits": 0},
            {"date": "2026-06-03", "planned_visits": 4, "kept_visits": 0, "rep_id": "R2"},
        ]
    )
    assert visit_attainment(plans, JUNE, "rep_id").select("value", "status", "note").rows() == [
        (None, "no_denominator", "no_plan"),
        (0.0, "ok", None),
    ]


def test_ratios_are_divided_after_summing_never_averaged(measure, only) -> None:
    frame = measure(
        [
            {"date": "2026-06-03", "revenue": 100.0, "costed_revenue": 100.0, "gross_profit": 50.0},
            {"date": "2026-06-04", "revenue": 900.0, "costed_revenue": 900.0, "gross_profit": 90.0},
        ]
    )
    assert only(gross_margin_pct(frame, JUNE))["value"] == pytest.approx(0.14)


def test_decimals_are_divided_as_numbers_not_cut_to_their_scale(measure, only) -> None:
    frame = measure([{"date": "2026-06-03", "revenue": 3.0, "costed_revenue": 3.0, "gross_profit": 1.0}])
    assert only(gross_margin_pct(frame, JUNE))["value"] == pytest.approx(1 / 3, abs=1e-15)


def test_money_stays_exact(measure, only) -> None:
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 0.1}, {"date": "2026-06-04", "revenue": 0.2}])
    assert only(revenue(frame, JUNE))["value"] == Decimal("0.3")


def test_both_edges_of_a_period_belong_to_it_and_nothing_after_as_of(measure, only) -> None:
    days = ("2026-05-31", "2026-06-01", "2026-06-20", "2026-06-21", "2026-06-30", "2026-07-01")
    frame = sales(measure, [{"date": day, "revenue": 1.0} for day in days])
    assert only(revenue(frame, JUNE))["value"] == 4
    assert only(revenue(frame, parse("2026-06", date(2026, 6, 20))))["value"] == 2


def test_the_total_equals_the_sum_of_its_parts_for_what_adds_up(measure, only) -> None:
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 1.1, "rep_id": r} for r in ("R1", "R2", "R2", None, "unassigned")])
    total, parts = only(revenue(frame, JUNE)), revenue(frame, JUNE, "rep_id")
    assert total["value"] == parts["value"].sum() == Decimal("5.5")
    assert total["n_rows"] == parts["n_rows"].sum() == 5


def test_rows_of_nobody_keep_a_row_of_their_own(measure) -> None:
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 1.0, "region": None}, {"date": "2026-06-03", "revenue": 2.0}])
    assert revenue(frame, JUNE, "region").select("region", "value").rows() == [("East", Decimal(2)), (None, Decimal(1))]


def test_a_customer_of_two_reps_is_one_customer_of_the_team(measure, only) -> None:
    seen = measure(
        [{"period": "2026-06", "customer_id": c, "rep_id": r} for c, r in (("C1", "R1"), ("C1", "R2"), ("C2", "R1"), (None, "R1"))]
    )
    assert only(distinct_customers_visited(seen, JUNE))["value"] == 2
    assert distinct_customers_visited(seen, JUNE, "rep_id")["value"].to_list() == [2, 1]


def test_every_member_and_period_has_a_row_also_with_nothing_in_it(measure) -> None:
    months = pieces(parse("2026-05..2026-06", AS_OF), "month")
    members = measure(
        [
            {"period": p.label, "rep_id": r, "region": g, "is_seller": r != "M1"}
            for p in months
            for r, g in (("R1", "East"), ("R9", "West"), ("M1", "West"))
        ]
    )
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 5.0}, {"date": "2026-06-03", "revenue": 7.0, "rep_id": "X"}])
    rows = summarise([revenue], lambda _: frame, months, ["rep_id"], members=members)["revenue"]
    expected = [("2026-05", "R1", 0), ("2026-05", "R9", 0), ("2026-06", "R1", 5), ("2026-06", "R9", 0), ("2026-06", "X", 7)]
    assert rows.select("period", "rep_id", "value").rows() == expected
    regions = summarise([revenue], lambda _: frame, months, ["region"], members=members)["revenue"]
    assert regions.select("region", "value").rows() == [("East", 0), ("West", 0), ("East", 12), ("West", 0)]


def test_customers_appear_only_where_they_have_rows(measure) -> None:
    members = measure([{"period": "2026-06", "is_seller": True}])
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 5.0, "customer_id": "C1"}])
    rows = summarise([revenue], lambda _: frame, [JUNE], ["customer_id"], members=members)["revenue"]
    assert rows["customer_id"].to_list() == ["C1"]


def test_overlapping_periods_each_count_the_row(measure) -> None:
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 5.0}, {"date": "2026-05-03", "revenue": 1.0}])
    periods = [JUNE, parse("2026-Q2", AS_OF), parse("2026", AS_OF)]
    assert summarise([revenue], lambda _: frame, periods)["revenue"]["value"].to_list() == [5, 6, 6]


def test_a_row_counts_only_once_it_is_known(measure, only) -> None:
    plans = measure(
        [
            {"date": "2026-06-10", "known_on": None, "planned_visits": 1, "kept_visits": 0},
            {"date": "2026-06-10", "known_on": "2026-06-14", "planned_visits": 0, "kept_visits": 1, "n_rows": 0},
        ]
    )
    assert only(visit_attainment(plans, parse("2026-06", date(2026, 6, 13))))["value"] == 0
    assert only(visit_attainment(plans, parse("2026-06", date(2026, 6, 14))))["value"] == 1


def test_what_is_due_later_in_the_period_counts_if_it_was_invoiced_by_as_of(measure, only) -> None:
    rows = [{"date": "2026-06-25", "known_on": "2026-06-01", "due": 5.0}, {"date": "2026-06-25", "known_on": "2026-06-20", "due": 7.0}]
    frame = measure(rows, due_rows=1, undated_rows=0)
    assert only(due_amount(frame, parse("2026-06", date(2026, 6, 15))))["value"] == 5


def test_a_period_that_has_not_begun_has_no_value_yet(measure, only) -> None:
    frame = sales(measure, [{"date": "2026-12-03", "revenue": 5.0}])
    row = only(revenue(frame, parse("2026-12", AS_OF)))
    assert (row["value"], row["status"], row["note"]) == (None, "immature", "not_started")


def test_a_balance_in_the_future_is_that_of_as_of(measure, only) -> None:
    frame = measure([{"period": "2026-12", "ar_balance": 60.0, "unapplied": 0.0, "estimated_rows": 0}])
    assert only(ar_balance(frame, parse("2026-12", AS_OF)))["value"] == 60


def test_before_the_data_begins_nothing_is_known(measure, only) -> None:
    config = Config(data_start={"orders": date(2026, 1, 1)})
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 5.0}])
    row = only(revenue(frame, parse("2025-06", AS_OF), config=config))
    assert (row["value"], row["status"], row["note"]) == (None, "not_loaded", "before_data_start")
    assert only(revenue(frame, parse("2026-01", AS_OF), config=config))["value"] == 0


def test_a_window_that_reaches_before_the_data_gives_no_count(measure, only) -> None:
    frame = measure([{"period": "2026-06", "customer_id": "C1"}])
    early = only(active_customers(frame, JUNE, config=Config(active_days=90, data_start={"orders": date(2026, 4, 3)})))
    assert (early["value"], early["status"], early["note"]) == (None, "immature", "history_short")
    assert only(active_customers(frame, JUNE, config=Config(active_days=90, data_start={"orders": date(2026, 4, 2)})))["value"] == 1


def test_partial_data_keeps_its_value_and_says_so(measure, only) -> None:
    frame = measure([{"period": "2026-06", "applied_to_collectible": 80.0, "collectible": 120.0, "estimated_rows": 2}])
    row = only(collection_rate(frame, JUNE))
    assert (row["value"], row["status"], row["note"]) == (pytest.approx(2 / 3), "partial", "estimated")


def test_no_denominator_goes_before_partial(measure, only) -> None:
    frame = measure([{"period": "2026-06", "applied_to_collectible": 0.0, "collectible": 0.0, "estimated_rows": 2}])
    assert only(collection_rate(frame, JUNE))["status"] == "no_denominator"


def test_a_kpi_refuses_a_dimension_it_does_not_have(measure) -> None:
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 5.0, "product_line": "sea"}])
    with pytest.raises(DimensionError):
        revenue(frame, JUNE, "customer_id")
    with pytest.raises(DimensionError):  # orders over product lines would not be distinct
        order_count(frame, JUNE, "product_line")
    with pytest.raises(ValueError, match="one period unit"):
        revenue(frame, JUNE, ("month", "week"))


def test_months_in_by_are_evaluated_one_by_one(measure) -> None:
    frame = sales(measure, [{"date": "2026-06-03", "revenue": 5.0}, {"date": "2026-04-30", "revenue": 1.0}])
    rows = revenue(frame, parse("2026-Q2", AS_OF), "month")
    assert rows.select("month", "value").rows() == [("2026-04", 1), ("2026-05", 0), ("2026-06", 5)]


def test_a_frame_is_read_once_for_all_its_kpis(measure) -> None:
    asked = []

    def read(name: str) -> pl.LazyFrame:
        asked.append(name)
        return sales(measure, [{"date": "2026-06-03", "revenue": 5.0}])

    summarise([revenue, order_count, gross_margin_pct], read, [JUNE])
    assert asked == ["sales"]
