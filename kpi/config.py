"""The thresholds KPIs use at once (the ones that shape measures act at publish)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType, SimpleNamespace
from typing import Any


class Config(SimpleNamespace):
    """A company's values for the thresholds in the KPI definitions.

    There are no defaults here: they are written once, where settings are read, and the edge that reads them makes the Config.
    A KPI that needs a threshold nobody gave fails with its name (AttributeError); one that needs none can do without a Config.
    """

    active_days: int
    lapse_days: int
    churn_months: int
    abc_cuts: tuple[float, ...]
    abc_measure: str
    abc_migration_months: int
    rfm_recency_days: tuple[int, ...]
    rfm_orders: tuple[int, ...]
    rfm_shares: tuple[float, ...]
    retention_points: float
    dso_days: int
    credit_cost_rate: float  # a year
    repeat_days: int
    cost_coverage_min: float
    late_after_hours: float
    stale_after_hours: float
    visits_required: Mapping[str, int]  # class → visits in a window
    cadence_months: int
    key_visit_months: Mapping[str, int]
    card_fields: tuple[str, ...]
    card_fresh_days: int
    max_visits_per_day: int
    hours_per_visit: float
    hours_per_day: float
    visits_per_prospect: int
    workload_band: tuple[float, float]
    class_limit_days: Mapping[str, int]  # prospect class → days
    card_review_days: Mapping[str, int]
    prospect_pool: int
    funnel_window_days: int
    stage_probability: Mapping[str, float]
    sla_hours: Mapping[str, float]  # response, resolution
    stock_factor: float
    order_cycle_days: int
    scorecard: Mapping[str, float]  # KPI → weight
    scorecard_kam: Mapping[str, float]
    scorecard_worst: Mapping[str, float]
    score_floor: float
    score_cap: float
    score_min_weight: float
    attention_pace: float
    attention_overdue: float
    attention_visits: float
    attention_min_plans: int
    attention_margin: float
    data_start: Mapping[str, date] = MappingProxyType({})  # source → its earliest date (R14); empty: not known

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Config:
        """The thresholds among a company's settings; keys of other parts of the product are passed over."""
        return cls(**{name: settings[name] for name in cls.__annotations__ if settings.get(name) is not None})
