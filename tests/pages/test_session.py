from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from i18n import translator
from pages.ui import session

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("127.0.0.1", {"Host": "localhost:8501"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, True),
        ("127.0.0.1", {}, True),
        ("::1", {"Host": "[::1]:8501"}, True),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),
        (None, {"Host": "localhost:8501"}, False),
        ("127.0.0.1", {"Host": "sales.example.com"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "Forwarded": "for=10.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "Via": "1.1 proxy"}, False),
    ],
)
def test_local_means_bound_to_loopback_and_not_forwarded(
    monkeypatch: pytest.MonkeyPatch, address: str | None, headers: dict[str, str], local: bool
) -> None:
    monkeypatch.setattr(st, "get_option", lambda _: address)
    monkeypatch.setattr(session.st, "context", SimpleNamespace(headers=headers))
    assert session.is_local() is local


def test_own_data_is_shown_to_nobody_who_is_not_local(house: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    house()
    monkeypatch.setattr(session, "is_local", lambda: False)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run()
    assert [e.value for e in at.error] == [translator("en")("error.demo_only_local")]
    assert not at.metric


@pytest.mark.parametrize(
    ("users", "sample"), [(["first run"], True), (["first run", "first run"], True), (["first run", "owner"], False), ([], False)]
)
def test_the_sample_is_what_only_the_first_run_loaded(users: list[str], sample: bool) -> None:
    warehouse: Any = SimpleNamespace(loads=lambda _scope: pl.DataFrame({"user_name": users}, schema={"user_name": pl.String}))
    assert session.is_sample(warehouse) is sample


def test_demo_mode_opens_as_the_director(app: Callable[..., AppTest]) -> None:
    at = app()
    assert at.selectbox(key="view_as").value == "D1"


def test_somebody_unknown_cannot_be_looked_through(house: Callable[..., Path]) -> None:
    house()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["view_as"] = "NOBODY"
    assert at.run().selectbox(key="view_as").value == "D1"
