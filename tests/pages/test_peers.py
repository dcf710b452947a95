from typing import Any

import polars as pl
import pytest

from pages.ui import compute, peers

PERIOD: Any = None
SESSION: Any = None


@pytest.fixture
def company_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`company_of(R1=10, t2=20, …)`: what the company's rows give, by rep or token; own reps begin with R."""

    def make(**values: float) -> None:
        frame = pl.DataFrame(
            {"rep_id": list(values), "value": [float(v) for v in values.values()], "numerator": [float(v) for v in values.values()]}
        )
        frame = frame.with_columns(pl.lit(None, pl.Float64).alias("denominator"))
        monkeypatch.setattr(compute, "peers", lambda _s, kpis, _p: {kpis[0]: frame})
        own = frame.filter(pl.col("rep_id").str.starts_with("R"))
        monkeypatch.setattr(compute, "summary", lambda _s, kpis, *_: {kpis[0]: own})
        monkeypatch.setattr(compute, "sellers", lambda _s: own["rep_id"])

    return make


def test_the_rank_is_a_competition_rank_among_all_sellers(company_of: Any) -> None:
    company_of(R1=20, t2=10, t3=20, t4=30, t5=50)
    place = peers.place(SESSION, "revenue", PERIOD, "R1")
    assert place is not None
    assert (place.rank, place.size, place.median) == (3, 5, 20)


def test_less_is_first_where_less_is_better(company_of: Any) -> None:
    company_of(R1=10, t2=20, t3=30, t4=40, t5=50)
    place = peers.place(SESSION, "overdue_amount", PERIOD, "R1")
    assert place is not None
    assert place.rank == 1
    assert peers.positions(place)["own"] == 1.0


def test_fewer_than_five_have_no_rank_and_no_average(company_of: Any) -> None:
    company_of(R1=10, t2=20, t3=30, t4=40)
    assert peers.place(SESSION, "revenue", PERIOD, "R1") is None
    assert peers.average(SESSION, "revenue", PERIOD, "East") is None


def test_others_are_shown_in_steps_and_not_as_amounts(company_of: Any) -> None:
    company_of(R1=10, t2=23, t3=37, t4=61, t5=110)
    place = peers.place(SESSION, "revenue", PERIOD, "R1")
    assert place is not None
    assert peers.positions(place)["others"] == [0.0, 0.15, 0.25, 0.5, 1.0]


def test_a_small_region_is_measured_against_the_company(company_of: Any) -> None:
    company_of(R1=10, R2=20, t3=30, t4=40, t5=50)
    average = peers.average(SESSION, "revenue", PERIOD, "East")
    assert average == peers.Average(30.0, 5, is_company=True)


def test_a_region_of_five_is_its_own_measure(company_of: Any) -> None:
    company_of(R1=10, R2=20, R3=30, R4=40, R5=50, t6=1000)
    assert peers.average(SESSION, "revenue", PERIOD, "East") == peers.Average(30.0, 5, is_company=False)


def test_targets_of_others_are_not_compared(company_of: Any) -> None:
    company_of(R1=10, R2=20, t3=30, t4=40, t5=50)
    assert peers.average(SESSION, "target_pace", PERIOD, "East") is None
