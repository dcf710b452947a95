"""What customers owe: worked by hand, day by day, to the cent."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from data import build

Built = Callable[..., duckdb.DuckDBPyConnection]
Row = dict[str, Any]


def invoice(invoice_id: str, day: str, amount: Any, **more: Any) -> Row:
    return {
        "invoice_id": invoice_id,
        "customer_id": "C1",
        "rep_id": "R1",
        "invoice_date": day,
        "due_date": "2026-07-15",
        "amount": amount,
        **more,
    }


def note(invoice_id: str, day: str, amount: Any, **more: Any) -> Row:
    return invoice(invoice_id, day, amount, doc_type="credit_note", **more)


def receipt(day: str, amount: Any, invoice_id: str | None = "I1", **more: Any) -> Row:
    return {"receipt_id": f"P{day}", "customer_id": "C1", "invoice_id": invoice_id, "received_on": day, "amount": amount, **more}


def moves(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int, int]]:
    """Day (June), kind, change of open, change of unapplied, in order."""
    query = """
        select strftime(date, '%m-%d'), kind, open_change::int, unapplied_change::int
        from fact.receivable_moves order by date, kind <> 'invoice', kind, open_change, unapplied_change
    """
    return con.sql(query).fetchall()


def balance(con: duckdb.DuckDBPyConnection, day: str) -> tuple[int, int]:
    """Open and unapplied at the end of a day."""
    query = """
        select coalesce(sum(open_change), 0)::int, coalesce(sum(unapplied_change), 0)::int
        from fact.receivable_moves where date <= $day::date
    """
    [found] = con.sql(query, params={"day": day}).fetchall()
    return found


def test_a_part_payment_leaves_the_rest_open(built: Built) -> None:
    con = built(invoices=[invoice("I1", "2026-06-01", 100)], receipts=[receipt("2026-06-10", 30), receipt("2026-06-20", 50)])
    assert moves(con) == [("06-01", "invoice", 100, 0), ("06-10", "cash", -30, 0), ("06-20", "cash", -50, 0)]
    assert balance(con, "2026-06-15") == (70, 0)


def test_an_overpayment_becomes_unapplied_credit(built: Built) -> None:
    con = built(invoices=[invoice("I1", "2026-06-01", 100)], receipts=[receipt("2026-06-10", 80), receipt("2026-06-20", 50)])
    assert moves(con) == [("06-01", "invoice", 100, 0), ("06-10", "cash", -80, 0), ("06-20", "cash", -20, 30)]


def test_a_reversed_overpayment_takes_back_the_credit_before_it_reopens_the_invoice(built: Built) -> None:
    con = built(
        invoices=[invoice("I1", "2026-06-01", 100)],
        receipts=[receipt("2026-06-10", 130), receipt("2026-06-12", -50), receipt("2026-06-14", -80)],
    )
    assert moves(con) == [("06-01", "invoice", 100, 0), ("06-10", "cash", -100, 30), ("06-12", "cash", 20, -30), ("06-14", "cash", 80, 0)]
    assert balance(con, "2026-06-14") == (100, 0)


def test_a_receipt_before_its_invoice_waits_as_unapplied_credit(built: Built) -> None:
    con = built(invoices=[invoice("I1", "2026-06-10", 100)], receipts=[receipt("2026-06-05", 120)])
    assert moves(con) == [("06-05", "cash", 0, 120), ("06-10", "invoice", 100, 0), ("06-10", "cash", -100, -100)]
    assert [balance(con, day) for day in ("2026-06-09", "2026-06-10")] == [(0, 120), (0, 20)]


def test_cash_applied_later_than_received_waits_until_then(built: Built) -> None:
    con = built(invoices=[invoice("I1", "2026-06-01", 100)], receipts=[receipt("2026-06-05", 60, applied_on="2026-06-20")])
    assert [balance(con, day) for day in ("2026-06-05", "2026-06-19", "2026-06-20")] == [(100, 60), (100, 60), (40, 0)]


def test_a_credit_note_lowers_its_invoice_and_its_excess_is_credit(built: Built) -> None:
    papers = [
        invoice("I1", "2026-06-01", 100),
        note("N1", "2026-06-10", -30, credit_of="I1"),
        note("N2", "2026-06-20", -30, credit_of="I1"),
    ]
    con = built(invoices=papers, receipts=[receipt("2026-06-15", 60)])
    assert moves(con) == [
        ("06-01", "invoice", 100, 0),
        ("06-10", "credit", -30, 0),
        ("06-15", "cash", -60, 0),
        ("06-20", "credit", -10, 20),
    ]


def test_a_credit_note_for_nothing_we_know_is_unapplied_credit(built: Built) -> None:
    papers = [note("N1", "2026-06-10", -30), note("N2", "2026-06-11", -5, credit_of="gone"), note("N3", "2026-06-12", -2, credit_of="N1")]
    assert moves(built(invoices=papers)) == [("06-10", "credit", 0, 30), ("06-11", "credit", 0, 5), ("06-12", "credit", 0, 2)]


def test_a_write_off_lowers_the_open_amount_under_its_own_name(built: Built) -> None:
    papers = [invoice("I1", "2026-06-01", 100), invoice("W1", "2026-06-10", -100, doc_type="write_off", credit_of="I1")]
    assert moves(built(invoices=papers)) == [("06-01", "invoice", 100, 0), ("06-10", "write_off", -100, 0)]


def test_a_void_invoice_is_nowhere_and_cash_for_it_is_unapplied(built: Built) -> None:
    con = built(invoices=[invoice("I1", "2026-06-01", 100, status="void")], receipts=[receipt("2026-06-10", 40)])
    assert moves(con) == [("06-10", "cash", 0, 40)]
    assert con.sql("select count(*) from fact.invoices").fetchall() == [(0,)]


def test_on_one_day_the_credit_note_comes_before_the_cash(built: Built) -> None:
    papers = [invoice("I1", "2026-06-01", 100), note("N1", "2026-06-10", -30, credit_of="I1")]
    con = built(invoices=papers, receipts=[receipt("2026-06-10", 100)])
    assert moves(con) == [("06-01", "invoice", 100, 0), ("06-10", "cash", -70, 30), ("06-10", "credit", -30, 0)]


def test_cash_follows_the_rep_of_its_invoice_else_the_row_else_the_owner(built: Built) -> None:
    con = built(
        invoices=[invoice("I1", "2026-06-01", 100)],
        customers=[{"customer_id": "C1", "owner_id": "R3"}],
        receipts=[receipt("2026-06-10", 1, rep_id="R2"), receipt("2026-06-11", 1, None, rep_id="R2"), receipt("2026-06-12", 1, None)],
    )
    assert con.sql("select rep_id from fact.receipts order by date").fetchall() == [("R1",), ("R2",), ("R3",)]
    assert con.sql("select rep_id from fact.receivable_moves where kind = 'cash' order by date").fetchall() == [("R1",), ("R2",), ("R3",)]


def test_a_due_date_left_out_is_the_customers_terms_after_the_invoice(built: Built) -> None:
    papers = [invoice("I1", "2026-06-01", 1, due_date=None), invoice("I2", "2026-06-01", 1, due_date=None, customer_id="C2")]
    con = built(invoices=papers, customers=[{"customer_id": "C1", "owner_id": "R1", "terms_days": 30}])
    assert con.sql("select due_date from fact.invoices order by invoice_id").fetchall() == [(date(2026, 7, 1),), (None,)]


@pytest.mark.parametrize(("setting", "expected"), [("clearing", (100, 0)), ("receipt", (60, 0))])
def test_a_bill_counts_when_it_clears_unless_the_company_says_on_receipt(built: Built, setting: str, expected: tuple[int, int]) -> None:
    bill = receipt("2026-06-10", 40, method="bill", cleared_on="2026-09-10")
    con = built(invoices=[invoice("I1", "2026-06-01", 100)], receipts=[bill], settings={"bills_count_on": setting})
    assert balance(con, "2026-06-30") == expected
    assert balance(con, "2026-09-10") == (60, 0)


def test_a_bill_not_cleared_yet_is_kept_but_not_counted(built: Built) -> None:
    con = built(invoices=[invoice("I1", "2026-06-01", 100)], receipts=[receipt("2026-06-10", 40, method="bill")])
    assert con.sql("select date, rep_id from fact.receipts").fetchall() == [(None, "R1")]
    assert balance(con, "2026-12-31") == (100, 0)
    assert build.audit(con) == []


def test_without_receipts_what_the_invoice_says_was_paid_stands_in(built: Built) -> None:
    papers = [
        invoice("I1", "2026-06-01", 100, paid_amount=60, paid_on="2026-06-10"),
        invoice("I2", "2026-06-01", 100, open_amount=25, paid_on="2026-06-11"),
        invoice("I3", "2026-06-01", 100, paid_amount=0),
        invoice("I4", "2026-06-01", 100),
    ]
    con = built(invoices=papers)
    query = "select invoice_id, date, amount::int, is_estimated from fact.receipts order by 1"
    assert con.sql(query).fetchall() == [("I1", date(2026, 6, 10), 60, True), ("I2", date(2026, 6, 11), 75, True)]
    assert con.sql("select count(*) filter (where is_estimated) from fact.receivable_moves").fetchall() == [(2,)]
    assert balance(con, "2026-06-30") == (40 + 25 + 100 + 100, 0)


def test_paid_on_an_unknown_day_is_paid_by_the_date_of_the_data(built: Built) -> None:
    con = built(invoices=[invoice("I1", "2026-06-01", 100, paid_amount=100), invoice("I2", "2026-06-20", 10)])
    assert con.sql("select date from fact.receipts").fetchall() == [(date(2026, 6, 20),)]


def test_with_receipts_only_older_payments_are_taken_from_the_invoices(built: Built) -> None:
    papers = [
        invoice("before", "2026-01-05", 100, paid_amount=100, paid_on="2026-02-10"),
        invoice("undated", "2026-01-05", 100, paid_amount=100),
        invoice("after", "2026-01-05", 100, paid_amount=100, paid_on="2026-04-10"),
        invoice("listed", "2026-01-05", 100, paid_amount=100, paid_on="2026-02-10"),
        invoice("young", "2026-05-05", 100, paid_amount=100),
    ]
    con = built(invoices=papers, receipts=[receipt("2026-03-01", 100, "listed")])
    assert con.sql("select invoice_id, date, is_estimated from fact.receipts order by 1").fetchall() == [
        ("before", date(2026, 2, 10), True),
        ("listed", date(2026, 3, 1), False),
        ("undated", date(2026, 2, 28), True),
    ]


def test_a_later_start_of_receipts_may_be_set(built: Built) -> None:
    papers = [invoice("I1", "2026-01-05", 100, paid_amount=100, paid_on="2026-03-10")]
    con = built(invoices=papers, receipts=[receipt("2026-03-01", 5, None)], settings={"data_start": {"receipts": date(2026, 4, 1)}})
    assert con.sql("select amount::int from fact.receipts where is_estimated").fetchall() == [(100,)]


def model(papers: list[Row], cash: list[Row], day: date) -> tuple[Decimal, Decimal]:
    """Open and unapplied at the end of a day, worked anew from the documents alone."""
    until = day.isoformat()
    unapplied = sum((Decimal(r["amount"]) for r in cash if r["received_on"] <= until), Decimal(0))
    unapplied -= sum(Decimal(p["amount"]) for p in papers if p["amount"] < 0 and p["invoice_date"] <= until)
    still_open = Decimal(0)
    for paper in papers:
        if paper["amount"] < 0 or paper["invoice_date"] > until:
            continue
        paid = (Decimal(r["amount"]) for r in cash if r["invoice_id"] == paper["invoice_id"] and r["received_on"] <= until)
        reduced = sum(paid, Decimal(0))
        reduced -= sum(Decimal(p["amount"]) for p in papers if p.get("credit_of") == paper["invoice_id"] and p["invoice_date"] <= until)
        still_open += max(Decimal(0), paper["amount"] - reduced)
        unapplied -= paper["amount"] - max(Decimal(0), paper["amount"] - reduced)
    return still_open, unapplied


@pytest.mark.parametrize("seed", range(4))
def test_any_mix_of_documents_balances_every_day(built: Built, seed: int) -> None:
    chance = random.Random(seed)
    first = date(2026, 1, 1)

    def day() -> str:
        return (first + timedelta(days=chance.randrange(60))).isoformat()

    papers = [invoice(f"I{n}", day(), chance.randrange(1, 300)) for n in range(12)]
    papers += [note(f"N{n}", day(), -chance.randrange(1, 200), credit_of=chance.choice([None, "gone", f"I{n}", "I0"])) for n in range(6)]
    cash = [
        receipt(day(), chance.randrange(-80, 250), chance.choice([None, "gone", *(f"I{k}" for k in range(6))]), line_no=str(n))
        for n in range(25)
    ]
    con = built(invoices=papers, receipts=cash)
    assert build.audit(con) == []
    for offset in range(-1, 61, 6):
        asked = first + timedelta(days=offset)
        assert balance(con, asked.isoformat()) == tuple(map(int, model(papers, cash, asked)))
