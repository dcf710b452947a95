"""Files that came through the page and are not published yet: staged privately, read in a child, shown, then loaded or dropped.

A draft is a folder drafts/<process>-<random> in the home, 0700, its files numbered and 0600; the user's name of a file is only a
label. Whatever changes data asks for the scope of whoever asks, here and not only on the page.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from data.access import Scope, keeper
from data.config import Settings, rates
from data.errors import Finding, shown
from data.keeping import audit, disk, recovery, store
from data.loading import load as loading
from data.loading import merge
from data.loading.intake import Incoming, Progress
from data.loading.report import FileReport, Report
from data.reading.glance import Glimpse, Look, glance
from data.reading.handover import Terms, read_apart
from data.reading.limits import PAGE, Limits
from data.reading.mapping import Mapping, read_mappings
from data.reading.parcel import Parcel
from data.reading.prepare import Prepared, PreparedFile

FOLDER = "drafts"
PREVIEWED = 50
_IDLE = 8 * 3600  # seconds after which a draft is nobody's
_KINDS = ("read", "accepted", "quarantined", "skipped")


@dataclass(frozen=True)
class Upload:
    """One staged file: the user's name for it, and where its bytes lie."""

    label: str
    path: Path


@dataclass(frozen=True)
class Checked:
    """What was made of a staged file: how it looks, what became of its rows, the mappings that read it."""

    upload: Upload
    look: Look
    prepared: PreparedFile
    mappings: tuple[Mapping, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """Every remark, about the file first."""
        return [*self.prepared.findings, *(f for part in self.prepared.parts for f in part.findings)]

    @property
    def blocking(self) -> list[Finding]:
        """What keeps the file out: remarks that reject it, and those that hold it before any row could be read."""
        stops = ("reject",) if self.prepared.parts else ("reject", "hold")
        return [f for f in self.findings if f.severity in stops]

    @property
    def may_load(self) -> bool:
        """Whether its rows can be loaded, be it to be held."""
        return bool(self.prepared.parts) and not self.blocking

    @property
    def verdict(self) -> str:
        """ready · held · question (a setting would let it in) · rejected · ignored"""
        if self.may_load:
            return "held" if self.holds else "ready"
        if any(f.rule in QUESTIONS for f in self.blocking):
            return "question"
        return "rejected" if self.blocking else "ignored"

    @property
    def holds(self) -> list[Finding]:
        """What an admin must say yes to."""
        found = [f for f in self.findings if f.severity == "hold"]
        for part in self.prepared.parts:
            aside = part.quarantined.height
            if aside * 2 > part.read or merge.too_many(aside, part.read):
                found.append(Finding("many_quarantined", "hold", part.source, part.sheet, params=_params(count=aside, read=part.read)))
        return found


# what an answer of an admin, kept as a mapping, can settle
QUESTIONS = (
    "ambiguous_header", "ambiguous_source", "missing_column", "missing_column_suggest", "two_columns", "scale_unconfirmed",
    "date_order_unknown", "decimal_unknown", "mapped_header_missing", "no_header", "unrecognised",
)  # fmt: skip


@dataclass
class Draft:
    """The staged files of one visit to the page."""

    home: Path
    folder: Path
    uploads: list[Upload] = field(default_factory=list)
    rounds: int = 0


@disk.in_words()
def stage(home: Path, scope: Scope, files: Sequence[tuple[str, bytes]]) -> Draft:
    """Put files (name, bytes) into a new private draft. Raises NotAllowed, PublishFailed or DiskFailed on a full disk."""
    keeper(scope)
    store.prepare_home(home)
    sweep(home)
    store.need_space(home, sum(len(data) for _, data in files))
    folder = home / FOLDER / f"{os.getpid()}-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    draft = Draft(home, folder)
    for number, (name, data) in enumerate(files):
        path = folder / f"{number:03d}.raw"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        draft.uploads.append(Upload(_label(name, [u.label for u in draft.uploads]), path))
    audit.note(home, scope, "upload", files=len(draft.uploads))
    return draft


def _label(name: str, taken: Sequence[str]) -> str:
    """The user's name of a file without any folder; a second one of that name is numbered."""
    label = shown(name.replace("\\", "/").rsplit("/", 1)[-1].strip()) or "?"
    return label if label not in taken else f"{len(taken) + 1}/{label}"


def sweep(home: Path) -> list[str]:
    """Remove drafts that nobody can come back to: of a process that is gone, or idle for hours. Returns their names."""
    (home / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    removed = []
    for folder in (home / FOLDER).iterdir():
        with suppress(OSError):
            if not _is_alive(folder.name.partition("-")[0]) or time.time() - folder.stat().st_mtime > _IDLE:
                shutil.rmtree(folder, ignore_errors=True)
                removed.append(folder.name)
    return removed


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def discard(draft: Draft) -> None:
    """Remove a draft with everything that was read from it."""
    shutil.rmtree(draft.folder, ignore_errors=True)


@disk.in_words()
def check(draft: Draft, scope: Scope, progress: Progress = loading.silent, limits: Limits = PAGE) -> list[Checked]:
    """Read every staged file in a child, with the mappings of this moment. Publishes nothing. Raises NotAllowed, ConfigError."""
    keeper(scope)
    settings, mappings = Settings.read(draft.home), read_mappings(draft.home / "mappings")
    today = datetime.now(UTC).astimezone(ZoneInfo(settings.time_zone)).date()
    day = max(today, settings.as_of or today)
    terms = Terms(settings.time_zone, settings.currency, day, rates(draft.home), mappings, settings.keep_personal_data)
    draft.rounds += 1
    os.utime(draft.folder)
    done = []
    for number, upload in enumerate(draft.uploads):
        progress(number / len(draft.uploads), "load.step.read")
        done.append(_checked(draft, number, upload, terms, limits))
    for folder in draft.folder.glob("[lr]*-*-*"):  # what earlier rounds read
        if not folder.name.endswith(f"-{draft.rounds}"):
            shutil.rmtree(folder, ignore_errors=True)
    return done


def _checked(draft: Draft, number: int, upload: Upload, terms: Terms, limits: Limits) -> Checked:
    mine = tuple(m for m in terms.mappings if m.reads(upload.label))
    others = {u.label: u.path for u in draft.uploads if u is not upload}
    prepared = read_apart(upload.path, upload.label, terms, others, draft.folder / f"read-{number:03d}-{draft.rounds}", limits)
    if prepared.status == "ignored" and not any(m.joins(upload.label) for m in terms.mappings):
        prepared = replace(prepared, findings=(Finding("unrecognised", "reject"),))
    folder = draft.folder / f"look-{number:03d}-{draft.rounds}"
    seen = glance(upload.path, upload.label, folder, mine, limits, keep_personal=terms.keep_personal)
    return Checked(upload, seen, prepared, mine)


def preview(part: Prepared, rows: int = PREVIEWED) -> pl.DataFrame:
    """The first accepted rows, typed, with the columns that hold anything; `_row` is the row of the file."""
    accepted = part.accepted
    if isinstance(accepted, Parcel):
        frame = accepted.rows().head(rows).collect() if accepted.files else pl.DataFrame()
    else:
        frame = accepted.head(rows)
    return frame.select(c for c in frame.columns if frame[c].null_count() < frame.height)


def account(part: Prepared) -> dict[str, dict[str, Decimal | int]]:
    """Where every row went ("rows"), and for each amount column its sum, to the cent: read = accepted + quarantined + skipped."""
    sums: dict[str, dict[str, Decimal | int]] = {
        "rows": {"read": part.read, "accepted": part.accepted.height, "quarantined": part.quarantined.height, "skipped": part.skipped}
    }
    for column, told in part.amounts.items():
        accepted = told["read"] - told["quarantined"] - told["skipped"]
        sums[column] = dict(zip(_KINDS, (told["read"], accepted, told["quarantined"], told["skipped"]), strict=True))
    return sums


def dates(part: Prepared) -> tuple[date, date] | None:
    """The first and last load date of the accepted rows; None for lists without one."""
    accepted = part.accepted
    if not part.window_on or not accepted.height:
        return None
    frame = accepted.rows() if isinstance(accepted, Parcel) else accepted.lazy()
    day = pl.coalesce(pl.col(part.window_on).cast(pl.Date))
    first, last = frame.select(day.min().alias("first"), day.max().alias("last")).collect().row(0)
    return (first, last) if first else None


def remarks(checked: Sequence[Checked]) -> Report:
    """All remarks on staged files in the shape of a load's report, for the list of all of them."""
    return Report(0, datetime.now(UTC).replace(tzinfo=None), "", [FileReport(c.upload.label, findings=[*c.findings]) for c in checked])


def publish(
    draft: Draft,
    scope: Scope,
    labels: Collection[str],
    *,
    progress: Progress = loading.silent,
    waiting: Callable[[str], None] | None = None,
    exported_at: datetime | None = None,
) -> Report:
    """Load the staged files of these labels as one load, with the limits of the page. Raises NotAllowed, HomeBusy, PublishFailed.

    exported_at   when the exports were made, company time; an older export never overwrites a newer one
    """
    keeper(scope)
    with store.locked(draft.home, scope.user, waiting):
        job = replace(recovery.start(draft.home, scope.user, progress), limits=PAGE)
        if exported_at:
            zoned = exported_at.replace(tzinfo=ZoneInfo(job.settings.time_zone))
            job = replace(job, exported_at=zoned.astimezone(UTC).replace(tzinfo=None))
        report = loading.enter(job, [Incoming(u.label, u.path, is_named=True) for u in draft.uploads if u.label in labels])
    audit.note(draft.home, scope, "publish" if report.published else "load", load=report.load_id, status=report.status)
    return report


def glimpse_of(checked: Checked, sheet: str | None) -> Glimpse | None:
    """How one sheet of a file looks."""
    return next((one for one in checked.look.sheets if one.sheet == sheet), None)


def _params(**values: object) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in values.items())
