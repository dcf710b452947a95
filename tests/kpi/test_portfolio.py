"""Who the revenue comes from, who stays and who is at risk, by the worked figures of the definitions."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from kpi import portfolio as p
from kpi.base import COMPANY, summarise
from kpi.classes import abc, rfm_scores, with_abc, with_rfm
from kpi.config import Config
from kpi.lists import at_risk_list, downgrades, half_of, migration, reasons
from kpi.period import months_up_to, parse

TO = date(2026, 6, 30)
JUNE = parse("2026-06", TO)
SIX = (500, 300, 120, 50, 20, 10)
CONFIG = Config(
    lapse_days=180, churn_months=12, abc_cuts=(0.8, 0.95), abc_measure="revenue", abc_migration_months=3, cost_coverage_min=0.95,
    rfm_recency_days=(30, 60, 90, 180), rfm_orders=(12, 8, 4, 2), rfm_shares=(2, 1, 0.5, 0.25), retention_points=0.05,
)  # fmt: skip
_MONEY = ("revenue", "gross_profit", "costed_revenue", "revenue_then", "gross_profit_then", "revenue_365", "annual_potential")


def customers(*rows, **more):
    """The portfolio: one row per customer, C0, C1, …"""
    usual = {"period": "2026-06", "rep_id": "R1", "territory_id": "T1", "region": "East", "manual_class": None, "loyalty": None}
    usual |= dict.fromkeys(_MONEY, 0) | {
        "orders_in_year": 1,
        "orders_365": 1,
        "n_rows": 1,
        "n_excluded": 0,
        "unseen_rows": 0,
        "is_key": False,
    }
    usual |= {"is_active": True, "first_order_on": date(2020, 1, 1), "last_order_on": TO, "then_on": date(2026, 3, 31), "date": TO}
    full = [usual | {"customer_id": f"C{n}"} | more | row for n, row in enumerate(rows)]
    frame = pl.DataFrame(full or [usual | {"customer_id": "C"}], schema_overrides={"manual_class": pl.String, "loyalty": pl.String})
    return frame.with_columns(pl.col(_MONEY).cast(pl.Decimal(38, 4))).limit(len(full)).lazy()


@pytest.fixture
def six():
    return customers(*({"revenue": r} for r in SIX))


def value(kpi, frame, by=()):
    return kpi(frame, JUNE, by, CONFIG)


def test_months_end_with_the_day_given() -> None:
    assert months_up_to(TO, 12) == date(2025, 7, 1)
    assert months_up_to(date(2026, 2, 28), 12) == date(2025, 3, 1)
    assert months_up_to(date(2026, 3, 30), 13) == date(2025, 2, 28)
    assert months_up_to(date(2026, 1, 15), 24) == date(2024, 1, 16)


def test_the_customer_at_exactly_80_percent_is_b(six) -> None:
    rows = abc(six, "revenue", "c", CONFIG).sort("customer_id").collect()
    assert rows["c"].to_list() == ["A", "A", "B", "B", "C", "C"]


def test_a_figure_says_that_part_of_it_was_sold_by_others(only) -> None:
    row = only(value(p.top20_share, customers({"revenue": 4}, {"revenue": 1, "unseen_rows": 3})))
    assert (row["value"], row["status"], row["note"]) == (0.8, "partial", "sold_by_others")


def test_one_large_customer_is_a_and_who_buys_nothing_is_n() -> None:
    rows = abc(customers({"revenue": 9}, {"revenue": 0}, {"revenue": -5}), "revenue", "c", CONFIG).sort("customer_id").collect()
    assert rows["c"].to_list() == ["A", "N", "N"]


def test_the_measure_of_the_classes_is_a_setting() -> None:
    frame = customers({"revenue": 100, "gross_profit": 1}, {"revenue": 1, "gross_profit": 100})
    by_profit = Config(**vars(CONFIG) | {"abc_measure": "gross_profit"})
    assert p.abc_class(frame, JUNE, "customer_id", by_profit)["value"].to_list() == ["C", "A"]


def test_a_class_is_a_customers_and_a_group_has_only_counts(six, only) -> None:
    row = only(value(p.abc_class, six))
    assert (row["value"], row["status"], row["note"]) == (None, "no_denominator", "per_customer")
    assert [row[f"class_{c}"] for c in "abcn"] == [2, 2, 2, 0]


def test_classes_are_the_companys_whoever_looks(six) -> None:
    own = six.filter(pl.col("customer_id") == "C3")
    frames = {"portfolio": own, f"portfolio{COMPANY}": six}
    found = summarise([p.abc_class], frames.__getitem__, [JUNE], ["customer_id"], config=CONFIG)["abc_class"]
    assert found.select("customer_id", "value").rows() == [("C3", "B")]


def test_classes_need_their_year_on_file(six, only) -> None:
    config = Config(**vars(CONFIG) | {"data_start": {"orders": date(2025, 7, 2)}})
    assert only(p.top20_share(six, JUNE, (), config))["status"] == "immature"
    config = Config(**vars(CONFIG) | {"data_start": {"orders": date(2025, 7, 1)}})
    assert only(p.top20_share(six, JUNE, (), config))["status"] == "ok"
    assert only(p.abc_migration(six, JUNE, (), config))["status"] == "immature"  # three months more


def test_migration_counts_who_fell_and_lists_them_with_the_revenue_lost(only) -> None:
    frame = customers(
        {"revenue": 100, "revenue_then": 900},
        {"revenue": 900, "revenue_then": 100},
        {"revenue": 1, "revenue_then": 0, "first_order_on": date(2026, 4, 1)},
        {"revenue": 0, "revenue_then": 0},
    )
    row = only(value(p.abc_migration, frame))
    assert (row["value"], row["upgraded"], row["unchanged"], row["new_class"], row["lost_revenue"]) == (1, 1, 1, 1, 800)
    classed = with_abc(frame, frame, (), CONFIG)
    assert migration(classed).select("class_then", "class_now", "customers").collect().rows() == [
        ("A", "B", 1),
        ("B", "A", 1),
        ("N", "N", 1),
        ("new", "C", 1),
    ]
    assert downgrades(classed).select("customer_id", "lost_revenue").collect().rows() == [("C0", Decimal(800))]


def test_the_top_fifth_and_the_concentration_of_six(six, only) -> None:
    assert only(value(p.top20_share, six))["value"] == pytest.approx(0.80)
    row = only(value(p.gini, six))
    assert (row["value"], row["status"], row["note"]) == (None, "too_few", "few_customers")
    assert only(value(replace(p.gini, few=None), six))["value"] == pytest.approx(0.56)
    assert only(value(p.top20_share, customers({"revenue": -1})))["note"] == "no_sales"


def test_ten_equal_customers_are_not_concentrated(only) -> None:
    assert only(value(p.gini, customers(*({"revenue": 5},) * 10)))["value"] == pytest.approx(0)


def test_key_accounts_share(only) -> None:
    frame = customers({"revenue": 600, "is_key": True}, {"revenue": 400})
    assert only(value(p.key_account_share, frame))["value"] == pytest.approx(0.60)
    assert only(value(p.key_account_share, customers({"revenue": 0})))["status"] == "no_denominator"


def test_equal_frequencies_score_equal() -> None:
    orders = (1, 1, 1, 1, 2, 2, 3, 4, 6, 9)
    frame = customers(*({"orders_365": n, "revenue_365": 5} for n in orders for _ in range(3)))  # 30 customers: quintiles
    scores = rfm_scores(frame, CONFIG).sort("customer_id").collect()
    by_orders = dict(zip((n for n in orders for _ in range(3)), (None,) * 30, strict=True))
    joined = scores.join(frame.collect(), on="customer_id")
    by_orders = {n: set(joined.filter(pl.col("orders_365") == n)["f"]) for n in set(orders)}
    assert by_orders == {1: {2}, 2: {3}, 3: {4}, 4: {4}, 6: {5}, 9: {5}}
    assert set(scores["m"]) == set(scores["r"]) == {3}


def test_few_customers_are_scored_by_thresholds() -> None:
    rows = [(0, 12, 8), (31, 8, 4), (90, 4, 2), (180, 2, 1), (181, 1, 0)]
    frame = customers(*({"last_order_on": TO - timedelta(days=d), "orders_365": f, "revenue_365": m} for d, f, m in rows))
    scores = rfm_scores(frame, CONFIG).sort("customer_id").collect()
    assert scores.select("r", "f", "m").rows() == [(5, 5, 5), (4, 4, 4), (3, 3, 3), (2, 2, 2), (1, 1, 1)]


def test_more_recent_is_better_and_money_below_zero_scores_one() -> None:
    rows = [{"last_order_on": TO - timedelta(days=n), "revenue_365": n - 1} for n in range(25)]
    scores = rfm_scores(customers(*rows), CONFIG).collect().sort(pl.col("customer_id").str.slice(1).cast(pl.Int64))
    assert scores["r"].to_list() == [5] * 5 + [4] * 5 + [3] * 5 + [2] * 5 + [1] * 5
    assert scores["m"].to_list()[:2] == [1, 1]


@pytest.mark.parametrize(
    ("scores", "first", "wanted"),
    [
        ((2, 5, 5), 2020, "rescue"),
        ((5, 5, 5), 2020, "champion"),
        ((3, 4, 1), 2020, "loyal"),
        ((1, 1, 4), 2020, "rescue"),
        ((5, 1, 1), 2026, "new"),
        ((4, 3, 5), 2020, "promising"),
        ((3, 3, 3), 2020, "fading"),
        ((2, 3, 3), 2020, "dormant"),
        ((None, None, None), 2026, "dormant"),
    ],
)
def test_every_customer_has_the_first_segment_that_fits(scores, first, wanted) -> None:
    from kpi.classes import segment

    row = dict(zip("rfm", scores, strict=True)) | {"date": TO, "first_order_on": date(first, 4, 1)}
    frame = pl.DataFrame([row], schema_overrides=dict.fromkeys("rfm", pl.Int64))
    assert frame.select(segment()).item() == wanted


def test_who_did_not_order_is_dormant_outside_the_bins() -> None:
    frame = customers({"revenue_365": 5}, {"orders_365": 0})
    assert with_rfm(frame, frame, (), CONFIG).sort("customer_id").select("rfm", "rfm_segment").collect()["rfm_segment"][1] == "dormant"
    assert value(p.rfm, frame, "customer_id")["value"].to_list() == ["5-1-4", "dormant"]
    assert value(p.rfm_segment, frame)["segment_dormant"].item() == 1


def stayed(*rows):
    usual = {"period": "2026-06", "rep_id": "R1", "territory_id": None, "region": None, "n_rows": 1, "is_key": False, "was_customer": True}
    usual |= {"unseen_rows": 0}
    full = [usual | {"customer_id": f"C{n}", "is_customer": after > 0, "revenue_before": before, "revenue_now": after} | more
            for n, (before, after, more) in enumerate(rows)]  # fmt: skip
    return pl.LazyFrame(full, schema_overrides={"territory_id": pl.String, "region": pl.String}).with_columns(
        pl.col("revenue_before", "revenue_now").cast(pl.Decimal(38, 4))
    )


def test_two_of_three_customers_stayed_and_what_they_buy(only) -> None:
    frame = stayed((100, 80, {}), (50, 60, {}), (30, 0, {}), (0, 500, {"was_customer": False}))
    found = {k.name: only(value(k, frame))["value"] for k in (p.customer_retention, p.customer_churn)}
    assert found == {"customer_retention": pytest.approx(2 / 3), "customer_churn": pytest.approx(1 / 3)}
    assert only(value(p.revenue_retention_gross, frame))["value"] == pytest.approx(0.722, abs=5e-4)
    assert only(value(p.revenue_retention_net, frame))["value"] == pytest.approx(0.778, abs=5e-4)
    assert only(value(p.customer_retention, frame))["n_rows"] == 3


def test_returns_beyond_sales_count_as_nothing(only) -> None:
    frame = stayed((100, -20, {"is_customer": False}), (-10, 5, {}))
    assert only(value(p.revenue_retention_net, frame))["value"] == pytest.approx(0.05)


def test_one_of_ten_key_accounts_left(only) -> None:
    frame = stayed(*((10, 0 if n == 0 else 9, {"is_key": True}) for n in range(10)), (5, 0, {}))
    assert only(value(p.key_account_churn, frame))["value"] == pytest.approx(0.10)
    assert only(value(p.key_account_churn, stayed((5, 0, {}))))["note"] == "no_base"


def test_retention_needs_two_years(only) -> None:
    config = Config(**vars(CONFIG) | {"data_start": {"orders": date(2024, 7, 2)}})
    assert only(p.customer_retention(stayed((1, 1, {})), JUNE, (), config))["status"] == "immature"


def test_what_keeping_five_points_more_is_worth(only) -> None:
    frame = customers(*({"gross_profit": 12_000, "revenue": 20_000, "costed_revenue": 20_000},) * 200)
    assert only(value(p.retention_value, frame))["value"] == pytest.approx(120_000)
    assert only(value(p.retention_value, customers({"orders_in_year": 0})))["status"] == "no_denominator"


def test_loyal_or_a_of_all_customers_and_nothing_without_marks(only) -> None:
    frame = customers({"revenue": 90}, {"revenue": 10, "loyalty": "loyal"}, {"loyalty": "switcher"}, {"manual_class": "A"})
    row = only(value(p.loyalty_mix, frame))
    assert (row["value"], row["loyal"], row["switcher"], row["indifferent"], row["marked"]) == (pytest.approx(0.75), 1, 1, 0, 2)
    assert only(value(p.loyalty_mix, customers({"revenue": 1})))["note"] == "no_loyalty"


def test_share_of_wallet_is_of_customers_with_a_potential(only) -> None:
    frame = customers({"revenue": 30, "annual_potential": 120}, {"revenue": 500})
    row = only(value(p.share_of_wallet, frame))
    assert (row["value"], row["over_potential"], row["n_excluded"]) == (pytest.approx(0.25), 0, 1)
    assert only(value(p.share_of_wallet, customers({"revenue": 5})))["note"] == "no_potential"


def risks(**more):
    usual = {"period": "2026-06", "customer_id": "C1", "rep_id": "R1", "revenue": 100, "revenue_recent": 60, "revenue_before": 100}
    usual |= {"overdue_amount": 0, "gap_count": 3, "gap_median_days": 12.0, "days_since_order": 18, "n_rows": 1, "unseen_rows": 0}
    usual |= {"last_order_on": TO - timedelta(days=more.get("days_since_order", 18))}
    money = [pl.col(c).cast(pl.Decimal(38, 4)) for c in ("revenue", "revenue_recent", "revenue_before", "overdue_amount")]
    return pl.LazyFrame([usual | more]).with_columns(money)


@pytest.mark.parametrize(
    ("signs", "flags"),
    [
        ({}, []),
        ({"days_since_order": 20}, ["is_silent"]),
        ({"days_since_order": 20, "gap_count": 2}, []),
        ({"gap_median_days": 11.5}, ["is_silent"]),  # 18 > 17.25
        ({"revenue_recent": 50}, ["is_falling"]),
        ({"revenue_recent": 0, "revenue_before": 0}, []),
        ({"overdue_amount": 1, "revenue_recent": 50}, ["is_falling", "is_overdue"]),
        ({"overdue_amount": None}, []),
        ({"open_over_sla": 1}, ["is_complaining"]),
        ({"visits_missing": 2}, ["is_unvisited"]),
    ],
)
def test_each_sign_of_losing_a_customer_raises_its_flag(signs, flags) -> None:
    found = at_risk_list(risks(**signs), None, CONFIG).collect()
    assert (found["reasons"].to_list() or [[]])[0] == flags


def test_a_flag_without_its_source_is_off_and_not_false(only) -> None:
    row = only(value(p.at_risk, risks(overdue_amount=None, days_since_order=20)))
    assert (row["value"], row["is_silent"], row["is_overdue"], row["is_complaining"]) == (1, 1, None, None)
    short = Config(**vars(CONFIG) | {"data_start": {"orders": TO - timedelta(days=178)}})
    assert p.at_risk(risks(revenue_recent=0), JUNE, (), short)["value"].item() == 0


def test_each_row_of_the_list_says_why_in_words() -> None:
    from i18n import translator

    [row] = at_risk_list(risks(days_since_order=20, overdue_amount=9), None, CONFIG).collect().to_dicts()
    for lang in ("zh", "en"):
        said = [translator(lang)(message, **values) for message, values in reasons(row)]
        assert "20" in said[0]
        assert "9" in said[1]


def test_the_largest_at_risk_comes_first() -> None:
    frame = pl.concat([risks(customer_id=c, revenue=r, days_since_order=99) for c, r in (("C1", 5), ("C3", 9), ("C2", 9))])
    assert at_risk_list(frame, None, CONFIG).collect()["customer_id"].to_list() == ["C2", "C3", "C1"]


def test_half_of_what_is_at_stake_hangs_on_the_few_largest() -> None:
    amounts = pl.Series([10, 500, 90, 300, 100], dtype=pl.Decimal(38, 4))  # 500 of 1,000
    assert half_of(amounts) == 1
    assert half_of(amounts.filter(pl.Series([True, False, True, True, True]))) == 1  # 300 of 500
    assert half_of(pl.Series([1, 1, 1, 1], dtype=pl.Decimal(38, 4))) == 2
    assert half_of(pl.Series([-5, 0], dtype=pl.Decimal(38, 4))) == 0


@pytest.mark.parametrize("kpi", p.KPIS, ids=lambda k: k.name)
def test_without_orders_there_is_no_figure_rather_than_zero(kpi, only) -> None:
    row = only(kpi(None, JUNE, (), CONFIG))
    assert (row["value"], row["status"]) == (None, "not_loaded")


@pytest.mark.parametrize("kpi", [k for k in p.KPIS if k.reads == "portfolio"], ids=lambda k: k.name)
def test_no_customers_break_nothing(kpi, only) -> None:
    row = only(value(kpi, customers()))
    assert row["value"] in (None, 0)
