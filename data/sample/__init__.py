"""The sample company: deterministic exports of a logistics company, what a newcomer sees first. Its truths: docs/sample.md.

people, lanes, names → customers → sales → money, visits, targets, market, service → files. `planted` holds what tests and docs name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data.sample import customers, files, market, money, planted, sales, service, targets, visits

Progress = Callable[[int, int], object]  # steps done, steps in all
STEPS = 5


def write(folder: Path, progress: Progress | None = None) -> list[Path]:
    """Writes all export files, fieldbook.toml and README.txt into the folder (made if missing); the paths, in order of writing."""

    def step(done: int) -> None:
        if progress is not None:
            progress(done, STEPS)

    folder.mkdir(parents=True, exist_ok=True)
    everyone = customers.make()
    step(1)
    orders, expected = sales.make(everyone)
    step(2)
    invoices, receipts = money.make(orders, everyone)
    step(3)
    calls = visits.make(everyone)
    step(4)
    paths = [*files.texts(folder), files.reps(folder), files.territories(folder), files.products(folder)]
    paths += [files.customers(folder, everyone), files.visits(folder, calls), *files.orders(folder, orders)]
    paths += [files.invoices(folder, invoices), files.receipts(folder, receipts), files.targets(folder, targets.make(expected))]
    found = market.make(everyone)
    paths += [files.prospects(folder, found.prospects), files.quotes(folder, found.quotes)]
    paths += [files.service(folder, service.make(orders, everyone)), files.stock_counts(folder, planted.COUNTS)]
    step(5)
    return paths
