"""Saved views: everybody has own ones, what is kept is bounded, and what cannot be read is neither shown nor written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.access import Scope
from data.keeping import views
from data.keeping.views import View, ViewRefused

ANN = Scope("ann", frozenset({"rep"}), ("R1",), ())
BOB = Scope("bob", frozenset({"rep"}), ("R2",), ())
OVERDUE = View("Overdue in the harbour", "collections", {"period": "mtd", "territory": "E1"})


def names(home: Path, scope: Scope) -> list[str]:
    return [view.name for view in views.kept(home, scope)]


def the_file(home: Path) -> Path:
    [path] = (home / "views").iterdir()
    return path


def test_a_view_comes_back_as_it_was_saved_and_to_nobody_else(tmp_path: Path) -> None:
    views.keep(tmp_path, ANN, OVERDUE)
    assert views.kept(tmp_path, ANN) == [OVERDUE]
    assert views.kept(tmp_path, BOB) == []


def test_it_is_closed_to_other_accounts_of_the_machine_and_tells_no_login_by_its_name(tmp_path: Path) -> None:
    views.keep(tmp_path, ANN, OVERDUE)
    assert (tmp_path / "views").stat().st_mode & 0o777 == 0o700
    assert the_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert "ann" not in the_file(tmp_path).name


def test_a_view_is_renamed_replaced_and_deleted(tmp_path: Path) -> None:
    views.keep(tmp_path, ANN, OVERDUE)
    views.keep(tmp_path, ANN, View("周报", OVERDUE.page, OVERDUE.params), instead=OVERDUE.name)
    assert names(tmp_path, ANN) == ["周报"]
    views.keep(tmp_path, ANN, View("周报", "rep", {"rep": "R1"}), instead="周报")
    assert views.kept(tmp_path, ANN) == [View("周报", "rep", {"rep": "R1"})]
    views.drop(tmp_path, ANN, "周报")
    views.drop(tmp_path, ANN, "周报")
    assert names(tmp_path, ANN) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x07b", "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ViewRefused, match="view_name"):
        views.keep(tmp_path, ANN, View(name, "rep"))
    assert names(tmp_path, ANN) == []


def test_a_name_is_never_written_over_by_chance(tmp_path: Path) -> None:
    views.keep(tmp_path, ANN, OVERDUE)
    with pytest.raises(ViewRefused, match="view_exists"):
        views.keep(tmp_path, ANN, View(OVERDUE.name.upper(), "rep"))
    views.keep(tmp_path, ANN, View("Second", "rep"))
    with pytest.raises(ViewRefused, match="view_exists"):
        views.keep(tmp_path, ANN, View("Second", "rep"), instead=OVERDUE.name)
    assert names(tmp_path, ANN) == [OVERDUE.name, "Second"]
    with pytest.raises(ViewRefused, match="view_gone"):
        views.keep(tmp_path, ANN, View("Third", "rep"), instead="never there")


def test_nobody_fills_the_disk_with_views(tmp_path: Path) -> None:
    for number in range(views.MOST):
        views.keep(tmp_path, ANN, View(f"View {number}", "rep", {"rep": "R1", "long": "x" * 5000}))
    with pytest.raises(ViewRefused, match="view_too_many"):
        views.keep(tmp_path, ANN, View("One more", "rep"))
    assert len(views.kept(tmp_path, ANN)) == views.MOST
    assert the_file(tmp_path).stat().st_size < 10_000
    views.keep(tmp_path, BOB, OVERDUE)  # another person's are another matter


@pytest.mark.parametrize(
    "written",
    [
        "{",
        "[]",
        '{"user": "ann"}',
        json.dumps({"user": "bob", "views": []}),
        json.dumps({"user": "ann", "views": [{"name": "a", "page": "rep", "params": {"rep": 1}}]}),
        json.dumps({"user": "ann", "views": [{"name": "a", "page": "rep", "params": {"rep": "x" * 500}}]}),
        "[" * 100_000,
    ],
)
def test_views_that_cannot_be_read_are_not_shown_and_not_written_over(tmp_path: Path, written: str) -> None:
    views.keep(tmp_path, ANN, OVERDUE)
    the_file(tmp_path).write_text(written)
    with pytest.raises(ViewRefused, match="view_unreadable"):
        views.kept(tmp_path, ANN)
    with pytest.raises(ViewRefused, match="view_unreadable"):
        views.keep(tmp_path, ANN, View("New", "rep"))
    assert the_file(tmp_path).read_text() == written


def test_a_refusal_makes_no_home(tmp_path: Path) -> None:
    with pytest.raises(ViewRefused):
        views.keep(tmp_path / "nowhere", ANN, OVERDUE)
    assert not (tmp_path / "nowhere").exists()
