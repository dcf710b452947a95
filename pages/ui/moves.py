"""Figures of how something moved: lines over months, and a bridge from one value to another. As pure as those in charts."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import polars as pl

from pages.ui.charts import figure
from pages.ui.format import Format, label
from pages.ui.theme import Palette

_SAID = {"size": 11.5}
_TICKS: dict[str, dict[str, Any]] = {"rate": {"tickformat": ".0%"}}


def lines(
    frame: pl.DataFrame, fmt: Format, palette: Palette, names: dict[str, str], unit: str, *, every: int = 1, height: int = 240
) -> go.Figure:
    """One line per column of `names` over the months, the first in ink, the rest quieter; a gap where there is no value.

    frame: month (Date) and the columns; names: column → name in the reader's words; unit: as Format.value knows it, one for all.
    """
    fig = figure(palette, height=height)
    months = [fmt.month(day, short=True) for day in frame["month"]]
    places = list(range(len(months)))
    styles = [{"color": palette.ink, "width": 2.4}, {"color": palette.neutral, "width": 1.8, "dash": "dot"}]
    for place, (column, name) in enumerate(names.items()):
        values = frame[column].cast(pl.Float64).to_list()
        hover = [
            f"{fmt.month(month)}<br>{label(name)}: {fmt.value(unit, value)}" for month, value in zip(frame["month"], values, strict=True)
        ]
        fig.add_scatter(
            x=places, y=values, name=label(name), mode="lines+markers", line=styles[min(place, 1)], marker={"size": 5}, connectgaps=False,
            customdata=hover, hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    labelled = places[::-1][::every]
    fig.update_layout(showlegend=True)
    fig.update_xaxes(tickvals=labelled, ticktext=[months[i] for i in labelled], tickangle=0, range=[-0.4, len(places) - 0.6])
    fig.update_yaxes(nticks=5, **_TICKS.get(unit, {}))
    if all(frame[column].is_null().all() for column in names):  # an axis without a figure would invent a scale
        fig.update_yaxes(visible=False)
    return fig


def waterfall(frame: pl.DataFrame, fmt: Format, palette: Palette, unit: str, *, height: int = 300) -> go.Figure:
    """From one value to another, step by step: the ends in ink, what raised it and what lowered it in the colours of judgement.

    frame: name, value (the ends: whole values; the steps: what they add), is_end (bool), is_good (bool; null: nobody judges it).
    """
    fig = figure(palette, height=height)
    values = [float(v or 0) for v in frame["value"]]
    bases, tops, level = [], [], 0.0
    for value, is_end in zip(values, frame["is_end"], strict=True):
        bases.append(0.0 if is_end else level)
        level = value if is_end else level + value
        tops.append(level)
    colours = {True: palette.good, False: palette.bad, None: palette.neutral}
    marks = [palette.ink if end else colours[good] for end, good in frame.select("is_end", "is_good").iter_rows()]
    rows = [label(name) for name in frame["name"]]
    texts = [_text(fmt, unit, value, is_end) for value, is_end in frame.select("value", "is_end").iter_rows()]
    hover = [_text(fmt, unit, value, is_end, exact=True) for value, is_end in frame.select("value", "is_end").iter_rows()]
    fig.add_bar(
        x=rows, y=[top - base for top, base in zip(tops, bases, strict=True)], base=bases, width=0.62, marker={"color": marks},
        customdata=[f"{row}: {text}" for row, text in zip(rows, hover, strict=True)], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    said = [
        {"x": place, "y": max(base, top), "text": text, "yanchor": "bottom", "showarrow": False, "font": _SAID | {"color": palette.text}}
        for place, (base, top, text) in enumerate(zip(bases, tops, texts, strict=True))
    ]
    joints = [_rule(place + 0.31, place + 0.69, top, palette.neutral, 1) for place, top in enumerate(tops[:-1])]  # where the next begins
    room = _room(bases, tops, frame["is_end"].to_list())
    if room[0] > 0:  # the ends begin below what is shown: a gap says so
        gap = room[0] + 0.06 * (room[1] - room[0])
        joints += [_rule(n - 0.34, n + 0.34, gap, palette.surface, 5) for n, is_end in enumerate(frame["is_end"]) if is_end]
    fig.update_layout(annotations=said, shapes=joints)  # at once: one by one each costs as much as all
    fig.update_xaxes(tickangle=0 if len(rows) < 6 else None, color=palette.text)
    fig.update_yaxes(visible=False, range=room)
    return fig


def _rule(x0: float, x1: float, y: float, color: str, width: int) -> dict[str, Any]:
    return {"type": "line", "x0": x0, "x1": x1, "y0": y, "y1": y, "line": {"color": color, "width": width}}


def _room(bases: list[float], tops: list[float], is_end: list[bool]) -> list[float]:
    """The part of the axis worth showing: small steps between two large ends would be slivers on an axis from nothing."""
    steps = [edge for base, top, end in zip(bases, tops, is_end, strict=True) for edge in ((top,) if end else (base, top))]
    low, high = min(steps, default=0.0), max(steps, default=1.0)
    span = high - low or abs(high) or 1.0
    start = low - 0.35 * span
    return [min(start, 0.0) if start < 0 <= low or low < 0 else start, high + 0.15 * span]


def _text(fmt: Format, unit: str, value: Any, is_end: bool, *, exact: bool = False) -> str:
    if unit == "rate":
        return fmt.rate(value) if is_end else fmt.points(value)
    if unit == "money":
        return fmt.money_full(value) if exact else fmt.money(value, sign=not is_end)
    return fmt.value(unit, value)
