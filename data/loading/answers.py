"""What an admin answers about a file, kept as a mapping file of its own: our column → their header, date order, decimal mark, 万.

`fields` asks: per column of the source which header is meant, with a suggestion where one can be made. `save` writes the answers
whole or not at all, and keeps what stood there before, so that `restore` brings it back.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.access import Scope, keeper
from data.contracts import SOURCES
from data.errors import ConfigError
from data.keeping import audit, disk, store
from data.loading.draft import Checked
from data.reading import headers
from data.reading.glance import Glimpse
from data.reading.mapping import Mapping, read_mapping

_BEFORE, _PREFIX = ".before", "page-"
_SCALED = ("money", "goal", "qty")
_NUMBERS = ("money", "qty", "rate", "pct", "days", "goal")


@dataclass(frozen=True)
class Field:
    """One column of a source, and the header taken or suggested for it ("": none).

    why    found · suggested (did you mean) · asked (the header may mean several) · double (several headers mean it) · missing · open
    zeros  how many zeros the header says its numbers lack (4 for 万元)
    """

    name: str
    header: str
    why: str
    is_needed: bool

    @property
    def needs_answer(self) -> bool:
        """Whether the file waits for somebody to say it."""
        return self.why in ("suggested", "asked", "double", "missing")


@dataclass(frozen=True)
class Answers:
    """What is said of one sheet. `columns` holds only what the headers would not give by themselves."""

    source: str
    sheet: str | None = None
    header_row: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    factors: dict[str, int] = field(default_factory=dict)
    date_order: str = ""
    decimal: str = ""
    mode: str = ""
    window_on: str = ""


def candidates(sheet: Glimpse) -> list[str]:
    """The sources these headers may be, best first; [] if none is near."""
    found, near = headers.recognise(sheet.names)
    return [m.source for m in found] or ([near.source] if near else [])


def is_covered(sheet: Glimpse) -> bool:
    """Whether some source has all it needs in these headers, or would once questions are answered."""
    return bool(headers.recognise(sheet.names)[0])


def fields(sheet: Glimpse, source: str, mapping: Mapping | None = None) -> list[Field]:
    """Every column of the source: those that wait for an answer first, then as the contract has them."""
    match = headers.match(sheet.names, source, mapping)
    contract = SOURCES[source]
    asked = {column: header for header, options in reversed(match.questions.items()) for column in options}
    missing = {name for group in match.missing for name in re.split(r" / |\+", group)}
    needed = {name for group in headers.needed(contract) if len(group) == 1 for name in group}
    likely = {next((o for o in options if o in needed), options[0]) for options in match.questions.values()}
    made = []
    for column in (*contract.columns, *contract.helpers):
        name, header, why = column.name, sheet.names.get(match.columns.get(column.name, ""), ""), "open"
        if name in match.doubles:
            header, why = match.doubles[name][0], "double"
        elif header:
            why = "found"
        elif name in asked:
            header, why = (asked[name] if name in likely else ""), "asked"
        elif name in missing:
            header = headers.suggest(name, match.extra, source)
            why = "suggested" if header else "missing"
        made.append(Field(name, header, why, name in needed))
    return sorted(made, key=lambda one: not one.needs_answer)


def differing(sheet: Glimpse, source: str, chosen: dict[str, str]) -> dict[str, str]:
    """Of the headers chosen, those that must be written down: what the headers would not give by themselves."""
    match = headers.match(sheet.names, source)
    alone = {name: sheet.names[at] for name, at in match.columns.items() if name not in match.doubles}
    asked = {name for options in match.questions.values() for name in options}
    open_ones = asked | set(match.doubles)
    return {name: header for name, header in chosen.items() if header != alone.get(name, "") or name in open_ones}


def scaled(sheet: Glimpse, source: str, chosen: dict[str, str]) -> dict[str, int]:
    """Our columns whose header, or the title above, says 万 or another scale: what their numbers would be multiplied by."""
    above = headers.title_scale(sheet.titles)
    found = {}
    for name, header in chosen.items():
        role = SOURCES[source].column(name).role
        zeros = headers.scale(header) or (above if role in ("money", "goal") else 0)
        if header and zeros and role in _SCALED:
            found[name] = 10**zeros
    return found


def unsure_date(sheet: Glimpse, source: str, chosen: dict[str, str]) -> str:
    """A date of the chosen columns that could be day or month first, where no cell decides it; else empty."""
    seen = [c for name, h in chosen.items() if SOURCES[source].column(name).role in ("date", "ts") and (c := sheet.column(h))]
    first, second = any(c.dates[0] for c in seen), any(c.dates[1] for c in seen)
    return next((c.unsure_date for c in seen if c.dates[2] and not c.dates[0] and not c.dates[1]), "") if first == second else ""


def unsure_number(sheet: Glimpse, source: str, chosen: dict[str, str]) -> str:
    """A number that could be read in thousands or with decimals, where no cell decides it; else empty."""
    seen = [c for name, h in chosen.items() if SOURCES[source].column(name).role in _NUMBERS and (c := sheet.column(h))]
    if sheet.is_excel or any(c.numbers[0] or c.numbers[1] for c in seen):
        return ""
    return next((c.unsure_number for c in seen if c.numbers[2]), "")


def date_order(sheet: Glimpse, source: str, mapping: Mapping | None) -> str:
    """How the dates of a sheet are read: set (by a mapping) · dmy · mdy (proven) · plain (nothing to decide) · asked."""
    if mapping and mapping.date_order:
        return f"set_{mapping.date_order}"
    chosen = _taken(sheet, source, mapping)
    seen = [c for name, h in chosen.items() if SOURCES[source].column(name).role in ("date", "ts") and (c := sheet.column(h))]
    first, second = any(c.dates[0] for c in seen), any(c.dates[1] for c in seen)
    if first != second:
        return "dmy" if first else "mdy"
    return "mixed" if first else "asked" if any(c.dates[2] for c in seen) else "plain"


def decimal_mark(sheet: Glimpse, source: str, mapping: Mapping | None) -> str:
    """The decimal mark of a sheet: point · comma · mixed · asked, by a mapping or by what its cells prove."""
    if mapping and mapping.decimal:
        return "comma" if mapping.decimal == "," else "point"
    chosen = _taken(sheet, source, mapping)
    seen = [c for name, h in chosen.items() if SOURCES[source].column(name).role in _NUMBERS and (c := sheet.column(h))]
    point, comma = any(c.numbers[0] for c in seen), any(c.numbers[1] for c in seen)
    if point and comma:
        return "mixed"
    return "comma" if comma else "asked" if unsure_number(sheet, source, chosen) else "point"


def modes(source: str) -> list[str]:
    """What an export of this source may hold, its usual mode first; [] where there is nothing to choose."""
    if SOURCES[source].mode != "window":
        return []
    return ["window", "upsert", *(["open_items"] if source == "invoices" else [])]


def filters(source: str, chosen: dict[str, str]) -> list[str]:
    """The dates by which an export may have been filtered: those the file has; [] where there is no choice."""
    found = [c.name for c in SOURCES[source].columns if c.role in ("date", "ts") and chosen.get(c.name)]
    return found if len(found) > 1 and SOURCES[source].mode == "window" else []


def _taken(sheet: Glimpse, source: str, mapping: Mapping | None) -> dict[str, str]:
    """Our columns with the headers that are, or may be, theirs."""
    match = headers.match(sheet.names, source, mapping)
    maybe = {column: header for header, options in match.questions.items() for column in options}
    return maybe | {name: sheet.names[at] for name, at in match.columns.items()}


def pattern_of(label: str) -> str:
    """The file names a mapping is for: those that differ from this one only in their digits."""
    name = label.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"\d+(?:[-_.]\d+)*", "*", re.sub(r"([\[?*])", "[\\1]", name)) or "*"


def own(checked: Checked) -> bool:
    """Whether the mappings that read a file, if any, were all made on the page: others are changed by hand."""
    return all(m.origin.startswith(_PREFIX) for m in checked.mappings)


def whole(checked: Checked, answered: Answers) -> list[Answers]:
    """The answers for one sheet with those of the file's other sheets: a file that a mapping reads is read by mappings only."""
    made = [answered]
    for sheet in checked.look.sheets:
        before = next((m for m in checked.mappings if m.sheet == sheet_pattern(sheet.sheet)), None)
        part = next((p for p in checked.prepared.parts if p.sheet == sheet.sheet), None)
        if sheet.sheet == answered.sheet or not (before or part or len(candidates(sheet)) == 1):
            continue
        made.append(_again(before, sheet) if before else Answers(part.source if part else candidates(sheet)[0], sheet.sheet))
    return made


def _again(before: Mapping, sheet: Glimpse) -> Answers:
    return Answers(
        before.source, sheet.sheet, before.header_row or 0, dict(before.columns), dict(before.factors), before.date_order, before.decimal,
        before.mode, before.window_on,
    )  # fmt: skip


def as_toml(pattern: str, answers: Sequence[Answers]) -> str:
    """The mapping file: one block per sheet."""
    return "\n".join(_block(pattern, one) for one in answers)


def _block(pattern: str, one: Answers) -> str:
    lines = ["[[source]]", f"source = {_text(one.source)}", f"files = [{_text(pattern)}]"]
    lines += [f"sheet = {_text(sheet_pattern(one.sheet))}"] if one.sheet is not None else []
    lines += [f"header_row = {one.header_row}"] if one.header_row else []
    lines += [f"{key} = {_text(said)}" for key in ("date_order", "decimal", "mode", "window_on") if (said := getattr(one, key))]
    columns, factors = {k: _text(v) for k, v in one.columns.items()}, {k: str(v) for k, v in one.factors.items()}
    for table, values in (("columns", columns), ("factors", factors)):
        lines += ["", f"[source.{table}]", *(f"{name} = {value}" for name, value in values.items())] if values else []
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """A TOML string: JSON's, which leaves only DEL as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def sheet_pattern(sheet: str | None) -> str:
    """What a mapping says for one sheet: its name, with nothing in it taken for a wildcard."""
    return "*" if sheet is None else re.sub(r"([\[?*])", "[\\1]", sheet)


def file_of(home: Path, pattern: str) -> Path:
    """The mapping file the page keeps for file names of this pattern."""
    word = re.sub(r"[^a-z0-9]+", "-", pattern.casefold().rsplit(".", 1)[0]).strip("-")[:24]
    digest = hashlib.sha256(pattern.casefold().encode()).hexdigest()[:8]
    return home / "mappings" / f"{_PREFIX}{word}{'-' if word else ''}{digest}.toml"


@disk.in_words()
def save(home: Path, scope: Scope, pattern: str, answers: Sequence[Answers]) -> Path:
    """Write the answers as a mapping file, after reading them back as one. Raises NotAllowed, ConfigError; then nothing is changed."""
    keeper(scope)
    store.prepare_home(home)
    path, text = file_of(home, pattern), as_toml(pattern, answers)
    trial = path.with_name(path.name + ".trial")
    try:
        disk.write(trial, text.encode())
        read_mapping(trial)
    except UnicodeEncodeError as error:
        raise ConfigError("mapping_syntax", file=path.name, detail=str(error)) from None
    finally:
        disk.remove(trial)
    disk.write(path.with_name(path.name + _BEFORE), path.read_bytes() if path.exists() else b"")
    disk.write(path, text.encode())
    audit.note(home, scope, "mapping")
    return path


@disk.in_words()
def restore(home: Path, scope: Scope, name: str) -> None:
    """Bring back what stood in a mapping file of the page before the last change; a new one goes. Raises NotAllowed, ConfigError."""
    keeper(scope)
    path = home / "mappings" / Path(name).name
    before = path.with_name(path.name + _BEFORE)
    if not path.name.startswith(_PREFIX) or not before.exists():
        raise ConfigError("mapping_no_before", file=path.name)
    old = before.read_bytes()
    if old:
        disk.write(path, old)
    else:
        disk.remove(path)
    disk.remove(before)
    audit.note(home, scope, "mapping")


def text_of(home: Path, name: str) -> str:
    """A mapping file as it is written; empty if it is gone."""
    path = home / "mappings" / Path(name).name
    return path.read_text("utf-8") if path.is_file() else ""
