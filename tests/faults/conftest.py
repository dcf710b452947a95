"""One warm process and one small company for all tests of faults."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.faults.lab import FIRST_DAY, JUNE, LATER, REPS, Company, Warm, contents


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company after its first load, what an undisturbed second one makes of it, and the steps that takes."""
    folder = tmp_path_factory.mktemp("company")
    warm = Warm(folder)
    for name, orders in (("first", JUNE), ("second", LATER)):
        (folder / name).mkdir()
        (folder / name / "reps.csv").write_text(REPS, "utf-8")
        (folder / name / "orders.csv").write_text(orders, "utf-8")
    made = Company(folder, warm, folder / "first", folder / "second")
    try:
        assert warm.load(folder / "template", [made.first], FIRST_DAY)["published"]
        home = made.home()
        made.old, began = contents(home), time.monotonic()
        told = made.load(home)
        assert told["published"]
        made.seconds, made.new, made.met = time.monotonic() - began, contents(home), told["met"]
        yield made
    finally:
        warm.close()
