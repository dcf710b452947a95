"""What changed, by amounts typed in: every part is named, and the parts are the whole."""

from decimal import Decimal

import polars as pl
import pytest

from kpi.changes import chains, contributions, rate_contributions, shortened

MONEY = pl.Decimal(38, 4)


def amounts(*rows, by=("rep_id",), status="ok"):
    columns = {name: [row[place] for row in rows] for place, name in enumerate(by)}
    values = pl.Series("value", [None if r[-1] is None else Decimal(str(r[-1])) for r in rows], dtype=MONEY)
    return pl.DataFrame(columns | {"status": [status] * len(rows)}, schema_overrides=dict.fromkeys(by, pl.String)).with_columns(values)


def test_the_largest_move_leads_and_all_moves_are_the_change() -> None:
    now, before = amounts(("a", 120), ("b", 70.01), ("new", 5)), amounts(("a", 100), ("b", 100), ("gone", 8))
    rows = contributions(now, before, ["rep_id"])
    assert rows["rep_id"].to_list() == ["b", "a", "gone", "new"]
    assert rows["change"].to_list() == [Decimal("-29.99"), 20, -8, 5]
    assert rows["change"].sum() == now["value"].sum() - before["value"].sum()


def test_nobodys_rows_are_a_member_too() -> None:
    rows = contributions(amounts((None, 3), ("a", 1)), amounts((None, 1), ("a", 1)), ["rep_id"])
    assert rows.row(0) == (None, 1, 3, 2)


def test_without_a_figure_before_no_change_is_known() -> None:
    assert contributions(amounts(("a", 1)), amounts(("a", None), status="not_loaded"), ["rep_id"]).is_empty()


def test_the_small_ones_are_one_row_together() -> None:
    rows = contributions(amounts(("a", 9), ("b", 4), ("c", 2), ("d", 1)), amounts(("a", 0), ("b", 0), ("c", 0), ("d", 0)), ["rep_id"])
    most, rest = shortened(rows, 2)
    assert (most["rep_id"].to_list(), rest["change"].to_list()) == (["a", "b"], [3])
    assert shortened(rows, 4)[1].is_empty()


def rates(*rows):
    return pl.DataFrame(rows, schema={"rep_id": pl.String, "numerator": pl.Float64, "denominator": pl.Float64}, orient="row")


def test_parts_of_a_rate_add_up_and_who_is_like_the_whole_adds_nothing() -> None:
    # 70 of 100 before; now 60 of 100: a fell from 80 to 50 %, b stayed at 60 %, c came in at the old 70 %
    before, now = rates(("a", 40, 50), ("b", 30, 50)), rates(("a", 20, 40), ("b", 30, 50), ("c", 7, 10))
    rows = {row["rep_id"]: row["change"] for row in rate_contributions(now, before, ["rep_id"]).to_dicts()}
    assert sum(rows.values()) == pytest.approx(57 / 100 - 70 / 100)
    assert rows["c"] == pytest.approx(0)
    assert rows["b"] == pytest.approx(0)
    assert rows["a"] == pytest.approx((20 - 28) / 100 - (40 - 35) / 100)


def test_a_rate_over_nothing_has_no_parts() -> None:
    assert rate_contributions(rates(("a", 1, 2)), rates(("a", 0, 0)), ["rep_id"]).is_empty()


def test_a_change_is_followed_down_in_its_own_direction() -> None:
    by = ("region", "rep_id", "customer_id")
    before = amounts(("East", "a", "c1", 10), ("East", "b", "c2", 10), ("West", "w", "c3", 9), by=by)
    now = amounts(("East", "a", "c1", 40), ("East", "b", "c2", 2), ("East", "a", "c4", 5), ("West", "w", "c3", 5), by=by)
    first, second = chains(contributions(now, before, by), by, 3).to_dicts()
    assert (first["region"], first["change_region"]) == ("East", 27)
    assert (first["rep_id"], first["change_rep_id"], first["customer_id"], first["change_customer_id"]) == ("a", 35, "c1", 30)
    assert (second["region"], second["change_region"], second["customer_id"]) == ("West", -4, "c3")


def test_where_nothing_moved_there_is_nowhere_to_go() -> None:
    by = ("region", "rep_id")
    same = amounts(("East", "a", 10), by=by)
    [row] = chains(contributions(same, same, by), by, 3).to_dicts()
    assert (row["change_region"], row["rep_id"]) == (0, None)
