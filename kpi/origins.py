"""Where each definition comes from. A source is a message, `kpi.origin.<source>`; what no public source fixes is a house rule."""

from __future__ import annotations

from collections.abc import Mapping

# source → the KPIs it defines; a KPI is defined in one place only
ORIGINS: Mapping[str, tuple[str, ...]] = {
    "crf": ("dso", "best_possible_dso", "add_days", "cei", "cei_crf"),
    "countback": ("dso_countback",),
    "due_based": ("collection_rate", "cash_to_sales_ratio", "collection_rate_balance", "on_time_collection_rate"),
    "fieldpro": ("strike_rate", "coverage", "coverage_own", "cadence_compliance"),
    "workload": ("workload_index", "territory_spread"),
    "rfm": ("rfm", "rfm_segment"),
    "price_volume_mix": ("revenue_bridge", "margin_bridge", "margin_rate_bridge"),
    "retention": ("customer_retention", "customer_churn", "key_account_churn"),
    "revenue_retention": ("revenue_retention_gross", "revenue_retention_net"),
    "pareto": ("top20_share",),
    "retention_profit": ("retention_value",),
    "scorecard": ("scorecard", "scorecard_kam"),
    # what companies mean by the word; its edges are ours
    "practice": (
        "revenue", "order_count", "avg_order_value", "gross_profit", "gross_margin_pct", "margin_per_order", "returns_rate",
        "discount_rate", "revenue_growth", "revenue_growth_prior", "target_attainment", "invoiced", "due_amount", "collected", "ar_balance",
        "overdue_amount", "overdue_rate", "ar_aging", "avg_days_late", "days_beyond_terms", "credit_usage", "abc_class", "gini",
        "key_account_share", "share_of_wallet", "win_rate", "lead_source_mix", "lead_source_win_rate", "lost_reason_mix",
        "weighted_pipeline", "stage_cycle_days", "quotes_issued", "quote_win_rate", "complaint_rate", "first_response_hours",
        "resolution_hours", "satisfaction",
    ),
    "house": (
        "completed_visits", "planned_visits", "visit_attainment", "distinct_customers_visited", "visit_records", "contacts",
        "unplanned_share", "distinct_prospects_visited", "log_timeliness", "appointments_made", "appointment_show_rate",
        "onboarding_touch_rate", "value_weighted_cadence", "key_visit_compliance", "key_visit_compliance_manager", "days_since_visit",
        "visit_volume_ratio", "visits_per_day", "visit_orders", "visit_order_amount", "visit_billed_amount", "visit_cash_amount",
        "order_amount_per_visit", "visit_confidence", "cadence_load", "cadence_load_rate", "new_customers", "new_signed_customers",
        "new_customer_revenue", "reactivated_customers", "active_customers", "buying_customers", "lapsed_customers", "net_customer_growth",
        "cost_coverage", "order_margin_pct", "order_margin_pct_mean", "low_margin_orders", "returns_rate_cohort",
        "product_lines_per_customer", "manager_own_share", "abc_migration", "at_risk", "loyalty_mix", "card_completeness",
        "card_freshness", "load_reject_rate", "data_freshness", "territory_existing", "target_pace", "run_rate_forecast",
        "required_daily_rate", "territory_potential", "prospects_by_class", "prospect_overdue", "prospect_overdue_rate",
        "card_review_compliance", "need_state_mix", "prospect_pool_ratio", "prospect_replenishment", "funnel_conversion",
        "credit_cost", "margin_after_credit", "new_customer_repeat_rate", "new_customer_on_time_rate",
        "special_quotes_pending", "open_over_sla", "suggested_order",
    ),
}  # fmt: skip
_OF = {name: source for source, names in ORIGINS.items() for name in names}


def origin(name: str) -> str:
    """The source of a KPI's definition; a target on another metric (`target_pace:collected`) has that of its kind. KeyError if unsaid."""
    return _OF[name.partition(":")[0]]
