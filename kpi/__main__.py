"""`python -m kpi`: the figures of the pages on the command line, for people, schedules and scripts.

Exit codes: 0 done · 2 the question cannot be answered as asked (unknown KPI, no such period) · 3 no access, or nothing published.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.access import OWNER, Scope, operator
from data.config import home_folder
from data.errors import FieldbookError, NotAllowed, shown
from data.keeping import audit
from data.warehouse import Warehouse
from i18n import LANGUAGES, Text, normalise, translator
from kpi.base import PLACES, DimensionError, Unit, split_by
from kpi.calendar import Calendar
from kpi.catalog import CATALOG, AnyKpi, UnknownKpi, get
from kpi.config import Config
from kpi.freshness import Freshness
from kpi.glossary import Entry, entries, markdown
from kpi.output import as_json, report_csv, report_json
from kpi.period import UNITS, PeriodError, parse
from kpi.rejects import LoadRejects
from kpi.report import Question, answer, rows
from kpi.targets import TargetKpi

_MARKET = ("prospect_class", "stage", "stages", "lead_source", "need_state", "lost_reason", "competitor")  # dimensions of prospects
_DIMENSIONS = (*PLACES, "pair_id", "customer_id", "customer_class", "product_line", "product_id", *_MARKET)
_COLUMNS = ", ".join((*_DIMENSIONS, *UNITS))
DOCUMENTS = {"en": "kpi.md", "zh": "kpi.zh.md"}  # two: a reader reads one, and a line of both would be too long to compare
_WIDE = 200  # columns of a table that goes into a file or a pipe


class UsageError(Exception):
    """The question cannot be answered as asked; the text says why and what would do."""


@dataclass(frozen=True)
class Scoped:
    """An open warehouse through one person's eyes."""

    warehouse: Warehouse
    scope: Scope

    def names(self) -> dict[str, str]:
        """Names of people, territories and customers by id, for tables."""
        people, territories = self.warehouse.people(self.scope), self.warehouse.territories(self.scope)
        customers = self.warehouse.customers(self.scope).select("customer_id", "customer_name").drop_nulls()
        return (
            dict(customers.iter_rows())
            | dict(territories.select("territory_id", "territory_name").iter_rows())
            | dict(people.select("rep_id", "rep_name").iter_rows())
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    t = translator(_language(arguments))
    options = _parser(t).parse_args(arguments)
    try:
        return _written({"list": _list, "report": _report, "docs": _docs}[options.command](options, t))
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except NotAllowed as error:
        print(t(next(key for key in (f"kpi.cli.{error.code}", f"error.{error.code}") if key in t), **error.params), file=sys.stderr)
        return 3
    except FieldbookError as error:
        print(t(f"error.{error.code}", **error.params), file=sys.stderr)
        return 3


def _written(text: str) -> int:
    """Put the text out as UTF-8 whatever the terminal says; a reader that stops early (`| head`) is no error."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _language(arguments: Sequence[str]) -> str:
    """The language asked for with --lang, else that of the terminal; needed before the help can be written."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    first.add_argument("--lang", nargs="?")
    asked = first.parse_known_args(arguments)[0].lang
    return normalise(asked or os.environ.get("LC_ALL") or os.environ.get("LANG"))


def _parser(t: Text) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kpi", description=t("kpi.cli.about"), allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="list | report | docs")
    listing = commands.add_parser("list", help=t("kpi.cli.list"), description=t("kpi.cli.list"), allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help=t("kpi.cli.json"))
    report = commands.add_parser(
        "report", help=t("kpi.cli.report"), description=t("kpi.cli.report"), epilog=t("kpi.cli.codes"), allow_abbrev=False
    )
    report.add_argument("--kpi", required=True, metavar="A,B", help=t("kpi.cli.kpi"))
    report.add_argument("--by", default="", metavar="COLUMN[,month]", help=t("kpi.cli.by", columns=_COLUMNS))
    report.add_argument("--period", default="mtd", help=t("kpi.cli.period"))
    report.add_argument("--compare", choices=("prior", "year", "festival", "target"), help=t("kpi.cli.compare"))
    report.add_argument("--as", dest="login", metavar="LOGIN", help=t("kpi.cli.as"))
    report.add_argument("--as-of", metavar="DATE", help=t("kpi.cli.as_of"))
    report.add_argument("--format", choices=("table", "json", "csv"), default="table", help=t("kpi.cli.format"))
    docs = commands.add_parser("docs", help=t("kpi.cli.docs"), description=t("kpi.cli.docs"), allow_abbrev=False)
    docs.add_argument("folder", metavar="DIR", help=t("kpi.cli.docs_folder"))
    for command in (listing, report, docs):  # all take both, also where a home is not looked at: a script needs no exception
        command.add_argument("--home", metavar="DIR", help=t("kpi.cli.home"))
        command.add_argument("--lang", choices=LANGUAGES, help=t("kpi.cli.lang"))
    return parser


def _list(options: argparse.Namespace, t: Text) -> str:
    listed = entries(t)
    if options.json:
        return "[\n" + ",\n".join(as_json(_described(one, CATALOG[one.name])) for one in listed) + "\n]\n"
    table = Table(*(t(f"kpi.cli.column.{name}") for name in ("name", "label", "unit", "direction", "needs", "formula")))
    for one in listed:
        table.add_row(one.name, one.label, one.unit, one.direction, ", ".join(one.needs), escape(one.formula))
    return _drawn(table)


def _described(one: Entry, kpi: AnyKpi) -> dict[str, Any]:
    """An entry for programs: words where people read, codes where programs do."""
    codes = {"unit": str(kpi.unit), "direction": str(kpi.better), "credit": kpi.credit}
    return {**vars(one), **codes, "reads": list(one.reads), "needs": list(one.needs)}


def _docs(options: argparse.Namespace, t: Text) -> str:
    """Write the definitions into a folder, a document per language, and say which."""
    folder, written = Path(options.folder), []
    for lang, name in DOCUMENTS.items():
        path = folder / name
        try:
            path.write_text(markdown(translator(lang)), "utf-8", newline="\n")
        except OSError as error:
            raise UsageError(t("kpi.cli.cannot_write", folder=shown(folder), reason=error.strerror)) from error
        written.append(str(path))
    return "".join(f"{name}\n" for name in written)


def _report(options: argparse.Namespace, t: Text) -> str:
    kpis, (by, unit) = _kpis(options.kpi, t), _by(options.by, t)
    asked_of = _date(options.as_of, t) if options.as_of else None
    warehouse = Warehouse.open(home := home_folder(options.home))
    source = Scoped(warehouse, _scope(warehouse, options.login))
    try:
        period = parse(options.period, asked_of or warehouse.as_of, _calendar(warehouse))
    except PeriodError as error:
        raise UsageError(t("kpi.cli.bad_period", period=shown(options.period))) from error
    measured = tuple(k for k in kpis if not isinstance(k, Freshness | LoadRejects))
    question, config = Question(measured, period, by, unit, options.compare), Config.of(warehouse.config_values)
    found = _answered(question, source, t)
    for kpi in kpis:
        if isinstance(kpi, LoadRejects):
            found += rows({kpi.name: kpi(warehouse.rejects(source.scope))}, ("source",))
        if isinstance(kpi, Freshness):
            found += rows({kpi.name: kpi(warehouse.freshness(source.scope), datetime.now(UTC), period.as_of, config)}, ("source",))
    meta = _meta(source, question, kpis, options.period)
    audit.note(home, operator(), "report", rows=len(found), seen_as=None if options.login is None else source.scope.user)
    if options.format == "json":
        return report_json(meta, found)
    return report_csv(found) if options.format == "csv" else _table(found, kpis, meta, source.names(), t)


def _scope(warehouse: Warehouse, login: str | None) -> Scope:
    """A person's rights on the real day, whatever day the figures are of; without a login, the owner of the folder. Raises NotAllowed."""
    if login is None:
        return OWNER
    scope = warehouse.scope(login, date.today())
    if not (scope.sees_all or scope.reps or scope.regions):  # who only looks after the data would get zeros for figures
        raise NotAllowed("no_rows", login=shown(login))
    return scope


def _kpis(text: str, t: Text) -> list[AnyKpi]:
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    try:
        found = [get(name) for name in names or [text]]
    except UnknownKpi as error:
        hint = t("kpi.cli.did_you_mean", name=error.meant) if error.meant else t("kpi.cli.see_list")
        raise UsageError(t("kpi.cli.unknown_kpi", name=shown(error.name), hint=hint)) from error
    return found


def _by(text: str, t: Text) -> tuple[tuple[str, ...], str | None]:
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in (*_DIMENSIONS, *UNITS):
            raise UsageError(t("kpi.cli.unknown_column", name=shown(name), columns=_COLUMNS))
    try:
        return split_by(names)
    except ValueError as error:
        raise UsageError(t("kpi.cli.two_units")) from error


def _date(text: str, t: Text) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(t("kpi.cli.bad_date", date=shown(text))) from error


def _calendar(warehouse: Warehouse) -> Calendar:
    return Calendar(warehouse.settings.fiscal_year_start_month, *warehouse.days)


def _answered(question: Question, source: Scoped, t: Text) -> list[dict[str, Any]]:
    by = (*question.by, *([question.unit] if question.unit else []))
    try:
        found = rows(answer(question, source.warehouse, source.scope), by)
    except DimensionError as error:
        raise UsageError(t("kpi.cli.cannot_split", kpi=error.kpi, column=error.dimension)) from error
    for row in found:
        if "compare_start" in row:  # the two days as one phrase
            row["compare_period"] = t("kpi.cli.span", start=row.pop("compare_start"), end=row.pop("compare_end"))
    return found


def _meta(source: Scoped, question: Question, kpis: Sequence[AnyKpi], asked: str) -> dict[str, Any]:
    """What the figures are of: exported reports name snapshot, period, scope, versions and thresholds (R20)."""
    period, scope, warehouse = question.period, source.scope, source.warehouse
    thresholds = vars(Config.of(warehouse.config_values))
    return {
        "as_of": period.as_of,
        "snapshot": warehouse.snapshot,
        "period": asked,
        "start": period.start,
        "end": period.end,
        "to": period.to,
        "by": [*question.by, *([question.unit] if question.unit else [])],
        "compare": question.compare,
        "currency": warehouse.currency,
        "scope": {
            "user": scope.user,
            "roles": sorted(scope.roles),
            "reps": scope.reps,
            "regions": scope.regions,
            "sees_all": scope.sees_all,
        },
        "loaded": sorted(warehouse.loaded),
        "versions": {kpi.name: kpi.version for kpi in kpis},
        "config": thresholds,
    }


def _table(found: Sequence[Mapping[str, Any]], kpis: Sequence[AnyKpi], meta: Mapping[str, Any], names: Mapping[str, str], t: Text) -> str:
    """The report for reading: names instead of ids, rates in per cent, — and the reason where there is no value."""
    known = {kpi.name: kpi for kpi in kpis}
    keys = [c for c in (*meta["by"], "source") if any(c in row for row in found)]
    beside = [c for c in ("compare_value", "change", "pace", "compare_period") if any(c in row for row in found)]
    title = t("kpi.cli.title", start=meta["start"], end=meta["to"], as_of=meta["as_of"], user=escape(shown(meta["scope"]["user"])))
    table = Table(title=title)
    for column in (*keys, "kpi", "value", *beside, "n_rows", "status"):
        figure = column in ("value", "compare_value", "change", "pace", "n_rows")
        table.add_column(t(f"kpi.cli.column.{column}"), justify="right" if figure else "left")
    for row in found:
        kpi = known[row["kpi"]]
        label = t(kpi.label_id) + (f" · {t(kpi.base.label_id)}" if isinstance(kpi, TargetKpi) else "")
        places = [escape(_place(row.get(c), names, t, c)) for c in keys]
        figures = [_figure(row.get(c), c, kpi.unit, row) for c in beside]
        table.add_row(*places, label, _figure(row["value"], "value", kpi.unit, row), *figures, str(row["n_rows"]), _state(row, t))
    return _drawn(table)


def _place(value: Any, names: Mapping[str, str], t: Text, column: str) -> str:
    if value is None:
        return t("kpi.cli.nowhere")
    if column in _MARKET and (word := f"kpi.word.{value}") in t:  # our own words; what an export says stays as it is
        return t(word)
    name = names.get(str(value))
    return shown(f"{value} {name}" if name else value)


def _figure(value: Any, column: str, unit: Unit, row: Mapping[str, Any]) -> str:
    if value is None:
        return "—"
    if isinstance(value, str):
        return value + (" *" if row.get("clipped") else "")
    if column == "pace" or (unit is Unit.RATE and column != "change"):
        return f"{value * 100:.1f} %"
    if unit is Unit.RATE:
        return f"{value:+.1f} pp"
    sign = "+" if column == "change" else ""
    digits = 2 if unit is Unit.MONEY else 0 if isinstance(value, int) else 1
    return f"{value:{sign},.{digits}f}"


def _state(row: Mapping[str, Any], t: Text) -> str:
    status = t(f"kpi.status.{row['status']}")
    return f"{status}: {t('kpi.note.' + row['note'])}" if row["note"] else status


def _drawn(table: Table) -> str:
    """The table as text, as wide as the terminal; wide enough for every column when nobody looks."""
    console = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, force_terminal=False)
    with console.capture() as drawn:
        console.print(table)
    return drawn.get()


if __name__ == "__main__":
    sys.exit(main())
