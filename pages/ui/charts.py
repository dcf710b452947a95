"""Figures: pure functions frame → Figure, with one factory, one palette, no Streamlit.

Every colour has a light and a dark value; hover texts carry number, unit and period; heights are fixed, so that nothing jumps.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import polars as pl

from pages.ui.format import Format, Scale, label
from pages.ui.theme import FONT, Palette

CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False, "doubleClick": False, "showTips": False}


def figure(palette: Palette, *, height: int) -> go.Figure:
    """An empty figure in our dress: quiet axes, our colour way, our hover box."""
    quiet = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "color": palette.muted,
        "linecolor": palette.line,
        "automargin": True,
    }
    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": 4, "r": 12, "t": 8, "b": 4},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": palette.categories,
            "font": {"family": FONT, "size": 12.5, "color": palette.text},
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.line,
                "font": {"color": palette.text, "family": FONT, "size": 12.5},
            },
            "xaxis": quiet,
            "yaxis": {**quiet, "showgrid": True, "gridcolor": palette.line},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": palette.muted}},
            "showlegend": False,
            "barcornerradius": 2,
            "dragmode": False,
        }
    )


def money_trend(
    frame: pl.DataFrame, fmt: Format, palette: Palette, names: dict[str, str], *, every: int = 1, height: int = 260
) -> go.Figure:
    """Amounts by month as bars, the target of each month as a mark, a running month with its forecast in outline.

    frame: month (Date), value, target, forecast (null for closed months); names: value, target, forecast in the reader's words;
    every: 1 names each month, 2 (a narrow screen) every second one, counted from the last.
    """
    scale = fmt.scale(_largest(frame, "value", "target", "forecast"))
    months = [fmt.month(day, short=True) for day in frame["month"]]
    places = list(range(len(months)))
    colours = [palette.ink if i == len(places) - 1 else palette.soft for i in places]
    hatched = {
        "color": "rgba(0,0,0,0)",
        "line": {"color": palette.ink, "width": 1.2},
        "pattern": {"shape": "/", "fgcolor": palette.soft, "size": 5, "solidity": 0.25},
    }
    dashes = {"symbol": "line-ew", "size": 10, "line": {"color": palette.text, "width": 2}}
    as_wide_as_its_bar = {"type": "constant", "value": 0.4, "thickness": 2, "width": 0, "color": palette.text}
    fig = figure(palette, height=height)
    for part, trace in (
        ("forecast", go.Bar(marker=hatched)),
        ("value", go.Bar(marker={"color": colours})),
        ("target", go.Scatter(mode="markers", marker=dashes, error_x=as_wide_as_its_bar)),
    ):
        if part == "value" or frame[part].is_not_null().any():
            fig.add_trace(trace.update(x=places, y=_scaled(frame[part], scale), **_named(frame, part, names[part], fmt)))
    fig.update_layout(barmode="overlay", bargap=0.28, showlegend=True, legend={"traceorder": "reversed"})
    labelled = places[::-1][::every]
    fig.update_xaxes(tickvals=labelled, ticktext=[months[i] for i in labelled], tickangle=0)
    fig.update_yaxes(tickprefix=fmt.symbol, ticksuffix=scale.unit, nticks=5, rangemode="tozero", separatethousands=True)
    if frame["value"].is_null().all() and frame["target"].is_null().all():  # an axis without a figure would invent a scale
        fig.update_yaxes(visible=False)
    return fig


def attainment(frame: pl.DataFrame, fmt: Format, palette: Palette, names: dict[str, str], *, elapsed: float | None) -> go.Figure:
    """How far each member is towards its target, with the mark of the time elapsed.

    frame: name, value (0–…), judgement (good | bad | neutral), hover; names: attainment, elapsed in the reader's words.
    """
    colours = {"good": palette.good, "bad": palette.bad, "neutral": palette.neutral}
    fig = figure(palette, height=52 + 30 * max(frame.height, 1))
    rows = [label(n) for n in frame["name"]]
    fig.add_bar(
        y=rows,
        x=frame["value"].fill_null(0).to_list(),
        orientation="h",
        name=names["attainment"],
        width=0.5,
        marker={"color": [colours[j] for j in frame["judgement"]]},
        customdata=[label(h) for h in frame["hover"]],
        hovertemplate="%{customdata}<extra></extra>",
        text=[fmt.rate(v) for v in frame["value"]],
        textposition="outside",
        cliponaxis=False,
        textfont={"color": palette.text},
    )
    top = max([1.0, elapsed or 0, *(v or 0 for v in frame["value"])])
    if elapsed is not None and elapsed < 1:
        fig.add_vline(x=elapsed, line={"color": palette.text, "width": 1.5, "dash": "dot"})
        fig.add_annotation(
            x=elapsed,
            y=1,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
            text=names["elapsed"],
            font={"size": 11.5, "color": palette.muted},
        )
    fig.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6, color=palette.text)
    fig.update_xaxes(range=[0, top * 1.12], tickformat=".0%", nticks=5, showgrid=True, gridcolor=palette.line)
    fig.update_layout(margin={"t": 24})
    return fig


def ageing(frame: pl.DataFrame, fmt: Format, palette: Palette, *, height: int = 230) -> go.Figure:
    """Open money by how late it is. frame: name, value, is_late (bool)."""
    fig = figure(palette, height=height)
    fig.add_bar(
        y=[label(n) for n in frame["name"]],
        x=[float(v or 0) for v in frame["value"]],
        orientation="h",
        width=0.62,
        marker={"color": [palette.bad if late else palette.soft for late in frame["is_late"]]},
        text=[fmt.money(v) for v in frame["value"]],
        textposition="outside",
        cliponaxis=False,
        textfont={"color": palette.text},
        customdata=[f"{label(n)}: {fmt.money_full(v)}" for n, v in frame.select("name", "value").iter_rows()],
        hovertemplate="%{customdata}<extra></extra>",
    )
    values = [float(v or 0) for v in frame["value"]]
    fig.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=6, color=palette.text)
    fig.update_xaxes(showticklabels=False, range=[min([0.0, *values]) * 1.25, max([1.0, *values]) * 1.25])
    return fig


def strips(frame: pl.DataFrame, palette: Palette, names: dict[str, str]) -> go.Figure:
    """Own place among the others, who stay anonymous: per KPI a row of dots from last to first, the own dot in ink.

    frame: name, text, own, others (list), places 0–1; names: own, others in the reader's words. Places follow the rank, never the amount.
    """
    fig = figure(palette, height=40 + 58 * max(frame.height, 1))
    lines = list(range(frame.height))
    dots = [(x, line) for line, others in zip(lines, frame["others"], strict=True) for x in others]
    quiet = {"size": 11, "color": palette.neutral, "opacity": 0.4}
    fig.add_scatter(x=[x for x, _ in dots], y=[y for _, y in dots], mode="markers", name=names["others"], hoverinfo="skip", marker=quiet)
    fig.add_scatter(
        x=frame["own"].to_list(), y=lines, mode="markers", name=names["own"],
        marker={"size": 15, "color": palette.ink, "line": {"color": palette.surface, "width": 2}},
        customdata=[label(t) for t in frame["text"]], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    for line, (name, text) in enumerate(frame.select("name", "text").iter_rows()):
        fig.add_annotation(
            x=-0.05, y=line - 0.22, text=f"<b>{label(name)}</b>  {label(text)}", showarrow=False, xanchor="left", yanchor="bottom"
        )  # fmt: skip
    fig.update_yaxes(tickvals=lines, showticklabels=False, range=[frame.height - 0.6, -0.85], gridcolor=palette.line)
    fig.update_xaxes(showticklabels=False, range=[-0.06, 1.06])
    fig.update_layout(showlegend=True)
    return fig


def _largest(frame: pl.DataFrame, *columns: str) -> Decimal:
    known = [abs(Decimal(str(v))) for column in columns for v in frame[column] if v is not None]
    return max(known, default=Decimal(0))


def _scaled(values: pl.Series, scale: Scale) -> list[float | None]:
    return [None if v is None else float(Decimal(str(v)) / scale.divisor) for v in values]


def _named(frame: pl.DataFrame, column: str, name: str, fmt: Format) -> dict[str, Any]:
    """The name of a trace, and what it says on hover."""
    rows = frame.select("month", column).iter_rows()
    hover = [f"{fmt.month(month)}<br>{label(name)}: {fmt.money_full(value)}" for month, value in rows]
    return {"name": name, "customdata": hover, "hovertemplate": "%{customdata}<extra></extra>"}
