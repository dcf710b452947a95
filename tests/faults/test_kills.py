"""A load that is killed at any step or moment: readers see what was there or what was to come, and the next load needs nobody.

FIELDBOOK_KILLS=200 in the environment makes 200 of them (docs/operations.md); else there are about 40.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.keeping import disk, recovery, store
from tests.faults.lab import FIRST_DAY, SECOND_DAY, THIRD_DAY, Company, contents, strays

KILLS = int(os.environ.get("FIELDBOOK_KILLS", "40"))
COMMANDS: list[list[Any]] = [["undo", 2], ["rollback", 1], *([["rebuild"]] if KILLS >= 200 else [])]


def named_steps(met: list[str]) -> list[int]:
    """Numbers of the steps to be killed before: the last of each kind; with many kills every one of them."""
    at_all = [number for number, name in enumerate(met, 1) if not (name.startswith("mkdir") and "reading" not in name)]
    return at_all if KILLS >= 200 else sorted({met[number - 1]: number for number in at_all}.values())


def after(company: Company, home: Path) -> list[str]:
    """What is wrong after an accident, and after the next load, which must end as if nothing had happened."""
    wrong, seen = [], contents(home)
    if seen not in (company.old, company.new):
        wrong.append(f"readers see neither the old nor the new: {differing(seen, company.new)}")
    told = company.load(home)
    if told["error"] or told["status"] != "loaded":
        wrong.append(f"the next load: {told}")
    if told.get("published") != (seen == company.old):
        wrong.append("what was published already is published again, or not at all")
    if (found := contents(home)) != company.new:
        wrong.append(f"not what an undisturbed load gives: {differing(found, company.new)}")
    if missing := {disk.digest(path) for folder in (company.first, company.second) for path in folder.iterdir()} - raw(home):
        wrong.append(f"exports not kept: {missing}")
    return wrong + [f"left behind: {name}" for name in strays(home)]


def differing(some: dict[str, Any], others: dict[str, Any]) -> list[str]:
    return sorted(name for name in some.keys() | others.keys() if some.get(name) != others.get(name))


def raw(home: Path) -> set[str]:
    """The hashes of the exports that are kept, as their bytes have them."""
    return {disk.digest(path) for path in (home / "raw").iterdir()}


def test_the_accounts_of_an_undisturbed_load_balance(company: Company) -> None:
    """And so do those after an accident, which must be the same."""
    home = company.home()
    assert company.load(home)["published"]
    assert contents(home) == company.new
    assert recovery.verify(home) == []
    assert strays(home) == []


def test_a_load_killed_at_any_step_leaves_the_old_or_the_new(company: Company) -> None:
    wrong = {}
    for number in named_steps(company.met):
        home = company.home()
        assert company.load(home, at={"number": number, "how": "kill"})["error"] == "died"
        if found := after(company, home):
            wrong[f"{number} {company.met[number - 1]}"] = found
        company.drop(home)
    assert wrong == {}


def test_a_load_killed_at_any_moment_leaves_the_old_or_the_new(company: Company) -> None:
    chance, wrong = random.Random(7), {}
    for number in range(max(10, KILLS - len(named_steps(company.met)))):
        home, moment = company.home(), chance.uniform(0, company.seconds)
        child = company.warm.ask(home, [company.second], SECOND_DAY)
        time.sleep(moment)
        child.kill()
        if number % 5 == 0:  # and the one that was to mend it
            child = company.warm.ask(home, [company.second], SECOND_DAY)
            time.sleep(chance.uniform(0, company.seconds))
            child.kill()
        if found := after(company, home):
            wrong[f"{moment:.3f} of {company.seconds:.3f} s"] = found
        company.drop(home)
    assert wrong == {}


def test_a_first_load_that_is_killed_leaves_nothing_to_see_until_it_is_whole(company: Company) -> None:
    done = company.home(empty=True)
    met, whole = company.load(done)["met"], contents(done)
    moved = met.index("replace CURRENT.part CURRENT") + 1
    for number in (moved, moved + 1):  # before that the snapshot is in its place, but nothing leads there
        home = company.home(empty=True)
        company.load(home, at={"number": number, "how": "kill"})
        assert contents(home) == (whole if number > moved else {}), met[number - 1]
        assert company.load(home)["error"] is None
        assert contents(home) == whole
        assert strays(home) == []


def test_what_a_build_spilled_before_it_was_killed_goes_with_the_next_load(company: Company) -> None:
    home = company.home()
    built = store.building(home, 2)
    with duckdb.connect(str(built)) as con:
        [(spill,)] = con.execute("select current_setting('temp_directory')").fetchall()
    assert spill == f"{built}.tmp"  # a folder, where the engine puts what the memory does not hold
    for folder in (Path(spill), home / "snapshots" / "wh-000000.duckdb.tmp"):  # of a reader of a snapshot that is gone
        folder.mkdir()
        (folder / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"spilled")
    assert after(company, home) == []


def test_a_reader_that_outlives_its_load_for_an_instant_writes_to_nobody(company: Company) -> None:
    home = company.home()
    shown = company.met.index("show load.step.read") + 1
    company.load(home, at={"number": shown, "how": "kill"})
    [left] = home.glob("reading-*")
    child = company.warm.ask(home, [company.second], SECOND_DAY, at={"number": shown, "how": "stop"})
    assert child.stopped()
    assert [path.name for path in home.glob("reading-*")] != [left.name]
    child.kill()
    assert after(company, home) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_other_change_that_is_killed_leaves_the_old_or_the_new_too(company: Company, command: list[Any]) -> None:
    home = company.home()
    assert company.load(home)["published"]
    before = company.keep(home)
    old, told = business(home), company.do(home, command)
    new, met = business(home), told["met"]
    assert told["error"] is None
    moved = met.index("replace CURRENT.part CURRENT") + 1
    for number in (moved, moved + 1):
        home = company.home(like=before)
        assert company.do(home, command, at={"number": number, "how": "kill"})["error"] == "died"
        assert business(home) == (new if number > moved else old), met[number - 1]
        if number <= moved:
            assert company.do(home, command)["error"] is None
            assert business(home) == new
        else:
            store.clean(home)
        assert recovery.verify(home) == []
        assert strays(home) == []


def business(home: Path) -> dict[str, Any]:
    """Rows, facts and measures; the books say who did what when."""
    return {name: found for name, found in contents(home).items() if not name.startswith("main.")}


def test_a_customer_is_forgotten_wholly_though_the_first_try_was_killed(company: Company) -> None:
    home = company.home()
    before, command = company.keep(home), ["forget", "customer", "C2"]
    met = company.do(home, command)["met"]
    records, moved = met.index("replace loads/#.json.part loads/#.json") + 2, met.index("replace CURRENT.part CURRENT") + 1
    for number in (records, moved):
        home = company.home(like=before)
        company.do(home, command, at={"number": number, "how": "kill"})
        assert b"C2" in everything(home), "not published, so nobody is forgotten yet"
        assert company.do(home, command)["error"] is None
        assert b"C2" not in everything(home)
        assert recovery.verify(home) == []  # no raw copy is missing that a rebuild needs
        assert company.do(home, ["rebuild"])["status"] == "equal"


def everything(home: Path) -> bytes:
    """Every kept file that is not compressed, and every stored order."""
    plain = [path.read_bytes() for path in (*(home / "raw").iterdir(), *(home / "loads").iterdir())]
    for snapshot in store.generations(home):
        with duckdb.connect(str(snapshot), read_only=True) as con:
            plain.append(str(con.execute("select * from src.orders").fetchall()).encode())
    return b"\n".join(plain)


def test_a_load_that_died_counts_for_nothing_when_files_come_again_later(company: Company) -> None:
    """The killed load left its raw copies; they are no sign that the files were loaded."""
    home = company.home()
    company.load(home, at={"number": company.met.index("show load.step.merge") + 1, "how": "kill"})
    assert disk.digest(company.second / "orders.csv") in raw(home)
    assert company.load(home, THIRD_DAY)["published"]
    assert company.warm.load(home, [company.first], FIRST_DAY)["published"] is False  # older, and known
