"""`python -m data`: exit codes, JSON of a fixed shape, words in both languages."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data import sample
from data.__main__ import main
from data.errors import Finding
from data.keeping import store
from data.loading import findings, records
from data.loading.report import FileReport, Report, exact, to_json
from i18n import translator

ORDERS = """order_id,line_no,customer_id,rep_id,order_date,net_amount
A,1,C1,R1,2026-06-01,100.10
B,1,C2,R1,2026-06-02,=1+1
C,1,C2,R1,2026-06-02,0.20
"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "exports" / "orders.csv"
    path.parent.mkdir()
    path.write_text(ORDERS, "utf-8")
    return path


@pytest.fixture
def home(tmp_path: Path) -> str:
    return str(tmp_path / "home")


def run(*words: object) -> int:
    return main([str(word) for word in words])


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    """The JSON one command prints, decimals exact."""
    capsys.readouterr()
    run(*words, "--json")
    return json.loads(capsys.readouterr().out, parse_float=Decimal)


def test_a_load_prints_its_account_as_json(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    given = answer(capsys, "load", orders, "--home", home, "--lang", "en")
    [file] = given.pop("files")
    [finding] = file.pop("findings")
    assert given == {"load_id": 1, "status": "loaded", "restated": []}
    counts = {"read": 3, "loaded": 2, "unchanged": 0, "superseded": 0, "quarantined": 1, "skipped": 0}
    sums = {**dict.fromkeys(counts, Decimal(0)), "read": Decimal("100.30"), "loaded": Decimal("100.30")}
    assert file == {
        "file": "orders.csv",
        "source": "orders",
        "status": "loaded",
        **counts,
        "sums": {"net_amount": sums, "cost_amount": {**dict.fromkeys(counts, Decimal(0))}},
    }
    assert list(finding) == ["sheet", "row", "column", "value", "rule", "message"]
    assert (finding["row"], finding["column"], finding["value"]) == (3, "net_amount", "=1+1")
    assert finding["message"]


def test_amounts_keep_every_digit_in_json() -> None:
    assert to_json({"a": Decimal("12345678901234567890.1200"), "b": [Decimal("-0.0001"), None, True, "回"]}) == (
        '{"a": 12345678901234567890.12, "b": [-0.0001, null, true, "回"]}'
    )
    assert (exact(Decimal("5")), exact(Decimal("1E+3")), exact(Decimal("0E-4"))) == ("5.00", "1000.00", "0.00")


def test_exit_codes_tell_done_usage_rejected_and_held(tmp_path: Path, orders: Path, home: str) -> None:
    (tmp_path / "README.md").write_text("# read me")
    empty = tmp_path / "visits.csv"
    empty.write_text("visit_id,rep_id,customer_id,planned_date,status\n")
    assert run("load", orders, "--home", home) == 0
    assert run("load", tmp_path / "README.md", "--home", home) == 3
    assert run("load", empty, "--home", home) == 4
    assert run("load", orders, empty, tmp_path / "README.md", "--home", home) == 3  # the worst file decides
    with pytest.raises(SystemExit, match="2"):
        run("load", tmp_path / "nowhere.csv", "--home", home)
    with pytest.raises(SystemExit, match="2"):
        run("load", orders, "--as-of", "yesterday", "--home", home)


def test_a_broken_setting_is_told_with_its_line_and_is_a_usage_error(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    Path(home).mkdir()
    (Path(home) / "fieldbook.toml").write_text('\ncurrency = "yuan"\n')
    assert run("load", orders, "--home", home, "--lang", "en") == 2
    assert "fieldbook.toml, line 2: currency = yuan" in capsys.readouterr().err
    assert run("status", "--home", home) == 0  # nothing is loaded, so nothing is read with it


def test_tables_come_in_the_language_asked_for(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    run("load", orders, "--home", home, "--lang", "zh")
    assert "第 1 次导入已发布" in capsys.readouterr().out
    run("load", orders, "--home", home, "--lang=en")
    out = capsys.readouterr().out
    assert "Nothing new" in out
    assert "orders.csv, row 3, column “net_amount”" in out


def test_the_language_of_the_terminal_is_the_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    run("status", "--home", home)
    assert "还没有数据" in capsys.readouterr().out


def test_file_names_are_text_never_markup(capsys: pytest.CaptureFixture[str], tmp_path: Path, home: str) -> None:
    (tmp_path / "[red]orders[link=x].csv").write_text(ORDERS)
    assert run("load", tmp_path / "[red]orders[link=x].csv", "--home", home) == 0
    assert "[red]orders[link=x].csv" in capsys.readouterr().out


def test_status_shows_what_is_loaded(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    assert answer(capsys, "status", "--home", home) == {
        "home": home, "snapshot": None, "as_of": None, "sources": [], "restated": [],
    }  # fmt: skip
    run("load", orders, "--home", home)
    given = answer(capsys, "status", "--home", home)
    assert (given["snapshot"], given["as_of"]) == ("000001", "2026-06-02")
    source = next(s for s in given["sources"] if s["source"] == "orders")
    assert (source["file"], source["quarantined"], source["latest_date"]) == ("orders.csv", 1, "2026-06-02")
    capsys.readouterr()
    assert run("status", "--home", home, "--lang", "en") == 0
    assert "orders.csv" in capsys.readouterr().out


def test_rows_set_aside_are_listed_with_their_reason(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    assert answer(capsys, "quarantine", "--home", home) == {"rows": []}
    run("load", orders, "--home", home)
    [row] = answer(capsys, "quarantine", "--home", home, "--lang", "en")["rows"]
    assert (row["load_id"], row["file"], row["source"], row["row"]) == (1, "orders.csv", "orders", 3)
    assert "=1+1" in row["reasons"]
    assert "=1+1" in row["raw"]
    capsys.readouterr()
    assert run("quarantine", "--home", home, "--lang", "en") == 0
    assert "1 of 1 rows" in capsys.readouterr().out


def test_rows_for_a_spreadsheet_hold_no_formula(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, orders: Path, home: str
) -> None:
    run("load", orders.rename(orders.with_name("=orders.csv")), "--home", home)
    capsys.readouterr()
    assert run("quarantine", "--csv", "--home", home) == 0
    out = capsys.readouterr().out
    assert out.startswith("\ufeff")
    [row] = csv.DictReader(io.StringIO(out.removeprefix("\ufeff")))
    assert row["file"] == "'=orders.csv"
    assert json.loads(row["raw"])


def test_the_sample_is_written_where_asked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sample, "write", lambda folder, progress: [folder / "orders.csv"])
    assert answer(capsys, "sample", tmp_path) == {"files": [str(tmp_path / "orders.csv")]}


def test_a_failure_is_told_in_words_and_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, orders: Path, home: str
) -> None:
    def full(*args: object) -> None:
        raise store.PublishFailed("disk_full", free="1 MB", needed="2 MB")

    monkeypatch.setattr(store, "need_space", full)
    assert run("load", orders, "--home", home, "--json", "--lang", "en") == 3
    told = capsys.readouterr()
    assert json.loads(told.out)["status"] == "rejected"
    assert "1 MB free, 2 MB needed" in told.err


def test_the_worst_file_decides_the_status_of_a_load() -> None:
    def status(*files: str) -> str:
        return Report(1, None, "x", [FileReport("f", status=s) for s in files]).status  # type: ignore[arg-type]

    assert status("ignored", "loaded") == "loaded"
    assert status("loaded", "held") == "held"
    assert status("held", "rejected", "loaded") == "rejected"
    assert status("ignored") == status() == "rejected"  # nothing to load is not done


def test_a_remark_is_kept_as_rule_and_values_until_somebody_reads_it() -> None:
    file = FileReport("f", findings=[Finding("rows_gone", "info", params=(("deleted", "3"),))])
    [kept] = file.as_dict(None)["findings"]
    assert (kept["rule"], kept["severity"], kept["params"]) == ("rows_gone", "info", {"deleted": "3"})


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["load", "--help"],
        ["status", "--help"],
        ["quarantine", "--help"],
        ["sample", "--help"],
        *([name, "--help"] for name in ("accept", "report", "undo", "rollback", "rebuild", "verify", "prune", "forget")),
    ],
)
def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--lang", "en"])
    assert "3 rejected, 4 held" in " ".join(capsys.readouterr().out.split())


def held(tmp_path: Path, home: str) -> None:
    """Load 1 brings customers, load 2 a list with half of them, which is held."""
    cards = "customer_id,customer_name,owner_id\n" + "".join(f"C{n},Customer {n},R1\n" for n in range(10))
    path = tmp_path / "customers.csv"
    path.write_text(cards)
    assert run("load", path, "--home", home) == 0
    path.write_text("".join(cards.splitlines(keepends=True)[:6]))
    assert run("load", path, "--home", home) == 4
    path.unlink()


def test_the_days_an_export_covers_can_be_stated(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    given = answer(capsys, "load", orders, "--window", "2026-01-01..2026-12-31", "--home", home)
    assert "window_stated" in [f["rule"] for f in given["files"][0]["findings"]]
    for wrong in ("2026-06-30..2026-06-01", "2026-06", "2026-06-31..2026-07-01"):
        with pytest.raises(SystemExit):
            run("load", orders, "--window", wrong, "--home", home, "--lang", "zh")
        assert f"{wrong} 不是一段日期" in capsys.readouterr().err


def test_a_held_load_is_accepted_by_its_number(capsys: pytest.CaptureFixture[str], tmp_path: Path, home: str) -> None:
    held(tmp_path, home)
    given = answer(capsys, "accept", 2, "--home", home)
    assert (given["load_id"], given["status"], given["files"][0]["unchanged"]) == (2, "loaded", 5)
    assert run("accept", 2, "--home", home, "--lang", "en") == 3
    assert "Load 2 is not held (it is loaded)" in capsys.readouterr().err
    assert run("accept", 7, "--home", home, "--lang", "zh") == 2
    assert "没有第 7 次导入" in capsys.readouterr().err


def test_undo_rollback_rebuild_and_verify_answer_in_words_and_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, orders: Path, home: str
) -> None:
    run("load", orders, "--home", home)
    orders.write_text(ORDERS.replace("100.10", "90.10"))
    run("load", orders, "--home", home)
    capsys.readouterr()
    assert run("undo", 1, "--home", home, "--lang", "en") == 3
    assert "later loads have spoken of its rows (2)" in capsys.readouterr().err
    assert run("undo", 2, "--home", home, "--lang", "en") == 0
    assert "Load 2 is undone" in capsys.readouterr().out
    given = answer(capsys, "rollback", "--home", home)
    assert (given["kind"], given["snapshot"], given["status"]) == ("rollback", 2, "done")
    assert answer(capsys, "rebuild", "--home", home)["status"] == "equal"
    assert answer(capsys, "verify", "--home", home) == {"status": "sound", "problems": []}
    next(p for p in (Path(home) / "raw").iterdir()).write_bytes(b"tampered")
    assert run("verify", "--home", home, "--lang", "en") == 3
    assert "is not what was received" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        run("undo", "two", "--home", home)


def test_prune_and_forget_answer_in_words(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    run("load", orders, "--home", home)
    assert answer(capsys, "prune", "--home", home)["raw"] == 0
    assert run("forget", "customer", "C9", "--home", home, "--lang", "en") == 3
    assert "No customer C9 is known here" in capsys.readouterr().err
    assert run("forget", "customer", "C1", "--home", home, "--lang", "en") == 0
    assert "What stays is under forgotten-" in capsys.readouterr().out


def test_a_report_can_be_read_again_and_written_for_a_spreadsheet(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, orders: Path, home: str
) -> None:
    run("load", orders, "--home", home)
    capsys.readouterr()
    assert run("report", 1, "--home", home, "--lang", "en") == 0
    assert "orders.csv, row 3, column “net_amount”" in capsys.readouterr().out
    again = answer(capsys, "report", 1, "--home", home, "--lang", "en")
    assert (again["status"], again["files"][0]["sums"]["net_amount"]["loaded"]) == ("loaded", Decimal("100.30"))
    out = tmp_path / "remarks.csv"
    assert run("report", 1, "--csv", out, "--home", home, "--lang", "en") == 0
    [row] = csv.DictReader(io.StringIO(out.read_text("utf-8-sig")))
    assert (row["file"], row["row"], row["column"], row["value"]) == ("orders.csv", "3", "net_amount", "'=1+1")
    assert row["message"]
    assert row["what_to_do"].startswith("Correct the cell")


def test_rows_beyond_the_remarks_come_from_the_books(tmp_path: Path, home: str) -> None:
    bad = "".join(f"B{n},1,C1,R1,2026-06-02,x\n" for n in range(250))
    good = "".join(f"G{n},1,C1,R1,2026-06-02,1\n" for n in range(250))
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS.splitlines()[0] + "\n" + bad + good)
    assert run("load", path, "--accept", "--home", home) == 0
    report = Report.of_record(records.record(Path(home), 1))
    rows = findings.every(Path(home), report, translator("en"))
    assert len({row["row"] for row in rows if row["row"]}) == 250


def test_what_a_load_restated_is_told_at_once_and_in_the_status(capsys: pytest.CaptureFixture[str], orders: Path, home: str) -> None:
    lines = "order_id,line_no,customer_id,rep_id,order_date,net_amount\nA,1,C1,R1,2026-05-01,12300\n"
    orders.write_text(lines + "B,1,C1,R1,2026-06-02,1\n")
    run("load", orders, "--home", home)
    orders.write_text(lines.replace("12300", "300"))
    capsys.readouterr()
    assert run("load", orders, "--home", home, "--lang", "en") == 0
    assert "2026-05 Revenue −12,000.00 with load 2" in capsys.readouterr().out
    assert run("status", "--home", home, "--lang", "en") == 0
    assert "−12,000.00 with load 2" in capsys.readouterr().out
    [change] = answer(capsys, "status", "--home", home)["restated"]
    assert (change["load_id"], change["period"], change["change"]) == (2, "2026-05", Decimal(-12000))


def test_it_runs_as_a_program(orders: Path, home: str) -> None:
    """Once in a process of its own: no traceback, no progress bar where there is no terminal."""
    root = Path(__file__).resolve().parents[2]
    words = [sys.executable, "-W", "error", "-m", "data", "load", str(orders), "--home", home, "--json", "--lang", "en"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONUTF8": "1"})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["status"] == "loaded"
