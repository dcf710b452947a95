"""My day and Visits: who is on the list and why, the same for rep and manager, and counts that equal the lists they lead to."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from pages.parts import visits_plan, work
from pages.ui import blocks, export, ics, layout
from tests.pages.screen import metrics, sent, table, words

EN = translator("en")
ROOT = Path(__file__).resolve().parents[2]
House = Callable[..., Path]
Rows = dict[str, list[dict[str, Any]]]


def opened(viewer: str, page: str, lang: str = "en", **params: str) -> AppTest:
    """A page of the company just made, as somebody sees it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = viewer, lang
    at.run()
    at.query_params.update(params)
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception
    return at


@pytest.fixture
def busy(house: House, exports: Rows) -> Path:
    """The company on Thursday 15 October 2026 with work to do: plans, a class, a visit without a word, prospects, a leaver."""
    cards = [card | {"manual_class": "A"} for card in exports["customers"]]
    cards.append({"customer_id": "CANARY4", "customer_name": "Name of CANARY4", "owner_id": "R4"})
    visits = [row for row in exports["visits"] if row["rep_id"] != "R2"]  # Bob has made no visit to an A customer in half the month
    visits += [
        {"visit_id": "today", "rep_id": "R1", "customer_id": "CANARY1", "planned_date": "2026-10-16", "purpose": "sample, price; \\ $x$"},
        {"visit_id": "later", "rep_id": "R1", "customer_id": "CANARY1", "planned_date": "2026-10-27"},
        {"visit_id": "silent", "rep_id": "R1", "customer_id": "CANARY1", "planned_date": "2026-10-13", "purpose": "contract"},
    ]
    prospects = [
        {"prospect_id": "PA", "name": "Hope A", "owner_id": "R1", "stage": "quoted", "created_on": "2026-09-01",
         "next_visit_on": "2026-10-16"},
        {"prospect_id": "PB", "name": "Hope B", "owner_id": "R1", "stage": "collected", "created_on": "2026-10-01", "prospect_class": "A",
         "class_date": "2026-10-01", "last_reviewed_on": "2026-10-14", "est_value": 900},
        {"prospect_id": "PC", "name": "Hope C", "owner_id": "R3", "stage": "collected", "created_on": "2026-10-01"},
    ]  # fmt: skip
    gone = {
        "rep_id": "R4",
        "rep_name": "Eve",
        "role": "rep",
        "territory_id": "E1",
        "region": "East",
        "manager_id": "M1",
        "left_on": "2026-10-01",
    }
    return house(customers=cards, visits=visits, prospects=prospects, reps=[*exports["reps"], gone])


def names(at: AppTest) -> list[str]:
    """What the list is of, in order."""
    links = [link.proto.label.strip("*") for link in at.get("page_link")]
    marks = [m.value for m in at.markdown if EN("pages_day.is_prospect") in m.value]
    return [name for name in links if name.startswith("Name of")] + marks


def waits(at: AppTest) -> dict[str, int]:
    """Step → how much waits there, as the strip says."""
    said = [link.proto.label for link in at.get("page_link")] + [m.value.replace("\\", "") for m in at.markdown]
    found = {}
    for step in work.STEPS:
        pattern = re.escape(EN(f"pages_day.waits_{step}", count="#")).replace(re.escape("#"), r"(\d+)")
        hits = [hit for one in said if (hit := re.fullmatch(pattern, one))]
        found |= {step: int(hits[0][1])} if hits else {}
    return found


def test_a_rep_starts_on_the_day_and_knows_whom_to_see_and_why(busy: Path) -> None:
    at = opened("R1", "my_day")
    assert at.title[0].value == EN("pages.my_day_title")
    heading = EN("pages_day.whom_today", day="Friday, 16 Oct", count=3, agreed=2)
    assert heading in [h.value for h in at.subheader]
    said = words(at).replace("\\", "")
    assert "planned: sample, price;" in said
    assert EN("kpi.today.money", amount="¥1.90K", count=354) not in said  # the oldest of them: since 16 Oct 2025
    assert EN("kpi.today.money", amount="¥1.90K", count=364) in said
    assert EN("kpi.today.promised", on="16 Oct 2026") in said
    assert EN("kpi.today.cooling", label="A", count=14, usual=7) in said
    assert EN("kpi.today.review", label="A", count=2) in said
    assert EN("kpi.today.report", on="13 Oct 2026") in said
    assert "Hope A" in said
    assert "Hope B" in said
    assert "CANARY2" not in said


def test_the_strip_says_how_much_money_hangs_on_what_waits(busy: Path) -> None:
    said = [c.value for c in opened("D1", "overview").caption]
    # overdue are 1,900 with Ann, 3,800 with Bob, 5,700 with Cid: Cid's is half of the 11,400
    assert EN("pages_day.stake_money", amount="¥11.4K", few=1) in said


def test_the_manager_sees_the_same_list_as_the_rep(busy: Path) -> None:
    lists = [opened(viewer, "my_day", rep="R1") for viewer in ("R1", "M1", "D1")]
    assert names(lists[0]) == names(lists[1]) == names(lists[2])
    assert waits(lists[0]) == {step: count for step, count in waits(lists[1]).items() if step != "team"}


def test_the_own_attainment_stands_beside_the_teams_or_says_why_not(busy: Path) -> None:
    assert EN("pages_day.no_team") in words(opened("R1", "my_day"))  # three people of one role are no team


@pytest.mark.parametrize("viewer", ["R1", "M1", "D1"])
def test_every_count_equals_the_list_it_leads_to(busy: Path, viewer: str) -> None:
    start = {"R1": "my_day", "M1": "region", "D1": "overview"}[viewer]
    counts = waits(opened(viewer, start))
    assert counts["visit"] == 1
    lists = {"plan": "customer_class", "visit": "party"} | ({"team": "what"} if viewer != "R1" else {})
    for step, column in lists.items():
        at = opened(viewer, "visits", list=work.STEPS[step][2])
        assert len(table(at, column)) == counts[step], step
        assert str(counts[step]) in at.subheader[0].value
    for step in ("collect", "qualify", "contract"):
        cards = [
            frame.value for frame in opened(viewer, "prospects", list=work.STEPS[step][2]).dataframe if "class_days" in frame.value.columns
        ]
        assert counts[step] == sum(map(len, cards)), step
    assert counts["contract"] == 1
    chase = opened(viewer, "collections")
    assert len(table(chase, "days_late")) == counts["money"]
    care = [frame.value for frame in opened(viewer, "customers").dataframe if "why" in frame.value.columns]
    assert counts["care"] == sum(map(len, care))
    assert set(counts) == set(work.STEPS) - ({"team"} if viewer == "R1" else set())


def test_a_list_longer_than_a_screen_shows_its_first_rows_and_says_so(busy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = EN("pages_care.first_listed", shown="1", all="3")
    assert said not in words(opened("D1", "visits", list="plan"))
    monkeypatch.setattr(blocks, "LISTED", 1)
    at = opened("D1", "visits", list="plan")
    assert said in words(at)
    assert table(at, "unplanned").shape[0] == 1


def test_a_grid_of_too_many_people_shows_those_furthest_behind_and_says_so(busy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = EN("pages_visits.only_neediest", shown="1", count="2")
    whole = opened("D1", "visits")
    assert said not in words(whole)
    assert b"Ann" in _grid(whole)
    monkeypatch.setattr(visits_plan, "_CELLS", 31)
    at = opened("D1", "visits")
    assert said in words(at)
    assert [b"Ann" in _grid(at), b"Cid" in _grid(at)] == [True, False], "Ann left a planned visit unmade"


def _grid(at: AppTest) -> bytes:
    """The picture of the month's plan."""
    return next(chart.proto.SerializeToString() for chart in at.get("plotly_chart") if b"plan_day" in chart.proto.SerializeToString())


def test_who_is_owed_a_visit_is_who_the_cadence_rate_misses(busy: Path) -> None:
    at = opened("D1", "visits")
    owed = table(at, "customer_class")
    behind = owed[owed["late"] > 0]
    assert behind["customer"].tolist() == ["Name of CANARY2 ›"]  # floor(4 × 15 ÷ 31) = 1 is asked for by now
    assert metrics(at)[EN("kpi.cadence_compliance.label")] == "66.7%"
    assert owed["unplanned"].tolist() == [4, 1, 3]  # Bob made none; Ann one and planned two; Cid one
    assert EN("pages_visits.still_to_see", count=3, day="31 Oct") in words(at)


def test_the_work_of_somebody_who_left_is_listed_for_the_manager_not_for_a_rep(busy: Path) -> None:
    left = table(opened("M1", "visits", list="handover"), "what")
    assert left["party"].tolist() == ["Name of CANARY4 ›"]
    assert left["name"].tolist() == ["Eve (left)"]
    at = opened("R1", "visits", list="handover")
    assert b"CANARY4" not in sent(at)
    assert EN("pages_visits.list_handover") not in words(at)


def test_a_log_that_names_no_prospects_does_not_say_that_none_was_visited(house: House, exports: Rows) -> None:
    house()
    at = opened("D1", "visits")
    split = table(at, "prospect_visits")
    assert split["customer_visits"].tolist()[0] == 3
    assert split["prospect_visits"].isna().all()
    assert split["prospect_share"].isna().all()
    assert EN("pages_visits.no_prospects_named") in words(at)
    assert EN("pages_visits.balanced") not in words(at)
    earlier = {"visit_id": "VP", "rep_id": "R1", "prospect_id": "P1", "planned_date": "2026-08-03", "actual_date": "2026-08-03 10:00"}
    prospect = {"prospect_id": "P1", "name": "Hope", "owner_id": "R1", "stage": "collected", "created_on": "2026-08-01"}
    house(visits=[*exports["visits"], earlier], prospects=[prospect])
    at = opened("D1", "visits")
    assert (
        table(at, "prospect_visits")["prospect_visits"].tolist()[0] == 0
    )  # it names one in August, so that there is none in October is known
    assert EN("pages_visits.no_prospects_named") not in words(at)


def test_visits_without_a_report_are_named_with_what_is_missing(busy: Path) -> None:
    missing = table(opened("R1", "visits", list="report"), "reason")
    assert missing["reason"].tolist() == [EN("pages_visits.reason_no_outcome"), EN("pages_visits.reason_not_reported")]


def test_without_an_export_the_list_says_what_it_could_not_look_at(house: House) -> None:
    house(without=("visits", "customers"))
    at = opened("R1", "my_day")
    assert EN("pages.source_visits") in words(at)
    assert "plan" not in waits(at)


def test_the_calendar_holds_the_visits_of_the_list_and_no_way_to_call_anybody(busy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(ics, "button", lambda _session, _place, stem, events: made.update({stem: events()}))
    monkeypatch.setattr(layout, "workbook_button", lambda _s, _p, stem, sheets: made.update({f"{stem}.xlsx": export.workbook(sheets())}))
    opened("R1", "my_day")
    days = {event.uid: (event.on.isoformat(), event.summary) for event in made["my-day"]}
    assert days == {
        "visit-today": ("2026-10-16", "Name of CANARY1 · sample, price; \\ $x$"),
        "visit-later": ("2026-10-27", "Name of CANARY1"),
        "promised-p-PA-20261016": ("2026-10-16", f"Hope A · {EN('pages_day.proposed')}"),
    }
    book = fastexcel.read_excel(made["my-day.xlsx"]).load_sheet(EN("pages_day.sheet_today")).to_polars()
    assert sorted(book[EN("pages_day.column_party")].to_list()) == ["Hope A", "Hope B", "Name of CANARY1"]
    opened("R2", "visits")
    assert {event.uid for event in made["visits"]} == {f"cadence-CANARY2-20261031-{n}" for n in range(4)}


def test_both_pages_speak_chinese(busy: Path) -> None:
    zh = translator("zh")
    for page in ("my_day", "visits"):
        assert opened("R1", page, "zh").title[0].value == zh(f"pages.{page}_title")


def test_who_is_in_focus_is_one_list_with_what_comes_next(busy: Path) -> None:
    at = opened("D1", "visits", list="focus")
    listed = table(at, "step")
    # all three are class A by hand; Cid and Bob have planned nothing with theirs, Ann has for the 16th
    shown = [(row.party, row.why.tolist(), row.step) for row in listed.itertuples()]
    large, hot = [EN("kpi.focus.is_large")], [EN("kpi.focus.is_hot")]
    assert shown == [
        ("Name of CANARY3 ›", large, EN("pages_visits.next_owed")),
        ("Name of CANARY2 ›", large, EN("pages_visits.next_owed")),
        ("Hope B", hot, EN("pages_visits.next_nothing")),
        ("Name of CANARY1 ›", large, EN("pages_visits.next_planned")),
    ]
    assert EN("pages_visits.heading_focus", count=4, idle=3) in [h.value for h in at.subheader]
    assert not [one for one in (b"CANARY2", b"CANARY3", b"Hope C") if one in sent(opened("R1", "visits", list="focus"))]


def test_the_reps_page_shows_the_score_and_what_each_customer_bought_by_month(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, bytes] = {}
    monkeypatch.setattr(layout, "workbook_button", lambda _session, _place, stem, sheets: made.update({stem: export.workbook(sheets())}))
    home = {"scope": "rep", "scope_id": "R1", "period": "2026-09"}
    goals = {"revenue": 1000, "gross_margin_pct": 0.2, "completed_visits": 4, "new_customers": 2}
    house(targets=[home | {"metric": metric, "value": value} for metric, value in goals.items()])
    at = opened("R1", "rep")
    assert EN("pages_visits.score_moves") in [h.value for h in at.subheader]
    [line] = table(at, "history")["history"]  # 1,000 in September, nothing since the data begins in October 2025
    assert line.tolist() == [0] * 10 + [1000]
    book = fastexcel.read_excel(made["rep"])
    months = book.load_sheet(EN("pages_visits.sheet_months")).to_polars()
    assert months[EN("pages.column_customer")].to_list() == ["Name of CANARY1"]
    assert months.select("October 2025", "September 2026", "October 2026", EN("pages.total")).row(0) == (900, 1000, 1100, 3000)
    assert months[EN("kpi.completed_visits.label")].to_list() == [1]
    score = book.load_sheet(EN("pages_visits.sheet_score")).to_polars()
    # of the 13 months that are over only September has targets: revenue and margin met theirs and bring 30 + 15 of 60 that count
    [*before, september] = score[EN("kpi.scorecard.label")].to_list()
    assert before == [None] * 12
    assert september == pytest.approx(75)


def test_visits_to_prospects_nobody_had_qualified_are_counted(house: House, exports: Rows) -> None:
    card = {"owner_id": "R1", "created_on": "2026-09-01"}
    prospects = [
        card | {"prospect_id": "COLD", "stage": "visited", "visited_on": "2026-10-06"},
        card | {"prospect_id": "KNOWN", "stage": "visited", "qualified_on": "2026-10-07", "visited_on": "2026-10-08"},
        card | {"prospect_id": "LATER", "stage": "qualified", "qualified_on": "2026-10-12"},
    ]
    days = {"COLD": "06", "KNOWN": "08", "LATER": "09"}
    made = [
        {"visit_id": f"V{name}", "rep_id": "R1", "prospect_id": name, "actual_date": f"2026-10-{day} 10:00"} for name, day in days.items()
    ]
    twice = {"visit_id": "again", "rep_id": "R1", "prospect_id": "COLD", "actual_date": "2026-10-06 15:00"}  # one party and day is one
    house(prospects=prospects, visits=[*exports["visits"], *made, twice])
    # COLD went straight to visited, LATER was qualified three days after the visit; only KNOWN was known to be worth it
    said = EN("pages_visits.unqualified", part=2, all=3, share="66.7%")
    assert said in [c.value for c in opened("R1", "visits").caption]
    later = [c.value for c in opened("R1", "visits", period="2026-10-12..2026-10-14").caption]
    assert EN("pages_visits.no_prospect_seen") in later


def test_visits_made_stand_beside_what_was_set_for_the_days_gone_by(house: House, exports: Rows) -> None:
    goals = [{"scope": "rep", "scope_id": rep, "metric": "completed_visits", "period": "2026-10", "value": 4} for rep in ("R1", "R2", "R3")]
    house(targets=[*exports["targets"], *goals])
    at = opened("D1", "visits")
    # 3 visits; 12 are set for the month, of which 11 of 22 working days have gone
    assert EN("pages_visits.of_volume", value="50.0%") in [c.value for c in at.caption]
    assert table(at, "visit_volume_ratio")["visit_volume_ratio"].tolist() == [50, 50, 50]
