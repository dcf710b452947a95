"""A page as paper: from the figures, escaped, in the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from pages.ui import pack
from pages.ui.export import Chart, Sheet
from pages.ui.format import Format
from pages.ui.pack import Card, Pack

EVIL = "<img src=x onerror=alert(1)>\"'&"


def sheet(rows: int = 3, chart: Chart | None = None) -> Sheet:
    frame = pl.DataFrame({"name": [EVIL, *("ABCDEFGH"[i % 8] for i in range(rows - 1))], "value": [Decimal("-1234.50")] * rows})
    return Sheet(EVIL, frame, {"name": "Name", "value": EVIL}, {"value": "money"}, chart)


def page(*sheets: Sheet, lang: str = "en") -> str:
    cards = [Card(EVIL, "¥1.2K", "+3.4%", EVIL, "good")]
    return pack.paper(Pack(EVIL, [EVIL], cards, sheets, "{} more".format), Format(lang)).decode()


@pytest.mark.parametrize("chart", [None, *(Chart(kind, "name", ("value",)) for kind in ("bar", "column", "line"))])
def test_what_an_export_calls_somebody_is_shown_and_never_run(chart: Chart | None) -> None:
    made = page(sheet(chart=chart))
    assert "<img" not in made
    assert made.count("&lt;img") >= 6
    assert "<script" not in made
    assert "default-src 'none'" in made


def test_amounts_are_to_the_cent_and_a_long_table_says_how_much_is_left_out() -> None:
    made = page(sheet(pack.ROWS + 5))
    assert made.count("−¥1,234.50") == pack.ROWS
    assert "5 more" in made


def test_months_are_drawn_and_a_month_without_a_value_is_a_gap() -> None:
    frame = pl.DataFrame({"month": [date(2026, m, 1) for m in (1, 2, 3)], "value": [Decimal(1), None, Decimal(3)]})
    made = page(
        Sheet("Trend", frame, {"month": "Month", "value": "V"}, {"value": "money", "month": "date"}, Chart("column", "month", ("value",)))
    )
    assert made.count("<rect") == 2
    assert '<html lang="zh">' in page(lang="zh")


@pytest.mark.skipif(pack.browser() is None, reason="no browser on this machine")
def test_a_browser_prints_the_pack() -> None:
    assert pack.pdf(page(sheet()).encode(), str(pack.browser())).startswith(b"%PDF")


def test_a_browser_that_fails_is_told_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(pack.tempfile, "tempdir", None)
    with pytest.raises(OSError, match="did not print"):
        pack.pdf(b"", "false")
    assert not list(tmp_path.iterdir())
