"""The shape of the house: who may import whom, which library lives where, and what never enters a file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSES = ("pages", "kpi", "data", "i18n", "bench")
EDGES = ("app.py", "server.py", "kpi/__main__.py", "data/__main__.py")

# Longest matching prefix wins. `ours` may be imported beside the part itself; `libraries` beside the standard library.
RULES: dict[str, tuple[set[str], set[str]]] = {
    "app.py": ({"pages", "kpi", "data", "i18n"}, {"streamlit"}),
    "server.py": ({"app", "pages", "kpi", "data", "i18n"}, {"streamlit", "starlette", "uvicorn"}),
    "pages/": ({"pages", "kpi", "data", "i18n"}, {"streamlit", "plotly", "polars", "pyarrow", "xlsxwriter", "babel"}),
    "pages/door/": ({"pages", "data", "i18n"}, {"streamlit", "starlette"}),
    "kpi/": ({"kpi"}, {"polars"}),
    "kpi/__main__.py": ({"kpi", "data", "i18n"}, {"polars", "rich"}),
    "data/": ({"data"}, {"duckdb", "polars", "fastexcel", "pyarrow"}),
    "data/sample/": ({"data"}, {"polars", "xlsxwriter"}),
    "data/cluster/": ({"data"}, {"duckdb", "pyspark", "sqlglot", "grpc"}),
    "data/__main__.py": ({"data", "kpi", "i18n"}, {"polars", "rich"}),
    "i18n/": ({"i18n"}, {"babel"}),
    "bench/": ({"bench", "pages", "kpi", "data", "i18n", "tests"}, {"duckdb", "polars", "pandas", "fastexcel", "rich", "streamlit"}),
}
OURS = {"app", "server", "pages", "kpi", "data", "i18n", "bench", "tests"}
SQL_CALLS = {"execute", "executemany", "sql", "query"}

# Pieces, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:" + "|".join(("home", "root", "Users", "work", "private")) + r")/[\w.]|[A-Z]:\\\\?Users\\")
SECRET = re.compile(
    "-----BEGIN [A-Z ]*" + "PRIVATE KEY" + r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bxox[bap]-\w{10,}"
    r"|(?i:\b(?:cookie_secret|client_secret|password|api_key)\s*=\s*[\"'][^\"'<{$…*]{12,}[\"'])"
)


def product_files() -> list[str]:
    """Every Python file that is not a test, relative to the root."""
    found = [p for house in HOUSES for p in (ROOT / house).rglob("*.py")] + [ROOT / e for e in EDGES if (ROOT / e).exists()]
    return sorted({p.relative_to(ROOT).as_posix() for p in found})


def tree_of(name: str) -> ast.Module:
    """The syntax tree of one of our files."""
    return ast.parse((ROOT / name).read_text("utf-8"), name)


def imported(name: str) -> Iterator[tuple[int, str]]:
    """Line and full module name of every import in a file, wherever it stands; relative ones resolved."""
    package = Path(name).parent.parts
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            yield node.lineno, ".".join(base + ([node.module] if node.module else [])) or "."


def calls(name: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call in a file with the last part of the name called (`con.sql(...)` → `sql`)."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Call):
            yield node, getattr(node.func, "attr", getattr(node.func, "id", ""))


def rule_for(name: str) -> tuple[set[str], set[str]]:
    """What the most particular rule allows the file: (our parts, libraries)."""
    return RULES[max((prefix for prefix in RULES if name.startswith(prefix)), key=len)]


def committed_texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file that is or would be committed; binary files are left out."""
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout: which files are committed is unknown")
    for name in filter(None, listing.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            raw = path.read_bytes()
            if b"\0" not in raw:
                yield name, raw.decode("utf-8", "replace")


def test_there_is_something_to_check() -> None:
    assert {"kpi/__init__.py", "data/contracts.py", "pages/__init__.py"} <= set(product_files())


@pytest.mark.parametrize("name", product_files())
def test_imports_point_one_way(name: str) -> None:
    ours, libraries = rule_for(name)
    allowed = ours | libraries | set(sys.stdlib_module_names)
    wrong = [f"{name}:{line} imports {module}" for line, module in imported(name) if module.split(".")[0] not in allowed]
    assert not wrong, wrong


@pytest.mark.parametrize("name", [n for n in product_files() if n.split("/")[0] in {"kpi", "data", "pages"}])
def test_nobody_imports_by_a_computed_name(name: str) -> None:
    by_name = {"import_module", "__import__", "exec", "eval"}
    # `con.execute` is another word; an attribute called eval/exec of a library object is not Python's.
    wrong = [f"{name}:{c.lineno} {w}" for c, w in calls(name) if w in by_name and (w == "import_module" or isinstance(c.func, ast.Name))]
    assert not wrong, wrong


@pytest.mark.parametrize("name", product_files())
def test_only_the_edges_are_imported_by_nobody(name: str) -> None:
    wrong = [f"{name}:{line} imports {module}" for line, module in imported(name) if module.endswith("__main__") or module == "server"]
    assert not wrong, wrong


def test_streamlit_and_plotly_stay_on_the_pages_side() -> None:
    screens = {
        name
        for name in product_files()
        for _, module in imported(name)
        if module.split(".")[0] in {"streamlit", "plotly"}
        and not name.startswith("pages/")
        and name not in {"app.py", "server.py", "bench/pages.py"}
    }
    assert not screens


def test_the_cluster_is_imported_only_by_a_build_that_has_one() -> None:
    """Its packages are optional and slow to load: nobody meets them who has not set [spark]."""
    outside = [name for name in product_files() if not name.startswith("data/cluster/")]
    assert {name for name in outside for _, module in imported(name) if module.startswith("data.cluster")} == {"data/build.py"}
    at_the_top = [node for node in tree_of("data/build.py").body if isinstance(node, ast.ImportFrom | ast.Import)]
    assert "data.cluster" not in "".join(map(ast.unparse, at_the_top))


def test_answers_are_cached_in_one_file_only() -> None:
    wrong = [
        f"{name}:{getattr(node, 'lineno', 0)}"
        for name in product_files()
        if name != "pages/ui/answers.py"
        for node in ast.walk(tree_of(name))
        if (isinstance(node, ast.Attribute) and node.attr in {"cache_data", "cache_resource"})
        or (isinstance(node, ast.ImportFrom) and {a.name for a in node.names} & {"cache_data", "cache_resource"})
    ]
    assert not wrong, wrong


def test_cached_functions_have_no_argument_left_out_of_the_key() -> None:
    """Streamlit leaves an argument that starts with _ out of the cache key: one person would see another's rows."""
    for name in [n for n in product_files() if n == "pages/ui/answers.py"]:
        for node in ast.walk(tree_of(name)):
            if isinstance(node, ast.FunctionDef) and any("cache_" in ast.unparse(d) for d in node.decorator_list):
                hidden = [a.arg for a in [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs] if a.arg.startswith("_")]
                assert not hidden, f"{name}:{node.lineno} {node.name} hides {hidden} from its cache key"


@pytest.mark.parametrize("name", [n for n in product_files() if re.fullmatch(r"pages/(?!__init__)\w+\.py", n)])
def test_every_page_begins_with_the_guard(name: str) -> None:
    """A direct link can reach a page file before app.py has run: nothing may happen there before the guard."""
    is_docstring = [isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) for n in tree_of(name).body]
    statements = [
        n for n, doc in zip(tree_of(name).body, is_docstring, strict=True) if not doc and not isinstance(n, ast.Import | ast.ImportFrom)
    ]
    called = getattr(statements[0], "value", None)
    assert isinstance(called, ast.Call)
    assert getattr(called.func, "attr", getattr(called.func, "id", "")) == "guard"


def constants(name: str) -> set[str]:
    """Names that a file binds once, at its top level, to a constant: these cannot carry data."""
    bound = [n.id for n in ast.walk(tree_of(name)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    top = [n for n in tree_of(name).body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
    return {t.id for n in top for t in n.targets if isinstance(t, ast.Name) and bound.count(t.id) == 1}


@pytest.mark.parametrize("name", [n for n in product_files() if n.startswith("pages/")])
def test_what_is_downloaded_is_made_for_a_reader_who_still_may_see_it(name: str) -> None:
    """A download is made on the click, outside of any run: only `session.guarded` looks at the rights again."""
    made = [(call.lineno, ast.unparse(call.args[1])) for call, word in calls(name) if word == "download_button"]
    assert not [f"{name}:{line} {what}" for line, what in made if not what.startswith("session.guarded(")]


def test_no_page_sends_html_that_data_could_reach() -> None:
    wrong = []
    for name in product_files():
        fixed = constants(name)
        for call, word in calls(name):
            if any(
                k.arg == "unsafe_allow_html" and not (isinstance(k.value, ast.Constant) and k.value.value is False) for k in call.keywords
            ):
                wrong.append(f"{name}:{call.lineno} unsafe_allow_html")
            if word == "html" and not all(isinstance(a, ast.Constant) or (isinstance(a, ast.Name) and a.id in fixed) for a in call.args):
                wrong.append(f"{name}:{call.lineno} html() of something computed")
    assert not wrong, wrong


def is_composed(text: ast.expr) -> bool:
    """Whether a string is put together from parts that are not all constants."""
    if isinstance(text, ast.JoinedStr):
        return any(isinstance(v, ast.FormattedValue) for v in text.values)
    if isinstance(text, ast.BinOp):
        return not all(
            isinstance(part, ast.Constant) for part in ast.walk(text) if isinstance(part, ast.expr) and not isinstance(part, ast.BinOp)
        )
    if isinstance(text, ast.Call):
        return getattr(text.func, "attr", "") in {"format", "format_map", "replace", "join", "substitute"}
    return False


@pytest.mark.parametrize("name", [n for n in product_files() if n.startswith("data/")])
def test_sql_is_never_put_together_where_it_is_run(name: str) -> None:
    wrong = [
        f"{name}:{call.lineno} {ast.unparse(call)[:100]}"
        for call, word in calls(name)
        if word in SQL_CALLS and call.args and is_composed(call.args[0])
    ]
    assert not wrong, wrong


@pytest.mark.parametrize(
    "code",
    ['con.sql(f"select {x}")', 'con.execute("select %s" % x)', 'con.execute("a" + x)', 'con.sql("{}".format(x))', 'con.sql(" ".join(xs))'],
)
def test_composed_sql_would_be_found(code: str) -> None:
    call = ast.parse(code).body[0].value  # type: ignore[attr-defined]
    assert is_composed(call.args[0])


def test_a_plain_statement_is_not_mistaken_for_a_composed_one() -> None:
    assert not is_composed(ast.parse('"select 1 " + "from t"').body[0].value)  # type: ignore[attr-defined]


def test_no_file_names_a_machine() -> None:
    wrong = [
        f"{name}: {found.group()}"
        for name, text in committed_texts()
        if name != "tests/test_architecture.py"
        for found in MACHINE_PATH.finditer(text)
    ]
    assert not wrong, wrong


def test_packages_come_from_wherever_pip_is_told() -> None:
    wrong = [
        name
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-spark.txt")
        if re.search(r"index-url|find-links|://", (ROOT / name).read_text())
    ]
    assert not wrong


def test_no_secret_is_committed() -> None:
    texts = dict(committed_texts())
    assert not [name for name in texts if name.endswith(("secrets.toml", ".pem", ".key")) or Path(name).name.startswith(".env")]
    wrong = [f"{name}: {found.group()[:30]}" for name, text in texts.items() for found in SECRET.finditer(text)]
    assert not wrong, wrong
    assert ".streamlit/secrets.toml" in texts[".gitignore"].split()
    assert "var/" in texts[".gitignore"].split()


WANTED = {
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.maxUploadSize": 50,
    "server.maxMessageSize": 100,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.address": "127.0.0.1",
    "browser.gatherUsageStats": False,
}


@pytest.mark.parametrize("option", WANTED)
def test_the_committed_settings_are_the_hardened_ones(option: str) -> None:
    section, key = option.split(".")
    assert tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))[section][key] == WANTED[option]


def test_streamlit_takes_the_settings_as_they_are_written() -> None:
    """A misspelt key would be read by nobody: ask Streamlit itself what is in force when it is started here."""
    ask = f"from streamlit import config as c; print({{o: c.get_option(o) for o in {list(WANTED)!r}}})"
    answer = subprocess.run([sys.executable, "-W", "ignore", "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ast.literal_eval(answer.stdout.strip().splitlines()[-1]) == WANTED


def test_every_test_the_threat_model_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text("utf-8")))
    written = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)
    }
    assert len(named) > 40
    assert named - written == set()
