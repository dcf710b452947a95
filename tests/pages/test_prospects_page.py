"""The Prospects page: what it says of a few cards is what the KPIs count, and nobody sees the cards of somebody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import pytest

from i18n import translator
from pages.ui import export, layout
from tests.pages.screen import metrics, sent, table, words
from tests.pages.test_care_pages import opened

EN = translator("en")
House = Callable[..., Path]


def card(number: str, owner: str, **more: Any) -> dict[str, Any]:
    return {
        "prospect_id": number,
        "name": f"CANARY of {number}",
        "owner_id": owner,
        "created_on": "2026-09-01",
        "stage": "collected",
        **more,
    }


CARDS = [
    card("P1", "R1", prospect_class="A", class_date="2026-10-01", stage="quoted", quoted_on="2026-10-01", est_value=1000, source="fair"),
    card("P2", "R1", prospect_class="B", class_date="2026-10-14", customer_id="CANARY1", need_state="latent"),
    card("P3", "R2", source="web"),
    card("P4", "R2", stage="lost", lost_on="2026-10-05", competitor="Rival", source="fair"),
    card("P5", "R3", stage="abandoned", abandoned_on="2026-10-06"),
    card("P6", "R3", stage="contracted", contracted_on="2026-10-07", customer_id="CANARY3", source="fair"),
]
QUOTE = {"quote_id": "Q1", "version": "1", "customer_id": "CANARY1", "rep_id": "R1", "quote_date": "2026-10-05", "amount": 700}


def test_the_cards_say_what_the_rows_add_up_to(house: House) -> None:
    house(prospects=CARDS, quotes=[QUOTE | {"is_special": True}])
    at = opened("D1", "prospects")
    shown = metrics(at)
    wanted = {"prospects_by_class": "3", "prospect_overdue": "1", "win_rate": "50.0%", "special_quotes_pending": "1"}
    assert {name: shown[EN(f"kpi.{name}.label")] for name in wanted} == wanted
    assert shown[EN("kpi.weighted_pipeline.label")] == "¥600"  # 1,000 at the quoted stage
    said = words(at)
    assert EN("pages_prospects.by_class", a=1, b=1, c=0, none=1) in said
    assert EN("pages_prospects.won_lost", won=1, lost=1, abandoned=1) in said


def test_cooling_cards_lead_and_say_why(house: House) -> None:
    house(prospects=CARDS)
    at = opened("D1", "prospects")
    listed = table(at, "why")
    assert listed["prospect"].tolist() == ["CANARY of P1"]
    assert list(listed["why"].iloc[0]) == [EN("kpi.reason.cooling", days=7), EN("kpi.reason.ungraded", days=14)]
    at.button_group(key="prospects_listed").set_value(EN("pages_prospects.list_of_customers")).run()
    assert table(at, "cards_of_customer")["prospect"].tolist() == ["CANARY of P2 ›"]  # leads to the customer's card
    at.button_group(key="prospects_listed").set_value(EN("pages_prospects.list_visit_due")).run()
    assert EN("pages_prospects.no_next_visits") in words(at)


def test_shares_of_sources_add_up_to_the_whole(house: House) -> None:
    house(prospects=CARDS)
    sources = table(opened("D1", "prospects"), "share")
    assert sources["share"].sum() == pytest.approx(100)
    assert dict(zip(sources["name"], sources["created"], strict=True)) == {"fair": 3, EN("pages_prospects.source_unspecified"): 2, "web": 1}


def test_a_loss_to_a_rival_has_a_reason_and_giving_up_without_one_is_listed(house: House) -> None:
    house(prospects=CARDS)
    at = opened("D1", "prospects")
    lost = table(at, "competitor")
    assert lost[["name", "competitor"]].values.tolist() == [[EN("pages_prospects.lost_competitor"), "Rival"]]
    assert table(at, "left_on")["prospect"].tolist() == ["CANARY of P5"]


def test_the_six_checks_are_the_managers_list(house: House) -> None:
    house(prospects=CARDS)
    board = table(opened("M1", "prospects"), "is_graded").set_index("name")
    assert list(board.index) == ["Bob ›", "Ann ›"] or list(board.index) == ["Ann ›", "Bob ›"]
    assert [list(board.loc["Ann ›", check]) for check in ("has_cards", "has_goal", "is_graded", "is_sorted")] == [
        [EN("pages.check_yes")], [EN("pages.check_no")], [EN("pages.check_yes")], [EN("pages.check_no")],
    ]  # fmt: skip


@pytest.mark.parametrize(("viewer", "foreign"), [("R1", ("P3", "P4", "P5", "P6")), ("M1", ("P5", "P6"))])
def test_nobody_is_sent_a_prospect_of_somebody_else(house: House, viewer: str, foreign: tuple[str, ...]) -> None:
    house(prospects=CARDS)
    at = opened(viewer, "prospects")
    everything = sent(at)
    for which in ("everyone", "of_customers"):
        at.button_group(key="prospects_listed").set_value(EN(f"pages_prospects.list_{which}")).run()
        everything += sent(at)
    for which in ("abandoned", "lost", "contracted"):
        at.button_group(key="prospects_left").set_value(EN(f"pages_prospects.list_{which}")).run()
        everything += sent(at)
    assert b"CANARY of P1" in everything
    assert not [one for one in foreign if f"CANARY of {one}".encode() in everything]


def test_without_the_export_the_page_names_the_file_and_warns_of_nothing(house: House) -> None:
    house()
    at = opened("D1", "prospects")
    said = words(at)
    assert EN("pages_care.bring_file", files=EN("pages.source_prospects")) in said
    assert EN("pages_prospects.unknown") in said
    assert EN("pages_prospects.too_low") not in said
    assert metrics(at)[EN("kpi.prospects_by_class.label")] == "—"


def test_the_workbook_holds_the_lists_and_the_rows_behind_come_with_file_and_line(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, bytes] = {}
    monkeypatch.setattr(layout, "workbook_button", lambda _session, _place, stem, sheets: made.update({stem: export.workbook(sheets())}))
    house(prospects=CARDS)
    at = opened("D1", "prospects")
    every = fastexcel.read_excel(made["prospects"]).load_sheet(EN("pages_prospects.sheet_open")).to_polars()
    assert sorted(every[EN("pages.column_code")]) == ["P1", "P2", "P3"]
    at.button(key="rows_prospects_by_class").click().run()
    rows = at.dataframe[-1].value
    assert sorted(rows["prospect_id"]) == ["P1", "P2", "P3"]
    assert set(rows["file"]) == {"prospects.csv"}


def test_prospects_that_changed_class_in_the_period_are_listed_with_the_class_before(house: House) -> None:
    now = {"_load_id": 2, "_from": "2026-10-10"}  # the card as it came on the 10th
    before = card("P7", "R1", prospect_class="B", class_date="2026-09-20", _replaced_by=2)
    cooled = card("P8", "R2", prospect_class="A", class_date="2026-09-20", _replaced_by=2)
    rows = [
        before, card("P7", "R1", prospect_class="A", class_date="2026-10-09", **now),
        cooled, card("P8", "R2", prospect_class="C", class_date="2026-10-09", **now),
        card("P9", "R1", prospect_class="A", class_date="2026-10-09"),  # nobody knows what it was before
    ]  # fmt: skip
    house(prospects=rows)
    at = opened("D1", "prospects", list="changed")
    listed = table(at, "then_name")
    assert listed[["prospect", "then_name", "class_name"]].values.tolist() == [["CANARY of P7", "B", "A"], ["CANARY of P8", "A", "C"]]
    assert EN("pages_prospects.found_changed", count=2, all=3) in [h.value for h in at.subheader]
    assert table(opened("R1", "prospects", list="changed"), "then_name")["prospect"].tolist() == ["CANARY of P7"]
