"""The audit log: one line per thing done, never changed, never mixed, gone after 400 days."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.access import OWNER, Scope
from data.errors import NotAllowed
from data.keeping import audit

ADA = Scope("ada", frozenset({"admin"}), (), ())
MIA = Scope("mia", frozenset({"regional_manager", "rep"}), ("M1",), ("East",))


def today() -> date:
    return datetime.now(UTC).date()


def file_of(home: Path, day: date) -> Path:
    return home / "audit" / f"{day}.jsonl"


def written(home: Path) -> list[dict[str, Any]]:
    return audit.entries(home, ADA, today() - timedelta(days=1), today())


def test_a_line_says_when_who_as_what_did_what(tmp_path: Path) -> None:
    audit.note(tmp_path, MIA, "export", page="region", rows=12)
    audit.note(tmp_path, OWNER, "undo", load=7)
    lines = [json.loads(line) for line in file_of(tmp_path, today()).read_text().splitlines()]
    assert abs(datetime.fromisoformat(lines[0].pop("time")) - datetime.now(UTC)) < timedelta(minutes=5)
    assert lines[0] == {
        "user": "mia", "roles": ["regional_manager", "rep"], "scope": {"regions": ["East"], "reps": ["M1"]},
        "action": "export", "page": "region", "rows": 12,
    }  # fmt: skip
    assert (lines[1]["scope"], lines[1]["load"]) == ("all", 7)


def test_it_is_closed_to_other_accounts_of_the_machine(tmp_path: Path) -> None:
    audit.note(tmp_path, MIA, "page", page="rep")
    assert (tmp_path / "audit").stat().st_mode & 0o777 == 0o700
    assert file_of(tmp_path, today()).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("login", ['a\nb{"action": "login"}', "a\r\u2028b", 'x"} , {"', "林岚", "\ud800"])
def test_a_login_of_any_shape_stays_one_line(tmp_path: Path, login: str) -> None:
    audit.note(tmp_path, audit.stranger(login), "refused", why="not_known_here")
    [line] = file_of(tmp_path, today()).read_bytes().splitlines()
    assert json.loads(line)["user"] == login
    assert [entry["user"] for entry in written(tmp_path)] == [login]


def test_only_those_who_look_after_the_data_may_read_it(tmp_path: Path) -> None:
    audit.note(tmp_path, MIA, "page", page="rep")
    for reader in (MIA, Scope("dora", frozenset({"director"}), (), (), sees_all=True), audit.stranger("x")):
        with pytest.raises(NotAllowed):
            audit.entries(tmp_path, reader, today(), today())
    for reader in (ADA, OWNER):
        assert audit.entries(tmp_path, reader, today() - timedelta(days=1), today())


def test_entries_are_those_of_the_days_asked_for_newest_first(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    for day, hours in (("2026-03-01", (8, 9)), ("2026-03-02", (10,)), ("2026-03-04", (11,))):
        lines = [json.dumps({"time": f"{day}T{hour:02}:00:00+00:00", "user": f"{day} {hour}"}) for hour in hours]
        (tmp_path / "audit" / f"{day}.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "audit" / "notes.jsonl").write_text("not ours")
    found = audit.entries(tmp_path, ADA, date(2026, 3, 1), date(2026, 3, 3))
    assert [entry["user"] for entry in found] == ["2026-03-02 10", "2026-03-01 9", "2026-03-01 8"]


def test_so_many_entries_that_only_the_newest_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST", 3)
    for number in range(5):
        audit.note(tmp_path, MIA, "export", rows=number)
    assert [entry["rows"] for entry in written(tmp_path)] == [4, 3, 2]


def test_lines_of_many_processes_do_not_mix(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from data.access import Scope; from data.keeping import audit\n"
        "who = Scope(sys.argv[2] * 200, frozenset({'rep'}), (), ())\n"
        "for number in range(200): audit.note(Path(sys.argv[1]), who, 'export', rows=number)"
    )
    root = Path(__file__).resolve().parents[3]
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], cwd=root) for name in "abcd"]
    assert [process.wait(120) for process in running] == [0, 0, 0, 0]
    lines = [json.loads(line) for path in (tmp_path / "audit").iterdir() for line in path.read_text().splitlines()]
    for name in "abcd":
        assert [line["rows"] for line in lines if line["user"] == name * 200] == list(range(200))
    assert len(lines) == 800


def test_a_line_cut_short_by_a_full_disk_does_not_take_the_next_one_with_it(tmp_path: Path) -> None:
    audit.note(tmp_path, MIA, "page", page="rep")
    with file_of(tmp_path, today()).open("ab") as file:
        file.write(b'{"time": "2026-')
    audit.note(tmp_path, ADA, "page", page="data")
    assert [entry["user"] for entry in written(tmp_path)] == ["ada", "mia"]


@pytest.mark.parametrize("fault", ["no space", "cut short", "no folder"])
def test_what_cannot_be_written_stops_nobody_and_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    write = os.write

    def full(file: int, data: bytes) -> int:
        if fault == "no space":
            raise OSError(28, "No space left on device")
        return write(file, data[:10])

    if fault == "no folder":
        (tmp_path / "audit").write_text("a file stands where the folder should be")
    else:
        monkeypatch.setattr(os, "write", full)
    with caplog.at_level(logging.ERROR, "fieldbook"):
        audit.note(tmp_path, MIA, "export", rows=3)
    assert [record.getMessage() for record in caplog.records] == ["audit_unwritten"]


def test_a_new_day_sweeps_out_what_is_older_than_400_days(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    old, kept = today() - timedelta(days=401), today() - timedelta(days=400)
    for day in (old, kept):
        file_of(tmp_path, day).write_text('{"time": "x"}\n')
    (tmp_path / "audit" / "README").write_text("not ours")
    audit.note(tmp_path, MIA, "page", page="rep")
    left = {path.name for path in (tmp_path / "audit").iterdir()}
    assert left == {f"{kept}.jsonl", f"{today()}.jsonl", "README"}


def test_every_action_written_anywhere_is_one_the_page_has_a_word_for() -> None:
    import ast

    from i18n import LANGUAGES, translator

    root = Path(__file__).resolve().parents[3]
    said: set[str] = set()
    for path in [p for house in ("data", "pages", "kpi") for p in (root / house).rglob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in ("note", "_note"):
                said |= {n.value for a in call.args for n in ast.walk(a) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert said >= {"login", "logout", "refused", "page", "export", "upload", "publish", "accept", "undo", "mapping", "report"}
    assert said <= set(audit.ACTIONS)
    assert not [a for lang in LANGUAGES for a in audit.ACTIONS if f"pages_access.action_{a}" not in translator(lang)]
