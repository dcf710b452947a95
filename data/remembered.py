"""Answers kept while there is room, each made once: who asks for what is being made waits for it.

What is asked must hold everything the answer hangs on, who asks too: then it is found only by somebody who may see the very same rows.
Answers are shared, never copied, so nobody may change one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any

import polars as pl

ROOM = 256 * 2**20  # bytes


class Answers:
    """The latest answers by what was asked; the longest unused go first."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._held, self._lock = room, 0, Lock()
        self._kept: OrderedDict[Hashable, tuple[Future[Any], int]] = OrderedDict()

    def get(self, asked: Hashable, make: Callable[[], Any]) -> Any:
        """What was answered before, else what `make` brings. Raises what `make` raises, which is not kept."""
        own: Future[Any] = Future()
        with self._lock:
            found, _ = self._kept.setdefault(asked, (own, 0))
            self._kept.move_to_end(asked)
        if found is not own:
            return found.result() if found.exception() is None else make()  # what failed for somebody else may not fail now
        try:
            own.set_result(make())
        except BaseException as error:
            with self._lock:
                self._kept.pop(asked, None)
            own.set_exception(error)
            raise
        self._weigh(asked, own)
        return own.result()

    @property
    def held(self) -> int:
        """About how many bytes are kept."""
        return self._held

    def clear(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._kept.clear()
            self._held = 0

    def _weigh(self, asked: Hashable, own: Future[Any]) -> None:
        """Count an answer, and make room for it; what fills a quarter of the room alone is not kept."""
        size = weight(own.result())
        with self._lock:
            if self._kept.get(asked, (None, 0))[0] is not own:  # cleared meanwhile
                return
            self._kept[asked] = own, size
            self._held += size
            if size > self._room // 4:
                self._held -= self._kept.pop(asked)[1]
            while self._held > self._room:
                self._held -= self._kept.popitem(last=False)[1][1]


def weight(answer: Any) -> int:
    """About how many bytes an answer holds."""
    if isinstance(answer, pl.DataFrame):
        return 1000 + int(answer.estimated_size())
    if isinstance(answer, Mapping):
        return 1000 + sum(map(weight, answer.values()))
    if is_dataclass(answer):
        return 1000 + sum(weight(getattr(answer, one.name)) for one in fields(answer))
    if isinstance(answer, Collection) and not isinstance(answer, str | bytes):
        return 1000 + sum(map(weight, answer))
    return 100
