"""The Scorecard page: a rep works the own score out again from what is shown, and learns nothing of anybody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.access import OWNER
from data.warehouse import Warehouse
from i18n import translator
from kpi.catalog import get
from kpi.period import parse
from kpi.report import evaluate
from tests.pages.conftest import REPS, sources
from tests.pages.screen import metrics, sent, table, words
from tests.pages.test_care_pages import opened

EN = translator("en")
House = Callable[..., Path]
GOALS = [
    {"scope": "rep", "scope_id": rep, "metric": metric, "period": "2026-10", "value": value}
    for rep in ("R1", "R2", "R3")
    for metric, value in (("completed_visits", 4), ("new_customers", 2), ("gross_margin_pct", 0.25))
]


def number(text: str) -> float:
    """What a reader reads: "¥1,301.67", "84.6%"."""
    found = float(re.sub(r"[^\d.]", "", text))
    return found / 100 if "%" in text else found


def score_of(home: Path, rep: str, name: str = "scorecard") -> float:
    warehouse = Warehouse.open(home)
    found = evaluate(warehouse, OWNER, [get(name)], [parse("mtd", warehouse.as_of)], ("rep_id",))[name]
    return float(found.filter(rep_id=rep)["value"][0])


def test_a_rep_works_the_own_score_out_again_from_the_parts_shown(house: House) -> None:
    home = house(targets=[*sources()["targets"], *GOALS])
    at = opened("R1", "scorecard")
    lines = table(at, "actual_text")
    worked = []
    for row in lines.itertuples():
        if row.target_text != "—":  # actual ÷ target, between 0 and 120 points
            points = min(max(number(row.actual_text) / number(row.target_text), 0), 1.2) * 100
            assert points == pytest.approx(row.score, abs=1.0)  # a target for the days so far is shown to two decimals
            worked.append((row.weight / 100, points))
    score = sum(w * p for w, p in worked) / sum(w for w, _ in worked)
    assert score == pytest.approx(score_of(home, "R1"), abs=0.5)
    exact = lines.dropna(subset=["score"])
    assert (exact["weight"] * exact["score"]).sum() / exact["weight"].sum() == pytest.approx(score_of(home, "R1"))
    assert exact["contribution"].sum() == pytest.approx(score_of(home, "R1"))
    assert exact["share"].sum() == pytest.approx(100)


def test_the_sum_is_said_in_one_line_that_adds_up(house: House) -> None:
    home = house(targets=[*sources()["targets"], *GOALS])
    said = [re.fullmatch(r"(.*) = ([\d.]+); ÷ ([\d.]+)% = \*\*([\d.]+)\*\*", m.value) for m in opened("R1", "scorecard").markdown]
    [(terms, total, weight, score)] = [found.groups() for found in said if found]
    products = [number(w) * float(p) for w, p in (term.split(" × ") for term in terms.split(" + "))]
    assert sum(products) == pytest.approx(float(total), abs=0.1)
    assert float(total) / float(weight) * 100 == pytest.approx(float(score), abs=0.2)
    assert float(score) == pytest.approx(score_of(home, "R1"), abs=0.05)


def test_what_is_missing_is_named_and_its_weight_goes_to_the_others(house: House) -> None:
    house(targets=[*sources()["targets"], *GOALS])
    at = opened("R1", "scorecard")
    lines = table(at, "actual_text").set_index("name")
    missing = EN("kpi.card_completeness.label"), EN("kpi.collection_rate.label")
    assert [lines.loc[name, "lacks_text"] for name in missing] == [EN("pages_scorecard.lacks_target")] * 2
    assert EN("pages_scorecard.shared_out", names=f"{missing[1]}, {missing[0]}", weight="25.0%") in words(at)
    assert lines.loc[EN("kpi.revenue.label"), "share"] == pytest.approx(40)  # 0.30 of the 0.75 that counted


def test_too_little_weight_is_no_score_and_says_how_much_it_takes(house: House) -> None:
    house()  # revenue targets alone: 30 % of the weight
    at = opened("R1", "scorecard")
    assert EN("pages_scorecard.too_little", weight="30.0%", least="60.0%") in words(at)
    assert EN("pages_scorecard.no_score_of", name="Ann") in words(at)
    assert metrics(at)[EN("kpi.scorecard.label")] == "—"


def test_weights_and_definitions_are_the_same_for_all_and_shown(house: House) -> None:
    house(targets=[*sources()["targets"], *GOALS])
    seen = [table(opened(viewer, "scorecard"), "formula") for viewer in ("D1", "R1")]
    assert seen[0].equals(seen[1])
    assert seen[0]["weight"].sum() == pytest.approx(100)
    assert seen[0]["formula"].tolist()[0] == EN("kpi.revenue.formula")


@pytest.mark.parametrize(("viewer", "shown"), [("R1", ["Ann ›"]), ("M1", ["Ann ›", "Bob ›"]), ("D1", ["Ann ›", "Bob ›", "Cid ›"])])
def test_everybody_sees_the_scores_of_the_own_scope(house: House, viewer: str, shown: list[str]) -> None:
    house(targets=[*sources()["targets"], *GOALS])
    board = table(opened(viewer, "scorecard"), "months")
    assert sorted(board["name"]) == shown


def test_in_a_company_of_three_a_rep_has_no_rank_and_a_director_has(house: House) -> None:
    house(targets=[*sources()["targets"], *GOALS])
    at = opened("R1", "scorecard")
    assert table(at, "why")["why"].tolist() == [EN("pages_scorecard.unranked_few", smallest=5)]
    board = table(opened("D1", "scorecard"), "percentile")
    assert board["rank"].tolist() == [EN("pages_scorecard.rank_of", rank=n, size=3) for n in (1, 1, 3)]  # two at the cap
    assert not board["percentile"].notna().any()  # too few for a distribution


def crowd() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Seven reps, five of them new in June 2026, with revenue that falls by rep, and their targets."""
    reps = [
        {
            "rep_id": f"N{n}",
            "rep_name": f"CANARY new {n}",
            "role": "rep",
            "territory_id": "N1",
            "region": "North",
            "valid_from": "2026-06-01",
        }
        for n in range(1, 6)
    ]
    orders = [
        {"order_id": f"X{n}", "customer_id": f"C{n}", "rep_id": f"N{n}", "order_date": "2026-10-05", "ship_date": "2026-10-05"}
        | {"net_amount": 100 * n, "cost_amount": 70 * n, "qty": 1}
        for n in range(1, 6)
    ]
    return [*({**person, "valid_from": "2020-01-01"} for person in REPS), *reps], orders


def test_new_people_are_compared_with_new_people(house: House) -> None:
    reps, orders = crowd()
    goals = [
        {"scope": "rep", "scope_id": f"N{n}", "metric": metric, "period": "2026-10", "value": value}
        for n in range(1, 6)
        for metric, value in (("revenue", 1000), ("gross_margin_pct", 0.3), ("completed_visits", 2))
    ]
    house(reps=reps, orders=[*sources()["orders"], *orders], targets=[*sources()["targets"], *GOALS, *goals])
    at = opened("D1", "scorecard")
    everybody = table(at, "percentile").set_index("name")
    assert everybody.loc["Ann ›", "rank"].endswith("of 8")
    at.button_group(key="tenure").set_value(EN("pages_scorecard.new")).run()
    new = table(at, "percentile")
    assert len(new) == 5
    assert new["rank"].tolist() == [EN("pages_scorecard.rank_of", rank=n, size=5) for n in range(1, 6)]
    assert new["percentile"].tolist() == pytest.approx([90, 70, 50, 30, 10])
    assert new["months"].tolist() == [4] * 5


def test_a_rep_learns_the_own_place_among_enough_and_nothing_of_the_others(house: House) -> None:
    reps, orders = crowd()
    house(reps=reps, orders=[*sources()["orders"], *orders], targets=[*sources()["targets"], *GOALS])
    at = opened("R1", "scorecard")
    board = table(at, "months")
    assert board["name"].tolist() == ["Ann ›"]
    tables = b"".join(frame.proto.SerializeToString() for frame in at.dataframe)
    assert b"Ann" in tables
    assert not [one for one in (b"CANARY new", b"Bob", b"Cid") if one in tables]
    assert not [one for one in (b"CANARY2", b"CANARY3") if one in sent(at)]


def test_what_managers_sell_stands_beside_the_team_and_not_beside_one_rep(house: House) -> None:
    rows = sources()
    rows["orders"][0]["rep_id"] = "M1"
    house(orders=rows["orders"])
    assert EN("kpi.manager_own_share.label") in metrics(opened("D1", "scorecard"))
    assert EN("kpi.manager_own_share.label") not in metrics(opened("R1", "scorecard"))


def test_one_sided_weights_are_said_to_be_so(house: House) -> None:
    home = house(targets=[*sources()["targets"], *GOALS])
    with (home / "fieldbook.toml").open("a", encoding="utf-8") as file:
        file.write("\n[scorecard]\nrevenue = 0.8\ngross_margin_pct = 0.2\n")
    said = words(opened("R1", "scorecard"))
    assert EN("pages_scorecard.warning_results_heavy") in said
    assert EN("pages_scorecard.warning_no_activity") in said


def test_a_pair_is_one_and_a_shared_visit_counts_once(house: House) -> None:
    inside = {
        "rep_id": "I1",
        "rep_name": "Ina",
        "role": "inside",
        "territory_id": "E1",
        "region": "East",
        "manager_id": "M1",
        "pair_id": "P",
    }
    reps = [person | ({"pair_id": "P"} if person["rep_id"] == "R1" else {}) for person in REPS]
    visits = [visit | {"booked_by": "I1"} if visit["rep_id"] == "R1" else visit for visit in sources()["visits"]]
    house(reps=[*reps, inside], visits=visits)
    pairs = table(opened("M1", "scorecard"), "appointments_made")
    assert pairs[["name", "appointments_made", "kept", "completed_visits"]].values.tolist() == [["Ina + Ann", 1, 1, 1]]
