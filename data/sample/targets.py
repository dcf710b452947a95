"""Targets per rep and month: revenue, visits and new customers, to the end of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from data.sample.people import HABITS, INSIDE, LEFT, REP, posting_on
from data.sample.sales import Expected
from data.sample.workdays import day_weight, months

ROUND_TO = 1_000_000  # fen: revenue targets are set in steps of 10,000 yuan, inside staff's in steps of 1,000


@dataclass(frozen=True)
class Target:
    """One target of one rep for one month; yuan or a count."""

    rep_id: str
    month: date
    metric: str
    value: int


def make(expected: Expected) -> list[Target]:
    """All targets, by rep and month."""
    rows = []
    for rep_id, habit in HABITS.items():
        role = posting_on(rep_id, LEFT).role
        step = ROUND_TO // 10 if role == INSIDE else ROUND_TO
        for month, days in months().items():
            if rep_id == "0213" and month > LEFT:
                break
            goal = expected[rep_id, month] / habit.attainment[month.year - 2024]
            rows.append(Target(rep_id, month, "revenue", max(1, round(goal / step)) * step // 100))
            if role != INSIDE:
                visits = sum(habit.visit_goal * min(1.0, day_weight(day) + 0.1) for day in days)
                rows.append(Target(rep_id, month, "completed_visits", round(visits)))
            if role == REP:
                rows.append(Target(rep_id, month, "new_customers", 1))
    return rows
