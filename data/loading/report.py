"""What a load did, file by file: the account, the remarks, and the shape in which both are printed and kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from data.errors import Finding
from data.loading.merge import OUTCOMES, Account

GRAVEST_FIRST = ("reject", "hold", "error", "warning", "info")
STATUSES = ("ignored", "loaded", "held", "rejected")  # from best to worst


class Text(Protocol):
    """Words of one language by message id."""

    def __call__(self, key: str, /, **params: Any) -> str: ...
    def __contains__(self, key: str) -> bool: ...


@dataclass
class FileReport:
    """One file as one source; a file that feeds several sources has several."""

    file: str
    source: str | None = None
    status: str = "loaded"
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("read", *OUTCOMES), 0))
    deleted: int = 0
    first: date | None = None  # load dates of the rows that were read
    last: date | None = None
    sums: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, account: Account) -> None:
        """Count one more sheet of this file."""
        for name, count in (account.rows | {"read": account.read}).items():
            self.rows[name] += count
        self.deleted += account.deleted
        self.first = min(filter(None, (self.first, account.first)), default=None)
        self.last = max(filter(None, (self.last, account.last)), default=None)
        for column, amounts in account.sums.items():
            known = self.sums.setdefault(column, dict.fromkeys(amounts, Decimal(0)))
            for name, amount in amounts.items():
                known[name] += amount

    def worsen(self, status: str) -> None:
        """Take a status if it is worse than the present one."""
        self.status = max(self.status, status, key=STATUSES.index)

    def as_dict(self, text: Text | None) -> dict[str, Any]:
        """The file as plain values; without `text`, messages stay rule and parameters."""
        counts = {"file": self.file, "source": self.source, "status": self.status, **self.rows}
        if text is None:
            dates = {name: str(day) if day else None for name, day in (("first_date", self.first), ("last_date", self.last))}
            counts = {**counts, "deleted": self.deleted, **dates}
        return counts | {"sums": self.sums, "findings": [_finding(f, text) for f in self.findings]}

    @classmethod
    def of_record(cls, told: dict[str, Any]) -> FileReport:
        """The file as a record keeps it."""
        made = cls(told["file"], told["source"], told["status"], {name: told[name] for name in ("read", *OUTCOMES)}, told.get("deleted", 0))
        made.sums = {column: {k: Decimal(v) for k, v in sums.items()} for column, sums in told["sums"].items()}
        made.first, made.last = (date.fromisoformat(told[at]) if told.get(at) else None for at in ("first_date", "last_date"))
        for one in told["findings"]:
            place = {name: one[name] for name in ("sheet", "row", "column", "value")}
            params = tuple(one.get("params", {}).items())
            made.findings.append(Finding(one["rule"], one["severity"], told["source"], **place, params=params))
        return made


@dataclass
class Report:
    """One load: its number, its outcome, and every file it was given."""

    load_id: int
    started_at: datetime  # UTC
    user: str
    files: list[FileReport] = field(default_factory=list)
    as_of: date | None = None
    published: bool = False
    restated: list[dict[str, Any]] = field(default_factory=list)  # closed months that changed: period, kpi, before, after, change

    @property
    def status(self) -> str:
        """The worst file's status; a command in which no file was an export is rejected."""
        worst = max((f.status for f in self.files), key=STATUSES.index, default="ignored")
        return "rejected" if worst == "ignored" else worst

    def as_dict(self, text: Text | None = None) -> dict[str, Any]:
        """The shape `data load --json` prints: load_id, status, files, restated."""
        files = [f.as_dict(text) for f in self.files]
        return {"load_id": self.load_id, "status": self.status, "files": files, "restated": self.restated}

    def record(self, head: dict[str, Any]) -> str:
        """What loads/<id>.json keeps, as JSON."""
        told = {"as_of": str(self.as_of) if self.as_of else None, "published": self.published}
        return to_json(head | self.as_dict() | told)

    @classmethod
    def of_record(cls, told: dict[str, Any]) -> Report:
        """The report of a load as its record keeps it."""
        files = [FileReport.of_record(file) for file in told.get("files", ())]
        as_of = date.fromisoformat(told["as_of"]) if told.get("as_of") else None
        started = datetime.fromisoformat(told["started_at"])
        changes = list(told.get("restated", ()))
        return cls(int(told["load_id"]), started, str(told["user"]), files, as_of, bool(told.get("published")), changes)


def message(finding: Finding, text: Text) -> str:
    """The finding in the reader's language."""
    place = {"source": finding.source, "sheet": finding.sheet, "row": finding.row, "column": finding.column, "value": finding.value}
    place |= {"allowed": "…"}  # which remarks kept from earlier loads do not know
    return text(f"finding.{finding.rule}", **(place | {name: _worded(finding.rule, name, told, text) for name, told in finding.params}))


_CODES = {"kind": "pages.doc_type_", "member": "pages.source_", "sources": "pages.source_", "rule": "pages_data.rule_"}
_COLUMNS = ("wanted", "field", "options")


def _worded(rule: str, name: str, told: str, text: Text) -> str:
    """A parameter that is one of our codes in the reader's words; a column of ours with its own name behind: Customer ID (customer_id)."""
    if name in _CODES:
        return ", ".join(text(_CODES[name] + one) if _CODES[name] + one in text else one for one in told.split(", "))
    if name in _COLUMNS and rule != "scale_unconfirmed":  # which says what to write in a mapping file
        return re.sub(r"[a-z_]+", lambda one: _with_words(one.group(), text), told)
    return told


def _with_words(column: str, text: Text) -> str:
    key = f"pages_data.field_{column}"
    return f"{text(key)} ({column})" if key in text else column


def to_json(value: Any) -> str:
    """JSON in which a Decimal is a number with all its digits."""
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {to_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(to_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def exact(amount: Decimal) -> str:
    """All significant digits of an amount, at least two after the point."""
    whole, _, fraction = format(amount, "f").partition(".")
    return f"{whole}.{fraction.rstrip('0'):0<2}"


def grouped(amount: Decimal) -> str:
    """The same for people: 1,234.50."""
    whole, _, fraction = exact(amount).partition(".")
    return f"{int(whole):,}.{fraction}" if int(whole) else f"{whole}.{fraction}"


def _finding(finding: Finding, text: Text | None) -> dict[str, Any]:
    place = {"sheet": finding.sheet, "row": finding.row, "column": finding.column, "value": finding.value, "rule": finding.rule}
    if text is None:
        return place | {"severity": finding.severity, "params": dict(finding.params)}
    return place | {"message": message(finding, text)}
