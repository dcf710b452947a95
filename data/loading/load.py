"""Loading: exports in, a new snapshot out, or nothing at all and the reasons.

receive (each file by itself) → merge into a private copy → build → audit → publish. One command is one load: every file
enters, or none does. What every file brought is reported in either case.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from data import sample
from data.config import SETTINGS_FILE, Settings
from data.contracts import SOURCES
from data.errors import Finding
from data.keeping import forgotten, history, store
from data.keeping.history import Step
from data.loading import ledger, locked, members, merge, recipe, records, workshop
from data.loading.intake import Incoming, Job, Paper, Progress, gather, receive, size_of, workroom
from data.loading.ledger import Entry
from data.loading.report import Report
from data.loading.statements import Export, Sheet
from data.reading.limits import COMMAND, Limits

SAMPLE = "sample-exports"
CLOCKS_DIFFER = timedelta(minutes=10)  # of two machines with one home
Check = Callable[[duckdb.DuckDBPyConnection], None]


def silent(_share: float, _step: str) -> None:
    """Progress nobody watches."""


def merge_as_it_is(_con: duckdb.DuckDBPyConnection) -> None:
    """Nothing more to ask of the merged rows."""


def load(
    home: Path,
    paths: Sequence[Path],
    *,
    exported_at: datetime | None = None,
    window: tuple[date, date] | None = None,
    as_of: date | None = None,
    user: str = "owner",
    accept: bool = False,
    progress: Progress = silent,
    waiting: Callable[[str], None] | None = None,
    now: datetime | None = None,
    limits: Limits = COMMAND,
) -> Report:
    """Load files and the files of folders into a home and publish; nothing is published unless every file may enter.

    exported_at  when the exports were made; without a zone it is company time
    window       the first and last day that exports with a window cover, where that is not from their first row to their last
    as_of        the date of the data, instead of the latest thing that happened
    accept       publish although files are held
    waiting      called with the holder's line if another load runs; this one then waits
    now          the instant of receipt with its zone, for tests
    limits       how much each file may ask of us: limits.PAGE for what comes through the page
    Raises ConfigError, PathUnreadable, store.HomeBusy, store.PublishFailed, disk.DiskFailed,
    SnapshotDamaged.
    """
    with store.locked(home, user, waiting):
        settings = Settings.read(home)
        settings = replace(settings, as_of=as_of) if as_of else settings
        clock = _utc(now or datetime.now(UTC), settings)
        received = max(clock, history.last_receipt(home))
        stated = _utc(exported_at, settings) if exported_at else None
        store.clean(home)
        number = store.next_load_id(home)
        job = Job(home, settings, number, received, user, stated, accept, progress, limits, clock=clock, window=window)
        return _load(job, paths)


def first_run(home: Path, progress: Progress = silent) -> None:
    """Write the sample company's exports into an empty home, load them and publish. Does nothing once anything was published.

    Raises store.PublishFailed if the sample cannot be loaded.
    """
    with store.locked(home, "first run"):
        if store.named(home) or store.current(home):
            return
        store.clean(home)
        sample.write(home / SAMPLE, lambda done, steps: progress(0.3 * done / steps, "load.step.sample"))
        if not (home / SETTINGS_FILE).exists():
            shutil.copyfile(home / SAMPLE / SETTINGS_FILE, home / SETTINGS_FILE)
        settings, now = Settings.read(home), _utc(datetime.now(UTC), Settings())
        job = Job(home, settings, store.next_load_id(home), now, "first run", None, False, lambda s, step: progress(0.3 + 0.7 * s, step))
        report = _load(job, [home / SAMPLE])
    if not report.published:
        raise store.PublishFailed("sample_failed", status=report.status, load=report.load_id)


def _load(job: Job, paths: Sequence[Path]) -> Report:
    """The load itself, under the lock."""
    return enter(job, list(gather(paths)))


def enter(job: Job, incoming: Sequence[Incoming], check: Check = merge_as_it_is) -> Report:
    """Read files and bring them in as one load; what was not published is kept with its recipe, to be accepted later.

    check  what must hold once the rows are merged; it raises what stops the load
    """
    store.base(job.home)
    store.need_space(job.home, sum(map(size_of, incoming)))
    job = replace(job, forgotten=forgotten.known(job.home))
    with workroom(job.home) as room:
        papers = receive(job, incoming, room)
        report = Report(job.load_id, job.now, job.user, [r for p in papers for r in p.reports.values()])
        _doubt_the_clock(job, report)
        made_from = recipe.plain(recipe.of(job, incoming, papers))
        if any(p.may_enter for p in papers):
            _into_copy(job, papers, report, made_from, check)
    if not report.published:
        _name_the_obstacles(report)
        if not job.snapshot:  # of a held load that could not be accepted the first record stays
            head = workshop.heading(job, "load", None) | {"recipe": made_from}
            store.write_json(records.path_of(job.home, job.load_id), report.record(head))
    job.progress(1.0, "load.step.done")
    return report


def _into_copy(job: Job, papers: Sequence[Paper], report: Report, made_from: dict[str, Any], check: Check) -> None:
    """Merge into a private copy of the warehouse; publish it if every file may enter and anything is new."""
    with workshop.private_copy(job) as bench:
        con = bench.con
        job.progress(0.45, "load.step.merge")
        con.execute("begin")
        entries, is_new = _merge(con, job, papers)
        if report.status != "loaded" or not (is_new or ledger.built_with(con) != ledger.chosen(job.settings)):
            con.execute("rollback")
            return
        check(con)
        ledger.enter(con, job.load_id, entries)
        step = Step(job.number, job.load_id, "load", made_from)
        history.note(con, step)
        con.execute("commit")
        try:
            workshop.finish(bench, job)
        except workshop.AuditFailed as failed:
            _reject(report, failed.params["audits"])
            return
        report.as_of, report.restated, report.published = bench.as_of, bench.changes, True
        workshop.publish(bench, job, report.record(workshop.heading(job, "load", step, bench)))


def again(con: duckdb.DuckDBPyConnection, job: Job, incoming: Sequence[Incoming]) -> Report:
    """Do a recorded load again in an open warehouse, without building or publishing. The report says whether it went as it did then."""
    with workroom(job.home) as room:
        papers = receive(job, incoming, room)
        report = Report(job.load_id, job.now, job.user, [r for p in papers for r in p.reports.values()])
        if any(p.may_enter for p in papers):
            con.execute("begin")
            entries, _ = _merge(con, job, papers)
            ledger.enter(con, job.load_id, entries)
            con.execute("commit")
    return report


def _merge(con: duckdb.DuckDBPyConnection, job: Job, papers: Sequence[Paper]) -> tuple[list[Entry], bool]:
    """Bring every readable file into the stored rows and give the second verdict: the books' entries, and whether anything is new."""
    ledger.open_load(con, job.load_id, job.now, job.exported_at, job.user)
    owners, is_new = _number(con, job, [p for p in papers if p.may_enter])
    exports = _exports(job, [sheet for sheet, _ in owners])
    for export in exports:
        merge.stage(con, export)
    remarks = _people(con, job, exports)
    accounts: dict[int, merge.Account] = {}
    for export in exports:
        business_date = job.settings.as_of or ledger.latest_business_date(con, job.settings.time_zone) or job.today
        merged = merge.merge(con, export, business_date)
        accounts |= merged.accounts
        remarks += [(file_id, finding) for file_id, found in merged.findings.items() for finding in found]
        is_new = is_new or merged.changed
    for export in exports:
        remarks += members.unknown_members(con, export.contract.name)
    return [_settle(job, sheet, paper, accounts[sheet.file_id], remarks) for sheet, paper in owners], is_new


def _number(con: duckdb.DuckDBPyConnection, job: Job, papers: Sequence[Paper]) -> tuple[list[tuple[Sheet, Paper]], bool]:
    """Every sheet with its number and age, and whether any file of the command was never loaded before."""
    number, sheets, is_new = ledger.next_file_id(con), [], False
    for paper in papers:
        for part in paper.prepared.parts:
            known = ledger.known_age(con, paper.prepared.fingerprint, part.source)
            is_new = is_new or known is None
            age = job.exported_at or known or _named_age(job, paper.prepared.exported_on) or job.now
            sheets.append((Sheet(number, part, age, paper.prepared.fingerprint), paper))
            number += 1
    return sheets, is_new


def _named_age(job: Job, day: date | None) -> datetime | None:
    """The end of the day a file name gives, but never after its receipt."""
    return min(job.now, _utc(datetime.combine(day, time(23, 59, 59)), job.settings)) if day else None


def _exports(job: Job, sheets: Sequence[Sheet]) -> list[Export]:
    """The sheets by source; complete lists come last, because what changed in them is dated by the facts of the same load."""
    by_source: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        by_source.setdefault(sheet.part.source, []).append(sheet)
    settings = job.settings
    exports = [
        Export(
            SOURCES[source], tuple(group), job.load_id, settings.locked_until,
            locked.counted_on(SOURCES[source], settings.revenue_date), job.window,
        )
        for source, group in by_source.items()
    ]  # fmt: skip
    return sorted(exports, key=lambda export: export.mode == "snapshot")


def _people(con: duckdb.DuckDBPyConnection, job: Job, exports: Sequence[Export]) -> list[tuple[int, Finding]]:
    """Turn people given by name into ids in all staged rows."""
    sources = [export.contract.name for export in exports]
    members.gather_people(con, staged="reps" in sources)
    return [remark for source in sources for remark in members.resolve_people(con, source, job.today)]


def _settle(job: Job, sheet: Sheet, paper: Paper, account: merge.Account, remarks: Sequence[tuple[int, Finding]]) -> Entry:
    """Enter a sheet's account into its file's report, and hold or reject the file where a rule says so."""
    report = paper.reports[sheet.part.source]
    found = [_placed(finding, sheet) for file_id, finding in remarks if file_id == sheet.file_id]
    found += _rules(account, sheet)
    report.add(account)
    report.findings += found
    if any(f.severity == "hold" for f in (*sheet.part.findings, *found)) and not job.accept:
        report.worsen("held")
    if not account.balances():
        report.worsen("rejected")
    about_file = [f for f in paper.prepared.findings if f.source in (None, sheet.part.source)]
    return Entry(sheet, report.file, paper.sha256, account, [*about_file, *sheet.part.findings, *found])


def _placed(finding: Finding, sheet: Sheet) -> Finding:
    """A remark made on stored rows with the sheet they came from and the header as it is written there."""
    return replace(finding, sheet=sheet.part.sheet, column=sheet.part.headers.get(finding.column or "", finding.column))


def _rules(account: merge.Account, sheet: Sheet) -> list[Finding]:
    """What holds a sheet of which too many rows are unusable, and rejects one whose account does not add up."""
    source, aside, found = sheet.part.source, account.rows["quarantined"], []
    if aside * 2 > account.read or merge.too_many(aside, account.read):
        params = (("count", str(aside)), ("read", str(account.read)))
        found.append(Finding("many_quarantined", "hold", source, sheet.part.sheet, params=params))
    if not account.balances():
        found.append(Finding("unbalanced", "reject", source, sheet.part.sheet))
    return found


def _reject(report: Report, audits: str) -> None:
    """Turn down a load whose result breaks an accounting identity."""
    for file in report.files:
        if file.status != "ignored":
            file.worsen("rejected")
            file.findings.append(Finding("audit_failed", "reject", file.source, params=(("audits", audits),)))


def _doubt_the_clock(job: Job, report: Report) -> None:
    """Say so when the machine's clock stands before the last load, which then dates this one."""
    if job.clock and job.now - job.clock > CLOCKS_DIFFER:
        told = (("clock", f"{job.clock:%Y-%m-%d %H:%M}"), ("last", f"{job.now:%Y-%m-%d %H:%M}"))
        for file in report.files:
            file.findings.append(Finding("clock_behind", "warning", file.source, params=told))


def _name_the_obstacles(report: Report) -> None:
    """Files that could enter wait for those that cannot: say which ones to leave out."""
    culprits = sorted({f.file for f in report.files if f.status in ("held", "rejected")})
    if culprits:
        for file in report.files:
            if file.status == "loaded":
                file.worsen("held")
                file.findings.append(Finding("waits_for", "info", file.source, params=(("files", ", ".join(culprits)),)))


def _utc(moment: datetime, settings: Settings) -> datetime:
    """An instant as UTC without a zone; without one it is in company time."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.time_zone))
    return zoned.astimezone(UTC).replace(tzinfo=None)
