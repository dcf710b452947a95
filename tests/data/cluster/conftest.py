"""One cluster for all tests of this folder, where Spark and Java are installed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.data.cluster import standalone


@pytest.fixture(scope="session")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server with a master and two workers behind it; skips where none can be started."""
    if reason := standalone.missing():
        if os.environ.get("WITH_SPARK"):
            pytest.fail(reason)
        pytest.skip(reason)
    with standalone.cluster(tmp_path_factory.mktemp("spark"), is_brief=True) as address:
        yield address
