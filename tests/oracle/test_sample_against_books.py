"""The sample company's figures equal the same worked out from its facts, by plain SQL and by hand: a closed month and the running one."""

from __future__ import annotations

from typing import Any

import pytest

from data.loading.load import first_run
from data.warehouse import Warehouse
from kpi.catalog import get
from kpi.period import parse
from tests.oracle import against, fieldwork, ground, paper, plain
from tests.oracle.against import differences, shown
from tests.oracle.test_ground_against_books import nearly

MONTHS = ("2026-09", "2026-10")  # the data ends on 21 October
ASKED = (("2026-09", ("rep_id",)), ("2026-10", ()))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home = tmp_path_factory.mktemp("sample")
    first_run(home)
    return Warehouse.open(home)


def cursor(sample: Warehouse) -> Any:
    return sample._file.con.cursor()


@pytest.mark.parametrize(("month", "by"), ASKED, ids=["closed, by rep", "running, team"])
def test_sales_visits_and_collections_equal_plain_sql(sample: Warehouse, month: str, by: tuple[str, ...]) -> None:
    period, key = parse(month, sample.as_of), by[0] if by else None
    names = [*plain.FLOWS, *plain.STOCKS, "collection_rate"]
    rows, wrong = shown(sample, names, period, by), []
    for name in names:
        told = plain.figure(cursor(sample), name, period.start, period.end, period.as_of, key)
        wrong += differences(name, {k: row["value"] for k, row in rows[name].items()}, told)
    assert not wrong


@pytest.mark.parametrize(("month", "by"), ASKED, ids=["closed, by rep", "running, team"])
def test_field_work_equals_plain_sql(sample: Warehouse, month: str, by: tuple[str, ...]) -> None:
    period, key = parse(month, sample.as_of), by[0] if by else None
    # of one order after a joint visit, who has it is a convention
    names = [name for name in fieldwork.STATEMENTS if not (by and name == "visit_order_amount")]
    rows, wrong = shown(sample, names, period, by), []
    for name in names:
        told = fieldwork.figure(cursor(sample), name, period.start, period.end, period.as_of, key)
        for member, row in rows[name].items():
            numerator, denominator = told.get(member, (0, 0))
            is_whole = get(name).denominator is None or row["denominator"] == denominator  # type: ignore[union-attr]
            if row["numerator"] != numerator or not is_whole:
                wrong.append((name, member, row["numerator"], numerator, row["denominator"], denominator))
    assert not wrong


@pytest.mark.parametrize(("month", "by"), ASKED, ids=["closed, by rep", "running, team"])
def test_customers_and_money_equal_the_books(sample: Warehouse, month: str, by: tuple[str, ...]) -> None:
    period = parse(month, sample.as_of)
    for compare in (against.customers_and_money, against.portfolio_and_payments):
        wrong, told = compare(sample, period, by)
        assert not wrong
        assert len(told) >= 18


@pytest.mark.parametrize("month", MONTHS)
def test_every_customers_class_score_and_segment_equal_the_books(sample: Warehouse, month: str) -> None:
    for ours, told in against.labels(sample, parse(month, sample.as_of)).values():
        assert ours == told


@pytest.mark.parametrize(("month", "by"), ASKED, ids=["closed, by rep", "running, team"])
def test_the_ground_equals_the_books(sample: Warehouse, month: str, by: tuple[str, ...]) -> None:
    period, books = parse(month, sample.as_of), paper.Books(cursor(sample), by[0] if by else None)
    start, to = period.start, period.to
    hours = {t: float(h) for t, h in cursor(sample).execute("select territory_id, hours_per_visit from fact.territories").fetchall() if h}
    there, load = ground.field(books, start, to), ground.load(books, start, to, hours)
    told = {
        "visits_per_day": there["visits_per_day"],
        "days_since_visit": ground.recency(books, to),
        "cadence_load": load,
        "cadence_load_rate": {k: load.get(k, 0) / (n * 8) for k, n in there["days"].items() if n},
        "key_visit_compliance_manager": ground.by_managers(books, start, to),
        "card_freshness": ground.freshness(books, to),
    }
    rows = shown(sample, told, period, by)
    wrong = [one for name, numbers in told.items() for one in nearly(name, {k: row["value"] for k, row in rows[name].items()}, numbers)]
    if not by:
        for name, numbers in ground.territories(books, to, hours).items():
            placed = shown(sample, [name], period, () if name == "territory_spread" else ("territory_id",))[name]
            wrong += nearly(name, {k: row["value"] for k, row in placed.items()}, numbers)
    assert not wrong
