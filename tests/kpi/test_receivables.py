"""How well money comes in, by the worked figures of the definitions (T2 in thousands)."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from kpi.config import Config
from kpi.period import parse
from kpi.receivables import (
    KPIS,
    add_days,
    avg_days_late,
    best_possible_dso,
    cei,
    cei_crf,
    credit_usage,
    days_beyond_terms,
    dso_countback,
    on_time_collection_rate,
)

JUNE = parse("2026-06", date(2026, 6, 30))


@pytest.fixture
def due(measure):
    """INV2 of 50 due 10 June, paid on the 9th; INV4 of 30 due 25 June, 10 of it on the 24th."""

    def make(known_on="2026-06-10", last="2026-06-25"):
        rows = [
            {"date": "2026-06-10", "known_on": "2026-05-10", "n_rows": 0, "n_excluded": 1},
            {"date": "2026-06-10", "known_on": known_on, "due": 50.0, "on_time": 50.0, "n_excluded": -1},
            {"date": "2026-06-25", "known_on": "2026-06-05", "n_rows": 0, "n_excluded": 1},
            {"date": "2026-06-25", "known_on": last, "due": 30.0, "on_time": 10.0, "n_excluded": -1},
        ]
        return measure(rows, due=0.0, on_time=0.0, estimated_rows=0)

    return make


def test_of_what_fell_due_the_part_that_came_in_time(due, only) -> None:
    row = only(on_time_collection_rate(due(), JUNE))
    assert (row["value"], row["numerator"], row["denominator"], row["n_rows"], row["n_excluded"]) == (0.75, 60, 80, 2, 0)


def test_an_invoice_in_its_days_of_grace_is_immature_and_left_out(due, only) -> None:
    row = only(on_time_collection_rate(due(last="2026-07-05"), JUNE))
    assert (row["value"], row["n_rows"], row["n_excluded"]) == (1.0, 1, 1)
    later = only(on_time_collection_rate(due(last="2026-07-05"), parse("2026-06", date(2026, 7, 5))))
    assert (later["value"], later["n_excluded"]) == (0.75, 0)


def test_nothing_due_has_no_rate(due, only) -> None:
    row = only(on_time_collection_rate(due(), parse("2026-04", JUNE.as_of)))
    assert (row["value"], row["status"], row["note"]) == (None, "no_denominator", "nothing_due")


@pytest.fixture
def paid(measure):
    def make(*rows):
        due = date(2026, 6, 5)
        moves = [{"date": due + timedelta(days=d), "open_change": -float(a)} for a, d in rows]
        frame = measure(moves or [{"date": due, "open_change": -1.0}], kind="cash", estimated_rows=0)
        frame = frame.with_columns(kind=pl.lit("cash"), due_date=pl.lit(due))
        return frame.limit(len(moves))

    return make


@pytest.fixture
def measure(measure):
    """As the shared one, without the text column it does not know."""

    def make(rows, *columns, kind=None, **defaults):
        return measure(rows, *columns, **defaults)

    return make


def test_days_late_are_weighted_by_the_money_paid(paid, only) -> None:
    frame = paid((100, -3), (200, 5), (50, 20))
    assert round(only(avg_days_late(frame, JUNE))["value"], 2) == 5.71
    assert round(only(days_beyond_terms(frame, JUNE))["value"], 2) == 4.86


def test_nothing_paid_and_no_due_date_have_no_days_late(paid, only) -> None:
    assert only(avg_days_late(paid(), JUNE))["note"] == "nothing_paid"
    row = only(avg_days_late(paid((100, 3)).with_columns(due_date=pl.lit(None, pl.Date)), JUNE))
    assert (row["value"], row["n_rows"], row["n_excluded"]) == (None, 0, 1)


@pytest.fixture
def position(measure):
    def make(**parts):
        names = ("ar_balance", "unapplied", "not_due", "invoiced_trailing", "opening_net", "invoiced")
        return measure([{"period": "2026-06", "estimated_rows": 0, "months": 1, **dict.fromkeys(names, 0.0), **parts}])

    return make


def test_dso_splits_into_the_best_possible_and_the_days_beyond(position, only) -> None:
    frame = position(ar_balance=500.0, not_due=350.0, invoiced_trailing=660.0)
    assert round(only(best_possible_dso(frame, JUNE))["value"], 1) == 48.3
    assert round(only(add_days(frame, JUNE))["value"], 1) == 20.7
    assert only(add_days(position(ar_balance=500.0), JUNE))["note"] == "nothing_invoiced"


def test_collection_effectiveness_of_one_month(position, only) -> None:
    row = only(cei(position(opening_net=6200.0, invoiced=3610.0, ar_balance=6000.0, not_due=3560.0), JUNE))
    assert round(row["value"], 4) == 0.6096


def test_the_crf_variant_divides_the_invoices_by_the_months(position, only) -> None:
    frame = position(opening_net=6200.0, invoiced=10890.0, ar_balance=6340.0, not_due=3590.0, months=3)
    assert round(only(cei_crf(frame, JUNE))["value"], 4) == 0.5593
    assert only(cei(frame, JUNE))["note"] == "one_month_only"
    undivided = only(cei(frame.with_columns(months=pl.lit(1, pl.Int64)), JUNE))
    assert round(undivided["value"], 4) == 0.7963


def test_effectiveness_needs_to_know_what_was_open_before(position, only) -> None:
    frame = position(opening_net=6200.0, invoiced=3610.0, ar_balance=6000.0, not_due=3560.0)
    assert only(cei(frame, JUNE, config=Config(data_start={"invoices": date(2026, 6, 1)})))["status"] == "immature"


@pytest.fixture
def months(measure):
    """200 invoiced in June, 220 in May, 240 in April; the rest of the moves is cash."""

    def make(balance, *by_month, to=date(2026, 6, 30)):
        starts = [date(2026, 6, 1), date(2026, 5, 1), date(2026, 4, 1)]
        rows = [{"invoiced": float(a), "net_change": float(a)} for a in by_month]
        rows[0]["net_change"] += float(balance) - sum(by_month)
        frame = measure(rows, period="2026-06", estimated_rows=0)
        return frame.with_columns(month_on=pl.Series(starts[: len(rows)]), month_to=pl.lit(to))

    return make


def test_the_balance_is_used_up_month_by_month_backwards(months, only) -> None:
    row = only(dso_countback(months(500, 200, 220, 240), JUNE))
    assert (row["value"], row["status"]) == (pytest.approx(71.0), "ok")
    assert only(dso_countback(months(200, 200, 220, 240), JUNE))["value"] == pytest.approx(30.0)
    assert only(dso_countback(months(0, 200, 220, 240), JUNE))["value"] == 0


def test_a_balance_beyond_all_invoices_has_no_days_but_says_how_many_there_are(months, only) -> None:
    row = only(dso_countback(months(661, 200, 220, 240), JUNE))
    assert (row["value"], row["days_on_file"], row["status"], row["note"]) == (None, 91, "immature", "history_exhausted")


def test_a_month_without_invoices_still_has_its_days(months, only) -> None:
    frame = months(300, 200, 220).with_columns(month_on=pl.Series([date(2026, 6, 1), date(2026, 4, 1)]))
    assert only(dso_countback(frame, JUNE))["value"] == pytest.approx(30 + 31 + 100 / 220 * 30)


def test_months_of_several_reps_count_back_together(months, only) -> None:
    twice = pl.concat([months(250, 100, 110, 120), months(250, 100, 110, 120).with_columns(rep_id=pl.lit("R2"))])
    assert only(dso_countback(twice, JUNE))["value"] == pytest.approx(71.0)
    assert dso_countback(twice, JUNE, "rep_id")["value"].to_list() == [pytest.approx(71.0)] * 2


def test_credit_used_is_of_customers_with_a_limit_and_may_exceed_it(measure, only) -> None:
    frame = measure([{"period": "2026-06", "ar_balance": 110.0, "credit_limit": 100.0}], customers_over=1, estimated_rows=0)
    row = only(credit_usage(frame, JUNE))
    assert (row["value"], row["customers_over"]) == (pytest.approx(1.10), 1)
    nobody = frame.with_columns(credit_limit=pl.lit(Decimal(0), pl.Decimal(38, 4)))
    assert only(credit_usage(nobody, JUNE))["note"] == "no_limit"


@pytest.mark.parametrize("kpi", KPIS, ids=lambda k: k.name)
def test_without_invoices_there_is_no_figure_rather_than_zero(kpi, only) -> None:
    row = only(kpi(None, JUNE))
    assert (row["value"], row["status"]) == (None, "not_loaded")
