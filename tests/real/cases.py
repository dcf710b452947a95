"""Where the public data sets lie, and how our command lines are asked about them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "real"


def command(*words: str | Path) -> Any:
    """What `python -m …` prints as JSON, amounts as the exact decimals they are printed as."""
    done = subprocess.run([sys.executable, "-m", *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout, parse_float=Decimal)


@dataclass(frozen=True)
class Case:
    """A data set as it came, the home it was loaded into, and the load's own report."""

    folder: Path
    home: Path
    report: dict[str, Any]

    def file(self, name: str, source: str) -> dict[str, Any]:
        """The account of one file for one source."""
        [account] = [f for f in self.report["files"] if f["file"] == name and f["source"] == source]
        return account
