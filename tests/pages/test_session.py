"""Who may look at what, and for how long: demo mode under its banner, and people who signed in."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from pages.frame import demo, visit
from pages.frame.identity import Caller

ROOT = Path(__file__).resolve().parents[2]
EN = translator("en")


def test_own_data_is_shown_to_nobody_who_is_not_local(house: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    house()
    monkeypatch.setattr(visit, "identity", lambda: Caller("demo", None))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run()
    assert [e.value for e in at.error] == [translator("en")("error.demo_only_local")]
    assert not at.metric


@pytest.mark.parametrize(
    ("users", "sample"), [(["first run"], True), (["first run", "first run"], True), (["first run", "owner"], False), ([], False)]
)
def test_the_sample_is_what_only_the_first_run_loaded(users: list[str], sample: bool) -> None:
    warehouse: Any = SimpleNamespace(loads=lambda _scope: pl.DataFrame({"user_name": users}, schema={"user_name": pl.String}))
    assert demo.is_sample(warehouse) is sample


def test_demo_mode_opens_as_the_director(app: Callable[..., AppTest]) -> None:
    at = app()
    assert at.selectbox(key="view_as").value == "D1"


def test_somebody_unknown_cannot_be_looked_through(house: Callable[..., Path]) -> None:
    house()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"] = "NOBODY"
    assert at.run().selectbox(key="view_as").value == "D1"


# Signed in


def opened(page: str = "app.py", **params: str) -> AppTest:
    """A page as a browser opens it."""
    at = AppTest.from_file(str(ROOT / page), default_timeout=60)
    at.session_state["lang"] = "en"
    at.query_params.update(params)
    return at.run()


def refused(at: AppTest) -> list[str]:
    """What somebody is told who may see nothing; and nothing else may be there."""
    assert not at.exception
    assert [len(kind) for kind in (at.metric, at.dataframe, at.selectbox, at.subheader)] == [0, 0, 0, 0]
    return [error.value.replace("\\", "") for error in (*at.error, *at.info)]


@pytest.mark.parametrize("login", ["nobody", "R3", "", "dora;mia", "%"])
def test_a_login_nobody_bears_sees_nothing_and_is_told_whom_to_ask(
    house: Callable[..., Path], come: Callable[..., None], login: str
) -> None:
    house()  # R3 is a rep without a login: a rep_id is not a name to sign in with
    come(login)
    assert refused(opened()) == [EN("error.not_known_here", login=login)]


@pytest.mark.parametrize("page", ["overview", "region", "rep", "data"])
def test_without_signing_in_no_page_opens(house: Callable[..., Path], come: Callable[..., None], page: str) -> None:
    house()
    come(None)
    assert refused(opened(f"pages/{page}.py", view="D1")) == [EN("error.sign_in_first")]


def test_before_the_first_load_nobody_who_signs_in_makes_the_sample(
    tmp_path: Path, come: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDBOOK_HOME", str(tmp_path / "home"))
    come("anybody")
    assert refused(opened()) == [EN("error.nothing_loaded")]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("login", "roles", "sees", "pages"),
    [
        ("dora", "director", "You see the whole company.", ["overview", "region", "rep", "data"]),
        ("mia", "regional manager", "You see region East, everybody who reports to you, your own rows.", ["region", "rep"]),
        ("ann", "rep", "You see your own rows.", ["rep"]),
        ("ada", "admin", "You see no figures: you look after the data.", ["data"]),
        ("pip", "rep, inside sales", "You see your own rows, those of your partner.", ["rep"]),
        ("two", "rep, admin", "You see your own rows.", ["rep", "data"]),
        ("toml", "director", "You see the whole company.", ["overview", "region", "rep", "data"]),
    ],
)
def test_everybody_is_told_in_what_roles_they_see_what(
    house: Callable[..., Path], come: Callable[..., None], exports: Any, login: str, roles: str, sees: str, pages: list[str]
) -> None:
    more = [
        {"rep_id": "I1", "rep_name": "Pip", "role": "rep;inside", "region": "East", "login": "pip"},
        {"rep_id": "B1", "rep_name": "Two", "role": "rep;admin", "region": "East", "login": "two"},
    ]
    home = house(reps=[*exports["reps"], *more])
    with (home / "fieldbook.toml").open("a") as file:
        file.write('\n[access]\ndirectors = ["Toml"]\n')
    come(login)
    at = opened()
    told = [caption.value.replace("\\", "") for caption in at.sidebar.caption]
    assert not at.exception
    assert told == [roles, sees]
    assert not at.warning, "no banner of demo mode"
    for page in ("overview", "region", "rep", "data"):
        errors = [e.value for e in opened(f"pages/{page}.py").error]
        assert errors == ([] if page in pages else [EN("error.page_not_for_role")]), page


def test_whose_eyes_is_a_question_of_demo_mode_alone(house: Callable[..., Path], come: Callable[..., None]) -> None:
    house()
    come("ann")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = "D1", "en"
    at.query_params["view"] = "D1"
    at.run()
    assert [box.key for box in at.sidebar.selectbox] == []
    assert EN("pages_access.sees", what=EN("pages_access.sees_own")) in [c.value.replace("\\", "") for c in at.sidebar.caption]
    assert not [b for b in at.selectbox if b.key == "filter_rep"], "a rep has no other rep to choose"


@pytest.mark.parametrize(
    "change",
    [
        '[access]\nblocked = ["ADA"]\n',
        "[access\n",
        '[access]\nblocked = "ada"\n',
    ],
    ids=["blocked", "unreadable", "misspelt"],
)
def test_an_open_page_is_closed_as_soon_as_rights_are_withdrawn(house: Callable[..., Path], come: Callable[..., None], change: str) -> None:
    home = house()
    come("ada")
    at = opened()
    assert at.dataframe
    (home / "fieldbook.toml").write_text(change)
    assert len(refused(at.run())) == 1


def test_who_is_no_longer_in_what_was_published_is_out(
    house: Callable[..., Path], come: Callable[..., None], exports: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house()
    come("mia")
    at = opened()
    assert at.metric
    house(reps=[row for row in exports["reps"] if row["rep_id"] != "M1"])
    assert refused(at.run()) == [EN("error.not_known_here", login="mia")]


def test_the_clock_of_an_open_page_sees_that_rights_were_withdrawn(house: Callable[..., Path], come: Callable[..., None]) -> None:
    home = house()
    come("mia")
    seen: list[bool] = []

    def script() -> None:
        from i18n import translator
        from pages.frame import session

        opened = session.open_session(translator("en"))
        session.st.session_state["kept"] = session.st.session_state.get("kept", opened)  # what the page drawn at first holds
        session.st.session_state["stands"] = session.st.session_state["kept"].stands()

    at = AppTest.from_function(script, default_timeout=60)
    seen.append(at.run().session_state["stands"])
    (home / "fieldbook.toml").write_text('[access]\ndirectors = ["mia"]\n')
    seen.append(at.run().session_state["stands"])
    assert seen == [True, False]
    assert visit.WATCHED_EVERY <= 60


def test_a_visit_ends_after_eight_hours_without_a_touch(house: Callable[..., Path], come: Callable[..., None]) -> None:
    house()
    come("mia")
    at = opened()
    at.session_state["visit_active"] = time.time() - visit.IDLE + 60
    assert at.run().metric
    at.session_state["visit_active"] = time.time() - visit.IDLE - 1
    at.session_state["selection"] = {"rep": "R1"}
    assert refused(at.run()) == [EN("error.sign_in_idle")]
    assert "selection" not in at.session_state
    assert refused(at.run()) == [EN("error.sign_in_idle")], "for good"


def test_a_sign_in_of_yesterday_opens_no_new_page(house: Callable[..., Path], come: Callable[..., None]) -> None:
    house()
    come("mia", began=time.time() - visit.IDLE - 1)
    assert refused(opened()) == [EN("error.sign_in_idle")]
    come("mia", began=time.time() - visit.IDLE + 60)
    assert opened().metric


def test_a_sign_in_that_ends_while_the_page_is_open_takes_all_with_it(house: Callable[..., Path], come: Callable[..., None]) -> None:
    house()
    come("mia")
    at = opened()
    at.session_state["selection"] = {"rep": "R1"}
    come(None, "sign_in_expired")
    assert refused(at.run()) == [EN("error.sign_in_expired")]
    assert "selection" not in at.session_state
    come("mia")
    assert refused(at.run()) == [EN("error.sign_in_expired")], "only a new page begins a new visit"


def test_somebody_else_in_the_same_page_finds_nothing_of_the_one_before(house: Callable[..., Path], come: Callable[..., None]) -> None:
    house()
    come("mia")
    at = opened()
    at.session_state["data_result"], at.session_state["selection"] = "a report", {"rep": "R1"}
    come("ada")
    at.run()
    assert "data_result" not in at.session_state
    assert at.session_state["visit_reader"] == "ada"


def test_signing_out_ends_the_visit_and_forgets(house: Callable[..., Path], come: Callable[..., None]) -> None:
    house()
    come("mia")
    at = opened()
    at.session_state["selection"] = {"rep": "R1"}
    assert refused(at.button(key="sign_out").click().run()) == [EN("error.signed_out")]
    assert "selection" not in at.session_state


@pytest.mark.parametrize(("page", "name", "foreign"), [("rep", "rep", "R3"), ("region", "region", "North"), ("region", "territory", "N1")])
def test_a_foreign_id_is_answered_like_one_that_does_not_exist(
    house: Callable[..., Path], come: Callable[..., None], page: str, name: str, foreign: str
) -> None:
    house()
    come("mia")

    def answer(wish: str) -> tuple[list[str], list[str], list[str]]:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.session_state["lang"] = "en"
        at.run().switch_page(f"pages/{page}.py")
        at.query_params[name] = wish
        at.run()
        assert not at.exception
        return [i.value for i in at.info], [m.value for m in at.metric], [t.value for t in at.title]

    assert answer(foreign) == answer("does not exist")
    assert EN("pages.not_found") in answer(foreign)[0]
