"""Quotes: counted once, judged by their last version, and special prices that wait."""

from __future__ import annotations

import pytest

from kpi import quotes
from kpi.quotes import quote_win_rate, quotes_issued, special_quotes_pending
from tests.kpi.asked import PEOPLE, ask, quote, visit, whole

END = "2026-06-30"


def test_a_quote_counts_once_on_the_day_and_for_the_rep_of_its_first_version(company) -> None:
    rows = [quote("Q1", "03"), quote("Q1", "20", "R2", version="2"), quote("Q2", "20", "R2", customer_id=None, prospect_id="P1")]
    warehouse = company(reps=PEOPLE, quotes=rows, as_of=END)
    assert whole(warehouse, quotes_issued)["value"] == 2
    by_rep = ask(warehouse, quotes_issued, by=("rep_id",))
    assert (by_rep["R1"]["value"], by_rep["R2"]["value"]) == (1, 1)
    assert whole(warehouse, quotes_issued, "2026-06-10..2026-06-30")["value"] == 1
    assert {key: row["value"] for key, row in ask(warehouse, quotes_issued, by=("customer_id",)).items()} == {"C1": 1, None: 1}


def test_won_of_what_was_won_lost_or_expired_by_the_last_version(company) -> None:
    rows = [
        quote("Q1", "03"),
        quote("Q1", "20", version="2", status="won"),
        quote("Q2", "04", status="lost"),
        quote("Q3", "05", status="expired"),
        quote("Q4", "06", status="won"),
        quote("Q5", "07"),
    ]
    warehouse = company(reps=PEOPLE, quotes=rows, as_of=END)
    row = whole(warehouse, quote_win_rate)
    assert (row["value"], row["numerator"], row["denominator"], row["n_excluded"]) == (0.5, 2, 4, 1)
    assert (row["quotes_lost"], row["quotes_expired"]) == (1, 1)
    assert whole(warehouse, quote_win_rate, as_of="2026-06-19")["numerator"] == 1  # the second version was not there yet


def test_a_special_price_waits_until_it_is_approved_or_the_quote_ends(company) -> None:
    special = {"is_special": True}
    rows = [
        quote("Q1", "03", **special),
        quote("Q2", "03", approved_on="2026-06-20", **special),
        quote("Q3", "03", status="lost", **special),
        quote("Q4", "03"),
        quote("Q5", "03", **special),
        quote("Q5", "25", version="2"),  # no longer special
    ]
    warehouse = company(reps=PEOPLE, quotes=rows, as_of=END)
    row = whole(warehouse, special_quotes_pending)
    assert (row["value"], row["pending_amount"]) == (1, 100)
    assert whole(warehouse, special_quotes_pending, as_of="2026-06-19")["value"] == 3
    assert ask(warehouse, special_quotes_pending, by=("rep_id",))["R1"]["value"] == 1


@pytest.mark.parametrize("kpi", quotes.KPIS, ids=lambda k: k.name)
def test_with_nothing_in_it_a_count_is_zero_a_rate_is_none_and_without_the_file_neither(company, kpi) -> None:
    old = quote("Q1", "03") | {"quote_date": "2026-01-05", "status": "won"}
    row = whole(company(reps=PEOPLE, quotes=[old], as_of=END), kpi)
    assert (row["value"], row["status"]) == ((None, "no_denominator") if kpi.is_ratio else (0, "ok"))
    assert whole(company(reps=PEOPLE, visits=[visit("03")], as_of=END), kpi)["status"] == "not_loaded"


@pytest.mark.parametrize("kpi", quotes.KPIS, ids=lambda k: k.name)
def test_parts_add_up_also_where_nobody_is_named(company, kpi) -> None:
    rows = [quote("Q1", "03", status="won"), quote("Q2", "04", "nobody", is_special=True), quote("Q3", "05", "R2", status="lost")]
    warehouse = company(reps=PEOPLE, quotes=rows, as_of=END)
    for by in (("rep_id",), ("region",), ("customer_id",)):
        assert sum(p["numerator"] for p in ask(warehouse, kpi, by=by).values()) == whole(warehouse, kpi)["numerator"]
