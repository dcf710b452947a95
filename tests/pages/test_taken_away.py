"""What is taken away of every page: figures as on the screen, pictures of the spreadsheet's own, and whose page it is by name."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import fastexcel
import pytest
from streamlit.testing.v1 import AppTest

from data.access import OWNER
from i18n import translator
from kpi.catalog import get
from kpi.period import parse
from pages.frame.session import Lens, Session
from pages.ui import answers, export
from pages.ui.explain import behind, rows_sheet
from pages.ui.figures import figures
from pages.ui.filters import Selection
from pages.ui.format import Format
from pages.ui.judge import Band

EN, FMT = translator("en"), Format("en")
ROOT = Path(__file__).resolve().parents[2]
# page → the pictures its workbook has for this company
PICTURES = {"region": 4, "rep": 4, "customer": 2, "my_day": 1, "visits": 3, "scorecard": 1}
WHOSE = {
    "region": ({"region": "East", "territory": "E1"}, ["East", "Harbour (E1)"]),
    "rep": ({"rep": "R1"}, ["Ann (R1)"]),
    "customer": ({"customer": "CANARY1"}, ["Name of CANARY1 (CANARY1)"]),
}


@pytest.fixture
def taken(house: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[AppTest, dict[str, bytes]]]:
    """`taken(page, **params)`: the page as the director sees it, and what its buttons make, by kind."""
    house()

    def take(page: str, **params: str) -> tuple[AppTest, dict[str, bytes]]:
        made: list[Callable[[], bytes]] = []
        monkeypatch.setattr(Session, "guarded", lambda self, make: made.append(make) or make)
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.session_state["view_as"], at.session_state["lang"] = "D1", "en"
        at.run()
        at.query_params.update(params)
        made.clear()
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
        book, paper = (make() for make in made[:2])  # the workbook comes first, then the print pack
        assert (book[:2], paper[:1]) == (b"PK", b"<")
        return at, {"xlsx": book, "html": paper}

    return take


def pictures(book: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(book)) as pack:
        return sum(re.fullmatch(r"xl/charts/chart\d+\.xml", name) is not None for name in pack.namelist())


@pytest.mark.parametrize("page", PICTURES)
def test_the_workbook_has_pictures_and_says_on_its_first_sheet_what_the_cards_say(taken: Callable[..., Any], page: str) -> None:
    at, files = taken(page, **WHOSE.get(page, ({}, []))[0])
    assert pictures(files["xlsx"]) == PICTURES[page]
    summary = fastexcel.read_excel(files["xlsx"]).load_sheet(EN("pages_view.sheet_summary")).to_polars()
    shown = {m.label: m.value for m in at.metric}
    units = {EN(kpi.label_id): str(kpi.unit) for kpi in map(get, ("revenue", "completed_visits", "overdue_amount", "gross_margin_pct"))}
    told = dict(zip(summary[EN("pages_view.summary_kpi")], summary[EN("pages_view.summary_value")], strict=True))
    both = units.keys() & told.keys() & shown.keys()
    assert both
    for label in both:
        assert FMT.value(units[label], told[label]) == shown[label]


@pytest.mark.parametrize("page", WHOSE)
def test_workbook_and_paper_say_whose_page_it_is_by_name_and_id(taken: Callable[..., Any], page: str) -> None:
    params, names = WHOSE[page]
    _, files = taken(page, **params)
    about = fastexcel.read_excel(files["xlsx"]).load_sheet(EN("pages.sheet_about")).to_polars()
    paper = files["html"].decode()
    for name in names:
        assert name in about[EN("pages.column_value")].to_list()
        assert name in paper


def dialogue(session: Session, name: str) -> tuple[Any, Selection]:
    selection = Selection(parse("mtd", session.warehouse.as_of), "mtd", "year", rep="R1")
    return figures(session, selection, (name,))[name], selection


@pytest.mark.parametrize(
    ("name", "amount", "total", "rows"),
    [
        ("revenue", "net_amount", 1100, 1),  # the October order of Ann's
        ("overdue_amount", "open_amount", 1900, 2),  # 900 and 1,000 are late on the 15th, 600 falls due on the 16th
        ("ar_balance", "open_amount", 2500, 3),
        ("discount_rate", "net_amount", 1100, 1),
    ],
)
def test_the_rows_behind_a_figure_add_up_to_it_and_name_file_and_line(
    house: Callable[..., Path], name: str, amount: str, total: int, rows: int
) -> None:
    home = house()
    served = answers.served(home)
    session = cast(
        "Session",
        SimpleNamespace(home=home, served=served, warehouse=served.warehouse, scope=OWNER, t=EN, fmt=FMT, band=Band(), lens=Lens()),
    )
    figure, selection = dialogue(session, name)
    frame = behind(session, figure, selection, 500)
    assert (frame.height, frame[amount].sum()) == (rows, total)
    assert frame["row"].null_count() == frame["file"].null_count() == 0
    sheet = fastexcel.read_excel(export.workbook([rows_sheet(session, figure, frame)])).load_sheet(0).to_polars()
    assert sheet[EN(f"pages.column_{amount}")].sum() == total
    assert sheet[EN("pages.column_file")].to_list() == frame["file"].to_list()
