"""Every page as the server makes it, nothing remembered: does it cost the same when ten times as many rows lie behind it?

A run holds all of it: rights, reads, KPIs, tables and figures, as a director opens the page for the first time after a publish. What the
browser does comes on top. Afterwards the same again, with everything remembered: the price of a click that asks nothing new.
"""

from __future__ import annotations

import gc
import logging
import os
import statistics
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from bench import grown
from bench.timing import in_turns
from pages.frame.session import PAGES
from pages.ui import answers

APP = Path(__file__).resolve().parents[1] / "app.py"
GROWTH = 10
_NOT_MEASURED = ("customer", "data", "audit", "glossary")  # a card must be chosen; the others show no figures of the company


def run(
    folder: Path,
    lines: int,
    rounds: int,
    say: Callable[[str], None],
    *,
    customers: int = grown.CUSTOMERS,
    only: Collection[str] = tuple(PAGES),
) -> dict[str, Any]:
    """Seconds of each page over a company, over one with ten times its rows, and their ratio. Raises AssertionError if a page fails."""
    homes = {size: folder / f"home-{size}" for size in (lines, lines * GROWTH)}
    made = {size: grown.make(home, size, say, customers=customers) for size, home in homes.items()}
    pages = [page for page, place in PAGES.items() if "owner" in place.roles and page in only and page not in _NOT_MEASURED]
    found = {page: _page(page, homes, rounds, say) for page in pages}
    return {
        "lines": lines,
        "seconds": {f"{page}, {size:,} lines": taken for page, sizes in found.items() for size, taken in sizes["new"].items()},
        "again": {f"{page}, {size:,} lines": taken for page, sizes in found.items() for size, taken in sizes["again"].items()},
        "growth": {page: statistics.median(s["new"][lines * GROWTH]) / statistics.median(s["new"][lines]) for page, s in found.items()},
        "publish": {
            size: {"seconds": one.published.clock, "cpu_seconds": one.published.cpu, "peak_bytes": one.peak_bytes, "bytes": one.size_bytes}
            for size, one in made.items()
        },
    }


def _page(page: str, homes: dict[int, Path], rounds: int, say: Callable[[str], None]) -> dict[str, dict[int, tuple[float, ...]]]:
    logging.disable(logging.WARNING)  # the framework says on every run that there is no browser
    try:
        say(page)
        screens = {size: _Screen(home, page) for size, home in homes.items()}
        new = in_turns({str(size): screen.new for size, screen in screens.items()}, rounds, say)
        again = in_turns({str(size): screen.again for size, screen in screens.items()}, rounds, say)
    finally:
        logging.disable(logging.NOTSET)
    return {"new": {size: new[str(size)].seconds for size in homes}, "again": {size: again[str(size)].seconds for size in homes}}


class _Screen:
    """One page of one company in the hands of its director."""

    def __init__(self, home: Path, page: str) -> None:
        self._home, self._page = home, page
        os.environ["FIELDBOOK_HOME"] = str(home)
        self._at = AppTest.from_file(str(APP), default_timeout=600)
        self._at.session_state["lang"] = "en"
        self._at.run()

    def new(self) -> None:
        """As after a publish: nothing is remembered."""
        os.environ["FIELDBOOK_HOME"] = str(self._home)
        answers.forget(self._home)
        gc.collect()
        self._shown(self._at.switch_page(f"pages/{self._page}.py").run())

    def again(self) -> None:
        """As after a click that asks nothing new."""
        os.environ["FIELDBOOK_HOME"] = str(self._home)
        self._shown(self._at.run())

    def _shown(self, at: AppTest) -> None:
        if at.exception:
            raise AssertionError(f"{self._page}: {at.exception[0].value}")
