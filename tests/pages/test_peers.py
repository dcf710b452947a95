"""Own place among the others: the same for every viewer, and nothing in a byte sent to a rep that another's figure follows from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.warehouse import Warehouse
from kpi.catalog import get
from kpi.period import parse
from pages.ui.peers import Average, Teams, figures

ROOT = Path(__file__).resolve().parents[2]
Exports = dict[str, list[dict[str, Any]]]
OCTOBER = parse("2026-10", date(2026, 10, 15))


def teams(roles: dict[str, str] | None = None, own: tuple[str, ...] = (), **values: float) -> Teams:
    """Teams over typed values; own ones keep their ids, all work in the whole month, as reps unless said otherwise."""
    frame = pl.DataFrame({"period": ["2026-10"] * len(values), "rep_id": list(values), "value": [float(v) for v in values.values()]})
    frame = frame.with_columns(numerator=pl.col("value"), denominator=pl.lit(None, pl.Float64))
    rows = [
        {"period": "2026-10", "rep_id": rep, "role": (roles or {}).get(rep, "rep"), "active_from": date(2026, 10, 1),
         "active_to": date(2026, 10, 15), "has_left": False, "is_own": rep in own}
        for rep in values
    ]  # fmt: skip
    return Teams(OCTOBER, {"revenue": frame, "overdue_amount": frame}, pl.DataFrame(rows))


def test_the_rank_is_a_competition_rank_in_a_team_of_five() -> None:
    found = teams(R1=20, t2=10, t3=20, t4=30, t5=50).standing("revenue", "R1")
    assert found is not None
    assert (found.rank, found.size, found.median) == (3, 5, 20)


def test_a_place_made_of_more_rows_than_the_reader_sees_is_told_without_the_amount() -> None:
    """The manager sees 12 of the 20: with both amounts the difference would tell what R1 sold elsewhere."""
    whole = teams(R1=20, t2=10, t3=20, t4=30, t5=50)
    for seen, told in ((12, None), (20, 20)):
        found = replace(whole, seen=teams(R1=seen).values).standing("revenue", "R1")
        assert found is not None
        assert (found.own, found.rank) == (told, 3)


def test_the_exact_median_of_a_small_team_is_told_only_to_who_sees_every_figure_in_it() -> None:
    values = {"R1": 10, "R2": 20, "R3": 30}
    led = teams(**values, own=tuple(values))
    assert replace(led, seen=teams(**values).values).standing("revenue", "R1") is not None
    assert replace(led, seen=teams(**values | {"R2": 12}).values).standing("revenue", "R1") is None


def test_an_average_of_the_own_team_is_that_of_the_rows_seen() -> None:
    seen = teams(R1=5, R2=20, R3=30, R4=40, R5=50).values
    whole = replace(teams(R1=10, R2=20, R3=30, R4=40, R5=50, t6=1000), seen=seen)
    assert whole.averages("revenue", ["R1", "R2", "R3", "R4", "R5"])["rep"].value == 29


def test_less_is_first_where_less_is_better() -> None:
    found = teams(R1=10, t2=20, t3=30, t4=40, t5=50).standing("overdue_amount", "R1")
    assert found is not None
    assert (found.rank, found.place) == (1, 1.0)


def test_another_role_is_another_team() -> None:
    assert teams(R1=20, t2=10, t3=20, t4=30, t5=50, roles={"t5": "kam"}).standing("revenue", "R1") is None


def test_a_team_of_four_tells_nothing_to_a_rep_and_the_rank_to_who_leads_them_all() -> None:
    values = {"R1": 10, "R2": 20, "R3": 30, "R4": 40}
    assert teams(**values, own=("R1",)).standing("revenue", "R1") is None
    led = teams(**values, own=tuple(values)).standing("revenue", "R1")
    assert led is not None
    assert (led.rank, led.size, led.median, led.positions) == (4, 4, 25, ())


def test_two_are_no_ranking_for_anybody() -> None:
    assert teams(R1=10, R2=20, own=("R1", "R2")).standing("revenue", "R1") is None


def test_who_did_not_work_has_no_place() -> None:
    assert teams(R1=1, t2=2, t3=3, t4=4, t5=5).standing("revenue", "R9") is None


def test_a_region_of_five_is_its_own_measure() -> None:
    found = teams(R1=10, R2=20, R3=30, R4=40, R5=50, t6=1000).averages("revenue", ["R1", "R2", "R3", "R4", "R5"])
    assert found == {"rep": Average(30.0, 5, False, ("R1", "R2", "R3", "R4", "R5"))}


def test_a_small_region_is_measured_against_the_company() -> None:
    values = {"R1": 10, "R2": 20, "t3": 30, "t4": 30, "t5": 30, "t6": 30, "t7": 60}
    assert teams(**values).averages("revenue", ["R1", "R2"]) == {"rep": Average(30.0, 7, True, ("R1", "R2"))}


def test_not_if_that_would_tell_about_a_few_others() -> None:
    values = {"R1": 10, "R2": 20, "R3": 30, "R4": 40, "t5": 1000}
    assert teams(**values).averages("revenue", ["R1", "R2", "R3", "R4"]) == {}


# ── With a real company ────────────────────────────────────────────────────────────────────────────────────────────────────────


def crowd(base: Exports, amounts: dict[str, int]) -> Exports:
    """Further reps of the North, each with one order of October (0: none)."""
    people: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    for rep, amount in amounts.items():
        people.append({"rep_id": rep, "rep_name": rep, "role": "rep", "territory_id": "N1", "region": "North", "manager_id": "M2"})
        if amount:
            day = {"order_date": "2026-10-05", "ship_date": "2026-10-05"}
            order = {"order_id": f"O{rep}", "customer_id": "CANARY3", "rep_id": rep, "net_amount": amount, "cost_amount": amount, "qty": 1}
            orders.append(order | day)
    return {"reps": [*base["reps"], *people], "orders": [*base["orders"], *orders]}


def figures_of_the_rep(house: Callable[..., Path], exports: Exports) -> list[str]:
    """The Plotly JSON of R1's page."""
    house(**exports)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = "R1", "en"
    at.run()
    at.switch_page("pages/rep.py").run()
    assert not at.exception
    return [chart.proto.spec for chart in at.get("plotly_chart")]


def test_the_charts_of_a_rep_do_not_change_with_the_amounts_of_others(house: Callable[..., Path], exports: Exports) -> None:
    first = figures_of_the_rep(house, crowd(exports, {"X4": 40_417, "X5": 70_913, "X6": 123}))
    assert any("1 of" in f or " of 6" in f for f in first)  # there is a place to be seen
    for canary in ("40417", "70913", "3300"):
        assert not [f for f in first if canary in f]
    st.cache_resource.clear()
    second = figures_of_the_rep(house, crowd(exports, {"X4": 50_417, "X5": 990_913, "X6": 77}))  # same order, same middle
    assert [json.loads(f) for f in first] == [json.loads(f) for f in second]


def test_a_rank_is_the_same_whoever_looks(house: Callable[..., Path], exports: Exports) -> None:
    warehouse = Warehouse.open(house(**crowd(exports, {"X4": 40_417, "X5": 70_913, "X6": 0})))
    found, kpis = [], [get("revenue")]
    everybody = figures(warehouse, kpis, OCTOBER)  # type: ignore[arg-type]
    for login in ("dora", "mia", "ann"):
        scope = warehouse.scope(login, date(2026, 10, 15))
        found.append(Teams.of(warehouse, scope, everybody, kpis, OCTOBER).standing("revenue", "R1"))  # type: ignore[arg-type]
    assert found[0] is not None
    assert (found[0].rank, found[0].size) == (5, 6)  # who sold nothing is in, with 0
    assert found[0] == found[1] == found[2]
