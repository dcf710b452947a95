"""Going back and making good: accept, undo, rollback, rebuild, verify, prune, forget; and what a load did to closed months."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.keeping import recovery, store
from data.keeping.forget import NotForgotten
from data.keeping.recovery import Refused
from data.loading import load as loading
from data.loading import records, restated
from data.loading.recipe import RawMissing
from data.loading.records import NoSuchLoad
from data.loading.report import Report
from data.loading.restated import Standing

DAY = datetime(2026, 7, 1, 2, tzinfo=UTC)
ORDERS = "order_id,line_no,customer_id,rep_id,order_date,net_amount,cost_amount\n"
INVOICES = "invoice_id,customer_id,invoice_date,due_date,amount,paid_amount,paid_on,open_amount\n"
CUSTOMERS = "customer_id,customer_name,owner_id,contact,phone\n"
REPS = "rep_id,rep_name,role,region,login\n"
MAY = ORDERS + "A,1,C1,R1,2026-05-01,100.00,60.00\nB,1,C2,R1,2026-05-31,200.00,\n"
JUNE = ORDERS + "C,1,C1,R1,2026-06-01,10.00,\nD,1,C2,R1,2026-06-30,20.00,\n"


class Company:
    """A home and a folder of exports; every load comes a day after the one before."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.exports = folder / "exports"
        self.exports.mkdir()
        self.day = DAY

    def load(self, accept: bool = False, **files: str) -> Report:
        self.day += timedelta(days=1)
        paths = [self.exports / f"{name}.csv" for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text, "utf-8")
        report = loading.load(self.home, paths, now=self.day, accept=accept)
        for path in paths:
            path.unlink()
        return report

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        snapshot = store.current(self.home)
        assert snapshot
        with duckdb.connect(str(snapshot), read_only=True) as con:
            return con.execute(query).fetchall()

    def orders(self) -> dict[str, Decimal]:
        return dict(self.ask("select order_id, net_amount from src.orders where _replaced_by is null order by 1"))

    @property
    def served(self) -> str:
        return store.pointer(self.home)

    def rebuilt(self) -> tuple[str, list[str]]:
        record = recovery.rebuild(self.home)
        return record["status"], record["differs"]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def many(count: int) -> str:
    return ORDERS + "".join(f"A{n:03},1,C1,R1,2026-06-{1 + n % 28:02},1.00,1\n" for n in range(100)[:count])


# accept


def test_a_held_load_is_accepted_later_without_the_users_files(company: Company) -> None:
    company.load(orders=many(100))
    assert company.load(orders=many(60)).status == "held"
    report = recovery.accept(company.home, 2)
    assert (report.load_id, report.status, report.published, report.files[0].deleted) == (2, "loaded", True, 40)
    assert company.served == "wh-000002.duckdb"
    assert company.ask("select count(*) from src.orders where _replaced_by = 2") == [(40,)]
    assert records.record(company.home, 2)["status"] == "loaded"
    assert company.rebuilt() == ("equal", [])


def test_a_load_accepted_behind_another_keeps_its_number(company: Company) -> None:
    company.load(orders=many(100))
    company.load(orders=many(60))
    company.load(customers=CUSTOMERS + "C1,One,R1,,\n")
    assert recovery.accept(company.home, 2).published
    assert company.served == "wh-000004.duckdb"
    assert company.ask("select distinct _replaced_by from src.orders where _replaced_by is not null") == [(2,)]
    assert company.rebuilt() == ("equal", [])
    assert recovery.undo(company.home, 2)["undone"] == 2
    assert len(company.orders()) == 100


def test_a_held_load_that_was_overtaken_is_refused(company: Company) -> None:
    company.load(orders=many(100))
    company.load(orders=many(60))
    company.load(orders=many(99))
    with pytest.raises(Refused, match="accept_overtaken") as caught:
        recovery.accept(company.home, 2)
    assert caught.value.params["later"] == "3"
    assert (company.served, records.record(company.home, 2)["status"]) == ("wh-000003.duckdb", "held")


def test_only_what_is_held_can_be_accepted(company: Company) -> None:
    company.load(orders=MAY)
    with pytest.raises(Refused, match="accept_not_held"):
        recovery.accept(company.home, 1)
    with pytest.raises(NoSuchLoad):
        recovery.accept(company.home, 9)


def test_a_load_held_before_a_rollback_was_compared_with_other_data(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,,\n")
    company.load(orders=many(100))
    company.load(orders=many(60))
    recovery.rollback(company.home)
    with pytest.raises(Refused, match="accept_rolled_back"):
        recovery.accept(company.home, 3)


# undo


def test_undoing_a_window_load_removes_its_rows_and_restores_those_it_replaced(company: Company) -> None:
    company.load(orders=MAY)
    before = company.ask("select * from src.orders order by all")
    company.load(orders=MAY.replace("100.00", "111.00").replace("B,1", "E,1"))
    assert company.orders() == {"A": Decimal(111), "E": Decimal(200)}
    record = recovery.undo(company.home, 2)
    assert (record["load_id"], record["kind"], record["undone"], record["base"]) == (3, "undo", 2, 2)
    assert company.ask("select * from src.orders order by all") == before
    assert company.ask("select load_id, status from loads order by 1") == [(1, "loaded"), (2, "undone"), (3, "undo")]
    assert company.ask("select sum(revenue) from measure.sales") == [(Decimal(300),)]
    assert company.rebuilt() == ("equal", [])
    assert recovery.verify(company.home) == []


def test_an_undone_load_can_be_loaded_again(company: Company) -> None:
    company.load(orders=MAY)
    changed = MAY.replace("100.00", "111.00")
    company.load(orders=changed)
    recovery.undo(company.home, 2)
    assert company.load(orders=changed).published
    assert company.orders()["A"] == Decimal(111)


def test_the_only_load_can_be_undone(company: Company) -> None:
    company.load(orders=MAY)
    recovery.undo(company.home, 1)
    assert company.orders() == {}
    assert company.load(orders=MAY).published


def test_a_load_whose_rows_a_later_one_replaced_is_not_undone(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=JUNE)
    company.load(orders=JUNE.replace("10.00", "11.00"))
    with pytest.raises(Refused, match="undo_refused") as caught:
        recovery.undo(company.home, 2)
    assert caught.value.params["later"] == "3"
    recovery.undo(company.home, 1)  # nobody has spoken of May since
    assert company.orders() == {"C": Decimal(11), "D": Decimal(20)}


def test_a_list_that_came_again_stands_on_the_one_before(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,,\nC2,Two,R1,,\n")
    company.load(customers=CUSTOMERS + "C1,One,R1,,\nC2,Two,R1,,\nC3,Three,R1,,\n")
    with pytest.raises(Refused, match="undo_refused"):
        recovery.undo(company.home, 1)  # load 2 says that C1 and C2 are customers
    recovery.undo(company.home, 2)
    assert company.ask("select customer_id from src.customers where _replaced_by is null order by 1") == [("C1",), ("C2",)]


def test_a_window_that_was_silent_about_a_row_has_spoken_of_it(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=MAY.replace("A,1", "E,1"))  # A is gone
    company.load(orders=MAY.replace("A,1", "F,1"))  # and still is
    with pytest.raises(Refused, match="undo_refused"):
        recovery.undo(company.home, 2)


def test_an_undone_export_of_changes_gives_back_the_rows_it_repeated(company: Company) -> None:
    company.load(orders=MAY)
    (company.home / "mappings" / "changes.toml").write_text('[[source]]\nsource = "orders"\nfiles = ["changes.csv"]\nmode = "upsert"\n')
    before = company.ask("select order_id, _load_id, _file_id, _row from src.orders order by all")
    company.load(changes=MAY.replace("B,1,C2", "E,1,C2"))  # A comes as it was
    assert company.ask("select _load_id from src.orders where order_id = 'A'") == [(2,)]
    with pytest.raises(Refused, match="undo_refused"):
        recovery.undo(company.home, 1)
    recovery.undo(company.home, 2)
    assert company.ask("select order_id, _load_id, _file_id, _row from src.orders order by all") == before
    assert recovery.verify(company.home) == []


def test_what_is_no_load_is_not_undone(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=JUNE)
    recovery.undo(company.home, 2)
    for number in (2, 3):
        with pytest.raises(Refused, match="undo_not_served"):
            recovery.undo(company.home, number)
    with pytest.raises(NoSuchLoad):
        recovery.undo(company.home, 8)


# rollback


def test_a_load_after_a_rollback_continues_from_it_and_loses_no_number(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=MAY.replace("100.00", "999.00"))
    record = recovery.rollback(company.home)
    assert (record["load_id"], record["kind"], record["from"], record["snapshot"]) == (3, "rollback", 2, 1)
    assert company.orders()["A"] == Decimal(100)
    assert company.load(orders=JUNE).load_id == 4
    assert (company.served, company.orders()["A"]) == ("wh-000004.duckdb", Decimal(100))
    assert company.rebuilt() == ("equal", [])
    with pytest.raises(Refused, match="undo_not_served"):
        recovery.undo(company.home, 2)


def test_a_damaged_snapshot_falls_back_along_its_own_line(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=MAY.replace("100.00", "999.00"))
    recovery.rollback(company.home, 1)
    company.load(orders=JUNE)
    (company.home / "snapshots" / company.served).write_bytes(b"gone")
    assert company.orders() == {"A": Decimal(100), "B": Decimal(200)}  # not the 999 that was turned away from


def test_a_rollback_leads_to_a_kept_good_snapshot_only(company: Company) -> None:
    company.load(orders=MAY)
    for target in (None, 7):
        with pytest.raises(Refused, match="rollback_unknown"):
            recovery.rollback(company.home, target)
    assert company.served == "wh-000001.duckdb"


def test_a_rollback_that_died_before_the_pointer_moved_is_forgotten(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=JUNE)
    (company.home / "loads" / "000003.pending").write_text(json.dumps({"kind": "rollback", "snapshot": 1}))
    store.clean(company.home)
    assert (company.home / "snapshots" / "wh-000001.duckdb").exists()
    assert company.served == "wh-000002.duckdb"
    assert not list((company.home / "loads").glob("*.pending"))


# rebuild and verify


def test_a_rebuild_from_the_kept_copies_equals_what_is_published(company: Company) -> None:
    company.load(customers=CUSTOMERS + "C1,One,R1,,\n", reps=REPS + "R1,Wang,rep,East,\n")
    company.load(orders=MAY.replace("R1", "Wang"))
    (company.home / "fieldbook.toml").write_text('revenue_date = "order_date"\n')
    company.load(orders=JUNE)
    record = recovery.rebuild(company.home)
    assert (record["status"], record["differs"], record["steps"], record["snapshot"]) == ("equal", [], 3, 4)
    assert company.served == "wh-000004.duckdb"
    assert company.ask("select load_id, file, finished_at is not null from files join loads using (load_id) where source = 'orders'") == [
        (2, "orders.csv", True), (3, "orders.csv", True),
    ]  # fmt: skip


def test_a_rebuild_names_the_tables_that_differ_and_publishes_nothing(company: Company) -> None:
    company.load(orders=MAY)
    raw = company.home / "raw" / store.keep_raw(company.home, MAY.encode())
    raw.write_bytes(MAY.replace("100.00", "100.01").encode())
    status, differs = company.rebuilt()
    assert status == "differs"
    assert {"src.orders", "fact.orders", "measure.sales"} <= set(differs)
    assert company.served == "wh-000001.duckdb"
    [problem] = recovery.verify(company.home)
    assert problem.code == "raw_damaged"
    assert recovery.rebuild(company.home, publish=True)["snapshot"] == 3
    assert company.orders()["A"] == Decimal("100.01")


def test_a_rebuild_without_a_kept_copy_says_which(company: Company) -> None:
    company.load(orders=MAY)
    (company.home / "raw" / store.keep_raw(company.home, MAY.encode())).unlink()
    with pytest.raises(RawMissing) as caught:
        recovery.rebuild(company.home)
    assert caught.value.params["file"] == "orders.csv"
    assert [p.code for p in recovery.verify(company.home)] == ["raw_missing"]


def test_with_no_snapshot_left_the_records_are_enough(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=JUNE)
    recovery.rebuild(company.home)
    company.load(orders=JUNE.replace("10.00", "11.00"))
    recovery.undo(company.home, 4)
    orders = company.ask("select * from src.orders order by all")
    for path in (company.home / "snapshots").iterdir():
        path.unlink()
    assert recovery.verify(company.home)[0].code == "nothing_served"
    assert recovery.rebuild(company.home)["compared"] is False
    assert company.ask("select * from src.orders order by all") == orders


def test_mappings_are_those_of_the_day_of_the_load(company: Company) -> None:
    (company.home / "mappings").mkdir(parents=True)
    mapping = company.home / "mappings" / "sales.toml"
    mapping.write_text('[[source]]\nsource = "orders"\nfiles = ["sales.csv"]\ncolumns = {order_id = "No", net_amount = "Sum"}\n')
    company.load(sales="No,customer_id,order_date,Sum\nA,C1,2026-06-01,5.00\n")
    mapping.unlink()
    assert company.rebuilt() == ("equal", [])


def test_verify_finds_a_flipped_bit_and_a_pointer_that_leads_nowhere(company: Company) -> None:
    company.load(orders=MAY)
    company.load(orders=JUNE)
    assert recovery.verify(company.home) == []
    path = company.home / "snapshots" / "wh-000001.duckdb"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert [(p.code, p.params) for p in recovery.verify(company.home)] == [("snapshot_damaged", {"file": "wh-000001.duckdb"})]
    (company.home / "CURRENT").write_text("wh-000007.duckdb")
    assert "pointer_damaged" in [p.code for p in recovery.verify(company.home)]


def test_a_backup_of_one_snapshot_and_the_raw_copies_serves_and_rebuilds(company: Company, tmp_path: Path) -> None:
    """P3: the closed snapshot named by CURRENT, and the folder raw."""
    company.load(orders=MAY)
    company.load(orders=JUNE)
    back = tmp_path / "back"
    for name in (f"snapshots/{company.served}", "CURRENT", *(f"raw/{p.name}" for p in (company.home / "raw").iterdir())):
        (back / name).parent.mkdir(parents=True, exist_ok=True)
        (back / name).write_bytes((company.home / name).read_bytes())
    assert recovery.rebuild(back)["status"] == "equal"


# prune


def test_pruning_keeps_what_a_rebuild_needs(company: Company) -> None:
    company.load(orders=MAY + "X,1,C1,R1,2026-05-02,five,\n")
    later = DAY + timedelta(days=800)
    company.day = later
    company.load(orders=JUNE)
    record = recovery.prune(company.home, now=later.replace(tzinfo=None))
    assert (record["raw"], record["load_id"]) == (1, 3)
    assert company.ask("select count(*) from quarantine") == [(0,)]
    assert company.ask("select value from findings where severity = 'error'") == [(None,)]
    assert "five" not in (company.home / "loads" / "000001.json").read_text()
    assert company.rebuilt() == ("equal", [])
    assert recovery.verify(company.home) == []
    company.load(orders=JUNE.replace("10.00", "11.00"))
    assert company.rebuilt() == ("equal", [])


def test_pruning_what_is_young_changes_nothing(company: Company) -> None:
    company.load(orders=MAY)
    record = recovery.prune(company.home, keep=1, now=(DAY + timedelta(days=30)).replace(tzinfo=None))
    assert (record["raw"], record["load_id"], record["generations"]) == (0, None, [])
    assert company.served == "wh-000001.duckdb"


def test_at_least_three_generations_stay(company: Company) -> None:
    for amount in range(1, 6):
        company.load(orders=MAY.replace("100.00", f"{amount}.00"))
    recovery.prune(company.home, keep=0, months=0)
    assert len(store.generations(company.home)) >= 3


# forget


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


@pytest.fixture
def known(company: Company) -> Company:
    """A company with a customer and a rep in every corner: files by id and by name, a changed name, rows set aside, a held load."""
    company.load(reps=PEOPLE, customers=CARDS)
    company.load(orders=SALES, visits=VISITS)
    company.load(customers=CARDS.replace("Acme Trading", "Acme Trading Group"))
    assert company.load(customers=CUSTOMERS + "K-90011,Acme Holding,R-7001,Zhang San,1\n").status == "held"
    return company


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


def test_a_customer_of_an_undone_load_is_forgotten_too(company: Company) -> None:
    company.load(orders=MAY)
    company.load(customers=CARDS)
    recovery.undo(company.home, 2)
    recovery.forget(company.home, "customer", "K-90011")
    assert traces(company.home, "Acme", "K-90011", "13800000001") == []
    assert company.rebuilt() == ("equal", [])


def test_nobody_is_forgotten_by_mistake(known: Company) -> None:
    with pytest.raises(NotForgotten, match="forget_unknown"):
        recovery.forget(known.home, "customer", "K-9001")
    known.load(reps=PEOPLE + "R-7003,Wang Weiguo,rep,West,\n")
    with pytest.raises(NotForgotten, match="forget_shared_name"):
        recovery.forget(known.home, "rep", "R-7001")


def test_names_in_settings_are_left_to_their_owner_and_listed(known: Company) -> None:
    (known.home / "fieldbook.toml").write_text('[access]\ndirectors = ["wang.weiguo@corp.example"]\n')
    assert recovery.forget(known.home, "rep", "R-7001")["left"] == ["fieldbook.toml"]


# what changed in closed months


def test_a_correction_of_a_closed_month_is_told_with_the_load_that_made_it(company: Company) -> None:
    company.load(orders=MAY + JUNE.removeprefix(ORDERS))
    report = company.load(orders=MAY.replace("100.00", "87.70"))
    change = {"period": "2026-05", "kpi": "revenue", "before": Decimal(300), "after": Decimal("287.70"), "change": Decimal("-12.30")}
    assert report.restated == [change]
    assert records.restated(company.home) == [{"load_id": 2, **change}]
    undone = recovery.undo(company.home, 2)
    assert [(one["period"], one["change"]) for one in undone["restated"]] == [("2026-05", Decimal("12.30"))]


def test_the_month_that_is_still_open_is_not_restated(company: Company) -> None:
    company.load(orders=MAY.replace("2026-05-31", "2026-05-20"))  # May is not over
    assert company.load(orders=ORDERS + "E,1,C1,R1,2026-05-25,5.00,\nF,1,C1,R1,2026-06-02,5.00,\n").restated == []


def test_months_are_compared_by_kpi() -> None:
    from datetime import date

    before = Standing(date(2026, 6, 30), {("2026-06", "revenue"): Decimal(5), ("2026-06", "completed_visits"): Decimal(2)})
    after = Standing(date(2026, 7, 2), {("2026-06", "completed_visits"): Decimal(3), ("2026-07", "revenue"): Decimal(1)})
    assert restated.compare(before, after) == [
        {"period": "2026-06", "kpi": "revenue", "before": Decimal(5), "after": Decimal(0), "change": Decimal(-5)},
        {"period": "2026-06", "kpi": "completed_visits", "before": 2, "after": 3, "change": 1},
    ]
    assert restated.compare(Standing(), after) == []


# a row that is there but cannot be used


def test_a_row_set_aside_is_no_absence(company: Company) -> None:
    company.load(orders=MAY)
    report = company.load(orders=MAY.replace("100.00", "one hundred"))
    [file] = report.files
    assert (file.rows["quarantined"], file.rows["unchanged"], file.deleted) == (1, 1, 0)
    assert company.orders() == {"A": Decimal(100), "B": Decimal(200)}
    assert "kept_stored" in [f.rule for f in file.findings]


def test_a_customer_whose_row_is_set_aside_stays_on_the_list(company: Company) -> None:
    cards = "customer_id,customer_name,owner_id,terms_days\nC1,One,R1,30\nC2,Two,R1,30\n"
    company.load(customers=cards)
    company.load(customers=cards.replace("Two,R1,30", "Two,R1,soon"))
    assert company.ask("select customer_id from src.customers where _replaced_by is null order by 1") == [("C1",), ("C2",)]


def test_a_frame_without_keys_still_merges(company: Company) -> None:
    company.load(orders=MAY)
    report = company.load(orders=MAY + "too,few\n")
    assert report.files[0].rows["quarantined"] == 1
