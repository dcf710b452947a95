"""A small company for the pages: two regions, three reps, their managers and a director, October 2026 half gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from pages.frame import visit
from pages.frame.identity import Caller

Row = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
REPS: list[Row] = [
    {"rep_id": "D1", "rep_name": "Dora", "role": "director", "login": "dora"},
    {"rep_id": "M1", "rep_name": "Mia", "role": "regional_manager", "region": "East", "manager_id": "D1", "login": "mia"},
    {"rep_id": "M2", "rep_name": "Max", "role": "regional_manager", "region": "North", "manager_id": "D1", "login": "max"},
    {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "territory_id": "E1", "region": "East", "manager_id": "M1", "login": "ann"},
    {"rep_id": "R2", "rep_name": "Bob", "role": "rep", "territory_id": "E2", "region": "East", "manager_id": "M1", "login": "bob"},
    {"rep_id": "R3", "rep_name": "Cid", "role": "rep", "territory_id": "N1", "region": "North", "manager_id": "M2"},
    {"rep_id": "A1", "rep_name": "Ada", "role": "admin", "login": "ada"},
]
TERRITORIES: list[Row] = [
    {"territory_id": "E1", "name": "Harbour", "region": "East"},
    {"territory_id": "E2", "name": "Valley", "region": "East"},
    {"territory_id": "N1", "name": "Hills", "region": "North"},
]
# the customers' ids are canaries: whoever sees one sees that rep's rows
OWNERS = {"CANARY1": "R1", "CANARY2": "R2", "CANARY3": "R3"}


def sources() -> dict[str, list[Row]]:
    """What the company exported."""
    orders, invoices, receipts, visits, targets = [], [], [], [], []
    for place, (customer, rep) in enumerate(OWNERS.items(), 1):
        for month, amount in (("2025-10", 900 * place), ("2026-09", 1000 * place), ("2026-10", 1100 * place)):
            order = {
                "order_id": f"O{rep}{month}",
                "customer_id": customer,
                "rep_id": rep,
                "order_date": f"{month}-05",
                "ship_date": f"{month}-05",
            }
            orders.append(order | {"net_amount": amount, "cost_amount": amount * 0.8, "qty": 1})
            invoice = {
                "invoice_id": f"I{rep}{month}",
                "customer_id": customer,
                "rep_id": rep,
                "invoice_date": f"{month}-06",
                "due_date": f"{month}-16",
            }
            invoices.append(invoice | {"amount": amount})
        receipts.append(
            {"receipt_id": f"P{rep}", "customer_id": customer, "invoice_id": f"I{rep}2026-10", "received_on": "2026-10-12", "amount": 500}
        )
        visits.append(
            {"visit_id": f"V{rep}", "rep_id": rep, "customer_id": customer, "planned_date": "2026-10-08", "actual_date": "2026-10-08 10:00"}
        )
        targets.append(
            {"scope": "rep", "scope_id": rep, "metric": "revenue", "period": "2026-10", "value": 2000 * place * (3 if rep == "R3" else 1)}
        )
    customers = [{"customer_id": c, "customer_name": f"Name of {c}", "owner_id": r} for c, r in OWNERS.items()]
    facts = {"orders": orders, "invoices": invoices, "receipts": receipts, "visits": visits, "targets": targets}
    return {"reps": REPS, "territories": TERRITORIES, "customers": customers, **facts}


def _started(made: Callable[..., None]) -> Callable[..., None]:
    """A pages manager as on a server on which app.py has run: AppTest begins each run as if the server had just started."""

    def init(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    return init


def look_as(at: AppTest, rep_id: str) -> None:
    """Choose a person in "view as", as a reader would: by what is written there."""
    name = next(person["rep_name"] for person in REPS if person["rep_id"] == rep_id)
    box = at.selectbox(key="view_as")
    box.set_value(next(option for option in box.options if option.startswith(name))).run()


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`come("mia")`: from now on this is who signed in; `come(None, "sign_in_expired")`: nobody."""

    def set_reader(login: str | None, why: str = "sign_in_first", **more: Any) -> None:
        monkeypatch.setattr(visit, "identity", lambda: Caller("proxy", login, why, **more))

    return set_reader


@pytest.fixture
def exports() -> dict[str, list[Row]]:
    """What the company exported, to be changed by a test."""
    return sources()


@pytest.fixture
def look() -> Callable[[AppTest, str], None]:
    """`look(at, rep_id)`: go on as that person."""
    return look_as


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server on which app.py has run; caches empty afterwards."""
    monkeypatch.setattr(PagesManager, "__init__", _started(PagesManager.__init__))
    monkeypatch.chdir(ROOT)
    yield
    st.cache_resource.clear()


@pytest.fixture
def house(company: Callable[..., Any], tmp_path: Path, started: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """`house(without=("visits",), orders=[…])`: the home folder of the company, with some exports never loaded or changed; caches empty."""

    def make(without: tuple[str, ...] = (), **changed: list[Row]) -> Path:
        company(
            **{name: rows for name, rows in (sources() | changed).items() if name not in without},
            settings={"company": "Harbour & Co"},
            as_of="2026-10-15",
        )
        home = max((p.parent for p in tmp_path.rglob("CURRENT")), key=lambda home: (len(home.parts), home.name))  # the last one made
        monkeypatch.setenv("FIELDBOOK_HOME", str(home))
        return home

    return make


@pytest.fixture
def app(house: Callable[..., Path]) -> Callable[..., AppTest]:
    """`app(as_rep, page, **params)`: the app run as that person sees it, on that page with those URL parameters."""

    def run(viewer: str = "D1", page: str = "", without: tuple[str, ...] = (), **params: str) -> AppTest:
        house(without)
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.query_params.update(params)
        at.run()
        if viewer != "D1":  # the director is who demo mode opens as
            look_as(at, viewer)
        if page:
            at.switch_page(f"pages/{page}.py")
            at.query_params.update(params)
            at.run()
        return at

    return run
