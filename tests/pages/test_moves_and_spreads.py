"""Figures of change and of spread: what is drawn is what was given, in the unit that the axis names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pages.ui import moves, spreads
from pages.ui.format import Format
from pages.ui.theme import DARK, LIGHT

EN, ZH = Format("en"), Format("zh")


def test_a_month_without_a_value_is_a_gap_in_the_line() -> None:
    frame = pl.DataFrame({"month": [date(2026, m, 1) for m in (7, 8, 9)], "dso": [60.0, None, 66.5], "best": [50.0, 51.0, 52.0]})
    fig = moves.lines(frame, EN, LIGHT, {"dso": "DSO", "best": "Best"}, "days")
    assert list(fig.data[0].y) == [60.0, None, 66.5]
    assert fig.data[0].customdata[2] == "September 2026<br>DSO: 66.5 d"
    assert fig.data[0].customdata[1].endswith("—")


def steps(*rows):
    return pl.DataFrame(list(rows), schema=["name", "value", "is_end", "is_good"], orient="row")


def test_each_step_begins_where_the_one_before_ended() -> None:
    ends = ("was", 100.0, True, None), ("is", 80.0, True, None)
    fig = moves.waterfall(steps(ends[0], ("up", 30.0, False, True), ("down", -50.0, False, False), ends[1]), EN, LIGHT, "money")
    bars = fig.data[0]
    assert list(bars.base) == [0, 100, 130, 0]
    assert list(bars.y) == [100, 30, -50, 80]
    assert list(bars.marker.color) == [LIGHT.ink, LIGHT.good, LIGHT.bad, LIGHT.ink]
    assert [a.text for a in fig.layout.annotations] == ["¥100", "+¥30", "−¥50", "¥80"]


def test_steps_of_a_rate_are_points() -> None:
    fig = moves.waterfall(steps(("was", 0.136, True, None), ("mix", 0.005, False, True), ("is", 0.141, True, None)), EN, DARK, "rate")
    assert [a.text for a in fig.layout.annotations] == ["13.6%", "+0.5 pp", "14.1%"]


@pytest.mark.parametrize(("fmt", "suffix", "drawn"), [(EN, "M", 3.69), (ZH, "万", 369.0)])
def test_revenue_is_drawn_in_the_unit_its_axis_names(fmt: Format, suffix: str, drawn: float) -> None:
    frame = pl.DataFrame(
        {"visits": [7, 2], "revenue": [Decimal(3_690_000), Decimal(10_000)], "name": ["a", "b"], "is_focus": [False, True]}
    )
    fig = spreads.quadrant(frame, fmt, LIGHT, {"visits": "v", "revenue": "r"}, (4.5, 1_850_000.0))
    assert fig.layout.yaxis.ticksuffix == suffix
    assert list(fig.data[0].y) == [pytest.approx(drawn)]
    assert fig.layout.shapes[1].y0 == pytest.approx(drawn * 185 / 369)
    assert "3,690,000.00" in fig.data[0].customdata[0]


def test_a_cell_nobody_is_in_is_empty() -> None:
    frame = pl.DataFrame({"row": [5], "column": [1], "value": [3], "text": ["3"], "hover": ["3 <customers>"]})
    fig = spreads.matrix(frame, LIGHT, {"row": "F", "column": "M"}, (1, 5), (1, 2))
    assert [list(line) for line in fig.data[0].z] == [[0, 0], [3, 0]]
    assert fig.data[0].customdata[1][0] == "3 &lt;customers&gt;"


def test_the_curve_begins_with_nobody() -> None:
    frame = pl.DataFrame({"customer_share": [0.5, 1.0], "revenue_share": [0.9, 1.0]})
    fig = spreads.pareto(frame, EN, LIGHT, {"customers": "of customers", "revenue": "of revenue"})
    assert list(fig.data[0].x) == [0, 0.5, 1.0]
    assert fig.data[0].customdata[1] == "50.0% of customers<br>90.0% of revenue"
