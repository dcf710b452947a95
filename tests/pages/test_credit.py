"""Sales with today's owner instead of with who sold: the switch is in the link, named wherever it matters, and opens nothing.

CANARY1 was Ann's until 10 October, is Bob's since, and bought 1100 from Ann on the 5th; Bob sold 2200 to CANARY2.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from i18n import translator
from kpi.period import parse
from pages.ui import compute, layout
from pages.ui.filters import Selection
from tests.pages.screen import metrics, sent, words
from tests.pages.test_groups import reader

EN = translator("en")
REVENUE = EN("kpi.revenue.label")
MOVED = [
    {"customer_id": "CANARY1", "rep_id": "R1", "valid_to": "2026-10-10"},
    {"customer_id": "CANARY1", "rep_id": "R2", "valid_from": "2026-10-11"},
]
House, Come = Callable[..., Path], Callable[..., None]


@pytest.fixture
def seen(house: House, come: Come) -> Callable[..., AppTest]:
    """`seen("mia", "rep", credit="now")`: a page as somebody who signed in sees it."""
    made: list[Path] = []

    def open_page(login: str, page: str, **params: str) -> AppTest:
        made.append(made[0] if made else house(assignments=MOVED))
        come(login)
        at = AppTest.from_file(str(Path(compute.__file__).parents[2] / "app.py"), default_timeout=60)
        at.session_state["lang"] = "en"
        at.run().switch_page(f"pages/{page}.py")
        at.query_params.update(params)
        at.run()
        assert not at.exception
        return at

    return open_page


def test_a_customer_that_moved_counts_with_the_owner_of_today(seen: Callable[..., AppTest]) -> None:
    """On every page alike: who leads the rep may see what was sold before, so it is no longer the page as the rep sees it."""
    for page in ("margin", "rep"):
        assert metrics(seen("mia", page, rep="R2"))[REVENUE] in ("¥2,200", "¥2.20K")
        at = seen("mia", page, rep="R2", credit="now")
        assert metrics(at)[REVENUE] in ("¥3,300", "¥3.30K")
        told = words(at).replace("\\", "")
        assert EN("pages_view.counted_now", credit=EN("kpi.credit.row")) in told
        assert EN("pages_view.moved_scope") in told
    assert next(one for one in at.dataframe if "customer_id" in one.value.columns).value["customer_id"].tolist() == ["CANARY2", "CANARY1"]


def test_who_took_a_customer_over_is_still_not_shown_what_others_sold_to_it(seen: Callable[..., AppTest]) -> None:
    for page in ("rep", "margin"):
        at = seen("bob", page, credit="now")
        assert metrics(at)[REVENUE] in ("¥2,200", "¥2.20K")
        assert b"1,100" not in sent(at)
        assert b"1.10K" not in sent(at)


def test_who_gave_a_customer_away_keeps_seeing_the_own_sales_but_not_with_whom_it_is(seen: Callable[..., AppTest]) -> None:
    assert metrics(seen("ann", "margin", credit="now", rep="R1"))[REVENUE] == "¥0"
    at = seen("ann", "margin", credit="now", rep="")  # all she may see
    assert metrics(at)[REVENUE] in ("¥1,100", "¥1.10K")
    assert b"Bob" not in sent(at)
    assert b"R2" not in sent(at)


def test_a_target_stays_with_who_sold_and_is_not_set_beside_what_moved(house: House) -> None:
    session = reader(house(assignments=MOVED), "dora", None)
    session.lens.credit = "now"
    october = parse("mtd", session.warehouse.as_of, session.calendar)
    asked = ("revenue", "target_attainment", "completed_visits")
    found = compute.summary(session, asked, (october,), ("rep_id",))
    assert dict(found["revenue"].select("rep_id", "value").rows()) == {"R2": 3300, "R3": 3300, "R1": 0}
    assert dict(found["target_attainment"].select("rep_id", "numerator").rows())["R1"] == 1100
    assert dict(found["completed_visits"].select("rep_id", "value").rows())["R1"] == 1
    assert session.lens.moved == {"kpi.revenue.label"}
    rows = compute.facts(session, "orders", october, (("rep_id", "R2"),), moved=True)
    assert set(rows["customer_id"]) == {"CANARY1", "CANARY2"}  # the rows behind the 3300
    assert not compute.averages(session, "revenue", october, ("R1", "R2", "R3"))


def test_the_workbook_says_with_whom_sales_are_counted(house: House) -> None:
    session = reader(house(assignments=MOVED), "dora", None)
    session.lens.credit = "now"
    october = parse("mtd", session.warehouse.as_of, session.calendar)
    compute.summary(session, ("revenue",), (october,))
    rows = dict(layout._asked(session, Selection(october, "mtd", "year", credit="now")))
    assert (rows[EN("pages.filter_credit")], rows[EN("pages_view.about_moved")]) == (EN("pages_view.credit_now"), REVENUE)


@pytest.mark.parametrize(("page", "params"), [("overview", {}), ("region", {"region": "East"}), ("margin", {"group": "A"})])
def test_the_pages_stand_with_it_and_their_totals_do_not_change(seen: Callable[..., AppTest], page: str, params: dict[str, str]) -> None:
    """Of the whole company, or of a region no customer left, it is the same either way."""
    at = seen("dora", page, credit="now", **params)
    assert metrics(at)[REVENUE] == metrics(seen("dora", page, **params))[REVENUE]
    assert at.selectbox(key="filter_credit").value == "now"


def test_a_word_that_is_no_way_to_count_is_ignored(seen: Callable[..., AppTest]) -> None:
    assert seen("mia", "rep", rep="R2", credit="R1").selectbox(key="filter_credit").value == "then"
