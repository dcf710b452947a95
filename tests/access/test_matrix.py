"""Who sees what, for every function that gives business rows, every KPI by every dimension, the command line and every workbook (A12).

Each reader of the canary company asks for everything; in what comes back no id, name, note or amount of anybody else may be found. A
function that is new is asked too, or the test that looks at all of them fails.
"""

from __future__ import annotations

import ast
import base64
import importlib
import inspect
import pkgutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import data
from data.access import OWNER, Scope
from data.errors import NotAllowed
from data.peers import Company as Peers
from data.reads import FACTS, READS
from data.warehouse import Warehouse
from kpi.__main__ import main
from kpi.base import DimensionError
from kpi.catalog import CATALOG
from kpi.freshness import Freshness
from kpi.period import parse
from kpi.rejects import LoadRejects
from kpi.report import evaluate
from tests.access import canary
from tests.access.canary import AS_OF, REFUSED, WITH_ROWS
from tests.access.marks import Marks, text_of

ROOT = Path(__file__).resolve().parents[2]
READERS = tuple(reader for reader in (*WITH_ROWS, "admin") if reader != "director")
DIMENSIONS = ((), ("region",), ("territory_id",), ("rep_id",), ("pair_id",), ("customer_id",), ("customer_class",), ("product_line",))
EVER = parse("2024-01-01..2026-06-15", AS_OF)
PERIODS = tuple(parse(text, AS_OF) for text in ("2026-06", "2026-05-10..2026-06-05", "2026-Q1", "2025"))
MEASURED = [kpi for kpi in CATALOG.values() if not isinstance(kpi, Freshness | LoadRejects)]
ScopeOf = Callable[[str], Scope]
Foreign = Callable[[str], Marks]

# ── No function gives rows without a scope ─────────────────────────────────────────────────────────────────────────────────────

# What a result is called that may hold rows; `Company` gives them.
ROWS = ("Frame", "Record", "Report", "Relation", "Past", "bytes", "Company", "Checked", "Look", "Glimpse", "dict[str, Any]")
# These work on files and folders in the hands of who loads them. No page may use them: the pages go through draft and upkeep, which ask
# for the scope.
LOADERS = (
    "data.build.", "data.checking.", "data.config.", "data.reading.", "data.sample.",
    "data.keeping.commands.", "data.keeping.forget.", "data.keeping.forgotten.", "data.keeping.history.", "data.keeping.kept_reading.",
    "data.keeping.recovery.", "data.keeping.redact.", "data.keeping.replay.", "data.keeping.retention.", "data.keeping.verify.",
    "data.loading.findings.", "data.loading.intake.", "data.loading.load.", "data.loading.members.", "data.loading.merge.",
    "data.loading.recipe.", "data.loading.records.", "data.loading.restated.", "data.loading.workshop.",
)  # fmt: skip
# These only turn what somebody already holds into another shape.
PLAIN = (
    "data.access.parameters", "data.remembered.Answers.get", "data.loading.answers.", "data.loading.draft.glimpse_of",
    "data.loading.draft.preview", "data.loading.draft.remarks", "data.loading.report.", "data.keeping.upkeep.Change.",
    "data.errors.Finding.as_dict",
    "data.warehouse.Warehouse.config_values",
)  # fmt: skip


def functions() -> Iterator[tuple[str, Any]]:
    """Every public function, method and property of data/, by full name."""
    for info in pkgutil.walk_packages(data.__path__, "data."):
        if info.name == "data.__main__":
            continue
        try:
            module = importlib.import_module(info.name)
        except ModuleNotFoundError:  # takes packages that only who has a cluster needs
            assert info.name.startswith("data.cluster."), info.name
            continue
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", None) != info.name:
                continue
            members = vars(thing).items() if inspect.isclass(thing) else ((None, thing),)
            for inner, member in members:
                found = member.fget if isinstance(member, property) else getattr(member, "__func__", getattr(member, "func", member))
                if inspect.isfunction(found) and not (inner or "").startswith("_"):
                    yield ".".join(filter(None, (info.name, name, inner))), found


def asks_for_scope(function: Any) -> bool:
    """Whether a scope must be given."""
    return any("Scope" in str(p.annotation) and p.default is p.empty for p in inspect.signature(function).parameters.values())


def giving_rows() -> dict[str, Any]:
    """The functions whose result may hold rows."""
    return {name: f for name, f in functions() if any(word in str(inspect.signature(f).return_annotation) for word in ROWS)}


def test_every_function_that_gives_rows_asks_for_a_scope() -> None:
    giving = giving_rows()
    assert {"data.warehouse.Warehouse.read", "data.warehouse.Warehouse.rows", "data.keeping.upkeep.past"} <= set(giving)
    free = [name for name, f in giving.items() if not asks_for_scope(f) and not name.startswith((*LOADERS, *PLAIN))]
    assert not free


def test_every_exception_is_still_needed() -> None:
    names = [name for name, _ in functions()]
    assert not [one for one in (*LOADERS, *PLAIN) if not any(name.startswith(one) for name in names)]


def used_by_pages() -> Iterator[tuple[str, str]]:
    """File and full name of all that pages take from data/."""
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "data":
                yield from ((path.name, f"{node.module}.{alias.name}") for alias in node.names)


def test_no_page_takes_what_loaders_work_with() -> None:
    giving = {
        name for name, f in functions() if name.startswith(LOADERS) and any(w in str(inspect.signature(f).return_annotation) for w in ROWS)
    }
    modules = {name.rsplit(".", 1)[0] for name in giving}
    wrong = [(file, name) for file, name in used_by_pages() if name in giving or name in modules]
    assert not wrong


# ── Every function, for every reader ───────────────────────────────────────────────────────────────────────────────────────────


EVERY_CUSTOMER = sorted({row["customer_id"] for row in canary.invent().sources["orders"]})


def calls(method: Any) -> list[dict[str, Any]]:
    """The arguments to ask a method with: all there is, and what is narrowed to somebody else."""
    asked: list[dict[str, Any]] = [{}]
    for parameter in inspect.signature(method).parameters.values():
        if parameter.name in ("self", "scope") or (parameter.default is not parameter.empty and parameter.name not in ("windows", "limit")):
            continue
        values = {
            "ids": [EVERY_CUSTOMER],
            "name": list(READS),
            "fact": list(FACTS),
            "windows": [PERIODS],
            "window": [EVER, PERIODS[0]],
            "limit": [100_000],
        }
        assert parameter.name in values, f"teach the matrix what {method.__qualname__} wants as {parameter.name}"
        asked = [one | {parameter.name: value} for one in asked for value in values[parameter.name]]
    if method is Warehouse.read:
        asked += [one | {"by": ("customer_id",)} for one in asked if READS[one["name"]].by_customer]
        asked += [one | {"where": {"rep_id": ("pers-s2Q", "pers-n3Q")}} for one in asked if "by" not in one]
    return asked


METHODS = [name for name, f in vars(Warehouse).items() if inspect.isfunction(f) and not name.startswith("_") and asks_for_scope(f)]
COMPARING = {"company", "peers"}  # the one door to others' rows, without ids
LEDGER = {"loads", "quarantine", "findings", "rejects", "directory"}  # for those who look after the data


def rows_of(answer: Any) -> list[pl.DataFrame]:
    """The frames of an answer."""
    return [] if answer is None else [answer.collect() if isinstance(answer, pl.LazyFrame) else answer]


def test_the_matrix_knows_every_way_into_the_warehouse() -> None:
    public = {name for name, f in vars(Warehouse).items() if inspect.isfunction(f) and not name.startswith("_")}
    assert public - set(METHODS) == {"scope", "admit", "has", "forget"}  # who somebody is, what was loaded, and nothing
    assert set(METHODS) >= COMPARING | LEDGER


@pytest.mark.parametrize("reader", READERS)
def test_no_function_gives_a_row_of_somebody_else(warehouse: Warehouse, scope: ScopeOf, foreign: Foreign, reader: str) -> None:
    wrong = {}
    for name in set(METHODS) - COMPARING - LEDGER:
        for given in calls(getattr(Warehouse, name)):
            found = foreign(reader).found(text_of(rows_of(getattr(warehouse, name)(scope=scope(reader), **given))))
            if found:
                wrong[name, *map(str, given.values())] = sorted(map(str, found))[:5]
    assert not wrong


@pytest.mark.parametrize("reader", [r for r in READERS if r != "admin"])
def test_what_was_loaded_and_set_aside_is_refused(warehouse: Warehouse, scope: ScopeOf, reader: str) -> None:
    for name in LEDGER:
        with pytest.raises(NotAllowed):
            getattr(warehouse, name)(scope(reader))


def test_an_admin_sees_what_was_set_aside_and_no_row_that_was_loaded(warehouse: Warehouse, scope: ScopeOf) -> None:
    aside = text_of([warehouse.quarantine(scope("admin"))])
    assert all(order in aside for order in (b"ord-bad-n1Q", b"ord-bad-s2Q"))
    assert all(frame.is_empty() for name in READS for frame in rows_of(warehouse.read(name, scope("admin"), PERIODS)))
    assert all(warehouse.rows(name, scope("admin"), EVER).is_empty() for name in FACTS)


@pytest.mark.parametrize("reader", REFUSED)
def test_who_has_no_right_today_gets_no_scope(scope: ScopeOf, reader: str) -> None:
    with pytest.raises(NotAllowed):
        scope(reader)


def everybody(warehouse: Warehouse) -> dict[str, pl.DataFrame]:
    """The figures of every KPI by rep, as they are made once for all readers."""
    return evaluate(warehouse.company(OWNER), OWNER, splits(warehouse, ("rep_id",)), PERIODS[:1], ("rep_id",))


@pytest.mark.parametrize("reader", ["rep 1", "manager A", "inside"])
def test_figures_made_once_for_all_are_those_of_the_rows_one_may_compare_with(warehouse: Warehouse, scope: ScopeOf, reader: str) -> None:
    peers, made = warehouse.company(mine := scope(reader)), everybody(warehouse)
    own = evaluate(peers, mine, [CATALOG[name] for name in made], PERIODS[:1], ("rep_id",))
    for name, told in peers.told(mine, made).items():
        assert_frame_equal(told, own[name], check_row_order=False, check_exact=False)


@pytest.mark.parametrize("reader", ["rep 1", "manager A", "inside"])
def test_the_company_to_compare_with_names_nobody(warehouse: Warehouse, scope: ScopeOf, foreign: Foreign, reader: str) -> None:
    peers = warehouse.company(mine := scope(reader))
    frames = [frame for name in READS for frame in rows_of(peers.read(name, mine, PERIODS))]
    frames += [
        frame for name, read in READS.items() if read.by_customer for frame in rows_of(peers.read(name, mine, PERIODS, by=("customer_id",)))
    ]
    frames += peers.told(mine, everybody(warehouse)).values()
    frames += [*rows_of(peers.members(mine, PERIODS)), *rows_of(peers.pairs(mine, PERIODS)), peers.territories(mine)]
    assert {name for name, f in vars(Peers).items() if inspect.isfunction(f) and name[0] != "_"} == {
        "read",
        "company",
        "members",
        "pairs",
        "territories",
        "told",
    }
    # lines of products are the company's, not a person's
    assert not {word for word in foreign(reader).words_in(text_of(frames)) if not word.startswith("linie")}


# ── Every KPI by every dimension ───────────────────────────────────────────────────────────────────────────────────────────────


def splits(warehouse: Warehouse, by: tuple[str, ...]) -> list[Any]:
    """The KPIs that can be split so."""
    found, nobody = [], Scope("nobody", frozenset(), (), ())
    for kpi in MEASURED:
        try:
            evaluate(warehouse, nobody, [kpi], PERIODS[:1], by)
        except DimensionError:
            continue
        found.append(kpi)
    return found


# everybody by rep; else those through whose eyes rows are cut in the most different ways
FEW = ("rep 1", "rep 3", "manager B", "inside")


@pytest.mark.parametrize("by", DIMENSIONS)
def test_no_figure_is_made_of_somebody_elses_rows(warehouse: Warehouse, scope: ScopeOf, foreign: Foreign, by: tuple[str, ...]) -> None:
    kpis = splits(warehouse, by)
    assert kpis
    wrong = {}
    for reader in READERS if by == ("rep_id",) else FEW:
        for name, frame in evaluate(warehouse, scope(reader), kpis, PERIODS[:3], by).items():
            if found := foreign(reader).found(text_of([frame])):
                wrong[reader, name] = sorted(map(str, found))[:5]
    assert not wrong


# ── The command line ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def report(home: Path, reader: str, *more: str) -> list[str]:
    """The words of a report as a reader."""
    return ["report", "--home", str(home), "--lang", "en", "--as", canary.login(reader), *more]


ASKED = {
    "json": "revenue,gross_profit,collected,ar_balance,target_attainment,top20_share,data_freshness --period 2026-06 --compare prior",
    "csv": "revenue,gross_profit,order_count,collected,overdue_amount --by rep_id,month --period 2026-Q2",
    "table": "revenue,order_count,ar_balance,overdue_amount,abc_class --by customer_id --period 2026",
}


@pytest.mark.parametrize("form", ASKED)
@pytest.mark.parametrize("reader", [reader for reader in READERS if reader != "admin"])
def test_a_report_tells_nothing_of_others(home: Path, foreign: Foreign, capsys: pytest.CaptureFixture[str], reader: str, form: str) -> None:
    assert main(report(home, reader, "--kpi", *ASKED[form].split(), "--format", form)) == 0
    told = capsys.readouterr().out.encode()
    assert len(told) > 500
    assert not foreign(reader).found(told)


@pytest.mark.parametrize("reader", [*REFUSED, "admin"])
def test_a_report_for_somebody_without_rows_is_refused(
    home: Path, foreign: Foreign, capsys: pytest.CaptureFixture[str], reader: str
) -> None:
    assert main(report(home, reader, "--kpi", "revenue,load_reject_rate", "--by", "rep_id")) == 3
    said = capsys.readouterr()
    assert not said.out
    assert not foreign(reader).found(said.err.encode()) - {canary.login(reader)}


def test_only_those_who_look_after_the_data_are_told_how_many_rows_came(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(report(home, "rep 1", "--kpi", "load_reject_rate")) == 3
    assert "look after the data" in capsys.readouterr().err
    assert main(report(home, "director", "--kpi", "load_reject_rate", "--format", "csv")) == 0
    assert "orders" in capsys.readouterr().out


# ── Proof that the search finds ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_search_knows_every_word_and_every_form_of_a_number(foreign: Foreign) -> None:
    hidden = foreign("nobody")
    assert hidden.words_in("".join(sorted(hidden.words)).encode()) == hidden.words
    number = max(hidden.numbers)
    written = (f"{number}", f"{number:,}.00", f"{number / 1e4:,.4f}", f'{{"y":{number / 1e8:.8f}}}')
    packed = struct.pack("<d", number), b"x" + struct.pack("<d", number / 1e4), base64.b64encode(struct.pack("<ddd", 1, number, 2))
    for blob in (*(text.encode() for text in written), *packed):
        assert number in hidden.found(b"abc " + blob + b" def"), blob
    assert not hidden.found(f"{number + 1} {number / 3:.6f} {number // 7}".encode())


SILENT = {"visited_prospects", "unqualified_visits", "appointments", "signed_customers"}  # the canary company has none


@pytest.mark.parametrize("reader", ["rep 1", "manager A"])
def test_with_the_owners_eyes_everything_foreign_is_found(warehouse: Warehouse, foreign: Foreign, reader: str) -> None:
    """Without the scope the same search finds something in every read: otherwise it would prove nothing."""

    def everything(name: str) -> bytes:
        by = ("customer_id",) if READS[name].by_customer else ()
        return text_of(rows_of(warehouse.read(name, OWNER, [EVER], by=by)))

    silent = {name for name in READS if not foreign(reader).found(everything(name))}
    assert silent == SILENT, "give the canary company rows that this read gives back"
