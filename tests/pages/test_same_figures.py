"""A page and `python -m kpi report` say the same, for every KPI shown, whoever asks, also where there is nothing to say."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import fastexcel
import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from kpi.__main__ import main
from kpi.catalog import get
from pages.frame.session import Session
from pages.parts.service import CYCLE
from pages.ui.boards import CARDS
from pages.ui.format import NOTHING, Format

EN, FMT = translator("en"), Format("en")
App = Callable[..., AppTest]
# who looks at which page, with which URL, and the same question on the command line
VIEWS = {
    "director": ("D1", "overview", {}, [], None),
    "manager": ("M1", "region", {"region": "East"}, ["--as", "mia", "--by", "region"], ("region", "East")),
    "rep": ("R1", "rep", {"rep": "R1"}, ["--as", "ann", "--by", "rep_id"], ("rep_id", "R1")),
}
BEFORE_THE_DATA = "2024-06"


def reported(capsys: pytest.CaptureFixture[str], *options: str, kpis: tuple[str, ...] = CARDS) -> list[dict[str, Any]]:
    """The rows the command line writes."""
    capsys.readouterr()
    assert main(["report", "--kpi", ",".join(kpis), "--format", "json", *options]) == 0
    return json.loads(capsys.readouterr().out, parse_float=Decimal)["rows"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("period", ["mtd", "2026-09", "2026-10-02..2026-10-09", BEFORE_THE_DATA])
@pytest.mark.parametrize("view", VIEWS)
def test_the_cards_are_what_the_command_line_reports(app: App, capsys: pytest.CaptureFixture[str], view: str, period: str) -> None:
    viewer, page, params, options, member = VIEWS[view]
    at = app(viewer, page, period=period, **params)
    assert not at.exception
    rows = reported(capsys, "--period", period, "--compare", "year", *options)
    mine = {r["kpi"]: r for r in rows if member is None or r[member[0]] == member[1]}
    shown = {m.label: (m.value, m.delta or None) for m in at.metric}
    for name in CARDS:
        kpi, row = get(name), mine[name]
        value = FMT.value(str(kpi.unit), row["value"])
        change = FMT.change(str(kpi.unit), row["value"], row["compare_value"])
        assert shown[EN(kpi.label_id)] == (value, change), name


def test_the_workbook_says_what_the_cards_and_the_command_line_say(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Callable[[], bytes]] = []
    monkeypatch.setattr(Session, "guarded", lambda self, make: made.append(make) or make)
    app("D1", "overview", period="2026-09")
    taken = [one for one in (make() for make in made) if one[:2] == b"PK"]
    book = next(fastexcel.read_excel(one) for one in taken if b"xl/workbook.xml" in one)
    told = tuple(dict.fromkeys((*CARDS, *CYCLE)))
    rows = {r["kpi"]: r for r in reported(capsys, "--period", "2026-09", "--compare", "year", kpis=told)}
    sheet = book.load_sheet(EN("pages_view.sheet_summary")).to_polars()
    for label, value, numerator, counted in zip(
        *(sheet[EN(f"pages_view.summary_{c}")] for c in ("kpi", "value", "numerator", "n_rows")), strict=True
    ):
        row = next(rows[name] for name in told if EN(get(name).label_id) == label)
        assert [value, numerator, counted] == [
            None if v is None else pytest.approx(float(v)) for v in (row["value"], row["numerator"], row["n_rows"])
        ]
    assert sheet.height == len(told)
    trend = book.load_sheet(EN("pages_view.sheet_trend")).to_polars()
    assert trend[EN("pages.trend_value")].to_list()[-1] == pytest.approx(float(rows["revenue"]["value"]))


def test_before_the_data_there_is_a_dash_and_why_and_never_a_zero(app: App) -> None:
    at = app("D1", "overview", period=BEFORE_THE_DATA)
    assert {m.value for m in at.metric} == {NOTHING}
    assert sum(c.value == EN("kpi.note.before_data_start") for c in at.caption) >= 6


def test_nothing_is_compared_with_a_period_before_the_data(app: App) -> None:
    at = app("D1", "overview", period="2025-10", compare="year")
    revenue = next(m for m in at.metric if m.label == EN("kpi.revenue.label"))
    assert revenue.value != NOTHING
    assert not revenue.delta


def test_every_territory_has_its_row_in_both(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    at = app("M1", "region", region="East")
    rows = {r["territory_id"]: r for r in reported(capsys, "--as", "mia", "--by", "territory_id", kpis=("revenue",))}
    board = at.dataframe[1].value
    assert len(board) == len(rows) + 1  # and the total
    assert sorted(board["revenue"][:-1].round(2)) == sorted(float(r["value"]) / 1000 for r in rows.values())  # in K
