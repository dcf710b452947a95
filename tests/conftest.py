"""A company typed into a test: rows go straight into the stored tables, the rest is built as at a publish."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import settings

from data import build
from data.config import Settings
from data.contracts import SOURCES

settings.register_profile("house", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("house")

Row = dict[str, Any]
RECEIVED = datetime(2031, 1, 1)  # later than any date a test types, so every row has happened


def fill(con: duckdb.DuckDBPyConnection, sources: dict[str, list[Row]]) -> None:
    """One load with one file per source; values may be text, SQL casts them to the column's type."""
    con.execute("insert into loads values (1, $at, $at, null, 'test', null, 'loaded')", {"at": RECEIVED})
    for file_id, (source, rows) in enumerate(sources.items(), 1):
        con.execute(
            "insert into files (file_id, load_id, file, source, status, header_row, read, loaded) "
            "values ($id, 1, $source || '.csv', $source, 'loaded', 1, $rows, $rows)",
            {"id": file_id, "source": source, "rows": len(rows)},
        )
        for number, row in enumerate(rows, 1):
            full = _defaults(source, number, rows) | {"_load_id": 1, "_file_id": file_id, "_row": number + 1} | row
            names = ", ".join(f'"{name}"' for name in full)
            con.execute(f"insert into src.{source} ({names}) values ({', '.join('?' * len(full))})", list(full.values()))


def _defaults(source: str, number: int, rows: list[Row]) -> Row:
    """What the loader fills in where an export leaves a column out."""
    defaults: Row = {column.name: column.default for column in SOURCES[source].columns if column.default}
    if source in ("orders", "receipts"):
        document = "order_id" if source == "orders" else "receipt_id"
        defaults["line_no"] = str(sum(r[document] == rows[number - 1][document] for r in rows[:number]))
    if source == "visits":
        defaults |= {"visit_id": f"V{number}", "status": "completed" if rows[number - 1].get("actual_date") else "planned"}
    return defaults


def settings_of(given: Row | None, as_of: date | str | None) -> Settings:
    """Settings with a few fields changed; `as_of` may be ISO text."""
    on = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return replace(Settings(), **{"as_of": on, **(given or {})})


@pytest.fixture
def built() -> Callable[..., duckdb.DuckDBPyConnection]:
    """`built(orders=[…], reps=[…], settings={…}, as_of=…)`: a connection to a database with facts and measures."""

    def make(*, settings: Row | None = None, as_of: date | str | None = None, **sources: list[Row]) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect()
        build.create(con)
        fill(con, sources)
        build.build(con, settings_of(settings, as_of), today=RECEIVED.date())
        return con

    return make


@pytest.fixture
def company(tmp_path: Path, companies: Path) -> Callable[..., Any]:
    """`company(orders=[…], reps=[…], settings={…}, as_of=…)`: an opened Warehouse over one published snapshot of these rows."""
    calls: list[Path] = []

    def make(*, settings: Row | None = None, as_of: date | str | None = None, **sources: list[Row]) -> Any:
        from data.warehouse import Warehouse

        chosen = settings_of(settings, as_of)
        # the first company of a test lives in tmp_path itself, so that the test may change its settings
        home, name = tmp_path if not calls else tmp_path / f"company-{len(calls)}", "wh-000001.duckdb"
        calls.append(home)
        (home / "snapshots").mkdir(parents=True)
        kept = companies / sha256(repr((chosen, sources)).encode()).hexdigest()  # many tests begin with the very same rows
        if not kept.exists():
            _publish(kept.with_suffix(".new"), chosen, sources).rename(kept)
        shutil.copy(kept, home / "snapshots" / name)
        (home / "fieldbook.toml").write_text(as_toml(settings or {}), "utf-8")
        (home / "CURRENT").write_text(name, "utf-8")
        return Warehouse.open(home)

    return make


@pytest.fixture(scope="session")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where snapshots of the companies typed so far are kept."""
    return tmp_path_factory.mktemp("companies")


def _publish(file: Path, settings: Settings, sources: dict[str, list[Row]]) -> Path:
    file.unlink(missing_ok=True)  # left by a test that failed here
    with duckdb.connect(file) as con:
        build.create(con)
        fill(con, sources)
        build.build(con, settings, today=RECEIVED.date())
        assert build.audit(con) == []
    return file


def as_toml(settings: Row) -> str:
    """Settings as fieldbook.toml would have them, so that a warehouse opened on the folder reads the same ones."""
    access = {key: value for key, value in settings.items() if key in ("admins", "directors", "blocked")}
    starts = settings.get("data_start", {})
    plain = {key: value for key, value in settings.items() if key not in access and key != "data_start" and value is not None}
    return "\n".join(
        [
            *(f"{key} = {_toml(value)}" for key, value in plain.items()),
            *(["[access]", *(f"{key} = {_toml(value)}" for key, value in access.items())] if access else []),
            *(["[data_start]", *(f"{key} = {_toml(value)}" for key, value in starts.items())] if starts else []),
        ]
    )


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
