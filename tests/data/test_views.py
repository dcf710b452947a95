"""Views: what depends on the period asked for — who was visited, who buys, what was collectible, what is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from data.access import OWNER

Row = dict[str, Any]
REPS = [
    {"rep_id": "R1", "rep_name": "Li", "role": "rep", "region": "North"},
    {"rep_id": "R2", "rep_name": "Wang", "role": "rep", "region": "South"},
]
CARDS = [{"customer_id": "C1", "customer_name": "Acme", "owner_id": "R1"}]


class Span(NamedTuple):
    """A period as the warehouse sees one."""

    label: str
    start: date
    end: date
    to: date


def span(start: str, end: str, label: str = "p", to: str | None = None) -> Span:
    return Span(label, date.fromisoformat(start), date.fromisoformat(end), date.fromisoformat(to or end))


JUNE = span("2026-06-01", "2026-06-30", "2026-06")


def frame(warehouse: Any, name: str, *windows: Span, by: Sequence[str] = ()) -> pl.DataFrame:
    return warehouse.read(name, OWNER, windows, by=by).collect()


def line(order: str, net: float, on: str, **more: Any) -> Row:
    return {"order_id": order, "customer_id": "C1", "rep_id": "R1", "order_date": on, "net_amount": net, **more}


def visit(on: str, customer: str = "C1", **more: Any) -> Row:
    return {"rep_id": "R1", "customer_id": customer, "actual_date": on, **more}


def invoice(number: str, amount: float, on: str, due: str | None, **more: Any) -> Row:
    return {"invoice_id": number, "customer_id": "C1", "rep_id": "R1", "invoice_date": on, "due_date": due, "amount": amount, **more}


def receipt(number: str, amount: float, on: str, paid: str | None, **more: Any) -> Row:
    return {"receipt_id": number, "customer_id": "C1", "invoice_id": paid, "received_on": on, "amount": amount, **more}


# T2 of the catalogue: on 1 June INV1 is open with 40 (20 of 60 were paid in May).
T2 = {
    "reps": REPS,
    "customers": CARDS,
    "invoices": [
        invoice("INV1", 60, "2026-04-20", "2026-05-20"),
        invoice("INV2", 50, "2026-05-10", "2026-06-10"),
        invoice("INV3", 80, "2026-05-15", "2026-07-15"),
        invoice("INV4", 30, "2026-06-01", "2026-06-25"),
    ],
    "receipts": [
        receipt("0", 20, "2026-05-25", "INV1"),
        receipt("1", 20, "2026-06-05", "INV1"),
        receipt("2", 50, "2026-06-09", "INV2"),
        receipt("3", 60, "2026-06-10", "INV3"),
        receipt("4", 10, "2026-06-24", "INV4"),
    ],
}


def test_the_worked_month_of_collections(company: Callable[..., Any]) -> None:
    [row] = frame(company(**T2), "collections", JUNE).to_dicts()
    parts = ("opening", "invoiced", "collected", "collectible", "applied_to_collectible", "n_rows", "estimated_rows")
    assert [row[p] for p in parts] == [170, 30, 140, 120, 80, 3, 0]
    assert (row["period"], row["rep_id"], row["region"]) == ("2026-06", "R1", "North")


def test_the_worked_month_leaves_sixty_open_of_which_forty_are_overdue(company: Callable[..., Any]) -> None:
    [row] = frame(company(**T2), "receivable_positions", JUNE).to_dicts()
    parts = ("ar_balance", "unapplied", "overdue_amount", "not_due", "d1_30", "d31_60", "n_rows", "invoiced_trailing")
    assert [row[p] for p in parts] == [60, 0, 40, 20, 20, 20, 3, 220]


def test_an_open_balance_is_that_of_the_day_whenever_it_is_asked(company: Callable[..., Any]) -> None:
    may = span("2026-05-01", "2026-05-31", "2026-05")
    rows = frame(company(**T2), "receivable_positions", may, JUNE).sort("period")
    assert rows["ar_balance"].to_list() == [170, 60]


def test_in_a_part_period_only_what_is_due_by_then_is_collectible(company: Callable[..., Any]) -> None:
    [row] = frame(company(**T2), "collections", span("2026-06-01", "2026-06-30", to="2026-06-09")).to_dicts()
    assert (row["collectible"], row["applied_to_collectible"], row["collected"]) == (40, 20, 70)


def test_credits_and_write_offs_in_the_period_lower_what_is_collectible(company: Callable[..., Any]) -> None:
    papers = [
        invoice("1", 100, "2026-05-01", "2026-06-10"),
        invoice("N", -30, "2026-06-12", None, doc_type="credit_note", credit_of="1"),
        invoice("W", -10, "2026-06-13", None, doc_type="write_off", credit_of="1"),
    ]
    [row] = frame(company(reps=REPS, invoices=papers, receipts=[receipt("1", 60, "2026-06-20", "1")]), "collections", JUNE).to_dicts()
    assert (row["collectible"], row["applied_to_collectible"], row["invoiced"]) == (60, 60, -30)


def test_an_overpayment_is_cash_but_not_applied(company: Callable[..., Any]) -> None:
    warehouse = company(
        reps=REPS,
        customers=CARDS,
        invoices=[invoice("1", 100, "2026-06-01", "2026-06-10")],
        receipts=[receipt("1", 130, "2026-06-20", "1")],
    )
    [row] = frame(warehouse, "collections", JUNE).to_dicts()
    assert (row["collected"], row["collectible"], row["applied_to_collectible"]) == (130, 100, 100)
    [row] = frame(warehouse, "receivable_positions", JUNE).to_dicts()
    assert (row["ar_balance"], row["unapplied"], row["n_rows"]) == (0, 30, 0)


def test_cash_without_an_invoice_is_collected_and_unapplied(company: Callable[..., Any]) -> None:
    warehouse = company(
        reps=REPS,
        customers=CARDS,
        invoices=[invoice("1", 100, "2026-06-01", "2026-06-10")],
        receipts=[receipt("1", 40, "2026-06-20", None)],
    )
    [row] = frame(warehouse, "collections", JUNE).to_dicts()
    assert (row["collected"], row["applied_to_collectible"], row["collectible"]) == (40, 0, 100)
    [row] = frame(warehouse, "receivable_positions", JUNE).to_dicts()
    assert (row["ar_balance"], row["unapplied"]) == (100, 40)


def test_collections_can_be_kept_apart_by_customer(company: Callable[..., Any]) -> None:
    papers = [invoice("1", 10, "2026-06-01", "2026-06-10"), invoice("2", 20, "2026-06-01", "2026-06-10", customer_id="C2")]
    warehouse = company(reps=REPS, invoices=papers, receipts=[receipt("1", 5, "2026-06-20", "1")])
    rows = frame(warehouse, "collections", JUNE, by=["customer_id"]).sort("customer_id")
    assert rows.select("customer_id", "collectible", "applied_to_collectible").rows() == [("C1", 10, 5), ("C2", 20, 0)]
    assert "customer_id" not in frame(warehouse, "collections", JUNE).columns


def test_a_balance_ages_by_days_past_due(company: Callable[..., Any]) -> None:
    late = {
        0: "not_due",
        1: "d1_30",
        30: "d1_30",
        31: "d31_60",
        60: "d31_60",
        61: "d61_90",
        91: "d91_180",
        180: "d91_180",
        181: "d180_plus",
    }
    papers = [invoice(f"{n}", 7, "2025-01-01", (JUNE.to - timedelta(days=n)).isoformat(), customer_id=f"{n}") for n in late]
    warehouse = company(reps=REPS, receipts=[], invoices=papers)
    for row in frame(warehouse, "receivable_positions", JUNE, by=["customer_id"]).to_dicts():
        days = int(row["customer_id"])
        assert [name for name in sorted(set(late.values())) if row[name]] == [late[days]]
        assert (row[late[days]], row["ar_balance"], row["overdue_amount"]) == (7, 7, 7 if days else 0)


def test_inherited_debt_shows_up_with_the_owner_of_the_day(company: Callable[..., Any]) -> None:
    versions = [
        {"customer_id": "C1", "customer_name": "Acme", "owner_id": "R1", "_load_id": 1, "_replaced_by": 2},
        {"customer_id": "C1", "customer_name": "Acme", "owner_id": "R2", "_load_id": 2, "_from": "2026-06-16"},
    ]
    warehouse = company(reps=REPS, customers=versions, receipts=[], invoices=[invoice("1", 100, "2026-05-01", "2026-06-10")])
    may = span("2026-05-01", "2026-05-31", "2026-05")
    rows = frame(warehouse, "receivable_positions", may, JUNE).sort("period")
    assert rows.select("rep_id", "region", "ar_balance").rows() == [("R1", "North", 100), ("R2", "South", 100)]
    assert frame(warehouse, "collections", JUNE)["rep_id"].to_list() == ["R1"]


def test_debt_without_an_owner_is_shown_as_unassigned(company: Callable[..., Any]) -> None:
    warehouse = company(reps=REPS, receipts=[], invoices=[invoice("1", 100, "2026-05-01", "2026-06-10")])
    assert frame(warehouse, "receivable_positions", JUNE).select("rep_id", "ar_balance").rows() == [("unassigned", 100)]


def test_an_undated_invoice_is_open_but_not_overdue(company: Callable[..., Any]) -> None:
    warehouse = company(reps=REPS, receipts=[], invoices=[invoice("1", 100, "2026-05-01", None)])
    [row] = frame(warehouse, "receivable_positions", JUNE).to_dicts()
    assert (row["ar_balance"], row["not_due"], row["overdue_amount"]) == (100, 100, 0)


def test_only_the_last_dso_days_count_as_recent_invoicing(company: Callable[..., Any]) -> None:
    papers = [
        invoice("1", 1, "2026-03-31", "2026-06-10"),
        invoice("2", 10, "2026-04-01", "2026-06-10"),
        invoice("3", 100, "2026-07-01", "2026-07-10"),
    ]
    warehouse = company(reps=REPS, receipts=[], invoices=papers)
    assert frame(warehouse, "receivable_positions", JUNE)["invoiced_trailing"].to_list() == [Decimal(10)]


def test_a_customer_is_visited_once_however_ragged_the_period(company: Callable[..., Any]) -> None:
    days = ["2026-04-14", "2026-04-15", "2026-05-02", "2026-06-20", "2026-06-21"]
    warehouse = company(
        reps=REPS, visits=[*(visit(day) for day in days), visit("2026-05-03", "C2"), visit("2026-04-30", "C3", visit_type="phone")]
    )
    rows = (
        frame(warehouse, "visited_customers", span("2026-04-15", "2026-06-20"))
        .group_by("period", "rep_id", "customer_id")
        .agg(pl.sum("n_rows"))
    )
    assert sorted(rows.rows()) == [("p", "R1", "C1", 3), ("p", "R1", "C2", 1)]


def test_a_month_a_day_and_an_empty_stretch_are_periods_too(company: Callable[..., Any]) -> None:
    warehouse = company(reps=REPS, visits=[visit("2026-04-14"), visit("2026-04-15")])
    month, day, nothing = (
        span("2026-04-01", "2026-04-30", "m"),
        span("2026-04-15", "2026-04-15", "d"),
        span("2026-04-16", "2026-04-30", "n"),
    )
    rows = frame(warehouse, "visited_customers", month, day, nothing).group_by("period").agg(pl.sum("n_rows"))
    assert dict(rows.rows()) == {"m": 2, "d": 1}


def test_visits_by_customer_are_the_visits_of_the_team(company: Callable[..., Any]) -> None:
    rows = [
        visit("2026-04-14 09:00"),
        visit("2026-04-14 11:00"),
        visit("2026-05-02"),
        visit("2026-06-20 10:00", "C2"),
        visit("2026-06-20 11:00", "C2"),
    ]
    warehouse = company(reps=REPS, visits=rows)
    window = span("2026-04-10", "2026-06-20")
    by_customer = (
        frame(warehouse, "visits", window, by=["customer_id"]).group_by("customer_id").agg(pl.sum("completed_visits", "visit_records"))
    )
    assert sorted(by_customer.rows()) == [("C1", 2, 3), ("C2", 1, 2)]
    assert frame(warehouse, "visits", window)["completed_visits"].sum() == 3


def test_a_customer_is_active_for_ninety_days(company: Callable[..., Any]) -> None:
    last_orders = ("2026-04-01", "2026-04-02", "2026-06-30", "2026-07-01")
    warehouse = company(reps=REPS, orders=[line(day, 10, day, customer_id=day) for day in last_orders])
    assert set(frame(warehouse, "active_customers", JUNE)["customer_id"]) == {"2026-04-02", "2026-06-30"}


def test_active_days_act_at_once(company: Callable[..., Any]) -> None:
    warehouse = company(reps=REPS, orders=[line("A", 10, "2026-04-01")], settings={"active_days": 91})
    assert frame(warehouse, "active_customers", JUNE)["n_rows"].to_list() == [1]


def test_samples_and_returns_keep_nobody_active(company: Callable[..., Any]) -> None:
    orders = [line("A", 10, "2026-05-01", doc_type="sample"), line("B", -5, "2026-06-01", doc_type="return")]
    assert frame(company(reps=REPS, orders=orders), "active_customers", JUNE).is_empty()


def test_sales_by_customer_are_the_sales_of_the_team(company: Callable[..., Any]) -> None:
    orders = [
        line("A", 100, "2026-04-20", line_no="1", cost_amount=70),
        line("A", -30, "2026-06-05", line_no="2", doc_type="return"),
        line("B", 50, "2026-05-07", customer_id="C2"),
        line("C", 9, "2026-06-21"),
    ]
    warehouse, window = company(reps=REPS, orders=orders), span("2026-04-15", "2026-06-20")
    parts = ("revenue", "gross_profit", "returns_amount", "order_count", "costed_order_count", "uncosted_lines", "n_rows", "n_excluded")
    rows = frame(warehouse, "sales", window, by=["customer_id"]).group_by("customer_id").agg(pl.sum(*parts)).sort("customer_id")
    assert rows.rows() == [("C1", 70, 30, 30, 1, 1, 1, 2, 1), ("C2", 50, 0, 0, 1, 0, 1, 1, 1)]
    team = frame(warehouse, "sales", window).filter(pl.col("date").is_between(window.start, window.to))
    assert rows.select(pl.sum(*parts)).rows() == team.select(pl.sum(*parts)).rows()


VIEWS = ("visited_customers", "customer_visits", "active_customers", "customer_sales", "collections", "receivable_positions")


def test_every_view_has_exact_types_also_without_rows(company: Callable[..., Any]) -> None:
    warehouse = company(reps=REPS, visits=[], orders=[], invoices=[], receipts=[])
    for name in VIEWS:
        kinds = frame(warehouse, name, JUNE).schema
        assert kinds["rep_id"] == kinds["territory_id"] == kinds["region"] == kinds["period"] == pl.String, name
        assert set(kinds.values()) <= {pl.String(), pl.Boolean(), pl.Decimal(38, 4), pl.Int64()}, name
