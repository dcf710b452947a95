"""docs/inputs.md promises nothing that no test shows."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_every_promise_names_a_test_that_is_there() -> None:
    rows = re.findall(r"(?m)^\|.*\| ([^|]+) \|$", (ROOT / "docs" / "inputs.md").read_text("utf-8"))
    told = [name for row in rows if row != "shown by" for name in row.split(" · ")]
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests" / "data").rglob("test_*.py"))
    known = {*re.findall(r'id="([^"]+)"', tests), *re.findall(r"def (test_\w+)", tests)}
    assert len(told) > 70
    assert [name for name in told if name not in known] == []
