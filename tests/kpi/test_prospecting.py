"""What waits on prospect cards, how far prospects come, and whether the ground is prepared."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from data.access import OWNER
from kpi import prospecting
from kpi.config import Config
from kpi.funnel import funnel_conversion
from kpi.period import parse
from kpi.prospects import card_review_compliance, prospect_overdue, win_rate
from kpi.report import evaluate
from tests.kpi.asked import PEOPLE, prospect, visit, whole

END = "2026-06-30"
CARDS = [
    prospect("P1", prospect_class="A", class_date="2026-06-20", last_reviewed_on="2026-06-30", need_state="must"),  # 10 days, 7 allowed
    prospect("P2", prospect_class="B", class_date="2026-06-24", last_reviewed_on="2026-06-20", next_visit_on="2026-06-30"),
    prospect("P3", "R2", prospect_class="C", class_date="2026-06-28", last_reviewed_on="2026-06-28", next_visit_on="2026-07-01"),
    prospect("P4", "R2", created_on="2026-06-10", customer_id="C9", est_value=500),  # no class since the 10th
    prospect("P5", "R2", created_on="2026-06-29", customer_id="C9"),
]


def waiting(warehouse: Any, month: str = "2026-06") -> pl.DataFrame:
    rows = warehouse.read("open_prospects", OWNER, (parse(month, warehouse.as_of),))
    return prospecting.waiting(rows, Config.of(warehouse.config_values)).collect()


def test_each_card_waits_for_what_its_days_say(company) -> None:
    warehouse = company(reps=PEOPLE, prospects=CARDS, as_of=END)
    rows = waiting(warehouse)
    assert rows.select("prospect_id", "reasons").rows() == [
        ("P1", ["is_cooling", "is_ungraded"]),
        ("P2", ["is_visit_due", "is_unreviewed"]),  # looked at ten days ago where a B card allows seven
        ("P3", []),
        ("P4", ["is_ungraded"]),
        ("P5", []),
    ]
    said = [prospecting.reasons(row) for row in rows.to_dicts()]
    assert said[0] == [("kpi.reason.cooling", {"days": 3}), ("kpi.reason.ungraded", {"days": 10})]
    assert [key for key, _ in said[1]] == ["kpi.reason.visit_due", "kpi.reason.unreviewed"]
    assert said[3] == [("kpi.reason.no_class", {"days": 20})]


def test_the_lists_hold_those_the_kpis_count(company) -> None:
    warehouse = company(reps=PEOPLE, prospects=CARDS, as_of=END)
    rows, reviewed = waiting(warehouse), whole(warehouse, card_review_compliance)
    assert rows["is_cooling"].sum() == whole(warehouse, prospect_overdue)["value"]
    assert rows["is_unreviewed"].sum() == reviewed["denominator"] - reviewed["numerator"]


def test_a_card_nobody_ever_looked_at_waits_too_unless_no_export_says_when(company) -> None:
    warehouse = company(reps=PEOPLE, prospects=[prospect("P1", prospect_class="A", class_date="2026-06-29")], as_of=END)
    rows = warehouse.read("open_prospects", OWNER, (parse("2026-06", warehouse.as_of),))
    known, unknown = (
        prospecting.waiting(rows, Config.of(warehouse.config_values), reviews_known=known).collect().row(0, named=True)
        for known in (True, False)
    )
    assert prospecting.reasons(known) == [("kpi.reason.never_reviewed", {})]
    assert prospecting.reasons(unknown) == []


def test_two_cards_of_one_customer_are_both_kept(company) -> None:
    rows = waiting(company(reps=PEOPLE, prospects=CARDS, as_of=END)).filter(pl.col("customer_id") == "C9")
    assert rows["cards_of_customer"].to_list() == [2, 2]


def test_classes_add_up_and_the_last_row_is_all(company) -> None:
    board = prospecting.by_class(waiting(company(reps=PEOPLE, prospects=CARDS, as_of=END)))
    assert board.select("prospect_class", "prospects", "cooling", "class_limit").rows() == [
        ("A", 1, 1, 7), ("B", 1, 0, 30), ("C", 1, 0, 90), ("none", 2, 0, None), ("all", 5, 1, None),
    ]  # fmt: skip
    assert board.filter(pl.col("prospect_class") == "all").row(0, named=True)["without_value"] == 4


def test_the_way_is_that_of_those_old_enough(company) -> None:
    # four of January: all judged by the end of June; two of June are too young
    old = [prospect(f"P{n}", created_on="2026-01-05") for n in range(1, 5)]
    old[0] |= {"qualified_on": "2026-01-20", "quoted_on": "2026-02-20", "stage": "contracted", "contracted_on": "2026-03-01"}
    old[1] |= {"qualified_on": "2026-02-01", "stage": "qualified"}
    young = [prospect(f"P{n}", created_on="2026-06-20") for n in (8, 9)]
    warehouse = company(reps=PEOPLE, prospects=[*old, *young], as_of=END)
    found = evaluate(warehouse, OWNER, [funnel_conversion], [parse("2026-H1", warehouse.as_of)], ("stages",))["funnel_conversion"]
    assert prospecting.way(found).select("stage", "reached", "share").rows() == [
        ("collected", 4, 1.0), ("qualified", 2, 0.5), ("visited", 1, 0.25), ("quoted", 1, 0.25), ("contracted", 1, 0.25),
    ]  # fmt: skip
    assert found.filter(pl.col("stages") == "collected_to_contracted")["n_excluded"].to_list() == [2]
    assert prospecting.way(found.filter(pl.col("stages") == "nothing")).is_empty()


def test_touches_of_a_contract_are_those_written_down_before_it(company) -> None:
    won = {"stage": "contracted", "contracted_on": "2026-06-20"}
    rows = [prospect("P1", **won), prospect("P2", **won), prospect("P3", stage="lost", lost_on="2026-06-21", lost_reason="price")]
    calls = [
        visit("02", None, prospect_id="P1"),
        visit("03", None, prospect_id="P1", visit_type="phone"),
        visit("25", None, prospect_id="P1"),  # after the contract
        visit("04", None, prospect_id="P3"),
    ]
    warehouse = company(reps=PEOPLE, prospects=rows, visits=calls, as_of=END)
    left = warehouse.read("left_prospects", OWNER, (parse("2026-06", warehouse.as_of),)).collect()
    assert prospecting.touches(left) == (2, 1, 2.0)
    assert whole(warehouse, win_rate)["denominator"] == left.filter(pl.col("outcome") != "abandoned").height
    assert left.filter(pl.col("outcome") == "lost")["lost_reason"].to_list() == ["price"]


def test_without_visits_nobody_says_that_there_were_no_touches(company) -> None:
    warehouse = company(reps=PEOPLE, prospects=[prospect("P1", stage="contracted", contracted_on="2026-06-20")], as_of=END)
    left = warehouse.read("left_prospects", OWNER, (parse("2026-06", warehouse.as_of),)).collect()
    assert left["touches"].to_list() == [None]
    assert prospecting.touches(left) == (1, 0, None)


def test_six_checks_tell_who_has_prepared_the_ground(company) -> None:
    rows = waiting(company(reps=PEOPLE, prospects=[*CARDS, prospect("P6", "GONE")], as_of=END))
    board = prospecting.checklist(rows, ["R1", "R2", "K"], ["R1"], ["R1", "R2"])
    found = {row["rep_id"]: row for row in board.to_dicts()}
    assert [found["R1"][check] for check in prospecting.CHECKS] == [True, True, True, True, True, False]  # P2 has no need state
    assert [found["R2"][check] for check in prospecting.CHECKS] == [True, False, True, True, False, False]
    assert [found["K"][check] for check in prospecting.CHECKS] == [False, False, False, True, None, None]
    assert [row["is_owned"] for rep, row in found.items() if rep not in ("R1", "R2", "K")] == [False]
    assert board["failed"].to_list() == sorted(board["failed"], reverse=True)


def test_without_targets_nobody_is_said_to_lack_one(company) -> None:
    rows = waiting(company(reps=PEOPLE, prospects=CARDS, as_of=END))
    board = prospecting.checklist(rows, ["R1", "R2"], None, None)
    assert board["has_goal"].to_list() == board["has_visit_goal"].to_list() == [None, None]


@pytest.mark.parametrize("month", ["2026-05", "2026-06"])
def test_who_left_is_listed_in_the_month_it_left(company, month: str) -> None:
    rows = [prospect("P1", stage="abandoned", abandoned_on=f"{month}-10"), prospect("P2")]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    left = warehouse.read("left_prospects", OWNER, (parse(month, warehouse.as_of),)).collect()
    assert left.select("prospect_id", "outcome", "lost_reason").rows() == [("P1", "abandoned", None)]


def test_only_who_had_a_class_and_has_another_one_changed_it() -> None:
    now = pl.DataFrame({"prospect_id": ["UP", "SAME", "GRADED", "STRIPPED", "CAME"], "prospect_class": ["A", "B", "A", "none", "C"]})
    before = pl.DataFrame({"prospect_id": ["UP", "SAME", "GRADED", "STRIPPED", "GONE"], "prospect_class": ["C", "B", "none", "A", "A"]})
    moved = prospecting.with_moves(now, before)
    assert moved.filter("is_changed").select("prospect_id", "class_then", "prospect_class").rows() == [("UP", "C", "A")]
