"""The IBM late payments, through our mapping, measures and KPIs, equal plain SQL over the raw file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data.access import OWNER
from data.warehouse import Warehouse
from kpi.catalog import BASES
from kpi.collections import BUCKETS
from kpi.period import Period, parse
from kpi.report import evaluate
from tests.oracle import against
from tests.real.cases import Case, command
from tests.real.late_payments import Share, Truth

FILE = "WA_Fn-UseC_-Accounts-Receivable.csv"
AS_OF = date(2013, 6, 30)
PERIODS = ("2013-06", "2013-Q2", "2013-H1", "2013", "2012")


@pytest.fixture(scope="module")
def loaded(case: Callable[[str, str], Case]) -> Case:
    return case("ibm_late_payments", "ibm_late_payments.toml")


@pytest.fixture(scope="module")
def truth(loaded: Case) -> Truth:
    return Truth(loaded.folder / FILE)


@pytest.fixture(scope="module")
def warehouse(loaded: Case) -> Warehouse:
    return Warehouse.open(loaded.home)


def figure(warehouse: Warehouse, kpi: str, period: Period, by: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """One KPI as a page asks for it: member ("" in total) -> columns of R2."""
    rows = evaluate(warehouse, OWNER, [BASES[kpi]], [period], by)[kpi].iter_rows(named=True)
    return {row[by[0]] if by else "": row for row in rows}


def assert_shares(warehouse: Warehouse, kpi: str, period: Period, expected: Share) -> None:
    """The KPI in total and per territory has these exact parts, and no other territory has any."""
    for level, by in (("team", ()), ("territory", ("territory_id",))):
        shown = {member: row for member, row in figure(warehouse, kpi, period, by).items() if row["denominator"]}
        wanted = {member: parts for (at, member), parts in expected.items() if at == level}
        assert {m: (row["numerator"], row["denominator"]) for m, row in shown.items()} == wanted
        for member, (part, whole) in wanted.items():
            assert shown[member]["value"] == pytest.approx(float(part) / float(whole), rel=1e-12, abs=0)


def test_the_dates_are_read_as_the_source_counts_them(truth: Truth) -> None:
    assert truth.days_late_disagree() == 0


def test_all_invoices_are_there_with_every_leading_zero(warehouse: Warehouse, truth: Truth) -> None:
    whole = parse("2012-01-01..2014-12-31", warehouse.as_of)
    rows = warehouse.rows("invoices", OWNER, whole, limit=10_000)
    expected = truth.invoice_numbers()
    assert dict(zip(rows["invoice_id"], rows["amount"], strict=True)) == expected
    assert (rows.height, sum(number.startswith("0") for number in expected)) == (2_466, 266)


def test_the_one_file_feeds_invoices_and_receipts_to_the_cent(loaded: Case, truth: Truth) -> None:
    for source in ("invoices", "receipts"):
        account = loaded.file(FILE, source)
        assert (account["read"], account["loaded"], account["quarantined"]) == (2_466, 2_466, 0)
        assert account["sums"]["amount"]["loaded"] == sum(truth.invoice_numbers().values())


@pytest.mark.parametrize("text", PERIODS)
def test_the_collection_rate_of_the_whole_period(warehouse: Warehouse, truth: Truth, text: str) -> None:
    period = parse(text, warehouse.as_of)
    assert_shares(warehouse, "collection_rate", period, truth.collection(period.start, period.to))


@pytest.mark.parametrize("text", ["2013-06", "2013-Q2", "2013"])
def test_the_collection_rate_as_seen_on_30_june_2013(warehouse: Warehouse, truth: Truth, text: str) -> None:
    period = parse(text, AS_OF)
    assert_shares(warehouse, "collection_rate", period, truth.collection(period.start, AS_OF))


@pytest.mark.parametrize("text", ["2013-06", "2013-Q2", "2013-H1"])
def test_the_share_paid_on_time(warehouse: Warehouse, truth: Truth, text: str) -> None:
    period = parse(text, AS_OF)
    moves = warehouse.read("receivables", OWNER)
    assert moves is not None
    due = moves.filter(pl.col("due_date").is_between(period.start, period.to), pl.col("date") <= AS_OF)
    paid = (pl.col("kind") == "cash") & (pl.col("date") <= pl.col("due_date"))
    parts = (-pl.col("open_change").filter(paid).sum(), pl.col("open_change").filter(pl.col("kind") == "invoice").sum())
    expected = truth.on_time(period.start, period.to, AS_OF)
    assert due.select(parts[0].alias("paid"), parts[1].alias("due")).collect().rows() == [expected["team", ""]]
    places = due.group_by("territory_id").agg(parts[0].alias("paid"), parts[1].alias("due")).collect().rows()
    assert {place: amounts for place, *amounts in places} == {
        place: list(amounts) for (at, place), amounts in expected.items() if at == "territory"
    }


def test_the_aging_as_of_30_june_2013(warehouse: Warehouse, truth: Truth) -> None:
    buckets = truth.aging(AS_OF)
    for period in (parse("2013-06", AS_OF), parse("2013-06", warehouse.as_of)):  # June's balance is June's whenever it is asked
        row = figure(warehouse, "ar_aging", period)[""]
        assert {bucket: row[bucket] for bucket in BUCKETS} == {bucket: buckets.get(bucket, (Decimal(0), 0))[0] for bucket in BUCKETS}
        assert (row["value"], row["unapplied"]) == (sum(amount for amount, _ in buckets.values()), 0)
        assert row["n_rows"] == sum(count for _, count in buckets.values())


def test_each_customer_owes_what_the_file_says(warehouse: Warehouse, truth: Truth) -> None:
    period = parse("2013-06", AS_OF)
    expected = truth.balances(AS_OF)
    for kpi, position in (("ar_balance", 0), ("overdue_amount", 1)):
        shown = {customer: row["value"] for customer, row in figure(warehouse, kpi, period, ("customer_id",)).items() if row["value"]}
        assert shown == {customer: parts[position] for customer, parts in expected.items() if parts[position]}


def test_in_the_end_everything_was_paid(warehouse: Warehouse) -> None:
    period = parse("2014-01", warehouse.as_of)
    assert (warehouse.as_of, figure(warehouse, "ar_balance", period)[""]["value"]) == (date(2014, 1, 9), 0)


def test_the_command_line_says_the_same(loaded: Case, truth: Truth) -> None:
    asked = ("--kpi", "collection_rate,ar_balance,overdue_amount", "--period", "2013-06", "--as-of", "2013-06-30", "--format", "json")
    rows = {row["kpi"]: row for row in command("kpi", "report", "--home", loaded.home, *asked)["rows"]}
    part, whole = truth.collection(date(2013, 6, 1), AS_OF)["team", ""]
    assert (rows["collection_rate"]["numerator"], rows["collection_rate"]["denominator"]) == (part, whole)
    assert rows["ar_balance"]["value"] == sum(balance for balance, _ in truth.balances(AS_OF).values())
    assert rows["overdue_amount"]["value"] == sum(overdue for _, overdue in truth.balances(AS_OF).values())


@pytest.mark.parametrize("by", [(), ("rep_id",)], ids=["team", "rep"])
@pytest.mark.parametrize("month", ["2012-12", "2013-06"])
def test_open_money_and_lateness_equal_books_kept_by_hand(warehouse: Warehouse, month: str, by: tuple[str, ...]) -> None:
    period = parse(month, warehouse.as_of)
    compared = set()
    for compare in (against.customers_and_money, against.portfolio_and_payments):
        wrong, told = compare(warehouse, period, by)
        assert not wrong
        compared |= told
    assert {*BUCKETS, "dso", "dso_countback", "cei", "avg_days_late", "days_beyond_terms", "collection_rate_balance"} <= compared
