"""Each write, sync and rename of a load fails once, and a disk that is really full: a message, the old data, and a next load that works."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from data.__main__ import REJECTED, main
from data.errors import FieldbookError
from data.keeping import disk, store
from data.loading import load as loading
from i18n import LANGUAGES, translator
from tests.faults.lab import SECOND_DAY, THIRD_DAY, Company, contents, files, strays

FULL = int(os.environ.get("FIELDBOOK_KILLS", "40")) >= 200
CALLS = ("write", "fsync", "replace", "rename", "copy", "mkdir reading", "unlink")
# What may fail without any harm: a way to copy for which there is another, and what is tidied up once all is published.
HARMLESS = (
    "copy snapshots/building-#.duckdb", "replace loads/#.pending loads/#.json", "unlink snapshots/building-#.duckdb",
    "unlink snapshots/building-#.duckdb.wal", "unlink snapshots/building-#.duckdb.tmp",
)  # fmt: skip


def failures(met: list[str]) -> list[tuple[int, int]]:
    """Number of the call and error: every call once with one of the two errors in turn, or with both."""
    numbers = [number for number, name in enumerate(met, 1) if name.startswith(CALLS)]
    kinds = (errno.ENOSPC, errno.EIO)
    return [(number, error) for at, number in enumerate(numbers) for error in (kinds if FULL else (kinds[at % 2],))]


def test_a_disk_that_fails_once_costs_a_message_and_nothing_else(company: Company) -> None:
    """A failed load leaves the home byte for byte as it was, and beside it at most the exports by their hashes."""
    before, failed = files(company.home()), []
    for number, error in failures(company.met):
        name, home = company.met[number - 1], company.home()
        told = company.load(home, at={"number": number, "how": "fail", "errno": error})
        assert told["met"][number - 1] == name
        if name in HARMLESS:
            assert (told["error"], told["published"], contents(home)) == (None, True, company.new), (name, told)
        else:
            failed.append(name)
            assert told["error"] in ("disk_failed", "publish_io"), (name, told)
            assert os.strerror(error) in told["params"]["reason"]
            left = files(home)
            assert {path: left.pop(path) for path in before} == before, name
            assert all(sha256(content).hexdigest() == path.removeprefix("raw/") for path, content in left.items()), (name, list(left))
        if FULL or number % 5 == 0:
            assert company.load(home)["error"] is None
            assert (contents(home), strays(home)) == (company.new, []), name
        company.drop(home)
    assert {"write lock", "write CURRENT.part", "replace CURRENT.part CURRENT", "fsync ."} <= set(failed)


def test_what_was_left_to_tidy_up_after_publishing_is_done_by_the_next_load(company: Company) -> None:
    home = company.home()
    number = company.met.index("replace loads/#.pending loads/#.json") + 1
    assert company.load(home, at={"number": number, "how": "fail", "errno": errno.EIO})["published"]
    assert strays(home) == ["loads/000002.pending"]
    assert company.load(home, THIRD_DAY)["published"] is False
    assert strays(home) == []
    assert (home / "loads" / "000002.json").exists()


def test_a_disk_that_fails_for_good_while_the_pointer_moves_is_told_as_unsure(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody can say yet which of the two is served; it is one of them, and the next load finishes what there is."""
    home, sync = company.home(), disk.sync

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def sync_until_the_pointer(path: Path) -> None:
        if path == home:
            monkeypatch.setattr(os, "replace", broken)
            broken()
        sync(path)

    monkeypatch.setattr(disk, "sync", sync_until_the_pointer)
    with pytest.raises(store.PublishFailed, match="publish_unsure"):
        loading.load(home, [company.second], now=datetime.fromisoformat(SECOND_DAY))
    monkeypatch.undo()
    assert contents(home) == company.new
    assert company.load(home)["published"] is False
    assert strays(home) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_failing_disk_is_told_in_words_and_ends_as_refused(
    company: Company, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    home = company.home()
    monkeypatch.setattr(os, "fsync", full)
    assert main(["load", "--lang", lang, "--home", str(home), str(company.second)]) == REJECTED
    said = capsys.readouterr().err
    assert said.strip() == translator(lang)("error.disk_failed", reason=f"[Errno 28] {os.strerror(errno.ENOSPC)}")
    monkeypatch.undo()
    assert contents(home) == company.old


def test_a_file_of_the_user_that_cannot_be_read_is_named_and_our_disk_is_not_blamed(company: Company, tmp_path: Path) -> None:
    home = company.home()
    (tmp_path / "orders.csv").symlink_to("/proc/self/mem")  # can be opened, and fails to be read
    for name in ("gone.csv", "orders.csv"):
        with pytest.raises(FieldbookError) as caught:
            loading.load(home, [tmp_path / name])
        assert (caught.value.code, caught.value.params["file"]) == ("file_unreadable", name)
    assert contents(home) == company.old
    assert strays(home) == []


# A disk nearly full, and one that is.


def test_a_load_is_refused_before_it_begins_unless_three_times_its_files_and_the_warehouse_are_free(
    company: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = company.home()
    exports = sum(path.stat().st_size for path in company.second.iterdir())
    needed = 3 * (exports + (home / "snapshots" / "wh-000001.duckdb").stat().st_size)
    before, free = files(home), needed - 1

    def usage(_: object) -> object:
        return type("Usage", (), {"free": free})

    monkeypatch.setattr(store.shutil, "disk_usage", usage)
    command = ["load", "--lang", "en", "--home", str(home), str(company.second)]
    assert main(command) == REJECTED
    megabytes = f"{needed / 1e6:.0f} MB"
    assert capsys.readouterr().err.strip() == translator("en")("error.disk_full", free=megabytes, needed=megabytes)
    assert files(home) == before
    free = needed
    assert main(command) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(place)], capture_output=True, text=True, check=False)
    if made.returncode:
        if os.environ.get("CI") and os.geteuid() == 0 and "permission" not in made.stderr.lower():
            pytest.fail(f"no small disk in CI: {made.stderr}")
        pytest.skip(f"a disk of our own cannot be mounted here: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_fills_up_under_a_load_keeps_the_old_data(company: Company, small_disk: Path) -> None:
    """For real, wherever the engine, the reading child or we write; nobody looks beforehand whether there is room."""
    home = company.home(at=small_disk / "home")
    wrong, filler, seen = {}, small_disk / "filler", set()
    for left in (0, 20_000, 200_000, 2_000_000, 5_000_000, 7_000_000):
        filler.write_bytes(b"\0" * (store.shutil.disk_usage(small_disk).free - left))
        told = company.load(home, blind=True)
        filler.unlink()
        seen.add(told["error"] or told["status"])
        if told.get("published") or contents(home) != company.old or strays(home):
            wrong[left] = (told, strays(home))
    assert wrong == {}
    assert seen <= {"disk_failed", "publish_io", "rejected"}
    assert company.load(home)["published"]
