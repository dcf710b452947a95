"""The funnel by the worked figures of the definitions: cohorts by day of entry, and days from stage to stage."""

from __future__ import annotations

from kpi.funnel import funnel_conversion, stage_cycle_days
from tests.kpi.asked import PEOPLE, ask, prospect, visit, whole

END = "2026-06-30"
PAIRS = ("stages",)


def test_of_sixty_collected_eighteen_are_qualified_and_nine_of_these_visited(company) -> None:
    # all within 90 days of their entry
    visited = [prospect(f"V{n}", stage="visited", qualified_on="2026-03-10", visited_on="2026-04-01") for n in range(9)]
    qualified = [prospect(f"Q{n}", stage="qualified", qualified_on="2026-03-10") for n in range(9)]
    warehouse = company(reps=PEOPLE, prospects=[*visited, *qualified, *(prospect(f"C{n}") for n in range(42))], as_of=END)
    by_pair = ask(warehouse, funnel_conversion, "2026-03", by=PAIRS)
    assert (by_pair["collected_to_qualified"]["value"], by_pair["collected_to_qualified"]["denominator"]) == (0.3, 60)
    assert (by_pair["qualified_to_visited"]["value"], by_pair["qualified_to_visited"]["denominator"]) == (0.5, 18)
    assert by_pair["collected_to_visited"]["value"] == 0.15
    row = whole(warehouse, funnel_conversion, "2026-03")
    assert (row["value"], row["numerator"], row["denominator"]) == (0, 0, 60)  # the whole way: nobody signed


def test_entries_younger_than_the_window_wait_and_alone_give_no_rate(company) -> None:
    rows = [
        prospect("P1", created_on="2026-04-01"),
        prospect("P2", created_on="2026-04-02", stage="contracted", contracted_on="2026-04-03"),
    ]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)  # 90 days after 1 April is 30 June
    row = whole(warehouse, funnel_conversion, "2026-04")
    assert (row["value"], row["denominator"], row["n_excluded"]) == (0, 1, 1)
    young = whole(warehouse, funnel_conversion, "2026-04", as_of="2026-06-29")
    assert (young["value"], young["status"], young["note"], young["n_excluded"]) == (None, "immature", "too_young", 2)


def test_the_last_day_of_the_window_counts_and_the_day_after_does_not(company) -> None:
    rows = [
        prospect(f"P{n}", created_on="2026-01-01", stage="contracted", contracted_on=day)
        for n, day in enumerate(("2026-04-01", "2026-04-02"))
    ]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    assert whole(warehouse, funnel_conversion, "2026-01")["value"] == 0.5
    longer = company(reps=PEOPLE, prospects=rows, settings={"funnel_window_days": 91}, as_of=END)
    assert whole(longer, funnel_conversion, "2026-01")["value"] == 1


def test_a_later_day_implies_the_stages_before_it_but_gives_no_length(company) -> None:
    rows = [prospect("P1", stage="contracted", qualified_on="2026-03-05", contracted_on="2026-03-20")]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    entered = ask(warehouse, funnel_conversion, "2026-03", by=PAIRS)
    assert (entered["qualified_to_visited"]["value"], entered["visited_to_quoted"]["numerator"]) == (1, 1)
    lengths = ask(warehouse, stage_cycle_days, "2026-03", by=PAIRS)
    assert {pair: row["value"] for pair, row in lengths.items()} == {
        "collected_to_qualified": 4,
        "collected_to_contracted": 19,
        "qualified_to_contracted": 15,
    }


def test_a_stage_without_a_day_counts_from_when_it_was_shown_but_has_no_length(company) -> None:
    rows = [prospect("P1", _replaced_by=2), prospect("P1", stage="qualified", _load_id=2, _from="2026-03-15")]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    assert ask(warehouse, funnel_conversion, "2026-03", by=PAIRS)["collected_to_qualified"]["value"] == 1
    assert ask(warehouse, stage_cycle_days, "2026-03", by=PAIRS) == {}


def test_the_first_visit_is_the_entry_where_the_card_has_none(company) -> None:
    seen = [visit("2026-03-12", None, prospect_id="P1"), visit("2026-03-09", None, prospect_id="P1")]
    warehouse = company(reps=PEOPLE, prospects=[prospect("P1", qualified_on="2026-03-04")], visits=seen, as_of=END)
    assert ask(warehouse, stage_cycle_days, "2026-03", by=PAIRS)["qualified_to_visited"]["value"] == 5


def test_the_median_of_5_9_and_40_days_is_9(company) -> None:
    days = (("P1", "2026-06-05", "2026-06-10"), ("P2", "2026-06-01", "2026-06-10"), ("P3", "2026-05-01", "2026-06-10"))
    rows = [prospect(n, stage="contracted", created_on=start, contracted_on=end) for n, start, end in days]
    wrong = prospect("P4", stage="contracted", created_on="2026-06-20", contracted_on="2026-06-11")
    warehouse = company(reps=PEOPLE, prospects=[*rows, wrong], as_of=END)
    row = whole(warehouse, stage_cycle_days)
    assert (row["value"], row["n_rows"], row["n_excluded"], row["status"]) == (9, 3, 1, "ok")
    assert whole(warehouse, stage_cycle_days, "2026-05")["note"] == "nobody_through"


def test_cohorts_add_up_over_reps_and_sources(company) -> None:
    rows = [prospect("P1", source="fair"), prospect("P2", owner="nobody", stage="contracted", contracted_on="2026-03-02")]
    warehouse = company(reps=PEOPLE, prospects=rows, as_of=END)
    for by in (("rep_id",), ("region",), ("lead_source",)):
        parts = ask(warehouse, funnel_conversion, "2026-03", by=by).values()
        assert (sum(p["numerator"] for p in parts), sum(p["denominator"] for p in parts)) == (1, 2)


def test_without_prospects_there_is_no_funnel(company) -> None:
    for kpi in (funnel_conversion, stage_cycle_days):
        assert whole(company(reps=PEOPLE, visits=[visit("03")], as_of=END), kpi)["status"] == "not_loaded"
        empty = company(reps=PEOPLE, prospects=[prospect("P1", created_on="2025-01-01")], as_of=END)
        assert whole(empty, kpi)["status"] == "no_denominator"
