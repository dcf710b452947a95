"""A company that never loaded one of its exports: every page stands, and those that live on it name what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.contracts import SOURCES
from i18n import translator
from kpi.catalog import CATALOG
from tests.pages.conftest import OWNERS
from tests.pages.screen import table, words

EN = translator("en")
ROOT = Path(__file__).resolve().parents[2]
House = Callable[..., Path]
Row = dict[str, Any]
NEVER = EN("kpi.note.never_loaded")
# every page of the director with figures, those of one person or customer with somebody to show
PAGES: dict[str, dict[str, str]] = {
    **{page: {} for page in ("overview", "region", "visits", "review", "prospects", "margin", "collections", "customers")},
    **{page: {} for page in ("key_accounts", "scorecard", "territories")},
    "my_day": {"rep": "R1"},
    "rep": {"rep": "R1"},
    "customer": {"customer": "CANARY1"},
}
OF_THE_HOUSE: dict[str, dict[str, str]] = {"data": {}, "glossary": {}}  # they list every export and what needs it


def more() -> dict[str, list[Row]]:
    """What the small company of the pages does not export."""
    owned = OWNERS.items()
    return {
        "prospects": [
            {"prospect_id": f"P{rep}", "name": f"Hope of {rep}", "owner_id": rep, "created_on": "2026-09-01", "stage": "collected"}
            for rep in OWNERS.values()
        ],
        "quotes": [
            {"quote_id": f"Q{rep}", "version": "1", "customer_id": customer, "rep_id": rep, "quote_date": "2026-10-05", "amount": 700}
            for customer, rep in owned
        ],
        "service": [
            {"case_id": f"S{customer}", "customer_id": customer, "kind": "complaint", "opened_on": "2026-10-02 09:00"}
            for customer in OWNERS
        ],
        "products": [{"product_id": "A", "name": "Axle", "product_line": "Parts", "margin_floor": 0.3, "valid_from": "2025-01-01"}],
        "stock_counts": [{"customer_id": customer, "product_id": "A", "counted_on": "2026-10-03", "qty": 4} for customer in OWNERS],
        "assignments": [{"customer_id": customer, "rep_id": rep, "valid_from": "2025-01-01"} for customer, rep in owned],
    }


# what was never loaded → the pages that live on it, each of which must name it; no other may
LIVE_ON_IT = {
    ("reps",): PAGES.keys(),
    ("territories",): {"region", "territories"},
    ("customers",): PAGES.keys() - {"prospects"},  # its cards here are of no customer
    ("assignments", "stock_counts"): set(),
    ("prospects",): PAGES.keys() - {"margin", "collections", "customers", "key_accounts"},
    ("visits",): PAGES.keys() - {"margin", "collections", "territories"},
    ("orders",): PAGES.keys(),
    ("quotes",): {"prospects"},
    ("invoices",): PAGES.keys() - {"prospects", "visits", "margin", "customers", "territories"},
    ("receipts",): PAGES.keys() - {"prospects", "visits", "margin", "customers", "territories"},
    ("targets",): PAGES.keys() - {"review", "collections", "customers", "key_accounts", "customer"},
    ("service",): {"overview", "customers", "key_accounts", "customer"},
    ("products",): {"margin"},
}


def named(at: AppTest) -> set[str]:
    """The exports a page says are missing."""
    stems = {EN(key, files="@").split("@")[0] for key in ("pages.missing_file", "pages_care.bring_file", "pages_care.not_checked")}
    said = re.findall(rf"(?:{'|'.join(stems)})([^.·*\n]*)", words(at))
    return {name for files in said for name in files.split(EN("pages.list_comma"))}


def test_every_export_is_tried() -> None:
    assert sorted(source for without in LIVE_ON_IT for source in without) == sorted(SOURCES)


@pytest.mark.parametrize("without", LIVE_ON_IT, ids="-".join)
def test_every_page_stands_without_an_export_and_says_which_file_is_missing(house: House, without: tuple[str, ...]) -> None:
    house(without=without, **more())
    missing, said = {EN(f"pages.source_{source}") for source in without}, {}
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run()
    for page, asked in (PAGES | OF_THE_HOUSE).items():
        at.switch_page(f"pages/{page}.py")
        at.query_params.clear()
        at.query_params.update(asked)
        at.run()
        assert not at.exception, page
        said[page] = named(at)
        if page == "data":
            states = table(at, "state")
            assert missing == {*states.filter(["name", "state"]).query("state == @NEVER")["name"]}
        if page == "glossary":
            crossed = {source for source in without if f":material/close: {EN(f'pages.source_{source}')}" in words(at)}
            assert crossed == {source for source in without for kpi in CATALOG.values() if source in kpi.needs}
    assert {page for page in PAGES if said[page]} == LIVE_ON_IT[without]
    assert set().union(*said.values()) <= missing


def test_an_empty_column_is_named_where_the_file_is_there(house: House) -> None:
    """The visits say neither when they were logged nor who booked them: no file is asked for that is here."""
    house(**more())
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run()
    at.switch_page("pages/visits.py").run()
    assert EN("pages.missing_column", columns=EN("pages.brings_logs")) in words(at)
    at.switch_page("pages/scorecard.py").run()
    assert EN("pages_glossary.no_column") in words(at)
    assert not named(at)
