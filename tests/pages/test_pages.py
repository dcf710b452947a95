"""Each page for each role: what opens, what is shown, and what must never be in a byte that is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator

EN = translator("en")
ROOT = Path(__file__).resolve().parents[2]
App = Callable[..., AppTest]
OPENS = [
    ("D1", "overview"), ("D1", "region"), ("D1", "rep"), ("D1", "data"), ("M1", "region"), ("M1", "rep"), ("R1", "rep"), ("A1", "data"),
]  # fmt: skip
CLOSED = [("M1", "overview"), ("M1", "data"), ("R1", "overview"), ("R1", "region"), ("R1", "data"), ("A1", "overview"), ("A1", "rep")]


def sent(at: AppTest) -> bytes:
    """Every byte of the elements on the page: labels, tables, figures."""
    found: list[bytes] = []

    def walk(node: Any) -> None:
        children = getattr(node, "children", None)
        if getattr(node, "proto", None) is not None and hasattr(node.proto, "SerializeToString"):
            found.append(node.proto.SerializeToString())
        for child in (children or {}).values():
            walk(child)

    walk(at._tree)
    return b"".join(found)


def words(at: AppTest) -> str:
    """All text of the page in one string."""
    return "\n".join(
        str(e.value) for kind in (at.markdown, at.caption, at.title, at.subheader, at.warning, at.info, at.error) for e in kind
    )


def metrics(at: AppTest) -> dict[str, str]:
    """Card label → value."""
    return {m.label: m.value for m in at.metric}


@pytest.mark.parametrize(("viewer", "page"), OPENS)
def test_a_page_opens_for_its_role(app: App, viewer: str, page: str) -> None:
    at = app(viewer, page)
    assert not at.exception
    assert not at.error
    assert EN("pages.demo_banner", company="Harbour & Co", person="").split("**")[0] in at.warning[0].value


@pytest.mark.parametrize(("viewer", "page"), CLOSED)
def test_a_page_of_another_role_cannot_be_reached(app: App, viewer: str, page: str) -> None:
    at = app(viewer)
    with pytest.raises(ValueError, match=page):
        at.switch_page(f"pages/{page}.py")


@pytest.mark.parametrize(("viewer", "page"), CLOSED)
def test_a_direct_link_that_passes_the_app_by_is_refused(house: Callable[..., Path], viewer: str, page: str) -> None:
    house()
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = viewer, "en"
    at.run()
    assert [e.value for e in at.error] == [EN("error.page_not_for_role")]
    assert not at.metric
    assert not at.dataframe
    assert b"CANARY" not in sent(at)


def test_the_director_sees_eight_cards_with_value_and_change(app: App) -> None:
    at = app("D1", "overview")
    shown = metrics(at)
    assert len(shown) == 8
    assert shown[EN("kpi.revenue.label")] == "¥6,600" or shown[EN("kpi.revenue.label")] == "¥6.60K"
    assert next(m for m in at.metric if m.label == EN("kpi.revenue.label")).delta == "+22.2%"


def test_the_total_row_is_the_whole_and_rates_are_re_divided(app: App) -> None:
    board = app("D1", "overview").dataframe[0].value
    assert board["name"].tolist() == ["East ›", "North ›", EN("pages.total")]
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
    assert at.dataframe[0].value["customer_id"].tolist() == ["CANARY1"]


def test_two_readers_in_turn_never_share_an_answer(app: App) -> None:
    at = app("R1", "rep")
    own = metrics(at)
    at.session_state["view_as"] = "R2"
    at.run()
    assert metrics(at) != own
    assert b"CANARY1" not in sent(at)
    at.session_state["view_as"] = "R1"
    at.run()
    assert metrics(at) == own


@pytest.mark.parametrize("asked", ["R3", "NOBODY"])
def test_a_foreign_id_answers_like_an_unknown_one(app: App, asked: str) -> None:
    at = app("M1", "rep", rep=asked)
    assert [i.value for i in at.info] == [EN("pages.not_found")]
    assert not at.metric
    assert asked not in words(at)


@pytest.mark.parametrize("asked", ["North", "Atlantis"])
def test_a_foreign_region_answers_like_an_unknown_one(app: App, asked: str) -> None:
    at = app("M1", "region", region=asked)
    assert [i.value for i in at.info] == [EN("pages.not_found")]
    assert not at.metric


def test_a_missing_export_is_named_and_never_a_zero(app: App) -> None:
    at = app("D1", "overview", without=("visits",))
    assert not at.exception
    assert metrics(at)[EN("kpi.completed_visits.label")] == "—"
    assert EN("pages.missing_file", files=EN("pages.source_visits")) in [c.value for c in at.caption]
    assert metrics(at)[EN("kpi.revenue.label")] != "—"


@pytest.mark.parametrize("without", ["orders", "invoices", "targets", "receipts", "customers", "territories"])
@pytest.mark.parametrize("page", ["overview", "region", "rep", "data"])
def test_every_page_stands_without_one_of_the_exports(app: App, page: str, without: str) -> None:
    at = app("D1", page, without=(without,))
    assert not at.exception


def test_the_target_can_be_what_is_compared_with(app: App) -> None:
    at = app("D1", "overview", compare="target")
    assert not at.exception
    assert not any(m.delta for m in at.metric)


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
    at.session_state["lang"] = "zh"
    at.run()
    assert not at.exception
    assert at.title[0].value == translator("zh")("pages.overview_title")


def test_a_small_company_shows_no_rank(app: App) -> None:
    assert EN("pages.team_too_few", smallest=5) in [c.value for c in app("R1", "rep").caption]
