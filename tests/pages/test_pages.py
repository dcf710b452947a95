"""Each page for each role: what opens, what is shown, and what must never be in a byte that is sent."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from pages.frame import demo
from pages.frame.session import PAGES
from pages.parts import service
from pages.ui import boards
from pages.ui.format import plain
from tests.pages.screen import metrics, sent, table, words

EN = translator("en")
ROOT = Path(__file__).resolve().parents[2]
App = Callable[..., AppTest]
SELLING = ("my_day", "visits", "rep", "review", "prospects", "margin", "collections", "customers", "customer", "key_accounts", "scorecard")
OPENS = {
    "D1": ("overview", "region", *SELLING, "territories", "data", "glossary"),
    "M1": ("region", *SELLING, "territories", "glossary"),
    "R1": (*SELLING, "glossary"),
    "A1": ("data", "glossary"),
}
CLOSED = {viewer: [page for page in OPENS["D1"] if page not in pages] for viewer, pages in OPENS.items() if viewer != "D1"}


@pytest.mark.parametrize("viewer", OPENS)
def test_the_pages_of_a_role_open_under_a_loud_banner(app: App, viewer: str) -> None:
    at = app(viewer)
    for page in OPENS[viewer]:
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
        assert not at.error
        assert "Harbour & Co" in at.warning[0].value
        element = EN(f"pages_view.element_{PAGES[page].element}")  # each page says what it is there for
        assert [c.value for c in at.caption if c.value.endswith(EN("pages_view.serves", element=element))]


@pytest.mark.parametrize("viewer", CLOSED)
def test_a_page_of_another_role_says_that_it_is_one_and_shows_nothing(app: App, viewer: str) -> None:
    at = app(viewer)
    for page in CLOSED[viewer]:
        at.switch_page(f"pages/{page}.py").run()
        assert [e.value for e in at.error] == [EN("error.page_not_for_role")]
        assert not at.metric
        assert not at.dataframe
        assert b"CANARY" not in sent(at)


@pytest.mark.parametrize("viewer", CLOSED)
def test_a_direct_link_that_passes_the_app_by_is_refused(house: Callable[..., Path], viewer: str) -> None:
    house()
    for page in CLOSED[viewer]:
        at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
        at.session_state["view_as"], at.session_state["lang"] = viewer, "en"
        at.run()
        assert [e.value for e in at.error] == [EN("error.page_not_for_role")]
        assert not at.metric
        assert not at.dataframe
        assert b"CANARY" not in sent(at)


def test_the_director_sees_eight_cards_with_value_and_change_and_the_four_of_the_cycle(app: App) -> None:
    at = app("D1", "overview")
    shown = metrics(at)
    assert [m.label for m in at.metric] == [EN(f"kpi.{name}.label") for name in (*boards.CARDS, *service.CYCLE)]
    assert shown[EN("kpi.revenue.label")] == "¥6,600" or shown[EN("kpi.revenue.label")] == "¥6.60K"
    assert next(m for m in at.metric if m.label == EN("kpi.revenue.label")).delta == "+22.2%"


def test_the_total_row_is_the_whole_and_rates_are_re_divided(app: App) -> None:
    board = app("D1", "overview").dataframe[0].value
    assert board["name"].tolist() == ["North ›", "East ›", EN("pages.total")]
    assert board["revenue"].iloc[2] == pytest.approx(board["revenue"].iloc[0] + board["revenue"].iloc[1])
    assert board["gross_margin_pct"].tolist() == pytest.approx([20.0, 20.0, 20.0])


@pytest.mark.parametrize(
    ("viewer", "page", "foreign"), [("R1", "rep", (b"CANARY2", b"CANARY3")), ("M1", "region", (b"CANARY3",)), ("M1", "rep", (b"CANARY3",))]
)
def test_nobody_is_sent_a_row_of_somebody_else(app: App, viewer: str, page: str, foreign: tuple[bytes, ...]) -> None:
    everything = sent(app(viewer, page))
    assert not [canary for canary in foreign if canary in everything]


def test_a_rep_is_sent_the_own_rows(app: App) -> None:
    at = app("R1", "rep")
    assert at.title[0].value == "Ann"
    customers = at.dataframe[0].value
    assert customers["customer_id"].tolist() == ["CANARY1"]
    assert customers["customer"].tolist() == ["Name of CANARY1 ›"]


def test_two_readers_in_turn_never_share_an_answer(app: App, look: Callable[[AppTest, str], None]) -> None:
    at = app("R1", "rep")
    own = metrics(at)
    look(at, "R2")
    assert metrics(at) != own
    assert b"CANARY1" not in sent(at)
    look(at, "R1")
    assert metrics(at) == own


@pytest.mark.parametrize("asked", ["R3", "NOBODY"])
def test_a_foreign_id_answers_like_an_unknown_one_and_shows_what_is_ones_own(app: App, asked: str) -> None:
    at = app("M1", "rep", rep=asked)
    assert [i.value for i in at.info] == [EN("pages.not_found")]
    assert at.title[0].value == "Ann"
    assert b"CANARY3" not in sent(at)
    assert asked not in words(at)


@pytest.mark.parametrize("asked", ["North", "Atlantis"])
def test_a_foreign_region_answers_like_an_unknown_one_and_shows_what_is_ones_own(app: App, asked: str) -> None:
    at = app("M1", "region", region=asked)
    assert [i.value for i in at.info] == [EN("pages.not_found")]
    assert at.title[0].value == "East"
    assert b"CANARY3" not in sent(at)


def test_a_missing_export_is_named_and_never_a_zero(app: App) -> None:
    at = app("D1", "overview", without=("visits",))
    assert not at.exception
    assert metrics(at)[EN("kpi.completed_visits.label")] == "—"
    assert EN("pages.missing_file", files=EN("pages.source_visits")) in [c.value for c in at.caption]
    assert metrics(at)[EN("kpi.revenue.label")] != "—"


GOOD_NEWS = ("nothing_to_chase", "none_owed")


def test_what_could_not_be_checked_is_no_good_news(app: App) -> None:
    """With orders alone nobody knows who owes money or a visit, and no page may say that nobody does."""
    at = app("D1", "overview", without=("visits", "invoices", "receipts", "targets", "products"))
    said = []
    for page in OPENS["D1"]:
        at.switch_page(f"pages/{page}.py").run()
        said += [str(one.value) for kind in ("markdown", "caption", "subheader") for one in at.get(kind)]
    assert not [one for one in said for key in GOOD_NEWS if EN(f"pages_care.{key}") in one]
    assert any(EN("pages_care.chase_unknown") in one for one in said)
    assert any(EN("pages_care.owed_unknown") in one for one in said)


def test_the_target_can_be_what_is_compared_with(app: App) -> None:
    at = app("D1", "overview", compare="target")
    assert not at.exception
    deltas = {m.label: m.delta for m in at.metric if m.delta}
    assert set(deltas) == {EN("kpi.revenue.label")}
    assert deltas[EN("kpi.revenue.label")].startswith("pace")


def test_the_selection_stays_when_the_page_changes(app: App) -> None:
    at = app("D1", "overview", period="2026-09", compare="prior", region="East")
    at.switch_page("pages/region.py").run()
    assert at.title[0].value == "East"
    assert at.selectbox(key="filter_period").value == "2026-09"
    assert at.selectbox(key="filter_compare").value == "prior"


@pytest.mark.parametrize("period", ["rubbish", "2026-13", "2026-09-31", ""])
def test_a_period_nobody_understands_is_the_running_month(app: App, period: str) -> None:
    at = app("D1", "overview", period=period)
    assert not at.exception
    assert at.selectbox(key="filter_period").value == "mtd"
    assert any(plain(period) in i.value for i in at.info)  # and it is said


def test_a_figure_explains_itself(app: App) -> None:
    texts = [m.value for m in app("D1", "overview").markdown]
    revenue = next(t for t in texts if t.startswith(EN("kpi.revenue.formula")))
    assert "6,600.00" in revenue
    assert EN("pages.explain_rows", rows=3, excluded=0) in revenue


def test_the_rows_behind_a_figure_come_with_file_and_line(app: App) -> None:
    at = app("D1", "overview")
    at.button(key="rows_revenue").click().run()
    rows = at.dataframe[-1].value
    assert set(rows["customer_id"]) == {"CANARY1", "CANARY2", "CANARY3"}
    assert set(rows["file"]) == {"orders.csv"}
    assert rows["row"].notna().all()


def test_what_needs_attention_is_said_in_sentences(app: App) -> None:
    assert any("Cid" in m.value and "¥" in m.value for m in app("D1", "overview").markdown)


def test_the_page_speaks_chinese(app: App) -> None:
    at = app("D1", "overview")
    at.button_group(key="lang").set_value("中文").run()
    assert not at.exception
    assert at.title[0].value == translator("zh")("pages.overview_title")


def test_a_small_company_shows_no_rank(app: App) -> None:
    assert EN("pages.team_too_few", smallest=5) in [c.value for c in app("R1", "rep").caption]


@pytest.mark.parametrize(("viewer", "page"), [("D1", "overview"), ("M1", "region"), ("R1", "my_day"), ("A1", "data")])
def test_the_start_page_of_a_role_answers_at_its_own_address(house: Callable[..., Path], viewer: str, page: str) -> None:
    """The default page answers at / only, so none that can be mailed may be the default."""
    house()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"] = viewer
    at.query_params["period"] = "2026-09"
    at.run()
    assert not at.exception
    if page != "data":  # which has no filters
        assert at.session_state["selection"]["period"] == "2026-09"
    at.switch_page(f"pages/{page}.py")  # is registered under its name, not as the default
    assert not at.run().exception


def test_a_reload_stays_with_the_person_looked_through(house: Callable[..., Path]) -> None:
    house()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params[demo.VIEW] = "R2"
    assert at.run().selectbox(key="view_as").value == "R2"


@pytest.mark.parametrize("wish", ["NOBODY", "", "R99"])
def test_a_person_that_cannot_be_looked_through_is_not_wished_for(house: Callable[..., Path], wish: str) -> None:
    house()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params[demo.VIEW] = wish
    assert at.run().selectbox(key="view_as").value == "D1"


def test_days_of_ones_own_can_be_chosen(app: App) -> None:
    at = app("D1", "overview")
    at.selectbox(key="filter_period").set_value("Choose days …").run()
    assert at.date_input(key="filter_days").value == (date(2026, 10, 1), date(2026, 10, 15))
    at.date_input(key="filter_days").set_value((date(2026, 10, 6), date(2026, 10, 15))).run()
    assert at.session_state["selection"]["period"] == "2026-10-06..2026-10-15"
    assert metrics(at)[EN("kpi.revenue.label")] == "¥0"  # all orders are of the 5th


def test_an_old_snapshot_says_what_to_do(house: Callable[..., Path]) -> None:
    home = house()
    older = home / "snapshots" / "wh-000002.duckdb"
    shutil.copy(home / "snapshots" / "wh-000001.duckdb", older)
    with duckdb.connect(older) as con:
        con.execute("alter table measure.sales drop column revenue; update meta set value = 'older' where key = 'schema'")
    (home / "CURRENT").write_text(older.name, "utf-8")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run()
    assert not at.exception
    assert [e.value for e in at.error] == [EN("error.old_snapshot", snapshot="000002")]


def test_somebody_who_left_is_said_to_have_and_has_work_to_reassign(
    house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]
) -> None:
    reps = [person | ({"left_on": "2026-10-10"} if person["rep_id"] == "R3" else {}) for person in exports["reps"]]
    house(reps=reps)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    said = [m.value for m in at.run().markdown if m.value.startswith("**Cid")]  # the sentences on what changed begin with a region
    assert len(said) == 1
    assert plain("Cid (left)") in said[0]
    assert "to reassign" in said[0]
    assert "pace" not in said[0]


def test_who_has_left_stands_below_the_ranking(house: Callable[..., Path], exports: dict[str, list[dict[str, Any]]]) -> None:
    reps = [person | ({"left_on": "2026-10-10"} if person["rep_id"] == "R2" else {}) for person in exports["reps"]]
    much = {"order_id": "much", "customer_id": "CANARY2", "rep_id": "R2", "net_amount": 9000, "cost_amount": 1, "qty": 1}
    house(reps=reps, orders=[*exports["orders"], much | {"order_date": "2026-10-02", "ship_date": "2026-10-02"}])
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = "M1", "en"
    at.run()
    at.switch_page("pages/region.py").run()
    board = table(at, "gap")
    assert board["name"].tolist() == ["Ann ›", "Bob (left) ›"]  # though he is far above his target
    assert board["target_pace"].tolist()[0] < board["target_pace"].tolist()[1]
    assert board["pace"].tolist()[1] is None
    assert len(board["history"].tolist()[0]) == 11  # the data begin on 5 October 2025: that is no gap of anybody's


def test_a_month_without_a_figure_leaves_the_cell_empty_instead_of_printing_numbers() -> None:
    assert boards.drawable([3.0, 0.0, 5.0]) == [3.0, 0.0, 5.0]
    assert [boards.drawable(line) for line in ([None, 3.0, 5.0], [3.0, 5.0, None], [3.0, None, 5.0], [3.0], None)] == [None] * 5
