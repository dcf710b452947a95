"""Who is on today's list, for which reasons and in which order: findings typed in one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from kpi import today
from kpi.config import Config

AS_OF, DAY = date(2026, 6, 12), date(2026, 6, 15)  # a Friday and the Monday after it
CONFIG = Config(class_limit_days={"A": 7, "B": 30, "C": 90}, card_review_days={"A": 1, "B": 7, "C": 30})
IDS = {"rep_id": "R1", "customer_id": None, "prospect_id": None}


def rows(*typed: dict[str, Any], **types: Any) -> pl.DataFrame:
    """Rows with the ids they leave out."""
    return pl.DataFrame([IDS | row for row in typed], schema_overrides=dict.fromkeys(IDS, pl.String) | types)


def listed(*found: pl.DataFrame, **worth: int) -> list[tuple[str, int, list[str]]]:
    """(party, points, kinds) of the list made of some findings; worth: C1=100 for a customer, P1=… for a prospect."""
    known = {f"{name[0].lower()}:{name}": value for name, value in worth.items()}
    board = today.today_list(pl.concat([today.nothing(), *found]), known)
    return [(row["party"], row["points"], [one["kind"] for one in row["reasons"]]) for row in board.to_dicts()]


def plan(customer: str, day: date, purpose: str | None = None) -> pl.DataFrame:
    row = {"customer_id": customer, "visit_id": f"V-{customer}", "planned_date": day, "purpose": purpose}
    return rows(row, purpose=pl.String)


def debt(customer: str, amount: int = 100) -> pl.DataFrame:
    return today.money(rows({"customer_id": customer, "overdue_amount": Decimal(amount), "days_late": 9}))


def owed(customer: str, label: str, late: int, unplanned: int = 1, days_left: int = 15) -> pl.DataFrame:
    end = date(2026, 6, 30)
    row = {"customer_id": customer, "customer_class": label, "late": late, "unplanned": unplanned, "days_left": days_left, "end_on": end}
    return today.visits_owed(rows(row))


def prospect(number: str, label: str, **more: Any) -> dict[str, Any]:
    days = {"class_days": 0, "review_days": None, "next_visit_on": None, "followup": None}
    return {"prospect_id": number, "prospect_class": label} | days | more


def of_prospects(*typed: dict[str, Any]) -> pl.DataFrame:
    types = {"class_days": pl.Int64, "review_days": pl.Int64, "next_visit_on": pl.Date, "followup": pl.String}
    return today.prospects(rows(*typed, **types), DAY, AS_OF, CONFIG)


def test_what_is_agreed_comes_first_then_points_then_worth() -> None:
    found = (
        debt("C1"), debt("C2"), owed("C2", "B", 1), debt("C3"), today.planned(plan("C4", DAY), DAY),
        of_prospects(prospect("P1", "C", next_visit_on=DAY)), owed("C5", "C", 1),
    )  # fmt: skip
    assert listed(*found, C1=10, C3=500, P1=9000) == [
        ("p:P1", 0, ["promised"]),
        ("c:C4", 0, ["planned"]),
        ("c:C2", 5, ["money", "cadence"]),
        ("c:C3", 3, ["money"]),
        ("c:C1", 3, ["money"]),
        ("c:C5", 1, ["cadence"]),
    ]


def test_one_row_a_party_with_all_its_reasons_each_kind_counted_once() -> None:
    missing = rows(*({"customer_id": "C1", "visit_id": f"V{n}", "date": date(2026, 6, n)} for n in (9, 10)))
    found = pl.concat([debt("C1"), today.reports(missing), today.planned(plan("C1", DAY, "samples"), DAY)])
    assert listed(found) == [("c:C1", 4, ["planned", "money", "report", "report"])]
    [row] = today.today_list(found, {}).to_dicts()
    assert today.reasons(row) == [
        ("kpi.today.planned", {"label": "samples"}),
        ("kpi.today.money", {"amount": Decimal(100), "count": 9}),
        ("kpi.today.report", {"on": date(2026, 6, 9)}),
        ("kpi.today.report", {"on": date(2026, 6, 10)}),
    ]
    assert today.counted(found)["report"] == 1


def test_a_plan_of_another_day_is_not_for_today_and_one_without_a_purpose_says_so() -> None:
    assert listed(today.planned(plan("C1", date(2026, 6, 16)), DAY)) == []
    [row] = today.today_list(today.planned(plan("C1", DAY), DAY), {}).to_dicts()
    assert today.reasons(row) == [("kpi.today.planned_plain", {"label": None})]


@pytest.mark.parametrize(("label", "points"), [("A", 3), ("B", 2), ("C", 1)])
def test_an_a_customer_behind_its_cadence_weighs_more(label, points) -> None:
    assert listed(owed("C1", label, 1)) == [("c:C1", points, ["cadence"])]


@pytest.mark.parametrize(("late", "unplanned", "days_left", "count"), [(0, 1, 11, None), (0, 1, 10, 1), (0, 0, 1, None), (2, 3, 20, 2)])
def test_who_is_not_behind_is_listed_only_near_the_end_and_without_a_plan(late, unplanned, days_left, count) -> None:
    found = owed("C1", "B", late, unplanned, days_left)
    assert found["count"].to_list() == ([] if count is None else [count])


def test_silence_before_a_fall() -> None:
    money = {"revenue_recent": Decimal(10), "revenue_before": Decimal(50), "days_since_order": 40, "gap_median_days": 12.5}
    cards = [("C1", True, True), ("C2", None, True), ("C3", False, False)]
    risks = rows(*({"customer_id": c, "is_silent": silent, "is_falling": falls} | money for c, silent, falls in cards))
    assert listed(today.going(risks)) == [("c:C1", 3, ["silent"]), ("c:C2", 2, ["falling"])]
    assert listed(today.going(pl.DataFrame())) == []


def test_a_new_customer_waits_until_somebody_was_in_touch_or_the_time_is_over() -> None:
    def first(customer: str, touched: int, known_on: str, on: str = "2026-06-03") -> dict[str, Any]:
        days = {"date": date.fromisoformat(on), "known_on": date.fromisoformat(known_on)}
        return {"customer_id": customer, "judged_customers": 1, "touched_customers": touched} | days

    onboarding = rows(first("C1", 0, "2026-06-17"), first("C2", 1, "2026-06-17"), first("C3", 0, "2026-06-12", "2026-05-29"))
    assert listed(today.newcomers(onboarding, AS_OF)) == [("c:C1", 2, ["onboarding"])]


def test_promises_fall_due_and_those_given_up_are_not_chased() -> None:
    cards = [
        prospect("P1", "none", next_visit_on=DAY), prospect("P2", "none", next_visit_on=date(2026, 6, 16)),
        prospect("P3", "none", next_visit_on=date(2026, 5, 1)), prospect("P4", "none", next_visit_on=DAY, followup="abandon"),
    ]  # fmt: skip
    assert [party for party, *_ in listed(of_prospects(*cards))] == ["p:P1", "p:P3"]


def test_a_prospect_cools_when_it_stays_longer_in_its_class_than_the_class_lasts() -> None:
    cards = [
        prospect("P1", "A", class_days=8),
        prospect("P2", "A", class_days=7),
        prospect("P3", "C", class_days=91),
        prospect("P4", "none"),
    ]
    assert listed(of_prospects(*cards)) == [("p:P1", 3, ["cooling"]), ("p:P3", 1, ["cooling"])]


@pytest.mark.parametrize(("label", "days", "is_due"), [("A", 0, True), ("B", 3, False), ("B", 4, True), ("C", 26, False), ("C", 27, True)])
def test_a_card_is_due_on_the_last_day_that_keeps_it_in_time(label, days, is_due) -> None:
    # three days lie between the day of the data and today
    assert bool(listed(of_prospects(prospect("P1", label, review_days=days)))) is is_due


def test_a_key_account_is_on_the_list_of_its_manager_only_for_the_managers_own_visit() -> None:
    demands = ("kam", "regional_manager")
    keys = rows(*({"customer_id": f"C{n}", "demand": d, "missing": 1, "end_on": DAY} for n, d in enumerate(demands)))
    assert listed(today.key_visits(keys)) == [("c:C0", 2, ["key"])]


def test_the_rule_of_order_names_every_kind() -> None:
    assert set(today.POINTS) == set(today.KINDS) == set(today._SAYS)
    assert [kind for kind, points in today.POINTS.items() if points == 0] == list(today.AGREED)
