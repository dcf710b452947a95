"""How exports meet: windows, complete lists, changes; who wins by age; and accounts that add up."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest

from data import build
from data.contracts import SOURCES, STORED
from data.loading import locked, merge
from data.loading.merge import Merged
from data.loading.statements import Export, Sheet
from data.reading.prepare import Prepared

TYPES = {
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
    "DECIMAL(18,4)": pl.Decimal(18, 4),
    "BOOLEAN": pl.Boolean(),
    "INTEGER": pl.Int32(),
}
MON, TUE, WED = (datetime(2026, 6, day, 6) for day in (1, 2, 3))
TODAY = date(2026, 6, 30)


def typed(source: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as the reader hands them over: the contract's columns and _row, numbered as in a file with one header line."""
    schema = {c.name: TYPES.get(STORED[c.role], pl.String()) for c in SOURCES[source].columns}
    full = [{name: row.get(name) for name in schema} | {"_row": number} for number, row in enumerate(rows, 2)]
    return pl.DataFrame(full, schema={**schema, "_row": pl.Int64()})


def part(source: str, rows: list[dict[str, Any]], **options: Any) -> Prepared:
    frame = typed(source, rows)
    amounts = {c: {"read": frame[c].sum() or Decimal(0)} for c in SOURCES[source].amounts}
    empty = pl.DataFrame(schema={"_row": pl.Int64, "reasons": pl.List(pl.String), "raw": pl.String})
    return Prepared(source, None, 1, frame, empty, 0, len(rows), amounts=amounts, **options)


class Store:
    """A warehouse in memory that numbers loads and files by itself."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        build.create(self.con)
        merge.ready(self.con)
        self.load_id = 0
        self.locked: date | None = None
        self.stated: tuple[date, date] | None = None

    def load(self, source: str, *files: list[dict[str, Any]], age: datetime = MON, business: date = TODAY, **options: Any) -> Merged:
        return self.load_parts([(part(source, rows, **options), age) for rows in files], business)

    def load_parts(self, parts: list[tuple[Prepared, datetime]], business: date = TODAY) -> Merged:
        self.load_id += 1
        sheets = tuple(Sheet(self.load_id * 10 + n, p, age) for n, (p, age) in enumerate(parts))
        contract = SOURCES[parts[0][0].source]
        export = Export(contract, sheets, self.load_id, self.locked, locked.counted_on(contract, "ship_date"), self.stated)
        merge.stage(self.con, export)
        return merge.merge(self.con, export, business)

    def now(self, source: str, *columns: str) -> list[Any]:
        picked = ", ".join(columns)
        rows = self.con.execute(f"select {picked} from src.{source} where _replaced_by is null order by all").fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]


@pytest.fixture
def store() -> Store:
    return Store()


def order(number: str, day: int, amount: str, line: str = "1") -> dict[str, Any]:
    return {"order_id": number, "line_no": line, "customer_id": "C1", "order_date": date(2026, 6, day), "net_amount": Decimal(amount)}


def rows_of(merged: Merged, file: int = 0) -> dict[str, int]:
    account = list(merged.accounts.values())[file]
    assert account.balances()
    return {name: count for name, count in account.rows.items() if count}


def test_a_first_export_is_loaded_whole(store: Store) -> None:
    merged = store.load("orders", [order("A", 1, "10.00"), order("B", 2, "20.50")])
    assert rows_of(merged) == {"loaded": 2}
    account = merged.accounts[10]
    assert account.sums["net_amount"]["loaded"] == account.sums["net_amount"]["read"] == Decimal("30.50")
    assert (account.first, account.last) == (date(2026, 6, 1), date(2026, 6, 2))


def test_the_same_export_again_changes_nothing(store: Store) -> None:
    rows = [order("A", 1, "10"), order("B", 2, "20")]
    store.load("orders", rows)
    again = store.load("orders", rows)
    assert rows_of(again) == {"unchanged": 2}
    assert not again.changed


def test_a_changed_row_replaces_the_old_version_and_keeps_it(store: Store) -> None:
    store.load("orders", [order("A", 1, "10")])
    assert rows_of(store.load("orders", [order("A", 1, "11")], age=TUE)) == {"loaded": 1}
    assert store.now("orders", "net_amount") == [Decimal("11")]
    old = store.con.execute("select net_amount, _load_id, _replaced_by from src.orders where _replaced_by is not null").fetchall()
    assert old == [(Decimal("10"), 1, 2)]


def test_a_row_missing_from_its_window_is_gone(store: Store) -> None:
    store.load("orders", [order("A", 1, "10"), order("B", 2, "20"), order("C", 3, "30"), order("Z", 20, "5")])
    merged = store.load("orders", [order("A", 1, "10"), order("C", 3, "30")], age=TUE)
    assert store.now("orders", "order_id") == ["A", "C", "Z"]  # Z lies outside the window 1–3 June
    assert [a.deleted for a in merged.accounts.values()] == [1]
    assert [f.rule for f in merged.findings[20]] == ["rows_gone"]


def test_a_window_that_was_stated_reaches_beyond_the_rows_of_the_file(store: Store) -> None:
    store.load("orders", [order("A", 3, "10"), order("B", 10, "20"), order("Z", 20, "5")])
    store.stated = (date(2026, 6, 1), date(2026, 6, 15))
    merged = store.load("orders", [order("A", 3, "10")], age=TUE)
    assert store.now("orders", "order_id") == ["A", "Z"]  # B was cancelled: a quiet first half of June says so, its rows alone do not
    assert [(f.rule, f.severity) for f in merged.findings[20]] == [("window_stated", "info"), ("rows_gone", "info")]
    said = store.con.execute("select window_from, window_to from exports where load_id = 2").fetchall()
    assert said == [(date(2026, 6, 1), date(2026, 6, 15))]


def test_rows_outside_the_window_that_was_stated_hold_the_file(store: Store) -> None:
    store.stated = (date(2026, 6, 2), date(2026, 6, 15))
    merged = store.load("orders", [order("A", 1, "10"), order("B", 2, "20"), order("C", 16, "20")])
    [found] = merged.findings[10]
    assert (found.rule, found.severity, dict(found.params)["count"]) == ("window_exceeded", "hold", "2")


def test_a_stated_window_closes_nothing_without_a_usable_row_and_says_nothing_of_lists(store: Store) -> None:
    store.load("orders", [order("A", 3, "10")])
    store.load("reps", [{"rep_id": "R1", "rep_name": "Li"}])
    store.stated = (date(2026, 6, 1), date(2026, 6, 30))
    assert store.load("orders", [], age=TUE).findings == {30: []}
    assert store.load("reps", [{"rep_id": "R1", "rep_name": "Li"}], age=TUE).findings == {40: []}
    assert store.now("orders", "order_id") == ["A"]


def test_regional_files_of_one_command_form_one_window(store: Store) -> None:
    store.load("orders", [order("N", 1, "1")], [order("S", 2, "2")])
    store.load("orders", [order("N", 1, "1"), order("N2", 3, "1")], [order("S", 2, "2")], age=TUE)
    assert store.now("orders", "order_id") == ["N", "N2", "S"]


def test_an_older_export_arriving_late_does_not_overwrite(store: Store) -> None:
    store.load("orders", [order("A", 1, "12")], age=WED)
    assert rows_of(store.load("orders", [order("A", 1, "11")], age=TUE)) == {"superseded": 1}
    assert store.now("orders", "net_amount") == [Decimal("12")]


def test_an_older_export_does_not_bring_back_what_a_newer_one_no_longer_has(store: Store) -> None:
    store.load("orders", [order("A", 1, "1"), order("B", 2, "2"), order("C", 3, "3")], age=MON)
    store.load("orders", [order("A", 1, "1"), order("C", 3, "3")], age=WED)
    late = store.load("orders", [order("A", 1, "1"), order("B", 2, "2"), order("C", 3, "3")], age=TUE)
    assert rows_of(late) == {"unchanged": 2, "superseded": 1}
    assert store.now("orders", "order_id") == ["A", "C"]


def test_a_row_confirmed_by_a_newer_export_is_safe_from_an_older_one(store: Store) -> None:
    store.load("orders", [order("A", 1, "1"), order("B", 2, "2"), order("C", 3, "3")], age=MON)
    store.load("orders", [order("A", 1, "1"), order("B", 2, "2"), order("C", 3, "3")], age=WED)
    late = store.load("orders", [order("A", 1, "9"), order("C", 3, "3")], age=TUE)
    assert rows_of(late) == {"unchanged": 1, "superseded": 1}
    assert store.now("orders", "order_id", "net_amount") == [("A", 1), ("B", 2), ("C", 3)]


def test_a_window_that_would_lose_many_rows_is_held(store: Store) -> None:
    many = [order(f"A{n:03}", 1 + n % 28, "1") for n in range(100)]
    store.load("orders", many)
    merged = store.load("orders", [r for r in many if r["order_id"] >= "A021" or r["order_id"] == "A000"], age=TUE)
    assert merged.accounts[20].deleted == 20
    assert merged.findings[20][0].severity == "info"  # 20 rows are still within the rule
    more = store.load("orders", [r for r in many if r["order_id"] >= "A060" or r["order_id"] == "A000"], age=WED)
    assert [(f.rule, f.severity) for f in more.findings[30]] == [("window_deletes", "hold")]


def test_an_export_of_changes_touches_only_its_keys(store: Store) -> None:
    store.load("orders", [order("A", 1, "1"), order("B", 2, "2"), order("C", 3, "3")])
    store.load("orders", [order("A", 1, "7"), order("D", 3, "4")], age=TUE, mode="upsert")
    assert store.now("orders", "order_id", "net_amount") == [("A", 7), ("B", 2), ("C", 3), ("D", 4)]


def test_a_change_repeated_later_is_safe_from_an_older_export(store: Store) -> None:
    store.load("orders", [order("A", 1, "7")], age=MON, mode="upsert")
    store.load("orders", [order("A", 1, "7")], age=WED, mode="upsert")
    assert rows_of(store.load("orders", [order("A", 1, "5")], age=TUE, mode="upsert")) == {"superseded": 1}


def invoice(number: str, amount: str, still_open: str) -> dict[str, Any]:
    made = {"invoice_id": number, "customer_id": "C1", "invoice_date": date(2026, 5, 1)}
    return made | {"amount": Decimal(amount), "open_amount": Decimal(still_open)}


def test_what_is_absent_from_an_export_of_open_items_has_been_paid(store: Store) -> None:
    store.load("invoices", [invoice("I1", "10", "10"), invoice("I2", "20", "20"), invoice("I3", "30", "0")], mode="open_items")
    merged = store.load("invoices", [invoice("I1", "10", "4")], age=TUE, mode="open_items")
    assert store.now("invoices", "invoice_id", "open_amount") == [("I1", 4), ("I2", 0), ("I3", 0)]
    assert [(f.rule, dict(f.params)) for f in merged.findings[20]] == [("settled", {"count": "1"})]
    assert merged.changed
    again = store.load("invoices", [invoice("I1", "10", "4")], age=WED, mode="open_items")
    assert not again.changed


def test_an_order_whose_lines_were_numbered_by_us_is_replaced_whole(store: Store) -> None:
    store.load("orders", [order("A", 1, "1", "1"), order("A", 1, "2", "2"), order("B", 1, "3")], mode="upsert", whole=("order_id",))
    merged = store.load("orders", [order("A", 1, "1", "1")], age=TUE, mode="upsert", whole=("order_id",))
    assert store.now("orders", "order_id", "line_no") == [("A", "1"), ("B", "1")]
    assert merged.changed


def test_equal_rows_in_two_files_count_once(store: Store) -> None:
    merged = store.load("orders", [order("A", 1, "1")], [order("A", 1, "1"), order("B", 1, "2")])
    assert (rows_of(merged, 0), rows_of(merged, 1)) == ({"loaded": 1}, {"loaded": 1, "skipped": 1})


def test_two_files_that_contradict_each_other_are_both_set_aside(store: Store) -> None:
    merged = store.load("orders", [order("A", 1, "1")], [order("A", 1, "2"), order("B", 1, "2")])
    assert (rows_of(merged, 0), rows_of(merged, 1)) == ({"quarantined": 1}, {"quarantined": 1, "loaded": 1})
    assert [(f.rule, f.row) for f in merged.findings[10]] == [("key_conflict", 2)]


def test_the_newer_of_two_files_in_one_command_wins(store: Store) -> None:
    old, new = part("orders", [order("A", 1, "1")]), part("orders", [order("A", 1, "2")])
    merged = store.load_parts([(old, MON), (new, TUE)])
    assert (rows_of(merged, 0), rows_of(merged, 1)) == ({"superseded": 1}, {"loaded": 1})


def customer(number: str, owner: str, updated: datetime | None = None) -> dict[str, Any]:
    return {"customer_id": number, "customer_name": f"Customer {number}", "owner_id": owner, "updated_on": updated}


def test_a_first_complete_list_reaches_back_for_ever(store: Store) -> None:
    store.load("customers", [customer("1", "R1")])
    assert store.now("customers", "_from") == [None]


def test_a_changed_card_begins_on_the_day_it_was_changed(store: Store) -> None:
    store.load("customers", [customer("1", "R1"), customer("2", "R1")], age=MON)
    store.load("customers", [customer("1", "R2", datetime(2026, 6, 2, 15)), customer("2", "R1")], age=WED, business=date(2026, 6, 3))
    assert store.now("customers", "customer_id", "owner_id", "_from") == [("1", "R2", date(2026, 6, 2)), ("2", "R1", None)]


def test_a_change_without_a_usable_date_begins_on_the_latest_business_day(store: Store) -> None:
    store.load("customers", [customer("1", "R1"), customer("2", "R1")], age=MON)
    store.load("customers", [customer("1", "R2"), customer("2", "R2", datetime(2020, 1, 1))], age=WED, business=date(2026, 6, 3))
    assert store.now("customers", "_from") == [date(2026, 6, 3), date(2026, 6, 3)]


def test_a_new_member_of_a_later_list_reaches_back_for_ever(store: Store) -> None:
    store.load("customers", [customer("1", "R1")], age=MON)
    store.load("customers", [customer("1", "R1"), customer("2", "R1")], age=WED)
    assert store.now("customers", "customer_id", "_from") == [("1", None), ("2", None)]


def test_a_member_missing_from_the_complete_list_is_closed(store: Store) -> None:
    store.load("customers", [customer(str(n), "R1") for n in range(10)], age=MON)
    merged = store.load("customers", [customer(str(n), "R1") for n in range(9)], age=WED)
    assert len(store.now("customers", "customer_id")) == 9
    assert [f.severity for f in merged.findings[20]] == ["info"]


def test_a_complete_list_that_lost_over_a_fifth_is_held(store: Store) -> None:
    store.load("customers", [customer(str(n), "R1") for n in range(10)], age=MON)
    assert store.load("customers", [customer(str(n), "R1") for n in range(8)], age=TUE).findings[20][0].severity == "info"
    assert [f.rule for f in store.load("customers", [customer(str(n), "R1") for n in range(6)], age=WED).findings[30]] == [
        "snapshot_shrunk"
    ]


def test_an_older_complete_list_changes_nothing(store: Store) -> None:
    store.load("customers", [customer("1", "R2"), customer("2", "R1")], age=WED)
    late = store.load("customers", [customer("1", "R1"), customer("3", "R1")], age=TUE)
    assert rows_of(late) == {"superseded": 2}
    assert not late.changed


def test_a_complete_list_without_a_usable_row_closes_nothing(store: Store) -> None:
    store.load("customers", [customer("1", "R1")])
    assert not store.load("customers", [], age=TUE).changed
    assert store.now("customers", "customer_id") == ["1"]


def test_keys_with_an_empty_part_meet_their_like(store: Store) -> None:
    target = {"scope": "rep", "scope_id": "R1", "period": "2026", "metric": "revenue", "value": Decimal("100")}
    store.load("targets", [target])
    assert rows_of(store.load("targets", [target | {"value": Decimal("120")}], age=TUE)) == {"loaded": 1}
    assert store.now("targets", "value") == [Decimal("120")]


def test_an_account_that_lost_a_cent_does_not_balance(store: Store) -> None:
    wrong = part("orders", [order("A", 1, "10.00")])
    wrong.amounts["net_amount"]["read"] += Decimal("0.01")
    assert not next(iter(store.load_parts([(wrong, MON)]).accounts.values())).balances()
