"""The files of one command, before they meet the warehouse: gathered, kept, read and given a first verdict each."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from data.config import SETTINGS_FILE, Settings, rates
from data.errors import Finding, PathUnreadable
from data.keeping import store
from data.keeping.forgotten import Forgotten, withhold
from data.keeping.kept_reading import pack, unpack
from data.loading.report import FileReport
from data.reading.handover import Terms, read_apart
from data.reading.limits import COMMAND, Limits
from data.reading.mapping import Mapping, read_mappings
from data.reading.prepare import PreparedFile

Progress = Callable[[float, str], None]  # share done, message id of the step
_PASSED_OVER = (".", "~$")  # hidden files, and the lock files a spreadsheet leaves while a workbook is open
_VERDICTS = {"ready": "loaded"}
_BLOCK = 4 * 2**20


@dataclass(frozen=True)
class Incoming:
    """One file of the command: its label, where it lies, and whether it was named itself rather than found in a folder.

    sha256      of a file that is done again from its kept copy
    is_reading  what is kept is no export any more but what was read from it, without a person who is forgotten
    """

    label: str
    path: Path
    is_named: bool
    sha256: str = ""
    is_reading: bool = False


@dataclass(frozen=True)
class Paper:
    """A file on its way through: what the reader made of it, and its reports by source (by None while no source is known)."""

    prepared: PreparedFile
    reports: dict[str | None, FileReport]
    sha256: str
    is_reading: bool = False

    @property
    def may_enter(self) -> bool:
        """Whether its rows can be merged: they were read, whatever an admin has still to say of them."""
        return bool(self.prepared.parts) and self.prepared.status in ("ready", "held")


@dataclass(frozen=True)
class Job:
    """What one load works with. `now` and `exported_at` are UTC without a zone."""

    home: Path
    settings: Settings
    load_id: int
    now: datetime
    user: str
    exported_at: datetime | None
    accept: bool
    progress: Progress
    limits: Limits = COMMAND
    folder: Path | None = None  # where mappings and rates lie, if not in the home
    snapshot: int = 0  # number of the snapshot to publish, if not that of the load
    forgotten: tuple[Forgotten, ...] = ()  # whom no file may bring back
    clock: datetime | None = None  # what the machine's clock said, if `now` may not be that
    window: tuple[date, date] | None = None  # the first and last day the exports cover, where somebody said so

    @property
    def desk(self) -> Path:
        """The folder of the mappings and rates to read with."""
        return self.folder or self.home

    @property
    def number(self) -> int:
        """The number of the snapshot this publishes."""
        return self.snapshot or self.load_id

    @property
    def today(self) -> date:
        """The day of receipt in company time."""
        return self.now.replace(tzinfo=UTC).astimezone(ZoneInfo(self.settings.time_zone)).date()


def gather(paths: Iterable[Path]) -> Iterator[Incoming]:
    """The files of a command: those named, and those directly in a folder named, in order of name; each file once.

    Raises PathUnreadable for a folder that cannot be looked into.
    """
    seen: set[Path] = set()
    labels: set[str] = set()
    for path in paths:
        with _theirs(path):
            found = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
        for file in found:
            if file.resolve() not in seen:
                label = file.name if file.name not in labels else f"{file.resolve().parent.name}/{file.name}"
                seen.add(file.resolve())
                labels.add(label)
                yield Incoming(label, file, is_named=not path.is_dir())


def size_of(one: Incoming) -> int:
    """Its bytes, as far as anybody can say before it is read."""
    with suppress(OSError):
        return one.path.stat().st_size
    return 0


@contextmanager
def workroom(home: Path) -> Iterator[Path]:
    """A private folder for files on their way, gone at the end, as is what an earlier load may have left. Only under the lock.

    It has a name of its own: a reader of a load that was killed may live on for an instant and write to the old place.
    """
    for left in home.glob("reading*"):
        shutil.rmtree(left, ignore_errors=True)
    room = Path(tempfile.mkdtemp(prefix="reading-", dir=home))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


@dataclass(frozen=True)
class Copy:
    """Our own copy of a file, made before anything reads it, and the hash of its bytes."""

    path: Path
    sha256: str


def receive(job: Job, incoming: Sequence[Incoming], room: Path) -> list[Paper]:
    """Copy, read and check every file by itself, each in a process of its own. Raises ConfigError for a broken mapping or rate file.

    room  holds the copies and the accepted rows; they must stay until the rows are merged
    """
    mappings = read_mappings(job.desk / "mappings")
    day = max(job.today, job.settings.as_of or job.today)
    settings = job.settings
    terms = Terms(settings.time_zone, settings.currency, day, rates(job.desk), mappings, settings.keep_personal_data)
    copies = [_copied(one.path, room / f"{number}.raw") for number, one in enumerate(incoming)]
    everything = {one.label: copy.path for one, copy in zip(incoming, copies, strict=True)}

    def read(number: int) -> PreparedFile:
        one = incoming[number]
        if one.label.rsplit("/", 1)[-1].startswith(_PASSED_OVER):
            return PreparedFile(one.label, "ignored")
        if one.is_reading:
            return unpack(copies[number].path, one.label, room / str(number))
        others = {label: path for label, path in everything.items() if label != one.label}
        return read_apart(copies[number].path, one.label, terms, others, room / str(number), job.limits, copies[number].sha256)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        readings = [pool.submit(read, number) for number in range(len(incoming))]
        for done, _ in enumerate(as_completed(readings)):
            job.progress(0.45 * done / len(incoming), "load.step.read")
    files = [reading.result() for reading in readings]
    hidden = withhold(job.forgotten, files, [copy.path for copy in copies], room) if job.forgotten else {}
    return [
        _paper(job, one, copies[number], hidden.get(number, files[number]), mappings, is_hidden=number in hidden)
        for number, one in enumerate(incoming)
    ]


def _copied(file: Path, target: Path) -> Copy:
    """The bytes of a file as they are now, whatever happens to it later. Raises PathUnreadable for one that cannot be read."""
    digest = hashlib.sha256()
    with _theirs(file):
        source = file.open("rb")
    with source, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        while block := _block(source, file):
            digest.update(block)
            copy.write(block)
    return Copy(target, digest.hexdigest())


def _block(source: BinaryIO, file: Path) -> bytes:
    with _theirs(file):
        return source.read(_BLOCK)


@contextmanager
def _theirs(path: Path) -> Iterator[None]:
    """A file or folder of the user's that cannot be read is named as such: it is not our disk that fails."""
    try:
        yield
    except OSError as error:
        raise PathUnreadable("file_unreadable", file=path.name, reason=error.strerror or str(error)) from error


def _paper(job: Job, one: Incoming, copy: Copy, file: PreparedFile, mappings: Sequence[Mapping], *, is_hidden: bool) -> Paper:
    """The file with its first verdict, and its bytes kept if they may count; of a hidden one, what was read without the person."""
    reports: dict[str | None, FileReport] = {part.source: FileReport(one.label, part.source) for part in file.parts}
    reports = reports or {None: FileReport(one.label, _only_source(file))}
    remarks = list(file.findings)
    verdict = _VERDICTS.get(file.status, file.status)
    if verdict == "ignored" and one.is_named and not any(m.joins(one.label) for m in mappings):
        verdict = "rejected"
        remarks.append(Finding("unrecognised", "reject"))
    if verdict == "held" and job.accept and file.parts:
        verdict = "loaded"
    if one.label == SETTINGS_FILE:
        remarks.append(Finding("settings_here", "info"))
    for remark in remarks:
        reports.get(remark.source, next(iter(reports.values()))).findings.append(remark)
    for part in file.parts:
        reports[part.source].findings += part.findings
    for report in reports.values():
        report.status = verdict
    counts = verdict in ("loaded", "held") or any(m.joins(one.label) for m in mappings)
    if not counts or one.sha256 or (is_hidden and not file.parts):
        return Paper(file, reports, one.sha256, one.is_reading)
    if is_hidden:
        return Paper(file, reports, store.keep_raw(job.home, pack(copy.path.with_suffix(""))), True)
    return Paper(file, reports, store.adopt_raw(job.home, copy.path, copy.sha256))


def _only_source(file: PreparedFile) -> str | None:
    """What a file without usable rows was taken for, if its remarks agree."""
    sources = {f.source for f in file.findings if f.source}
    return sources.pop() if len(sources) == 1 else None
