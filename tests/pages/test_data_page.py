"""The Data page: who may load, who may look, and what both are told."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.access import Scope
from data.contracts import SOURCES
from data.errors import NotAllowed
from i18n import LANGUAGES, catalogue, translator
from pages.frame import demo, visit
from pages.frame.identity import Caller
from pages.parts import data_care, data_staged, data_upload

App = Callable[..., AppTest]
ROOT = Path(__file__).resolve().parents[2]
EN = translator("en")
READY = "order_id,line_no,customer_id,rep_id,order_date,net_amount\nN1,1,CANARY1,R1,2026-10-03,5\n"
MESSY = "订单号,客户编码,业务员编码,日期,未税金额\nN1,CANARY1,R1,03/10/2026,100.50\nN2,CANARY1,R1,05/10/2026,abc\n"


def questions(at: AppTest) -> list[str]:
    return [heading.value for heading in at.subheader]


def drop(at: AppTest, name: str = "销售_2026.csv", text: str = MESSY) -> AppTest:
    """The same as dragging a file in."""
    at.file_uploader[0].set_value((name, text.encode(), "text/csv"))
    return at.run()


def test_an_admin_may_load_look_and_take_back(app: App) -> None:
    at = app("A1", "data")
    assert not at.exception
    assert len(at.file_uploader) == 1
    assert questions(at) == [
        EN("pages_data.load_here"), EN("pages.are_sources_fresh"), EN("pages_data.what_was_done"), EN("pages.what_was_set_aside"),
    ]  # fmt: skip


def test_a_director_sees_sources_and_history_and_no_upload(app: App) -> None:
    at = app("D1", "data")
    assert not at.exception
    assert not at.file_uploader
    assert questions(at) == [EN("pages.are_sources_fresh"), EN("pages_data.what_was_done"), EN("pages.own_data")]
    assert not [b for b in at.button if b.key and b.key.startswith("ask_")]


@pytest.mark.parametrize("viewer", ["M1", "R1", "NOBODY"])
def test_everybody_else_is_refused(house: Callable[..., Path], viewer: str) -> None:
    house()
    at = AppTest.from_file(str(ROOT / "pages" / "data.py"), default_timeout=60)
    at.session_state["view_as"], at.session_state["lang"] = viewer, "en"
    at.run()
    assert not at.file_uploader
    if viewer != "NOBODY":  # who is nobody looks as the director in demo mode
        assert [e.value for e in at.error] == [EN("error.page_not_for_role")]
        assert not at.dataframe


def test_who_is_not_at_this_machine_cannot_load_even_as_admin(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    at = app("A1", "data")
    monkeypatch.setattr(demo, "is_sample", lambda _: True)
    monkeypatch.setattr(visit, "identity", lambda: Caller("demo", None))
    at.run()
    assert not at.exception
    assert not at.file_uploader


def test_what_was_set_aside_is_refused_in_the_function_too(house: Callable[..., Path]) -> None:
    from types import SimpleNamespace
    from typing import Any

    reader: Any = SimpleNamespace(scope=Scope("dora", frozenset({"director"}), (), (), sees_all=True))
    with pytest.raises(NotAllowed):
        data_care.quarantine(reader)
    assert not data_upload.may_load(reader)


def test_a_dropped_file_is_shown_asked_about_and_dropped_again(app: App, tmp_path: Path) -> None:
    at = drop(app("A1", "data"))
    assert not at.exception
    staged = at.dataframe[0].value
    assert staged["file"].tolist() == ["销售_2026.csv"]
    assert staged["verdict"].tolist() == [EN("pages_data.verdict_question")]
    assert EN("pages_data.which_dates", value="03/10/2026") in [r.label for r in at.radio]
    assert at.button(key="load_files").disabled
    assert len(list((tmp_path / "drafts").iterdir())) == 1
    at.button(key="drop_files").click().run()
    assert not list((tmp_path / "drafts").iterdir())
    assert not list((tmp_path / "raw").iterdir())


def test_an_answer_is_kept_as_a_mapping_and_the_rows_appear(app: App, tmp_path: Path) -> None:
    at = drop(app("A1", "data"))
    at.radio[0].set_value("dmy").run()
    next(b for b in at.button if b.key and b.key.startswith("save_")).click().run()
    assert not at.exception
    [mapping] = (tmp_path / "mappings").glob("*.toml")
    assert 'date_order = "dmy"' in mapping.read_text("utf-8")
    assert at.dataframe[0].value["verdict"].tolist() == [EN("pages_data.verdict_ready")]
    preview = at.dataframe[1].value
    assert preview["net_amount"].tolist() == [100.5]
    account = at.dataframe[2].value
    assert account["rows"].tolist() == [2, 1, 1, 0]
    assert not at.button(key="load_files").disabled


def test_somebody_elses_draft_is_not_shown_and_goes(app: App, look: Callable[[AppTest, str], None], tmp_path: Path) -> None:
    at = drop(app("A1", "data"))
    look(at, "D1")
    at.switch_page("pages/data.py").run()
    assert not at.file_uploader
    assert not any("销售" in str(frame.value.to_dict()) for frame in at.dataframe)
    assert not list((tmp_path / "drafts").iterdir())


def test_a_file_that_is_no_export_says_so(app: App) -> None:
    at = drop(app("A1", "data"), "x.csv", "nothing,of\nours,at all\n")
    assert at.dataframe[0].value["sure"].tolist() == [EN("pages_data.sure_none")]
    assert at.button(key="load_files").disabled


@pytest.mark.parametrize(
    ("said", "amount"),
    [("1,234.50", "1234.50"), (" 12 ", "12"), ("-0.10", "-0.10"), ("１，２３４", "1234"), ("about 5", None), ("NaN", None), ("5%", None)],
)
def test_the_total_of_ones_own_system_is_read_as_it_is_typed(said: str, amount: str | None) -> None:
    assert data_staged.amount_of(said) == (Decimal(amount) if amount else None)


def test_files_that_cannot_be_loaded_are_left_out_together(app: App) -> None:
    at = app("A1", "data")
    at.file_uploader[0].set_value([("a.csv", READY.encode(), "text/csv"), ("b.csv", b"", "text/csv"), ("c.csv", b"%PDF", "text/csv")])
    at.run()
    assert not at.exception
    assert at.button(key="load_files").disabled
    at.button(key="leave_out_stopped").click().run()
    assert at.multiselect[0].value == ["b.csv", "c.csv"]
    assert not at.button(key="load_files").disabled
    assert at.button(key="load_files").label == EN("pages_data.load_files", count=1)


def test_a_next_step_is_told_while_sources_are_missing(app: App) -> None:
    at = app("A1", "data", without=("visits",))
    assert EN("pages_data.next_step", sources=EN("pages.source_visits")) in [c.value for c in at.caption]


OURS = [
    ROOT / "pages" / "data.py",
    *(ROOT / "pages" / "parts").glob("data_*.py"),
    ROOT / "pages" / "ui" / "working.py",
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_of_the_page_exists_and_is_asked_for(lang: str) -> None:
    texts = {key for key in catalogue(ROOT / "i18n" / lang / "pages_data.po") if key.startswith("pages_data.")}
    named, patterns = set(), []
    for path in OURS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"pages_data\.\w+[a-z]", node.value):
                named.add(node.value)
            if isinstance(node, ast.JoinedStr):
                shape = "".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"\w+" for v in node.values)
                patterns += [shape] if shape.startswith(r"pages_data\.") else []
    assert not named - texts
    assert not [p for p in patterns if not any(re.fullmatch(p, key) for key in texts)]
    assert not [key for key in texts - named if not any(re.fullmatch(p, key) for p in patterns)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_of_every_source_has_a_name(lang: str) -> None:
    text = translator(lang)
    names = {c.name for source in SOURCES.values() for c in (*source.columns, *source.helpers)}
    assert not [name for name in names if f"pages_data.field_{name}" not in text]
