"""When a figure is good or bad: by its direction, outside a neutral band (settings). Colour follows this and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GOOD, BAD, NEUTRAL = "good", "bad", "neutral"


@dataclass(frozen=True)
class Band:
    """How far a value may move before we speak of it: a share for amounts, points for rates (as fractions)."""

    share: float = 0.02
    points: float = 0.005

    def change(self, unit: str, better: str, now: Any, before: Any) -> str:
        """The judgement of a move from `before` to `now`; neutral if either is unknown or the KPI has no direction."""
        if now is None or before is None:
            return NEUTRAL
        gap = float(now) - float(before)
        band = self.points if unit == "rate" else self.share * abs(float(before))
        return _signed(gap, band, better)

    def pace(self, value: Any, better: str = "up") -> str:
        """The judgement of a share of what is due by now (1 = on pace)."""
        return NEUTRAL if value is None else _signed(float(value) - 1, self.share, better)


def _signed(gap: float, band: float, better: str) -> str:
    if better not in ("up", "down") or abs(gap) <= band:
        return NEUTRAL
    return GOOD if (gap > 0) == (better == "up") else BAD
