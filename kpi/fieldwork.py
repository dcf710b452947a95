"""Work in the field 外勤: what visits lead to, how soon they are written down, and the appointments others made for them."""

from __future__ import annotations

import polars as pl

from kpi.base import Better, Kpi, Unit

_VISITS = ("visits",)

visit_records = Kpi("visit_records", Unit.COUNT, Better.NONE, "visits", _VISITS, pl.sum("visit_records"), rows=pl.sum("visit_records"))

# Phone and online: reported beside the visits, never among them.
contacts = Kpi("contacts", Unit.COUNT, Better.UP, "visits", _VISITS, pl.sum("contacts"), rows=pl.sum("contacts"))

unplanned_share = Kpi(
    "unplanned_share",
    Unit.RATE,
    Better.NONE,
    "visits",
    _VISITS,
    pl.sum("unplanned_visits"),
    pl.sum("completed_visits"),
    empty_note="no_visits",
)

distinct_prospects_visited = Kpi(
    "distinct_prospects_visited",
    Unit.COUNT,
    Better.UP,
    "visited_prospects",
    _VISITS,
    pl.col("prospect_id").drop_nulls().n_unique(),
    additive=False,
)

# A visit is judged once strike_days have passed; until then it is left out and said so.
strike_rate = Kpi(
    "strike_rate",
    Unit.RATE,
    Better.UP,
    "visit_strikes",
    ("visits", "orders"),
    pl.sum("followed_visits"),
    pl.sum("mature_visits"),
    rows=pl.sum("mature_visits"),
    excluded=pl.sum("made_visits") - pl.sum("mature_visits"),
    few=(pl.sum("made_visits") > 0) & (pl.sum("mature_visits") == 0),
    few_status="immature",
    few_note="too_young",
    empty_note="no_visits",
)

log_timeliness = Kpi(
    "log_timeliness",
    Unit.RATE,
    Better.UP,
    "visit_logs",
    _VISITS,
    pl.sum("timely_visits"),
    pl.sum("logged_visits"),
    rows=pl.sum("logged_visits"),
    excluded=pl.sum("made_visits") - pl.sum("logged_visits"),
    empty_note="nothing_logged",
)

appointments_made = Kpi(
    "appointments_made",
    Unit.COUNT,
    Better.UP,
    "appointments",
    _VISITS,
    pl.sum("appointments"),
    excluded=pl.sum("n_excluded"),
    credit="booked_by",
)

appointment_show_rate = Kpi(
    "appointment_show_rate",
    Unit.RATE,
    Better.UP,
    "appointments",
    _VISITS,
    pl.sum("kept_appointments"),
    pl.sum("appointments"),
    excluded=pl.sum("n_excluded"),
    empty_note="no_appointments",
    credit="booked_by",
)

# The first use decides: follow all of it.
onboarding_touch_rate = Kpi(
    "onboarding_touch_rate",
    Unit.RATE,
    Better.UP,
    "onboarding",
    ("orders", "visits"),
    pl.sum("touched_customers"),
    pl.sum("judged_customers"),
    excluded=pl.sum("started_customers") - pl.sum("judged_customers"),
    few=(pl.sum("started_customers") > 0) & (pl.sum("judged_customers") == 0),
    few_status="immature",
    few_note="too_young",
    empty_note="no_new_customers",
)

KPIS = (
    visit_records,
    contacts,
    unplanned_share,
    distinct_prospects_visited,
    strike_rate,
    log_timeliness,
    appointments_made,
    appointment_show_rate,
    onboarding_touch_rate,
)
