"""Targets: whose they are, how months, quarters and years meet, and where an actual stands."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from kpi.base import summarise
from kpi.calendar import Calendar
from kpi.collections import ar_balance
from kpi.customers import new_customers
from kpi.period import parse, pieces, prior
from kpi.sales import gross_margin_pct, revenue
from kpi.targets import TargetKpi

# 9 of 21 working days have passed: 1–11 June without Friday the 5th, and one Monday later off
OFF = Calendar(off=frozenset({date(2026, 6, 5)}))
NINTH = date(2026, 6, 12)
ATTAINMENT, PACE, FORECAST, DAILY = (
    TargetKpi(kind, revenue) for kind in ("target_attainment", "target_pace", "run_rate_forecast", "required_daily_rate")
)


@pytest.fixture
def standing(measure):
    """`standing(kpis, period, rows, targets, by)`: frames of the KPIs over typed revenue and targets."""

    def make(kpis, period, rows, targets, by=(), members=None):
        frames = {
            "sales": measure(rows, date="2026-06-01", revenue=0.0, costed_revenue=0.0, gross_profit=0.0, n_excluded=0),
            "targets": None if targets is None else target_frame(measure, targets),
        }
        periods = period if isinstance(period, list) else [period]
        return summarise(kpis, frames.get, periods, by, members=members)

    return make


def target_frame(measure, rows):
    default = {"level": "rep", "member_id": "R1", "metric": "revenue", "is_seller": True, "start_on": "2026-06-01", "end_on": "2026-06-30"}
    return measure(rows, product_line=None, **default)


def person(rep, value, **more):
    return {"member_id": rep, "rep_id": rep, "value": value, **more}


def company(value, start="2026-06-01", end="2026-06-30"):
    place = {"rep_id": None, "territory_id": None, "region": None}
    return {"level": "company", "member_id": "all", "is_seller": False, "value": value, "start_on": start, "end_on": end, **place}


def test_420_of_1000_after_9_of_21_days(standing, only) -> None:
    june = parse("2026-06", NINTH, OFF)
    assert (june.elapsed_working_days, june.working_days) == (9, 21)
    found = standing([ATTAINMENT, PACE, FORECAST, DAILY], june, [{"revenue": 420.0}], [person("R1", 1000.0)])
    rows = {name: only(frame) for name, frame in found.items()}
    assert rows["target_attainment"]["value"] == pytest.approx(0.42)
    assert (rows["target_attainment"]["numerator"], rows["target_attainment"]["denominator"]) == (420, 1000)
    assert rows["target_pace"]["value"] == pytest.approx(0.98)
    assert rows["run_rate_forecast"]["value"] == Decimal(980)
    assert rows["required_daily_rate"]["value"] == Decimal("48.3333")
    assert rows["required_daily_rate"]["denominator"] == 12


def test_a_forecast_needs_three_elapsed_days(standing, only) -> None:
    for day, status in ((date(2026, 6, 2), "too_few"), (date(2026, 6, 3), "ok")):
        row = only(standing([FORECAST], parse("2026-06", day, OFF), [{"revenue": 9.0}], None)["run_rate_forecast"])
        assert row["status"] == status
        assert (row["value"] is None) == (status == "too_few")


def test_a_closed_month_forecasts_its_actual_and_has_no_days_left(standing, only) -> None:
    found = standing([FORECAST, DAILY], parse("2026-06", date(2026, 6, 30)), [{"revenue": 420.0}], [person("R1", 1000.0)])
    assert only(found["run_rate_forecast"])["value"] == 420
    assert only(found["required_daily_rate"])["note"] == "period_over"


def test_no_working_day_elapsed_has_no_pace(standing, only) -> None:
    sunday = parse("2026-11", date(2026, 11, 1))
    row = only(standing([PACE], sunday, [], [person("R1", 1000.0, start_on="2026-11-01", end_on="2026-11-30")])["target_pace"])
    assert (row["value"], row["status"], row["note"]) == (None, "no_denominator", "no_elapsed_days")


def test_a_missing_or_zero_target_has_no_attainment_and_a_missing_file_is_said(standing, only) -> None:
    june = parse("2026-06", NINTH)
    for targets, status in (([person("R2", 5.0)], "no_denominator"), ([person("R1", 0.0)], "no_denominator"), (None, "not_loaded")):
        rows = standing([ATTAINMENT], june, [{"revenue": 420.0}], targets, ["rep_id"])["target_attainment"].filter(pl.col("rep_id") == "R1")
        assert (only(rows)["value"], only(rows)["status"]) == (None, status)


def test_a_missing_actual_is_not_an_attainment_of_zero(measure, only) -> None:
    frames = {"targets": target_frame(measure, [person("R1", 5.0)])}
    row = only(summarise([ATTAINMENT], frames.get, [parse("2026-06", NINTH)])["target_attainment"])
    assert (row["value"], row["status"]) == (None, "not_loaded")


def test_a_level_without_its_own_target_takes_the_sum_of_its_sellers_and_never_a_managers(standing, only) -> None:
    targets = [person("R1", 1000.0), person("R2", 500.0, region="West"), person("M1", 1500.0, is_seller=False)]
    june = parse("2026-06", NINTH)
    assert only(standing([ATTAINMENT], june, [{"revenue": 420.0}], targets)["target_attainment"])["denominator"] == 1500
    found = standing([ATTAINMENT], june, [{"revenue": 420.0}, {"revenue": 5.0, "region": "West"}], targets, ["region"])
    assert found["target_attainment"]["denominator"].to_list() == [1000, 500]


def test_a_manager_keeps_the_personal_target_on_the_own_row(standing, only) -> None:
    targets = [person("M1", 1500.0, is_seller=False)]
    found = standing([ATTAINMENT], parse("2026-06", NINTH), [{"revenue": 30.0, "rep_id": "M1"}], targets, ["rep_id"])
    assert only(found["target_attainment"])["denominator"] == 1500


def test_an_own_target_wins_over_the_sum_and_the_difference_is_shown(standing, only) -> None:
    row = only(
        standing([ATTAINMENT], parse("2026-06", NINTH), [{"revenue": 420.0}], [company(1800.0), person("R1", 1000.0)])["target_attainment"]
    )
    assert (row["denominator"], row["target_difference"]) == (1800, 800)


def test_months_without_an_own_target_fall_back_to_the_persons_so_that_months_add_up(standing, only) -> None:
    targets = [
        company(900.0, "2026-04-01", "2026-04-30"),
        *(person("R1", 100.0, start_on=f"2026-0{m}-01", end_on=f"2026-0{m}-{d}") for m, d in ((4, 30), (5, 31), (6, 30))),
    ]
    quarter = parse("2026-Q2", NINTH)
    total = only(standing([ATTAINMENT], quarter, [], targets)["target_attainment"])["denominator"]
    months = standing([ATTAINMENT], pieces(quarter, "month"), [], targets)["target_attainment"]["denominator"]
    assert total == months.sum() == 1100


def test_months_add_up_to_quarters_and_years_exactly(standing, only) -> None:
    spans = [parse(f"2026-{m:02}", NINTH) for m in range(1, 13)]
    targets = [person("R1", 100.1, start_on=p.start.isoformat(), end_on=p.end.isoformat()) for p in spans]
    for text, value in (("2026-Q2", "300.3"), ("2026", "1201.2"), ("ytd", "1201.2"), ("qtd", "300.3"), ("mtd", "100.1")):
        assert only(standing([ATTAINMENT], parse(text, NINTH), [], targets)["target_attainment"])["denominator"] == Decimal(value)


def test_a_year_spreads_what_the_months_leave_over_by_working_days(standing, only) -> None:
    june = person("R1", 150.0)
    year = person("R1", 1200.0, start_on="2026-01-01", end_on="2026-12-31")
    calendar = Calendar()
    rest = calendar.working_days(date(2026, 1, 1), date(2026, 12, 31)) - calendar.working_days(date(2026, 6, 1), date(2026, 6, 30))

    def target(text: str) -> float:
        return float(only(standing([ATTAINMENT], parse(text, NINTH), [], [year, june])["target_attainment"])["denominator"])

    assert target("2026-06") == 150
    assert target("2026") == 1200
    assert target("2026-05") == pytest.approx(1050 * 21 / rest, abs=1e-4)


def test_quarters_stand_between_months_and_the_year(standing, only) -> None:
    targets = [
        person("R1", 1200.0, start_on="2026-01-01", end_on="2026-12-31"),
        person("R1", 400.0, start_on="2026-04-01", end_on="2026-06-30"),
        person("R1", 150.0),
    ]
    for text, value in (("2026-Q2", 400), ("2026", 1200), ("2026-06", 150), ("2026-04..2026-05", 250)):
        assert only(standing([ATTAINMENT], parse(text, NINTH), [], targets)["target_attainment"])["denominator"] == value


def test_months_stand_for_a_quarter_they_fill_also_inside_the_year(standing, only) -> None:
    targets = [
        person("R1", 1200.0, start_on="2026-01-01", end_on="2026-12-31"),
        person("R1", 500.0, start_on="2026-04-01", end_on="2026-06-30"),
        *(person("R1", 100.0, start_on=f"2026-0{m}-01", end_on=f"2026-0{m}-{d}") for m, d in ((4, 30), (5, 31), (6, 30))),
    ]
    for text, value in (("2026-Q2", 300), ("2026", 1200), ("2026-06", 100)):
        assert only(standing([ATTAINMENT], parse(text, NINTH), [], targets)["target_attainment"])["denominator"] == value


def test_months_that_exceed_their_year_leave_nothing_over(standing, only) -> None:
    targets = [person("R1", 100.0, start_on="2026-01-01", end_on="2026-12-31"), person("R1", 150.0)]
    assert only(standing([ATTAINMENT], parse("2026", NINTH), [], targets)["target_attainment"])["denominator"] == 150


def test_a_range_takes_its_share_by_working_days(standing, only) -> None:
    row = only(standing([ATTAINMENT], parse("2026-06-01..2026-06-12", NINTH, OFF), [], [person("R1", 2100.0)])["target_attainment"])
    assert row["denominator"] == 900


def test_a_mover_counts_where_last_assigned_in_each_targets_period(standing) -> None:
    targets = [person("R1", 100.0, start_on="2026-05-01", end_on="2026-05-31"), person("R1", 120.0, region="West")]
    rows = [{"revenue": 1.0}, {"revenue": 1.0, "region": "West"}]
    found = standing([ATTAINMENT], parse("2026-Q2", NINTH), rows, targets, ["region"])["target_attainment"]
    assert found.select("region", "denominator").rows() == [("East", 100), ("West", 120)]


def test_a_target_of_another_metric_or_product_line_is_not_this_one(standing, only) -> None:
    targets = [person("R1", 10.0, metric="new_customers"), person("R1", 20.0, product_line="sea"), person("R1", 30.0)]
    assert only(standing([ATTAINMENT], parse("2026-06", NINTH), [], targets)["target_attainment"])["denominator"] == 30
    by_line = standing([ATTAINMENT], parse("2026-06", NINTH), [{"revenue": 5.0, "product_line": "sea"}], targets, ["product_line"])
    assert only(by_line["target_attainment"])["denominator"] == 20


def test_a_rate_and_a_stock_are_compared_with_their_target_as_it_is(measure, only) -> None:
    sales = measure([{"date": "2026-06-01", "costed_revenue": 100.0, "revenue": 100.0, "gross_profit": 12.0}])
    open_items = measure([{"period": "2026-Q2", "ar_balance": 50.0, "unapplied": 0.0, "estimated_rows": 0}])
    targets = target_frame(
        measure,
        [
            person("R1", 0.15, metric="gross_margin_pct", start_on="2026-04-01") | {"level": "company", "member_id": "all"},
            person("R1", 40.0, metric="ar_balance"),
            person("R2", 60.0, metric="ar_balance"),
        ],
    )
    frames = {"sales": sales, "targets": targets, "receivable_positions": open_items}
    kpis = [TargetKpi("target_attainment", gross_margin_pct), TargetKpi("target_attainment", ar_balance)]
    quarter = summarise(kpis, frames.get, [parse("2026-Q2", NINTH)])
    assert only(quarter["target_attainment:gross_margin_pct"])["value"] == pytest.approx(0.8)
    assert only(quarter["target_attainment:ar_balance"])["value"] == pytest.approx(0.5)


def test_rates_and_stocks_have_no_pace() -> None:
    for base in (gross_margin_pct, ar_balance):
        with pytest.raises(ValueError, match="counts and sums"):
            TargetKpi("target_pace", base)


def test_a_comparison_to_date_keeps_the_whole_months_target(standing, only) -> None:
    may = prior(parse("mtd", NINTH))
    targets = [person("R1", 500.0, start_on="2026-05-01", end_on="2026-05-31")]
    row = only(
        standing([ATTAINMENT], may, [{"revenue": 100.0, "date": "2026-05-05"}, {"revenue": 7.0, "date": "2026-05-20"}], targets)[
            "target_attainment"
        ]
    )
    assert (row["numerator"], row["denominator"]) == (100, 500)


def test_a_metric_that_is_partial_says_so_beside_its_target(measure, only) -> None:
    firsts = measure(
        [
            {"date": "2026-06-01", "new_customers": 2, "unknown_customers": 0},
            {"date": "2026-06-02", "new_customers": 0, "unknown_customers": 1},
        ]
    )
    frames = {"first_orders": firsts, "targets": target_frame(measure, [person("R1", 4.0, metric="new_customers")])}
    row = only(
        summarise([TargetKpi("target_attainment", new_customers)], frames.get, [parse("2026-06", NINTH)])["target_attainment:new_customers"]
    )
    assert (row["value"], row["status"], row["n_excluded"]) == (0.5, "partial", 1)


def test_a_month_that_has_not_begun_has_no_standing(standing, only) -> None:
    for kpi in (ATTAINMENT, PACE, FORECAST, DAILY):
        row = only(standing([kpi], parse("2026-12", NINTH), [], [person("R1", 5.0, start_on="2026-12-01", end_on="2026-12-31")])[kpi.name])
        assert (row["value"], row["status"]) == (None, "immature")
        assert row["denominator"] == (5 if kpi is ATTAINMENT else None)


def test_a_member_with_a_target_and_no_sales_stands_at_zero(standing, measure, only) -> None:
    members = measure([{"period": "2026-06", "rep_id": "R7", "is_seller": True}])
    found = standing([ATTAINMENT], parse("2026-06", NINTH), [], [person("R7", 5.0)], ["rep_id"], members)
    assert only(found["target_attainment"])["value"] == 0
