"""A page as paper: HTML for printing, built from the figures and tables, not from the screen. Where a browser is installed, also PDF.

It carries no script, loads nothing, and every text in it is escaped: what an export calls somebody is shown, never run.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

from pages.ui.export import Sheet
from pages.ui.format import NOTHING, Format

ROWS = 60  # of a table; all of them are in the workbook
_PATIENCE = 60.0  # seconds
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_at_work = Lock()  # a browser is large: one at a time
_STYLE = """
@page { size: A4; margin: 14mm 12mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; } }
* { box-sizing: border-box; }
body { font: 9.5pt/1.4 -apple-system, "Segoe UI", Roboto, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  color: #17232D; max-width: 190mm; margin: 0 auto; padding: 6mm; font-variant-numeric: tabular-nums; }
@media print { body { padding: 0; } }
h1 { font-size: 17pt; margin: 0; } h2 { font-size: 11.5pt; margin: 7mm 0 2mm; break-after: avoid; }
p.about { color: #52616D; margin: 1mm 0 5mm; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 2.5mm; }
.card { border: 1px solid #E2E8EE; border-radius: 2mm; padding: 2mm 2.5mm; break-inside: avoid; }
.card b { display: block; font-size: 13pt; } .card span { color: #52616D; font-size: 8.5pt; display: block; }
.good { color: #14645F !important; } .bad { color: #A04C0E !important; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; } thead { display: table-header-group; } tr { break-inside: avoid; }
th { text-align: left; background: #F5F7F9; } th, td { padding: 1mm 1.6mm; border-bottom: 1px solid #E2E8EE; vertical-align: top; }
.n { text-align: right; white-space: nowrap; } p.more { color: #52616D; font-size: 8.5pt; }
svg { width: 100%; height: auto; margin: 1mm 0 3mm; break-inside: avoid; } svg text { font-size: 9px; fill: #52616D; }
"""


@dataclass(frozen=True)
class Card:
    """A figure as it stands on its card."""

    name: str
    value: str
    change: str
    line: str
    judgement: str = ""


@dataclass(frozen=True)
class Pack:
    """What is printed: a title, who asked for what, cards, and tables with their pictures."""

    title: str
    about: Sequence[str]
    cards: Sequence[Card]
    sheets: Sequence[Sheet]
    more_rows: Callable[[str], str]  # what is said under a table that was cut, of how many rows


def paper(pack: Pack, fmt: Format) -> bytes:
    """The pack as one file that stands alone."""
    parts = [
        f'<!doctype html><html lang="{fmt.lang}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f'<meta name="viewport" content="width=device-width"><title>{escape(pack.title)}</title><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(pack.title)}</h1><p class=about>{escape(' · '.join(pack.about))}</p>",
        "<div class=cards>" if pack.cards else "",
        *(_card(card) for card in pack.cards),
        "</div>" if pack.cards else "",
        *(_table(sheet, pack, fmt) for sheet in pack.sheets if sheet.frame.height),
        "</body></html>",
    ]
    return "\n".join(parts).encode()


def browser() -> str | None:
    """The browser that turns HTML into PDF, if one is installed on this machine."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def pdf(page: bytes, program: str) -> bytes:
    """The HTML as PDF, printed by a browser that has no network, in a folder that is gone afterwards. Raises OSError if it fails."""
    with _at_work, tempfile.TemporaryDirectory(prefix="fieldbook-pack-") as folder:
        source, target = Path(folder, "pack.html"), Path(folder, "pack.pdf")
        source.write_bytes(page)
        quiet = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-javascript",
            "--proxy-server=127.0.0.1:9",
            "--no-pdf-header-footer",
        )
        command = [program, *quiet, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]
        try:
            subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=True)
            return target.read_bytes()
        except subprocess.SubprocessError as error:
            raise OSError("the browser did not print the pack") from error


def _card(card: Card) -> str:
    moved = f'<span class="{escape(card.judgement)}">{escape(card.change)}</span>' if card.change else ""
    return f"<div class=card><span>{escape(card.name)}</span><b>{escape(card.value)}</b>{moved}<span>{escape(card.line)}</span></div>"


def _table(sheet: Sheet, pack: Pack, fmt: Format) -> str:
    columns = sheet.columns
    is_number = [sheet.units.get(column, "text") not in ("text", "") for column in columns]
    heads = "".join(f"<th{' class=n' if n else ''}>{escape(sheet.headers[c])}</th>" for c, n in zip(columns, is_number, strict=True))
    lines = []
    for place, row in enumerate(sheet.frame.select(columns).head(ROWS).iter_rows()):
        cells = [_cell(value, sheet.unit(column, place), fmt) for column, value in zip(columns, row, strict=True)]
        lines.append("<tr>" + "".join(f"<td{' class=n' if n else ''}>{c}</td>" for c, n in zip(cells, is_number, strict=True)) + "</tr>")
    rest = sheet.frame.height - ROWS
    more = f"<p class=more>{escape(pack.more_rows(fmt.count(rest)))}</p>" if rest > 0 else ""
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f"<section><h2>{escape(sheet.name)}</h2>{_picture(sheet, fmt)}{table}{more}</section>"


def _cell(value: Any, unit: str, fmt: Format) -> str:
    if unit == "parts":
        unit = "money" if isinstance(value, Decimal) else "count"
    if unit in ("money", "rate", "count", "days", "hours"):
        return escape(fmt.exact(unit, value))
    return escape(NOTHING if value is None else f"{value}")


def _picture(sheet: Sheet, fmt: Format) -> str:
    """The sheet's chart as SVG: the first series as bars, or as a line; one number a mark, and nothing to click."""
    chart, rows = sheet.chart, sheet.drawn
    if chart is None or rows is None or chart.kind == "bar":  # what lies beside its name is read from the table itself
        return _bars(sheet, fmt) if chart and rows is not None else ""
    wide, high, foot = 700, 150, 18
    values = [[None if v is None else float(v) for v in rows[name]] for name in chart.values]
    known = [v for series in values for v in series if v is not None]
    low, top = min(0.0, *known) if chart.kind == "column" else min(known), max(known)
    span, step = (top - low) or 1.0, wide / max(rows.height, 1)

    def y(value: float) -> float:
        return round(high - foot - (value - low) / span * (high - foot - 14), 1)

    marks = []
    for place, series in enumerate(values):
        ink = ("#0F5C7A", "#8A97A3", "#E0A12B")[place % 3]
        points = [(round((i + 0.5) * step, 1), y(v)) for i, v in enumerate(series) if v is not None]
        if chart.kind == "column" and place == 0:
            marks += [_rect(x - step * 0.3, min(at, y(0)), step * 0.6, abs(y(0) - at), ink) for x, at in points]
        elif chart.kind == "column":  # a goal: a short stroke across its bar
            marks += [f'<path d="M{x - step * 0.38:.1f} {at}h{step * 0.76:.1f}" stroke="{ink}" stroke-width="2"/>' for x, at in points]
        else:
            path = " ".join(f"{x},{at}" for x, at in points)
            marks.append(f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
    every = -(-rows.height // 13)
    names = [
        f'<text x="{(i + 0.5) * step:.1f}" y="{high - 5}" text-anchor="middle">{escape(f"{name}"[:7])}</text>'
        for i, name in enumerate(rows[chart.labels])
        if i % every == 0
    ]
    unit = sheet.units.get(chart.values[0], "count")
    tops = f'<text x="2" y="10">{escape(fmt.value(unit if unit in ("money", "rate", "count", "days") else "count", top))}</text>'
    return f'<svg viewBox="0 0 {wide} {high}" role="img" aria-label="{escape(sheet.name)}">{"".join(marks)}{"".join(names)}{tops}</svg>'


def _bars(sheet: Sheet, fmt: Format) -> str:
    """Lying bars, each with its name and figure."""
    chart, rows = sheet.chart, sheet.drawn
    assert chart is not None
    assert rows is not None
    values = [float(v or 0) for v in rows[chart.values[0]]]
    most, line, unit = max(map(abs, values), default=0) or 1.0, 17, sheet.units.get(chart.values[0], "count")
    marks = [
        f'<text x="196" y="{i * line + 12}" text-anchor="end">{escape(f"{name}"[:28])}</text>'
        f"{_rect(204, i * line + 3, abs(value) / most * 390, 11, '#0F5C7A' if value >= 0 else '#C8641B')}"
        f'<text x="{210 + abs(value) / most * 390:.1f}" y="{i * line + 12}">{escape(fmt.value(unit, value))}</text>'
        for i, (name, value) in enumerate(zip(rows[chart.labels], values, strict=True))
    ]
    return f'<svg viewBox="0 0 700 {rows.height * line + 4}" role="img" aria-label="{escape(sheet.name)}">{"".join(marks)}</svg>'


def _rect(x: float, y: float, width: float, height: float, ink: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{ink}"/>'
