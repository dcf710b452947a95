"""From `streamlit run app.py` to the first figures on the published sample, against Streamlit with the smallest page there is.

A fresh process each time: interpreter, imports, opening the snapshot, and the whole first page as the server makes it for a browser.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.timing import in_turns
from bench.viewers import HELLO, ROOT, company
from tests.access.wire import Wire
from tests.deploy.running import free_port

_PATIENCE = 120.0
FIGURE = re.compile(rb"\d{1,3}(,\d{3})+")


def run(folder: Path, lines: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Both ways in turns; `lines` of the other benches does not count here. Raises AssertionError if the page shows no figure."""
    home, _ = company(folder)
    hello = folder / "hello.py"
    hello.write_text(HELLO, "utf-8")
    timed = in_turns({"fieldbook": lambda: opened(ROOT / "app.py", home), "streamlit": lambda: opened(hello, home)}, rounds, say)
    if not FIGURE.search(timed["fieldbook"].result):
        raise AssertionError("the first page shows no figure")
    cpu = {way: [one.cpu for one in taken.rounds] for way, taken in timed.items()}
    return {
        "lines": lines,
        "seconds": {way: taken.seconds for way, taken in timed.items()},
        "cpu_seconds": cpu,
        "ratio_to_streamlit": statistics.median(cpu["fieldbook"]) / statistics.median(cpu["streamlit"]),
    }


def opened(app: Path, home: Path) -> bytes:
    """Everything the server sends until the first page stands; the server is gone afterwards."""
    port = free_port()
    options = ["--server.headless=true", f"--server.port={port}", "--server.address=127.0.0.1"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(app), *options],
        cwd=app.parent,
        env=os.environ | {"FIELDBOOK_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return _first_page(port, time.monotonic() + _PATIENCE)
    finally:
        server.kill()
        server.wait()


def _first_page(port: int, until: float) -> bytes:
    while True:
        try:
            with Wire(port, "") as wire:
                wire.open()
                return b"".join(wire.sent)
        except OSError:  # it does not listen yet
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
