"""Mapping files: how a foreign export becomes rows of ours, without code. The format is described in docs/exports.md.

read_mappings  a folder of TOML files → mappings; shape  runs a mapping's query over staged text
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from data.contracts import SOURCES
from data.errors import ConfigError, FileRejected
from data.reading.regular import DELIMITERS

FACTORS = (1, 1_000, 10_000, 1_000_000, 100_000_000)  # 元, 千元, 万元, 百万元, 亿元
MODES = ("window", "snapshot", "upsert", "open_items")
_ZONE_ERRORS = (KeyError, ValueError, OSError)
_PRIVATE: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
}


@dataclass(frozen=True)
class Mapping:
    """One `[[source]]` block: which files, and how their rows become rows of `source`."""

    source: str
    files: tuple[str, ...]
    origin: str = ""  # the TOML file, for messages
    text: str = ""  # the block as written, for the fingerprint
    sheet: str = "*"
    header_row: int | None = None
    encoding: str = ""
    delimiter: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    factors: dict[str, int] = field(default_factory=dict)
    date_order: str = ""
    time_zone: str = ""
    decimal: str = ""
    currency_sign: str = ""
    fill_down: tuple[str, ...] = ()
    mode: str = ""
    window_on: str = ""
    exported_on: str = ""
    sql: str = ""
    tables: dict[str, str] = field(default_factory=dict)

    def reads(self, label: str) -> bool:
        """Whether the file of this name is one of ours."""
        return any(_named(label, pattern) for pattern in self.files)

    def joins(self, label: str) -> bool:
        """Whether the query uses the file of this name as another table."""
        return any(_named(label, pattern) for pattern in self.tables.values())

    def export_date(self, label: str) -> date | None:
        """The day of the export as the file name says; None if this mapping does not read it or the name does not say."""
        found = re.search(self.exported_on, label) if self.exported_on else None
        digits = re.sub(r"\D", "", found.group(1)) if found else ""
        try:
            return datetime.strptime(digits, "%Y%m%d").date() if len(digits) == 8 else None
        except ValueError:
            return None


def text_form(mappings: Sequence[Mapping]) -> dict[str, str]:
    """The encoding and delimiter that the mappings of one file say; empty where they leave it to the file."""
    return {key: next(filter(None, (getattr(m, key) for m in mappings)), "") for key in ("encoding", "delimiter")}


def _named(label: str, pattern: str) -> bool:
    return fnmatch(label.replace("\\", "/").rsplit("/", 1)[-1].casefold(), pattern.casefold())


def read_mappings(folder: Path) -> list[Mapping]:
    """Every block of every `*.toml` in the folder, by file name; [] without the folder. Raises ConfigError naming file and line."""
    return [mapping for path in sorted(folder.glob("*.toml")) for mapping in read_mapping(path)]


def read_mapping(path: Path) -> list[Mapping]:
    """The blocks of one mapping file. Raises ConfigError naming file and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # its words say the line
        raise ConfigError("mapping_syntax", file=path.name, detail=str(error)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError("mapping_syntax", file=path.name, detail=f"{error.reason} (at line {line})") from None
    except OSError as error:
        raise ConfigError("config_unreadable", file=path.name, line=1, reason=error.strerror) from None
    blocks = content.pop("source", [])
    if content or not isinstance(blocks, list) or not blocks:
        keys = list(content) or ["source"]
        raise ConfigError("mapping_blocks", file=path.name, line=_line(text, 1, keys[0]), keys=", ".join(keys))
    return [_mapping(block, text, number, path.name) for number, block in enumerate(blocks, 1)]


def _line(text: str, number: int, key: str) -> int:
    """The line on which a key of a block stands, as far as it can be found; else that of the block."""
    lines = text.splitlines()
    starts = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*source\s*\]\]", line)]
    begin = starts[number - 1] if len(starts) >= number else 0
    end = starts[number] if len(starts) > number else len(lines)
    for name in reversed(key.split(".")):  # of a table the column, else the table
        pattern = re.compile(rf"""(^|[\s{{,.\[])["']?{re.escape(name)}["']?\s*[=.\]]""")
        if found := [at for at in range(begin if starts else 0, end) if pattern.search(lines[at])]:
            return found[0] + 1
    return begin + 1


def _mapping(block: dict[str, Any], text: str, number: int, file: str) -> Mapping:
    """One block, every key and value checked."""

    def wrong(key: str, value: object, expected: str) -> ConfigError:
        return ConfigError("mapping_value", file=file, line=_line(text, number, key), key=key, value=str(value), expected=expected)

    kinds = {
        "files": list, "fill_down": list, "columns": dict, "constants": dict, "values": dict, "factors": dict, "tables": dict,
        "header_row": int,
    }  # fmt: skip
    known = set(Mapping.__dataclass_fields__) - {"origin", "text"}
    for key, value in block.items():
        if key not in known:
            raise wrong(key, value, ", ".join(sorted(known)))
        if not isinstance(value, kinds.get(key, str)):
            raise wrong(key, value, kinds.get(key, str).__name__)
    source = block.get("source", "")
    if source not in SOURCES:
        raise wrong("source", source, ", ".join(SOURCES))
    if not block.get("files"):
        raise wrong("files", "", "list")
    _check_words(block, wrong)
    _check_columns(block, wrong)
    fixed: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in block.items()}
    fixed["constants"] = {key: str(value) for key, value in block.get("constants", {}).items()}
    return Mapping(**{**fixed, "origin": file, "text": repr(sorted(block.items()))})


def _check_words(block: dict[str, Any], wrong: Any) -> None:
    allowed = {"delimiter": DELIMITERS, "date_order": ("dmy", "mdy"), "decimal": (".", ","), "mode": MODES}
    for key, words in allowed.items():
        if key in block and block[key] not in words:
            raise wrong(key, block[key], ", ".join(words))
    try:
        codecs.lookup(block.get("encoding", "utf-8"))
    except LookupError:
        raise wrong("encoding", block["encoding"], "utf-8, gb18030, windows-1252, …") from None
    try:
        ZoneInfo(block.get("time_zone", "UTC"))
    except _ZONE_ERRORS:
        raise wrong("time_zone", block["time_zone"], "Asia/Shanghai, UTC, …") from None
    try:
        groups = re.compile(block.get("exported_on", "()")).groups
    except re.error:
        groups = 0
    if groups != 1:
        raise wrong("exported_on", block["exported_on"], "regular expression (one group)")
    if block.get("tables") and not block.get("sql"):
        raise wrong("tables", ", ".join(block["tables"]), "sql")


def _check_columns(block: dict[str, Any], wrong: Any) -> None:
    """Every column named must be one of the source's, and come from one place only."""
    contract = SOURCES[block["source"]]
    names = [column.name for column in (*contract.columns, *contract.helpers)]
    for key in ("columns", "constants", "values", "factors"):
        for name in block.get(key, {}):
            if name not in names and not (key == "constants" and name == "year"):
                raise wrong(f"{key}.{name}", "", ", ".join(names))
    for name, factor in block.get("factors", {}).items():
        if factor not in FACTORS:
            raise wrong(f"factors.{name}", factor, ", ".join(map(str, FACTORS)))
    for name in block.get("fill_down", []):
        if name not in names:
            raise wrong("fill_down", name, ", ".join(names))
    for name in set(block.get("columns", {})) & set(block.get("constants", {})):
        if block["columns"][name]:
            raise wrong(f"constants.{name}", block["constants"][name], f'columns.{name} = ""')
    on = block.get("window_on", "")
    dates = [column.name for column in contract.columns if column.role in ("date", "ts")]
    if on and on not in dates:
        raise wrong("window_on", on, ", ".join(dates))


def shape(sql: str, tables: Dictionary[str, pl.DataFrame], label: str, origin: str) -> pl.DataFrame:
    """The rows a mapping's query makes of staged text columns: all columns text again, `_row` (Int64) if the query gives it.

    Runs in a private in-memory database that can reach neither files nor network. Raises FileRejected with the engine's own words.
    """
    with duckdb.connect(":memory:", config=_PRIVATE) as con:
        for name, frame in tables.items():
            con.register(name, frame.to_arrow())
        con.execute("set lock_configuration = true").fetchall()
        try:
            statements = con.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise FileRejected("mapping_sql", file=label, mapping=origin, detail="select")
            result = con.sql(sql).pl()
        except duckdb.Error as error:
            raise FileRejected("mapping_sql", file=label, mapping=origin, detail=str(error).splitlines()[0]) from None
    if "_row" not in result.columns:
        result = result.with_row_index("_row", offset=1)
    # A join leaves its rows in any order; by line they read, and are numbered within their document, as in the file.
    made = result.select(pl.col("_row").cast(pl.Int64), *(_as_text(result[name]) for name in result.columns if name != "_row"))
    return made.sort("_row", maintain_order=True)


def _as_text(column: pl.Series) -> pl.Series:
    """A result column as text; an exact number keeps its digits."""
    if column.dtype == pl.Decimal:
        return pl.Series(column.name, [None if v is None else f"{v.normalize():f}" for v in column], dtype=pl.String).fill_null("")
    return column.cast(pl.String).fill_null("")
