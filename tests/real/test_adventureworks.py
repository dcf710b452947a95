"""Adventure Works, through our mapping, measures and KPIs, equals plain SQL over the raw files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl
import pytest

from data.access import OWNER
from data.warehouse import Warehouse
from kpi.base import summarise
from kpi.catalog import get
from kpi.config import Config
from kpi.freshness import Freshness
from kpi.period import parse
from tests.oracle import against
from tests.real.adventureworks import Truth
from tests.real.cases import Case, command

LEVELS = {"team": (), "rep": ("rep_id",), "territory": ("territory_id",)}
KPIS = ("revenue", "gross_profit", "gross_margin_pct", "new_customers", "target_attainment")
QUARTERS = [f"{year}-Q{quarter}" for year in range(2017, 2021) for quarter in (1, 2, 3, 4) if (2017, 3) <= (year, quarter) <= (2020, 2)]
Figures = dict[str, dict[tuple[str, str, date], dict[str, Any]]]  # KPI -> (level, member, first day) -> columns of R2


@pytest.fixture(scope="module")
def loaded(case: Callable[[str, str], Case]) -> Case:
    return case("adventureworks_reseller", "adventureworks.toml")


@pytest.fixture(scope="module")
def truth(loaded: Case) -> Truth:
    return Truth(loaded.folder)


@pytest.fixture(scope="module")
def figures(loaded: Case) -> Figures:
    """Every KPI at every level for every quarter, as a page asks for them."""
    warehouse = Warehouse.open(loaded.home)
    periods = [parse(quarter, warehouse.as_of) for quarter in QUARTERS]
    starts = {p.label: p.start for p in periods}
    asked = [kpi for kpi in map(get, KPIS) if not isinstance(kpi, Freshness)]
    members = warehouse.members(OWNER, periods)
    config = Config.of(asdict(warehouse.settings))
    result: Figures = {name: {} for name in KPIS}
    for level, by in LEVELS.items():

        def read(name: str, by: tuple[str, ...] = by) -> pl.LazyFrame | None:
            return warehouse.read(name, OWNER, periods, by=by)

        for name, frame in summarise(asked, read, periods, by, members=members, config=config).items():
            for row in frame.iter_rows(named=True):
                result[name][level, row[by[0]] if by else "", starts[row["period"]]] = row
    return result


def test_every_order_line_is_accounted_for(loaded: Case, truth: Truth) -> None:
    lines = loaded.file("Sales.csv", "orders")
    assert truth.lines() == 57_851
    assert (lines["read"], lines["loaded"], lines["quarantined"], lines["skipped"]) == (57_851, 57_851, 0, 0)
    sold = sum(row[0] for (level, _, _), row in truth.sales().items() if level == "team")
    assert lines["sums"]["net_amount"]["loaded"] == sold


def test_no_row_of_any_file_is_set_aside(loaded: Case) -> None:
    counts = {(f["file"], f["source"]): (f["loaded"], f["quarantined"]) for f in loaded.report["files"] if f["status"] == "loaded"}
    assert counts == {
        ("Region.csv", "territories"): (10, 0),
        ("Salesperson.csv", "reps"): (18, 0),
        ("Reseller.csv", "customers"): (701, 0),
        ("Product.csv", "products"): (397, 0),
        ("Sales.csv", "orders"): (57_851, 0),
        ("Targets.csv", "targets"): (809, 0),
    }


def test_files_that_are_no_exports_are_listed_and_left_alone(loaded: Case) -> None:
    ignored = {f["file"] for f in loaded.report["files"] if f["status"] == "ignored"}
    assert {"README.md", "LICENSE.source", "SalespersonRegion.csv"} == ignored


def test_revenue_and_profit_are_exact_to_the_cent(figures: Figures, truth: Truth) -> None:
    for key, (revenue, profit, _) in truth.sales().items():
        assert figures["revenue"][key]["value"] == revenue, key
        assert figures["gross_profit"][key]["value"] == profit, key
    for name in ("revenue", "gross_profit"):  # and nothing beside them
        assert {key for key, row in figures[name].items() if row["value"]} == set(truth.sales())


def test_the_margin_is_the_quotient_of_the_exact_sums(figures: Figures, truth: Truth) -> None:
    for key, (revenue, profit, margin) in truth.sales().items():
        row = figures["gross_margin_pct"][key]
        assert (row["numerator"], row["denominator"]) == (profit, revenue), key
        assert row["value"] == pytest.approx(margin, rel=1e-12, abs=0), key


def test_new_customers_from_2018_q3_on(figures: Figures, truth: Truth) -> None:
    known = {key: row for key, row in figures["new_customers"].items() if key[2] >= date(2018, 7, 1)}
    expected = {key: counts[0] for key, counts in truth.first_orders().items()}
    assert {key: row["value"] for key, row in known.items() if row["value"]} == {key: n for key, n in expected.items() if n}
    assert all(row["value"] is not None for row in known.values())


def test_before_2018_q3_nobody_can_tell_a_new_customer_from_an_old_one(figures: Figures, truth: Truth) -> None:
    unknown = {key: counts[1] for key, counts in truth.first_orders().items() if counts[1]}
    assert sum(n for (level, _, _), n in unknown.items() if level == "team") == 208
    for key, count in unknown.items():
        row = figures["new_customers"][key]
        assert (row["value"], row["n_excluded"], row["status"]) == (None, count, "partial"), key


def test_attainment_adds_up_the_targets_of_those_who_sell(figures: Figures, truth: Truth) -> None:
    shown = figures["target_attainment"]
    asked = {key: row for key, row in truth.attainment().items() if key[2] <= date(2020, 4, 1)}  # targets run on past the last sale
    unseen = {(level, member) for level, member, _ in asked.keys() - shown.keys()}
    assert unseen <= {("rep", manager) for manager in ("272", "277", "290", "294")}  # they have a row only where they sold something
    for key in asked.keys() & shown.keys():
        target, share = asked[key]
        assert shown[key]["denominator"] == target, key
        assert shown[key]["value"] == pytest.approx(share, rel=1e-12, abs=0), key
    without = shown.keys() - asked.keys()
    assert all(shown[key]["value"] is None for key in without)


def test_the_command_line_says_the_same(loaded: Case, truth: Truth) -> None:
    asked = ("--kpi", ",".join(KPIS), "--by", "rep_id", "--period", "2019-Q1", "--format", "json")
    rows = {(r["kpi"], r["rep_id"]): r for r in command("kpi", "report", "--home", loaded.home, *asked)["rows"]}
    first = date(2019, 1, 1)
    sold = {member: row for (level, member, quarter), row in truth.sales().items() if (level, quarter) == ("rep", first)}
    goals = {member: row for (level, member, quarter), row in truth.attainment().items() if (level, quarter) == ("rep", first)}
    assert len(sold) == 14
    for rep, (revenue, profit, margin) in sold.items():
        assert rows["revenue", rep]["value"] == revenue
        assert rows["gross_profit", rep]["value"] == profit
        assert float(rows["gross_margin_pct", rep]["value"]) == pytest.approx(margin, rel=1e-12, abs=0)
        assert rows["new_customers", rep]["value"] == truth.first_orders().get(("rep", rep, first), (0, 0))[0]
        assert float(rows["target_attainment", rep]["value"]) == pytest.approx(goals[rep][1], rel=1e-12, abs=0)


def test_a_report_by_month_adds_up_to_the_quarter(loaded: Case, truth: Truth) -> None:
    asked = ("--kpi", "revenue", "--by", "territory_id,month", "--period", "2019-Q1", "--format", "json")
    rows = command("kpi", "report", "--home", loaded.home, *asked)["rows"]
    assert {row["month"] for row in rows} == {"2019-01", "2019-02", "2019-03"}
    assert sum(row["value"] for row in rows) == truth.sales()["team", "", date(2019, 1, 1)][0]


def test_a_rep_sees_the_rows_of_that_rep_only(loaded: Case, truth: Truth) -> None:
    asked = ("--kpi", "revenue", "--by", "rep_id,quarter", "--period", "2017-07-01..2020-06-30", "--format", "json")
    rows = command("kpi", "report", "--home", loaded.home, "--as", "jae-pak@adventureworks.com", *asked)["rows"]
    own = {quarter: row[0] for (level, member, quarter), row in truth.sales().items() if (level, member) == ("rep", "291")}
    assert {row["rep_id"] for row in rows} == {"291"}
    assert sorted(row["value"] for row in rows if row["value"]) == sorted(own.values())


def test_what_no_file_tells_is_unknown_and_not_zero(loaded: Case) -> None:
    asked = ("--kpi", "completed_visits,collected,ar_balance,collection_rate", "--period", "2019-Q1", "--format", "json")
    rows = command("kpi", "report", "--home", loaded.home, *asked)["rows"]
    assert {(row["value"], row["status"]) for row in rows} == {(None, "not_loaded")}
    assert len(rows) == 4


@pytest.mark.parametrize("by", [(), ("rep_id",)], ids=["team", "rep"])
@pytest.mark.parametrize("month", ["2019-06", "2020-05"])
def test_portfolio_and_margin_equal_books_kept_by_hand(loaded: Case, month: str, by: tuple[str, ...]) -> None:
    warehouse = Warehouse.open(loaded.home)
    period = parse(month, warehouse.as_of)
    compared = set()
    for compare in (against.customers_and_money, against.portfolio_and_payments):
        wrong, told = compare(warehouse, period, by)
        assert not wrong
        compared |= told
    assert {"margin_bridge", "margin_rate_bridge", "customer_retention", "gini", "abc_migration", "lapsed_customers"} <= compared
    assert not compared & {"dso", "cei", "credit_usage"}  # no invoices, no figure


def test_the_class_score_and_segment_of_701_resellers_equal_books_kept_by_hand(loaded: Case) -> None:
    warehouse = Warehouse.open(loaded.home)
    for ours, told in against.labels(warehouse, parse("2019-12", warehouse.as_of)).values():
        assert len(ours) == 701
        assert ours == told
