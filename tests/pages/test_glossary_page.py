"""The Glossary page: every KPI for everybody, findable, with what it needs and whether that is here."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from i18n import LANGUAGES, Text, catalogue, translator
from kpi.catalog import CATALOG, SECTIONS, get
from pages.frame import session
from pages.parts import glossary
from pages.ui.format import plain

App = Callable[..., AppTest]
ROOT = Path(__file__).resolve().parents[2]
EN = translator("en")


def labels(at: AppTest) -> list[str]:
    """The KPIs on the page, in order, as they are headed."""
    return [re.sub(r"\*\*(.*?)\*\*.*", r"\1", one.label, flags=re.DOTALL) for one in at.expander]


def named(*names: str) -> list[str]:
    return [plain(EN(get(name).label_id)) for name in names]


def details(at: AppTest, name: str) -> str:
    """What stands behind the heading of a KPI."""
    [one] = [e for e in at.expander if e.label.startswith(f"**{plain(EN(get(name).label_id))}**")]
    return "\n".join(m.value for m in one.markdown)


@pytest.mark.parametrize("viewer", ["D1", "M1", "R1", "A1"])
def test_everybody_finds_every_kpi_by_the_step_of_the_work(app: App, viewer: str) -> None:
    at = app(viewer, "glossary")
    assert not at.exception
    assert labels(at) == named(*CATALOG)
    assert [heading.value for heading in at.subheader] == [EN(f"kpi.section.{section}") for section in SECTIONS]


def test_no_figure_of_anybody_is_on_it(app: App) -> None:
    at = app("R1", "glossary")
    assert not at.dataframe
    assert not at.metric
    assert not [m.value for m in at.markdown if "CANARY" in m.value]


def test_a_kpi_says_what_it_leaves_out_and_that_its_files_are_here(app: App) -> None:
    shown = details(app("D1", "glossary", q="collection_rate"), "collection_rate")
    for text in (EN("kpi.collection_rate.edges"), EN("kpi.direction.up"), EN("kpi.origin.due_based")):
        assert plain(text) in shown
    assert shown.count(":material/check:") == 2
    assert EN("pages_glossary.all_loaded") in shown


def test_a_missing_file_is_named_beside_what_needs_it(app: App) -> None:
    at = app("D1", "glossary", without=("visits",), q="strike_rate")
    shown = details(at, "strike_rate")
    assert f":material/close: {EN('pages.source_visits')}" in shown
    assert f":material/check: {EN('pages.source_orders')}" in shown
    assert EN("pages_glossary.load_it") in shown
    assert EN("pages_glossary.no_figures") in at.expander[0].label


def test_a_missing_column_is_not_a_missing_file(app: App) -> None:
    assert EN("pages_glossary.no_column") in details(app("D1", "glossary", q="log_timeliness"), "log_timeliness")


def test_paid_amounts_on_invoices_stand_in_for_receipts(house: Callable[..., Path], exports: dict[str, list]) -> None:  # type: ignore[type-arg]
    house(without=("receipts",), invoices=[row | {"paid_amount": 10} for row in exports["invoices"]])
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["q"] = "collected"
    at.run()
    at.switch_page("pages/glossary.py")
    at.query_params["q"] = "collected"
    at.run()
    assert EN("pages_glossary.stands_in") in details(at, "collected")


def test_only_those_without_figures_are_listed_when_asked_for(app: App) -> None:
    at = app("D1", "glossary", without=("visits", "targets"))
    at.toggle(key="missing").set_value(True).run()
    assert named("completed_visits")[0] in labels(at)
    assert named("target_pace")[0] in labels(at)
    assert named("revenue")[0] not in labels(at)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("collection_rate", ["collection_rate"]),
        ("Days sales outstanding", ["dso"]),
        ("货款到账率", ["collection_rate"]),  # in the other language
        ("倒推", ["dso_countback"]),
        ("acceptance bills", ["collected"]),
        ("nothing says this", []),
    ],
)
def test_a_search_finds_names_labels_and_words_in_both_languages(app: App, words: str, wanted: list[str]) -> None:
    at = app("D1", "glossary", q=words)
    assert labels(at) == named(*wanted)


def test_a_step_of_the_work_narrows_the_list(app: App) -> None:
    at = app("D1", "glossary")
    box = at.selectbox(key="step")
    box.set_value(EN("kpi.section.portfolio")).run()
    assert labels(at) == named(*(kpi.name for kpi in SECTIONS["portfolio"]))


def test_every_kpi_that_a_page_names_leads_from_the_glossary_to_that_page(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    lacking = {}
    say = Text.__call__
    monkeypatch.setattr(Text, "__call__", lambda self, key, /, **more: asked.append(key) or say(self, key, **more))
    at = app("D1", "overview")
    for page in (page for page in glossary.SHOWN if page != "data"):
        at.switch_page(f"pages/{page}.py").run()
        at.query_params.update({"customer": "CANARY1"} if page == "customer" else {})
        asked.clear()
        at.run()
        named = {key.split(".")[1] for key in asked if key.startswith("kpi.") and key.endswith(".label")}
        lacking |= {page: left} if (left := named & CATALOG.keys() - glossary.SHOWN[page]) else {}
    assert not lacking, str(lacking)


@pytest.mark.parametrize("page", glossary.SHOWN)
def test_the_pages_named_exist_and_show_kpis_of_the_catalogue(page: str) -> None:
    assert page in session.PAGES
    assert glossary.SHOWN[page] <= set(CATALOG)


def test_a_reader_is_led_only_to_pages_that_may_be_opened(app: App) -> None:
    links = {viewer: app(viewer, "glossary", q="revenue").get("page_link") for viewer in ("D1", "R1", "A1")}
    showing = [page for page, kpis in glossary.SHOWN.items() if "revenue" in kpis]
    roles = {"D1": "director", "R1": "rep", "A1": "admin"}
    wanted = {viewer: sum(role in session.PAGES[page].roles for page in showing) for viewer, role in roles.items()}
    assert {viewer: len(found) for viewer, found in links.items()} == wanted
    assert wanted["D1"] > wanted["R1"] > wanted["A1"] == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_of_the_page_is_asked_for(lang: str) -> None:
    kept = catalogue(ROOT / "i18n" / lang / "pages_glossary.po")
    source = (ROOT / "pages" / "parts" / "glossary.py").read_text("utf-8")
    assert not [key for key in kept if key.removeprefix("pages_glossary.") not in source]
