"""One number from results and activity: T4 to the hundredth, and what happens where something is missing."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from data.access import OWNER
from kpi.base import Better, Kpi, Unit
from kpi.catalog import BASES, get
from kpi.period import parse
from kpi.report import evaluate
from kpi.scorecard import Scorecard, score, shared, warnings
from kpi.targets import TargetKpi
from tests.kpi.asked import PEOPLE, order, visit

JUNE = parse("2026-06", date(2026, 6, 30))
WEIGHTS = {
    "revenue": 0.30, "gross_margin_pct": 0.15, "collection_rate": 0.20, "completed_visits": 0.15, "new_customers": 0.15,
    "card_completeness": 0.05,
}  # fmt: skip


def config(**given):
    return SimpleNamespace(
        **{"scorecard": WEIGHTS, "scorecard_worst": {}, "score_floor": 0, "score_cap": 1.2, "score_min_weight": 0.6} | given
    )


def rows(**parts):
    """KPI → (actual, target) as the rows of the KPI and of its target; None: no value."""
    found = {}
    for name, (actual, target) in parts.items():
        kpi = BASES[name]
        reached = None if actual is None or not target else actual / target
        common = {"n_rows": 1, "n_excluded": 0, "status": "ok", "note": None}
        found[name] = {"value": actual, **common}
        found[TargetKpi("target_pace" if kpi.is_total else "target_attainment", kpi).name] = {
            "value": reached,
            "denominator": target,
            **common,
        }
    return found


T4 = {
    "revenue": (90, 100), "gross_margin_pct": (0.16, 0.15), "collection_rate": (0.80, 0.95), "completed_visits": (26, 20),
    "new_customers": (None, 2), "card_completeness": (1.0, 1.0),
}  # fmt: skip


def test_t4_is_97_46() -> None:
    row = get("scorecard").one(rows(**T4), JUNE, config())
    assert (round(row["numerator"], 3), round(row["denominator"], 2), round(row["value"], 2)) == (82.842, 0.85, 97.46)
    assert (row["status"], row["note"]) == ("partial", "weight_shared")


def test_forty_eight_between_forty_and_the_worst_sixty_is_sixty_points() -> None:
    dso = Kpi("dso", Unit.DAYS, Better.DOWN, "x", ("invoices",), value=BASES["dso"].value, kind=BASES["dso"].kind)
    card = Scorecard("s", Unit.POINTS, Better.UP, ("targets",), template="scorecard", known={"dso": dso})
    limits = config(scorecard={"dso": 1.0}, scorecard_worst={"dso": 60})
    assert card.one(rows(dso=(48, 40)), JUNE, limits)["value"] == pytest.approx(60)
    assert card.one(rows(dso=(70, 40)), JUNE, limits)["value"] == 0
    assert card.one(rows(dso=(30, 40)), JUNE, limits)["value"] == pytest.approx(120)
    assert card.one(rows(dso=(48, 40)), JUNE, config(scorecard={"dso": 1.0}))["status"] == "no_denominator"  # nobody said what is worst


def test_missing_is_never_zero_and_too_little_weight_is_no_score() -> None:
    some = T4 | dict.fromkeys(("revenue", "collection_rate"), (None, 1))
    row = get("scorecard").one(rows(**some), JUNE, config())
    assert (row.get("value"), row["status"], row["note"]) == (None, "too_few", "low_weight")
    just = T4 | {"revenue": (None, 100), "new_customers": (0, 2)}  # 0.70 is left, and none gained is a value
    assert get("scorecard").one(rows(**just), JUNE, config())["denominator"] == pytest.approx(0.70)
    none = dict.fromkeys(WEIGHTS, (None, None))
    assert get("scorecard").one(rows(**none), JUNE, config())["status"] == "no_denominator"


def test_sixty_per_cent_of_the_weight_is_enough() -> None:
    weights = {"revenue": 0.6, "collection_rate": 0.4}
    row = get("scorecard").one(rows(revenue=(50, 100), collection_rate=(None, 0.95)), JUNE, config(scorecard=weights))
    assert (row["value"], row["denominator"]) == (50, 0.6)


def test_scores_lie_between_floor_and_cap() -> None:
    assert [score(x, config()) for x in (None, -1.0, 0.5, 1.2, 9.0)] == [None, 0, 50, 120, 120]
    assert score(0.1, config(score_floor=0.3)) == 30


def test_one_sided_templates_are_named() -> None:
    assert warnings(WEIGHTS) == []
    assert warnings({"revenue": 0.5, "gross_margin_pct": 0.21, "new_customers": 0.29}) == ["results_heavy"]
    assert warnings({"revenue": 0.7, "card_completeness": 0.3}) == ["no_activity"]
    assert warnings({"revenue": 1.0}) == ["results_heavy", "no_activity"]
    row = get("scorecard").one(rows(revenue=(50, 100)), JUNE, config(scorecard={"revenue": 1.0}))
    assert (row["value"], row["note"]) == (50, "one_sided")


def test_key_account_managers_have_a_card_of_their_own() -> None:
    limits = config(
        scorecard_kam={"revenue": 0.6, "key_account_churn": 0.2, "not_measured_yet": 0.2}, scorecard_worst={"key_account_churn": 0.3}
    )
    found = rows(revenue=(100, 100)) | ({} if "key_account_churn" not in BASES else rows(key_account_churn=(0.1, 0.1)))
    row = get("scorecard_kam").one(found, JUNE, limits)
    assert (row["value"], row["note"]) == (100, "weight_shared")


def test_a_rep_can_work_the_score_out_again_from_its_lines(company) -> None:
    goals = [("R1", "revenue", 200), ("R1", "completed_visits", 4)]
    targets = [{"scope": "rep", "scope_id": r, "period": "2026-06", "metric": m, "value": v} for r, m, v in goals]
    warehouse = company(
        reps=PEOPLE, orders=[order("03", amount=100)], visits=[visit("03"), visit("04")], targets=targets, as_of="2026-06-30"
    )
    card = get("scorecard")
    limits = SimpleNamespace(**warehouse.config_values | {"scorecard": {"revenue": 0.6, "completed_visits": 0.4}})
    period = parse("2026-06", warehouse.as_of)
    parts = evaluate(warehouse, OWNER, list(card.parts(limits)), [period], ("rep_id",), config=limits)
    lines = card.details(parts, [period], ("rep_id",), limits).filter(rep_id="R1")
    assert lines.select("kpi", "weight", "actual", "target", "score").rows() == [
        ("revenue", 0.6, 100, 200, 50),
        ("completed_visits", 0.4, 2, 4, 50),
    ]
    found = evaluate(warehouse, OWNER, [card], [period], ("rep_id",), config=limits)["scorecard"]
    by_rep = {row["rep_id"]: row for row in found.to_dicts()}
    assert by_rep["R1"]["value"] == pytest.approx(50)
    assert (by_rep["R2"]["value"], by_rep["R2"]["status"]) == (None, "no_denominator")


def test_missing_weight_is_shared_out_and_the_contributions_add_up() -> None:
    details = pl.DataFrame(
        [("revenue", 0.5, 90.0, 100.0, 0.9, 90.0), ("new_customers", 0.3, 4.0, 2.0, 2.0, 120.0), ("dso", 0.2, 48.0, 40.0, None, None)],
        schema=["kpi", "weight", "actual", "target", "ratio", "score"], orient="row",
    ).with_columns(period=pl.lit("2026-06"))  # fmt: skip
    rows = shared(details)
    assert rows["share"].to_list() == [pytest.approx(0.625), pytest.approx(0.375), None]
    assert rows["contribution"].sum() == pytest.approx((0.5 * 90 + 0.3 * 120) / 0.8)
    assert rows["lacks"].to_list() == [None, None, "worst"]
    nothing = shared(details.with_columns(pl.lit(None, pl.Float64).alias("actual"), pl.lit(None, pl.Float64).alias("score")))
    assert nothing["lacks"].to_list() == ["value"] * 3
    assert nothing["contribution"].null_count() == 3
