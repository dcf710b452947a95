"""Which settings a KPI's value hangs on, so that what explains a figure can say what they were (R20)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_VISITS = (
    "completed_visits", "visit_records", "contacts", "planned_visits", "visit_attainment", "visit_volume_ratio", "unplanned_share",
    "distinct_customers_visited", "distinct_prospects_visited", "coverage", "coverage_own", "cadence_compliance", "key_visit_compliance",
    "key_visit_compliance_manager", "visits_per_day", "strike_rate", "days_since_visit", "value_weighted_cadence", "visit_confidence",
    "visit_orders", "visit_order_amount", "visit_billed_amount", "visit_cash_amount", "order_amount_per_visit", "at_risk",
)  # fmt: skip
_SALES = (
    "revenue", "order_count", "gross_profit", "gross_margin_pct", "margin_per_order", "avg_order_value", "order_margin_pct",
    "order_margin_pct_mean", "low_margin_orders", "returns_rate", "discount_rate", "cost_coverage", "revenue_bridge", "margin_bridge",
    "margin_rate_bridge", "revenue_growth", "revenue_growth_prior", "new_customers", "new_customer_revenue", "buying_customers",
    "active_customers", "manager_own_share",
)  # fmt: skip
_COSTED = ("gross_profit", "gross_margin_pct", "margin_per_order", "margin_bridge", "margin_rate_bridge")
_COLLECTED = ("collected", "collection_rate", "collection_rate_balance", "cash_to_sales_ratio", "cei", "cei_crf", "on_time_collection_rate")
_SCORES = ("scorecard", "scorecard_kam")
# setting → the KPIs that use it
USED_BY: Mapping[str, tuple[str, ...]] = {
    "revenue_date": _SALES,
    "cost_coverage_min": _COSTED,
    "counted_visit_types": _VISITS,
    "visit_tolerance_days": ("visit_attainment",),
    "strike_days": ("strike_rate", "visit_orders", "visit_order_amount", "order_amount_per_visit"),
    "onboarding_days": ("onboarding_touch_rate",),
    "visits_required": ("at_risk", "cadence_compliance", "cadence_load", "cadence_load_rate", "value_weighted_cadence", "workload_index"),
    "cadence_months": ("at_risk", "cadence_compliance", "cadence_load", "cadence_load_rate", "value_weighted_cadence", "workload_index"),
    "key_visit_months": ("key_visit_compliance", "key_visit_compliance_manager"),
    "hours_per_visit": ("cadence_load", "cadence_load_rate", "workload_index"),
    "hours_per_day": ("cadence_load_rate",),
    "visits_per_prospect": ("workload_index",),
    "workload_band": ("workload_index",),
    "max_visits_per_day": ("visit_confidence",),
    "active_days": (
        "active_customers", "coverage", "coverage_own", "card_completeness", "card_freshness", "territory_existing", "retention_value",
    ),
    "new_lookback_months": ("new_customers", "new_customer_revenue", "net_customer_growth"),
    "new_customer_months": ("new_customer_revenue",),
    "lapse_days": ("lapsed_customers", "reactivated_customers", "net_customer_growth"),
    "churn_months": (
        "customer_churn", "customer_retention", "key_account_churn", "revenue_retention_gross", "revenue_retention_net",
    ),
    "repeat_days": ("new_customer_repeat_rate",),
    "abc_cuts": ("abc_class", "abc_migration"),
    "abc_measure": ("abc_class", "abc_migration"),
    "abc_migration_months": ("abc_migration",),
    "rfm_recency_days": ("rfm", "rfm_segment"),
    "rfm_orders": ("rfm", "rfm_segment"),
    "rfm_shares": ("rfm", "rfm_segment"),
    "retention_points": ("retention_value",),
    "card_fields": ("card_completeness",),
    "card_fresh_days": ("card_freshness",),
    "class_limit_days": ("prospect_overdue", "prospect_overdue_rate"),
    "card_review_days": ("card_review_compliance",),
    "prospect_pool": ("prospect_pool_ratio",),
    "funnel_window_days": ("funnel_conversion", "weighted_pipeline"),
    "stage_probability": ("weighted_pipeline",),
    "bills_count_on": _COLLECTED,
    "grace_days": ("on_time_collection_rate",),
    "dso_days": ("dso", "best_possible_dso", "add_days"),
    "credit_cost_rate": ("credit_cost", "margin_after_credit"),
    "sla_hours": ("open_over_sla", "at_risk"),
    "stock_factor": ("suggested_order",),
    "order_cycle_days": ("suggested_order",),
    "scorecard": ("scorecard",),
    "scorecard_kam": ("scorecard_kam",),
    "scorecard_worst": _SCORES,
    "score_floor": _SCORES,
    "score_cap": _SCORES,
    "score_min_weight": _SCORES,
    "late_after_hours": ("data_freshness",),
    "stale_after_hours": ("data_freshness",),
}  # fmt: skip


def used(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings a KPI uses, with their values; a figure set beside a target uses those of the figure (`target_pace:revenue`)."""
    of = name.split(":")
    return {setting: settings[setting] for setting, kpis in USED_BY.items() if set(of) & set(kpis) and setting in settings}
