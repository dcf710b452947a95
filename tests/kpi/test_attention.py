"""Who is on the list of what needs attention, who is not, and in which order."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from kpi.attention import KPIS, findings
from kpi.config import Config

CONFIG = Config(attention_pace=0.96, attention_overdue=1.5, attention_visits=0.75, attention_min_plans=10, attention_margin=0.02)
_COLUMNS = {"rep_id": pl.String, "value": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64}
NO_RISKS = pl.DataFrame()
RISKS = [("A", "small", 10), ("A", "large", 30), ("B", "other", 20)]


def rows(*parts: tuple[str | None, float, float]) -> pl.DataFrame:
    """A KPI's rows by rep_id from numerator and denominator."""
    return pl.DataFrame([(rep, n / d if d else None, n, d) for rep, n, d in parts], schema=_COLUMNS, orient="row")


def found(
    before: pl.DataFrame | None = None,
    everywhere: float | None = 0.2,
    risks: pl.DataFrame = NO_RISKS,
    left: tuple[str, ...] = (),
    **results: Any,
) -> list[tuple[str, str]]:
    """(kind, rep_id) of everything found."""
    frame = findings({name: results.get(name, rows()) for name in KPIS}, before, everywhere, risks, left=left, config=CONFIG)
    return list(frame.select("kind", "rep_id").iter_rows())


def test_behind_is_below_the_limit_and_the_money_missing_decides_the_order() -> None:
    pace = rows(("A", 96, 100), ("B", 50, 100), ("C", 500, 1000), ("D", 0, 0))
    assert found(target_pace=pace) == [("pace", "C"), ("pace", "B")]


def test_the_heaviest_of_each_kind_comes_before_the_second_of_any() -> None:
    pace, kept = rows(("A", 500, 1000), ("B", 50, 100)), rows(("C", 1, 10))
    assert found(target_pace=pace, visit_attainment=kept) == [("pace", "A"), ("visits", "C"), ("pace", "B")]


def test_overdue_is_much_more_than_everybodys_share() -> None:
    late = rows(("A", 30, 100), ("B", 31, 100))
    assert found(overdue_rate=late) == [("overdue", "B")]
    assert found(overdue_rate=late, everywhere=None) == []


def test_where_everything_is_late_it_is_who_holds_well_more_than_an_even_part() -> None:
    """Of 300 overdue an even part is 100: 200 is more than half again as much; a large part of a book paid well is nothing."""
    assert found(overdue_rate=rows(("A", 200, 400), ("B", 60, 150), ("C", 40, 100)), everywhere=0.46) == [("overdue", "A")]
    assert found(overdue_rate=rows(("A", 200, 1000), ("B", 40, 150), ("C", 30, 100)), everywhere=0.21) == []


def test_a_few_planned_visits_say_nothing() -> None:
    assert found(visit_attainment=rows(("A", 1, 9), ("B", 7, 10), ("C", 75, 100))) == [("visits", "B")]


def test_a_margin_is_compared_with_the_ones_own_before() -> None:
    now, before = rows(("A", 10, 100), ("B", 10, 100), ("C", 10, 100)), rows(("A", 13, 100), ("B", 12, 100))
    assert found(before, gross_margin_pct=now) == [("margin", "A")]
    assert found(None, gross_margin_pct=now) == []


def test_who_has_left_answers_for_nothing_but_leaves_money_to_reassign() -> None:
    gone = {name: rows(("A", 1, 100)) for name in KPIS}
    assert found(rows(("A", 90, 100)), left=("A",), **gone) == [("reassign", "A")]


def test_rows_of_nobody_are_left_out() -> None:
    assert found(target_pace=rows((None, 1, 100))) == []


def test_of_a_persons_customers_at_risk_the_largest_is_said_and_the_others_are_in_the_list() -> None:
    risk = {"is_silent": True, "is_falling": False, "days_since_order": 90, "gap_median_days": 7.0}
    risk |= {"revenue_recent": 0, "revenue_before": 9}
    at_risk = pl.DataFrame([risk | {"rep_id": rep, "customer_id": one, "revenue": amount} for rep, one, amount in RISKS])
    said = findings({name: rows() for name in KPIS}, None, 0.2, at_risk, left=(), config=CONFIG)
    assert list(said.select("rep_id", "customer_id").iter_rows()) == [("A", "large"), ("B", "other")]


@pytest.mark.parametrize(
    ("silent", "falling", "revenue", "kinds"),
    [(True, True, 5, ["silent"]), (None, True, 5, ["falling"]), (None, None, 5, []), (True, False, 0, [])],
)
def test_a_customer_is_said_once_silence_before_a_fall(silent: bool | None, falling: bool | None, revenue: int, kinds: list[str]) -> None:
    risk = pl.DataFrame(
        {
            "rep_id": ["A"], "customer_id": ["K"], "revenue": [revenue], "revenue_recent": [1], "revenue_before": [4],
            "days_since_order": [40], "gap_median_days": [10.0], "is_silent": [silent], "is_falling": [falling],
        },
        schema_overrides={"is_silent": pl.Boolean, "is_falling": pl.Boolean},
    )  # fmt: skip
    assert found(risks=risk) == [(kind, "A") for kind in kinds]


def test_kinds_come_in_a_fixed_order() -> None:
    pace, late = rows(("A", 1, 100)), rows(("B", 90, 100))
    assert [kind for kind, _ in found(target_pace=pace, overdue_rate=late)] == ["pace", "overdue"]
