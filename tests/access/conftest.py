"""The canary company, loaded once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from data.access import Scope
from data.warehouse import Warehouse
from tests.access import canary
from tests.access.canary import Company
from tests.access.marks import Marks, marks


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Company]:
    """Home folder and rows of the company."""
    return canary.found(tmp_path_factory.mktemp("canary"))


@pytest.fixture(scope="session")
def made(founded: tuple[Path, Company]) -> Company:
    """The rows of the company."""
    return founded[1]


@pytest.fixture(scope="session")
def home(founded: tuple[Path, Company]) -> Path:
    """Its home folder."""
    return founded[0]


@pytest.fixture(scope="session")
def warehouse(home: Path) -> Warehouse:
    """Its warehouse."""
    return Warehouse.open(home)


@pytest.fixture(scope="session")
def scope(warehouse: Warehouse) -> Callable[[str], Scope]:
    """`scope("rep 1")`: what a reader may see today."""
    return lambda reader: warehouse.scope(canary.login(reader), date.today())


@pytest.fixture(scope="session")
def foreign(made: Company) -> Callable[[str], Marks]:
    """`foreign("rep 1")`: what must not reach a reader."""
    return cache(lambda reader: marks(made, reader))
