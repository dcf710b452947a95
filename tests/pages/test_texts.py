"""Every visible text is in both catalogues; the pages hold none themselves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from data.contracts import SOURCES
from i18n import LANGUAGES, translator
from kpi.catalog import CATALOG
from pages.frame import session
from pages.parts import places, region, rep
from pages.ui import roles
from pages.ui.boards import CARDS

ROOT = Path(__file__).resolve().parents[2]
SCREENS = sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py")])
OURS = sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py")])
CATALOGUES = {lang: [*sorted((ROOT / "i18n" / lang).glob("pages*.po")), ROOT / "i18n" / lang / "access.po"] for lang in LANGUAGES}


def messages(lang: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in CATALOGUES[lang]:
        with path.open("rb") as file:
            found |= {str(m.id): str(m.string) for m in read_po(file) if str(m.id).startswith("pages")}
    return found


def strings(path: Path) -> list[str]:
    """Every string constant of a file but docstrings, in order."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        id(n.body[0].value)
        for n in ast.walk(tree)
        if hasattr(n, "body") and isinstance(n.body, list) and n.body and isinstance(n.body[0], ast.Expr)
    }
    return [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docs]


def asked(path: Path) -> set[str]:
    """The message ids a file names in full."""
    return {s for s in strings(path) if re.fullmatch(r"(pages(_[a-z]+)?|error|load|kpi)\.[a-z0-9_.]*[a-z0-9]", s)}


def completed(path: Path) -> list[re.Pattern[str]]:
    """The message ids a file completes at run time, as patterns: f"pages.source_{…}" gives pages.source_.+"""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.JoinedStr)
            and isinstance(node.values[0], ast.Constant)
            and re.match(r"pages(_[a-z]+)?\.", str(node.values[0].value))
        ):
            found.append(re.compile("".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in node.values)))
    return found


def refusals(path: Path) -> set[str]:
    """The message ids of the errors a file raises by code."""
    calls = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
    return {f"error.{c.args[0].value}" for c in calls if ast.unparse(c.func) == "NotAllowed" and isinstance(c.args[0], ast.Constant)}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", OURS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_message_asked_for_exists(path: Path, lang: str) -> None:
    text = translator(lang)
    assert not sorted(key for key in asked(path) | refusals(path) if key not in text)
    for pattern in completed(path):
        assert any(pattern.fullmatch(key) for key in messages(lang)), pattern.pattern


def test_both_languages_are_in_step() -> None:
    first, second = (messages(lang) for lang in LANGUAGES)
    assert set(first) == set(second)
    assert all(first.values())
    assert all(second.values())
    for key in first:
        assert set(re.findall(r"{(\w+)}", first[key])) == set(re.findall(r"{(\w+)}", second[key])), key


def test_no_message_is_kept_that_nobody_asks_for() -> None:
    named = {key for path in OURS for key in asked(path) | refusals(path)}
    patterns = [pattern for path in OURS for pattern in completed(path)]
    assert not [key for key in messages("en") if key not in named and not any(p.fullmatch(key) for p in patterns)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kpi_of_the_pages_has_a_name_and_a_formula(lang: str) -> None:
    text = translator(lang)
    for name in {*CARDS, *places.PLACE_KPIS, *region.RANKED, *rep.METRICS, *rep.PLACED}:
        assert f"kpi.{name}.label" in text
        assert f"kpi.{name}.formula" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_completed_at_run_time_exists(lang: str) -> None:
    text = translator(lang)
    wanted = [f"pages.{page}_title" for page in session.PAGES] + [f"pages.role_{role}" for role in roles.ROLE_ORDER]
    wanted += [f"pages.unit_{kpi.unit}" for kpi in CATALOG.values()] + [f"pages.better_{kpi.better}" for kpi in CATALOG.values()]
    wanted += [f"pages.source_{source}" for source in SOURCES] + [f"pages_view.element_{one.element}" for one in session.PAGES.values()]
    assert not [key for key in wanted if key not in text]


@pytest.mark.parametrize("path", SCREENS, ids=lambda p: p.name)
def test_a_page_holds_no_text_of_its_own(path: Path) -> None:
    """A string on a page is an id, a key or a file name: lower case, no blanks, no Chinese."""
    assert not [s for s in strings(path) if not re.fullmatch(r"[a-z0-9_.:/\-]*", s)]


@pytest.mark.parametrize("path", SCREENS, ids=lambda p: p.name)
def test_a_page_arranges_and_never_computes(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not re.search(r"group_by|\.agg\(|\.sum\(|\.mean\(|format_|import polars|import duckdb|select \*", source)


@pytest.mark.parametrize("page", session.PAGES)
def test_the_guard_is_the_first_statement_of_every_page(page: str) -> None:
    body = ast.parse((ROOT / "pages" / f"{page}.py").read_text("utf-8")).body
    first = next(
        n
        for n in body
        if not isinstance(n, ast.Import | ast.ImportFrom) and not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
    )
    assert ast.unparse(first) == f"session = guard('{page}')"


def test_every_page_file_is_known_to_the_guard() -> None:
    assert {p.stem for p in (ROOT / "pages").glob("*.py")} - {"__init__"} == set(session.PAGES)
