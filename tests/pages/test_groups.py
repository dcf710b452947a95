"""A page narrowed to a group of customers: the same customers in both periods, and what cannot be narrowed says so.

Of the three customers CANARY3 (3300 this October, 2700 last) and CANARY2 (2200, 1800) are class A, CANARY1 (1100, 900) is B.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from kpi.base import DimensionError
from kpi.catalog import CATALOG, UnknownKpi
from kpi.config import Config
from kpi.period import parse
from kpi.report import evaluate
from pages.ui import answers, compute, groups, layout
from pages.ui.filters import Selection
from pages.ui.format import Format
from pages.ui.groups import Lens
from tests.pages.screen import metrics, sent, words

EN = translator("en")
REVENUE = EN("kpi.revenue.label")
App, House = Callable[..., AppTest], Callable[..., Path]
PAGES = ("overview", "region", "rep", "visits", "customers", "key_accounts", "margin", "collections")


def keyed(exports: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The customers' list with CANARY1 as a key account."""
    return [row | {"is_key": "yes" if row["customer_id"] == "CANARY1" else "no"} for row in exports["customers"]]


def reader(home: Path, login: str, group: str | None) -> Any:
    """What the functions need of a session that looks at a group."""
    served = answers.served(home)
    scope = served.warehouse.scope(login, served.warehouse.today)
    told = {"t": EN, "fmt": Format("en"), "viewer": None, "lens": Lens(group)}
    return SimpleNamespace(home=home, served=served, warehouse=served.warehouse, calendar=served.calendar, scope=scope, **told)


def october(session: Any) -> Any:
    return parse("mtd", session.warehouse.as_of, session.calendar)


def value(session: Any, name: str, *where: tuple[str, str]) -> Any:
    return compute.summary(session, (name,), (october(session),), (), where)[name]["value"][0]


def test_the_classes_add_up_to_everybody(house: House, started: None, exports: Any) -> None:
    home = house(customers=keyed(exports))
    found = compute.customer_groups(reader(home, "dora", None))
    assert found == {"A": ("CANARY2", "CANARY3"), "B": ("CANARY1",), "key": ("CANARY1",), "others": ("CANARY2", "CANARY3")}
    parts = [float(value(reader(home, "dora", one), "revenue")) for one in ("A", "B")]
    assert parts == [5500, 1100]
    assert sum(parts) == float(value(reader(home, "dora", None), "revenue"))


def test_a_rep_knows_groups_of_the_own_customers_only(house: House) -> None:
    home = house()
    assert compute.customer_groups(reader(home, "ann", None)) == {"B": ("CANARY1",)}
    assert value(reader(home, "ann", "A"), "revenue") == 0  # a group that has nobody opens no rows


def test_the_period_compared_with_is_cut_to_the_same_customers_and_stays_as_long(app: App) -> None:
    at = app("D1", "overview", group="A")
    card = next(m for m in at.metric if m.label == REVENUE)
    assert card.value == "¥5,500" or card.value == "¥5.50K"
    assert "vs 1–15 Oct 2025: ¥4,500.00 (+22.2%)" in words(at).replace("\\", "")
    every, cut = app("D1", "overview").selectbox(key="filter_compare"), at.selectbox(key="filter_compare")
    assert every.options == cut.options


def test_what_cannot_be_cut_is_shown_whole_and_says_so(house: House) -> None:
    home = house()
    every, cut = reader(home, "dora", None), reader(home, "dora", "B")
    assert value(cut, "collected") == value(every, "collected") == 1500
    rows = compute.summary(cut, ("collected", "revenue"), (october(cut),))
    assert rows["collected"]["note"].to_list() == [groups.WHOLE]
    assert rows["revenue"]["note"].to_list() == [None]
    assert cut.lens.whole == {"kpi.collected.label"}
    assert not every.lens.whole


def test_a_split_that_is_not_kept_by_customer_is_whole_too(house: House) -> None:
    cut = reader(house(), "dora", "B")
    rows = compute.summary(cut, ("revenue",), (october(cut),), ("product_line",))["revenue"]
    assert (float(rows["value"].sum()), rows["note"].to_list()) == (6600, [groups.WHOLE])
    assert cut.lens.whole == {"pages_care.by_product_line"}


def test_the_page_names_what_is_of_all_customers(app: App) -> None:
    at = app("D1", "overview", group="B")
    [said] = [one.value.replace("\\", "") for one in at.caption if one.value.startswith("\\* ") or one.value.startswith("* ")]
    assert EN("kpi.target_attainment.label") in said
    assert EN("pages_view.group_b") in said
    assert REVENUE not in said
    assert not [one for one in app("D1", "overview").caption if one.value.startswith(("* ", "\\* "))]


@pytest.mark.parametrize(("viewer", "group"), [("D1", "B"), ("D1", "others"), ("M1", "key"), ("R1", "B")])
def test_every_page_that_offers_groups_stands_with_one(house: House, look: Any, exports: Any, viewer: str, group: str) -> None:
    house(customers=keyed(exports))
    at = AppTest.from_file(str(Path(compute.__file__).parents[2] / "app.py"), default_timeout=60).run()
    look(at, viewer) if viewer != "D1" else None
    for page in PAGES:
        at.switch_page(f"pages/{page}.py")
        at.query_params["group"] = group
        at.run()
        assert not at.exception, page
        if group in ("B", "key"):  # CANARY1 alone: whoever else is on the page should not be
            assert b"CANARY2" not in sent(at), page
            assert b"CANARY3" not in sent(at), page


@pytest.mark.parametrize("asked", ["A", "Z"])
def test_a_group_that_has_nobody_is_said_to_be_missing(app: App, asked: str) -> None:
    at = app("R1", "margin", group=asked)
    assert EN("pages.not_found") in [one.value for one in at.info]
    assert metrics(at)[REVENUE] == metrics(app("R1", "margin"))[REVENUE]


def test_rows_behind_a_figure_are_those_of_the_group(house: House) -> None:
    cut = reader(house(), "dora", "A")
    assert set(compute.facts(cut, "orders", october(cut))["customer_id"]) == {"CANARY2", "CANARY3"}
    assert set(compute.facts(cut, "orders", october(cut), (("rep_id", "R2"),))["customer_id"]) == {"CANARY2"}
    assert compute.facts(cut, "orders", october(cut), (("customer_id", "CANARY1"),)).is_empty()


def test_nobody_is_compared_with_an_average_of_other_customers(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "_averages", lambda *_: {"rep": 100})
    home = house()
    cut, every = reader(home, "dora", "A"), reader(home, "dora", None)
    assert compute.averages(every, "revenue", october(every), ("R1", "R2", "R3"))
    assert not compute.averages(cut, "revenue", october(cut), ("R1", "R2", "R3"))
    compute.standings(cut, ("revenue",), october(cut), "R1")
    assert "pages.own_place" in cut.lens.whole


def test_the_workbook_says_what_it_is_cut_to_and_what_is_not(house: House) -> None:
    cut = reader(house(), "dora", "A")
    value(cut, "collected")
    rows = dict(layout._asked(cut, Selection(october(cut), "mtd", "year", group="A")))
    assert rows[EN("pages.filter_group")] == EN("pages_view.group_a")
    assert rows[EN("pages_view.about_whole")] == EN("kpi.collected.label")


def test_what_is_said_to_be_cut_can_be_and_the_rest_cannot(house: House) -> None:
    """Asked of the warehouse itself: a KPI counts as cut if and only if it can be evaluated for some customers."""
    session = reader(house(), "dora", None)
    config, period = Config.of(session.warehouse.config_values), october(session)
    checked = 0
    for name in CATALOG:
        try:
            kpi = compute.measured(name)
        except UnknownKpi:
            continue
        try:
            evaluate(session.warehouse, session.scope, [kpi], (period,), (), where={"customer_id": ["CANARY1"]})
        except DimensionError:
            is_possible = False
        else:
            is_possible = True
        if all(session.warehouse.has(read) for part in groups.parts(kpi, config) for read in groups.reads(part)):
            assert groups.is_cut(kpi, config) is is_possible, name
            checked += 1
    assert checked > 60
