"""Saved views in the sidebar, and links handed on: each opens the same page with the same filters, under the rights of whoever opens it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Scope
from data.keeping import views
from data.keeping.views import View
from i18n import translator
from pages.frame import visit
from pages.frame.identity import Caller
from tests.pages.screen import sent

ROOT = Path(__file__).resolve().parents[2]
EN = translator("en")
House, Come = Callable[..., Path], Callable[..., None]


def on(page: str, **params: str) -> AppTest:
    """The app on a page, as a browser opens a link."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run().switch_page(f"pages/{page}.py")
    at.query_params.update(params)
    return at.run()


def save(at: AppTest, name: str) -> AppTest:
    at.text_input(key="view_name").set_value(name)
    return at.button(key="save_view_now").click().run()


def links(at: AppTest) -> dict[str, tuple[str, dict[str, str]]]:
    """The views in the sidebar: name → page and parameters of the link."""
    found = (one.proto for one in at.sidebar.get("page_link"))
    return {one.label: (one.page, dict(parse_qsl(one.query_string, keep_blank_values=True))) for one in found}


def follow(at: AppTest, name: str) -> AppTest:
    page, params = links(at)[name]
    at.switch_page(f"pages/{page}.py")
    at.query_params.clear()
    at.query_params.update(params)
    return at.run()


def test_a_view_opens_the_page_as_it_was_whatever_was_looked_at_since(house: House, come: Come) -> None:
    house()
    come("dora")
    at = save(on("margin", region="East", period="2026-09"), "East in September")
    assert not at.exception
    assert links(at)["East in September"][0] == "margin"
    at.switch_page("pages/collections.py").run()
    at.selectbox(key="filter_region").set_value("North").run()
    at.selectbox(key="filter_rep").set_value("R3").run()
    at = follow(at, "East in September")
    assert [at.selectbox(key=f"filter_{name}").value for name in ("period", "region", "territory", "rep")] == ["2026-09", "East", "", ""]
    at = follow(save(on("visits"), "All visits"), "East in September")
    assert at.selectbox(key="filter_region").value == "East"
    at = follow(at, "All visits")  # saved with nothing chosen: nothing stays chosen
    assert [at.selectbox(key=f"filter_{name}").value for name in ("period", "region")] == ["mtd", ""]


def test_a_view_is_renamed_replaced_and_deleted_in_the_sidebar(house: House, come: Come) -> None:
    house()
    come("dora")
    at = save(on("margin"), "Margin")
    at.text_input(key="view_renamed").set_value("Gross profit")
    at.button(key="view_rename").click().run()
    assert list(links(at)) == ["Gross profit"]
    at.switch_page("pages/visits.py").run()
    at.button(key="view_replace").click().run()
    assert links(at)["Gross profit"][0] == "visits"
    at.button(key="view_delete").click().run()
    assert not links(at)


def test_everybody_has_own_views(house: House, come: Come) -> None:
    house()
    come("dora")
    save(on("margin"), "Of the director")
    come("ann")
    at = save(on("rep"), "Of the rep")
    assert list(links(at)) == ["Of the rep"]
    assert b"Of the director" not in sent(at)


@pytest.mark.parametrize(("name", "code"), [("  ", "view_name"), ("MARGIN", "view_exists")])
def test_a_view_that_cannot_be_kept_says_why(house: House, come: Come, name: str, code: str) -> None:
    house()
    come("dora")
    at = save(save(on("margin"), "Margin"), name)
    assert at.error[0].value == EN(f"error.{code}", most=views.LONGEST, name=name)
    assert list(links(at)) == ["Margin"]


def test_a_name_is_shown_literally(house: House, come: Come) -> None:
    house()
    come("dora")
    at = save(on("margin"), ":red[**x**](http://e.org) <b>")
    assert list(links(at)) == [r"\:red\[\*\*x\*\*\]\(http\:\/\/e\.org\) \<b\>".replace(r"\/", "/")]


def test_views_that_cannot_be_read_say_so_and_the_page_stands(house: House, come: Come) -> None:
    home = house()
    come("dora")
    save(on("margin"), "Margin")
    [path] = (home / "views").iterdir()
    path.write_text("{")
    at = on("margin")
    assert not at.exception
    assert len(at.metric) > 3
    assert at.sidebar.error[0].value.startswith("Your saved views cannot be read")
    assert path.read_text() == "{"


def test_strangers_at_the_sample_write_nothing_for_one_another(house: House, come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    house()
    monkeypatch.setattr("pages.frame.demo.is_sample", lambda _: True)
    monkeypatch.setattr(visit, "identity", lambda: Caller("demo", None))
    assert "view_name" not in {one.key for one in on("margin").text_input}


def test_a_view_of_a_page_that_is_no_longer_ones_own_is_not_listed(house: House, come: Come) -> None:
    home = house()
    views.keep(home, Scope("ann", frozenset({"rep"}), ("R1",), ()), View("As a director", "overview"))
    views.keep(home, Scope("ann", frozenset({"rep"}), ("R1",), ()), View("No page", "../data"))
    come("ann")
    assert not links(on("rep"))


@pytest.mark.parametrize(
    ("page", "params", "own"),
    [
        ("rep", {"rep": "R2"}, "Ann"),
        ("my_day", {"rep": "R3"}, None),
        ("collections", {"rep": "R2", "territory": "N1", "region": "North"}, None),
        ("margin", {"territory": "E2", "period": "2026-09"}, None),
        ("customers", {"rep": "R3"}, None),
    ],
)
def test_somebody_elses_view_opens_under_the_rights_of_who_opens_it(
    house: House, come: Come, page: str, params: dict[str, str], own: str | None
) -> None:
    """The director saves a view of others' figures and hands the link on: the rep sees own rows, a word about it, and nobody else's."""
    house()
    come("dora")
    theirs, wish = links(save(on(page, **params), "To hand on"))["To hand on"]
    assert theirs == page
    assert wish | params == wish
    come("ann")
    at = on(page, **wish)
    assert not at.exception
    assert EN("pages.not_found") in [one.value for one in at.info]
    everything = sent(at)
    assert not [canary for canary in (b"CANARY2", b"CANARY3") if canary in everything]
    assert at.metric or b"CANARY1" in everything
    assert own is None or at.title[0].value == own


def test_a_link_to_what_the_receiver_may_see_opens_just_that(house: House, come: Come) -> None:
    house()
    come("dora")
    _, wish = links(save(on("rep", rep="R2", period="2026-09"), "Bob"))["Bob"]
    come("mia")
    at = on("rep", **wish)
    assert at.title[0].value == "Bob"
    assert not at.info
