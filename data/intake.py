"""The files of one command, before they meet the warehouse: gathered, kept, read and given a first verdict each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from data import store
from data.config import SETTINGS_FILE, Settings, rates
from data.errors import Finding
from data.mapping import Mapping, read_mappings
from data.prepare import PreparedFile, prepare
from data.report import FileReport

Progress = Callable[[float, str], None]  # share done, message id of the step
_PASSED_OVER = (".", "~$")  # hidden files, and the lock files a spreadsheet leaves while a workbook is open
_VERDICTS = {"ready": "loaded"}


@dataclass(frozen=True)
class Incoming:
    """One file of the command: its label, its bytes, and whether it was named itself rather than found in a folder."""

    label: str
    data: bytes
    is_named: bool


@dataclass(frozen=True)
class Paper:
    """A file on its way through: what the reader made of it, and its reports by source (by None while no source is known)."""

    prepared: PreparedFile
    reports: dict[str | None, FileReport]
    sha256: str

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

    @property
    def today(self) -> date:
        """The day of receipt in company time."""
        return self.now.replace(tzinfo=UTC).astimezone(ZoneInfo(self.settings.time_zone)).date()


def gather(paths: Iterable[Path]) -> Iterator[Incoming]:
    """The files of a command: those named, and those directly in a folder named, in order of name; each file once.

    Raises OSError for a path that is not there.
    """
    seen: set[Path] = set()
    labels: set[str] = set()
    for path in paths:
        for file in sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]:
            if file.resolve() not in seen:
                label = file.name if file.name not in labels else f"{file.resolve().parent.name}/{file.name}"
                seen.add(file.resolve())
                labels.add(label)
                yield Incoming(label, file.read_bytes(), is_named=not path.is_dir())


def receive(job: Job, incoming: Sequence[Incoming]) -> list[Paper]:
    """Read and check every file by itself. Raises ConfigError for a broken mapping or rate file."""
    mappings, rate_table = read_mappings(job.home / "mappings"), rates(job.home)
    everything = {i.label: i.data for i in incoming}
    papers = []
    for number, one in enumerate(incoming):
        job.progress(0.45 * number / len(incoming), "load.step.read")
        if one.label.rsplit("/", 1)[-1].startswith(_PASSED_OVER):
            file = PreparedFile(one.label, "ignored")
        else:
            file = prepare(
                one.data,
                one.label,
                time_zone=job.settings.time_zone,
                currency=job.settings.currency,
                received_on=max(job.today, job.settings.as_of or job.today),
                rates=rate_table,
                mappings=mappings,
                others={label: data for label, data in everything.items() if label != one.label},
            )
        papers.append(_paper(job, one, file, mappings))
    return papers


def _paper(job: Job, one: Incoming, file: PreparedFile, mappings: Sequence[Mapping]) -> Paper:
    """The file with its first verdict, and its bytes kept if they may count."""
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
    return Paper(file, reports, store.keep_raw(job.home, one.data) if verdict in ("loaded", "held") else "")


def _only_source(file: PreparedFile) -> str | None:
    """What a file without usable rows was taken for, if its remarks agree."""
    sources = {f.source for f in file.findings if f.source}
    return sources.pop() if len(sources) == 1 else None
