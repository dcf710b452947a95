"""The team: who is compared, where each stands, and what of it a rep may see."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.base import Better
from kpi.period import parse
from kpi.team import (
    active_share,
    eligible,
    of_tenure,
    peer_distribution,
    rep_percentile,
    rep_rank,
    roles,
    team_average,
    team_median,
    teams,
    unranked,
)

JUNE = parse("2026-06", date(2026, 6, 30))  # 22 working days, Monday the 1st to Tuesday the 30th


def team(*values: float, **more: Any) -> pl.DataFrame:
    parts = {name: more.get(name, [None] * len(values)) for name in ("numerator", "denominator")}
    kinds = {"rep_id": pl.String, "value": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64}
    return pl.DataFrame({"rep_id": [f"R{n}" for n in range(len(values))], "value": list(values), **parts}, schema=kinds)


def seat(rep: str, first: str = "2026-06-01", last: str = "2026-06-30", role: str = "rep", has_left: bool = False) -> dict[str, Any]:
    days = {"active_from": date.fromisoformat(first), "active_to": date.fromisoformat(last)}
    return {"period": "2026-06", "rep_id": rep, "role": role, **days, "has_left": has_left}


def results(**values: Any) -> pl.DataFrame:
    rows = [
        {"period": "2026-06", "rep_id": rep, "value": value, "numerator": value, "denominator": None, "n_rows": 1}
        for rep, value in values.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"value": pl.Decimal(38, 4), "numerator": pl.Decimal(38, 4), "denominator": pl.Float64})


def ranks(frame: pl.DataFrame, column: str = "rank") -> dict[str, Any]:
    return dict(frame.select("rep_id", column).iter_rows())


def test_the_worked_percentiles() -> None:
    found = ranks(rep_percentile(team(10, 20, 20, 30, 50), Better.UP), "percentile")
    assert list(found.values()) == pytest.approx([0.1, 0.4, 0.4, 0.7, 0.9])


def test_the_worked_ranks() -> None:
    assert ranks(rep_rank(team(40, 30, 30, 20), Better.UP)) == {"R0": 1, "R1": 2, "R2": 2, "R3": 4}


def test_where_less_is_better_the_least_is_first() -> None:
    assert ranks(rep_rank(team(40, 30, 30, 20), Better.DOWN)) == {"R3": 1, "R1": 2, "R2": 2, "R0": 4}
    assert ranks(rep_percentile(team(40, 20, 30), Better.DOWN), "percentile")["R1"] == pytest.approx(2.5 / 3)


def test_two_are_no_ranking_and_four_show_nothing_to_a_rep() -> None:
    few = rep_rank(team(1, 2), Better.UP)
    assert (few["rank"].to_list(), few["status"].to_list(), few["size"].to_list()) == ([None, None], ["too_few"] * 2, [2, 2])
    assert rep_percentile(team(1, 2), Better.UP)["percentile"].null_count() == 2
    assert team_median(team(1, 2)) is None
    assert rep_rank(team(1, 2, 3), Better.UP)["status"].to_list() == ["ok"] * 3
    assert peer_distribution(team(1, 2, 3, 4), "R0", Better.UP) is None
    assert team_average(team(1, 2, 3, 4)) is None
    assert rep_rank(team(), Better.UP).is_empty()


def test_quotients_that_differ_by_a_rounding_share_a_rank() -> None:
    values = results(A=1, B=1, C=1).with_columns(pl.Series("value", [0.1 + 0.2, 0.3, 0.2]))
    compared = eligible(values, JUNE, teams(pl.DataFrame([seat(rep) for rep in "ABC"]), JUNE)["rep"])
    assert ranks(rep_rank(compared, Better.UP)) == {"A": 1, "B": 1, "C": 3}


def test_compared_are_those_of_one_role_who_were_there_for_half_the_time() -> None:
    seats = [
        seat("all"),
        seat("half", "2026-06-16"),  # 11 of 22 working days
        seat("late", "2026-06-17"),
        seat("left", last="2026-06-26", has_left=True),
        seat("kam", role="kam"),
        seat("moved", last="2026-06-09"),
        seat("moved", "2026-06-15", role="rep"),
        seat("changed", last="2026-06-25"),
        seat("changed", "2026-06-26", role="kam"),
        seat("silent"),
    ]
    values = results(all=5, half=4, late=3, left=2, kam=1, moved=1, changed=1, silent=None, unassigned=9)
    frame = pl.DataFrame(seats)
    assert eligible(values, JUNE, teams(frame, JUNE)["rep"])["rep_id"].to_list() == ["all", "half", "moved"]
    assert eligible(values, JUNE, teams(frame, JUNE)["kam"])["rep_id"].to_list() == ["changed", "kam"]
    share = active_share(frame, JUNE)
    assert (share["half"], share["moved"]) == (0.5, pytest.approx(19 / 22))
    found = roles(frame, JUNE)
    assert (found["changed"], "nobody" in found) == ("kam", False)


def test_only_elapsed_days_are_asked_for() -> None:
    running = parse("2026-06", date(2026, 6, 10))  # 8 working days
    frame = pl.DataFrame([seat("new", "2026-06-05", "2026-06-10"), seat("newer", "2026-06-08", "2026-06-10")])
    assert active_share(frame, running) == {"new": 0.5, "newer": 0.375}
    assert active_share(frame, parse("2026-06", date(2026, 5, 30))) == {}


def test_a_team_makes_its_quotients_together_and_its_amounts_on_average() -> None:
    assert team_average(team(1, 2, 3, 4, 5)) == 3
    rates = team(0.5, 0.5, 0.5, 0.5, 1, numerator=[1, 1, 1, 1, 10], denominator=[2, 2, 2, 2, 10])
    assert team_average(rates) == pytest.approx(14 / 18)
    assert team_average(team(0, 0, 0, 0, 0, numerator=[0] * 5, denominator=[0] * 5)) is None
    assert team_median(team(10, 20, 90, 40)) == 30


def test_a_rep_sees_places_own_value_and_a_coarse_median() -> None:
    found = peer_distribution(team(123_456.78, 61_111, 61_111, 99_999, 1), "R1", Better.UP)
    assert found is not None
    assert (found.own, found.rank, found.size, found.median) == (61_111, 3, 5, 61_000)
    assert found.positions == (0, 0.375, 0.375, 0.75, 1)
    assert found.place == 0.375
    assert peer_distribution(team(1, 2, 3, 4, 5), "somebody else", Better.UP) is None


values_ = st.lists(st.integers(-10_000, 10_000), min_size=5, max_size=12)


@given(values=values_, better=st.sampled_from((Better.UP, Better.DOWN)), stretch=st.integers(2, 50))
def test_what_a_rep_sees_depends_on_the_order_of_the_others_alone(values: list[int], better: Better, stretch: int) -> None:
    """Amounts of others may change as they like: as long as nobody overtakes, and the middle stays, nothing shown moves."""
    middle = sorted(values)[len(values) // 2]
    moved = [middle + (value - middle) * stretch for value in values]
    for number in range(len(values)):
        one, other = (peer_distribution(team(*v), f"R{number}", better) for v in (values, moved))
        assert one is not None
        assert other is not None
        assert (one.positions, one.place, one.rank, one.size) == (other.positions, other.place, other.rank, other.size)


@given(values=values_)
def test_the_median_shown_says_the_median_to_two_digits(values: list[int]) -> None:
    found, exact = peer_distribution(team(*values), "R0", Better.UP), team_median(team(*values))
    assert found is not None
    assert exact is not None
    digits = Decimal(str(found.median)).normalize().as_tuple().digits
    assert len(digits) <= 2
    assert abs(found.median - exact) <= abs(exact) * 0.05 + 1e-12


@given(values=st.lists(st.integers(0, 20), min_size=3, max_size=12), better=st.sampled_from((Better.UP, Better.DOWN)))
def test_a_rank_counts_those_before(values: list[int], better: Better) -> None:
    for rep, rank in ranks(rep_rank(team(*values), better)).items():
        own = values[int(rep[1:])]
        assert rank == 1 + sum(v > own if better is Better.UP else v < own for v in values)


def test_new_is_who_joined_within_a_year_and_who_never_said_has_been_there() -> None:
    seats = pl.DataFrame(
        [
            seat(rep) | {"joined_on": day}
            for rep, day in (("new", date(2025, 7, 1)), ("year", date(2025, 6, 30)), ("old", date(2020, 1, 1)), ("unsaid", None))
        ]
    )
    who = {tenure: of_tenure(seats, JUNE, tenure)["rep_id"].to_list() for tenure in ("everyone", "new", "longer")}
    assert who == {"everyone": ["new", "year", "old", "unsaid"], "new": ["new"], "longer": ["year", "old", "unsaid"]}


def test_who_is_in_no_ranking_is_told_why() -> None:
    seats = pl.DataFrame([seat("gone", last="2026-06-20", has_left=True), seat("late", "2026-06-25"), seat("blank"), seat("alone")])
    values = results(gone=1, late=1, alone=1)
    reasons = {rep: unranked(values, seats, JUNE, rep) for rep in ("gone", "late", "blank", "alone", "elsewhere")}
    assert reasons == {"gone": "left", "late": "short", "blank": "no_value", "alone": "few", "elsewhere": "not_there"}
