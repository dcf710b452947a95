"""Figures of how customers spread: who makes the revenue, who is visited for what, who sits in which cell. As pure as those in charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from pages.ui.charts import figure
from pages.ui.format import Format, label
from pages.ui.theme import Palette


def pareto(frame: pl.DataFrame, fmt: Format, palette: Palette, names: dict[str, str], *, height: int = 260) -> go.Figure:
    """Which share of the customers makes which share of the revenue, the largest first; the classes in shades of one ink.

    frame: customer_share, revenue_share (0–1, growing), label; names: customers, revenue in the reader's words.
    """
    fig = figure(palette, height=height)
    shares = [(fmt.rate(x), fmt.rate(y)) for x, y in frame.select("customer_share", "revenue_share").iter_rows()]
    hover = [f"{x} {label(names['customers'])}<br>{y} {label(names['revenue'])}" for x, y in shares]
    fig.add_scatter(
        x=[0.0, *frame["customer_share"]], y=[0.0, *frame["revenue_share"]], mode="lines", line={"color": palette.ink, "width": 2.4},
        fill="tozeroy", fillcolor=_faint(palette.ink), customdata=["", *hover], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    fig.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": palette.neutral, "width": 1, "dash": "dot"}, hoverinfo="skip")
    fig.update_xaxes(tickformat=".0%", range=[0, 1.0], nticks=6, title=_axis(names["customers"], palette))
    fig.update_yaxes(tickformat=".0%", range=[0, 1.03], nticks=6, title=_axis(names["revenue"], palette))
    return fig


def quadrant(
    frame: pl.DataFrame, fmt: Format, palette: Palette, names: dict[str, str], edges: tuple[float, float], *, height: int = 320
) -> go.Figure:
    """Customers by visits and revenue with the middle of both: who gets much time and buys little is in focus.

    frame: visits, revenue, name, is_focus (bool); names: visits, revenue in the reader's words; edges: the middle of visits and revenue.
    """
    fig = figure(palette, height=height)
    scale = fmt.scale(max(frame["revenue"].to_list(), default=0))
    divisor = float(scale.divisor)
    for is_focus, colour, size in ((False, palette.soft, 7), (True, palette.ink, 9)):
        part = frame.filter(pl.col("is_focus") == is_focus)
        hover = [
            f"{label(name)}<br>{label(names['visits'])}: {fmt.count(visits)}<br>{label(names['revenue'])}: {fmt.money_full(revenue)}"
            for name, visits, revenue in part.select("name", "visits", "revenue").iter_rows()
        ]
        fig.add_scatter(
            x=part["visits"].to_list(), y=[float(value) / divisor for value in part["revenue"]], mode="markers",
            marker={"size": size, "color": colour, "opacity": 0.75}, customdata=hover, hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    line = {"color": palette.neutral, "width": 1, "dash": "dot"}
    fig.add_vline(x=edges[0], line=line)
    fig.add_hline(y=edges[1] / divisor, line=line)
    fig.update_xaxes(title=_axis(names["visits"], palette), nticks=6, rangemode="tozero")
    fig.update_yaxes(tickprefix=fmt.symbol, ticksuffix=scale.unit, nticks=6, title=_axis(names["revenue"], palette))
    return fig


def funnel(frame: pl.DataFrame, fmt: Format, palette: Palette, *, height: int = 230) -> go.Figure:
    """How many of those who set out came to each stage. frame: name, share (0–1), reached, hover; the first row is the whole."""
    fig = figure(palette, height=height)
    shares = frame["share"].to_list()
    fig.add_bar(
        y=[label(name) for name in frame["name"]], x=shares, orientation="h", width=0.62,
        marker={"color": [palette.ink if place == len(shares) - 1 else palette.soft for place in range(len(shares))]},
        text=[f"{fmt.rate(share)} · {fmt.count(reached)}" for share, reached in frame.select("share", "reached").iter_rows()],
        textposition="outside", cliponaxis=False, textfont={"color": palette.text},
        customdata=[label(one) for one in frame["hover"]], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    fig.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6, color=palette.text)
    fig.update_xaxes(showticklabels=False, range=[0, 1.3])
    return fig


def banded(frame: pl.DataFrame, fmt: Format, palette: Palette, band: tuple[float, float]) -> go.Figure:
    """Values around 100 with the band in which they are fair; who lies outside is judged. frame: name, value, is_inside, hover."""
    fig = figure(palette, height=46 + 30 * max(frame.height, 1))
    values = frame["value"].to_list()
    rows = [f"{label(name)}  {fmt.score(value)}" for name, value in frame.select("name", "value").iter_rows()]
    fig.add_bar(
        y=rows, x=values, orientation="h", width=0.5,
        marker={"color": [palette.soft if inside else palette.bad for inside in frame["is_inside"]]},
        customdata=[label(one) for one in frame["hover"]], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    for edge in band:
        fig.add_vline(x=edge, line={"color": palette.text, "width": 1.2, "dash": "dot"})
    fig.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6, color=palette.text)
    fig.update_xaxes(range=[0, 1.04 * max([*values, *band])], tickvals=list(band), showgrid=False)
    return fig


def matrix(
    frame: pl.DataFrame, palette: Palette, names: dict[str, str], rows: Sequence[Any], columns: Sequence[Any], *, height: int = 280
) -> go.Figure:
    """A grid of cells, darker where there is more; what a cell says is written into it.

    frame: row, column, value (count), text, hover; names: row, column in the reader's words; rows are drawn upwards.
    """
    cells = {(row, column): said for row, column, *said in frame.select("row", "column", "value", "text", "hover").iter_rows()}
    grid = [[cells.get((row, column), (0, "", "")) for column in columns] for row in rows]
    fig = figure(palette, height=height)
    fig.add_heatmap(
        z=[[value for value, _, _ in line] for line in grid], x=[str(c) for c in columns], y=[str(r) for r in rows],
        text=[[text for _, text, _ in line] for line in grid], texttemplate="%{text}", textfont={"size": 12, "color": palette.text},
        customdata=[[label(hover) for _, _, hover in line] for line in grid], hovertemplate="%{customdata}<extra></extra>",
        colorscale=[[0, palette.surface], [1, palette.soft]], showscale=False, xgap=3, ygap=3,
    )  # fmt: skip
    fig.update_xaxes(title=_axis(names["column"], palette), type="category")
    fig.update_yaxes(title=_axis(names["row"], palette), type="category", showgrid=False)
    return fig


def _axis(name: str, palette: Palette) -> dict[str, Any]:
    """What an axis counts, clear of its numbers."""
    return {"text": label(name), "font": {"color": palette.muted, "size": 12}, "standoff": 10}


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.10)"
