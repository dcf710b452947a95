"""`python -m data`: load exports, see what is loaded and what was set aside, write the sample company's exports."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text as Cell

from data import people, sample
from data.access import OWNER, operator
from data.config import home_folder
from data.errors import ConfigError, FieldbookError, Finding, NoWarehouse
from data.keeping import audit, commands, recovery
from data.loading import findings, records
from data.loading import load as loading
from data.loading.records import NoSuchLoad
from data.loading.report import GRAVEST_FIRST, FileReport, Report, grouped, message, to_json
from data.warehouse import Warehouse
from i18n import LANGUAGES, Text, normalise, translator

DONE, USAGE, REJECTED, HELD = 0, 2, 3, 4
EXIT = {"loaded": DONE, "rejected": REJECTED, "held": HELD}
SHOWN = 50  # remarks on a screen; all of them are in --json
COLOURS = {"loaded": "green", "held": "yellow", "rejected": "red", "ignored": "dim"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 2 usage or a broken setting, 3 rejected, 4 held."""
    given = list(sys.argv[1:] if argv is None else argv)
    text = translator(_language(given))
    options = _parser(text).parse_args(given)
    try:
        return int(options.run(options, text))
    except FieldbookError as error:
        return _failed(error, options, text)


def _language(argv: Sequence[str]) -> str:
    """The language asked for with --lang, wherever it stands, else that of the terminal."""
    for position, word in enumerate(argv):
        name, _, value = word.partition("=")
        if name == "--lang":
            value = value or "".join(argv[position + 1 : position + 2])
            return value if value in LANGUAGES else normalise(value)
    return normalise(os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG"))


def _parser(text: Text) -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", metavar="DIR", help=text("load.help.home"))
    shared.add_argument("--json", action="store_true", help=text("load.help.json"))
    shared.add_argument("--lang", choices=LANGUAGES, help=text("load.help.lang"))
    parser = argparse.ArgumentParser(prog="python -m data", description=text("load.help.program"), epilog=text("load.help.exits"))
    added = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Any) -> argparse.ArgumentParser:
        words = text(f"load.help.{name}")
        made = added.add_parser(name, parents=[shared], help=words, description=words, epilog=text("load.help.exits"))
        made.set_defaults(run=run, parser=made)
        return made

    files = command("load", _load)
    files.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=text("load.help.paths"))
    files.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help=text("load.help.as_of"))
    files.add_argument("--exported-at", type=datetime.fromisoformat, metavar="TIME", help=text("load.help.exported_at"))
    files.add_argument("--window", type=partial(_window, text), metavar="FROM..TO", help=text("load.help.window"))
    files.add_argument("--accept", action="store_true", help=text("load.help.accept_now"))
    command("accept", _accept).add_argument("load", type=int, metavar="LOAD", help=text("load.help.number"))
    told = command("report", _report)
    told.add_argument("load", type=int, metavar="LOAD", help=text("load.help.number"))
    told.add_argument("--csv", type=Path, metavar="FILE", help=text("load.help.report_csv"))
    command("status", _status)
    command("quarantine", _quarantine).add_argument("--csv", action="store_true", help=text("load.help.csv"))
    command("people", _people)
    commands.arguments(lambda name: command(name, _look_after), text)
    command("sample", _sample).add_argument("folder", type=Path, metavar="DIR", help=text("load.help.folder"))
    return parser


def _window(text: Text, given: str) -> tuple[date, date]:
    """2026-06-01..2026-06-30 as two days."""
    try:
        first, last = map(date.fromisoformat, given.split(".."))
    except ValueError:
        raise argparse.ArgumentTypeError(text("error.no_window", given=given)) from None
    if first > last:
        raise argparse.ArgumentTypeError(text("error.no_window", given=given))
    return first, last


def _load(options: argparse.Namespace, text: Text) -> int:
    if missing := [str(path) for path in options.paths if not path.exists()]:
        options.parser.error(text("error.no_such_path", paths=", ".join(missing)))
    with _bar(text, hidden=options.json) as (advance, say):
        report = loading.load(
            home_folder(options.home),
            options.paths,
            exported_at=options.exported_at,
            window=options.window,
            as_of=options.as_of,
            user=operator().user,
            accept=options.accept,
            progress=advance,
            waiting=partial(_say_waiting, say, text),
        )
    _note(options, "publish" if report.published else "load", load=report.load_id, status=report.status)
    return _answer(report, options, text)


def _accept(options: argparse.Namespace, text: Text) -> int:
    with _bar(text, hidden=options.json) as (advance, say):
        waiting = partial(_say_waiting, say, text)
        report = recovery.accept(home_folder(options.home), options.load, user=operator().user, progress=advance, waiting=waiting)
    _note(options, "accept", load=options.load, status=report.status)
    return _answer(report, options, text)


def _answer(report: Report, options: argparse.Namespace, text: Text) -> int:
    if options.json:
        print(to_json(report.as_dict(text)))
    else:
        _show_report(report, text)
    return EXIT[report.status]


def _say_waiting(say: Any, text: Text, holder: str) -> None:
    say(text("load.waiting", holder=holder))


def _report(options: argparse.Namespace, text: Text) -> int:
    home = home_folder(options.home)
    told = records.record(home, options.load)
    report = Report.of_record(told)
    if options.csv:
        rows = findings.every(home, report, text)
        with options.csv.open("w", encoding="utf-8-sig", newline="") as file:
            findings.write_csv(file, rows)
        _note(options, "export", page="remarks", rows=len(rows))
        print(to_json({"file": str(options.csv), "rows": len(rows)}) if options.json else text("load.csv_written", rows=len(rows)))
    elif options.json:
        print(to_json(commands.public(told) | report.as_dict(text)))
    elif told.get("files"):
        _show_report(report, text)
    else:
        print(text(f"load.kind.{records.kind_of(told)}", load=options.load))
        print(*commands.restated_lines(told, text), sep="\n", end="\n" if told.get("restated") else "")
    return DONE


def _look_after(options: argparse.Namespace, text: Text) -> int:
    with _bar(text, hidden=options.json) as (advance, say):
        waiting = partial(_say_waiting, say, text)
        asked = commands.Asked(home_folder(options.home), operator().user, options, text, advance, waiting)
        told = commands.COMMANDS[options.command](asked)
    number = getattr(options, "load", None) or told.answer.get("snapshot") or told.answer.get("load_id")
    _note(options, options.command, load=number, status=told.answer.get("status"))
    print(to_json(told.answer) if options.json else "\n".join(told.lines))
    return told.code


def _status(options: argparse.Namespace, text: Text) -> int:
    home = home_folder(options.home)
    try:
        warehouse = Warehouse.open(home)
    except NoWarehouse as error:
        _print_nothing(options, text, error, {"home": str(home), "snapshot": None, "as_of": None, "sources": [], "restated": []})
        return DONE
    sources = warehouse.freshness(OWNER)
    notices = [text(f"error.{notice.code}", **notice.params) for notice in warehouse.notices]
    if options.json:
        head = {"home": str(home), "snapshot": warehouse.snapshot, "as_of": str(warehouse.as_of), "notices": notices}
        print(to_json(head | {"sources": _plain(sources), "restated": records.restated(home)}))
    else:
        console = _console()
        console.print(text("load.status", home=home, snapshot=warehouse.snapshot, as_of=warehouse.as_of), markup=False)
        for notice in notices:
            console.print(notice, markup=False)
        at = pl.col("loaded_at").dt.strftime("%Y-%m-%d %H:%M")
        console.print(_table(text, sources.drop("is_loaded").with_columns(at)))
        for one in records.restated(home)[:SHOWN]:
            console.print(*commands.restated_lines({"load_id": one["load_id"], "restated": [one]}, text), markup=False)
    return DONE


def _quarantine(options: argparse.Namespace, text: Text) -> int:
    try:
        warehouse = Warehouse.open(home_folder(options.home))
    except NoWarehouse as error:
        _print_nothing(options, text, error, {"rows": []})
        return DONE
    rows = _set_aside(warehouse, text)
    _note(options, "export", page="quarantine", rows=rows.height)
    if options.json:
        print(to_json({"rows": _plain(rows)}))
    elif options.csv:
        sys.stdout.write("\ufeff")
        findings.write_csv(sys.stdout, [dict(zip(rows.columns, row, strict=True)) for row in rows.iter_rows()], rows.columns)
    elif rows.is_empty():
        print(text("load.nothing_set_aside"))
    else:
        _console().print(_table(text, rows.drop("raw").head(SHOWN)))
        print(text("load.rows_shown", shown=min(SHOWN, rows.height), rows=rows.height))
    return DONE


def _people(options: argparse.Namespace, text: Text) -> int:
    try:
        warehouse = Warehouse.open(home_folder(options.home))
    except NoWarehouse as error:
        _print_nothing(options, text, error, {"people": []})
        return DONE
    found = people.everybody(warehouse, operator())
    if options.json:
        print(to_json({"today": str(warehouse.today), "people": [asdict(one) for one in found]}))
        return DONE
    rows = [
        {
            "login": one.login,
            "person": "; ".join(" ".join(pair) for pair in zip_longest(one.people, one.names, fillvalue="")),
            "roles": ", ".join(text(f"load.role.{role}") for role in one.roles),
            "regions": text("load.sees_all") if one.sees_all else ", ".join(one.regions),
            "reps": one.reps,
            "territories": one.territories,
            "remark": "; ".join(text(f"load.access.{code}") for code in (one.why, one.note) if code),
        }
        for one in found
    ]
    _console().print(_table(text, pl.DataFrame(rows, infer_schema_length=None)))
    return DONE


def _sample(options: argparse.Namespace, text: Text) -> int:
    with _bar(text, hidden=options.json) as (advance, _):
        paths = sample.write(options.folder, lambda done, steps: advance(done / steps, "load.step.sample"))
    if options.json:
        print(to_json({"files": [str(path) for path in paths]}))
    else:
        print(text("load.sample_written", files=len(paths), folder=options.folder))
    return DONE


def _set_aside(warehouse: Warehouse, text: Text) -> pl.DataFrame:
    """Every row set aside with what is wrong with it in words: load_id, file, source, sheet, row, reasons, raw."""
    words: dict[tuple[int, int], list[str]] = {}
    for kept in warehouse.findings(OWNER).filter(pl.col("severity") == "error").iter_rows(named=True):
        found = _found(kept)
        where = f"{text('load.at.column', column=found.column)}: " if found.column else ""
        words.setdefault((kept["file_id"], kept["row"]), []).append(where + message(found, text))
    rows = warehouse.quarantine(OWNER)
    reasons = [
        "; ".join(words.get((file_id, row), [codes])) for file_id, row, codes in rows.select("file_id", "row", "reasons").iter_rows()
    ]
    return rows.select("load_id", "file", "source", "sheet", "row", pl.Series("reasons", reasons, pl.String), "raw")


def _found(kept: dict[str, Any]) -> Finding:
    """A remark as the books keep it, back as a finding."""
    place = (kept["source"], kept["sheet"], kept["row"], kept["column_name"], kept["value"])
    return Finding(kept["rule"], kept["severity"], *place, params=tuple(json.loads(kept["params"]).items()))


def _show_report(report: Report, text: Text) -> None:
    """The account of every file, its sums, the first remarks, and what to do next."""
    console = _console()
    table = Table(*(text(f"load.column.{name}") for name in ("file", "source", "status", *FileReport("").rows)))
    for file in report.files:
        counts = (f"{count:,}" for count in file.rows.values())
        source = text(f"pages.source_{file.source}") if file.source else ""
        table.add_row(Cell(file.file), source, Cell(text(f"load.is.{file.status}"), style=COLOURS[file.status]), *counts)
    console.print(table)
    for file in report.files:
        for line in _sum_lines(file, text):
            source = f" · {text(f'pages.source_{file.source}')}" if [f.file for f in report.files].count(file.file) > 1 else ""
            console.print(f"{file.file}{source} · {line}", markup=False, highlight=False)
    remarks = [(file, finding) for file in report.files for finding in file.findings]
    remarks.sort(key=lambda one: GRAVEST_FIRST.index(one[1].severity))
    for file, finding in remarks[:SHOWN]:
        console.print(_line(file, finding, text), markup=False, highlight=False)
    if len(remarks) > SHOWN:
        console.print(text("load.more_remarks", count=len(remarks) - SHOWN, load=report.load_id), markup=False)
    for line in commands.restated_lines({"load_id": report.load_id, "restated": report.restated}, text):
        console.print(line, markup=False, highlight=False)
    console.print(Cell(text(f"load.outcome.{_outcome(report)}", load=report.load_id, as_of=report.as_of), style="bold"))


def _sum_lines(file: FileReport, text: Text) -> Iterator[str]:
    """From which day to which the rows reach, and where every amount went; an amount the file does not have is left out."""
    if file.first and file.last:
        yield text("load.dates", first=file.first, last=file.last)
    for column, sums in file.sums.items():
        if any(sums.values()):
            parts = "  ".join(
                f"{text(f'load.column.{name}')} {grouped(amount)}" for name, amount in sums.items() if amount or name == "read"
            )
            yield f"{text(f'pages_data.field_{column}')}: {parts}"


def _outcome(report: Report) -> str:
    return "unchanged" if report.status == "loaded" and not report.published else report.status


def _line(file: FileReport, finding: Finding, text: Text) -> str:
    """Where, then what: `visits.xlsx, sheet "拜访记录", row 41, column "拜访日期": …`."""
    place = [file.file]
    place += [text("load.at.sheet", sheet=finding.sheet)] if finding.sheet else []
    place += [text("load.at.row", row=finding.row)] if finding.row else []
    place += [text("load.at.column", column=finding.column)] if finding.column else []
    return f"{text('load.at.comma').join(place)}: {message(finding, text)}"


def _failed(error: FieldbookError, options: argparse.Namespace, text: Text) -> int:
    """Say what went wrong, in words; a broken setting is a usage error, everything else rejects the load."""
    words = text(f"error.{error.code}", **error.params)
    if options.json:
        print(to_json({"load_id": None, "status": "rejected", "files": [], "error": words}))
    print(words, file=sys.stderr)
    return USAGE if isinstance(error, ConfigError | NoSuchLoad) else REJECTED


def _print_nothing(options: argparse.Namespace, text: Text, error: NoWarehouse, empty: dict[str, Any]) -> None:
    print(to_json(empty) if options.json else text(f"error.{error.code}", **error.params))


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows with dates and times as ISO text."""
    return [{k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()} for row in frame.iter_rows(named=True)]


def _table(text: Text, frame: pl.DataFrame) -> Table:
    table = Table(*(text(f"load.column.{name}") for name in frame.columns))
    for row in frame.iter_rows():
        table.add_row(*(Cell("" if v is None else str(v)) for v in row))
    return table


@contextmanager
def _bar(text: Text, *, hidden: bool) -> Iterator[tuple[Any, Any]]:
    """A progress bar on the error stream, on a terminal only; yields (advance, say)."""
    console = Console(stderr=True)
    shown = console.is_terminal and not hidden
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=1.0)
        yield (
            lambda share, step: bar.update(task, completed=share, description=text(step)),
            lambda words: print(words, file=sys.stderr),
        )


def _console() -> Console:
    """The output stream; wide enough for whole rows when it is not a terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=200)


def _note(options: argparse.Namespace, action: str, **told: str | int | None) -> None:
    """Write down what whoever runs this did."""
    audit.note(home_folder(options.home), operator(), action, **told)


if __name__ == "__main__":
    sys.exit(main())
