"""The Territories page: three numbers kept apart, the band, targets that add up, and a plan that loads back as targets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import fastexcel
import pytest

from data.access import OWNER
from data.loading.load import load
from data.warehouse import Warehouse
from i18n import LANGUAGES, translator
from kpi.catalog import get
from kpi.period import parse
from kpi.report import evaluate
from pages.parts import territories
from pages.ui import export
from tests.pages.conftest import TERRITORIES, sources
from tests.pages.screen import metrics, sent, table, words
from tests.pages.test_care_pages import opened

EN = translator("en")
House = Callable[..., Path]
LANDS = [land | {"annual_potential": 1000 * place, "hours_per_visit": 1} for place, land in enumerate(TERRITORIES, 1)]
PROSPECTS = [
    {"prospect_id": f"P{n}", "name": "x", "owner_id": rep, "created_on": "2026-09-01", "stage": "collected"}
    for n, rep in enumerate(("R1", "R1", "R2"))
]


def test_existing_potential_and_workload_are_three_columns_and_equal_the_kpis(house: House) -> None:
    home = house(territories=LANDS, prospects=PROSPECTS)
    board = table(opened("D1", "territories"), "is_inside").set_index("name")
    warehouse = Warehouse.open(home)
    names = ("territory_existing", "territory_potential", "workload_index")
    period = parse("mtd", warehouse.as_of)
    found = evaluate(warehouse, OWNER, [get(name) for name in names], [period], ("territory_id",))
    for name in names:
        values = dict(found[name].select("territory_id", "value").iter_rows())
        for land in LANDS:
            assert board.loc[f"{land['name']} ›", name] == pytest.approx(float(values[land["territory_id"]]))
    assert board.loc["Harbour ›", "territory_potential_extra"] == pytest.approx(1.0)  # stated: 1,000, in K
    low, high = warehouse.settings.workload_band
    inside = [[EN("pages.check_yes" if low <= index <= high else "pages.check_no")] for index in board["workload_index"]]
    assert [list(one) for one in board["is_inside"]] == inside


def test_a_manager_of_one_territory_is_told_no_index(house: House) -> None:
    house(territories=LANDS)
    at = opened("M2", "territories")
    assert EN("pages_territories.no_index_why") in words(at)
    assert not table(at, "is_inside")["workload_index"].notna().any()


def test_a_manager_sees_the_own_territories_only(house: House) -> None:
    house(territories=LANDS, prospects=PROSPECTS)
    everything = sent(opened("M1", "territories"))
    assert b"Harbour" in everything
    assert b"Hills" not in everything


def test_differences_of_targets_are_said(house: House) -> None:
    east = {"scope": "region", "scope_id": "East", "metric": "revenue", "period": "2026-10", "value": 7000}
    house(targets=[*sources()["targets"], east])
    at = opened("D1", "territories")
    checked = table(at, "reps_gap").set_index("name")
    assert checked.loc["East", ["target", "reps", "reps_gap"]].tolist() == pytest.approx([7, 6, 1])  # in K
    assert EN("pages_territories.sums_disagree", count=1) in words(at)


def test_the_forecast_says_how_many_orders_it_comes_from(house: House) -> None:
    house()
    at = opened("D1", "territories")
    assert EN("pages_territories.from_rows", rows=3) in words(at)
    assert table(at, "run_rate_forecast")["order_count"].tolist() == [1, 1, 1]


def test_without_targets_nothing_is_said_to_add_up(house: House) -> None:
    house(without=("targets",))
    said = words(opened("D1", "territories"))
    assert EN("pages_care.bring_file", files=EN("pages.source_targets")) in said
    assert EN("pages_territories.sums_agree") not in said
    assert metrics(opened("D1", "territories"))[EN("kpi.target_pace.label")] == "—"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_planning_sheet_loads_back_as_targets(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    made: list[list[export.Sheet]] = []
    monkeypatch.setattr(
        territories, "plan_button", lambda session, _top, selection: made.append(territories.plan_sheets(session, selection))
    )
    house()
    at = opened("D1", "territories")
    if lang == "zh":
        at.button_group(key="lang").set_value("中文").run()
    book = export.workbook(made[-1])
    history = fastexcel.read_excel(book).load_sheet(translator(lang)("pages_territories.sheet_history")).to_polars()
    assert history.height == 3
    sheet = tmp_path / "plan.xlsx"
    sheet.write_bytes(book)
    reps = tmp_path / "territories.csv"
    reps.write_text("territory_id,name,region\n" + "".join(f"{x['territory_id']},{x['name']},{x['region']}\n" for x in LANDS), "utf-8")
    home = tmp_path / "planned"
    home.mkdir()
    report = load(home, [reps, sheet])
    assert report.published, report
    warehouse = Warehouse.open(home)
    planned = warehouse.read("targets", OWNER, (parse("2027-09", date(2026, 10, 15)),)).collect().sort("member_id")
    # September 2026 brought 1,000, 2,000 and 3,000
    assert planned.select("level", "member_id", "value").rows() == [
        ("territory", t, v) for t, v in zip(("E1", "E2", "N1"), (1000, 2000, 3000), strict=True)
    ]


def test_the_button_makes_the_plan_for_who_still_may_see_it(house: House) -> None:
    house()
    at = opened("M1", "territories")
    labels: list[Any] = [one.proto.label for one in at.get("download_button")]
    assert EN("pages_territories.plan") in labels
