"""What is done on pages and at the command line stands in the audit log; amounts and customers never do, whatever is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import data.__main__ as data_command
import kpi.__main__ as kpi_command
from data.access import Scope
from data.keeping import audit
from data.loading import answers, draft
from data.warehouse import Warehouse
from i18n import translator
from pages.frame import session

ROOT = Path(__file__).resolve().parents[2]
EN = translator("en")
ADA = Scope("ada", frozenset({"admin"}), (), ())
# whatever of these is found in the log has leaked
CANARIES = ("海鸥贸易", "SEAGULL", "C-4711", "48151", "62342", "13800138000")
EXPORTS = {
    "reps.csv": "rep_id,rep_name,role,region,login\nD1,Dora,director,,dora\nM1,Mia,regional_manager,East,mia\n"
    "R1,Ann,rep,East,ann\nA1,Ada,admin,,ada\n",
    "customers.csv": "customer_id,customer_name,owner_id,phone\nC-4711,海鸥贸易 SEAGULL,R1,13800138000\n",
    "orders.csv": "order_id,customer_id,rep_id,order_date,ship_date,net_amount\nO1,C-4711,R1,2026-06-01,2026-06-01,48151.62\n"
    "O2,C-4711,R1,2026-07-02,2026-07-02,62342.10\nO3,C-4711,R1,2026-07-02,2026-07-02,about 48151\n",
}
MORE = "order_id,customer_id,rep_id,order_date,ship_date,net_amount\nO4,C-4711,R1,2026-07-02,2026-07-02,48151.99\n"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That company, loaded at the command line."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "SEAGULL").mkdir()
    for name, text in EXPORTS.items():
        (folder / "SEAGULL" / name).write_text(text, "utf-8")
    assert data_command.main(["load", str(folder / "SEAGULL"), "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.fixture
def home(loaded: Path, started: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the pages are told of it."""
    monkeypatch.setenv("FIELDBOOK_HOME", str(loaded))
    return loaded


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], bytes]]:
    """What the download buttons of the pages would make on a click."""
    made: list[Callable[[], bytes]] = []
    guarded = session.Session.guarded

    def kept(self: session.Session, make: Callable[[], bytes]) -> Callable[[], bytes]:
        made.append(guarded(self, make))
        return made[-1]

    monkeypatch.setattr(session.Session, "guarded", kept)
    return made


def opened(page: str = "") -> AppTest:
    """A page as a browser opens it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run()
    return at.switch_page(f"pages/{page}.py").run() if page else at


def log(home: Path, **wanted: Any) -> list[dict[str, Any]]:
    """The entries with these values, oldest first."""
    lines = [json.loads(line) for path in sorted((home / "audit").iterdir()) for line in path.read_text("utf-8").splitlines()]
    return [line for line in lines if all(line.get(name) == value for name, value in wanted.items())]


def test_a_visit_is_written_down_from_coming_to_leaving(home: Path, come: Callable[..., None], downloads: Any) -> None:
    come("ann")
    at = opened()
    at.run()
    at.run()
    at.switch_page("pages/rep.py").run()
    downloads[-1]()
    at.button(key="sign_out").click().run()
    mine = [(entry["action"], entry.get("page"), entry["roles"], entry["scope"]) for entry in log(home, user="ann")]
    scope = {"regions": [], "reps": ["R1"]}
    assert mine == [
        ("login", None, ["rep"], scope), ("page", "my_day", ["rep"], scope), ("page", "rep", ["rep"], scope),
        ("export", "rep", ["rep"], scope),
        ("logout", None, ["rep"], scope), ("refused", None, [], {"regions": [], "reps": []}),
    ]  # fmt: skip
    assert log(home, user="ann", action="export")[0]["rows"] > 0


def test_who_is_refused_is_written_down_once_with_the_reason(home: Path, come: Callable[..., None]) -> None:
    come("stranger")
    at = opened()
    at.run()
    assert [(e["action"], e["why"], e["roles"]) for e in log(home, user="stranger")] == [("refused", "not_known_here", [])]
    come("mia")
    at = opened()
    for page in ("data", "audit"):
        opened_directly = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60).run()
        assert not opened_directly.dataframe
        [entry] = log(home, user="mia", action="refused", page=page)
        assert (entry["why"], entry["scope"]["regions"]) == ("page_not_for_role", ["East"])


def test_nobody_is_not_written_down(home: Path, come: Callable[..., None]) -> None:
    before = len(log(home))
    come(None)
    opened()
    assert len(log(home)) == before


def test_nothing_made_on_a_click_leaves_after_rights_were_withdrawn(home: Path, come: Callable[..., None], downloads: Any) -> None:
    from data.errors import NotAllowed

    come("mia")
    opened()
    assert downloads[-1]()
    settings = home / "fieldbook.toml"
    settings.write_text('[access]\nblocked = ["mia"]\n')
    try:
        with pytest.raises(NotAllowed):
            downloads[-1]()
    finally:
        settings.unlink()


def test_an_admin_reads_filters_and_takes_the_log_away(
    home: Path, come: Callable[..., None], downloads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit.note(home, Scope("<b>eve</b>", frozenset(), (), ()), "refused", why="not_known_here")
    audit.note(home, ADA, "publish", load=7, status="loaded")
    come("ada")
    at = opened("audit")
    assert not at.exception
    shown = at.dataframe[0].value
    assert shown["action"].iloc[0] == EN("pages_access.action_page")
    at.selectbox(key="audit_action").set_value(EN("pages_access.action_publish")).run()
    shown = at.dataframe[0].value
    assert set(shown["action"]) == {EN("pages_access.action_publish")}
    assert (7, EN("pages_access.why_loaded")) in list(zip(shown["load"], shown["why"], strict=True))
    assert downloads[-1]()[:2] == b"PK"
    assert log(home, user="ada", action="export", page="audit")
    at.selectbox(key="audit_action").set_value(None)
    at.selectbox(key="audit_user").set_value("<b>eve</b>").run()
    assert set(at.dataframe[0].value["user"]) == {"<b>eve</b>"}


@pytest.mark.parametrize("login", ["dora", "mia", "ann"])
def test_the_log_is_for_nobody_else(home: Path, come: Callable[..., None], login: str) -> None:
    come(login)
    at = AppTest.from_file(str(ROOT / "pages" / "audit.py"), default_timeout=60)
    at.session_state["lang"] = "en"
    at.run()
    assert [error.value for error in at.error] == [EN("error.page_not_for_role")]
    assert not at.dataframe


def test_no_amount_and_no_customer_enters_the_log_whatever_is_done(
    home: Path, come: Callable[..., None], downloads: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    # on pages: every role on every page, each download, a wish for a customer's name
    for login, pages in {
        "dora": ("overview", "region", "rep", "data", "glossary"),
        "mia": ("region", "rep"),
        "ann": ("rep",),
        "ada": ("data",),
    }.items():
        come(login)
        for page in pages:
            at = opened(page)
            at.query_params["rep"] = "海鸥贸易"
            assert not at.run().exception
    for make in downloads:
        make()
    come("nobody@example.com")
    opened()
    # the files of an admin, named after a customer
    staged = draft.stage(home, ADA, [("海鸥贸易 48151.62.csv", MORE.encode()), ("SEAGULL.csv", b"x")])
    checked = draft.check(staged, ADA)
    answers.save(home, ADA, "海鸥贸易*.csv", [answers.Answers("orders", None, columns={"net_amount": "SEAGULL"})])
    answers.restore(home, ADA, next((home / "mappings").glob("*.toml")).name)
    assert draft.publish(staged, ADA, [checked[0].upload.label]).published
    # the command line
    last = int(Warehouse.open(home).snapshot)
    folder = ["--home", str(home)]
    data_commands = (
        ["status"], ["quarantine"], ["quarantine", "--json"], ["report", "1", "--csv", str(tmp_path / "SEAGULL.csv")], ["undo", str(last)],
        ["rollback"], ["verify"], ["rebuild"], ["prune"], ["forget", "customer", "C-4711"], ["forget", "customer", "SEAGULL"],
    )  # fmt: skip
    for words in data_commands:
        data_command.main([*words, *folder])
    for words in (["--as", "ann"], ["--as", "海鸥贸易"], []):
        kpi_command.main(
            ["report", "--kpi", "revenue", "--by", "customer_id" if not words else "rep_id", "--period", "2026", *words, *folder]
        )
    printed = capsys.readouterr().out
    assert "48151" in printed or "48,151" in printed, "the canaries were there to be met"
    done = {entry["action"] for entry in log(home)}
    assert done >= {
        "login",
        "page",
        "export",
        "refused",
        "upload",
        "mapping",
        "publish",
        "undo",
        "rollback",
        "verify",
        "prune",
        "forget",
        "report",
    }
    everything = b"".join(path.read_bytes() for path in (home / "audit").iterdir()).decode() + json.dumps(log(home), ensure_ascii=False)
    assert [canary for canary in CANARIES if canary in everything] == []
