"""`python -m bench`: how fast, as ratios, with every figure checked to be the same."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import catalog, load, overview, pages, readers, spark, start, viewers

BENCHES: dict[str, Callable[..., dict[str, Any]]] = {
    "load": load.run,
    "workbook": load.run_workbook,
    "overview": overview.run,
    "catalog": catalog.run,
    "readers": readers.run,
    "pages": pages.run,
    "start": start.run,
    "viewers": viewers.run,
    "spark": spark.run,
}
ON_REQUEST = ("spark",)  # takes requirements-spark.txt and Java


def machine() -> dict[str, Any]:
    """Where and when it was measured, as far as it matters for a ratio."""
    packages = ("duckdb", "polars", "pandas", "fastexcel")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def table(results: dict[str, Any]) -> Table:
    """One line per way of doing it, with the median and Fieldbook's ratio."""
    caption = "load and workbook: CPU of loading ÷ theirs (by the clock); overview, catalog, readers: seconds ÷ theirs"
    shown = Table("bench", "lines", "way", "median s", "CPU s", "ratio", caption=caption)
    for bench, result in results.items():
        for way, seconds in result["seconds"].items():
            computed = result.get("cpu_seconds", {}).get(way)
            cpu = f"{statistics.median(computed):.2f}" if computed else ""
            shown.add_row(bench, f"{result['lines']:,}", way, f"{statistics.median(seconds):.3f}", cpu, _ratio(result, way))
    return shown


def _ratio(result: dict[str, Any], way: str) -> str:
    """Fieldbook against that way; empty for Fieldbook itself."""
    if "growth" in result:
        page, _, size = way.partition(", ")
        return f"{result['growth'][page]:.2f}" if size != f"{result['lines']:,} lines" else ""
    if way in ("duckdb", "fastexcel"):
        return f"{result['ratio']:.2f} ({result['ratio_clock']:.2f}), peak {result['peak_megabytes']:,} MB"
    if "ratio_to_one_process" in result:
        of = result["ratio_to_one_process"] if way == spark.MANY else {}
        return ", ".join([*(f"{times:.1f} times its {what}" for what, times in of.items()), f"{result['megabytes'][way]:,} MB"])
    if way == "streamlit":
        return f"{result['ratio_to_streamlit']:.2f} times its CPU"
    if "rounds" in result:
        one = result["rounds"][way]
        return f"p95 {one['p95']:.2f} s, {one['bytes_per_click'] / 1000:.0f} kB a click, {len(one['failed'])} failed"
    if way == "during a load":
        return f"{result['ratio_to_idle']:.2f} at p95"
    name = {"pandas": "ratio_to_pandas", "sql": "ratio_to_sql"}.get(way)
    return f"{result[name]:.3g}" if name else ""


def arguments(given: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="load: a CSV against the raw engine; workbook: an xlsx against the Excel reader (1 = as fast). "
        "overview, and catalog over the sample: time against pandas and against plain SQL over facts (below 1 = faster). "
        "pages: each page over ten times the rows ÷ over the rows (1 = flat). readers: reads while a load runs, against idle ones. "
        "start: from nothing to the first page, against the smallest page there is. "
        "spark (on request): publishing with the measures made by a cluster of two workers on this machine, against one process. "
        "viewers: people at their pages, how long each waits after a click, at last while loads publish.",
    )
    parser.add_argument("--only", choices=BENCHES, help="one of them (default: all but spark)")
    parser.add_argument("--lines", type=int, default=200_000, help="order lines of the generated company (default: %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="timed rounds of each, in turns, after one for warming up (default: %(default)s)"
    )
    crowd = parser.add_argument_group("viewers", "sessions of the sample's people, who click every five seconds")
    crowd.add_argument("--sessions", type=int, nargs="+", default=[1, 20], help="so many at a time, a round each (default: 1 20)")
    crowd.add_argument("--processes", type=int, default=1, help="of the server, behind nginx if several (default: %(default)s)")
    crowd.add_argument("--seconds", type=float, default=60.0, help="how long a round lasts (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything measured to this file")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Run the benches asked for; exit code 0."""
    asked = arguments(given)
    say = Console(stderr=True).print
    results = {}
    for name in [asked.only] if asked.only else [name for name in BENCHES if name not in ON_REQUEST]:
        say(f"[bold]{name}")
        size = (asked.sessions, asked.processes, asked.seconds) if name == "viewers" else (asked.lines, asked.rounds)
        with tempfile.TemporaryDirectory() as folder:
            results[name] = BENCHES[name](Path(folder), *size, say)
    Console().print(table(results))
    if asked.json:
        asked.json.write_text(json.dumps({"machine": machine(), **results}, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
