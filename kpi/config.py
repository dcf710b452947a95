"""The thresholds KPIs use at once (the ones that shape measures act at publish)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Config:
    """Defaults of the KPI definitions; a company's fieldbook.toml may set others."""

    active_days: int = 90
    dso_days: int = 91
    cost_coverage_min: float = 0.95
    late_after_hours: float = 26
    stale_after_hours: float = 74
    data_start: Mapping[str, date] = field(default_factory=dict)  # source → its earliest date (R14)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Config:
        """The thresholds among a company's settings; keys of other parts of the product are passed over."""
        return cls(**{f.name: settings[f.name] for f in fields(cls) if settings.get(f.name) is not None})
