"""Answers of one snapshot, kept while there is room. A snapshot never changes, so the same statement with the same values has one answer.

The values hold who asks: an answer is found only by somebody who may see the very same rows. Frames are shared, never copied, and nobody
can change one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import polars as pl

ROOM = 256 * 2**20  # bytes for one snapshot


class Answers:
    """The latest answers by statement and values; the longest unused go first."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._held, self._lock = room, 0, Lock()
        self._frames: OrderedDict[tuple[str, str], tuple[pl.DataFrame, int]] = OrderedDict()

    def get(self, query: str, values: Mapping[str, Any], ask: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """What was answered before, else what `ask` brings. Two who ask at once may both ask."""
        key = query, repr(sorted(values.items()))
        with self._lock:
            if key in self._frames:
                self._frames.move_to_end(key)
                return self._frames[key][0]
        frame = ask()
        size = int(frame.estimated_size())
        with self._lock:
            if key not in self._frames and size <= self._room // 4:
                self._frames[key] = frame, size
                self._held += size
                while self._held > self._room:
                    _, (_, freed) = self._frames.popitem(last=False)
                    self._held -= freed
        return frame

    def clear(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._frames.clear()
            self._held = 0
