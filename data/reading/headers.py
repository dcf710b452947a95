"""Which row holds the headers, which source a sheet is, and which column is which. Nothing is guessed: a choice is asked for.

find_header   the header row of a sheet   match  headers → columns of one source   recognise  which source a sheet is
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, lru_cache

import polars as pl

from data.contracts import SOURCES, Contract
from data.reading.mapping import Mapping
from data.reading.sheet import Sheet

HEADER_WITHIN = 20
# A unit behind a name says nothing about which column it is. 万 does: it changes the numbers, so it is noticed and asked for.
_UNIT = re.compile(r"[(\[【](元|人民币|人民币元|rmb|cny|usd|eur|\$|€|¥|%|天|日|小时|h|days|hours|kg|公斤|吨|t|件|个|票|次)[)\]】]$")
_SCALE = re.compile(
    r"(?:[(\[【](?:单位:?)?(?:in)?(?:rmb|cny|usd|eur|[$€¥])?(万|千|百万|亿|k|thousands?|millions?|mio)(?:元|人民币|rmb|cny|usd|eur|[$€¥])?[)\]】]"
    r"|(万|千|百万|亿)元)$"
)
_UNIT_TITLE = re.compile(r"单位:?(?:人民币)?(万|千|百万|亿)元|\(?in(thousands|millions)\b")
SCALES = {"千": 3, "k": 3, "thousand": 3, "thousands": 3, "万": 4, "百万": 6, "million": 6, "millions": 6, "mio": 6, "亿": 8}
_PERSONAL = re.compile(
    r"手机|电话|联系人|联系方式|微信|邮箱|身份证|证件号|银行账|银行卡|开户|phone|mobile|telephone|^tel$|e?mail$|contact(?:person|name)?$"
    r"|idcard|passport|iban|bankaccount|accountnumber"
)
_IGNORED = re.compile(r"[\s_\-.*:]+")
_ENGLISH = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
# A target sheet may say whose targets it holds by the name of its id column.
_SCOPES = (("rep", "reps", "rep_id"), ("territory", "territories", "territory_id"), ("region", "territories", "region"))


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header as it is compared: case, width, spaces, line breaks and a unit behind it do not count."""
    return _IGNORED.sub("", _UNIT.sub("", _tight(header)))


@lru_cache(maxsize=4096)
def _tight(header: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", header).casefold())


def scale(header: str) -> int:
    """How many zeros the header says its numbers lack: 4 for 金额(万元), 0 for 金额."""
    found = _SCALE.search(_tight(header))
    return SCALES[found.group(1) or found.group(2)] if found else 0


def title_scale(titles: Collection[str]) -> int:
    """The same for what stands above the headers: 4 for 单位：万元."""
    found = next(filter(None, (_UNIT_TITLE.search(_tight(title)) for title in titles)), None)
    return SCALES[found.group(1) or found.group(2)] if found else 0


@lru_cache(maxsize=4096)
def named(header: str) -> str:
    """A header as it is looked up: `plain`, and without 万 or another scale behind it."""
    return _IGNORED.sub("", _SCALE.sub("", _tight(header))) if scale(header) else plain(header)


def is_personal(header: str) -> bool:
    """Whether a column that nobody asked for looks like phones, ID numbers or bank accounts of people."""
    return _PERSONAL.search(plain(header)) is not None


def is_percent(header: str) -> bool:
    """Whether the header says that its numbers are percents."""
    return "%" in unicodedata.normalize("NFKC", header)


@dataclass(frozen=True)
class Names:
    """Every name of one source's columns, as compared."""

    canonical: dict[str, str]
    alias: dict[str, str]
    bare: dict[str, tuple[str, ...]]


@cache
def names_of(source: str) -> Names:
    """The names of one source's columns, as compared."""
    columns = (*SOURCES[source].columns, *SOURCES[source].helpers)
    bare: dict[str, tuple[str, ...]] = {}
    for column in columns:
        for name in column.bare:
            bare[plain(name)] = (*bare.get(plain(name), ()), column.name)
    alias = {plain(name): column.name for column in columns for name in column.aliases}
    return Names({plain(column.name): column.name for column in columns}, alias, bare)


@cache
def all_names() -> frozenset[str]:
    """Every header known for any source, as compared."""
    found: set[str] = set()
    for source in SOURCES:
        names = names_of(source)
        found |= {*names.canonical, *names.alias, *names.bare}
    return frozenset(found)


def known(cells: Collection[str], extra: Collection[str] = ()) -> int:
    """How many of these cells are headers: known to some source, to a mapping (`extra`, as compared), or a month of a wide sheet."""
    found = {named(c) for c in cells} | ({plain(c) for c in cells} & set(extra))
    return sum(1 for cell in found if cell and (cell in all_names() or cell in extra))


@dataclass(frozen=True)
class Header:
    """The header row taken: its number, the row after it where the data begin, and the names as written by column c0…"""

    row: int
    body_from: int
    names: dict[str, str]
    titles: tuple[str, ...] = ()


def find_header(sheet: Sheet, extra: Collection[str] = (), row: int | None = None) -> Header | None:
    """The row within the first 20 with the most known names (two of them at least), or two rows read as one.

    row  the header row where a mapping states it. None is returned where no row qualifies.
    """
    top = sheet.rows.head(HEADER_WITHIN) if row is None else sheet.rows.filter(pl.col("_row") == row)
    top = top.filter(pl.col("_row") <= (row or HEADER_WITHIN))
    rows = [(r[0], list(r[1:])) for r in top.iter_rows()]
    columns = sheet.rows.columns[1:]
    single, double = [], []
    for at, (number, cells) in enumerate(rows):
        titles = tuple(cell for _, above in rows[:at] for cell in above if cell)
        single.append((known(cells, extra), Header(number, number + 1, _named(columns, cells), titles)))
        if row is None and at + 1 < len(rows) and rows[at + 1][0] == number + 1:
            joined = _two_rows(cells, rows[at + 1][1])
            double.append((known(joined, extra), Header(number, number + 2, _named(columns, joined), titles)))
    best = max([*single, *double], key=lambda found: found[0], default=None)  # the first of the best; one row before two
    if best is None or (best[0] < 2 and row is None):
        return None
    return best[1]


def first_row(sheet: Sheet) -> Header | None:
    """The first row whose cells are all filled with text, for shaping a file that nobody has names for; else the first row."""
    rows = [(r[0], list(r[1:])) for r in sheet.rows.head(HEADER_WITHIN).iter_rows()]
    if not rows:
        return None
    number, cells = next(((n, c) for n, c in rows if all(cell.strip() for cell in c)), rows[0])
    return Header(number, number + 1, _named(sheet.rows.columns[1:], cells))


def _named(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {column: cell.strip() for column, cell in zip(columns, cells, strict=True) if cell.strip()}


def _two_rows(group: list[str], detail: list[str]) -> list[str]:
    """Two header rows as one: the group's title reaches over the blank cells right of it (计划 over 日期 is 计划日期)."""
    names, title = [], ""
    for above, below in zip(group, detail, strict=True):
        title = above or title
        joined = f"{title}{below}"
        if below and plain(joined) in all_names() and above != below:
            names.append(joined)
        else:
            names.append(below or above)
    return names


@dataclass(frozen=True)
class Match:
    """Which column of the sheet is which column of the source.

    columns    ours → the sheet's (c0…)           doubles   ours → several headers that all mean it
    questions  header → ours that it may mean     missing   what the source needs and nothing gives
    constants  ours → value implied by a header   extra     headers that mean nothing to the source
    absent     headers a mapping names that are not in the sheet
    """

    source: str
    columns: dict[str, str]
    doubles: dict[str, list[str]] = field(default_factory=dict)
    questions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    needed: int = 0

    @property
    def weight(self) -> int:
        """How many headers mean something to the source."""
        return len(self.columns) + len(self.questions) + len(self.doubles)

    @property
    def is_covered(self) -> bool:
        """Whether every needed column is there, or would be once the questions are answered."""
        return not self.missing


def match(names: dict[str, str], source: str, mapping: Mapping | None = None) -> Match:
    """Match headers (c0… → as written) to one source's columns: the mapping's word, then exact names, aliases, bare names."""
    contract, known_names = SOURCES[source], names_of(source)
    mapped = mapping.columns if mapping else {}
    constants = dict(mapping.constants) if mapping else {}
    taken, absent = _mapped(names, mapped)
    closed = set(mapped) | set(constants)
    doubles: dict[str, list[str]] = {}
    owner: dict[str, str] = {}
    for meaning in (known_names.canonical, known_names.alias):
        for at, header in names.items():
            column = meaning.get(named(header))
            if column is None or column in closed or at in taken.values() or at in owner:
                continue
            owner[at] = column
            if column in taken:
                doubles.setdefault(column, [names[taken[column]]]).append(header)
            else:
                taken[column] = at
    questions = _bare(names, known_names, taken, closed, doubles)
    for helper in contract.helpers:  # two of them contradict nobody: neither is used
        if doubles.pop(helper.name, None):
            taken.pop(helper.name)
    if source == "targets":
        constants |= _scope(names, taken, closed)
    maybe = {column for options in questions.values() for column in options}
    wanted = needed(contract)
    have = set(taken) | set(constants) | maybe
    missing = tuple(" / ".join(group) for group in wanted if not any(set(option.split("+")) <= have for option in group))
    used = set(taken.values()) | {at for at, column in owner.items() if column in taken}
    extra = tuple(header for at, header in names.items() if at not in used and header not in questions)
    return Match(source, taken, doubles, questions, missing, constants, extra, absent, len(wanted))


def needed(contract: Contract) -> list[tuple[str, ...]]:
    """What a sheet must bring: groups of which one suffices; `a+b` means both."""
    groups: list[tuple[str, ...]] = [(c.name,) for c in contract.columns if (c.required or c.present) and c.name != "net_amount"]
    if any(c.name == "net_amount" for c in contract.columns):
        groups.append(("net_amount", "gross_amount+tax_rate"))
    return groups + list(contract.one_of)


def _mapped(names: dict[str, str], mapped: dict[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Columns a mapping names: the header exactly as written first, else as compared."""
    exact = {header: at for at, header in reversed(names.items())}
    loose = {plain(header): at for at, header in reversed(names.items())}
    wanted = {column: header for column, header in mapped.items() if header}
    found = {column: exact.get(header, loose.get(plain(header))) for column, header in wanted.items()}
    absent = tuple(wanted[column] for column, at in found.items() if at is None)
    return {column: at for column, at in found.items() if at is not None}, absent


def _bare(
    names: dict[str, str], known_names: Names, taken: dict[str, str], closed: set[str], doubles: dict[str, list[str]]
) -> dict[str, tuple[str, ...]]:
    """Take the bare headers that can mean one thing only (into `taken`, `doubles`); return those that leave a choice."""
    questions: dict[str, tuple[str, ...]] = {}
    before = set(taken)
    for at, header in names.items():
        options = known_names.bare.get(named(header), ())
        if not options or at in taken.values():
            continue
        free = tuple(column for column in options if column not in before and column not in closed)
        if len(free) > 1:
            questions[header] = free
        elif free and free[0] in taken:
            doubles.setdefault(free[0], [names[taken[free[0]]]]).append(header)
        elif free:
            taken[free[0]] = at
    return questions


def _scope(names: dict[str, str], taken: dict[str, str], closed: set[str]) -> dict[str, str]:
    """Whose targets these are, where the one id column says it (业务员编码 → rep); takes that column as scope_id."""
    if "scope_id" in taken or "scope_id" in closed or "scope" in taken:
        return {}
    found = []
    for scope, source, column in _SCOPES:
        meant = names_of(source)
        for at, header in names.items():
            text = plain(header)
            if at not in taken.values() and column in (meant.canonical.get(text), meant.alias.get(text)):
                found.append((scope, at))
    if len(found) != 1:
        return {}
    taken["scope_id"] = found[0][1]
    return {} if "scope" in closed else {"scope": found[0][0]}


def recognise(names: dict[str, str]) -> tuple[list[Match], Match | None]:
    """The sources these headers cover, best first (several that cover equally much come together), and the nearest one that they do not.

    The nearest counts only when half of what it needs is there: anything less is simply not one of our exports.
    """
    matches = [match(names, source) for source in SOURCES]
    covered = [m for m in matches if m.is_covered]
    if covered:
        most = max(m.weight for m in covered)
        return [m for m in covered if m.weight == most], None
    near = max(matches, key=lambda m: (m.needed - len(m.missing)) / m.needed)
    found = near.needed - len(near.missing)
    return [], near if found >= 2 and found * 2 >= near.needed else None


def suggest(missing: str, extra: Sequence[str], source: str) -> str:
    """The header that may have been meant for a missing column, or ""."""
    meant = names_of(source)
    wanted = set(re.split(r" / |\+", missing))
    names = [name for names in (meant.canonical, meant.alias) for name, column in names.items() if column in wanted]
    by_name = {plain(header): header for header in extra}
    for name in names:
        close = get_close_matches(name, by_name, n=1, cutoff=0.7)
        if close:
            return by_name[close[0]]
    return next((header for text, header in by_name.items() if any(name in text or text in name for name in names if len(name) > 1)), "")


def month_of(header: str) -> tuple[int | None, int] | None:
    """(year or None, month) that a header names: 1月, 2026-01, 2026年1月, Jan; else None."""
    text = unicodedata.normalize("NFKC", header).strip().casefold()
    english = re.fullmatch(r"([a-z]{3,9})\.?(?:[ \-/]?(20\d\d))?", text)
    for number, name in enumerate(_ENGLISH, 1):
        if english and english.group(1) in (name, name[:3]):
            return (int(english.group(2)) if english.group(2) else None), number
    found = re.fullmatch(r"(?:(20\d\d)\s*[-/.年]\s*)?(1[0-2]|0?[1-9])\s*(月份?)?(?:\s00:00:00)?", text) or re.fullmatch(
        r"(20\d\d)-(1[0-2]|0[1-9])-01()(?: 00:00:00)?", text
    )
    if not found or not (found.group(1) or found.group(3)):
        return None
    return (int(found.group(1)) if found.group(1) else None), int(found.group(2))


def year_said(*texts: str) -> int | None:
    """The one year these texts speak of; None if none or several."""
    years = {int(y) for text in texts for y in re.findall(r"(?<!\d)20\d\d(?!\d)", text)}
    return years.pop() if len(years) == 1 else None


def is_wide(names: dict[str, str]) -> bool:
    """Whether the headers are months: a target sheet with one column a month."""
    return sum(month_of(header) is not None for header in names.values()) >= 3
