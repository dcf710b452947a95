"""Who may sign in and see what: told of everybody before anybody does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.__main__ import main
from data.access import OWNER, Scope
from data.errors import NotAllowed
from data.people import Access, everybody

REPS = [
    {"rep_id": "D1", "rep_name": "Dora", "role": "director", "login": "Dora"},
    {"rep_id": "M1", "rep_name": "Mia", "role": "regional_manager", "region": "East", "login": "mia"},
    {"rep_id": "R1", "rep_name": "Ann", "role": "rep", "region": "East", "territory_id": "E1", "login": "ann", "pair_id": "P1"},
    {"rep_id": "I1", "rep_name": "Ina", "role": "inside", "region": "East", "territory_id": "E2", "login": "ina", "pair_id": "P1"},
    {"rep_id": "R2", "rep_name": "Bob", "role": "rep", "region": "North", "territory_id": "N1", "login": "bob"},
    {"rep_id": "R3", "rep_name": "Cid", "role": "rep", "region": "North", "territory_id": "N2"},
    {"rep_id": "R4", "rep_name": "Lea", "role": "rep", "region": "East", "login": "lea", "left_on": "2020-01-31"},
    {
        "rep_id": "R5",
        "rep_name": "Tom",
        "role": "rep",
        "region": "East",
        "login": "tom",
        "valid_from": "2020-01-01",
        "valid_to": "2020-12-31",
    },
    {"rep_id": "A1", "rep_name": "Ada", "role": "admin", "login": "ada"},
    {"rep_id": "R6", "rep_name": "Two", "role": "rep", "region": "North", "territory_id": "N1", "login": "ann"},
]
TERRITORIES = [{"territory_id": t, "name": t, "region": "East" if t[0] == "E" else "North"} for t in ("E1", "E2", "N1", "N2")]
SETTINGS = {"admins": ["it@x.cn", "mia"], "directors": ["boss@x.cn"], "blocked": ["bob", "bobb"]}


@pytest.fixture
def found(company: Callable[..., Any]) -> dict[str, Access]:
    """What is told, by login, or rep_id of who has none."""
    warehouse = company(reps=REPS, territories=TERRITORIES, settings=SETTINGS)
    return {one.login or one.people[0]: one for one in everybody(warehouse, OWNER)}


def test_everybody_is_told_once(found: dict[str, Access]) -> None:
    assert set(found) == {"dora", "mia", "ann", "ina", "bob", "R3", "lea", "tom", "ada", "it@x.cn", "boss@x.cn", "bobb"}


@pytest.mark.parametrize(
    ("login", "roles", "regions", "sees_all", "reps", "territories"),
    [
        ("dora", ("director",), (), True, 6, 4),
        ("boss@x.cn", ("director",), (), True, 6, 4),
        ("mia", ("admin", "regional_manager"), ("East",), False, 3, 2),  # Ann, Ina, and Tom for his time in the East; Lea left
        ("ann", ("rep",), (), False, 2, 2),  # two people with one login: the union
        ("ina", ("inside",), (), False, 2, 2),  # herself and her partner
        ("ada", ("admin",), (), False, 0, 0),
        ("it@x.cn", ("admin",), (), False, 0, 0),
    ],
)
def test_what_a_login_opens(
    found: dict[str, Access], login: str, roles: tuple[str, ...], regions: tuple[str, ...], sees_all: bool, reps: int, territories: int
) -> None:
    one = found[login]
    assert (one.roles, one.regions, one.sees_all, one.reps, one.territories, one.why) == (roles, regions, sees_all, reps, territories, "")


def test_two_people_with_one_login_are_one_line(found: dict[str, Access]) -> None:
    assert (found["ann"].people, found["ann"].names) == (("R1", "R6"), ("Ann", "Two"))


@pytest.mark.parametrize(("who", "why"), [("bob", "blocked"), ("bobb", "blocked"), ("lea", "left"), ("tom", "no_post"), ("R3", "no_login")])
def test_who_sees_nothing_is_told_with_the_reason(found: dict[str, Access], who: str, why: str) -> None:
    one = found[who]
    assert (one.why, one.roles, one.reps, one.territories) == (why, (), 0, 0)


def test_logins_that_only_the_settings_know_are_marked(found: dict[str, Access]) -> None:
    marked = {login: one.note for login, one in found.items() if one.note}
    assert marked == {"it@x.cn": "only_settings", "boss@x.cn": "only_settings", "bobb": "nobody"}


def test_only_those_who_look_after_the_data_are_told(company: Callable[..., Any]) -> None:
    warehouse = company(reps=REPS, territories=TERRITORIES)
    with pytest.raises(NotAllowed):
        everybody(warehouse, Scope("dora", frozenset({"director"}), ("D1",), (), sees_all=True))


def test_the_command_tells_it_in_words_and_as_json(company: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    company(reps=REPS, territories=TERRITORIES, settings=SETTINGS)
    assert main(["people", "--home", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["people"]
    [mia] = [one for one in told if one["login"] == "mia"]
    assert (mia["people"], mia["roles"], mia["regions"], mia["reps"]) == (["M1"], ["admin", "regional_manager"], ["East"], 3)
    for lang, words in (
        ("en", ("regional manager", "blocked in fieldbook.toml", "is it spelt right")),
        ("zh", ("大区经理", "停用", "检查拼写")),
    ):
        assert main(["people", "--home", str(tmp_path), "--lang", lang]) == 0
        printed = capsys.readouterr().out
        assert not [word for word in words if word not in printed]


def test_before_the_first_load_there_is_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "--home", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"people": []}
