"""Files staged through the page: private, read apart, asked about, loaded or dropped; and only by those who look after the data."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from data.access import OWNER, Scope
from data.errors import ConfigError, NotAllowed
from data.keeping import upkeep
from data.loading import answers, draft
from data.loading import load as loading
from data.loading.answers import Answers
from data.loading.draft import Checked, Draft
from data.reading.limits import PAGE, Limits
from data.reading.mapping import read_mapping, read_mappings
from data.warehouse import Warehouse

ADMIN = Scope("ada", frozenset({"admin"}), (), ())
OTHERS = [Scope(role, frozenset({role}), (), (), sees_all=role == "director") for role in ("director", "regional_manager", "rep")]
OTHERS.append(Scope("nobody", frozenset(), (), ()))
MESSY = (
    "订单号,客户编码,业务员编码,日期,未税金额,备注\n"
    'O1,C1,R1,03/04/2026,"1,234.50",x\nO2,C1,R1,05/06/2026,2000,y\nO3,C1,R1,06/06/2026,abc,z\n'
)
FIRST = {
    "reps.csv": "rep_id,rep_name,role,login\nR1,Ann,rep,ann\nA1,Ada,admin,ada\n",
    "customers.csv": "customer_id,customer_name,owner_id\nC1,Coast,R1\n",
    "orders.csv": "order_id,customer_id,rep_id,order_date,net_amount\nO0,C1,R1,2026-03-01,10.00\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in FIRST.items():
        (folder / name).write_text(text, "utf-8")
    assert loading.load(tmp_path / "home", [folder], now=datetime(2026, 6, 30, 2, tzinfo=UTC)).published
    return tmp_path / "home"


@pytest.fixture
def staged(home: Path) -> Iterator[Draft]:
    made = draft.stage(home, ADMIN, [("销售_2026-06.csv", MESSY.encode("gb18030"))])
    yield made
    draft.discard(made)


def one(made: Draft) -> Checked:
    [found] = draft.check(made, ADMIN)
    return found


def answer(checked: Checked, home: Path, **said: str) -> Path:
    sheet = checked.look.sheets[0]
    chosen = {f.name: f.header for f in answers.fields(sheet, "orders")}
    columns = answers.differing(sheet, "orders", chosen)
    given = Answers("orders", sheet.sheet, columns=columns, **said)
    return answers.save(home, ADMIN, answers.pattern_of(checked.upload.label), answers.whole(checked, given))


def test_a_staged_file_is_private_and_its_name_is_no_path(home: Path) -> None:
    made = draft.stage(home, ADMIN, [("../../etc/passwd.csv", b"a"), ("C:\\x\\passwd.csv", b"b"), ("\x1b[2J.csv", b"c")])
    assert [u.label for u in made.uploads] == ["passwd.csv", "2/passwd.csv", "\\x1b[2J.csv"]
    assert {u.path.parent for u in made.uploads} == {made.folder}
    assert {stat.S_IMODE(u.path.stat().st_mode) for u in made.uploads} == {0o600}
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    draft.discard(made)
    assert not made.folder.exists()


@pytest.mark.parametrize("scope", OTHERS, ids=lambda s: s.user)
def test_nobody_else_may_stage_load_map_or_take_back(home: Path, staged: Draft, scope: Scope) -> None:
    attempts = [
        lambda: draft.stage(home, scope, [("a.csv", b"x")]),
        lambda: draft.check(staged, scope),
        lambda: draft.publish(staged, scope, ["a.csv"]),
        lambda: answers.save(home, scope, "*", [Answers("orders")]),
        lambda: answers.restore(home, scope, "page-x.toml"),
        lambda: upkeep.undo(home, scope, 1),
        lambda: upkeep.accept(home, scope, 1),
        lambda: upkeep.rollback(home, scope, 1),
        lambda: upkeep.rows_csv(home, scope, [], ()),
        lambda: upkeep.remarks_csv(home, scope, draft.remarks([]), lambda key, **_: key),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert not list((home / "mappings").iterdir())


def test_directors_see_what_was_done_and_others_do_not(home: Path) -> None:
    assert [c.number for c in upkeep.past(home, OTHERS[0]).changes] == [1]
    for scope in OTHERS[1:]:
        with pytest.raises(NotAllowed):
            upkeep.past(home, scope)


def test_a_messy_file_is_seen_as_it_is(staged: Draft) -> None:
    found = one(staged)
    [sheet] = found.look.sheets
    assert (found.look.form, sheet.delimiter, sheet.header_row, sheet.rows) == ("GB18030", ",", 1, 3)
    assert answers.candidates(sheet) == ["orders"]
    assert answers.date_order(sheet, "orders", None) == "asked"
    assert answers.decimal_mark(sheet, "orders", None) == "point"
    assert found.verdict == "question"
    assert not found.may_load


def test_what_must_be_answered_comes_first_with_a_suggestion(staged: Draft) -> None:
    asked = answers.fields(one(staged).look.sheets[0], "orders")
    assert [(f.name, f.header, f.why) for f in asked[:2]] == [("order_date", "日期", "asked"), ("ship_date", "", "asked")]
    assert {f.name: f.header for f in asked if f.why == "found"} == {
        "order_id": "订单号", "customer_id": "客户编码", "rep_id": "业务员编码", "net_amount": "未税金额",
    }  # fmt: skip


def test_a_header_that_is_nearly_one_of_ours_is_suggested(home: Path) -> None:
    made = draft.stage(home, ADMIN, [("o.csv", b"order_id,customer_idd,rep_id,order_date,net_amount\nO1,C1,R1,2026-06-01,5\n")])
    sheet = one(made).look.sheets[0]
    assert [(f.name, f.header, f.why) for f in answers.fields(sheet, "orders") if f.needs_answer] == [
        ("customer_id", "customer_idd", "suggested")
    ]


def test_two_headers_for_one_column_are_a_choice(home: Path) -> None:
    text = "order_id,customer_id,客户编码,rep_id,order_date,net_amount\nO1,C1,C9,R1,2026-06-01,5\n"
    made = draft.stage(home, ADMIN, [("o.csv", text.encode())])
    found = one(made)
    assert [(f.name, f.why) for f in answers.fields(found.look.sheets[0], "orders") if f.needs_answer] == [("customer_id", "double")]
    answer(found, home)
    assert one(made).verdict == "ready"


def test_wan_is_confirmed_by_an_answer(home: Path) -> None:
    text = "order_id,customer_id,rep_id,order_date,未税金额(万元)\nO1,C1,R1,2026-06-01,1.5\n"
    made = draft.stage(home, ADMIN, [("o.csv", text.encode())])
    found = one(made)
    sheet = found.look.sheets[0]
    assert found.verdict == "question"
    assert answers.scaled(sheet, "orders", {"net_amount": "未税金额(万元)"}) == {"net_amount": 10_000}
    answers.save(home, ADMIN, "o.csv", [Answers("orders", factors={"net_amount": 10_000})])
    [part] = one(made).prepared.parts
    assert draft.account(part)["net_amount"]["accepted"] == Decimal("15000")


def test_answers_let_the_file_in_and_every_cent_is_accounted_for(home: Path, staged: Draft) -> None:
    path = answer(one(staged), home, date_order="dmy")
    assert path.parent == home / "mappings"
    found = one(staged)
    assert found.verdict == "ready"
    [part] = found.prepared.parts
    told = draft.account(part)
    assert told["rows"] == {"read": 3, "accepted": 2, "quarantined": 1, "skipped": 0}
    assert told["net_amount"] == {"read": Decimal("3234.5"), "accepted": Decimal("3234.5"), "quarantined": 0, "skipped": 0}
    shown = draft.preview(part)
    assert [str(day) for day in shown["order_date"]] == ["2026-04-03", "2026-06-05"]
    assert shown["_row"].to_list() == [2, 3]
    assert Warehouse.open(home).snapshot == "000001"  # nothing was published by looking


def test_a_staged_file_is_loaded_under_its_name_by_whoever_loads_it(home: Path, staged: Draft) -> None:
    answer(one(staged), home, date_order="dmy")
    report = draft.publish(staged, ADMIN, ["销售_2026-06.csv"])
    assert (report.status, report.published, report.user) == ("loaded", True, "ada")
    latest = upkeep.past(home, ADMIN).changes[0]
    assert (latest.number, latest.status, latest.user, latest.files, latest.count("loaded")) == (
        2,
        "loaded",
        "ada",
        ["销售_2026-06.csv"],
        2,
    )


def test_a_load_can_be_taken_back_and_says_so(home: Path, staged: Draft) -> None:
    answer(one(staged), home, date_order="dmy")
    draft.publish(staged, ADMIN, ["销售_2026-06.csv"])
    past = upkeep.past(home, ADMIN)
    assert [past.may_undo(c) for c in past.changes] == [True, True]
    upkeep.undo(home, ADMIN, 2)
    past = upkeep.past(home, ADMIN)
    assert [(c.number, c.kind, c.status) for c in past.changes] == [(3, "undo", "done"), (2, "load", "undone"), (1, "load", "loaded")]
    assert not any(past.may_undo(c) for c in past.changes)  # the last one standing stays


def test_only_chosen_files_are_loaded(home: Path) -> None:
    files = [("new_orders.csv", FIRST["orders.csv"].replace("O0", "O9").encode()), ("bad.csv", b"nothing,of\nours,x\n")]
    made = draft.stage(home, ADMIN, files)
    assert [c.verdict for c in draft.check(made, ADMIN)] == ["ready", "question"]
    report = draft.publish(made, ADMIN, ["new_orders.csv"])
    assert [f.file for f in report.files] == ["new_orders.csv"]


def test_the_limits_of_the_page_hold(home: Path, staged: Draft) -> None:
    [found] = draft.check(staged, ADMIN, limits=Limits(file=10))
    assert [f.rule for f in found.blocking] == ["file_too_big"]
    assert found.verdict == "rejected"
    assert not found.look.sheets
    [found] = draft.check(staged, ADMIN, limits=Limits(columns=3))
    assert [f.rule for f in found.blocking] == ["too_many_columns"]
    assert PAGE.file == 50 * 2**20


def test_a_mapping_is_saved_whole_and_the_last_change_can_be_taken_back(home: Path) -> None:
    path = answers.save(home, ADMIN, "o_*.csv", [Answers("orders", columns={"order_id": 'a "b"\n#', "uom": ""}, date_order="dmy")])
    [block] = read_mapping(path)
    assert (block.source, block.files, block.columns, block.date_order) == (
        "orders",
        ("o_*.csv",),
        {"order_id": 'a "b"\n#', "uom": ""},
        "dmy",
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_text("utf-8")
    assert answers.save(home, ADMIN, "o_*.csv", [Answers("orders", date_order="mdy")]) == path
    answers.restore(home, ADMIN, path.name)
    assert path.read_text("utf-8") == first
    with pytest.raises(ConfigError):
        answers.restore(home, ADMIN, path.name)


def test_what_a_file_holds_is_kept_with_its_mapping_and_its_days_are_told(home: Path) -> None:
    text = "visit_id,rep_id,customer_id,planned_date,actual_date\nV1,R1,C1,2026-05-28,2026-06-02\nV2,R1,C1,2026-06-01,\n"
    made = draft.stage(home, ADMIN, [("visits.csv", text.encode())])
    found = one(made)
    assert draft.dates(found.prepared.parts[0]) == (date(2026, 5, 28), date(2026, 6, 1))
    chosen = {f.name: f.header for f in answers.fields(found.look.sheets[0], "visits")}
    assert (answers.modes("visits"), answers.modes("customers")) == (["window", "upsert"], [])
    assert answers.filters("visits", chosen) == ["planned_date", "actual_date"]
    answers.save(home, ADMIN, "visits.csv", [Answers("visits", mode="upsert", window_on="actual_date")])
    [part] = one(made).prepared.parts
    assert (part.mode, part.window_on, draft.dates(part)) == ("upsert", ("actual_date",), (date(2026, 6, 2), date(2026, 6, 2)))
    draft.discard(made)


def test_a_new_mapping_goes_when_it_is_taken_back(home: Path) -> None:
    path = answers.save(home, ADMIN, "o.csv", [Answers("orders")])
    answers.restore(home, ADMIN, path.name)
    assert not list((home / "mappings").iterdir())


def test_a_mapping_that_would_not_read_back_changes_nothing(home: Path) -> None:
    with pytest.raises(ConfigError):
        answers.save(home, ADMIN, "o.csv", [Answers("orders", columns={"no_such_column": "x"})])
    assert not list((home / "mappings").iterdir())


def test_mappings_written_by_hand_are_left_alone(home: Path) -> None:
    hand = home / "mappings" / "erp.toml"
    hand.write_text('[[source]]\nsource = "orders"\nfiles = ["o.csv"]\n', "utf-8")
    with pytest.raises(ConfigError):
        answers.restore(home, ADMIN, "erp.toml")
    made = draft.stage(home, ADMIN, [("o.csv", FIRST["orders.csv"].encode())])
    assert not answers.own(one(made))
    assert hand.exists()


@pytest.mark.parametrize(
    ("label", "pattern"),
    [("visits_2026-03.csv", "visits_*.csv"), ("销售订单20260301.xlsx", "销售订单*.xlsx"), ("2/a[1].csv", "a[[]*].csv"), ("a.csv", "a.csv")],
)
def test_a_pattern_is_the_name_without_its_digits(label: str, pattern: str) -> None:
    assert answers.pattern_of(label) == pattern
    assert read_mappings(Path("nowhere")) == []


def test_a_pattern_reads_the_file_it_was_made_for(home: Path) -> None:
    for label in ("visits_2026-03.csv", "2/a[1].csv", "问?*.csv"):
        path = answers.save(home, ADMIN, answers.pattern_of(label), [Answers("visits")])
        assert read_mapping(path)[0].reads(label)


def test_other_sheets_of_a_workbook_are_still_read_once_a_mapping_reads_it(home: Path, staged: Draft) -> None:
    found = one(staged)
    [sheet] = found.look.sheets
    two = Checked(found.upload, draft.Look("xlsx", (draft.replace(sheet, sheet="A"), draft.replace(sheet, sheet="B"))), found.prepared)
    made = answers.whole(two, Answers("orders", "A", date_order="dmy"))
    assert [(a.source, a.sheet) for a in made] == [("orders", "A"), ("orders", "B")]


def test_drafts_of_a_process_that_is_gone_are_swept(home: Path, staged: Draft) -> None:
    gone = home / "drafts" / "4194305-aa"
    gone.mkdir()
    old = home / "drafts" / f"{os.getpid()}-old"
    old.mkdir()
    os.utime(old, (0, 0))
    assert set(draft.sweep(home)) == {gone.name, old.name}
    assert staged.folder.exists()


def test_the_owner_may_too(home: Path) -> None:
    made = draft.stage(home, OWNER, [("orders.csv", FIRST["orders.csv"].encode())])
    report = draft.publish(made, OWNER, ["orders.csv"])
    assert (report.status, report.published) == ("loaded", False)  # known already
    assert upkeep.past(home, OWNER).changes[0].status == "unchanged"
