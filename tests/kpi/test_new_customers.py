"""How the customers that were won turn out: whether they come back, and whether they pay their first invoice on time."""

from __future__ import annotations

from typing import Any

from kpi.customers import new_customer_on_time_rate, new_customer_repeat_rate
from tests.kpi.asked import PEOPLE, ask, card, order, visit, whole

END = "2026-06-30"
OLD = order("2025-01-01", "old")  # so that everybody created since is new with evidence


def won(company, *orders, **more) -> Any:
    names = {row["customer_id"] for row in orders}
    cards = [card(name, created_on="2026-01-01") for name in names]
    return company(reps=PEOPLE, customers=cards, orders=[OLD, *orders], as_of=END, **more)


def bill(customer: str, due: str, on: str = "2026-03-05", number: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "invoice_id": f"{customer}-{number}",
        "customer_id": customer,
        "rep_id": "R1",
        "invoice_date": on,
        "due_date": due,
        "amount": 100,
        **more,
    }


def paid(customer: str, on: str, amount: float = 100) -> dict[str, Any]:
    return {
        "receipt_id": f"{customer}{on}",
        "line_no": "1",
        "customer_id": customer,
        "invoice_id": f"{customer}-1",
        "received_on": on,
        "amount": amount,
    }


def test_one_of_two_new_customers_came_back_within_ninety_days(company) -> None:
    # 90 days after 1 March is 30 May
    orders = [order("2026-03-01", c) for c in ("C1", "C2")] + [order("2026-05-30", "C1"), order("2026-05-31", "C2")]
    row = whole(won(company, *orders), new_customer_repeat_rate, "2026-03")
    assert (row["value"], row["numerator"], row["denominator"], row["status"]) == (0.5, 1, 2, "ok")
    longer = won(company, *orders, settings={"repeat_days": 91})
    assert whole(longer, new_customer_repeat_rate, "2026-03")["value"] == 1


def test_a_second_order_on_the_first_day_is_no_return_and_a_returned_one_neither(company) -> None:
    orders = [order("2026-03-01"), order("2026-03-01", order_id="again"), order("2026-03-09", amount=-5), order("2026-04-01", "C1", "R2")]
    warehouse = won(company, *orders[:3])
    assert whole(warehouse, new_customer_repeat_rate, "2026-03")["value"] == 0
    assert whole(won(company, *orders), new_customer_repeat_rate, "2026-03")["value"] == 1
    assert ask(won(company, *orders), new_customer_repeat_rate, "2026-03", by=("rep_id",))["R1"]["value"] == 1  # who won it


def test_an_order_shipped_some_days_after_its_date_is_one_order(company) -> None:
    cards = [card("C1", created_on="2026-01-01", first_order_on="2026-03-01")]
    shipped = order("2026-03-04")
    warehouse = company(reps=PEOPLE, customers=cards, orders=[OLD, shipped], as_of=END)
    assert whole(warehouse, new_customer_repeat_rate, "2026-03")["value"] == 0


def test_who_was_won_lately_is_left_out_and_alone_gives_no_rate(company) -> None:
    warehouse = won(company, order("2026-04-01"), order("2026-04-02", "C2"))  # 90 days after 1 April is 30 June
    row = whole(warehouse, new_customer_repeat_rate, "2026-04")
    assert (row["value"], row["denominator"], row["n_excluded"]) == (0, 1, 1)
    young = whole(warehouse, new_customer_repeat_rate, "2026-04", as_of="2026-06-29")
    assert (young["value"], young["status"], young["note"]) == (None, "immature", "too_young")
    assert whole(warehouse, new_customer_repeat_rate, "2026-05")["note"] == "no_new_customers"


FIVE = [order("2026-03-01", f"C{n}") for n in range(1, 6)]
BILLS = [
    bill("C1", "2026-04-04"),
    bill("C2", "2026-04-04"),
    bill("C3", "2026-04-04"),
    bill("C3", "2026-06-01", "2026-03-20", "2", credit_of="C3-1", doc_type="credit_note", amount=-40),
    bill("C4", "2026-07-01"),
]
CASH = [paid("C1", "2026-04-04"), paid("C2", "2026-04-05"), paid("C3", "2026-04-01", 60)]


def test_two_of_three_paid_their_first_invoice_by_its_due_date(company) -> None:
    # C1 on the day, C2 a day late, C3 less a credit note; C4 is not yet due, C5 was never billed
    row = whole(won(company, *FIVE, invoices=BILLS, receipts=CASH), new_customer_on_time_rate, "2026-03")
    assert (row["numerator"], row["denominator"], row["n_excluded"], row["status"]) == (2, 3, 2, "ok")
    graced = won(company, *FIVE, invoices=BILLS, receipts=CASH, settings={"grace_days": 1})
    assert whole(graced, new_customer_on_time_rate, "2026-03")["value"] == 1


def test_only_the_first_invoice_counts_and_part_of_it_is_not_all(company) -> None:
    bills = [bill("C1", "2026-04-04"), bill("C1", "2026-04-10", "2026-03-10", "2")]
    warehouse = won(company, order("2026-03-01"), invoices=bills, receipts=[paid("C1", "2026-04-01", 99)])
    assert whole(warehouse, new_customer_on_time_rate, "2026-03")["value"] == 0
    warehouse = won(company, order("2026-03-01"), invoices=bills, receipts=[paid("C1", "2026-04-01")])
    assert whole(warehouse, new_customer_on_time_rate, "2026-03")["value"] == 1  # the second is open to this day


def test_what_was_not_due_then_could_not_be_said_then(company) -> None:
    row = whole(won(company, *FIVE, invoices=BILLS, receipts=CASH), new_customer_on_time_rate, "2026-03", as_of="2026-04-03")
    assert (row["value"], row["status"], row["n_excluded"]) == (None, "immature", 5)


def test_without_cash_on_file_nobody_knows_and_parts_add_up(company) -> None:
    assert whole(won(company, *FIVE), new_customer_on_time_rate, "2026-03")["status"] == "not_loaded"
    assert whole(company(reps=PEOPLE, visits=[visit("03")], as_of=END), new_customer_repeat_rate)["status"] == "not_loaded"
    nobody = [order("2026-03-01", "C6", "nobody"), order("2026-03-02", "C7", "R2")]
    warehouse = won(company, *FIVE, *nobody, invoices=[*BILLS, bill("C6", "2026-04-01"), bill("C7", "2026-04-01")], receipts=CASH)
    for kpi in (new_customer_repeat_rate, new_customer_on_time_rate):
        all_of_it = whole(warehouse, kpi, "2026-03")
        for by in (("rep_id",), ("region",), ("customer_id",)):
            parts = ask(warehouse, kpi, "2026-03", by=by).values()
            for part in ("numerator", "denominator", "n_excluded"):
                assert sum(p[part] for p in parts) == all_of_it[part]
