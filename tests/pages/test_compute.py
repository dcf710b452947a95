"""Answers that are kept are kept for one reader and one snapshot: two people in turn get what each would get alone."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import streamlit as st

from data.warehouse import Warehouse
from kpi.base import PRIOR
from kpi.period import parse
from pages.ui import compute
from pages.ui.groups import Lens

SOURCE = Path(compute.__file__).read_text("utf-8")
KEPT = [
    node
    for node in ast.parse(SOURCE).body
    if isinstance(node, ast.FunctionDef) and any("cache_" in ast.unparse(decorator) for decorator in node.decorator_list)
]
UNSCOPED = {"_open", "_calendar"}  # hold no business row


def reader(home: Path, login: str) -> Any:
    """What the functions need of a session."""
    warehouse = Warehouse.open(home)
    return SimpleNamespace(
        home=home, warehouse=warehouse, scope=warehouse.scope(login, warehouse.today), t=lambda key, **_: key, lens=Lens()
    )


def month(session: Any) -> Any:
    return parse("2026-10", session.warehouse.as_of, compute.calendar(session))


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
        "_freshness": compute.freshness(session),
        "_bridge": compute.bridge(session, "margin_bridge", period, PRIOR),
        "_weak_orders": compute.weak_orders(session, period),
        "_people": compute.people(session),
        "_territories": compute.territories(session),
        "_customer_names": compute.customer_names(session, customers),
        "_card": [compute._card(str(session.home), compute._generation(session.home), session.scope, one) for one in customers],
        "_customers": compute.customers(session),
        "_customer_groups": compute.customer_groups(session),
        "_last_seen": {rep: compute.last_seen(session, rep) for rep in ("R1", "R2", "R3")},
    }


def as_bytes(answer: Any) -> Any:
    """An answer in a form that compares to the last byte."""
    if isinstance(answer, pl.DataFrame):
        return f"{answer.schema} {answer.rows()}".encode()
    if isinstance(answer, dict):
        return {name: as_bytes(value) for name, value in answer.items()}
    return [as_bytes(one) for one in answer] if isinstance(answer, list) else repr(answer)


def test_every_kept_function_has_the_snapshot_and_the_scope_in_its_key() -> None:
    assert len(KEPT) >= 12
    for node in KEPT:
        names = [argument.arg for argument in node.args.args]
        assert names[:2] == ["home", "generation"], node.name
        assert (names[2:3] == ["scope"]) is (node.name not in UNSCOPED), node.name


def test_what_is_asked_here_is_kept(house: Callable[..., Path]) -> None:
    asked = set(everything(reader(house(), "dora")))
    assert asked <= {node.name for node in KEPT} - UNSCOPED
    assert len(asked) >= 13


def test_two_people_in_turn_get_what_each_would_get_alone(house: Callable[..., Path]) -> None:
    home = house()
    alone: dict[str, Any] = {}
    for login in ("ann", "bob", "mia", "dora"):
        st.cache_data.clear()
        alone[login] = as_bytes(everything(reader(home, login)))
    assert len({repr(answer) for answer in alone.values()}) == 4, "each sees something else"
    st.cache_data.clear()
    for login in ("ann", "bob", "ann", "dora", "mia", "bob", "dora", "ann", "mia"):
        assert as_bytes(everything(reader(home, login))) == alone[login], login


def test_a_new_right_or_snapshot_is_another_answer(house: Callable[..., Path]) -> None:
    home = house()
    before = as_bytes(everything(reader(home, "ann")))
    (home / "fieldbook.toml").write_text('[access]\ndirectors = ["ann"]\n')
    assert as_bytes(everything(reader(home, "ann"))) != before
    other = house(orders=[])
    assert as_bytes(everything(reader(other, "ann"))) != before
