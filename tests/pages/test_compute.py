"""Answers that are kept are kept for one reader and one snapshot: two people in turn get what each would get alone."""

from __future__ import annotations

import ast
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from data.access import Scope
from kpi.base import PRIOR
from kpi.period import parse
from pages.ui import answers, compute
from pages.ui.groups import Lens

SOURCE = Path(compute.__file__).read_text("utf-8")
KEPT = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.FunctionDef) and "kept" in map(ast.unparse, node.decorator_list)]


def reader(home: Path, login: str) -> Any:
    """What the functions need of a session."""
    served = answers.served(home)
    warehouse = served.warehouse
    return SimpleNamespace(
        served=served, warehouse=warehouse, calendar=served.calendar, scope=warehouse.scope(login, warehouse.today), lens=Lens()
    )


def month(session: Any) -> Any:
    return parse("2026-10", session.warehouse.as_of, session.calendar)


def everything(session: Any) -> dict[str, Any]:
    """The answer of every kept function, by its name, asked for as the pages do."""
    period, kpis = month(session), ("revenue", "completed_visits")
    customers = ("CANARY1", "CANARY2", "CANARY3")
    return {
        "_summary": [compute.summary(session, kpis, (period,), by) for by in ((), ("rep_id",), ("region",))],
        "_standings": {rep: compute.standings(session, kpis, period, rep) for rep in ("R1", "R2", "R3")},
        "_averages": compute.averages(session, "revenue", period, ("R1", "R2", "R3")),
        "_risks": compute.risks(session, period),
        "_rows": compute.rows(session, "visits", (period,), by=("rep_id",)),
        "freshness": compute.freshness(session),
        "_bridge": compute.bridge(session, "margin_bridge", period, PRIOR),
        "_weak_orders": compute.weak_orders(session, period),
        "people": compute.people(session),
        "territories": compute.territories(session),
        "card": [compute.card(session, one) for one in customers],
        "customers": compute.customers(session),
        "customer_groups": compute.customer_groups(session),
        "joined": compute.joined(session, period),
        "pairs": compute.pairs(session, period),
        "_ranking": compute.ranking(session, "revenue", period),
        "last_seen": {rep: compute.last_seen(session, rep) for rep in ("R1", "R2", "R3")},
    }


def as_bytes(answer: Any) -> Any:
    """An answer in a form that compares to the last byte."""
    if isinstance(answer, pl.DataFrame):
        return f"{answer.schema} {sorted(answer.rows(), key=repr)}".encode()
    if isinstance(answer, dict):
        return {name: as_bytes(value) for name, value in answer.items()}
    return [as_bytes(one) for one in answer] if isinstance(answer, list) else repr(answer)


def test_what_is_kept_gets_nothing_its_key_does_not_hold() -> None:
    assert len(KEPT) >= 12
    for node in KEPT:
        assert node.args.args[0].arg == "asked", node.name


def test_whatever_is_kept_is_asked_here(house: Callable[..., Path]) -> None:
    asked_by_others = {"_everybody"}  # of the standings, averages and ranking
    assert set(everything(reader(house(), "dora"))) == {node.name for node in KEPT} - asked_by_others


def test_two_people_in_turn_get_what_each_would_get_alone(house: Callable[..., Path]) -> None:
    home = house()
    alone: dict[str, Any] = {}
    for login in ("ann", "bob", "mia", "dora"):
        answers.forget(home)
        alone[login] = as_bytes(everything(reader(home, login)))
    assert len({repr(answer) for answer in alone.values()}) == 4, "each sees something else"
    answers.forget(home)
    for login in ("ann", "bob", "ann", "dora", "mia", "bob", "dora", "ann", "mia"):
        assert as_bytes(everything(reader(home, login))) == alone[login], login


def test_a_new_right_or_snapshot_is_another_answer(house: Callable[..., Path]) -> None:
    home = house()
    before = as_bytes(everything(reader(home, "ann")))
    (home / "fieldbook.toml").write_text('[access]\ndirectors = ["ann"]\n')
    assert as_bytes(everything(reader(home, "ann"))) != before
    other = house(orders=[])
    assert as_bytes(everything(reader(other, "ann"))) != before


def test_a_changed_calendar_beside_the_settings_is_served_at_once(house: Callable[..., Path]) -> None:
    home = house()
    (home / "fieldbook.toml").write_text('calendar = "days.csv"\n')
    (home / "days.csv").write_text("date,kind\n2026-10-09,off\n")
    assert answers.served(home).calendar.working_days(date(2026, 10, 9), date(2026, 10, 9)) == 0
    (home / "days.csv").write_text("date,kind\n2026-10-08,off\n")
    assert answers.served(home).calendar.working_days(date(2026, 10, 9), date(2026, 10, 9)) == 1


def test_with_the_next_generation_the_answers_of_the_one_before_are_dropped(house: Callable[..., Path]) -> None:
    home = house()
    ann = reader(home, "ann")
    before = as_bytes(everything(ann))
    assert weight_of(ann.served) > 0
    (home / "fieldbook.toml").write_text('[access]\ndirectors = ["ann"]\n')
    after = reader(home, "ann")
    assert weight_of(ann.served) == 0
    assert as_bytes(everything(ann)) == before, "who still runs on the one before gets what it always said"
    assert as_bytes(everything(after)) != before


def test_a_home_is_opened_once_however_many_ask_at_a_time(house: Callable[..., Path]) -> None:
    home = house()
    with ThreadPoolExecutor(8) as pool:
        assert len({id(one) for one in pool.map(lambda _: answers.served(home), range(32))}) == 1


def weight_of(served: answers.Served) -> int:
    return served.answers.held


def test_what_was_not_cut_to_a_group_is_said_to_the_second_reader_too(house: Callable[..., Path]) -> None:
    home, made = house(), []

    @answers.kept_as_told
    def told(session: Any) -> int:
        made.append(1)
        session.lens.whole.add("kpi.revenue.label")
        return len(made)

    @dataclass
    class Reader:
        scope: Scope
        lens: Lens
        served: answers.Served = field(default_factory=lambda: answers.served(home))
        viewer: str | None = None
        t: Any = field(default_factory=lambda: SimpleNamespace(lang="en"))

    scope = reader(home, "dora").scope
    first, second, whole = Reader(scope, Lens("A")), Reader(replace(scope, user="d2"), Lens("A")), Reader(scope, Lens())
    assert [told(one) for one in (first, second, whole)] == [1, 1, 2]
    assert first.lens.whole == second.lens.whole == {"kpi.revenue.label"}
