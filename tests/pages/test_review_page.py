"""The Weekly review: who has stale cards and what the week brought, for own people only; cards to fill in never load back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from i18n import translator
from pages.parts import review
from pages.ui import export, layout
from tests.pages.screen import metrics, sent, table, words

EN = translator("en")
ROOT = Path(__file__).resolve().parents[2]
App = Callable[..., AppTest]
Rows = dict[str, list[dict[str, Any]]]


def opened(viewer: str, **params: str) -> AppTest:
    """The page of the company just made, as somebody sees it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = viewer, "en"
    at.run()
    at.query_params.update(params)
    at.switch_page("pages/review.py").run()
    assert not at.exception
    return at


@pytest.fixture
def kept(house: Callable[..., Path], exports: Rows) -> Path:
    """On 15 October 2026: Ann's card was touched last in May, Bob's this week, Cid's never; only Ann's says where the customer is."""
    touched = {"CANARY1": "2026-05-01 09:00", "CANARY2": "2026-10-14 09:00"}
    cards = [card | {"updated_on": touched.get(card["customer_id"])} for card in exports["customers"]]
    cards[0] |= {"city": "Xiamen", "industry": "tea", "phone": "1390000"}
    return house(customers=cards)


def test_the_manager_sees_whose_cards_are_stale_and_what_the_week_brought(kept: Path) -> None:
    at = opened("M1")
    board = table(at, "is_stale").set_index("name")
    assert board.loc["Ann ›", ["cards", "is_stale", "is_touched"]].tolist() == [1, 1, 0]
    assert board.loc["Bob ›", ["cards", "is_stale", "is_touched"]].tolist() == [1, 0, 1]
    assert metrics(at)[EN("kpi.card_freshness.label")] == "50.0%"
    assert EN("pages_review.what_to_talk_over", count=0, all=2) in [h.value for h in at.subheader]
    at.button_group(key="review_listed").set_value(EN("pages_review.list_stale")).run()
    listed = table(at, "why")
    assert listed["customer"].tolist() == ["Name of CANARY1 ›"]
    assert listed["why"][0].tolist() == [EN("kpi.card.is_stale", age_days=167)]  # 1 May to 15 October


def test_the_picture_says_how_many_cards_lack_a_field(kept: Path) -> None:
    at = opened("D1")
    figure = next(chart for chart in at.get("plotly_chart") if EN("pages_review.field_city") in chart.proto.spec)
    assert EN("pages_review.cell", name="Bob", field=EN("pages_review.field_city"), empty=1, all=1) in figure.proto.spec
    assert EN("pages_review.cell", name="Ann", field=EN("pages_review.field_city"), empty=0, all=1) in figure.proto.spec


@pytest.mark.parametrize(("viewer", "foreign"), [("R1", (b"CANARY2", b"CANARY3")), ("M1", (b"CANARY3",))])
def test_nobody_is_sent_a_card_of_somebody_else(kept: Path, viewer: str, foreign: tuple[bytes, ...]) -> None:
    at = opened(viewer)
    at.button_group(key="review_listed").set_value(EN("pages_review.list_stale")).run()
    everything = sent(at)
    assert b"CANARY1" in everything
    assert not [canary for canary in foreign if canary in everything]


@pytest.mark.parametrize("without", ["customers", "orders"])
def test_without_the_cards_it_says_which_file_to_bring(app: App, without: str) -> None:
    at = app("D1", "review", without=(without,))
    assert not at.exception
    assert EN("pages_review.unknown") in [h.value for h in at.subheader]
    assert EN("pages_care.bring_file", files=EN(f"pages.source_{without}")) in words(at)


def test_the_cards_to_fill_in_hold_what_is_known_no_contact_and_load_as_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[export.Sheet] = []
    monkeypatch.setattr(review, "fill_in_button", lambda session, _top, kept: made.append(review.fill_in(session, kept)))
    opened("M1")
    book = tmp_path / "cards.xlsx"
    book.write_bytes(export.workbook(made))
    rows = fastexcel.read_excel(book).load_sheet(0).to_polars()
    assert rows[EN("pages_review.fill_code")].to_list() == ["CANARY2", "CANARY1"]  # the one that buys more leads
    city, phone = (EN("pages_review.fill_field", field=EN(f"pages_review.field_{name}")) for name in ("city", "phone"))
    assert rows[city].to_list() == [None, "Xiamen"]
    assert rows[phone].to_list() == [None, EN("pages_review.is_there")]  # that there is one, never the number
    assert b"1390000" not in book.read_bytes()
    assert main(["load", "--home", str(kept), str(book)]) == 3  # no export we know: nothing of it enters
    assert "cards.xlsx" in "".join(capsys.readouterr())


def test_the_workbook_says_what_the_screen_says(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, bytes] = {}
    monkeypatch.setattr(layout, "workbook_button", lambda _session, _place, stem, sheets: made.update({stem: export.workbook(sheets())}))
    board = table(opened("D1"), "is_stale")
    people = fastexcel.read_excel(made["review"]).load_sheet(EN("pages_review.sheet_reps")).to_polars()
    assert people[EN("pages_review.column_is_stale")].to_list() == board["is_stale"].tolist()
    fields = fastexcel.read_excel(made["review"]).load_sheet(EN("pages_review.sheet_fields")).to_polars()
    assert sorted(fields[EN("pages_review.field_city")]) == [0, 1, 1]
