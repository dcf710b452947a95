from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from pages.ui import charts
from pages.ui.format import Format
from pages.ui.theme import DARK, LIGHT

EN = Format("en")
NAMES = {"value": "Revenue", "target": "Target", "forecast": "Forecast"}


@pytest.fixture
def trend() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "month": [date(2026, 9, 1), date(2026, 10, 1)],
            "value": [Decimal("2000000"), Decimal("1000000")],
            "target": [Decimal("2100000"), None],
            "forecast": [None, Decimal("1900000")],
        },
        schema_overrides={"value": pl.Decimal(38, 4), "target": pl.Decimal(38, 4), "forecast": pl.Decimal(38, 4)},
    )


def test_the_factory_sets_the_colours_a_figure_would_not_take_from_the_theme() -> None:
    for palette in (LIGHT, DARK):
        figure = charts.figure(palette, height=200)
        assert tuple(figure.layout.colorway) == palette.categories
        assert figure.layout.height == 200


def test_the_mode_bar_is_off() -> None:
    assert charts.CONFIG["displayModeBar"] is False


def test_a_trend_says_number_and_month_on_hover(trend: pl.DataFrame) -> None:
    bars = next(t for t in charts.money_trend(trend, EN, LIGHT, NAMES).data if t.name == "Revenue")
    assert bars.customdata[0] == "September 2026<br>Revenue: ¥2,000,000.00"
    assert list(bars.y) == [2.0, 1.0]  # the axis is in millions


def test_a_month_without_target_has_no_mark(trend: pl.DataFrame) -> None:
    marks = next(t for t in charts.money_trend(trend, EN, LIGHT, NAMES).data if t.name == "Target")
    assert list(marks.y) == [2.1, None]


def test_only_a_running_month_has_a_forecast(trend: pl.DataFrame) -> None:
    assert any(t.name == "Forecast" for t in charts.money_trend(trend, EN, LIGHT, NAMES).data)
    closed = trend.with_columns(pl.lit(None, pl.Decimal(38, 4)).alias("forecast"))
    assert not any(t.name == "Forecast" for t in charts.money_trend(closed, EN, LIGHT, NAMES).data)


def test_a_narrow_axis_names_every_second_month_from_the_last(trend: pl.DataFrame) -> None:
    assert list(charts.money_trend(trend, EN, LIGHT, NAMES, every=2).layout.xaxis.ticktext) == ["Oct"]


def test_months_without_a_figure_have_no_scale(trend: pl.DataFrame) -> None:
    nothing = trend.with_columns(pl.lit(None, pl.Decimal(38, 4)).alias(part) for part in ("value", "target", "forecast"))
    assert charts.money_trend(nothing, EN, LIGHT, NAMES).layout.yaxis.visible is False


def test_attainment_is_coloured_by_its_judgement_only_and_marks_the_time() -> None:
    rows = pl.DataFrame({"name": ["A", "<b>B</b>"], "value": [0.7, 0.4], "judgement": ["good", "bad"], "hover": ["a", "b"]})
    figure = charts.attainment(rows, EN, LIGHT, {"attainment": "Of target", "elapsed": "time"}, elapsed=0.6)
    assert list(figure.data[0].marker.color) == [LIGHT.good, LIGHT.bad]
    assert list(figure.data[0].y) == ["A", "&lt;b&gt;B&lt;/b&gt;"]
    assert figure.layout.shapes[0].x0 == 0.6


def test_only_late_money_is_orange() -> None:
    rows = pl.DataFrame({"name": ["not due", "late"], "value": [Decimal(10), Decimal(5)], "is_late": [False, True]})
    assert list(charts.ageing(rows, EN, DARK).data[0].marker.color) == [DARK.soft, DARK.bad]


def test_strips_carry_places_and_no_amounts_of_others() -> None:
    rows = pl.DataFrame({"name": ["Revenue"], "text": ["¥1 · 2 of 5"], "own": [0.75], "others": [[0.0, 0.25, 0.5, 0.75, 1.0]]})
    figure = charts.strips(rows, LIGHT, {"own": "me", "others": "others"})
    assert list(figure.data[0].x) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert figure.data[0].hoverinfo == "skip"


@pytest.mark.parametrize("make", [lambda f: charts.ageing(f, EN, LIGHT)])
def test_an_empty_frame_makes_an_empty_figure(make: object) -> None:
    empty = pl.DataFrame(schema={"name": pl.String, "value": pl.Decimal(38, 4), "is_late": pl.Boolean})
    assert make(empty).layout.height  # type: ignore[operator]
