"""Companies as the tests begin with them: loaded once for all tests, then copied for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.keeping.company import JUNE, MAY, Company, Start, many


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """Nothing loaded yet."""
    return Company(tmp_path)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Start], Company]:
    """`begun("name", start)`: a company after `start`, which runs once."""
    known: dict[str, Company] = {}

    def once(name: str, start: Start) -> Company:
        if name not in known:
            known[name] = Company(tmp_path_factory.mktemp(name))
            start(known[name])
        return known[name]

    return once


@pytest.fixture
def with_may(begun: Callable[[str, Start], Company], tmp_path: Path) -> Company:
    """Load 1 was May."""
    return begun("may", lambda company: company.load(orders=MAY)).copied(tmp_path)


@pytest.fixture
def with_june(begun: Callable[[str, Start], Company], tmp_path: Path) -> Company:
    """Load 1 was May, load 2 June."""
    return begun("june", lambda company: (company.load(orders=MAY), company.load(orders=JUNE))).copied(tmp_path)


@pytest.fixture
def held(begun: Callable[[str, Start], Company], tmp_path: Path) -> Company:
    """Load 1 had a hundred orders; load 2 lacks 40 of them and is held."""
    return begun("held", lambda company: (company.load(orders=many(100)), company.load(orders=many(60)))).copied(tmp_path)
