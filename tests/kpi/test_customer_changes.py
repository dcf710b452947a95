"""Customers won back, lost and kept, over a company typed in row by row."""

from datetime import date

import pytest

from data.access import OWNER
from kpi.catalog import get
from kpi.customers import buying_customers, lapsed_customers, net_customer_growth, new_signed_customers, reactivated_customers
from kpi.period import parse
from kpi.report import evaluate

REPS = [{"rep_id": r, "rep_name": r, "role": "rep", "region": g} for r, g in (("R1", "East"), ("R2", "West"))]
EARLY = {"order_id": "first", "customer_id": "C0", "rep_id": "R1", "order_date": "2024-01-01", "net_amount": 1}


def order(customer, on, net=100, rep="R1", **more):
    return {"order_id": f"{customer} {on} {net}", "customer_id": customer, "rep_id": rep, "order_date": on, "net_amount": net, **more}


@pytest.fixture
def ask(company):
    """`ask(kpi, period, *orders, by=(), …)`: the rows of one KPI as a page would get them."""

    def run(name, period, *orders, by=(), as_of="2026-12-31", **sources):
        warehouse = company(reps=REPS, orders=[EARLY, *orders], as_of=as_of, **sources)
        return evaluate(warehouse, OWNER, [get(name)], [parse(period, warehouse.as_of)], by)[name].to_dicts()

    return run


@pytest.mark.parametrize(("on", "count"), [("2025-07-01", 1), ("2025-06-30", 0)])
def test_an_order_more_than_180_days_after_the_one_before_wins_back(ask, on, count) -> None:
    [row] = ask("reactivated_customers", on[:7], order("C1", "2025-01-01"), order("C1", on))
    assert (row["value"], row["status"]) == (count, "ok")


def test_a_first_order_wins_nobody_back_and_twice_in_a_period_is_once(ask) -> None:
    orders = [order("C1", d) for d in ("2024-02-01", "2025-01-05", "2025-08-01")]
    [row] = ask("reactivated_customers", "2025", *orders, order("C2", "2025-03-01"))
    assert (row["value"], row["n_rows"]) == (1, 2)


def test_returns_and_samples_neither_buy_nor_win_back(ask) -> None:
    returned = order("C1", "2025-09-01", -5, doc_type="return")
    sample = order("C1", "2025-09-02", 5, doc_type="sample")
    [row] = ask("buying_customers", "2025-09", order("C1", "2025-01-01"), returned, sample, order("C2", "2025-09-30"))
    assert row["value"] == 1


@pytest.mark.parametrize(("period", "count"), [("2025-06-30", 0), ("2025-07-01", 1), ("2025-07-02", 0)])
def test_a_customer_lapses_on_the_day_after_180_days(ask, period, count) -> None:
    [row] = ask("lapsed_customers", period, order("C1", "2025-01-01"))
    assert row["value"] == count


def test_an_order_in_time_keeps_the_customer_and_a_late_one_does_not_undo_the_lapse(ask) -> None:
    kept, late = order("C1", "2025-06-30"), order("C2", "2025-07-01")
    [row] = ask("lapsed_customers", "2025-07", order("C1", "2025-01-01"), kept, order("C2", "2025-01-01"), late)
    assert row["value"] == 1


def test_a_lapse_is_the_owners_of_that_day_not_the_reps_on_the_order(ask) -> None:
    cards = [{"customer_id": "C1", "customer_name": "C1", "owner_id": "R2"}]
    rows = ask("lapsed_customers", "2025-07", order("C1", "2025-01-01"), by=("rep_id",), customers=cards)
    assert {row["rep_id"]: row["value"] for row in rows} == {"R1": 0, "R2": 1}


def test_lapses_before_they_could_be_seen_are_unknown(ask) -> None:
    [early] = ask("lapsed_customers", "2024-06", order("C1", "2024-01-02"))
    assert (early["value"], early["status"], early["note"]) == (None, "immature", "history_short")
    [later] = ask("lapsed_customers", "2024-07", order("C1", "2024-01-02"))
    assert (later["value"], later["status"]) == (1, "ok")


def test_growth_is_new_and_won_back_less_lapsed(measure, only) -> None:
    happened = [{"new_customers": 1}] * 5 + [{"reactivated": 1}] + [{"lapsed": 1}] * 2
    rows = [{"customer_id": f"C{n}"} | row for n, row in enumerate(happened)]
    frame = measure(rows, period="2026-06", new_customers=0, unknown_customers=0, reactivated=0, lapsed=0, orders=0)
    june = parse("2026-06", date(2026, 6, 30))
    assert only(net_customer_growth(frame, june))["value"] == 4
    assert (only(reactivated_customers(frame, june))["value"], only(lapsed_customers(frame, june))["value"]) == (1, 2)
    assert only(buying_customers(frame.limit(0), june))["value"] == 0


def test_growth_is_unknown_while_the_new_ones_are(measure, only) -> None:
    frame = measure([{"customer_id": "C1", "unknown_customers": 1}], period="2026-06", new_customers=0, reactivated=0, lapsed=0, orders=0)
    row = only(net_customer_growth(frame, parse("2026-06", date(2026, 6, 30))))
    assert (row["value"], row["status"], row["n_excluded"]) == (None, "partial", 1)


@pytest.mark.parametrize(("period", "count"), [("2026-05", 0), ("2026-06", 1)])
def test_a_contract_counts_on_the_day_it_was_signed_for_the_owner(ask, period, count) -> None:
    cards = [{"customer_id": "C1", "customer_name": "C1", "owner_id": "R2", "contract_signed_on": "2026-06-01"}]
    rows = ask("new_signed_customers", period, by=("rep_id",), customers=cards)
    assert {row["rep_id"]: row["value"] for row in rows} == {"R1": 0, "R2": count}
    assert new_signed_customers.needs == ("customers",)


@pytest.mark.parametrize(("on", "counted"), [("2026-02-28", 150), ("2026-03-01", 100)])
def test_a_customer_is_new_for_twelve_months(ask, on, counted) -> None:
    card = {"customer_id": "C1", "customer_name": "C1", "owner_id": "R1", "created_on": "2025-03-01"}
    orders = [order("C1", "2025-03-01"), order("C1", on, 50), order("C0", "2026-02-01", 7)]
    [row] = ask("new_customer_revenue", "2025-03-01..2026-03-31", *orders, customers=[card])
    assert (row["value"], row["revenue"], row["status"]) == (counted, 157, "ok")


def test_revenue_of_a_customer_who_may_be_old_is_left_out(ask) -> None:
    [row] = ask("new_customer_revenue", "2024-03", order("C1", "2024-03-01"))
    assert (row["value"], row["status"], row["note"], row["n_excluded"]) == (0, "partial", "unknown_customers", 1)


@pytest.mark.parametrize("name", ["new_signed_customers", "lapsed_customers", "buying_customers", "new_customer_revenue"])
def test_parts_by_rep_and_by_region_make_the_whole(ask, name) -> None:
    orders = [order("C1", "2025-01-01"), order("C2", "2025-07-03", rep="R2"), order("C3", "2025-07-05", rep=None)]
    cards = [{"customer_id": "C1", "customer_name": "C1", "owner_id": "R2", "contract_signed_on": "2025-07-09"}]
    [whole] = ask(name, "2025-07", *orders, customers=cards)
    for by in ("rep_id", "region"):
        rows = ask(name, "2025-07", *orders, customers=cards, by=(by,))
        assert sum(row["value"] for row in rows) == whole["value"] > 0
