"""The home on disk: one lock, immutable snapshots, and a pointer that never leads to half a file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from data.keeping import disk, store
from data.keeping.store import HomeBusy, PublishFailed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    store.prepare_home(tmp_path / "home")
    return tmp_path / "home"


def publish(home: Path, load_id: int, value: int = 0) -> Path:
    built = store.working_copy(home, load_id)
    with duckdb.connect(str(built)) as con:
        con.execute("create or replace table meta as select ? as value", [value or load_id])
        store.seal_off(con, built)
    return store.publish(home, built, load_id, '{"load_id": 1}')


def served(home: Path) -> int | None:
    snapshot = store.current(home)
    if snapshot is None:
        return None
    with duckdb.connect(str(snapshot), read_only=True) as con:
        return int(con.execute("select value from meta").fetchall()[0][0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_in_the_home_is_closed_to_other_users(home: Path) -> None:
    snapshot = publish(home, 1)
    digest = store.keep_raw(home, b"export")
    assert {mode(home / name) for name in store.FOLDERS} == {0o700}
    assert {mode(p) for p in (snapshot, home / "CURRENT", home / "raw" / digest, home / "loads" / "000001.json")} == {0o600}


def test_a_raw_copy_is_named_by_its_content_and_written_once(home: Path) -> None:
    digest = store.keep_raw(home, b"export")
    before = (home / "raw" / digest).stat()
    assert store.keep_raw(home, b"export") == digest
    assert (home / "raw" / digest).read_bytes() == b"export"
    assert (home / "raw" / digest).stat().st_mtime_ns == before.st_mtime_ns


def test_a_raw_copy_cut_short_by_a_crash_is_written_again(home: Path) -> None:
    digest = store.keep_raw(home, b"export")
    (home / "raw" / digest).write_bytes(b"exp")
    store.keep_raw(home, b"export")
    assert (home / "raw" / digest).read_bytes() == b"export"


def test_a_home_without_a_snapshot_serves_nothing(home: Path) -> None:
    assert store.current(home) is None
    assert store.current(home / "nowhere") is None


def test_publishing_moves_the_pointer_and_keeps_the_old_snapshot(home: Path) -> None:
    first = publish(home, 1)
    with duckdb.connect(str(first), read_only=True) as reader:
        publish(home, 2)
        assert reader.execute("select value from meta").fetchall() == [(1,)]
    assert served(home) == 2
    assert first.exists()
    assert store.pointer(home) == "wh-000002.duckdb"


def test_three_generations_are_kept(home: Path) -> None:
    for load_id in range(1, 6):
        publish(home, load_id)
    assert [p.name for p in sorted((home / "snapshots").glob("*.duckdb"))] == [store.name_of(n) for n in (3, 4, 5)]
    assert len(list((home / "snapshots").iterdir())) == 6  # each with its seal


@pytest.mark.parametrize("damage", ["cut", "flipped", "missing", "log"])
def test_a_damaged_snapshot_is_found_and_the_last_good_one_served(home: Path, damage: str) -> None:
    publish(home, 1)
    bad = publish(home, 2)
    content = bytearray(bad.read_bytes())
    if damage == "cut":
        bad.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        content[len(content) // 2] ^= 0xFF
        bad.write_bytes(content)
    elif damage == "missing":
        bad.unlink()
    else:
        bad.with_name(bad.name + ".wal").write_bytes(b"stray")
    assert served(home) == 1


@pytest.mark.parametrize("pointer", ["", "wh-000009.duckdb", "../../etc/passwd", "wh-1.duckdb"])
def test_a_pointer_that_leads_nowhere_falls_back(home: Path, pointer: str) -> None:
    publish(home, 1)
    (home / "CURRENT").write_text(pointer)
    assert served(home) == 1


def test_a_newer_file_the_pointer_never_named_is_not_served(home: Path) -> None:
    publish(home, 1)
    publish(home, 2)
    (home / "CURRENT").write_text("wh-000001.duckdb")
    assert served(home) == 1


def test_a_snapshot_brought_back_without_its_seal_is_read_through(home: Path) -> None:
    snapshot = publish(home, 1)
    snapshot.with_suffix(".seal").unlink()
    assert served(home) == 1
    content = bytearray(snapshot.read_bytes())
    content[3 * 4096 :] = b"\0" * (len(content) - 3 * 4096)  # all blocks behind the headers
    snapshot.write_bytes(content)
    assert store.current(home) is None


def test_a_working_copy_starts_from_what_is_served(home: Path) -> None:
    assert not store.working_copy(home, 1).exists()  # a first load begins with nothing
    publish(home, 1)
    copy = store.working_copy(home, 2)
    assert copy.read_bytes() == (home / "snapshots" / "wh-000001.duckdb").read_bytes()
    assert mode(copy) == 0o600


def test_whoever_changes_a_copy_works_in_utc_and_leaves_memory_to_others(tmp_path: Path) -> None:
    with duckdb.connect() as usual:
        [(most,)] = usual.execute("select current_setting('memory_limit')").fetchall()
    with store.writer(tmp_path / "copy.duckdb") as con:
        [(zone, limit)] = con.execute("select current_setting('TimeZone'), current_setting('memory_limit')").fetchall()
    assert zone == "UTC"
    assert _bytes(limit) < _bytes(most) / 3  # the engine itself would take four fifths


def _bytes(size: str) -> float:
    number, unit = size.split()
    return float(number) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit)


@pytest.mark.parametrize("broken", [(), ("ioctl",), ("ioctl", "copy_file_range")])
def test_a_copy_is_whole_whatever_way_the_system_offers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: tuple[str, ...]) -> None:
    def refuse(*args: object) -> int:
        raise OSError(95, "not supported")

    if "ioctl" in broken:
        monkeypatch.setattr(disk.fcntl, "ioctl", refuse)
    if "copy_file_range" in broken:
        monkeypatch.setattr(os, "copy_file_range", refuse)
    source = tmp_path / "source"
    source.write_bytes(os.urandom(3_000_000))
    how = disk.clone(source, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    assert how == "plain" if "copy_file_range" in broken else how in ("shared", "kernel")


def test_a_copy_that_does_not_fit_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> int:
        raise OSError(28, "No space left on device")

    (tmp_path / "source").write_bytes(b"x")
    for name, module in (("ioctl", disk.fcntl), ("copy_file_range", os), ("copyfileobj", disk.shutil)):
        monkeypatch.setattr(module, name, full)
    with pytest.raises(OSError, match="No space"):
        disk.clone(tmp_path / "source", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_a_published_load_left_to_remove_goes_at_the_next_one(home: Path) -> None:
    publish(home, 1)
    digest = store.keep_raw(home, b"to go")
    store.plan_sweep(home, 2, [home / "raw" / digest])
    store.clean(home)
    assert (home / "raw" / digest).exists()  # number 2 was never published
    store.plan_sweep(home, 2, [home / "raw" / digest])
    publish(home, 2)
    store.clean(home)
    assert not (home / "raw" / digest).exists()
    assert not list((home / "loads").glob("*.sweep"))


def test_a_snapshot_knows_what_it_was_made_from(home: Path) -> None:
    for load_id in (1, 2, 3):
        publish(home, load_id)
    (home / "CURRENT").write_text("wh-000001.duckdb")  # back, and on from there
    publish(home, 4)
    assert [store.number_of(p) for p in store.lineage(home, "wh-000004.duckdb")] == [4, 1]
    assert store.before(home, home / "snapshots" / "wh-000004.duckdb") == home / "snapshots" / "wh-000001.duckdb"


STEPS = ("os.fsync", "os.replace")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", range(1, 7))
def test_a_failing_disk_leaves_the_old_snapshot_served(home: Path, monkeypatch: pytest.MonkeyPatch, step: str, nth: int) -> None:
    publish(home, 1)
    name = step.partition(".")[2]
    real, calls = getattr(os, name), [0]

    def failing(*args: object) -> object:
        calls[0] += 1
        if calls[0] == nth:
            raise OSError(28, "No space left on device")
        return real(*args)

    monkeypatch.setattr(os, name, failing)
    try:
        publish(home, 2)
    except (PublishFailed, OSError):
        monkeypatch.undo()
        assert served(home) == (1 if not (home / "loads" / "000002.pending").exists() else 2)
        store.clean(home)
    monkeypatch.undo()
    assert served(home) in (1, 2)
    assert not list(home.rglob("*.part"))


def test_a_table_that_reads_back_differently_is_not_published(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home, 1)
    answers = iter([{"main.meta": (1, 7)}, {"main.meta": (1, 8)}])
    monkeypatch.setattr(store, "fingerprints", lambda con: next(answers))
    with pytest.raises(PublishFailed, match="publish_differs"):
        publish(home, 2)
    monkeypatch.undo()
    assert served(home) == 1


CRASH = """
import sys, duckdb, os
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from data.keeping import store
home = Path(sys.argv[1])
real, calls = getattr(os, sys.argv[3]), [0]
def dying(*args):
    calls[0] += 1
    if calls[0] == int(sys.argv[4]):
        os._exit(9)
    return real(*args)
built = store.working_copy(home, 2)
with duckdb.connect(str(built)) as con:
    con.execute("create or replace table meta as select 2 as value")
    store.seal_off(con, built)
setattr(os, sys.argv[3], dying)
store.publish(home, built, 2, "{}")
"""


@pytest.mark.parametrize(("step", "nth"), [("replace", n) for n in range(1, 6)] + [("fsync", 1), ("fsync", 4), ("fsync", 7)])
def test_a_load_killed_while_publishing_leaves_the_old_or_the_new(home: Path, step: str, nth: int) -> None:
    publish(home, 1)
    root = str(Path(store.__file__).resolve().parents[1])
    subprocess.run([sys.executable, "-c", CRASH, str(home), root, step, str(nth)], check=False)
    was = served(home)
    assert was in (1, 2)
    store.clean(home)
    assert served(home) == was
    assert (home / "loads" / "000002.json").exists() == (was == 2)
    assert not [p for p in home.rglob("*") if p.name.startswith("building-") or p.suffix in (".part", ".pending")]
    assert store.next_load_id(home) == was + 1


def test_leftovers_of_a_crashed_load_are_cleaned(home: Path) -> None:
    publish(home, 1)
    (home / "snapshots" / "building-000002.duckdb").write_bytes(b"half")
    (home / "snapshots" / "building-000002.duckdb.wal").write_bytes(b"half")
    (home / "raw" / "abc.part").write_bytes(b"half")
    assert sorted(store.clean(home)) == ["abc.part", "building-000002.duckdb", "building-000002.duckdb.wal"]
    assert served(home) == 1


def test_the_second_load_waits_and_is_told_for_whom(home: Path) -> None:
    told: list[str] = []
    order: list[str] = []

    def second() -> None:
        with store.locked(home, "Li", told.append):
            order.append("second")

    with store.locked(home, "Wang"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert told == [f"pid {os.getpid()}, Wang"]


def test_a_load_that_waited_too_long_says_who_holds_the_home(home: Path) -> None:
    with store.locked(home, "Wang"), pytest.raises(HomeBusy) as caught, store.locked(home, "Li", patience=0.2):
        pass
    assert caught.value.params["holder"].endswith("Wang")


def test_the_lock_is_free_after_its_holder_died(home: Path) -> None:
    root = str(Path(store.__file__).resolve().parents[1])
    code = "import sys, os; sys.path.insert(0, sys.argv[2]); from pathlib import Path; from data import store\n"
    code += "with store.locked(Path(sys.argv[1]), 'x'): os._exit(9)"
    subprocess.run([sys.executable, "-c", code, str(home), root], check=False)
    with store.locked(home, "Li", patience=0.2):
        pass


def test_a_nearly_full_disk_is_refused_at_the_start(home: Path) -> None:
    with pytest.raises(PublishFailed, match="disk_full"):
        store.need_space(home, 10**18)
    store.need_space(home, 10)


def test_load_numbers_are_never_used_twice(home: Path) -> None:
    assert store.next_load_id(home) == 1
    publish(home, 1)
    store.write_json(home / "loads" / "000002.json", "{}")  # a load that was rejected
    assert store.next_load_id(home) == 3
