"""/healthz, /readyz and /metrics, and what is counted for them. None of them names a path, a person or an amount."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from data.access import OWNER
from data.keeping import store
from data.warehouse import Warehouse
from pages.door.log import write
from pages.door.setup import Setup


@dataclass
class Tally:
    """What this process has counted since it started."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    within: Counter[tuple[str, float]] = field(default_factory=Counter)
    streams: int = 0
    script_errors: int = 0
    BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, float("inf"))

    def count(self, area: str, status: int, seconds: float) -> None:
        """One more answer."""
        self.requests[area, status] += 1
        if area != "stream":  # as long as somebody looks at a page
            self.seconds[area] += seconds
            self.within.update((area, limit) for limit in self.BUCKETS if seconds <= limit)

    def text(self, snapshot: tuple[str, float] | None) -> str:
        """In Prometheus' text format; `snapshot` is id and age in seconds."""
        lines = ["# TYPE fieldbook_requests_total counter"]
        lines += [f'fieldbook_requests_total{{path="{area}",status="{code}"}} {n}' for (area, code), n in sorted(self.requests.items())]
        lines += ["# TYPE fieldbook_request_seconds histogram"]
        for area, total in sorted(self.seconds.items()):
            name = f'fieldbook_request_seconds_bucket{{path="{area}",le='
            lines += [f'{name}"{"+Inf" if at == float("inf") else at}"}} {self.within[area, at]}' for at in self.BUCKETS]
            lines += [f'fieldbook_request_seconds_sum{{path="{area}"}} {total:.6f}']
            lines += [f'fieldbook_request_seconds_count{{path="{area}"}} {self.within[area, float("inf")]}']
        lines += ["# TYPE fieldbook_streams gauge", f"fieldbook_streams {self.streams}"]
        lines += ["# TYPE fieldbook_script_errors_total counter", f"fieldbook_script_errors_total {self.script_errors}"]
        lines += ["# TYPE fieldbook_snapshot_loaded gauge", f"fieldbook_snapshot_loaded {int(snapshot is not None)}"]
        if snapshot:
            lines += ["# TYPE fieldbook_snapshot_info gauge", f'fieldbook_snapshot_info{{snapshot="{snapshot[0]}"}} 1']
            lines += ["# TYPE fieldbook_snapshot_age_seconds gauge", f"fieldbook_snapshot_age_seconds {snapshot[1]:.0f}"]
        return "\n".join(lines) + "\n"


def routes(setup: Setup, tally: Tally) -> list[Route]:
    """Health, readiness and metrics."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        is_ready = await run_in_threadpool(opens, setup.home)
        return PlainTextResponse("ready\n" if is_ready else "no snapshot opens\n", 200 if is_ready else 503)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(tally.text(await run_in_threadpool(_snapshot, setup.home)), media_type="text/plain; version=0.0.4")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def opens(home: Path) -> bool:
    try:
        Warehouse.open(home).freshness(OWNER)
    except Exception as error:  # whatever it is, this process cannot serve figures
        write(logging.ERROR, "not_ready", error=type(error).__name__)
        return False
    return True


def _snapshot(home: Path) -> tuple[str, float] | None:
    """Id and age in seconds of the snapshot served."""
    with contextlib.suppress(OSError):
        if path := store.current(home):
            return path.stem.removeprefix("wh-"), max(0.0, time.time() - path.stat().st_mtime)
    return None
