"""Forgetting a customer or a person: no trace stays, every figure does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from data.access import Scope
from data.keeping import recovery, store, views
from data.keeping.forget import NotForgotten
from data.keeping.views import View
from tests.data.keeping.company import CUSTOMERS, ORDERS, REPS, Company, Start


def traces(home: Path, *needles: str) -> list[tuple[str, str]]:
    """Where in a home any of these texts can be found, in plain bytes or in any table."""
    found = []
    for path in home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                tables = con.execute("select schema_name, table_name from duckdb_tables() where database_name <> 'temp'").fetchall()
                for schema, table in tables:
                    content += str(con.execute(f'select * from {schema}."{table}"').fetchall()).encode()
        found += [(path.name, needle) for needle in needles if needle.encode() in content]
    return found


PEOPLE = REPS + "R-7001,Wang Weiguo,rep,East,wang.weiguo@corp.example\nR-7002,Li Na,rep,East,\n"
CARDS = CUSTOMERS + "K-90011,Acme Trading,R-7001,Zhang San,13800000001\nK-90012,Borealis,R-7002,Li Si,13800000002\n"
SALES = (
    ORDERS + "A,1,K-90011,Wang Weiguo,2026-05-01,100.00,60.00\nB,1,K-90012,R-7002,2026-05-31,200.00,\nX,1,K-90011,R-7001,2026-05-03,five,\n"
)
VISITS = (
    "rep_id,customer_id,actual_date,visit_type,purpose\n"
    "R-7001,K-90011,2026-05-04 09:00,on_site,Acme Trading wants a price\nR-7002,K-90012,2026-05-05 10:00,on_site,\n"
)
LI = Scope("li.na@corp.example", frozenset({"director"}), (), (), sees_all=True)


def _fill(company: Company) -> None:
    """A company with a customer and a rep in every corner: files by id and by name, a changed name, rows set aside, a held load."""
    company.load(reps=PEOPLE, customers=CARDS)
    company.load(orders=SALES, visits=VISITS)
    company.load(customers=CARDS.replace("Acme Trading", "Acme Trading Group"))
    assert company.load(customers=CUSTOMERS + "K-90011,Acme Holding,R-7001,Zhang San,1\n").status == "held"


@pytest.fixture
def known(begun: Callable[[str, Start], Company], tmp_path: Path) -> Company:
    """That company."""
    return begun("known", _fill).copied(tmp_path)


def test_a_forgotten_customer_leaves_no_trace_and_every_figure_stays(known: Company) -> None:
    figures = "select date, revenue, n_rows from measure.sales order by all"
    before = known.ask(figures)
    record = recovery.forget(known.home, "customer", "K-90011")
    assert record["left"] == []
    assert traces(known.home, "Acme", "Zhang San", "13800000001", "K-90011") == []
    assert known.ask(figures) == before
    assert known.ask("select customer_id, net_amount from src.orders where order_id = 'A'") == [(record["token"], Decimal(100))]
    assert known.ask("select count(distinct customer_name) from src.customers where customer_id like 'forgotten-%'") == [(2,)]
    assert known.ask("select customer_name from src.customers where customer_id = 'K-90012'") == [("Borealis",)]
    assert known.rebuilt() == ("equal", [])
    assert recovery.verify(known.home) == []
    assert all(store.is_good(p) for p in store.generations(known.home))


def test_a_forgotten_rep_leaves_no_trace_and_keeps_the_sales(known: Company) -> None:
    recovery.forget(known.home, "rep", "R-7001")
    assert traces(known.home, "Wang Weiguo", "wang.weiguo", "R-7001") == []
    assert known.ask("select rep_id like 'forgotten-%', revenue from measure.sales order by all") == [
        (False, Decimal(200)), (True, Decimal(100)),
    ]  # fmt: skip
    assert known.ask("select rep_name from src.reps where rep_id = 'R-7002'") == [("Li Na",)]
    assert known.rebuilt() == ("equal", [])


def test_a_later_export_does_not_bring_a_forgotten_customer_back(known: Company) -> None:
    token = recovery.forget(known.home, "customer", "K-90011")["token"]
    report = known.load(customers=CARDS.replace("Acme Trading", "Acme Trading Group"), orders=SALES)
    assert "forgotten_again" in [f.rule for file in report.files for f in file.findings]
    assert {file.rows["loaded"] for file in report.files} == {0}  # the same rows as before, under the token
    known.load(orders=ORDERS + "Z,1,K-90011,R-7002,2026-06-01,7.00,\n")
    assert known.ask("select customer_id from src.orders where order_id = 'Z'") == [(token,)]
    assert traces(known.home, "Acme", "Zhang San", "13800000001", "K-90011") == []
    assert known.rebuilt() == ("equal", [])


def test_a_held_load_without_the_forgotten_can_still_be_accepted(known: Company) -> None:
    recovery.forget(known.home, "customer", "K-90011")
    assert recovery.accept(known.home, 4).published
    assert known.rebuilt() == ("equal", [])


def test_a_customer_of_an_undone_load_is_forgotten_too(with_may: Company) -> None:
    with_may.load(customers=CARDS)
    recovery.undo(with_may.home, 2)
    recovery.forget(with_may.home, "customer", "K-90011")
    assert traces(with_may.home, "Acme", "K-90011", "13800000001") == []
    assert with_may.rebuilt() == ("equal", [])


def test_nobody_is_forgotten_by_mistake(known: Company) -> None:
    with pytest.raises(NotForgotten, match="forget_unknown"):
        recovery.forget(known.home, "customer", "K-9001")
    known.load(reps=PEOPLE + "R-7003,Wang Weiguo,rep,West,\n")
    with pytest.raises(NotForgotten, match="forget_shared_name"):
        recovery.forget(known.home, "rep", "R-7001")


def test_nobody_comes_back_to_somebody_forgotten_by_a_saved_view(known: Company) -> None:
    views.keep(known.home, LI, View("Acme Trading Group 每周", "customer", {"customer": "K-90011"}))
    views.keep(known.home, Scope("wang.weiguo@corp.example", frozenset({"rep"}), ("R-7001",), ()), View("Mine", "rep"))
    token = recovery.forget(known.home, "customer", "K-90011")["token"]
    [view] = views.kept(known.home, LI)
    assert view.params == {"customer": token}
    recovery.forget(known.home, "rep", "R-7001")
    assert traces(known.home / "views", "K-90011", "Acme", "wang.weiguo") == []
    assert len(views.kept(known.home, LI)) == 1


def test_names_in_settings_are_left_to_their_owner_and_listed(known: Company) -> None:
    (known.home / "fieldbook.toml").write_text('[access]\ndirectors = ["wang.weiguo@corp.example"]\n')
    assert recovery.forget(known.home, "rep", "R-7001")["left"] == ["fieldbook.toml"]
