"""Inside and outside partners as one, each row once; and rows a load refused."""

from __future__ import annotations

from datetime import date

import polars as pl

from data.access import OWNER
from kpi.base import Better, Kpi, Unit
from kpi.pairs import CHAIN, pair_view, paired
from kpi.period import parse
from kpi.rejects import load_reject_rate
from kpi.report import evaluate
from kpi.visits import completed_visits
from tests.kpi.asked import PEOPLE, plan, visit

JUNE = parse("2026-06", date(2026, 6, 30))
ORDERS = Kpi("pair_orders", Unit.COUNT, Better.UP, "rows", ("orders",), pl.len())
PAIRS = pl.LazyFrame(
    [
        {"period": "2026-06", "rep_id": rep, "pair_id": "I", "is_last": rep != "old", "valid_from": since, "valid_to": until}
        for rep, since, until in (
            ("I", date(2020, 1, 1), date(9999, 12, 31)),
            ("R1", date(2020, 1, 1), date(9999, 12, 31)),
            ("old", date(2020, 1, 1), date(2026, 6, 10)),
        )
    ]
)


def rows(*made: tuple[str, str, int]) -> pl.LazyFrame:
    return pl.LazyFrame([{"rep_id": r, "order_id": o, "date": date(2026, 6, d), "n_rows": 1} for r, o, d in made])


def test_five_inside_and_seven_outside_with_two_shared_are_ten() -> None:
    inside = [("I", f"o{n}", 3) for n in range(5)]
    outside = [("R1", f"o{n}", 3) for n in range(3, 10)]
    found = pair_view([ORDERS], lambda _: rows(*inside, *outside, ("R2", "o99", 4)), PAIRS, [JUNE], key="order_id")["pair_orders"]
    assert dict(found.select("pair_id", "value").iter_rows()) == {"I": 10, "R2": 1}


def test_who_has_no_partner_stands_alone_and_a_pair_ends_on_its_last_day() -> None:
    found = paired(rows(("old", "a", 10), ("old", "b", 11), ("R9", "c", 1)), PAIRS).collect()
    assert found["pair_id"].to_list() == ["I", "old", "R9"]
    assert paired(rows(("I", "a", 1)).limit(0), PAIRS).collect().is_empty()


def test_rows_prepared_for_a_period_take_the_pair_at_its_end() -> None:
    frame = pl.LazyFrame({"rep_id": ["R1", "old"], "period": ["2026-06"] * 2})
    assert paired(frame, PAIRS).collect()["pair_id"].to_list() == ["I", "old"]


def test_pairs_come_from_the_assignments_of_the_day(company) -> None:
    seen = [visit("03"), visit("04", rep="R2"), plan("05", actual_date="2026-06-05", status="completed", booked_by="I")]
    warehouse = company(reps=PEOPLE, visits=seen, as_of="2026-06-30")
    found = evaluate(warehouse, OWNER, [completed_visits, *CHAIN], [JUNE], ("pair_id",))
    values = {name: {row["pair_id"]: row["value"] for row in frame.to_dicts()} for name, frame in found.items()}
    assert (values["completed_visits"]["I"], values["completed_visits"]["R2"]) == (2, 1)
    assert (values["appointments_made"]["I"], values["appointment_show_rate"]["I"]) == (1, 1)


def test_five_of_a_thousand_rows_were_refused() -> None:
    kinds = {"load_id": pl.Int32, "source": pl.String, "read": pl.Int64, "quarantined": pl.Int64, "is_last": pl.Boolean}
    loads = [(1, "visits", 10, 10, False), (2, "visits", 1000, 5, True), (2, "orders", 0, 0, True)]
    frame = pl.DataFrame(loads, schema=kinds, orient="row")
    found = {row["source"]: row for row in load_reject_rate(frame).to_dicts()}
    assert (found["visits"]["value"], found["visits"]["load_id"], found["visits"]["status"]) == (0.005, 2, "ok")
    assert (found["orders"]["value"], found["orders"]["status"]) == (None, "no_denominator")
    assert load_reject_rate(frame, every_load=True).height == 3
    assert load_reject_rate(frame.clear()).is_empty()


def test_a_load_says_what_it_read(company) -> None:
    frame = company(reps=PEOPLE, visits=[visit("03")], as_of="2026-06-30").rejects(OWNER)
    assert frame.filter(pl.col("source") == "visits").select("read", "quarantined", "is_last").rows() == [(1, 0, True)]
