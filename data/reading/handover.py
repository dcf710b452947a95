"""A prepared file as plain files in a folder, so that what a child read can be taken over without running anything of it.

`read_apart` is the parent's side: it has one file read in a child and takes the result over. Run as a program, this is the
nursery of those children.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from data.config import RATES
from data.contracts import SOURCES
from data.errors import Finding
from data.reading import sandbox
from data.reading.glance import look
from data.reading.limits import Limits
from data.reading.mapping import Mapping
from data.reading.parcel import Parcel, put_down, told_once
from data.reading.prepare import Prepared, PreparedFile, prepare
from data.reading.regular import bytes_of

_RESULT, _LONGEST = "result.json", 64 * 2**20


@dataclass(frozen=True)
class Terms:
    """What the company says about every file, and the mappings it keeps."""

    time_zone: str
    currency: str
    received_on: date
    rates: pl.DataFrame
    mappings: Sequence[Mapping]
    keep_personal: bool = False


def read_apart(
    file: Path, label: str, terms: Terms, others: Dictionary[str, Path], folder: Path, limits: Limits, digest: str = ""
) -> PreparedFile:
    """Prepare one file in a child process; a child that dies means a rejected file. `folder` is new and keeps the accepted rows.

    digest  the SHA-256 of the file, where it is known
    """
    size = file.stat().st_size
    if limits.file is not None and size > limits.file:
        return _refused(label, "file_too_big", limit=f"{limits.file // 2**20} MB")
    folder.mkdir(mode=0o700)
    order = {
        "file": str(file),
        "label": label,
        "folder": str(folder),
        "terms": _terms_out(terms),
        "others": {name: str(path) for name, path in others.items()},
        "limits": asdict(limits),
        "digest": digest,
    }
    try:
        seconds = limits.seconds_for(size)
        sandbox.readers().run("read", order, memory=limits.memory, seconds=seconds)
        return take_over(label, folder)
    except sandbox.Died as died:
        limit = {"memory": f"{limits.memory // 2**20} MB", "time": f"{limits.seconds_for(size)} s", "crash": died.how}[died.why]
        return _refused(label, f"reader_{died.why}", limit=limit)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, pl.exceptions.PolarsError):
        return _refused(label, "reader_crash", limit="result")


def _refused(label: str, rule: str, **params: str) -> PreparedFile:
    return PreparedFile(label, "rejected", findings=(Finding(rule, "reject", params=tuple(params.items())),))


def _terms_out(terms: Terms) -> dict[str, Any]:
    return {
        "time_zone": terms.time_zone,
        "currency": terms.currency,
        "received_on": terms.received_on.isoformat(),
        "rates": [[currency, day.isoformat(), str(rate)] for currency, day, rate in terms.rates.iter_rows()],
        "mappings": [asdict(mapping) for mapping in terms.mappings],
        "keep_personal": terms.keep_personal,
    }


def take_over(label: str, folder: Path) -> PreparedFile:
    """The result as a child left it; every field is made anew from text and numbers. Raises ValueError for anything else."""
    result = folder / _RESULT
    if result.stat().st_size > _LONGEST:
        raise ValueError("result")
    told = json.loads(result.read_bytes())
    exported_on = date.fromisoformat(told["exported_on"]) if told["exported_on"] else None
    parts = tuple(_part_in(part, folder, at) for at, part in enumerate(told["parts"]))
    if told["status"] not in ("ready", "ignored", "held", "rejected"):
        raise ValueError("status")
    return PreparedFile(label, told["status"], parts, _findings_in(told["findings"]), exported_on, str(told["fingerprint"]))


def _part_in(told: dict[str, Any], folder: Path, at: int) -> Prepared:
    names = sorted(folder.glob(f"accepted-{at}-*.parquet"))
    sums = {str(c): {str(k): Decimal(v) for k, v in account.items()} for c, account in told["amounts"].items()}
    return Prepared(
        source=str(told["source"]),
        sheet=None if told["sheet"] is None else str(told["sheet"]),
        header_row=int(told["header_row"]),
        accepted=Parcel(tuple(names), int(told["accepted"]), _once(folder, at), SOURCES[told["source"]].same),
        quarantined=pl.read_parquet(folder / f"quarantined-{at}.parquet"),
        skipped=int(told["skipped"]),
        read=int(told["read"]),
        findings=_findings_in(told["findings"]),
        amounts=sums,
        printed_totals={str(c): Decimal(v) for c, v in told["printed"].items()},
        mode=str(told["mode"]),
        window_on=tuple(map(str, told["window_on"])),
        headers={str(name): str(header) for name, header in told.get("headers", {}).items()},
        whole=tuple(map(str, told["whole"])),
    )


def once_file(folder: Path, at: int) -> Path:
    """Where what all accepted rows of a part say lies; there is none if they have nothing in common."""
    return folder / f"once-{at}.parquet"


def _once(folder: Path, at: int) -> pl.DataFrame:
    file = once_file(folder, at)
    return pl.read_parquet(file) if file.exists() else pl.DataFrame()


def _findings_in(told: list[dict[str, Any]]) -> tuple[Finding, ...]:
    made = []
    for one in told:
        texts = {key: None if one[key] is None else str(one[key]) for key in ("source", "sheet", "column", "value")}
        row = None if one["row"] is None else int(one["row"])
        params = tuple((str(key), str(value)) for key, value in one["params"].items())
        made.append(Finding(str(one["rule"]), str(one["severity"]), row=row, params=params, **texts))
    return tuple(made)


class _Files(Dictionary[str, bytes]):
    """The other files of a command by label, read when a mapping asks for one."""

    def __init__(self, paths: dict[str, str]) -> None:
        self._paths = paths

    def __getitem__(self, label: str) -> bytes:
        return Path(self._paths[label]).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def read(
    file: str, label: str, folder: str, terms: dict[str, Any], others: dict[str, str], limits: dict[str, Any], digest: str = ""
) -> None:
    """The child's side: prepare the file and leave the result in the folder."""
    rates = [(currency, date.fromisoformat(day), Decimal(rate)) for currency, day, rate in terms["rates"]]
    made = prepare(
        bytes_of(Path(file)),
        label,
        time_zone=terms["time_zone"],
        currency=terms["currency"],
        received_on=date.fromisoformat(terms["received_on"]),
        rates=pl.DataFrame(rates, schema=RATES, orient="row"),
        mappings=[_mapping_in(m) for m in terms["mappings"]],
        others=_Files(others),
        limits=Limits(**limits),
        keep_personal=terms["keep_personal"],
        folder=Path(folder),
        digest=digest,
    )
    told = {
        "status": made.status,
        "parts": [_part_out(part, Path(folder), at) for at, part in enumerate(made.parts)],
        "findings": [f.as_dict() for f in made.findings],
        "exported_on": made.exported_on.isoformat() if made.exported_on else None,
        "fingerprint": made.fingerprint,
    }
    (Path(folder) / _RESULT).write_text(json.dumps(told), "ascii")


def _mapping_in(told: dict[str, Any]) -> Mapping:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Mapping(**fields)


def _part_out(part: Prepared, folder: Path, at: int) -> dict[str, Any]:
    if isinstance(part.accepted, pl.DataFrame):
        accepted = part.accepted.drop(SOURCES[part.source].same)
        once = told_once(accepted)
        put_down(accepted.drop(once.columns), folder / f"accepted-{at}-00000.parquet")
    else:
        for number, file in enumerate(part.accepted.files):
            file.rename(folder / f"accepted-{at}-{number:05d}.parquet")
        part.accepted.files[0].parent.rmdir()
        once = part.accepted.once
    if once.width:
        put_down(once, once_file(folder, at))
    part.quarantined.write_parquet(folder / f"quarantined-{at}.parquet")
    return {
        "source": part.source,
        "sheet": part.sheet,
        "header_row": part.header_row,
        "accepted": part.accepted.height,
        "skipped": part.skipped,
        "read": part.read,
        "findings": [f.as_dict() for f in part.findings],
        "amounts": {c: {k: str(v) for k, v in account.items()} for c, account in part.amounts.items()},
        "printed": {c: str(v) for c, v in part.printed_totals.items()},
        "mode": part.mode,
        "window_on": part.window_on,
        "headers": part.headers,
        "whole": part.whole,
    }


if __name__ == "__main__":
    sandbox.serve({"read": read, "look": look})
