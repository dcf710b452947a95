"""A report: split by members and pieces of a period, beside another period or the target."""

from dataclasses import asdict
from datetime import date

import polars as pl
import pytest

from data.config import Settings
from kpi.catalog import get
from kpi.collections import due_amount
from kpi.period import parse
from kpi.report import Question, answer, evaluate, rows
from kpi.sales import gross_margin_pct, order_margin_pct, revenue

AS_OF = date(2026, 6, 12)


class Typed:
    """Typed frames as a source; remembers what it was asked for."""

    as_of, data_start = AS_OF, {}
    config_values = asdict(Settings())

    def __init__(self, people, **frames):
        self.people, self.frames, self.windows, self.columns, self.where = people, frames, {}, {}, {}

    def read(self, name, scope, windows=(), *, by=(), where=None, columns=None):
        self.windows[name] = [(p.start, p.to) for p in windows]
        self.columns[name], self.where[name] = columns, where
        return self.frames.get(name)

    def members(self, scope, windows, *, where=None):
        return pl.LazyFrame({"period": [p.label for p in windows]}).join(self.people, how="cross")

    def territories(self, scope):
        return pl.DataFrame({"territory_id": ["T1", "T2"], "region": ["East", "East"]})


@pytest.fixture
def source(measure):
    people = pl.LazyFrame({"rep_id": ["R1", "R2"], "is_seller": [True, True], "territory_id": ["T1", "T1"], "region": ["East", "East"]})
    sales = [{"date": "2026-06-03", "revenue": 420.0}, {"date": "2026-05-04", "revenue": 300.0}, {"date": "2026-05-20", "revenue": 50.0}]
    goals = {"level": "rep", "member_id": "R1", "metric": "revenue", "is_seller": True, "product_line": None}
    return Typed(
        people,
        sales=measure(sales, costed_revenue=0.0, gross_profit=0.0),
        targets=measure([{"start_on": "2026-06-01", "end_on": "2026-06-30", "value": 1000.0}], **goals),
        billing=measure([{"date": "2026-06-25", "known_on": "2026-06-01", "due": 5.0, "due_rows": 1, "undated_rows": 0}]),
    )


def test_rows_carry_by_columns_kpi_and_r2(source) -> None:
    question = Question((revenue,), parse("2026-Q2", AS_OF), ("rep_id",), "month")
    found = rows(answer(question, source, None), ("rep_id", "month"))
    assert list(found[0]) == ["rep_id", "month", "kpi", "value", "numerator", "denominator", "n_rows", "n_excluded", "status", "note"]
    values = {("R1", "2026-05"): 350, ("R1", "2026-06"): 420}
    members = [(rep, month) for month in ("2026-04", "2026-05", "2026-06") for rep in ("R1", "R2")]
    assert [(r["rep_id"], r["month"], r["value"]) for r in found] == [(*m, values.get(m, 0)) for m in members]


def test_territories_nobody_holds_are_in_the_report(source) -> None:
    found = answer(Question((revenue,), parse("2026-06", AS_OF), ("territory_id",)), source, None)["revenue"]
    assert found.select("territory_id", "value").rows() == [("T1", 420), ("T2", 0)]


def test_a_running_month_compares_with_the_same_days_of_the_prior_one(source) -> None:
    row = answer(Question((revenue,), parse("2026-06", AS_OF), compare="prior"), source, None)["revenue"].to_dicts()[0]
    assert (row["compare_value"], row["change"], row["compare_end"]) == (300, 120, date(2026, 5, 12))


def test_a_part_period_stands_beside_its_full_target_with_pace(source) -> None:
    found = answer(Question((revenue, gross_margin_pct, get("target_attainment")), parse("mtd", AS_OF), compare="target"), source, None)
    row = found["revenue"].to_dicts()[0]
    assert (row["compare_value"], row["change"], row["pace"]) == (1000, -580, pytest.approx(420 / (1000 * 10 / 22)))
    assert found["gross_margin_pct"].select("compare_value", "pace").rows() == [(None, None)]
    assert "pace" not in found["target_attainment"].columns


def test_what_is_due_is_read_and_compared_over_whole_months(source) -> None:
    row = answer(Question((due_amount,), parse("mtd", AS_OF), compare="prior"), source, None)["due_amount"].to_dicts()[0]
    assert (row["value"], row["compare_value"], row["compare_end"]) == (5, 0, date(2026, 5, 31))
    assert source.windows["billing"] == [(date(2026, 5, 1), date(2026, 5, 31))]


def test_only_the_columns_the_kpis_name_are_read(source) -> None:
    evaluate(source, None, [revenue, gross_margin_pct], [parse("2026-06", AS_OF)])
    assert source.columns["sales"] == {"revenue", "costed_revenue", "gross_profit", "n_rows", "n_excluded"}
    evaluate(source, None, [order_margin_pct, get("target_attainment")], [parse("2026-06", AS_OF)])
    assert source.columns["orders"] == {"costed_revenue", "gross_profit", "n_rows"}
    assert source.columns["targets"] is None  # what a target does with its rows is its own business


def test_a_narrowed_question_narrows_rows_and_members_alike(source) -> None:
    june = [parse("2026-06", AS_OF)]
    evaluate(source, None, [revenue], june, ("territory_id",), where={"region": ["West"]})
    assert source.where["sales"] == {"region": ["West"]}
    found = evaluate(source, None, [revenue], june, ("territory_id",), where={"territory_id": ["T1", "T2"]})["revenue"]
    assert found["territory_id"].to_list() == ["T1", "T2"]
    # of one rep, territories nobody holds are no matter
    found = evaluate(source, None, [revenue], june, ("territory_id",), where={"rep_id": ["R1"]})["revenue"]
    assert found["territory_id"].to_list() == ["T1"]
    # of some customers, everybody has a row: who sold them nothing sold them nothing (R2)
    found = evaluate(source, None, [revenue], june, ("rep_id",), where={"customer_id": ["C"]})["revenue"]
    assert found["rep_id"].to_list() == ["R1", "R2"]
