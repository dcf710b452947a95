"""The public data sets, loaded the way docs/examples/README.md tells a stranger to; skipped where they are not on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.real.cases import REAL, ROOT, Case, command


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Case]:
    """`case(folder, mapping)`: load that folder of ../shared/real through that mapping of docs/examples."""

    def make(name: str, mapping: str) -> Case:
        folder = REAL / name
        if not folder.is_dir():
            pytest.skip(f"the public data set {name} is not beside the repository (../shared/real/{name})")
        home = tmp_path_factory.mktemp(name)
        (home / "mappings").mkdir()
        shutil.copy(ROOT / "docs" / "examples" / mapping, home / "mappings")
        (home / "fieldbook.toml").write_text('currency = "USD"\ntime_zone = "America/New_York"\n', "utf-8")
        return Case(folder, home, command("data", "load", "--home", home, "--json", folder))

    return make
