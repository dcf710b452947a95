"""Prospects by the worked figures of the definitions; each asked of a company of a few rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data.access import OWNER
from kpi import prospects
from kpi.base import DimensionError
from kpi.period import parse
from kpi.prospects import (
    card_review_compliance,
    lead_source_mix,
    lead_source_win_rate,
    lost_reason_mix,
    need_state_mix,
    prospect_overdue,
    prospect_overdue_rate,
    prospect_pool_ratio,
    prospect_replenishment,
    prospects_by_class,
    weighted_pipeline,
    win_rate,
)
from tests.kpi.asked import PEOPLE, ask, prospect, visit, whole

END = "2026-06-30"


def many(count: int, first: int = 1, **more: Any) -> list[dict[str, Any]]:
    """So many prospects alike but for their ids."""
    return [prospect(f"P{n}", **more) for n in range(first, first + count)]


def lost(count: int, first: int, **more: Any) -> list[dict[str, Any]]:
    return many(count, first, **{"stage": "lost", "lost_on": "2026-06-15"} | more)


def test_open_prospects_are_counted_by_their_own_class(company) -> None:
    # A3 B5 C12 none 2: 22
    rows = [*many(3, prospect_class="A"), *many(5, 4, prospect_class="B"), *many(12, 9, prospect_class="C"), *many(2, 21)]
    gone = [*lost(1, 30), prospect("P31", stage="contracted", contracted_on="2026-06-30"), prospect("P32", "R2", created_on="2026-07-01")]
    warehouse = company(reps=PEOPLE, prospects=[*rows, *gone], as_of=END)
    row = whole(warehouse, prospects_by_class)
    assert (row["value"], row["status"]) == (22, "ok")
    assert [row[f"prospects_{c}"] for c in ("a", "b", "c", "none")] == [3, 5, 12, 2]
    by_class = ask(warehouse, prospects_by_class, by=("prospect_class",))
    assert {key: found["value"] for key, found in by_class.items()} == {"A": 3, "B": 5, "C": 12, "none": 2}


def test_what_was_open_on_a_day_stays_so_whatever_came_later(company) -> None:
    rows = [*lost(1, 1), prospect("P2", prospect_class="B", class_date="2026-06-10"), prospect("P3", stage="contracted", contracted_on=END)]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    may = whole(warehouse, prospects_by_class, "2026-05")
    assert (may["value"], may["prospects_b"], may["prospects_none"]) == (3, 0, 3)  # the class was given in June
    assert whole(warehouse, prospects_by_class)["value"] == 1


def test_a_prospect_taken_off_the_list_or_changed_keeps_its_past(company) -> None:
    rows = [
        prospect("P1", prospect_class="C", _replaced_by=2),
        prospect("P1", prospect_class="A", class_date="2026-06-01", _load_id=2, _from="2026-06-20"),
        prospect("P2", prospect_class="A", _replaced_by=2),
    ]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    may, june = (ask(warehouse, prospects_by_class, month, by=("prospect_class",)) for month in ("2026-05", "2026-06"))
    assert {key: row["value"] for key, row in may.items()} == {"C": 1, "A": 1}
    assert {key: row["value"] for key, row in june.items()} == {"A": 1}


def test_a_card_is_overdue_on_the_day_after_its_limit(company) -> None:
    # an A card of 20 June is 10 days old at 30 June
    rows = [
        prospect("P1", prospect_class="A", class_date="2026-06-20"),
        prospect("P2", prospect_class="A", class_date="2026-06-23"),  # 7 days
        prospect("P3", prospect_class="B", created_on="2026-05-30"),  # no class date: since created, 31 days
        prospect("P4"),
    ]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    count, rate = whole(warehouse, prospect_overdue), whole(warehouse, prospect_overdue_rate)
    assert (count["value"], count["n_rows"], count["n_excluded"]) == (2, 3, 1)
    assert (rate["numerator"], rate["denominator"], round(rate["value"], 4)) == (2, 3, 0.6667)
    assert ask(warehouse, prospect_overdue_rate, by=("prospect_class",))["none"]["note"] == "nothing_classified"


def test_a_b_card_looked_at_nine_days_ago_fails(company) -> None:
    rows = [
        prospect("P1", prospect_class="B", last_reviewed_on="2026-06-21"),
        prospect("P2", prospect_class="B", last_reviewed_on="2026-06-23"),
        prospect("P3", prospect_class="C", updated_on="2026-06-01 09:00"),  # no review: its last change, 29 days
        prospect("P4", prospect_class="A"),  # never
    ]
    row = whole(company(reps=PEOPLE, prospects=rows, as_of=END), card_review_compliance)
    assert (row["value"], row["denominator"], row["status"]) == (0.5, 4, "ok")


def test_a_review_after_the_day_says_nothing_about_it(company) -> None:
    rows = [
        prospect("P1", prospect_class="B", last_reviewed_on="2026-06-21"),
        prospect("P2", prospect_class="B", last_reviewed_on="2026-05-30"),
    ]
    row = whole(company(reps=PEOPLE, prospects=rows, as_of=END), card_review_compliance, "2026-05")
    assert (row["value"], row["n_excluded"], row["status"], row["note"]) == (1, 1, "partial", "reviewed_later")
    alone = whole(company(reps=PEOPLE, prospects=rows[:1], as_of=END), card_review_compliance, "2026-05")
    assert (alone["value"], alone["status"], alone["note"]) == (None, "partial", "reviewed_later")


def test_without_any_day_of_review_nothing_is_loaded(company) -> None:
    assert whole(company(reps=PEOPLE, prospects=[prospect("P1", prospect_class="A")]), card_review_compliance)["status"] == "not_loaded"


def test_the_need_to_work_on_is_optional_and_latent(company) -> None:
    states = ("must", "optional", "latent", "latent", "none", None)
    rows = [prospect(f"P{n}", need_state=state) for n, state in enumerate(states)]
    row = whole(company(reps=PEOPLE, prospects=rows, as_of=END), need_state_mix)
    assert (row["value"], row["n_rows"], row["n_excluded"]) == (0.6, 5, 1)
    assert [row[f"need_{s}"] for s in ("must", "optional", "latent", "none")] == [1, 1, 2, 1]


POOL = {"reps": PEOPLE, "prospects": many(22), "visits": [visit("03")]}


def test_twenty_two_of_a_pool_of_thirty(company) -> None:
    # three people in the field (Ann, Bob, Kim), ten each
    warehouse = company(**POOL, settings={"prospect_pool": 10}, as_of=END)
    row = whole(warehouse, prospect_pool_ratio)
    assert (row["numerator"], row["denominator"], round(row["value"], 3)) == (22, 30, 0.733)
    assert ask(warehouse, prospect_pool_ratio, by=("rep_id",))["R1"]["value"] == 2.2


def test_a_target_wins_over_the_pool_and_without_either_there_is_no_ratio(company) -> None:
    target = {"scope": "rep", "scope_id": "R1", "period": "2026-06", "metric": "prospects_by_class", "value": 44}
    by_rep = ask(company(**POOL, targets=[target], settings={"prospect_pool": 10}, as_of=END), prospect_pool_ratio, by=("rep_id",))
    assert (by_rep["R1"]["value"], by_rep["R2"]["value"]) == (0.5, 0)
    row = whole(company(**POOL, as_of=END), prospect_pool_ratio)
    assert (row["value"], row["status"], row["note"]) == (None, "no_denominator", "no_pool")
    assert whole(company(reps=PEOPLE, visits=[visit("03")], as_of=END), prospect_pool_ratio)["status"] == "not_loaded"


def test_eight_came_for_ten_that_left(company) -> None:
    new = many(8, created_on="2026-06-02")
    left = [
        *lost(5, 10),
        *many(3, 20, stage="contracted", contracted_on="2026-06-30"),
        *many(2, 30, stage="abandoned", abandoned_on="2026-06-01"),
    ]
    warehouse = company(reps=PEOPLE, prospects=[*new, *left], as_of=END)
    row = whole(warehouse, prospect_replenishment)
    assert (row["value"], row["numerator"], row["denominator"]) == (0.8, 8, 10)
    assert whole(warehouse, prospect_replenishment, "2026-04")["note"] == "nobody_left"


def test_nine_of_fifteen_decisions_are_won_and_abandoned_ones_stand_beside(company) -> None:
    rows = [
        *many(9, stage="contracted", contracted_on="2026-06-10"),
        *lost(6, 10),
        *many(2, 20, stage="abandoned", abandoned_on="2026-06-30"),
    ]
    row = whole(company(reps=PEOPLE, prospects=rows, as_of=END), win_rate)
    assert (row["value"], row["denominator"], row["abandoned"]) == (0.6, 15, 2)


def test_a_prospect_ends_once(company) -> None:
    # given up after it was lost: not lost too; signed in the end: won
    rows = [
        prospect("P1", stage="abandoned", lost_on="2026-06-10", abandoned_on="2026-06-12"),
        prospect("P2", stage="contracted", lost_on="2026-06-10", contracted_on="2026-06-20"),
    ]
    row = whole(company(reps=PEOPLE, prospects=rows, as_of=END), win_rate)
    assert (row["numerator"], row["denominator"], row["abandoned"]) == (1, 1, 1)


def test_a_win_counts_where_the_rep_was_that_day(company) -> None:
    moved = [
        {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "East", "valid_to": "2026-06-15"},
        {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "West", "valid_from": "2026-06-16"},
    ]
    rows = [prospect("P1", stage="contracted", contracted_on="2026-06-15"), prospect("P2", stage="contracted", contracted_on="2026-06-16")]
    by_region = ask(company(reps=moved, prospects=rows, as_of=END), win_rate, by=("region",))
    assert {key: row["numerator"] for key, row in by_region.items()} == {"East": 1, "West": 1}


def test_half_of_the_new_prospects_come_by_phone(company) -> None:
    new = {"created_on": "2026-06-02"}
    rows = [*many(30, source="phone", **new), *many(20, 40, source="fair", **new), *many(10, 70, source=" ", **new)]
    won = many(1, 90, source="fair", stage="contracted", contracted_on="2026-06-20")
    warehouse = company(reps=PEOPLE, prospects=[*rows, *won, *lost(1, 91, source="fair"), *lost(1, 92, source="phone")], as_of=END)
    by_source = ask(warehouse, lead_source_mix, by=("lead_source",))
    assert {key: row["value"] for key, row in by_source.items()} == {"phone": 0.5, "fair": 20 / 60, "unspecified": 10 / 60}
    assert sum(row["numerator"] for row in by_source.values()) == whole(warehouse, lead_source_mix)["denominator"] == 60
    rates = ask(warehouse, lead_source_win_rate, by=("lead_source",))
    assert (rates["fair"]["value"], rates["phone"]["value"]) == (0.5, 0)


def test_shares_are_of_each_rep_where_reps_are_kept_apart(company) -> None:
    rows = [*many(3, source="fair"), *many(1, 4, source="phone"), *many(2, 5, owner="R2", source="phone")]
    from data.access import OWNER
    from kpi.period import parse
    from kpi.report import evaluate

    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    found = evaluate(warehouse, OWNER, [lead_source_mix], [parse("2026-03", warehouse.as_of)], ("rep_id", "lead_source"))["lead_source_mix"]
    assert {(r["rep_id"], r["lead_source"]): r["value"] for r in found.to_dicts()} == {
        ("R1", "fair"): 0.75,
        ("R1", "phone"): 0.25,
        ("R2", "phone"): 1,
    }


def test_four_of_six_are_lost_on_price_and_a_named_rival_is_a_reason(company) -> None:
    rows = [*lost(4, 1, lost_reason="price"), *lost(1, 5, competitor="Acme"), *lost(1, 6, lost_reason="竞争对手")]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    shares = ask(warehouse, lost_reason_mix, by=("lost_reason",))
    assert {key: round(row["value"], 3) for key, row in shares.items()} == {"price": 0.667, "competitor": 0.333}
    assert round(ask(warehouse, lost_reason_mix, by=("competitor",))["Acme"]["value"], 3) == 0.167


def test_the_pipeline_weighs_each_value_by_its_stage(company) -> None:
    # 100 × 0.1 + 80 × 0.3 + 200 × 0.6
    rows = [
        prospect("P1", stage="qualified", qualified_on="2026-06-01", est_value=100),
        prospect("P2", stage="visited", visited_on="2026-06-02", est_value=80),
        prospect("P3", stage="quoted", quoted_on="2026-06-03", est_value=200),
        prospect("P4", stage="quoted", quoted_on="2026-06-03"),
        *lost(1, 5, est_value=1000),
    ]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    row = whole(warehouse, weighted_pipeline)
    assert (row["value"], row["open_value"], row["n_rows"], row["n_excluded"], row["status"]) == (154, 380, 3, 1, "partial")
    assert ask(warehouse, weighted_pipeline, by=("stage",))["quoted"]["value"] == 120
    assert whole(warehouse, weighted_pipeline, "2026-05")["value"] == 69  # in May all were only collected: (380 + 1000) × 0.05


def test_beside_the_chances_stands_what_the_year_brought(company) -> None:
    signed = [prospect(f"P{n}", created_on="2025-10-01", stage="contracted", contracted_on="2025-11-01", est_value=1) for n in range(2)]
    open_ones = [
        prospect(f"P{n}", created_on=day, est_value=1)
        for n, day in ((3, "2025-10-01"), (4, "2025-10-01"), (5, "2026-06-01"), (6, "2025-06-30"))
    ]
    row = whole(company(reps=PEOPLE, prospects=[*signed, *open_ones], as_of=END), weighted_pipeline)
    assert (row["observed_collected"], row["observed_quoted"]) == (0.5, 1)  # signing implies the stages before
    assert whole(company(reps=PEOPLE, prospects=open_ones[2:3], as_of=END), weighted_pipeline)["observed_collected"] is None


def test_values_nobody_gave_are_unknown_not_nothing(company) -> None:
    row = whole(company(reps=PEOPLE, prospects=many(2), as_of=END), weighted_pipeline)
    assert (row["value"], row["status"], row["n_excluded"]) == (None, "partial", 2)


@pytest.mark.parametrize("kpi", prospects.KPIS, ids=lambda k: k.name)
def test_with_nothing_in_it_a_count_is_zero_and_a_rate_is_none(company, kpi) -> None:
    old = prospect("P1", created_on="2025-01-01", stage="lost", lost_on="2025-02-01", last_reviewed_on="2025-01-02", est_value=1)
    row = whole(company(reps=PEOPLE, prospects=[old], as_of=END), kpi)
    assert (row["value"], row["status"]) == ((None, "no_denominator") if kpi.is_ratio else (0, "ok"))


@pytest.mark.parametrize("kpi", prospects.KPIS, ids=lambda k: k.name)
def test_a_file_never_loaded_gives_no_figure(company, kpi) -> None:
    row = whole(company(reps=PEOPLE, visits=[visit("03")], as_of=END), kpi)
    assert (row["value"], row["status"]) == (None, "not_loaded")


MIXED = [
    prospect("P1", prospect_class="A", created_on="2026-06-01", source="fair", need_state="latent", est_value=5, last_reviewed_on=END),
    prospect("P2", owner="nobody", prospect_class="B", created_on="2026-06-02", source="web", need_state="must", est_value=7),
    prospect("P3", owner="R2", stage="lost", lost_on="2026-06-09", lost_reason="price"),
    prospect("P4", owner="nobody", stage="contracted", contracted_on="2026-06-10"),
]


@pytest.mark.parametrize("kpi", prospects.KPIS, ids=lambda k: k.name)
def test_parts_add_up_also_where_nobody_is_named(company, kpi) -> None:
    warehouse = company(reps=PEOPLE, prospects=MIXED, as_of=END)
    all_of_it = whole(warehouse, kpi)
    for by in (("rep_id",), ("region",)):
        parts = ask(warehouse, kpi, by=by)
        assert sum(p["numerator"] for p in parts.values()) == all_of_it["numerator"]
        assert sum(p["n_rows"] for p in parts.values()) == all_of_it["n_rows"]


def test_prospects_are_not_kept_by_customer(company) -> None:
    with pytest.raises(DimensionError):
        ask(company(reps=PEOPLE, prospects=many(1), as_of=END), win_rate, by=("customer_id",))


def test_what_a_card_says_to_do_next_is_that_of_the_day(company) -> None:
    rows = [
        prospect("P1", followup="continue", next_visit_on="2026-06-05", _replaced_by=2),
        prospect("P1", followup="revisit", next_visit_on="2026-07-09", _load_id=2, _from="2026-06-20"),
    ]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    periods = [parse(text, warehouse.as_of) for text in ("2026-05", "2026-06")]
    frame = warehouse.read("open_prospects", OWNER, periods).collect().sort("period")
    assert frame["next_visit_on"].to_list() == [date(2026, 6, 5), date(2026, 7, 9)]
    assert frame["followup"].to_list() == ["continue", "revisit"]
