"""A first export whose rows agree in many columns: stored once, and yet every row says it, whatever comes later."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from data.keeping import recovery
from data.loading import merge
from tests.data.keeping.company import CUSTOMERS, JUNE, MAY, ORDERS, Company

AGREED = ORDERS + "A,1,C1,R1,2026-05-01,100.00,60.00\nB,1,C1,R1,2026-05-31,200.00,60.00\n"
WHO_SOLD = "select distinct rep_id from src.orders where _replaced_by is null order by all"


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr(merge, "LEAST_TOLD_ONCE", 2)
    return Company(tmp_path)


def told_once(company: Company) -> set[str]:
    return {name for (name,) in company.ask("select column_name from duckdb_columns() where table_name = 'orders' and is_generated")}


def test_what_every_row_says_is_stored_once(company: Company) -> None:
    company.load(orders=AGREED)
    assert {"customer_id", "rep_id", "cost_amount", "currency", "_load_id", "_replaced_by"} <= told_once(company)
    assert not {"order_id", "net_amount", "order_date", "_row"} & told_once(company)
    assert company.ask("select order_id, rep_id, cost_amount, _load_id, _replaced_by, _row from src.orders order by 1") == [
        ("A", "R1", Decimal(60), 1, None, 2), ("B", "R1", Decimal(60), 1, None, 3),
    ]  # fmt: skip


def test_a_short_export_and_a_list_are_stored_as_they_are(company: Company) -> None:
    company.load(orders=ORDERS + "A,1,C1,R1,2026-05-01,100.00,60.00\n", customers=CUSTOMERS + "C1,A,R1,,\nC2,A,R1,,\nC3,A,R1,,\n")
    assert company.ask("select * from duckdb_columns() where schema_name = 'src' and is_generated") == []


def test_a_text_may_hold_what_sql_is_made_of(company: Company) -> None:
    name = "O'Brien'); drop table src.orders; --"
    company.load(orders=ORDERS + "".join(f'{n},1,C1,"{name}",2026-05-0{n},1.00,\n' for n in (1, 2)))
    assert "rep_id" in told_once(company)
    assert company.ask(WHO_SOLD) == [(name,)]


def test_what_no_row_of_two_files_says_otherwise_is_stored_once_for_both(company: Company) -> None:
    company.load(orders=MAY, orders_june=JUNE.replace("R1", "R2"))
    assert "currency" in told_once(company)
    assert not {"rep_id", "_file_id"} & told_once(company)
    assert company.ask(WHO_SOLD) == [("R1",), ("R2",)]


def test_the_amount_in_company_currency_is_told_by_the_amount_that_became_it(company: Company) -> None:
    foreign = ORDERS.replace("\n", ",currency,fx_rate\n")
    company.load(orders=foreign + "A,1,C1,R1,2026-05-01,100.00,60.00,USD,7\nB,1,C1,R1,2026-05-31,200.00,60.00,CNY,\n")
    both = "select order_id, net_amount, amount_base from src.orders where _replaced_by is null order by 1"
    assert "amount_base" in told_once(company)
    assert company.ask(both) == [("A", Decimal(700), Decimal(700)), ("B", Decimal(200), Decimal(200))]
    later = company.load(orders=foreign + "A,1,C1,R1,2026-05-01,10.00,60.00,USD,7\nB,1,C1,R1,2026-05-31,200.00,60.00,CNY,\n")
    assert company.ask(both) == [("A", Decimal(70), Decimal(70)), ("B", Decimal(200), Decimal(200))]
    recovery.undo(company.home, later.load_id)
    assert company.ask(both) == [("A", Decimal(700), Decimal(700)), ("B", Decimal(200), Decimal(200))]
    assert company.rebuilt() == ("equal", [])


def test_two_files_of_which_one_names_a_single_amount_agree_row_by_row(company: Company) -> None:
    company.load(orders=AGREED.replace("200.00", "100.00"), orders_june=JUNE)
    assert company.ask("select distinct amount_base = net_amount from src.orders") == [(True,)]
    assert company.orders() == {"A": Decimal(100), "B": Decimal(100), "C": Decimal(10), "D": Decimal(20)}


def test_a_later_export_may_say_otherwise(company: Company) -> None:
    company.load(orders=AGREED)
    company.load(orders=JUNE.replace("R1", "R9"))
    assert told_once(company) == set()
    assert company.ask(WHO_SOLD) == [("R1",), ("R9",)]
    assert company.orders() == {"A": Decimal(100), "B": Decimal(200), "C": Decimal(10), "D": Decimal(20)}
    assert company.rebuilt() == ("equal", [])


def test_the_same_export_again_changes_nothing(company: Company) -> None:
    company.load(orders=AGREED)
    [file] = company.load(orders=AGREED).files
    assert (file.rows["loaded"], company.orders()) == (0, {"A": Decimal(100), "B": Decimal(200)})


def test_a_correction_and_its_undo_find_the_rows_they_mean(company: Company) -> None:
    company.load(orders=AGREED)
    correction = company.load(orders=AGREED.replace("200.00", "250.00").replace("R1", "R2"))
    assert company.orders() == {"A": Decimal(100), "B": Decimal(250)}
    recovery.undo(company.home, correction.load_id)
    assert company.ask(WHO_SOLD) == [("R1",)]
    assert company.orders() == {"A": Decimal(100), "B": Decimal(200)}
    assert company.rebuilt() == ("equal", [])


def test_the_first_load_itself_can_be_undone(company: Company) -> None:
    first = company.load(orders=AGREED)
    recovery.undo(company.home, first.load_id)
    assert company.orders() == {}
    company.load(orders=JUNE)
    assert company.orders() == {"C": Decimal(10), "D": Decimal(20)}


def test_somebody_whom_every_row_names_can_be_forgotten_and_does_not_come_back(company: Company) -> None:
    company.load(orders=AGREED, customers=CUSTOMERS + "C1,Acme Trading,R1,,\n")
    token = recovery.forget(company.home, "customer", "C1")["token"]
    assert company.ask("select distinct customer_id from src.orders") == [(token,)]
    company.load(orders=AGREED + "Z,1,C1,R1,2026-05-09,7.00,60.00\n")
    assert company.ask("select distinct customer_id from src.orders") == [(token,)]
    assert company.rebuilt() == ("equal", [])
